//! Lowers thresholds: names become metrics, bounds become intervals that some value can meet.

use super::bound::{Bound, Reach};
use super::{Ends, Metric, Threshold};
use crate::diagnostic::{Code, Diagnostic, Place, Route};
use crate::kinds::metrics::{AnyMetric, Direction};
use crate::kinds::{Family, Parameters};
use crate::spec::{self, Severity, Spec};
use crate::text::nearest;

/// One threshold a bound, and the metrics with those that only thresholds name.
pub fn thresholds(
    spec: &Spec,
    mut metrics: Vec<Metric>,
    found: &mut Vec<Diagnostic>,
) -> (Vec<Metric>, Vec<Threshold>) {
    let mut thresholds = Vec::new();
    for (name, threshold) in &spec.thresholds.0 {
        let route = Route::root().key("thresholds").key(name);
        let metric = match metrics.iter().position(|metric| *metric.name == **name) {
            Some(metric) => metric,
            None => match AnyMetric::build(name, Parameters(serde_json::Map::new())) {
                Ok(kind) => {
                    metrics.push(Metric { name: name.as_str().into(), kind, route: route.clone() });
                    metrics.len() - 1
                }
                Err(_) => {
                    found.push(unknown_metric(name, &route, &metrics));
                    continue;
                }
            },
        };
        let bounds: Vec<(&spec::Bound, Route)> = match threshold {
            spec::Threshold::One(bound) => vec![(bound, route)],
            spec::Threshold::Many(bounds) => {
                bounds.iter().enumerate().map(|(at, bound)| (bound, route.index(at))).collect()
            }
        };
        for (written, route) in bounds {
            let (severity, because) = match written {
                spec::Bound::Text(_) => (Severity::Fail, None),
                spec::Bound::Map(map) => (map.severity, map.because.clone()),
            };
            match check_bound(written, &route, &metrics[metric]) {
                Ok(bound) => {
                    let ends = ends(written, &route);
                    thresholds.push(Threshold { metric, bound, severity, because, route, ends });
                }
                Err(diagnostic) => found.push(*diagnostic),
            }
        }
    }
    (metrics, thresholds)
}

/// Relative errors that are bounded as if they were percentages.
pub fn percentages(metrics: &[Metric], thresholds: &[Threshold]) -> Vec<Diagnostic> {
    let looks_so = |threshold: &&Threshold| {
        matches!(metrics[threshold.metric].kind, AnyMetric::MeanAbsolutePercentageError(_))
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
        .help(format!("{value} % is written {}", value / 100.0))
    };
    thresholds.iter().filter(looks_so).map(warn).collect()
}

/// Metrics whose bounds all lie on their good side: a worse model would pass, which is hardly meant.
pub fn wrong_sides(metrics: &[Metric], thresholds: &[Threshold]) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for (at, metric) in metrics.iter().enumerate() {
        let direction = metric.kind.kind().about().direction;
        let of_metric: Vec<&Threshold> = thresholds.iter().filter(|t| t.metric == at).collect();
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
            .help(format!("add a bound with `{sign}`, or turn this one round")),
        );
    }
    warnings
}

fn ends(bound: &spec::Bound, route: &Route) -> Ends {
    let spec::Bound::Map(map) = bound else { return Ends::default() };
    let end = |keys: [(&str, Option<f64>); 2]| {
        keys.into_iter().find(|(_, value)| value.is_some()).map(|(key, _)| route.key(key))
    };
    Ends {
        low: end([("min", map.min), ("above", map.above)]),
        high: end([("max", map.max), ("below", map.below)]),
    }
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
            diagnostic.label(format!("did you mean `{near}`?")).help(format!("write `{near}`"))
        }
        None => diagnostic
            .label("unknown metric")
            .help("`mlspec list metrics` prints the catalogue; a name of your own comes from `as`"),
    }
}

fn check_bound(
    written: &spec::Bound,
    route: &Route,
    metric: &Metric,
) -> Result<Bound, Box<Diagnostic>> {
    let place = || Place::value(route.clone());
    let Some(bound) = Bound::of(written) else {
        return Err(Box::new(
            Diagnostic::error(Code::ThresholdEmpty, place(), "this threshold has no bound")
                .label("no bound")
                .help("add `min`, `max`, `above` or `below`"),
        ));
    };
    let ends = [bound.low, bound.high];
    if ends.into_iter().flatten().any(|end| !end.value.is_finite()) {
        return Err(Box::new(
            Diagnostic::error(Code::ThresholdSyntax, place(), "a bound must be a finite number")
                .label("too large")
                .help("write a number below 1.8e308"),
        ));
    }
    if bound.is_empty() {
        return Err(Box::new(
            Diagnostic::error(Code::ThresholdEmpty, place(), format!("no number is {bound}"))
                .label("lets nothing through")
                .help("the lower end belongs first"),
        ));
    }
    let range = metric.kind.kind().about().range;
    let name = metric.kind.name();
    match bound.reach(range) {
        Reach::Some => Ok(bound),
        Reach::None => {
            let diagnostic = Diagnostic::error(
                Code::ThresholdImpossible,
                place(),
                format!("no model can meet this bound: {name} is {}", words(range)),
            )
            .label("cannot be met");
            let percent = bound
                .low
                .map(|end| end.value)
                .filter(|value| range.1 == 1.0 && *value >= 2.0 && *value <= 100.0);
            Err(Box::new(match percent {
                Some(value) => {
                    let fraction = value / 100.0;
                    diagnostic.help(format!("rates are fractions: {value} % is written {fraction}"))
                }
                None => diagnostic.help("choose a bound inside the metric's range"),
            }))
        }
        Reach::All => Err(Box::new(
            Diagnostic::error(
                Code::ThresholdTrivial,
                place(),
                format!("every model meets this bound: {name} is {}", words(range)),
            )
            .label("can never fail")
            .help("choose a bound inside the metric's range"),
        )),
    }
}

fn words((low, high): (f64, f64)) -> String {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("between {low} and {high}"),
        (true, false) => format!("at least {low}"),
        (false, true) => format!("at most {high}"),
        (false, false) => "any number".to_owned(),
    }
}
