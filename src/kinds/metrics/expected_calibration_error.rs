//! How far probabilities are from shares.

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::class::{one_class, unknown_class, unknown_positive};
use super::scores::{Scores, shares};
use super::sums::{Sum, group_sums, sum};
use super::{About, Direction, Metric, Needs, OverFolds, Setting, Weighting};
use crate::data::{ClassName, Judged, Side, Task, Value};
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
/// lower one, as in scikit-learn's `calibration_curve`; scikit-learn has no such metric. With weights a
/// bin of `quantile` ends at the first probability at which its share of the weight is reached.
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
    /// The upper ends of all bins but the last.
    fn ends(&self, scores: &Scores<'_>, entry: impl Fn(usize) -> f64 + Sync) -> Vec<f64> {
        let bins = self.bins as usize;
        match (self.strategy, scores.rows.weights()) {
            (Strategy::Uniform, _) => (1..bins).map(|bin| bin as f64 / bins as f64).collect(),
            (Strategy::Quantile, None) => quantiles(scores.truth.len(), entry, bins),
            (Strategy::Quantile, Some(weights)) => weighted_quantiles(weights, entry, bins),
        }
    }
}

/// Interpolated between the two rows that are nearest, as `numpy.percentile` does.
fn quantiles(rows: usize, entry: impl Fn(usize) -> f64 + Sync, bins: usize) -> Vec<f64> {
    // The bits of numbers that are not negative sort as the numbers do.
    let mut sorted: Vec<u64> =
        (0..rows).into_par_iter().map(|row| entry(row).abs().to_bits()).collect();
    sorted.par_sort_unstable();
    let score = |at: usize| f64::from_bits(sorted[at.min(rows - 1)]);
    let end = |bin: usize| {
        let (at, rest) = (bin * (rows - 1) / bins, bin * (rows - 1) % bins);
        score(at) + (score(at + 1) - score(at)) * (rest as f64 / bins as f64)
    };
    (1..bins).map(end).collect()
}

/// The scores at which the bins' shares of the weight are reached.
fn weighted_quantiles(
    weights: &[f64],
    entry: impl Fn(usize) -> f64 + Sync,
    bins: usize,
) -> Vec<f64> {
    let mut sorted: Vec<(u64, u64)> = (0..weights.len())
        .into_par_iter()
        .filter(|row| weights[*row] > 0.0)
        .map(|row| (entry(row).abs().to_bits(), weights[row].to_bits()))
        .collect();
    // Sorting by the weight as well fixes the order of the sum.
    sorted.par_sort_unstable();
    let total = sum(sorted.iter().map(|(_, weight)| f64::from_bits(*weight)));
    let (mut ends, mut reached) = (Vec::with_capacity(bins), Sum::default());
    for (score, weight) in sorted {
        reached.add(f64::from_bits(weight));
        while ends.len() + 1 < bins
            && reached.value() / total >= (ends.len() + 1) as f64 / bins as f64
        {
            ends.push(f64::from_bits(score));
        }
    }
    ends
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
        let scores = shares(judged)?;
        if self.class.is_none() && scores.classes.len() > 2 {
            return Ok(self.error(&scores, |row| {
                let shares = scores.probabilities.row(row);
                let top = shares.iter().copied().fold(0.0, f64::max);
                let first = shares.iter().position(|p| *p == top);
                (top, first == Some(scores.truth[row] as usize))
            }));
        }
        let class = one_class(self.class.as_ref(), judged, scores.classes)?;
        Ok(self.error(&scores, |row| {
            let (p, side) = scores.entry(row, class);
            (p, side == Side::OfClass)
        }))
    }
}

impl ExpectedCalibrationError {
    /// The error of probabilities, each with whether it came true.
    fn error(&self, scores: &Scores<'_>, entry: impl Fn(usize) -> (f64, bool) + Sync) -> f64 {
        let ends = self.ends(scores, |row| entry(row).0);
        let rows = scores.rows;
        // The share of a bin times the difference of its means is the difference of its sums.
        let gaps = group_sums(rows.rows(), ends.len() + 1, |row| {
            let weight = rows.weight(row);
            let gap =
                |(p, is_right): (f64, bool)| (bin(&ends, p), weight * (p - f64::from(is_right)));
            (weight > 0.0).then(|| gap(entry(row)))
        });
        (sum(gaps.into_iter().map(f64::abs)) / rows.total()).min(1.0)
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
