//! How long the prediction of a row took.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::times::{about, times};
use super::{About, Metric, Setting};
use crate::data::{Judged, Undefined, Value};
use crate::diagnostic::Problem;

/// How many microseconds the model took to predict a row, on average.
///
/// From 0 without an upper end, lower is better. The rows are predicted together, so a single one on its
/// own would take longer. The steps of `prepare` do not count, nor does reading the data.
///
/// Formula: `10⁶ predict_seconds / n` over the `n` judged rows.
///
/// It is the time on the clock of one run on this machine, measured while nothing else of `mlspec` runs,
/// and never taken from a cache. Other programs, heat and the machine itself change it from run to
/// run: leave the bound much room. Weights of rows change nothing. scikit-learn has no such metric.
///
/// Undefined by the data for predictions that were made elsewhere, because nothing is trained.
///
/// ```yaml
/// thresholds:
///   predict_microseconds_per_row: "< 100"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PredictMicrosecondsPerRow {}

impl Metric for PredictMicrosecondsPerRow {
    fn about(&self) -> About {
        about()
    }

    fn check(&self, _: &Setting<'_>) -> Vec<Problem> {
        Vec::new()
    }

    fn measure(&self, judged: &Judged<'_>) -> Value {
        let times = times(judged)?;
        if times.rows == 0 {
            return Err(Undefined::ByData("no row was predicted".to_owned()));
        }
        Ok(times.predict.as_secs_f64() * 1e6 / times.rows as f64)
    }
}
