//! Isolation forests, which find anomalies.

use linfa::ParamGuard;
use mlspec_learn::IsolationForest as LearnForest;
use mlspec_learn::isolation_forest::{Contamination as LearnContamination, FittedIsolationForest};
use mlspec_learn::tree::MaxFeatures as LearnFeatures;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::anomalies::{self, Sample, TrainOn};
use super::trees::{MaxFeatures, MaxSamples};
use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Problem, counted};

/// Finds anomalies: rows that random cuts single out after fewer cuts than others.
///
/// Every tree draws rows and cuts them at random features and values. The score of a row is
/// `2^(−h / c)`, where `h` is the mean number of cuts above its leaves and `c` that of an average row; a row is an
/// anomaly where its score is above 0.5, or above what `contamination` says.
///
/// The target has two classes, and the anomalies are the positive one: `positive` in `data`, or 1 of 0 and 1, or
/// true. It judges the answers and is no part of the training, **but for `train_on: normal`, which scikit-learn
/// leaves to its caller.** Rows are ranked by their score, which suits `roc_auc`, `average_precision` and
/// `precision_at_recall`; there are no probabilities.
///
/// **The same seed draws other rows and cuts than scikit-learn, because the generators differ. A heavier row is drawn
/// earlier, and one of weight 0 never.**
///
/// ```yaml
/// model: { isolation_forest: { n_estimators: 200, contamination: 0.3 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IsolationForest {
    /// How many trees there are.
    #[schemars(range(min = 1, max = 100_000))]
    pub n_estimators: u32,
    /// How many rows are drawn for each tree: a share such as 0.5, or a whole number. Default: 256, or all where
    /// there are fewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.5)]
    pub max_samples: Option<MaxSamples>,
    /// Which share of the training rows are anomalies; `auto` is a score above 0.5, whatever their share.
    pub contamination: Contamination,
    /// How many features are drawn for each tree: `sqrt` or `log2` of their number, `all`, a share such as 0.5 (`1.0` is all), or
    /// a whole number. Default: `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.5)]
    pub max_features: Option<MaxFeatures>,
    /// Whether a row can be drawn twice for a tree.
    pub bootstrap: bool,
    /// Which of the training rows are learned from.
    pub train_on: TrainOn,
    /// Where the random numbers start: the same seed grows the same forest.
    pub seed: u64,
}

/// The share of anomalies.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Contamination {
    /// Whatever scores above 0.5.
    #[default]
    Auto,
    /// This share of the training rows.
    Share(f64),
}

impl<'de> Deserialize<'de> for Contamination {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        match (value.as_str(), value.as_f64()) {
            (Some("auto"), _) => Ok(Self::Auto),
            (_, Some(share)) if share > 0.0 && share <= 0.5 => Ok(Self::Share(share)),
            _ => Err(serde::de::Error::custom(format!("{value} is neither auto nor a share"))),
        }
    }
}

impl Serialize for Contamination {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Share(share) => serializer.serialize_f64(*share),
        }
    }
}

impl JsonSchema for Contamination {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Contamination".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["number", "string"],
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "pattern": "^auto$",
            "patternErrorMessage": "Write auto, or a share above 0 and up to 0.5.",
        })
    }
}

impl Default for IsolationForest {
    fn default() -> Self {
        Self {
            n_estimators: 100,
            max_samples: None,
            contamination: Contamination::Auto,
            max_features: None,
            bootstrap: false,
            train_on: TrainOn::All,
            seed: 0,
        }
    }
}

impl Model for IsolationForest {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            scores: Scores::Ranks,
            preparation: Preparation::Numbers,
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn role(&self) -> Role<'_> {
        Role::Detects(self)
    }

    fn describe(&self) -> String {
        counted(self.n_estimators as usize, "tree")
    }
}

struct Trained {
    forest: FittedIsolationForest,
    positive: u32,
}

impl Learner for IsolationForest {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let sample = Sample::new(self.train_on, x, y, context)?;
        let parameters = LearnForest::new()
            .n_estimators(self.n_estimators as usize)
            .max_samples(self.max_samples.map(Into::into))
            .contamination(match self.contamination {
                Contamination::Auto => LearnContamination::Auto,
                Contamination::Share(share) => LearnContamination::Share(share),
            })
            .max_features(self.max_features.map_or(LearnFeatures::All, Into::into))
            .bootstrap(self.bootstrap)
            .seed(self.seed);
        let context = Context { weights: sample.weights.as_deref(), ..*context };
        let forest = adapter::train(&context, x, |control| {
            parameters.check()?.fit_rows(sample.values.view(), control)
        })?;
        let summary = format!("anomalies score above {:.4}", forest.threshold());
        let model = Box::new(Trained { forest, positive: sample.positive });
        Ok(Fit { model, notes: Vec::new(), summary })
    }
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let above: Vec<f64> = self
            .forest
            .anomaly_scores(x.values)
            .iter()
            .map(|score| score - self.forest.threshold())
            .collect();
        anomalies::prediction(&above, self.positive)
    }

    fn work(&self) -> usize {
        32 * self.forest.trees()
    }
}
