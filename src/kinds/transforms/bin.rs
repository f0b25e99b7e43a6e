//! Numbers replaced by the bin that they lie in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::{EachNumber, sorted};
use super::{About, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector};
use crate::diagnostic::{Problem, counted};

/// Replaces each number by the index of the bin that it lies in, counted from 0.
///
/// The edges come from the training rows: bins of equal width between the smallest and the largest
/// value (`uniform`), or bins with about the same number of rows (`quantile`). A value on an edge
/// belongs to the bin above; test rows beyond the ends go to the first and the last bin.
///
/// Equal edges are counted once, so a column with few different values gets fewer bins, and a
/// constant one is 0 throughout. Missing values are left out and stay missing. **The bins are always
/// one column of whole numbers, scikit-learn's `encode: ordinal`. All training rows are used, without
/// `subsample`. Only bins of no width at all are removed; scikit-learn removes those up to 1e-8 wide.
/// scikit-learn refuses missing values.**
///
/// ```yaml
/// prepare:
///   - impute
///   - bin: { n_bins: 10, strategy: uniform, columns: [body_mass_g] }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Bin {
    /// The columns to replace, by name or glob. Default: all that hold numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["age"])]
    pub columns: Option<ColumnSelector>,
    /// How many bins a column gets at most.
    #[schemars(range(min = 2, max = 10_000))]
    pub n_bins: u32,
    /// Where the edges lie.
    pub strategy: BinStrategy,
}

/// Where the edges of bins lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum BinStrategy {
    /// All bins are equally wide.
    Uniform,
    /// All bins hold about the same number of training rows.
    #[default]
    Quantile,
}

impl Default for Bin {
    fn default() -> Self {
        Self { columns: None, n_bins: 5, strategy: BinStrategy::default() }
    }
}

impl Transform for Bin {
    fn about(&self) -> About<'_> {
        let strategy = match self.strategy {
            BinStrategy::Uniform => "of equal width",
            BinStrategy::Quantile => "of equally many rows",
        };
        About {
            columns: self.columns.as_ref(),
            suits: ColumnKind::is_number,
            makes: Makes::SameColumns,
            description: format!("{} bins {strategy}", self.n_bins),
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn fit(&self, columns: &[&Column], training: &Training<'_>) -> Result<FittedStep, Problem> {
        let learned: Vec<Vec<f64>> =
            columns.iter().map(|column| self.edges(&sorted(column, training.rows))).collect();
        let fewer = learned.iter().filter(|edges| edges.len() + 1 < self.n_bins as usize).count();
        let summary = match fewer {
            0 => counted(columns.len(), "column"),
            n => format!("{}, {n} with fewer bins", counted(columns.len(), "column")),
        };
        let apply = EachNumber { learned, replace: bin };
        Ok(FittedStep { apply: Box::new(apply), summary })
    }
}

/// How many of the inner edges lie at the value or below it.
#[expect(clippy::ptr_arg, reason = "what was learned of a column is handed over as it is kept")]
fn bin(edges: &Vec<f64>, value: f64) -> f64 {
    if value.is_nan() { value } else { edges.partition_point(|edge| *edge <= value) as f64 }
}

impl Bin {
    /// The edges between bins, without the two ends.
    fn edges(&self, sorted: &[f64]) -> Vec<f64> {
        let (Some(low), Some(high)) = (sorted.first().copied(), sorted.last().copied()) else {
            return Vec::new();
        };
        let bins = self.n_bins as usize;
        let mut edges: Vec<f64> = (0..=bins)
            .map(|edge| match (self.strategy, edge) {
                (_, 0) => low,
                (_, edge) if edge == bins => high,
                (BinStrategy::Uniform, edge) => {
                    let share = edge as f64 / bins as f64;
                    let gap = high - low;
                    if gap.is_finite() {
                        low + edge as f64 * (gap / bins as f64)
                    } else {
                        low * (1.0 - share) + high * share
                    }
                }
                (BinStrategy::Quantile, edge) => averaged(sorted, edge, bins),
            })
            .filter(|edge| !edge.is_nan())
            .collect();
        edges.dedup();
        // Without the smallest value, and without the largest, which belongs to the last bin.
        edges.pop();
        if edges.is_empty() { edges } else { edges.split_off(1) }
    }
}

/// The quantile `part / parts` as numpy's `averaged_inverted_cdf`: the mean of two neighbours where
/// the cut falls between them. The cut is found in whole numbers, so it never depends on rounding.
fn averaged(sorted: &[f64], part: usize, parts: usize) -> f64 {
    let (whole, rest) = (sorted.len() * part / parts, sorted.len() * part % parts);
    let high = sorted[whole.min(sorted.len() - 1)];
    if rest > 0 || whole == 0 {
        return high;
    }
    let low = sorted[whole - 1];
    if low == high { low } else { low / 2.0 + high / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::super::numbers::transformed_one;
    use super::*;

    fn bins(n_bins: u32, strategy: BinStrategy, values: &[f64], train: usize) -> Vec<f64> {
        transformed_one(&Bin { n_bins, strategy, columns: None }, values, train)
    }

    /// Values of `KBinsDiscretizer(encode="ordinal", strategy="uniform")`.
    #[test]
    fn uniform_bins_are_equally_wide() {
        let values = [0.0, 1.0, 2.0, 3.0, 4.0, 10.0, -5.0, 3.4, 6.7, 50.0];
        let made = bins(3, BinStrategy::Uniform, &values, 6);
        assert_eq!(made, [0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 2.0]);
    }

    /// Values of `KBinsDiscretizer(encode="ordinal", strategy="quantile")`.
    #[test]
    fn quantile_bins_hold_equally_many_rows() {
        let values = [0.0, 1.0, 2.0, 3.0, 4.0, 10.0, -5.0, 1.5, 3.5, 50.0];
        for (n_bins, expected) in [
            (2, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0]),
            (3, [0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 0.0, 1.0, 2.0, 2.0]),
            (4, [0.0, 1.0, 1.0, 2.0, 3.0, 3.0, 0.0, 1.0, 2.0, 3.0]),
            (5, [0.0, 1.0, 2.0, 3.0, 4.0, 4.0, 0.0, 1.0, 3.0, 4.0]),
        ] {
            assert_eq!(bins(n_bins, BinStrategy::Quantile, &values, 6), expected, "{n_bins}");
        }
    }

    /// Values of `KBinsDiscretizer(n_bins=4, encode="ordinal")`: edges 1, 2, 3, and a constant.
    #[test]
    fn equal_edges_count_once() {
        let values = [1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 0.0];
        let made = bins(4, BinStrategy::Quantile, &values, 6);
        assert_eq!(made, [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
        for strategy in [BinStrategy::Uniform, BinStrategy::Quantile] {
            assert_eq!(bins(4, strategy, &[5.0, 5.0, 4.0, 6.0], 2), [0.0; 4]);
        }
    }

    #[test]
    fn gaps_stay_and_extremes_have_a_bin() {
        let made = bins(2, BinStrategy::Uniform, &[f64::NAN, -f64::MAX, f64::MAX, 1.0], 4);
        assert!(made[0].is_nan());
        assert_eq!(made[1..], [0.0, 1.0, 1.0]);
        assert_eq!(bins(2, BinStrategy::Quantile, &[f64::NAN, 1.0], 1)[1], 0.0);
    }
}
