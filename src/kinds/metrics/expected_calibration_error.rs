//! How far probabilities are from shares.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::{one_class, unknown_class, unknown_positive};
use super::scores::shares;
use super::values::sum;
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{ClassName, Judged, Task, Value};
use crate::diagnostic::Problem;

/// The expected calibration error: how far the probabilities are from the shares that come true.
///
/// From 0 to 1, lower is better: 0 means that of the rows with a probability near 0.7, seven in ten
/// are of the class. It says nothing of how well classes are told apart; always answering the share
/// of the class scores 0 too.
///
/// Formula: `Σ (n(b) / n) |mean p - mean y|` over the bins `b` of the rows by `p`. With two classes `p`
/// is the probability of the positive one and `y` 1 where the row is of it (so for `class`, one
/// against the rest). With more, `p` is that of the most probable class, the first of equals, and `y`
/// is 1 where that is right (Guo et al., 2017). A bin takes in its upper end, and the first also its
/// lower one, as in scikit-learn's `calibration_curve`; scikit-learn has no such metric.
///
/// It is above 0 by chance alone where bins have few rows. Undefined by the data where a probability
/// is not a number from 0 to 1.
///
/// ```yaml
/// metrics:
///   - expected_calibration_error: { bins: 10, strategy: quantile }
/// thresholds:
///   expected_calibration_error: "< 0.05"
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ExpectedCalibrationError {
    /// How many bins there are.
    #[schemars(range(min = 1, max = 10_000))]
    pub bins: u32,
    /// Where one bin ends and the next begins.
    pub strategy: Strategy,
    /// The one class that is measured against the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClassName")]
    pub class: Option<ClassName>,
}

impl Default for ExpectedCalibrationError {
    fn default() -> Self {
        Self { bins: 15, strategy: Strategy::Uniform, class: None }
    }
}

impl ExpectedCalibrationError {
    /// The upper ends of all bins but the last, given the rows by rising probability.
    fn ends(&self, scores: &[(f64, bool)]) -> Vec<f64> {
        let bins = self.bins as usize;
        let end = |bin: usize| match self.strategy {
            Strategy::Uniform => bin as f64 / bins as f64,
            Strategy::Quantile => {
                let (at, rest) = (bin * (scores.len() - 1) / bins, bin * (scores.len() - 1) % bins);
                let (low, high) = (scores[at].0, scores[(at + 1).min(scores.len() - 1)].0);
                low + (high - low) * (rest as f64 / bins as f64)
            }
        };
        (1..bins).map(end).collect()
    }
}

impl Metric for ExpectedCalibrationError {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            needs: Needs::Probabilities,
            direction: Direction::LowerIsBetter,
            range: (0.0, 1.0),
            over_folds: OverFolds::Pooled,
            weighting: Weighting::Rows,
        }
    }

    fn check(&self, setting: &Setting<'_>) -> Vec<Problem> {
        let Some(classes) = setting.classes else { return Vec::new() };
        let problem = match &self.class {
            Some(name) => unknown_class(name, classes),
            None if classes.len() > 2 => None,
            None => unknown_positive("expected_calibration_error", setting),
        };
        problem.into_iter().collect()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let (labels, probabilities) = shares(judged)?;
        let rows = labels.truth.iter().zip(probabilities.rows());
        let mut scores: Vec<(f64, bool)> = if self.class.is_none() && labels.classes.len() > 2 {
            rows.map(|(truth, row)| {
                let top = row.iter().copied().fold(0.0, f64::max);
                (top, row.iter().position(|p| *p == top) == Some(*truth as usize))
            })
            .collect()
        } else {
            let class = one_class(self.class.as_ref(), judged, labels.classes)?;
            rows.map(|(truth, row)| (row[class as usize], *truth == class)).collect()
        };
        scores.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
        let ends = self.ends(&scores);
        // The share of a bin times the difference of its means is the difference of its sums.
        let gaps = scores
            .chunk_by(|(a, _), (b, _)| bin(&ends, *a) == bin(&ends, *b))
            .map(|bin| sum(bin.iter().map(|(p, is_right)| p - f64::from(*is_right))).abs());
        Ok((sum(gaps) / scores.len() as f64).min(1.0))
    }
}

/// Where one bin ends and the next begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Strategy {
    /// Bins are equally wide.
    Uniform,
    /// Bins have equally many rows, as far as equal probabilities allow.
    Quantile,
}

/// The bin of a probability.
fn bin(ends: &[f64], probability: f64) -> usize {
    ends.partition_point(|end| *end < probability)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data, problems};
    use ndarray::array;
    use serde_json::json;

    fn of(sample: &Sample, bins: u32, strategy: &str) -> crate::data::Value {
        let parameters = json!({ "bins": bins, "strategy": strategy });
        sample.measure(json!({ "expected_calibration_error": parameters }))
    }

    #[test]
    fn bins_are_compared_with_shares() {
        let sample = Sample::scores(&[0, 1, 0, 1], &[0.25, 0.5, 0.625, 1.0]);
        // Two bins, the lower one with its end: |0.75 - 1| and |1.625 - 1| over 4 rows.
        assert_close(of(&sample, 2, "uniform"), (0.25 + 0.625) / 4.0);
        assert_close(of(&sample, 1, "uniform"), 0.375 / 4.0);
        // Each row alone.
        assert_close(of(&sample, 15, "uniform"), (0.25 + 0.5 + 0.625) / 4.0);
        assert_eq!(sample.measure(json!("expected_calibration_error")), of(&sample, 15, "uniform"));
    }

    #[test]
    fn quantiles_have_equally_many_rows() {
        let sample = Sample::scores(&[1, 1, 0, 0, 1], &[0.0, 0.125, 0.25, 0.5, 0.75]);
        // The median ends the lower bin.
        assert_close(of(&sample, 2, "quantile"), (1.625 + 0.25) / 5.0);
        let same = Sample::scores(&[1, 0], &[0.5, 0.5]);
        assert_close(of(&same, 15, "quantile"), 0.0);
    }

    #[test]
    fn more_classes_are_about_the_most_probable() {
        let scores = array![[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]];
        let sample = Sample::probabilities(&[0, 2], scores.view());
        assert_eq!(problems(json!("expected_calibration_error"), &sample.setting()), []);
        assert_close(of(&sample, 15, "uniform"), (0.5 + 0.75) / 2.0);
        assert_close(of(&sample, 1, "uniform"), 0.25 / 2.0);
        let one = json!({ "expected_calibration_error": { "class": 2, "bins": 1 } });
        assert_close(sample.measure(one), (1.0 - 0.375) / 2.0);
    }

    #[test]
    fn what_is_no_probability_is_named() {
        let value = of(&Sample::scores(&[0, 1], &[0.5, 1.5]), 15, "uniform");
        assert_eq!(by_data(value), "a probability in judged row 2 is not between 0 and 1");
    }
}
