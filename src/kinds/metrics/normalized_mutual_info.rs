//! How much clusters and groups tell of each other, as a share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contingency::{AverageMethod, about, contingency};
use super::{About, Metric, Setting};
use crate::data::{Judged, Value};
use crate::diagnostic::Problem;

/// The normalized mutual information: how much clusters and the target's groups tell of each other, as
/// a share of what they could.
///
/// From 0 to 1, higher is better: 1 is the same grouping under any names. It is not adjusted for
/// chance, and grows with the number of clusters; `adjusted_mutual_info` does not.
///
/// Formula: `I(g, c) / average(H(g), H(c))` with the mutual information `I` of the groups `g` and the
/// clusters `c`, and their entropies `H` (Vinh, Epps and Bailey, 2010). With the arithmetic average it
/// is `v_measure`. A single cluster tells nothing, and scores 0.
///
/// Rows that the model calls noise are a cluster of their own, as in scikit-learn. Undefined by the
/// data where all judged rows are of one group, or each is a group of its own: **scikit-learn has a
/// value there, such as 1 for one group in one cluster.**
///
/// ```yaml
/// metrics:
///   - normalized_mutual_info: { average_method: min }
/// thresholds:
///   normalized_mutual_info: "> 0.6"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NormalizedMutualInfo {
    /// How the entropies of groups and clusters are averaged.
    pub average_method: AverageMethod,
}

impl Metric for NormalizedMutualInfo {
    fn about(&self) -> About {
        about(0.0)
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let counted = contingency(judged)?;
        match counted.clusters.as_slice() {
            [_] => Ok(0.0),
            _ => Ok((counted.information() / self.average_method.of(&counted)).min(1.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close};
    use serde_json::json;

    #[test]
    fn averages_of_the_entropies() {
        // Groups of 2 and 2 rows, split into clusters of 2, 1 and 1: the clusters tell the group.
        let codes = [Some(0), Some(0), Some(1), Some(2)];
        let sample = Sample::groups(&[0, 0, 1, 1], &codes);
        let of = |method: &str| {
            sample.measure(json!({ "normalized_mutual_info": { "average_method": method } }))
        };
        let (groups, clusters) = (2.0_f64.ln(), 1.5 * 2.0_f64.ln());
        assert_close(of("min"), 1.0);
        assert_close(of("max"), groups / clusters);
        assert_close(of("arithmetic"), 2.0 * groups / (groups + clusters));
        assert_close(of("geometric"), (groups / clusters).sqrt());
    }
}
