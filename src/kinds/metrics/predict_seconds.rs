//! How long prediction took.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::times::{about, times};
use super::{About, Metric, Setting};
use crate::data::{Judged, Value};
use crate::diagnostic::Problem;

/// How many seconds the model took to predict all judged rows.
///
/// From 0 without an upper end, lower is better. It grows with the number of rows;
/// `predict_microseconds_per_row` does not. The steps of `prepare` do not count, nor does reading the data.
///
/// It is the time on the clock of one run on this machine, measured while nothing else of `mlspec` runs,
/// and never taken from a cache. Other programs, heat and the machine itself change it from run to
/// run: leave the bound much room. Weights of rows change nothing. scikit-learn has no such metric.
///
/// Undefined by the data for predictions that were made elsewhere, because nothing is trained.
///
/// ```yaml
/// thresholds:
///   predict_seconds: "< 5"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PredictSeconds {}

impl Metric for PredictSeconds {
    fn about(&self) -> About {
        about()
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        Ok(times(judged)?.predict.as_secs_f64())
    }
}
