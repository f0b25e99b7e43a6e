//! How often the right class is among the most probable ones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scores::scores;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{Judged, Task, Value};
use crate::diagnostic::{Code, Problem};

/// The share of the rows whose true class is among the `k` most probable ones.
///
/// From 0 to 1, higher is better. It suits many classes, where the model proposes and a person
/// chooses.
///
/// Formula: `(rows whose true class is among the k most probable) / (rows)`. Of equally probable
/// classes the later one in the sorted order comes first, as in scikit-learn. **So it does with two
/// classes and `k: 1`, where scikit-learn takes the first.**
///
/// A `k` that takes in all classes is refused, because nothing could be wrong. Undefined by the data
/// where a probability is not a finite number.
///
/// ```yaml
/// metrics:
///   - top_k_accuracy: { k: 2 }
/// thresholds:
///   top_k_accuracy: "> 0.99"
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TopKAccuracy {
    /// How many classes a row may name; fewer than the target has.
    #[schemars(range(min = 1))]
    pub k: u32,
}

impl Default for TopKAccuracy {
    fn default() -> Self {
        Self { k: 2 }
    }
}

impl Metric for TopKAccuracy {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: Needs::Probabilities,
            direction: Direction::HigherIsBetter,
            range: (0.0, 1.0),
            over_folds: OverFolds::Mean,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        let Some(classes) = setting.classes.filter(|classes| classes.len() <= self.k as usize)
        else {
            return Vec::new();
        };
        let message = format!(
            "with `k: {}` every row is right, because the target has {} classes",
            self.k,
            classes.len()
        );
        vec![
            Problem::of_parameter(Code::OutOfRange, "k", message)
                .label("takes in all classes")
                .help("choose fewer than there are classes; `accuracy` counts the first alone"),
        ]
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let scores = scores(judged)?;
        let right = |row: usize| {
            let (own, row) = (scores.truth[row] as usize, scores.probabilities.row(row));
            let before =
                |(class, p): (usize, &f64)| *p > row[own] || (*p == row[own] && class > own);
            row.iter().enumerate().filter(|entry| before(*entry)).count() < self.k as usize
        };
        Ok(scores.rows.mean(|row| f64::from(right(row))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, problems};
    use ndarray::{Array2, array};
    use serde_json::json;

    #[test]
    fn the_true_class_is_among_the_first() {
        // scikit-learn's example.
        let scores = array![[0.5, 0.2, 0.2], [0.3, 0.4, 0.2], [0.2, 0.4, 0.3], [0.7, 0.2, 0.1]];
        let sample = Sample::probabilities(&[0, 1, 2, 2], scores.view());
        assert_close(sample.measure(json!("top_k_accuracy")), 0.75);
        assert_close(sample.measure(json!({ "top_k_accuracy": { "k": 1 } })), 0.5);
    }

    #[test]
    fn ties_go_to_the_last_class() {
        let sample = Sample::probabilities(&[0, 1, 2], Array2::from_elem((3, 3), 1.0 / 3.0).view());
        assert_close(sample.measure(json!({ "top_k_accuracy": { "k": 1 } })), 1.0 / 3.0);
        assert_close(sample.measure(json!("top_k_accuracy")), 2.0 / 3.0);
    }

    #[test]
    fn all_classes_are_refused() {
        let two = Sample::scores(&[0], &[0.5]);
        let message = "with `k: 2` every row is right, because the target has 2 classes";
        assert_eq!(problems(json!("top_k_accuracy"), &two.setting())[0].message, message);
        assert_eq!(problems(json!({ "top_k_accuracy": { "k": 1 } }), &two.setting()), []);
    }
}
