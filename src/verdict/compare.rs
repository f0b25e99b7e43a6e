//! Compares what was measured with one bound: the value, its distance to the dummy's, its distance to
//! that on the training rows; in one fold or over several.

use super::judge::Status;
use crate::data::{Measurement, Reading, Undefined, Value};
use crate::plan::{Bound, Direction, Folds, Miss, Quantity, Severity, Threshold};

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    pub value: Option<f64>,
    pub measured: Option<f64>,
    pub dummy: Option<f64>,
    pub train: Option<f64>,
    pub rows: usize,
    /// What was compared in each fold.
    pub over: Vec<Option<f64>>,
    pub status: Status,
    pub reason: Option<String>,
    pub miss: Option<Miss>,
}

/// Compares a measurement with a threshold of its metric.
pub fn compare(threshold: &Threshold, measurement: &Measurement) -> Compared {
    let quantity = |reading: &Reading| quantity(threshold, reading);
    let over: Vec<Value> = measurement.folds.iter().map(quantity).collect();
    let missing = || Err(Undefined::ByData("it was not measured".to_owned()));
    let (reading, value, miss) = match threshold.folds {
        Folds::One => one(threshold, &measurement.reading),
        Folds::Mean | Folds::Pooled => {
            let reading = match threshold.folds {
                Folds::Pooled => &measurement.pooled,
                _ => &measurement.mean,
            };
            match reading {
                Some(reading) => one(threshold, reading),
                // A slice with too few rows has no folds, and a reason.
                None => (
                    &measurement.reading,
                    measurement.reading.value.clone().and_then(|_| missing()),
                    None,
                ),
            }
        }
        Folds::AtLeast { least, of } => {
            let with_rows = measurement.folds.iter().filter(|fold| fold.rows > 0).count();
            let (value, miss) = match &measurement.reading.value {
                // A slice with too few rows has no folds, and a reason.
                Err(undefined) if over.is_empty() => (Err(undefined.clone()), None),
                _ if with_rows != of => {
                    let reason = format!("{with_rows} of {of} folds have rows of this slice");
                    (Err(Undefined::ByData(reason)), None)
                }
                _ => of_folds(&threshold.bound, &over, least),
            };
            (&measurement.reading, value, miss)
        }
    };
    let missed = match threshold.severity {
        Severity::Fail => Status::Fail,
        Severity::Warn => Status::Warn,
    };
    let (value, status, reason) = match value {
        Ok(value) if value.is_finite() => {
            (Some(value), if miss.is_some() { missed } else { Status::Pass }, None)
        }
        Ok(_) => (None, Status::Error, Some("the value is not a finite number".to_owned())),
        Err(Undefined::ByData(reason)) => (None, Status::Error, Some(reason)),
        Err(Undefined::ByModel(reason)) => (None, missed, Some(reason)),
    };
    let number =
        |value: &Option<Value>| value.as_ref().and_then(|value| value.as_ref().ok().copied());
    Compared {
        value,
        measured: match threshold.quantity {
            Quantity::Value => None,
            Quantity::OverDummy | Quantity::TrainGap => reading.value.as_ref().ok().copied(),
        },
        dummy: number(&reading.dummy),
        train: number(&reading.train),
        rows: reading.rows,
        over: over.into_iter().map(Result::ok).collect(),
        status,
        reason,
        miss: miss.filter(|_| value.is_some()),
    }
}

fn one<'a>(threshold: &Threshold, reading: &'a Reading) -> (&'a Reading, Value, Option<Miss>) {
    let value = quantity(threshold, reading);
    let miss = value.as_ref().ok().and_then(|value| threshold.bound.miss(*value));
    (reading, value, miss)
}

/// What a threshold compares of a reading.
fn quantity(threshold: &Threshold, reading: &Reading) -> Value {
    let value = reading.value.clone()?;
    let other = |other: &Option<Value>, subject: &str, what: &str| match other {
        Some(Ok(other)) => Ok(*other),
        Some(Err(undefined)) => {
            // What the other side does not do is no fault of the model.
            Err(Undefined::ByData(format!("{subject} no value: {}", undefined.reason())))
        }
        None => Err(Undefined::ByData(format!("there is no {what} to compare with"))),
    };
    match threshold.quantity {
        Quantity::Value => Ok(value),
        Quantity::OverDummy => {
            let dummy = other(&reading.dummy, "the dummy has", "dummy")?;
            Ok(better_by(value, dummy, threshold.direction))
        }
        Quantity::TrainGap => {
            let train =
                other(&reading.train, "the training rows give", "value on the training rows")?;
            Ok(better_by(train, value, threshold.direction))
        }
    }
}

/// How much better `a` is than `b`; negative where it is worse.
fn better_by(a: f64, b: f64, direction: Direction) -> f64 {
    match direction {
        Direction::HigherIsBetter => a - b,
        Direction::LowerIsBetter => b - a,
        Direction::ZeroIsBest => b.abs() - a.abs(),
    }
}

/// Whether enough folds meet the bound. The value is that of the fold that decides: of the folds
/// from best to worst, the one that has to meet the bound last.
fn of_folds(bound: &Bound, folds: &[Value], least: usize) -> (Value, Option<Miss>) {
    let mut met: Vec<(f64, Option<f64>)> = Vec::with_capacity(folds.len());
    let mut never = None;
    for (at, value) in folds.iter().enumerate() {
        match value {
            Ok(value) => met.push((bound.margin(*value), Some(*value))),
            Err(undefined @ Undefined::ByModel(_)) => {
                never = never.or_else(|| Some(undefined.within(&format!("fold {}", at + 1))));
                met.push((f64::NEG_INFINITY, None));
            }
            Err(undefined @ Undefined::ByData(_)) => {
                return (Err(undefined.within(&format!("fold {}", at + 1))), None);
            }
        }
    }
    // On an end the margin is 0, whether the end itself is inside or not.
    let missed = |value: &Option<f64>| {
        value.is_none_or(|value| !value.is_finite() || bound.miss(value).is_some())
    };
    met.sort_by(|a, b| missed(&a.1).cmp(&missed(&b.1)).then(b.0.total_cmp(&a.0)));
    match (met.get(least.saturating_sub(1)), never) {
        (Some((_, Some(value))), _) => (Ok(*value), bound.miss(*value)),
        (_, Some(undefined)) => (Err(undefined), None),
        _ => (Err(Undefined::ByData("there is no fold".to_owned())), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Over;
    use crate::diagnostic::Route;
    use crate::plan::{End, Ends};

    fn threshold(quantity: Quantity, folds: Folds, low: f64) -> Threshold {
        Threshold {
            metric: 0,
            on: None,
            quantity,
            bound: Bound { low: Some(End { value: low, strict: true }), high: None },
            folds,
            direction: Direction::HigherIsBetter,
            severity: Severity::Fail,
            because: None,
            route: Route::root(),
            ends: Ends::default(),
        }
    }

    fn reading(value: Value) -> Reading {
        Reading { value, dummy: Some(Ok(0.5)), train: Some(Ok(0.95)), rows: 10 }
    }

    fn measurement(folds: Vec<Value>) -> Measurement {
        let folds: Vec<Reading> = folds.into_iter().map(reading).collect();
        let mean = Reading::mean(&folds);
        Measurement {
            name: "accuracy".into(),
            metric: "accuracy",
            of: 0,
            slice: None,
            reading: mean.clone(),
            over: Over::Mean,
            folds,
            mean: Some(mean.clone()),
            pooled: Some(mean),
        }
    }

    fn status(value: Value, severity: Severity) -> Status {
        let each = Measurement { reading: reading(value), ..measurement(Vec::new()) };
        let threshold = Threshold { severity, ..threshold(Quantity::Value, Folds::One, 0.8) };
        compare(&threshold, &each).status
    }

    #[test]
    fn what_cannot_be_compared_never_passes() {
        for severity in [Severity::Fail, Severity::Warn] {
            assert_eq!(status(Ok(f64::NAN), severity), Status::Error);
            assert_eq!(status(Ok(f64::INFINITY), severity), Status::Error);
            let by_data = Err(Undefined::ByData("one class".to_owned()));
            assert_eq!(status(by_data, severity), Status::Error);
        }
    }

    #[test]
    fn severity_lowers_a_miss_only() {
        assert_eq!(status(Ok(0.85), Severity::Fail), Status::Pass);
        assert_eq!(status(Ok(0.8), Severity::Fail), Status::Fail);
        assert_eq!(status(Ok(0.75), Severity::Warn), Status::Warn);
        let by_model = || Err(Undefined::ByModel("never predicted".to_owned()));
        assert_eq!(status(by_model(), Severity::Fail), Status::Fail);
        assert_eq!(status(by_model(), Severity::Warn), Status::Warn);
    }

    #[test]
    fn the_last_fold_that_has_to_meet_the_bound_decides() {
        let folds = || measurement(vec![Ok(0.9), Ok(0.7), Ok(0.85), Ok(0.95)]);
        let of = |least| {
            compare(&threshold(Quantity::Value, Folds::AtLeast { least, of: 4 }, 0.8), &folds())
        };
        assert_eq!((of(3).status, of(3).value), (Status::Pass, Some(0.85)));
        assert_eq!((of(4).status, of(4).value), (Status::Fail, Some(0.7)));
    }

    #[test]
    fn a_fold_on_the_end_that_is_inside_comes_before_one_on_the_end_that_is_not() {
        let high = Some(End { value: 0.9, strict: false });
        let folds = Folds::AtLeast { least: 1, of: 2 };
        let mut threshold = threshold(Quantity::Value, folds, 0.5);
        threshold.bound.high = high;
        let compared = compare(&threshold, &measurement(vec![Ok(0.5), Ok(0.9)]));
        assert_eq!((compared.status, compared.value), (Status::Pass, Some(0.9)));
    }

    #[test]
    fn a_slice_that_some_folds_lack_is_not_compared_fold_by_fold() {
        let mut measured = measurement(vec![Ok(0.9), Err(Undefined::ByData("no row".to_owned()))]);
        measured.folds[1].rows = 0;
        for folds in [Folds::Mean, Folds::AtLeast { least: 1, of: 2 }] {
            let compared = compare(&threshold(Quantity::Value, folds, 0.8), &measured);
            assert_eq!(compared.status, Status::Error);
        }
    }

    #[test]
    fn a_fold_without_a_value_by_the_data_is_an_error_whatever_the_others_do() {
        let folds = measurement(vec![Ok(0.9), Err(Undefined::ByData("one class".to_owned()))]);
        for folds_rule in [Folds::Mean, Folds::AtLeast { least: 1, of: 2 }] {
            let compared = compare(&threshold(Quantity::Value, folds_rule, 0.8), &folds);
            assert_eq!(compared.status, Status::Error);
            assert!(compared.reason.is_some_and(|reason| reason.contains("fold 2")));
        }
    }

    #[test]
    fn a_fold_that_the_model_fails_counts_as_missed() {
        let folds = measurement(vec![Ok(0.9), Err(Undefined::ByModel("never".to_owned()))]);
        let of = |least| {
            compare(&threshold(Quantity::Value, Folds::AtLeast { least, of: 2 }, 0.8), &folds)
        };
        assert_eq!((of(1).status, of(2).status), (Status::Pass, Status::Fail));
    }

    #[test]
    fn distances_follow_the_direction() {
        assert!((better_by(0.9, 0.5, Direction::HigherIsBetter) - 0.4).abs() < 1e-15);
        assert!((better_by(2.0, 5.0, Direction::LowerIsBetter) - 3.0).abs() < 1e-15);
        assert!((better_by(-0.5, 2.0, Direction::ZeroIsBest) - 1.5).abs() < 1e-15);
        let each = Measurement { reading: reading(Ok(0.9)), ..measurement(Vec::new()) };
        let over = compare(&threshold(Quantity::OverDummy, Folds::One, 0.3), &each);
        assert!((over.value.unwrap() - 0.4).abs() < 1e-15);
        assert_eq!((over.status, over.measured, over.dummy), (Status::Pass, Some(0.9), Some(0.5)));
        let gap = compare(&threshold(Quantity::TrainGap, Folds::One, 0.0), &each);
        assert!((gap.value.unwrap() - 0.05).abs() < 1e-15);
    }

    #[test]
    fn without_a_dummy_there_is_nothing_to_beat() {
        let bare = Reading { dummy: None, ..reading(Ok(0.9)) };
        let each = Measurement { reading: bare, ..measurement(Vec::new()) };
        let over = compare(&threshold(Quantity::OverDummy, Folds::One, 0.3), &each);
        assert_eq!(over.status, Status::Error);
    }
}
