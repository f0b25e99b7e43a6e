//! The harmonic mean of homogeneity and completeness.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contingency::{about, contingency};
use super::{About, Metric, Setting};
use crate::data::{Judged, Value};
use crate::diagnostic::Problem;

/// The V-measure: the harmonic mean of `homogeneity` and `completeness`.
///
/// From 0 to 1, higher is better: 1 is the same grouping under any names. It is not adjusted for
/// chance, and grows with the number of clusters; `adjusted_mutual_info` does not.
///
/// Formula: `(1 + β) h c / (β h + c)` with homogeneity `h` and completeness `c` (Rosenberg and
/// Hirschberg, 2007). With `beta: 1` it is `normalized_mutual_info`. A single cluster scores 0.
///
/// Rows that the model calls noise are a cluster of their own, as in scikit-learn. Undefined by the
/// data where all judged rows are of one group, or each is a group of its own: **scikit-learn has a
/// value there, such as 1 for one group in one cluster.**
///
/// ```yaml
/// metrics:
///   - v_measure: { beta: 0.5 }
/// thresholds:
///   v_measure: "> 0.6"
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VMeasure {
    /// How many times as much completeness counts as homogeneity.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub beta: f64,
}

impl Default for VMeasure {
    fn default() -> Self {
        Self { beta: 1.0 }
    }
}

impl Metric for VMeasure {
    fn about(&self) -> About {
        about(0.0)
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let counted = contingency(judged)?;
        let (homogeneity, completeness) = (counted.homogeneity(), counted.completeness());
        if homogeneity == 0.0 {
            return Ok(0.0);
        }
        let weighted = self.beta * homogeneity + completeness;
        Ok(((1.0 + self.beta) * homogeneity * completeness / weighted).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close};
    use serde_json::json;

    #[test]
    fn beta_weighs_completeness() {
        // Clusters that tell the group, with half again the entropy of the groups.
        let codes = [Some(0), Some(0), Some(1), Some(2)];
        let sample = Sample::groups(&[0, 0, 1, 1], &codes);
        let of = |beta: f64| sample.measure(json!({ "v_measure": { "beta": beta } }));
        let completeness = 2.0 / 3.0;
        assert_close(of(1.0), 2.0 * completeness / (1.0 + completeness));
        assert_close(of(0.0), 1.0);
        assert_close(of(3.0), 4.0 * completeness / (3.0 + completeness));
        assert_eq!(sample.measure(json!("v_measure")), of(1.0));
    }
}
