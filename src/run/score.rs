//! Measures every metric of a plan: on all judged rows and on slices, over folds, and for the dummy.

use super::judging::Judging;
use super::slices::Membership;
use crate::data::{MISSING, Measurement, Over, Prediction, Reading, SliceValue, Undefined, Value};
use crate::diagnostic::counted;
use crate::kinds::metrics::{AnyMetric, Needs, OverFolds};
use crate::plan::{Metric, Plan};

/// Skipped values beyond this many are listed as one.
const MOST_SKIPPED: usize = 1_000;

/// What is judged: one entry a fold.
pub struct Folds<'a> {
    pub tests: Vec<Judging<'a>>,
    /// The training rows of the same folds; none where nothing compares with them.
    pub trains: Option<Vec<Judging<'a>>>,
}

/// One measurement a metric in the order of the plan, then those of the slices.
pub fn measure(plan: &Plan, folds: &Folds<'_>, members: &[Membership]) -> Vec<Measurement> {
    let whole = Part::new(folds);
    let mut measurements: Vec<Measurement> =
        (0..plan.metrics.len()).map(|of| whole.measure(plan, of, None)).collect();
    for membership in members {
        measurements.extend(measure_slice(plan, folds, membership));
    }
    measurements
}

fn measure_slice(plan: &Plan, folds: &Folds<'_>, membership: &Membership) -> Vec<Measurement> {
    let slice = &plan.slices[membership.slice];
    let metrics: Vec<usize> = (0..plan.metrics.len())
        .filter(|of| plan.metrics[*of].kind.kind().about().needs != Needs::Times)
        .collect();
    let tests: Vec<Vec<Vec<u32>>> =
        folds.tests.iter().map(|fold| buckets(&fold.rows, membership)).collect();
    let trains: Option<Vec<Vec<Vec<u32>>>> = folds
        .trains
        .as_ref()
        .map(|folds| folds.iter().map(|fold| buckets(&fold.rows, membership)).collect());
    let mut measurements = Vec::new();
    let mut skipped = 0;
    for (code, value) in membership.values.iter().enumerate() {
        let rows: usize = tests.iter().map(|fold| fold[code].len()).sum();
        let mut at = SliceValue {
            slice: membership.slice,
            name: slice.name.clone(),
            value: value.clone(),
            skipped: None,
        };
        if rows < slice.min_rows {
            skipped += 1;
            if skipped > MOST_SKIPPED && !membership.expected[code] {
                continue;
            }
            let reason = format!("{}, fewer than {}", counted(rows, "row"), slice.min_rows);
            at.skipped = Some(reason);
            measurements.extend(metrics.iter().map(|of| unmeasured(plan, *of, &at, rows)));
            continue;
        }
        let part_of = Folds {
            tests: picked(&folds.tests, &tests, code),
            trains: folds
                .trains
                .as_ref()
                .zip(trains.as_ref())
                .map(|(folds, rows)| picked(folds, rows, code)),
        };
        let part = Part { several: folds.tests.len() > 1, ..Part::new(&part_of) };
        measurements.extend(metrics.iter().map(|of| part.measure(plan, *of, Some(at.clone()))));
    }
    if let Some(more) = skipped.checked_sub(MOST_SKIPPED).filter(|more| *more > 0) {
        let reason = format!("{} more values have fewer than {} rows", more, slice.min_rows);
        let at = SliceValue {
            slice: membership.slice,
            name: slice.name.clone(),
            value: Some("…".into()),
            skipped: Some(reason),
        };
        measurements.extend(metrics.iter().map(|of| unmeasured(plan, *of, &at, 0)));
    }
    measurements
}

/// The rows of a value in each fold that has some.
fn picked<'a>(folds: &[Judging<'a>], rows: &[Vec<Vec<u32>>], code: usize) -> Vec<Judging<'a>> {
    let parts = folds.iter().zip(rows).filter(|(_, rows)| !rows[code].is_empty());
    parts.map(|(fold, rows)| fold.pick(&rows[code])).collect()
}

/// The positions of the rows that belong to each value.
fn buckets(rows: &[u32], membership: &Membership) -> Vec<Vec<u32>> {
    let mut buckets = vec![Vec::new(); membership.values.len()];
    for (at, row) in (0..).zip(rows) {
        let code = membership.codes[*row as usize];
        if code != MISSING {
            buckets[code as usize].push(at);
        }
    }
    buckets
}

/// A slice value that is listed and not measured.
fn unmeasured(plan: &Plan, of: usize, at: &SliceValue, rows: usize) -> Measurement {
    let metric = &plan.metrics[of];
    let reason = at.skipped.clone().unwrap_or_default();
    Measurement {
        name: metric.name.clone(),
        metric: metric.kind.name(),
        of,
        slice: Some(at.clone()),
        reading: Reading { value: Err(Undefined::ByData(reason)), dummy: None, train: None, rows },
        over: Over::One,
        folds: Vec::new(),
        mean: None,
        pooled: None,
    }
}

/// Some judged rows, fold by fold and together.
struct Part<'a, 'b> {
    folds: &'b Folds<'a>,
    /// Whether there are several folds, of which this part may touch one only.
    several: bool,
    pooled: Option<(Judging<'a>, Option<Judging<'a>>)>,
}

impl<'a, 'b> Part<'a, 'b> {
    fn new(folds: &'b Folds<'a>) -> Self {
        let several = folds.tests.len() > 1;
        let pooled = several
            .then(|| Judging::pool(&folds.tests))
            .flatten()
            .map(|test| (test, folds.trains.as_deref().and_then(Judging::pool)));
        Self { folds, several, pooled }
    }

    fn measure(&self, plan: &Plan, of: usize, slice: Option<SliceValue>) -> Measurement {
        let metric = &plan.metrics[of];
        let train = |at: usize| self.folds.trains.as_ref().and_then(|trains| trains.get(at));
        let mut folds: Vec<Reading> = (0..)
            .zip(&self.folds.tests)
            .map(|(at, test)| reading(metric, test, train(at)))
            .collect();
        let over_folds = metric.kind.kind().about().over_folds;
        let (reading, over, mean, pooled) = if self.several {
            let mean = Reading::mean(&folds);
            let poolable = match over_folds {
                OverFolds::Mean | OverFolds::Pooled => true,
                OverFolds::Apart => false,
            };
            let pooled = match &self.pooled {
                Some((test, train)) => Some(reading(metric, test, train.as_ref())),
                // Only one fold has rows of this slice.
                None => folds.first().cloned(),
            }
            .filter(|_| poolable);
            let by_rows = over_folds == OverFolds::Pooled || slice.is_some();
            match &pooled {
                Some(value) if by_rows => (value.clone(), Over::Pooled, Some(mean), pooled),
                _ => (mean.clone(), Over::Mean, Some(mean), pooled),
            }
        } else {
            let only = folds.pop().unwrap_or_else(|| Reading::mean(&[]));
            (only, Over::One, None, None)
        };
        Measurement {
            name: metric.name.clone(),
            metric: metric.kind.name(),
            of,
            slice,
            reading,
            over,
            folds,
            mean,
            pooled,
        }
    }
}

fn reading(metric: &Metric, test: &Judging<'_>, train: Option<&Judging<'_>>) -> Reading {
    Reading {
        value: value_of(&metric.kind, test, &test.prediction),
        dummy: dummy_of(&metric.kind, test).map(|dummy| value_of(&metric.kind, test, dummy)),
        train: train
            .filter(|_| metric.kind.kind().about().needs != Needs::Times)
            .map(|train| value_of(&metric.kind, train, &train.prediction)),
        rows: test.len(),
    }
}

fn value_of(metric: &AnyMetric, judging: &Judging<'_>, prediction: &Prediction) -> Value {
    if judging.weights.as_ref().is_some_and(|weights| weights.iter().all(|weight| *weight == 0.0)) {
        return Err(Undefined::ByData("every row has weight 0".to_owned()));
    }
    let value = metric.kind().measure(&judging.judged(prediction))?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Undefined::ByData(format!("{} is not a finite number on these rows", metric.name())))
    }
}

/// The answers of the dummy that a metric is compared with: the median is the best constant answer
/// for the mean absolute error.
fn dummy_of<'b>(metric: &AnyMetric, judging: &'b Judging<'_>) -> Option<&'b Prediction> {
    match metric.kind().about().needs {
        Needs::Labels | Needs::Probabilities | Needs::Values => {}
        Needs::Clusters | Needs::Centres | Needs::Groups | Needs::Times => return None,
    }
    match metric {
        AnyMetric::MeanAbsoluteError(_) => judging.dummies.median.as_ref(),
        _ => judging.dummies.usual.as_ref(),
    }
}
