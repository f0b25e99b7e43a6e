//! How far each cluster has rows of one group only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contingency::{about, contingency};
use super::{About, Metric, Setting};
use crate::data::{Judged, Undefined, Value};
use crate::diagnostic::Problem;

/// How far each cluster has rows of one of the target's groups only.
///
/// From 0 to 1, higher is better: 1 means that the cluster of a row tells its group. Many small
/// clusters score high; `completeness` is what they lack.
///
/// Formula: `1 - H(g | c) / H(g)` with the entropy `H` of the groups `g`, and what is left of it in the
/// clusters `c` (Rosenberg and Hirschberg, 2007).
///
/// Rows that the model calls noise are a cluster of their own, as in scikit-learn. Undefined by the
/// data where all judged rows are of one group, or each is a group of its own; undefined by the model
/// where each row is a cluster of its own. **scikit-learn has a value there, mostly 1.**
///
/// ```yaml
/// thresholds:
///   homogeneity: "> 0.7"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Homogeneity {}

impl Metric for Homogeneity {
    fn about(&self) -> About {
        about(0.0)
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let counted = contingency(judged)?;
        if counted.clusters.len() as u64 == counted.rows {
            return Err(Undefined::ByModel("each row is a cluster of its own".to_owned()));
        }
        Ok(counted.homogeneity())
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close};
    use serde_json::json;

    #[test]
    fn clusters_of_one_group_are_homogeneous() {
        let of = |codes: [u32; 4]| {
            Sample::groups(&[0, 0, 1, 1], &codes.map(Some)).measure(json!("homogeneity"))
        };
        assert_close(of([0, 0, 1, 2]), 1.0);
        assert_close(of([0, 1, 0, 1]), 0.0);
        // One row is known; of the three others, two are of one group.
        let left = 0.75 * (3.0_f64.ln() - 2.0 / 3.0 * 2.0_f64.ln());
        assert_close(of([0, 1, 1, 1]), 1.0 - left / 2.0_f64.ln());
    }
}
