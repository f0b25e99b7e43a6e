//! Lowers thresholds: names become metrics, bounds become intervals that some value can meet.

use super::bound::End;
use super::comparisons::At;
use super::{Metric, On, Quantity, Slice, SliceRows, Threshold};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Place, Route, fraction};
use crate::kinds::metrics::{AnyMetric, Direction};
use crate::kinds::{Family, Parameters};
use crate::spec::{self, Spec};
use crate::text::nearest;

/// One threshold a bound, and the metrics with those that only thresholds name.
pub fn thresholds(
    spec: &Spec,
    mut metrics: Vec<Metric>,
    slices: &[Slice],
    folds: usize,
    found: &mut Vec<Diagnostic>,
) -> (Vec<Metric>, Vec<Threshold>) {
    let mut thresholds = Vec::new();
    for (key, threshold) in &spec.thresholds.0 {
        let route = Route::root().key("thresholds").key(key);
        let (name, on) = match key.split_once('@') {
            None => (key.as_str(), None),
            Some((name, on)) => (name, Some(on)),
        };
        let metric = match metrics.iter().position(|metric| *metric.name == *name) {
            Some(metric) => metric,
            None => match AnyMetric::build(name, Parameters(serde_json::Map::new())) {
                Ok(kind) => {
                    metrics.push(Metric { name: name.into(), kind, route: route.clone() });
                    metrics.len() - 1
                }
                Err(_) => {
                    found.push(unknown_metric(name, &route, &metrics));
                    continue;
                }
            },
        };
        let on = match on.map(|on| slice_of(on, &route, spec, slices)).transpose() {
            Ok(on) => on.flatten(),
            Err(diagnostic) => {
                found.push(*diagnostic);
                continue;
            }
        };
        let bounds: Vec<(&spec::Bound, Route)> = match threshold {
            spec::Threshold::One(bound) => vec![(bound, route)],
            spec::Threshold::Many(bounds) => {
                bounds.iter().enumerate().map(|(at, bound)| (bound, route.index(at))).collect()
            }
        };
        for (written, route) in bounds {
            let place = At { metric: &metrics[metric], spec, folds, on: on.is_some(), route };
            match place.lower(written) {
                Ok(parts) => thresholds.extend(parts.into_iter().map(|part| Threshold {
                    metric,
                    on: on.clone(),
                    quantity: part.quantity,
                    bound: part.bound,
                    folds: part.folds,
                    direction: metrics[metric].kind.kind().about().direction,
                    severity: part.severity,
                    because: part.because,
                    route: part.route,
                    ends: part.ends,
                })),
                Err(diagnostic) => found.push(*diagnostic),
            }
        }
    }
    (metrics, thresholds)
}

/// The slice that follows `@`; none where its definition is wrong, which has been said.
fn slice_of(
    on: &str,
    route: &Route,
    spec: &Spec,
    slices: &[Slice],
) -> Result<Option<On>, Box<Diagnostic>> {
    let (name, value) = match on.split_once('=') {
        None => (on, None),
        Some((name, value)) => (name, Some(value)),
    };
    let Some(slice) = slices.iter().position(|slice| *slice.name == *name) else {
        let names = || spec.slices.iter().map(|(name, _)| name.as_str());
        if names().any(|other| other == name) {
            return Ok(None);
        }
        let diagnostic = Diagnostic::error(
            Code::SliceUnknown,
            Place::key(route.clone()),
            format!("there is no slice called `{name}`"),
        );
        return Err(Box::new(match (nearest(name, names()), spec.slices.as_slice()) {
            (Some(near), _) => {
                let start = route.last_key().and_then(|key| key.find('@')).map_or(0, |at| at + 1);
                let place = Place::key(route.clone()).within(start..start + name.len());
                let fixes = near.fixes(&place, name);
                let written = near.map(|name| format!("@{name}"));
                let diagnostic = diagnostic.label(near.question());
                Diagnostic { fixes, ..diagnostic.help(format!("write {}", written.shown())) }
            }
            (None, []) => diagnostic
                .label("not defined")
                .help(format!("define it: `slices: {{ {name}: {{ by: column }} }}`")),
            (None, _) => diagnostic.label("not defined").help(format!(
                "the slices are {}",
                names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            )),
        }));
    };
    if let (Some(value), SliceRows::Where(_)) = (value, &slices[slice].rows) {
        return Err(Box::new(
            Diagnostic::error(
                Code::SliceUnknown,
                Place::key(route.clone()),
                format!("`{name}` is a predicate, so it has no value `{value}`"),
            )
            .label("one slice only")
            .help(format!("write `@{name}`"))
            .related(Place::key(slices[slice].route.key("where")), "the slice"),
        ));
    }
    Ok(Some(On { slice, value: value.map(Into::into) }))
}

/// Relative errors that are bounded as if they were percentages.
pub fn percentages(metrics: &[Metric], thresholds: &[Threshold]) -> Vec<Diagnostic> {
    let looks_so = |threshold: &&Threshold| {
        threshold.quantity == Quantity::Value
            && matches!(metrics[threshold.metric].kind, AnyMetric::MeanAbsolutePercentageError(_))
            && threshold.bound.high.is_some_and(|end| end.value >= 2.0)
    };
    let warn = |threshold: &Threshold| {
        let value = threshold.bound.high.map_or(0.0, |end| end.value);
        Diagnostic::warning(
            Code::ThresholdPercent,
            Place::value(threshold.route.clone()),
            format!(
                "{} is a fraction: {value} stands for {} %",
                metrics[threshold.metric].name,
                value * 100.0
            ),
        )
        .label("looks like a percentage")
        .help(format!("{value} % is written {}", fraction(value)))
    };
    thresholds.iter().filter(looks_so).map(warn).collect()
}

/// Metrics whose bounds all lie on their good side: a worse model would pass, which is hardly meant.
pub fn wrong_sides(metrics: &[Metric], thresholds: &[Threshold]) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for (at, metric) in metrics.iter().enumerate() {
        let direction = metric.kind.kind().about().direction;
        if thresholds.iter().any(|t| t.metric == at && t.quantity == Quantity::OverDummy) {
            continue;
        }
        let of_value = |t: &&Threshold| t.metric == at && t.quantity == Quantity::Value;
        let of_metric: Vec<&Threshold> = thresholds.iter().filter(of_value).collect();
        let bounds = || of_metric.iter().map(|threshold| threshold.bound);
        let (guarded, better, sign) = match direction {
            Direction::HigherIsBetter => (bounds().any(|b| b.low.is_some()), "higher", '>'),
            Direction::LowerIsBetter => (bounds().any(|b| b.high.is_some()), "lower", '<'),
            // Either side alone can be what is feared.
            Direction::ZeroIsBest => continue,
        };
        let (Some(first), false) = (of_metric.first(), guarded) else { continue };
        warnings.push(
            Diagnostic::warning(
                Code::ThresholdSide,
                Place::value(first.route.clone()),
                format!(
                    "{} is better when {better}, so this bound lets any worse model pass",
                    metric.name
                ),
            )
            .label("on the good side only")
            .help(format!("add a bound with `{sign}`, or turn this one round"))
            .fix(turned(first)),
        );
    }
    warnings
}

/// The bound with its one end on the other side.
fn turned(threshold: &Threshold) -> Fix {
    let Threshold { bound, ends, route, .. } = threshold;
    let (end, operators, key) = match (bound.low, bound.high) {
        (Some(low), _) => (low, ["<=", "<"], &ends.low),
        (None, high) => {
            (high.unwrap_or(End { value: 0.0, strict: false }), [">=", ">"], &ends.high)
        }
    };
    if let Some(key) = key {
        let old = key.last_key().unwrap_or_default();
        let new = match old {
            "min" => "max",
            "max" => "min",
            "above" => "below",
            _ => "above",
        };
        return Fix::rename(Place::key(key.clone()), old, new).unsure();
    }
    let text = format!("\"{} {}\"", operators[usize::from(end.strict)], end.value);
    let place = Place::value(route.clone());
    Fix::guess(format!("write `{text}`"), Edit::Rewrite { place, yaml: text })
}

fn unknown_metric(name: &str, route: &Route, metrics: &[Metric]) -> Diagnostic {
    if spec::is_reserved_metric(name) {
        return Diagnostic::error(
            Code::Reserved,
            Place::key(route.clone()),
            format!("`{name}` is reserved: this version of mlspec does not run it yet"),
        )
        .label("not yet")
        .help("`mlspec list metrics` prints what there is");
    }
    let catalogue = AnyMetric::ALL.iter().map(|entry| entry.name);
    let given = metrics.iter().map(|metric| &*metric.name);
    let diagnostic = Diagnostic::error(
        Code::ThresholdUnknown,
        Place::key(route.clone()),
        format!("there is no metric called `{name}`"),
    );
    match nearest(name, given.chain(catalogue)) {
        Some(near) => {
            let place = Place::key(route.clone()).within(0..name.len());
            let diagnostic = diagnostic.did_you_mean(name, &near);
            Diagnostic { fixes: near.fixes(&place, name), ..diagnostic }
        }
        None => diagnostic
            .label("unknown metric")
            .help("`mlspec list metrics` prints the catalogue; a name of your own comes from `as`"),
    }
}
