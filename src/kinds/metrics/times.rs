//! What the metrics of time share: how long training and prediction took, and what is known of such a
//! metric.

use super::{About, Direction, Needs, OverFolds, Weighting};
use crate::data::{Judged, Task, Times, Undefined};

/// What is known of a metric of time.
pub fn about() -> About {
    About {
        tasks: &[Task::Classification, Task::Regression, Task::Clustering],
        needs: Needs::Times,
        direction: Direction::LowerIsBetter,
        range: (0.0, f64::INFINITY),
        over_folds: OverFolds::Apart,
        weighting: Weighting::Untouched,
    }
}

/// How long the model took.
///
/// # Errors
/// Predictions that were made elsewhere.
pub fn times(judged: &Judged<'_>) -> Result<Times, Undefined> {
    let reason = "the predictions were made elsewhere: nothing was trained or timed";
    judged.times.ok_or_else(|| Undefined::ByData(reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, assert_close, by_data};
    use crate::data::Times;
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn times_are_those_of_the_run() {
        let times = Times {
            fit: Duration::from_millis(1500),
            predict: Duration::from_millis(30),
            rows: 1000,
        };
        let sample = Sample::values(&[1.0], &[1.0]);
        for name in ["fit_seconds", "predict_seconds", "predict_microseconds_per_row"] {
            let reason = "the predictions were made elsewhere: nothing was trained or timed";
            assert_eq!(by_data(sample.measure(json!(name))), reason);
        }
        // They do not ask what the rows are, nor what they weigh.
        let timed = |sample: Sample| Sample { times: Some(times), ..sample };
        for sample in [timed(sample.weighted(&[0.0])), timed(Sample::groups(&[], &[]))] {
            assert_close(sample.measure(json!("fit_seconds")), 1.5);
            assert_close(sample.measure(json!("predict_seconds")), 0.03);
            assert_close(sample.measure(json!("predict_microseconds_per_row")), 30.0);
        }
    }

    #[test]
    fn no_rows_take_no_time_each() {
        let times = Times { fit: Duration::ZERO, predict: Duration::ZERO, rows: 0 };
        let sample = Sample { times: Some(times), ..Sample::values(&[], &[]) };
        let value = sample.measure(json!("predict_microseconds_per_row"));
        assert_eq!(by_data(value), "no row was predicted");
    }
}
