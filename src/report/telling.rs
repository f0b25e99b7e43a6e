//! What is told of the parts of a report, in the words that all forms share.

use super::model::{Command, Finding, Level, Measurement, Report, Slice, Spec, Summary, Verdict};
use crate::diagnostic::{Code, counted};
use crate::verdict::Status;

/// What a report comes to as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    pub news: News,
    /// A line without a capital letter or a full stop.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    Good,
    /// Nothing was run, so nothing is known.
    None,
    Bad,
}

impl Report {
    /// What the report comes to, in a line. A run that is incomplete or broken has not passed, whatever
    /// those specs came to that it did run.
    pub fn headline(&self) -> Headline {
        let summary = &self.summary;
        let (one, all, undone) = match self.command {
            Command::Run => ("passed", "passed", "did not pass"),
            Command::Check => ("is valid", "are valid", "are not valid"),
        };
        let mut wrong = Vec::new();
        if summary.unpassed() > 0 {
            let specs = counted(summary.specs, "spec");
            wrong.push(format!("{} of {specs} {undone}", summary.unpassed()));
        }
        wrong.extend(self.gaps());
        let (news, text) = match (wrong.is_empty(), summary.specs) {
            (false, _) => (News::Bad, wrong.join(", ")),
            (true, 0) => (News::None, "no spec was run".to_owned()),
            (true, 1) => (News::Good, format!("the spec {one}")),
            (true, specs) => (News::Good, format!("all {specs} specs {all}")),
        };
        Headline { news, text }
    }

    /// What keeps the report from telling of all that was asked for.
    pub fn gaps(&self) -> Vec<String> {
        let summary = &self.summary;
        let mut gaps = Vec::new();
        if self.diagnostics.iter().any(|each| each.code != Code::NoSpecs.name()) {
            gaps.push(counted(self.diagnostics.len(), "problem"));
        }
        if summary.interrupted {
            gaps.push(format!("interrupted after {}", counted(summary.specs, "spec")));
        }
        if summary.not_begun > 0 {
            gaps.push(format!("{} not run", summary.not_begun));
        }
        gaps
    }

    /// What an interrupt means for the run, for the forms that are lists of findings.
    pub fn interruption(&self) -> Option<Finding> {
        let left = match self.summary.not_begun {
            0 => String::new(),
            left => format!(", {left} not run"),
        };
        let after = counted(self.summary.specs, "spec");
        self.summary.interrupted.then(|| Finding {
            code: Code::Interrupted.name().to_owned(),
            severity: Level::Error,
            message: format!("the run was interrupted after {after}{left}"),
            label: String::new(),
            help: None,
            location: None,
            route: None,
            at: None,
            related: Vec::new(),
            fixes: Vec::new(),
        })
    }
}

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
        if let Some(finding) = verdict.finding {
            return self.diagnostics.get(finding);
        }
        // Reports of earlier versions do not tell which it is.
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
        Code::find(&self.code).is_some_and(Code::is_of_verdict)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Context, Format, json};

    fn report(command: &str, summary: &str, diagnostics: &str) -> Report {
        let text = format!(
            r#"{{"format": "mlspec-report/1", "tool": {{"name": "mlspec", "version": "0"}}, "command": "{command}", "summary": {summary}, "specs": [], "diagnostics": [{diagnostics}]}}"#
        );
        json::read(&text).unwrap()
    }

    const PROBLEM: &str =
        r#"{"code": "mlspec::run::settings", "severity": "error", "message": "m"}"#;
    const NONE: &str = r#"{"code": "mlspec::run::no_specs", "severity": "error", "message": "m"}"#;

    #[test]
    fn a_run_that_is_incomplete_or_broken_has_not_passed() {
        for (command, summary, diagnostics, news, text) in [
            ("run", r#"{"specs": 1, "passed": 1}"#, "", News::Good, "the spec passed"),
            ("check", r#"{"specs": 3, "passed": 3}"#, "", News::Good, "all 3 specs are valid"),
            ("run", r#"{"specs": 0}"#, NONE, News::None, "no spec was run"),
            ("run", r#"{"specs": 0}"#, PROBLEM, News::Bad, "1 problem"),
            ("run", r#"{"specs": 2, "passed": 2}"#, PROBLEM, News::Bad, "1 problem"),
            (
                "run",
                r#"{"specs": 1, "passed": 1, "not_begun": 2, "interrupted": true}"#,
                "",
                News::Bad,
                "interrupted after 1 spec, 2 not run",
            ),
            (
                "run",
                r#"{"specs": 2, "failed": 1, "passed": 1, "not_begun": 4}"#,
                "",
                News::Bad,
                "1 of 2 specs did not pass, 4 not run",
            ),
        ] {
            let headline = report(command, summary, diagnostics).headline();
            assert_eq!((headline.news, headline.text.as_str()), (news, text), "{summary}");
        }
    }

    #[test]
    fn an_interrupt_is_seen_in_every_form() {
        let summary = r#"{"specs": 1, "passed": 1, "not_begun": 2, "interrupted": true}"#;
        let report = report("run", summary, "");
        for format in [Format::Junit, Format::Github, Format::Markdown, Format::Tap, Format::Html] {
            let text = format.render(&report, Context::default());
            assert!(text.to_lowercase().contains("interrupted after 1 spec"), "{text}");
            assert!(!text.contains("all 1 specs") && !text.contains('✅'), "{text}");
        }
        let junit = Format::Junit.render(&report, Context::default());
        assert!(junit.contains("errors=\"1\""), "{junit}");
    }
}
