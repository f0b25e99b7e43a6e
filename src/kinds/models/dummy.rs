//! A model that does not look at the features.

use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter, misfits,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem};

/// Answers without looking at the features: the floor that every model must beat.
///
/// For classes it answers the most frequent one, with the shares of the training rows as
/// probabilities; ties go to the first class. For numbers it answers the mean, or the median.
/// A row of weight 2 counts as two rows; **where two values share the middle of the weights, the
/// median is their mean, scikit-learn's the lower one.**
///
/// ```yaml
/// model: { dummy: { strategy: median } }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dummy {
    /// What it answers. Default: `prior` for classification, `mean` for regression.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"prior")]
    pub strategy: Option<DummyStrategy>,
}

/// What a dummy answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum DummyStrategy {
    /// The most frequent class; the shares of the classes as probabilities.
    Prior,
    /// The most frequent class; probability 1 for it.
    MostFrequent,
    /// The mean of the training target.
    Mean,
    /// The median of the training target.
    Median,
}

impl Model for Dummy {
    fn about(&self) -> About {
        let tasks: &'static [Task] = match self.strategy {
            None => &[Task::Classification, Task::Regression],
            Some(DummyStrategy::Prior | DummyStrategy::MostFrequent) => &[Task::Classification],
            Some(DummyStrategy::Mean | DummyStrategy::Median) => &[Task::Regression],
        };
        About { tasks, scores: Scores::Probabilities, preparation: Preparation::Nothing }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn misfits(&self, task: Task) -> Vec<Problem> {
        let (Some(strategy), [its]) = (self.strategy, self.about().tasks) else {
            return Vec::new();
        };
        let others = match task {
            Task::Regression => "`mean` or `median`",
            Task::Classification | Task::Clustering => "`prior` or `most_frequent`",
        };
        let misfit = || misfits::for_another_task("strategy", &strategy, (*its, task), others);
        (*its != task).then(misfit).into_iter().collect()
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        match self.strategy {
            None => String::new(),
            Some(DummyStrategy::Prior) => "prior".to_owned(),
            Some(DummyStrategy::MostFrequent) => "most frequent".to_owned(),
            Some(DummyStrategy::Mean) => "mean".to_owned(),
            Some(DummyStrategy::Median) => "median".to_owned(),
        }
    }
}

enum Trained {
    Class { code: u32, probabilities: Vec<f64> },
    Value(f64),
}

impl Learner for Dummy {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        adapter::train(context, x, |control| control.check_weights(x.values.nrows()))?;
        let trained = match y {
            Target::Codes { codes, classes } => self.of_classes(codes, classes, context.weights),
            Target::Values(values) => Trained::Value(match self.strategy {
                Some(DummyStrategy::Median) => median(values, context.weights),
                _ => mean(values, context.weights),
            }),
            Target::None => {
                let message = "a dummy needs a target to learn from";
                return Err(Failure::Problem(Problem::of_kind(Code::TaskMisfit, message)));
            }
        };
        let summary = match &trained {
            Trained::Class { .. } => "one answer for every row".to_owned(),
            Trained::Value(value) => format!("value {value:.4}"),
        };
        Ok(Fit { model: Box::new(trained), notes: Vec::new(), summary })
    }
}

impl Dummy {
    fn of_classes(&self, codes: &[u32], classes: usize, weights: Option<&[f64]>) -> Trained {
        let mut shares = vec![0.0; classes];
        for (row, code) in codes.iter().enumerate() {
            shares[*code as usize] += weights.map_or(1.0, |weights| weights[row]);
        }
        let total: f64 = shares.iter().sum();
        let code = (0..classes).rev().max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap_or(0);
        let probabilities = match self.strategy {
            Some(DummyStrategy::MostFrequent) => {
                (0..classes).map(|class| f64::from(u8::from(class == code))).collect()
            }
            _ => shares.iter().map(|share| share / total).collect(),
        };
        Trained::Class { code: code as u32, probabilities }
    }
}

fn mean(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
    let total: f64 = (0..values.len()).map(weight).sum();
    let shift = values[0];
    let sum: f64 = values.iter().enumerate().map(|(row, y)| weight(row) * (y - shift)).sum();
    shift + sum / total
}

/// The value at which half of the weight is reached; the mean of two where it is met exactly. Rows
/// without weight are none of the two.
fn median(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
    let mut order: Vec<usize> = (0..values.len()).filter(|row| weight(*row) > 0.0).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let half = (0..values.len()).map(weight).sum::<f64>() / 2.0;
    let mut reached = 0.0;
    for (at, row) in order.iter().enumerate() {
        reached += weight(*row);
        if reached > half {
            return values[*row];
        }
        if reached == half {
            let next = order.get(at + 1).unwrap_or(row);
            return values[*row] + (values[*next] - values[*row]) / 2.0;
        }
    }
    order.last().map_or(0.0, |row| values[*row])
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let rows = x.values.nrows();
        match self {
            Self::Value(value) => Prediction::Values(vec![*value; rows]),
            Self::Class { code, probabilities } => Prediction::Codes {
                codes: vec![*code; rows],
                probabilities: Some(Array2::from_shape_fn(
                    (rows, probabilities.len()),
                    |(_, c)| probabilities[c],
                )),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equally_frequent_classes_is_answered() {
        let Trained::Class { code, probabilities } =
            Dummy::default().of_classes(&[1, 0, 2, 1, 0], 3, None)
        else {
            panic!("classes were given")
        };
        assert_eq!((code, probabilities), (0, vec![0.4, 0.4, 0.2]));
    }

    #[test]
    fn medians_and_means() {
        assert_eq!(median(&[3.0, 1.0, 2.0], None), 2.0);
        assert_eq!(median(&[4.0, 1.0], None), 2.5);
        assert_eq!(median(&[1.0, 2.0, 3.0], Some(&[0.0, 0.0, 1.0])), 3.0);
        assert_eq!(median(&[1.0, 2.0, 3.0], Some(&[1.0, 0.0, 1.0])), 2.0);
        assert_eq!(median(&[1.0, 2.0, 4.0], Some(&[1.0, 0.0, 1.0])), 2.5);
        assert_eq!(mean(&[1.0, 2.0, 6.0], None), 3.0);
    }
}
