//! Filter expressions such as `tag(smoke) & !path(**/old/**)`: text to a typed expression, and that to
//! whether a spec is meant.

mod matcher;
mod operand;
mod parse;

use std::ops::Range;

use crate::session::Facts;
use crate::verdict::Status;

use matcher::{Matcher, PathMatcher};
pub use parse::parse;

/// A filter, ready to be asked.
#[derive(Clone, Debug)]
pub enum Filter {
    All,
    None,
    /// With where it is written.
    Has(Predicate, Range<usize>),
    Not(Box<Filter>),
    /// All of them, two at least.
    And(Vec<Filter>),
    /// Any of them, two at least.
    Or(Vec<Filter>),
}

/// One thing that a spec has or has not.
#[derive(Clone, Debug)]
pub enum Predicate {
    Name(Matcher),
    Path(PathMatcher),
    Tag(Matcher),
    Model(Matcher),
    Metric(Matcher),
    Status(Last),
}

/// What the last run of a spec came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// It passed, if with warnings.
    Passed,
    /// It did not.
    Failed,
    /// There was none.
    New,
    Exactly(Status),
}

/// What a filter has to know of each spec.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    pub facts: bool,
    pub last: bool,
}

/// A spec as a filter sees it.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// Its path from the working directory and from the root of the project.
    pub paths: Vec<String>,
    /// None where the spec cannot be read.
    pub facts: Option<Facts>,
    /// None where it was never run.
    pub last: Option<Status>,
}

impl Filter {
    pub fn needs(&self) -> Needs {
        match self {
            Self::All | Self::None => Needs::default(),
            Self::Has(Predicate::Path(_), _) => Needs::default(),
            Self::Has(Predicate::Status(_), _) => Needs { last: true, facts: false },
            Self::Has(
                Predicate::Name(_) | Predicate::Tag(_) | Predicate::Model(_) | Predicate::Metric(_),
                _,
            ) => Needs { facts: true, last: false },
            Self::Not(inner) => inner.needs(),
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().fold(Needs::default(), |sum, part| {
                    let needs = part.needs();
                    Needs { facts: sum.facts || needs.facts, last: sum.last || needs.last }
                })
            }
        }
    }

    /// Whether a spec is meant; none where that hangs on what cannot be read of it.
    pub fn matches(&self, subject: &Subject) -> Option<bool> {
        match self {
            Self::All => Some(true),
            Self::None => Some(false),
            Self::Has(predicate, _) => predicate.holds(subject),
            Self::Not(inner) => inner.matches(subject).map(|matches| !matches),
            Self::And(parts) => unless(parts, subject, false),
            Self::Or(parts) => unless(parts, subject, true),
        }
    }
}

impl Filter {
    /// Where those of its predicates are written that hold for none of the specs, which may be slips. What a last
    /// run came to is none, nor is what cannot be read of a spec.
    pub fn unmatched(&self, subjects: &[Subject]) -> Vec<Range<usize>> {
        match self {
            Self::All | Self::None | Self::Has(Predicate::Status(_), _) => Vec::new(),
            Self::Has(predicate, written) => {
                let may_hold = |subject| predicate.holds(subject).unwrap_or(true);
                if subjects.iter().any(may_hold) { Vec::new() } else { vec![written.clone()] }
            }
            Self::Not(inner) => inner.unmatched(subjects),
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().flat_map(|part| part.unmatched(subjects)).collect()
            }
        }
    }
}

/// `decisive` if one part says so; else the opposite, if all parts are sure.
fn unless(parts: &[Filter], subject: &Subject, decisive: bool) -> Option<bool> {
    let mut sure = true;
    for part in parts {
        match part.matches(subject) {
            Some(answer) if answer == decisive => return Some(decisive),
            Some(_) => {}
            None => sure = false,
        }
    }
    sure.then_some(!decisive)
}

impl Predicate {
    fn holds(&self, subject: &Subject) -> Option<bool> {
        let any =
            |matcher: &Matcher, words: &[String]| words.iter().any(|word| matcher.is_match(word));
        let facts = subject.facts.as_ref();
        match self {
            Self::Path(matcher) => Some(subject.paths.iter().any(|path| matcher.is_match(path))),
            Self::Status(last) => Some(last.holds(subject.last)),
            Self::Name(matcher) => {
                Some(facts?.name.as_ref().is_some_and(|name| matcher.is_match(name)))
            }
            Self::Tag(matcher) => Some(any(matcher, &facts?.tags)),
            Self::Model(matcher) => Some(any(matcher, &facts?.models)),
            Self::Metric(matcher) => Some(any(matcher, &facts?.metrics)),
        }
    }
}

impl Last {
    /// The words of `status(…)`.
    const WORDS: &[&str] = &[
        "passed",
        "failed",
        "new",
        "pass",
        "warn",
        "fail",
        "inconclusive",
        "error",
        "invalid",
        "skipped",
    ];

    fn of(word: &str) -> Option<Self> {
        match word {
            "passed" => Some(Self::Passed),
            "failed" => Some(Self::Failed),
            "new" => Some(Self::New),
            other => {
                let mut all = Status::ALL.into_iter();
                all.find(|status| status.word() == other).map(Self::Exactly)
            }
        }
    }

    pub fn holds(self, last: Option<Status>) -> bool {
        match (self, last) {
            (Self::New, last) => last.is_none(),
            (_, None) => false,
            (Self::Passed, Some(status)) => status <= Status::Warn,
            (Self::Failed, Some(status)) => status > Status::Warn,
            (Self::Exactly(word), Some(status)) => word == status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> Subject {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Subject {
            paths: words(&["specs/old/churn.mlspec.yaml"]),
            facts: Some(Facts {
                name: Some("Churn of customers (EU)".to_owned()),
                tags: words(&["smoke", "nightly"]),
                models: words(&["search", "random_forest"]),
                metrics: words(&["roc_auc"]),
            }),
            last: Some(Status::Fail),
        }
    }

    fn asked(text: &str, subject: &Subject) -> Option<bool> {
        parse(text).unwrap_or_else(|found| panic!("{text}: {found:?}")).matches(subject)
    }

    #[test]
    fn predicates_and_their_matchers() {
        let spec = spec();
        for (text, expected) in [
            ("all()", true),
            ("none()", false),
            ("name(Churn*)", true),
            ("name(~churn)", true),
            ("name(churn)", false),
            ("name(=Churn of customers (EU))", true),
            (r#"name("Churn of customers (EU)")"#, true),
            (r"name(Churn of customers \(EU\))", true),
            (r"name(/^Churn .*\(EU\)$/)", true),
            ("tag(smoke)", true),
            ("tag(smok?)", true),
            ("tag(#{smoke,daily})", true),
            ("tag(=smok?)", false),
            ("path(specs/old)", true),
            ("path(specs/old/**)", true),
            ("path(specs/*.mlspec.yaml)", false),
            ("path(**/churn*)", true),
            ("path(~old)", true),
            ("path(old/**)", false),
            ("model(random_forest)", true),
            ("model(ridge)", false),
            ("metric(roc_*)", true),
            ("status(failed)", true),
            ("status(fail)", true),
            ("status(error)", false),
            ("status(new)", false),
        ] {
            assert_eq!(asked(text, &spec), Some(expected), "{text}");
        }
    }

    #[test]
    fn operators_bind_as_in_other_languages() {
        let spec = spec();
        for (text, expected) in [
            ("none() & none() | all()", true),
            ("all() | none() & none()", true),
            ("(all() | none()) & none()", false),
            ("!none() & all()", true),
            ("not none() and not (none() or none())", true),
            ("all() - tag(smoke)", false),
            ("all() - tag(other) - tag(third)", true),
            ("! ! all()", true),
            ("tag(not)|all()", true),
        ] {
            assert_eq!(asked(text, &spec), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_neither_in_nor_out() {
        let unread = Subject { facts: None, ..spec() };
        assert_eq!(asked("tag(smoke)", &unread), None);
        assert_eq!(asked("!tag(smoke)", &unread), None);
        assert_eq!(asked("tag(smoke) | all()", &unread), Some(true));
        assert_eq!(asked("tag(smoke) & path(other)", &unread), Some(false));
        assert_eq!(asked("tag(smoke) & path(specs)", &unread), None);
    }

    #[test]
    fn predicates_that_hold_nowhere_are_told() {
        for (text, expected) in [
            ("path(specs/**) & !path(lost/**)", vec!["path(lost/**)"]),
            ("tag(smoek) | name(~Churn) | metric(no*)", vec!["tag(smoek)", "metric(no*)"]),
            ("status(new) | all()", vec![]),
        ] {
            let unmatched = parse(text).unwrap().unmatched(&[spec()]);
            let unmatched: Vec<&str> = unmatched.into_iter().map(|at| &text[at]).collect();
            assert_eq!(unmatched, expected, "{text}");
        }
        let unread = Subject { facts: None, ..spec() };
        assert!(parse("tag(smoek)").unwrap().unmatched(&[spec(), unread]).is_empty());
    }

    #[test]
    fn only_what_is_asked_for_is_needed() {
        let needs = |text: &str| parse(text).unwrap().needs();
        assert_eq!(needs("path(a) & all()"), Needs::default());
        assert_eq!(needs("!tag(a)"), Needs { facts: true, last: false });
        assert_eq!(needs("path(a) | status(new)"), Needs { facts: false, last: true });
    }
}
