//! Isotonic regression on one feature.

use linfa::ParamGuard;
use mlspec_learn::isotonic::Direction;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, wrong_target,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem, counted};

/// The curve through one feature that fits best among those that never fall, or never rise.
///
/// Minimises `Σ (y − f(x))²` over all rising functions `f` of the one feature, by pooling adjacent
/// violators. Rows with the same value of the feature share their mean; between the values of the
/// training rows the curve is linear.
///
/// **Beyond the values of the training rows the answer is that of the nearest one; scikit-learn answers
/// NaN unless `out_of_bounds` is `clip`.** With weights, `increasing: auto` **weights the rank correlation as
/// well.** Values of the feature that differ by less than 1e-15 stay **apart**.
///
/// More than one feature is an error: name the one with `data.features`.
///
/// ```yaml
/// data: { features: [bmi] }
/// model: { isotonic: { increasing: auto } }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Isotonic {
    /// Which way the curve may go.
    pub increasing: Increasing,
    /// The least answer. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0)]
    pub y_min: Option<f64>,
    /// The greatest answer. Default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 1)]
    pub y_max: Option<f64>,
    /// What is answered beyond the values of the training rows.
    pub out_of_bounds: OutOfBounds,
}

/// Which way the curve may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Increasing {
    /// It never falls.
    #[default]
    True,
    /// It never rises.
    False,
    /// The sign of Spearman's rank correlation decides.
    Auto,
}

impl<'de> Deserialize<'de> for Increasing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        match (value.as_str(), value.as_bool()) {
            (Some("auto"), _) => Ok(Self::Auto),
            (_, Some(true)) => Ok(Self::True),
            (_, Some(false)) => Ok(Self::False),
            _ => Err(serde::de::Error::custom(format!("{value} is not true, false or auto"))),
        }
    }
}

impl Serialize for Increasing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::True => serializer.serialize_bool(true),
            Self::False => serializer.serialize_bool(false),
            Self::Auto => serializer.serialize_str("auto"),
        }
    }
}

impl JsonSchema for Increasing {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Increasing".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["boolean", "string"],
            "pattern": "^auto$",
            "patternErrorMessage": "Write true, false or auto.",
        })
    }
}

/// What is answered beyond the values of the training rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum OutOfBounds {
    /// The answer of the nearest value.
    #[default]
    Clip,
}

impl Model for Isotonic {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Regression],
            scores: Scores::Nothing,
            preparation: Preparation::Numbers,
        }
    }

    fn check(&self) -> Vec<Problem> {
        match (self.y_min, self.y_max) {
            (Some(least), Some(greatest)) if least > greatest => {
                let message = format!("`y_min` is {least}, above `y_max`, {greatest}");
                let problem = Problem::of_parameter(Code::ModelParameter, "y_min", message);
                vec![problem.label("above `y_max`").help("exchange the two")]
            }
            _ => Vec::new(),
        }
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        match self.increasing {
            Increasing::True => String::new(),
            Increasing::False => "decreasing".to_owned(),
            Increasing::Auto => "increasing or decreasing".to_owned(),
        }
    }
}

struct Trained(mlspec_learn::isotonic::FittedIsotonicRegression);

impl Learner for Isotonic {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let Target::Values(y) = y else { return Err(wrong_target()) };
        if x.values.ncols() != 1 {
            return Err(Failure::Problem(not_one(x)));
        }
        let parameters = mlspec_learn::IsotonicRegression::new()
            .increasing(match self.increasing {
                Increasing::True => Direction::Increasing,
                Increasing::False => Direction::Decreasing,
                Increasing::Auto => Direction::Auto,
            })
            .y_min(self.y_min)
            .y_max(self.y_max);
        let fitted = adapter::train(context, x, |control| {
            parameters.check()?.fit_rows(x.values, y.into(), control)
        })?;
        let way = if fitted.is_increasing() { "rising" } else { "falling" };
        let summary = format!("{way}, {}", counted(fitted.places().len(), "point"));
        Ok(Fit { model: Box::new(Trained(fitted)), notes: Vec::new(), summary })
    }
}

/// The finding for features that are none or several.
fn not_one(x: Rows<'_>) -> Problem {
    const SHOWN: usize = 5;
    let Some(first) = x.names.first() else {
        let message = "isotonic regression takes one feature, and there is none";
        return Problem::of_kind(Code::TrainFailed, message).label("no feature");
    };
    let shown: Vec<String> = x.names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let rest = if x.names.len() > SHOWN { ", …" } else { "" };
    let message = format!(
        "isotonic regression takes one feature, and there are {}: {}{rest}",
        x.names.len(),
        shown.join(", ")
    );
    Problem::of_kind(Code::TrainFailed, message)
        .label("takes one feature")
        .help(format!("keep one of them: write `features: [{first}]` in `data`"))
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        Prediction::Values(self.0.predict_rows(x.values).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn increasing_is_a_truth_value_or_auto() {
        for (written, increasing) in [
            (json!(true), Increasing::True),
            (json!(false), Increasing::False),
            (json!("auto"), Increasing::Auto),
        ] {
            assert_eq!(serde_json::from_value::<Increasing>(written.clone()).unwrap(), increasing);
            assert_eq!(serde_json::to_value(increasing).unwrap(), written);
        }
        assert!(serde_json::from_value::<Increasing>(json!("yes")).is_err());
    }

    #[test]
    fn bounds_in_the_wrong_order_are_found_by_check() {
        let model = Isotonic { y_min: Some(2.0), y_max: Some(1.0), ..Isotonic::default() };
        assert_eq!(model.check().len(), 1);
        let model = Isotonic { y_min: Some(1.0), y_max: Some(1.0), ..Isotonic::default() };
        assert_eq!(model.check(), []);
    }
}
