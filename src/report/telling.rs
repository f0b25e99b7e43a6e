//! What is told of the parts of a report, in the words that all forms share.

use super::model::{Finding, Level, Measurement, Slice, Spec, Summary, Verdict};
use crate::verdict::Status;

impl Summary {
    /// Adds a spec of a status.
    pub fn count(&mut self, status: Status) {
        self.specs += 1;
        *match status {
            Status::Pass => &mut self.passed,
            Status::Warn => &mut self.warned,
            Status::Fail => &mut self.failed,
            Status::Inconclusive => &mut self.inconclusive,
            Status::Error => &mut self.errored,
            Status::Invalid => &mut self.invalid,
            Status::Skipped => &mut self.skipped,
        } += 1;
    }

    /// What did not pass.
    pub fn unpassed(&self) -> usize {
        self.failed + self.inconclusive + self.errored + self.invalid
    }
}

impl Spec {
    /// Whether this spec lets a run pass.
    pub fn passes(&self) -> bool {
        self.status <= Status::Warn
    }

    /// What is measured on the rows of a verdict.
    pub fn measurement(&self, verdict: &Verdict) -> Option<&Measurement> {
        self.measurements
            .iter()
            .find(|each| each.name == verdict.name && each.slice == verdict.slice)
    }

    /// The finding that says what is wrong with a verdict.
    pub fn explained(&self, verdict: &Verdict) -> Option<&Finding> {
        let subject = format!("{} ", verdict.subject());
        let lies_in = |finding: &Finding| match (&finding.location, &verdict.location) {
            (Some(at), Some(of)) => ((of.line, of.column)..=(of.end_line, of.end_column))
                .contains(&(at.line, at.column)),
            _ => false,
        };
        self.diagnostics.iter().find(|each| {
            verdict.status > Status::Pass
                && each.is_of_verdict()
                && each.message.starts_with(&subject)
                && lies_in(each)
        })
    }

    /// What came of a comparison, in a sentence: `accuracy is 0.81, below the required 0.9`.
    pub fn said(&self, verdict: &Verdict) -> String {
        match (self.explained(verdict), verdict.value, &verdict.reason) {
            (Some(finding), _, _) => finding.message.clone(),
            (None, None, Some(reason)) => {
                format!("{} has no value: {reason}", verdict.subject())
            }
            (None, _, _) => {
                format!(
                    "{} is {}, required is {}",
                    verdict.subject(),
                    verdict.shown(),
                    verdict.bound
                )
            }
        }
    }

    /// The errors that are not those of its verdicts; without verdicts, all errors.
    pub fn other_errors(&self) -> impl Iterator<Item = &Finding> {
        let errors = self.diagnostics.iter().filter(|each| each.severity == Level::Error);
        errors.filter(|each| self.verdicts.is_empty() || !each.is_of_verdict())
    }
}

impl Finding {
    /// Whether it says what is wrong with a verdict.
    pub fn is_of_verdict(&self) -> bool {
        self.code.starts_with("mlspec::threshold::")
    }
}

impl Verdict {
    /// The metric and the slice, as a threshold names them: `accuracy@by_island=Biscoe`.
    pub fn title(&self) -> String {
        match &self.slice {
            Some(Slice { name, value: Some(value) }) => format!("{}@{name}={value}", self.name),
            Some(Slice { name, value: None }) => format!("{}@{name}", self.name),
            None => self.name.clone(),
        }
    }

    /// What is compared, in words: `accuracy`, `accuracy over the dummy`.
    pub fn subject(&self) -> String {
        match self.quantity.as_str() {
            "over_dummy" => format!("{} over the dummy", self.title()),
            "train_gap" => format!("the train gap of {}", self.title()),
            _ => self.title(),
        }
    }

    /// What has to hold, as a whole: `> 0.9`.
    pub fn required(&self) -> &str {
        if self.required.is_empty() { &self.bound } else { &self.required }
    }

    /// The value for people, or why there is none.
    pub fn shown(&self) -> String {
        match (&self.shown, self.value) {
            (Some(shown), _) => shown.clone(),
            (None, Some(value)) => crate::diagnostic::number(value),
            (None, None) => "no value".to_owned(),
        }
    }
}
