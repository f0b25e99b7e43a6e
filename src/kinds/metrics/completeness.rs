//! How far the rows of a group are in one cluster.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contingency::{about, contingency};
use super::{About, Metric, Setting};
use crate::data::{Judged, Undefined, Value};
use crate::diagnostic::Problem;

/// How far the rows of each of the target's groups are in one cluster.
///
/// From 0 to 1, higher is better: 1 means that the group of a row tells its cluster. Few large clusters
/// score high; `homogeneity` is what they lack.
///
/// Formula: `1 - H(c | g) / H(c)` with the entropy `H` of the clusters `c`, and what is left of it in
/// the groups `g` (Rosenberg and Hirschberg, 2007).
///
/// Rows that the model calls noise are a cluster of their own, as in scikit-learn. Undefined by the
/// data where all judged rows are of one group, or each is a group of its own; undefined by the model
/// where there is a single cluster. **scikit-learn has a value there, mostly 1.**
///
/// ```yaml
/// thresholds:
///   completeness: "> 0.7"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Completeness {}

impl Metric for Completeness {
    fn about(&self) -> About {
        about(0.0)
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let counted = contingency(judged)?;
        if counted.clusters.len() == 1 {
            return Err(Undefined::ByModel("the model finds a single cluster".to_owned()));
        }
        Ok(counted.completeness())
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close};
    use serde_json::json;

    #[test]
    fn groups_in_one_cluster_are_complete() {
        let of = |truth: [u32; 4], codes: [u32; 4]| {
            Sample::groups(&truth, &codes.map(Some)).measure(json!("completeness"))
        };
        assert_close(of([0, 0, 1, 2], [0, 0, 1, 1]), 1.0);
        assert_close(of([0, 0, 1, 1], [0, 1, 0, 1]), 0.0);
        assert_close(of([0, 0, 1, 1], [0, 0, 1, 2]), 2.0 / 3.0);
    }
}
