//! Measures every metric of a plan: on all judged rows and on slices, over folds, and for the dummy.

use super::fit::{Stop, check_stop};
use super::judging::{Dummies, Judging};
use super::slices::Membership;
use crate::data::{
    Judged, MISSING, Measurement, Over, Polled, Prediction, Reading, SliceValue, Undefined, Value,
};
use crate::diagnostic::counted;
use crate::kinds::metrics::{AnyMetric, Needs, OverFolds};
use crate::kinds::models::StopFlag;
use crate::plan::Plan;

/// Skipped values beyond this many are listed as one.
const MOST_SKIPPED: usize = 1_000;

/// What is judged: one entry a fold.
pub struct Folds<'a> {
    pub tests: Vec<Judging<'a>>,
    /// The training rows of the same folds; none where nothing compares with them.
    pub trains: Option<Vec<Judging<'a>>>,
}

/// One measurement a metric in the order of the plan, then those of the slices.
///
/// # Errors
/// That the stop flag was raised.
pub fn measure(
    plan: &Plan,
    folds: &Folds<'_>,
    members: &[Membership],
    stop: &StopFlag,
) -> Result<Vec<Measurement>, Stop> {
    let raised = || stop.is_raised();
    let measurements = until(plan, folds, members, Polled(&raised));
    check_stop(stop)?;
    Ok(measurements)
}

fn until(
    plan: &Plan,
    folds: &Folds<'_>,
    members: &[Membership],
    stop: Polled<'_>,
) -> Vec<Measurement> {
    let all: Vec<usize> = (0..plan.metrics.len()).collect();
    let whole = Part::new(plan, &all, folds, stop);
    let mut measurements: Vec<Measurement> =
        all.iter().map(|of| whole.measurement(plan, *of, *of, None)).collect();
    for membership in members {
        measurements.extend(measure_slice(plan, folds, membership, stop));
    }
    measurements
}

fn measure_slice(
    plan: &Plan,
    folds: &Folds<'_>,
    membership: &Membership,
    stop: Polled<'_>,
) -> Vec<Measurement> {
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
    let counts = membership.count(folds.tests.iter().map(|fold| &*fold.rows));
    let mut measurements = Vec::new();
    let mut skipped = 0;
    for (code, value) in membership.values.iter().enumerate() {
        let rows = counts[code];
        let mut at = SliceValue {
            slice: membership.slice,
            name: slice.name.clone(),
            value: value.clone(),
            skipped: None,
        };
        if rows < slice.min_rows {
            skipped += 1;
            let named =
                membership.expected[code] || is_named(plan, membership.slice, value.as_deref());
            if skipped > MOST_SKIPPED && !named {
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
        let part = Part::new(plan, &metrics, &part_of, stop);
        let of_slice = metrics.iter().enumerate();
        measurements.extend(
            of_slice.map(|(index, of)| part.measurement(plan, index, *of, Some(at.clone()))),
        );
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

/// Whether a threshold names this value of a slice.
fn is_named(plan: &Plan, slice: usize, value: Option<&str>) -> bool {
    let mut on = plan.thresholds.iter().filter_map(|threshold| threshold.on.as_ref());
    on.any(|on| on.slice == slice && on.value.is_some() && on.value.as_deref() == value)
}

/// The rows of a value in each fold. A fold without any stays, so that its training rows keep their
/// place beside its judged ones.
fn picked<'a>(folds: &[Judging<'a>], rows: &[Vec<Vec<u32>>], code: usize) -> Vec<Judging<'a>> {
    folds.iter().zip(rows).map(|(fold, rows)| fold.pick(&rows[code])).collect()
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

/// Metrics on some judged rows, fold by fold and together.
struct Part {
    /// For each fold, for each metric.
    folds: Vec<Vec<Reading>>,
    /// For each metric, where there are several folds.
    pooled: Option<Vec<Reading>>,
}

impl Part {
    fn new(plan: &Plan, metrics: &[usize], folds: &Folds<'_>, stop: Polled<'_>) -> Self {
        let metrics: Vec<&AnyMetric> = metrics.iter().map(|of| &plan.metrics[*of].kind).collect();
        let train = |at: usize| folds.trains.as_ref().and_then(|trains| trains.get(at));
        let of_folds = folds.tests.iter().enumerate();
        let pooled = (folds.tests.len() > 1).then(|| Judging::pool(&folds.tests)).flatten();
        Self {
            folds: of_folds.map(|(at, test)| readings(&metrics, test, train(at), stop)).collect(),
            pooled: pooled.map(|test| {
                let train = folds.trains.as_deref().and_then(Judging::pool);
                readings(&metrics, &test, train.as_ref(), stop)
            }),
        }
    }

    /// What the metric at a position of the part's metrics comes to.
    fn measurement(
        &self,
        plan: &Plan,
        at: usize,
        of: usize,
        slice: Option<SliceValue>,
    ) -> Measurement {
        let metric = &plan.metrics[of];
        let mut folds: Vec<Reading> = self.folds.iter().map(|fold| fold[at].clone()).collect();
        let over_folds = metric.kind.kind().about().over_folds;
        let (reading, over, mean, pooled) = if let Some(pooled) = &self.pooled {
            let mean = Reading::mean(&folds);
            let poolable = match over_folds {
                OverFolds::Mean | OverFolds::Pooled => true,
                OverFolds::Apart => false,
            };
            let pooled = pooled.get(at).filter(|_| poolable).cloned();
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

/// One reading a metric. All metrics see the same judged rows, so that they share what they work out.
fn readings(
    metrics: &[&AnyMetric],
    test: &Judging<'_>,
    train: Option<&Judging<'_>>,
    stop: Polled<'_>,
) -> Vec<Reading> {
    let values = values(metrics, (test, Some(&test.prediction)), stop, |_| true);
    let is_median = |metric: &AnyMetric| matches!(metric, AnyMetric::MeanAbsoluteError(_));
    let has_dummy = |metric: &AnyMetric| match metric.kind().about().needs {
        Needs::Labels | Needs::Ranks | Needs::Probabilities | Needs::Values => true,
        Needs::Clusters | Needs::Centres | Needs::Groups | Needs::Times => false,
    };
    let Dummies { usual, median, level } = &test.dummies;
    let is_level =
        |metric: &AnyMetric| level.is_some() && metric.kind().about().needs == Needs::Ranks;
    // The median is the best constant answer for the mean absolute error.
    let usual = self::values(metrics, (test, usual.as_ref()), stop, |metric| {
        has_dummy(metric) && !is_median(metric) && !is_level(metric)
    });
    let level = self::values(metrics, (test, level.as_ref()), stop, is_level);
    let median = self::values(metrics, (test, median.as_ref()), stop, is_median);
    let trains = self::values(
        metrics,
        (train.unwrap_or(test), train.map(|it| &it.prediction)),
        stop,
        |metric| metric.kind().about().needs != Needs::Times,
    );
    let dummies = usual.into_iter().zip(median).zip(level);
    let parts = values.into_iter().zip(dummies).zip(trains);
    parts
        .map(|((value, ((usual, median), level)), train)| Reading {
            value: value
                .unwrap_or_else(|| Err(Undefined::ByData("it was not measured".to_owned()))),
            dummy: usual.or(median).or(level),
            train,
            rows: test.len(),
        })
        .collect()
}

/// The values of the metrics for one prediction; none where there is no prediction, or the metric is
/// not wanted of it.
fn values(
    metrics: &[&AnyMetric],
    (judging, prediction): (&Judging<'_>, Option<&Prediction>),
    stop: Polled<'_>,
    wanted: impl Fn(&AnyMetric) -> bool,
) -> Vec<Option<Value>> {
    let Some(prediction) = prediction else { return vec![None; metrics.len()] };
    if judging.len() == 0 {
        let none = || Err(Undefined::ByData("there is no row".to_owned()));
        return metrics.iter().map(|metric| wanted(metric).then(none)).collect();
    }
    let judged = judging.judged(prediction, stop);
    metrics.iter().map(|metric| wanted(metric).then(|| value_of(metric, &judged))).collect()
}

fn value_of(metric: &AnyMetric, judged: &Judged<'_>) -> Value {
    if judged.weights.is_some_and(|weights| weights.iter().all(|weight| *weight == 0.0)) {
        return Err(Undefined::ByData("every row has weight 0".to_owned()));
    }
    if judged.stop.is_raised() {
        return Err(Undefined::ByData("the run was stopped".to_owned()));
    }
    let value = metric.kind().measure(judged)?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Undefined::ByData(format!("{} is not a finite number on these rows", metric.name())))
    }
}
