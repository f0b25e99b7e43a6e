//! Lowers one bound into the comparisons that it asks for: with a number, with the dummy, with the
//! training rows; over folds.

use super::bound::{Bound, End};
use super::reach::{self, words};
use super::{Ends, Folds, Metric, Quantity};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Place, Route, fraction};
use crate::kinds::metrics::{Direction, Needs, OverFolds};
use crate::kinds::models::Role;
use crate::spec::{self, FoldRule, Severity, Spec, Text};

/// A bound where it stands.
pub struct At<'a> {
    pub metric: &'a Metric,
    pub spec: &'a Spec,
    pub folds: usize,
    /// Whether it is about a slice.
    pub on: bool,
    pub route: Route,
}

/// One comparison of a bound that may ask for several.
pub struct Part {
    pub quantity: Quantity,
    pub bound: Bound,
    pub folds: Folds,
    pub severity: Severity,
    pub because: Option<Text>,
    pub route: Route,
    pub ends: Ends,
}

impl At<'_> {
    /// The comparisons that a bound asks for, at least one.
    pub fn lower(&self, written: &spec::Bound) -> Result<Vec<Part>, Box<Diagnostic>> {
        let none = spec::BoundMap::default();
        let map = match written {
            spec::Bound::Text(_) => &none,
            spec::Bound::Map(map) => map,
        };
        self.needs_parts()?;
        let folds = self.folds(map.folds)?;
        let part = |quantity, bound, route: Route, ends| Part {
            quantity,
            bound,
            folds,
            severity: map.severity,
            because: map.because.clone(),
            route,
            ends,
        };
        let mut parts = Vec::new();
        if Bound::of(written).is_some() || (map.over_dummy.or(map.max_train_gap)).is_none() {
            let bound = check_bound(written, &self.route)?;
            let ends = ends(written, &self.route);
            reach::check(written, (bound, &ends), &self.route, self.metric)?;
            parts.push(part(Quantity::Value, bound, self.route.clone(), ends));
        }
        if let Some(least) = map.over_dummy {
            let route = self.route.key("over_dummy");
            self.needs_training(&route, "the dummy learns from training rows")?;
            self.needs_rows(&route, "no dummy to compare with")?;
            // To beat it by nothing is to be better at all.
            self.can_reach(&route, least)?;
            let low = Some(End { value: least, strict: least == 0.0 });
            let bound = Bound { low, high: None };
            parts.push(part(Quantity::OverDummy, bound, route, Ends::default()));
        }
        if let Some(most) = map.max_train_gap {
            let route = self.route.key("max_train_gap");
            self.needs_training(&route, "there is no value on training rows")?;
            self.needs_rows(&route, "no value of its own on training rows")?;
            self.can_miss(&route, most)?;
            let high = Some(End { value: most, strict: false });
            let bound = Bound { low: None, high };
            parts.push(part(Quantity::TrainGap, bound, route, Ends::default()));
        }
        Ok(parts)
    }

    fn needs_training(&self, route: &Route, why: &str) -> Result<(), Box<Diagnostic>> {
        let model = &self.spec.model;
        let (lacking, related) = match model.kind().role() {
            Role::Learns(_) | Role::Detects(_) => return Ok(()),
            Role::Given(_) => ("given predictions have no training".to_owned(), "given here"),
            Role::Labels(_) => {
                (format!("`{}` groups all rows, without training", model.name()), "the model")
            }
        };
        Err(Box::new(
            Diagnostic::error(
                Code::ThresholdMisfit,
                Place::key(route.clone()),
                format!("{lacking}: {why}"),
            )
            .label("cannot be compared")
            .help("compare with a bound instead, such as `min`")
            .related(Place::key(Route::root().key("model").key(model.name())), related),
        ))
    }

    /// How far two values of the metric can be apart; infinite where it has no limits.
    fn span(&self) -> f64 {
        let about = self.metric.kind.kind().about();
        let (low, high) = about.range;
        match about.direction {
            Direction::HigherIsBetter | Direction::LowerIsBetter => high - low,
            Direction::ZeroIsBest => low.abs().max(high.abs()),
        }
    }

    /// No model is better than the dummy by more than the metric's whole range.
    fn can_reach(&self, route: &Route, least: f64) -> Result<(), Box<Diagnostic>> {
        if least <= self.span() {
            return Ok(());
        }
        let name = self.metric.kind.name();
        let range = words(self.metric.kind.kind().about().range);
        let diagnostic = Diagnostic::error(
            Code::ThresholdImpossible,
            Place::value(route.clone()),
            format!("no model beats the dummy by {least}: {name} is {range}"),
        )
        .label("cannot be met");
        Err(Box::new(self.distance(diagnostic, route, least)))
    }

    /// A gap as wide as the metric's range lets any model pass.
    fn can_miss(&self, route: &Route, most: f64) -> Result<(), Box<Diagnostic>> {
        if most < self.span() {
            return Ok(());
        }
        let name = self.metric.kind.name();
        let range = words(self.metric.kind.kind().about().range);
        let diagnostic = Diagnostic::error(
            Code::ThresholdTrivial,
            Place::value(route.clone()),
            format!("no gap is wider than {most}: {name} is {range}"),
        )
        .label("can never fail");
        Err(Box::new(self.distance(diagnostic, route, most)))
    }

    /// What to write for a distance that is too large.
    fn distance(&self, diagnostic: Diagnostic, route: &Route, written: f64) -> Diagnostic {
        match reach::percent(written, self.span()) {
            Some(percent) => {
                let yaml = fraction(percent).to_string();
                let help = reach::in_fractions(percent);
                let place = Place::value(route.clone());
                let fix = Fix::guess(format!("write `{yaml}`"), Edit::Rewrite { place, yaml });
                diagnostic.help(help).fix(fix)
            }
            None => diagnostic.help("choose a distance inside the metric's range"),
        }
    }

    /// Times are of the model as a whole.
    fn needs_parts(&self) -> Result<(), Box<Diagnostic>> {
        if !self.on || self.metric.kind.kind().about().needs != Needs::Times {
            return Ok(());
        }
        let name = self.metric.kind.name();
        // In a list of bounds the key stands above.
        let key: Route = self.route.segments().iter().take(2).cloned().collect();
        Err(Box::new(
            Diagnostic::error(
                Code::ThresholdMisfit,
                Place::key(key),
                format!("`{name}` is about all rows together, not about a slice"),
            )
            .label("cannot be measured on a slice")
            .help(format!("write `{name}`, without `@`")),
        ))
    }

    fn needs_rows(&self, route: &Route, what: &str) -> Result<(), Box<Diagnostic>> {
        let about = self.metric.kind.kind().about();
        let compares = match about.needs {
            Needs::Labels | Needs::Ranks | Needs::Probabilities | Needs::Values => true,
            Needs::Clusters | Needs::Centres | Needs::Groups => {
                route.last_key() == Some("max_train_gap")
            }
            Needs::Times => false,
        };
        if compares {
            return Ok(());
        }
        Err(Box::new(
            Diagnostic::error(
                Code::ThresholdMisfit,
                Place::key(route.clone()),
                format!("`{}` has {what}", self.metric.kind.name()),
            )
            .label("cannot be compared")
            .help("compare with a bound instead, such as `min` or `max`"),
        ))
    }

    /// What of the folds is compared: what the bound says, or what suits the metric.
    fn folds(&self, rule: Option<FoldRule>) -> Result<Folds, Box<Diagnostic>> {
        let over = self.metric.kind.kind().about().over_folds;
        let refuse = |message: String, help: &str| {
            Box::new(
                Diagnostic::error(
                    Code::ThresholdMisfit,
                    Place::value(self.route.key("folds")),
                    message,
                )
                .label("does not fit the split")
                .help(help),
            )
        };
        match (rule, self.folds) {
            (None, 1) => Ok(Folds::One),
            (Some(_), 1) => Err(refuse(
                "there is a single fold, so nothing is to be said over folds".to_owned(),
                "remove `folds`, or choose a split with several folds, such as `k_fold`",
            )),
            (None, _) => Ok(match over {
                OverFolds::Pooled => Folds::Pooled,
                // The part of a slice that lies in one fold is small.
                OverFolds::Mean if self.on => Folds::Pooled,
                OverFolds::Mean | OverFolds::Apart => Folds::Mean,
            }),
            (Some(FoldRule::Mean), _) => Ok(Folds::Mean),
            (Some(FoldRule::Pooled), _) if over == OverFolds::Apart => Err(refuse(
                format!("`{}` cannot be measured over folds together", self.metric.kind.name()),
                "write `folds: mean`",
            )),
            (Some(FoldRule::Pooled), _) => Ok(Folds::Pooled),
            (Some(FoldRule::Worst), folds) => Ok(Folds::AtLeast { least: folds, of: folds }),
            (Some(FoldRule::Count { least, of }), folds) if of == folds && least <= of => {
                Ok(Folds::AtLeast { least, of })
            }
            (Some(FoldRule::Count { least, of }), folds) => {
                // The same share of the folds that there are.
                let share = least.min(of) as f64 / of as f64;
                let least_now = (share * folds as f64).ceil() as usize;
                Err(refuse(
                    format!("{least} of {of} folds are asked for, and the split gives {folds}"),
                    &format!("write for example `folds: \"{least_now} of {folds}\"`"),
                ))
            }
        }
    }
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

/// The interval of a bound, which some number lies in.
fn check_bound(written: &spec::Bound, route: &Route) -> Result<Bound, Box<Diagnostic>> {
    let place = || Place::value(route.clone());
    let Some(bound) = Bound::of(written) else {
        return Err(Box::new(
            Diagnostic::error(Code::ThresholdEmpty, place(), "this threshold has no bound")
                .label("no bound")
                .help("add `min`, `max`, `above`, `below`, `over_dummy` or `max_train_gap`"),
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
    Ok(bound)
}
