//! How much clusters and groups tell of each other, beyond chance.

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contingency::{AverageMethod, Contingency, about, contingency};
use super::values::sum;
use super::{About, Metric, Setting};
use crate::data::{Judged, Undefined, Value};
use crate::diagnostic::Problem;

/// The adjusted mutual information: how much clusters and the target's groups tell of each other,
/// beyond chance.
///
/// Up to 1, higher is better: 1 is the same grouping under any names, 0 what random clusters of the
/// same sizes reach. It can lie below 0, and does not grow with the number of clusters.
///
/// Formula: `(I - E[I]) / (average(H(g), H(c)) - E[I])` with the mutual information `I` of the groups `g`
/// and the clusters `c`, its expected value `E[I]` over all groupings with these sizes, and the entropies
/// `H` (Vinh, Epps and Bailey, 2010). A single cluster, and one for each row, are what chance gives,
/// and score 0.
///
/// Rows that the model calls noise are a cluster of their own, as in scikit-learn. Undefined by the
/// data where all judged rows are of one group, or each is a group of its own: **scikit-learn gives 0
/// or 1 there.**
///
/// ```yaml
/// thresholds:
///   adjusted_mutual_info: "> 0.5"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdjustedMutualInfo {
    /// How the entropies of groups and clusters are averaged.
    pub average_method: AverageMethod,
}

impl Metric for AdjustedMutualInfo {
    fn about(&self) -> About {
        about(f64::NEG_INFINITY)
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let counted = contingency(judged)?;
        if counted.is_trivial() {
            return Ok(0.0);
        }
        let expected = expected_information(&counted);
        let most = self.average_method.of(&counted) - expected;
        if most > 0.0 {
            Ok(((counted.information() - expected) / most).min(1.0))
        } else {
            let reason = "groups of these sizes leave nothing beyond chance to be found";
            Err(Undefined::ByData(reason.to_owned()))
        }
    }
}

/// The mutual information that is expected where rows fall into clusters at random, with the sizes of
/// groups and clusters kept. Each pair of a group and a cluster has a hypergeometric number of rows;
/// pairs of the same sizes are counted together.
fn expected_information(counted: &Contingency) -> f64 {
    let (groups, clusters) = (sizes(&counted.groups), sizes(&counted.clusters));
    let of_group = |(group, groups): &(u64, u64)| {
        sum(clusters.iter().map(|(cluster, clusters)| {
            (groups * clusters) as f64 * of_pair(*group, *cluster, counted.rows)
        }))
    };
    let parts: Vec<f64> = groups.par_iter().map(of_group).collect();
    sum(parts)
}

/// The distinct sizes, each with how many have it.
fn sizes(counts: &[u64]) -> Vec<(u64, u64)> {
    let mut counts = counts.to_vec();
    counts.sort_unstable();
    counts.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)).collect()
}

/// A number of rows whose probability is this small beside the largest one adds nothing that f64 shows.
const NOTHING: f64 = 1e-40;

/// What a group and a cluster of these sizes are expected to add to the information.
fn of_pair(group: u64, cluster: u64, rows: u64) -> f64 {
    let (a, b, n) = (group as f64, cluster as f64, rows as f64);
    let term = |shared: f64| match shared > 0.0 {
        true => shared / n * (n * shared / (a * b)).ln(),
        false => 0.0,
    };
    // Probabilities relative to the largest one, by the ratio of neighbours: no factorial is needed,
    // and far from the middle there is nothing to add.
    let (least, most) = ((group + cluster).saturating_sub(rows) as f64, a.min(b));
    let middle = ((a + 1.0) * (b + 1.0) / (n + 2.0)).floor().clamp(least, most);
    let up = std::iter::successors(Some((middle, 1.0)), |(shared, p)| {
        let p = p * ((a - shared) * (b - shared) / ((shared + 1.0) * (n - a - b + shared + 1.0)));
        (p > NOTHING).then_some((shared + 1.0, p))
    });
    let down = std::iter::successors(Some((middle, 1.0)), |(shared, p)| {
        let p = p * (shared * (n - a - b + shared) / ((a - shared + 1.0) * (b - shared + 1.0)));
        (p > NOTHING).then_some((shared - 1.0, p))
    });
    let all = || up.clone().chain(down.clone().skip(1));
    sum(all().map(|(shared, p)| p * term(shared))) / sum(all().map(|(_, p)| p))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close};
    use super::*;
    use serde_json::json;

    #[test]
    fn chance_is_the_mean_over_all_groupings() {
        // Two groups of two rows: of three groupings into clusters of two, one is the same.
        let counted = |truth: &[u32], codes: &[u32]| {
            let codes: Vec<Option<u32>> = codes.iter().copied().map(Some).collect();
            contingency(&Sample::groups(truth, &codes).judged()).unwrap()
        };
        let expected = expected_information(&counted(&[0, 0, 1, 1], &[0, 1, 0, 1]));
        assert!((expected - 2.0_f64.ln() / 3.0).abs() < 1e-15, "{expected}");
        // A row on its own is found or not: 3 of 4 rows are in one group, 3 of 4 in one cluster.
        let found = counted(&[0, 0, 0, 1], &[0, 0, 0, 1]).information();
        let lost = counted(&[0, 0, 0, 1], &[0, 0, 1, 0]).information();
        let expected = expected_information(&counted(&[0, 0, 0, 1], &[0, 0, 0, 1]));
        assert!((expected - (found + 3.0 * lost) / 4.0).abs() < 1e-15, "{expected}");
    }

    #[test]
    fn values_can_lie_below_zero() {
        let codes = [Some(0), Some(1), Some(0), Some(1)];
        let value = Sample::groups(&[0, 0, 1, 1], &codes).measure(json!("adjusted_mutual_info"));
        assert_close(value, -0.5);
    }

    #[test]
    fn large_groups_have_the_bias_of_miller() {
        // Expected by chance is about (groups - 1) (clusters - 1) / 2 n (Miller, 1955).
        let counted = Contingency {
            groups: vec![4_000_000, 6_000_000],
            clusters: vec![5_000_000, 3_000_000, 2_000_000],
            pairs: Vec::new(),
            rows: 10_000_000,
        };
        let expected = expected_information(&counted);
        assert!((expected / 1e-7 - 1.0).abs() < 1e-5, "{expected}");
    }
}
