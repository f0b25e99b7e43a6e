//! How often clusters and groups agree on two rows, beyond chance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contingency::{about, contingency};
use super::{About, Metric, Setting};
use crate::data::{Judged, Value};
use crate::diagnostic::Problem;

/// The adjusted Rand index: how far clusters and the target's groups agree on which rows belong
/// together, beyond chance.
///
/// From -0.5 to 1, higher is better: 1 is the same grouping under any names, 0 what random clusters
/// of the same sizes reach. The lower end is that of Chacón and Rastrojo (2023).
///
/// Formula: `2 (a d - b c) / ((a + b)(b + d) + (a + c)(c + d))` over the pairs of rows: together in both
/// (`a`), in the target only (`b`), in the clusters only (`c`), and in neither (`d`) (Hubert and
/// Arabie, 1985).
///
/// Rows that the model calls noise are a cluster of their own, as in scikit-learn. Undefined by the
/// data where all judged rows are of one group, or each is a group of its own. **scikit-learn gives 0
/// or 1 there.**
///
/// ```yaml
/// thresholds:
///   adjusted_rand: "> 0.6"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustedRand {}

impl Metric for AdjustedRand {
    fn about(&self) -> About {
        about(-0.5)
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let counted = contingency(judged)?;
        let square = |rows: u64| i128::from(rows) * i128::from(rows);
        let squares = |counts: &[u64]| counts.iter().map(|rows| square(*rows)).sum::<i128>();
        // Whole numbers, and each pair of rows twice.
        let same: i128 = counted.pairs.iter().map(|pair| square(pair.rows)).sum();
        let both = same - i128::from(counted.rows);
        let target = squares(&counted.groups) - same;
        let clusters = squares(&counted.clusters) - same;
        let neither = square(counted.rows) - same - target - clusters;
        let agreement = 2 * (both * neither - target * clusters);
        let most = (both + target) * (target + neither) + (both + clusters) * (clusters + neither);
        Ok(agreement as f64 / most as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close};
    use serde_json::json;

    fn of(truth: &[u32], codes: &[u32]) -> crate::data::Value {
        let codes: Vec<Option<u32>> = codes.iter().copied().map(Some).collect();
        Sample::groups(truth, &codes).measure(json!("adjusted_rand"))
    }

    #[test]
    fn examples_of_scikit_learn() {
        // scikit-learn 1.9.1, the examples of adjusted_rand_score.
        assert_close(of(&[0, 0, 1, 2], &[0, 0, 1, 1]), 4.0 / 7.0);
        assert_close(of(&[0, 0, 1, 1], &[0, 0, 1, 2]), 4.0 / 7.0);
        assert_eq!(of(&[0, 0, 1, 1], &[0, 1, 0, 1]), Ok(-0.5));
    }
}
