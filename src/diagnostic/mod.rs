//! What went wrong, where, and what to do about it: plain data without colours or bytes.
//! Finding the bytes is left to `text::Document`, drawing to the reports.

mod code;
mod fix;
mod near;
mod place;
mod route;

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use code::Code;
pub use fix::{Certainty, Edit, Fix, Position};
pub use near::Near;
pub use place::{Part, Place};
pub use route::{Route, Segment};

/// `1 row`, `5 rows`: for messages.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A value for a message: four decimals, fewer where it is large, an exponent where it is tiny.
pub fn number(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude >= 1e15 || (magnitude > 0.0 && magnitude < 1e-4) {
        format!("{value:.3e}")
    } else if magnitude >= 1e4 {
        format!("{value:.1}")
    } else {
        format!("{value:.4}")
    }
}

/// Percents as a fraction: the decimal point moves, where a division would add digits.
pub fn fraction(percent: f64) -> f64 {
    format!("{percent}e-2").parse().unwrap_or(percent / 100.0)
}

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// The spec is invalid, could not be evaluated, or missed a bound.
    Error,
    /// Worth a look; never changes the exit status.
    Warning,
}

/// A second place that explains the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    pub place: Place,
    pub label: String,
}

/// One finding: a stable code, a message without a full stop, a place with a label, and the fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    pub place: Place,
    pub label: String,
    pub help: Option<String>,
    pub related: Vec<Related>,
    /// What would mend it; the first is the best.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    pub fn error(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place,
            label: String::new(),
            help: None,
            related: Vec::new(),
            fixes: Vec::new(),
        }
    }

    pub fn warning(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push(Related { place, label: label.into() });
        self
    }

    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    /// Says that `written`, to which the diagnostic points, was meant as `near`.
    #[must_use]
    pub fn did_you_mean(mut self, written: &str, near: &Near) -> Self {
        self.fixes.extend(near.fixes(&self.place, written));
        self.label(near.question()).help(format!("write {}", near.shown()))
    }
}

/// A finding of a kind about its own parameters: its route starts at the kind's value.
/// Whoever placed the kind in the spec turns it into a `Diagnostic` with [`Problem::under`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: Code,
    pub route: Route,
    pub part: Part,
    pub within: Option<Range<usize>>,
    pub message: String,
    pub label: String,
    pub help: Option<String>,
    /// Their places start at the kind's value as well.
    pub fixes: Vec<Fix>,
}

impl Problem {
    /// About the kind as a whole: points at its name.
    pub fn of_kind(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            route: Route::root(),
            part: Part::Key,
            within: None,
            message: message.into(),
            label: String::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// About the value of one parameter.
    pub fn of_parameter(code: Code, name: &str, message: impl Into<String>) -> Self {
        Self { route: Route::root().key(name), part: Part::Value, ..Self::of_kind(code, message) }
    }

    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Offers to write what was meant in the place of `old`, to which the problem points.
    #[must_use]
    pub fn instead(mut self, old: &str, near: &Near) -> Self {
        let place =
            Place::Spec { route: self.route.clone(), part: self.part, within: self.within.clone() };
        self.fixes.extend(near.fixes(&place, old));
        self
    }

    /// The diagnostic, for a kind that stands at `route` in the spec.
    pub fn under(self, route: &Route, severity: Severity) -> Diagnostic {
        let place =
            Place::Spec { route: route.join(&self.route), part: self.part, within: self.within };
        Diagnostic {
            code: self.code,
            severity,
            message: self.message,
            place,
            label: self.label,
            help: self.help,
            related: Vec::new(),
            fixes: self.fixes.into_iter().map(|fix| fix.under(route)).collect(),
        }
    }
}
