//! Compares two reports: which verdicts got better or worse, which are new, and which are gone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::look::Look;
use super::model::{Report, Spec, Verdict};
use super::wording::{in_json, plain};
use crate::diagnostic::number;
use crate::verdict::Status;

/// What changed from one report to another, in the order of the newer one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    pub format: &'static str,
    pub worse: Vec<Change>,
    pub better: Vec<Change>,
    pub new: Vec<Change>,
    pub gone: Vec<Change>,
    /// How many verdicts, and specs without any, are as they were.
    pub same: usize,
    /// Why the newer report does not tell of all specs, in words: what it left out may have got worse.
    pub incomplete: Option<String>,
}

/// A verdict, or a spec as a whole, in two reports.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    pub path: String,
    pub name: String,
    /// The metric, the slice and the bound; none where the change is that of a spec.
    pub what: Option<String>,
    pub before: Option<Side>,
    pub after: Option<Side>,
}

/// One side of a change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    pub status: Status,
    pub value: Option<f64>,
}

impl Side {
    /// `0.8312 (fail)`.
    pub fn shown(&self) -> String {
        match self.value {
            Some(value) => format!("{} ({})", number(value), self.status.word()),
            None => self.status.word().to_owned(),
        }
    }
}

/// How verdicts are told apart within a spec: what is compared, and which bound on it, in order.
type Key<'a> = (String, &'a str, usize);

impl Comparison {
    /// Whether something got worse, or is new and does not pass, or may have got worse unseen.
    pub fn is_worse(&self) -> bool {
        let fails = |change: &Change| {
            change.after.as_ref().is_some_and(|side| side.status > Status::Inconclusive)
        };
        !self.worse.is_empty() || self.new.iter().any(fails) || self.incomplete.is_some()
    }

    pub fn is_empty(&self) -> bool {
        [&self.worse, &self.better, &self.new, &self.gone].iter().all(|each| each.is_empty())
    }

    /// The comparison for programs, ending in a line feed.
    pub fn json(&self) -> String {
        in_json(serde_json::to_string_pretty(self).expect("texts and numbers serialise") + "\n")
    }

    /// The comparison for people: what changed, line by line, and how much of it.
    pub fn text(&self, look: Look) -> String {
        let mut out = String::new();
        for (word, changes, colour) in [
            ("worse", &self.worse, Some(AnsiColor::Red)),
            ("better", &self.better, Some(AnsiColor::Green)),
            ("new", &self.new, None),
            ("gone", &self.gone, None),
        ] {
            if changes.is_empty() {
                continue;
            }
            let style = Style::new().fg_color(colour.map(Into::into)).bold();
            let _ = writeln!(out, "{}", look.paint(style, word));
            for change in changes {
                let what = change.what.as_deref().map(|what| format!("  {}", plain(what)));
                let arrow = if look.unicode { " → " } else { " -> " };
                let sides = [&change.before, &change.after].into_iter().flatten();
                let sides: Vec<String> = sides.map(Side::shown).collect();
                let _ = writeln!(
                    out,
                    "  {}{}  {}",
                    look.dim(plain(&change.path)),
                    what.unwrap_or_default(),
                    sides.join(arrow)
                );
            }
            out.push('\n');
        }
        if let Some(why) = &self.incomplete {
            let _ = writeln!(out, "the newer report is incomplete: {why}\n");
        }
        let counts = [&self.worse, &self.better, &self.new, &self.gone].map(Vec::len);
        let _ = writeln!(
            out,
            "{} worse, {} better, {} new, {} gone, {} the same",
            counts[0], counts[1], counts[2], counts[3], self.same
        );
        out
    }

    /// Sorts a pair into what it means.
    fn add(&mut self, change: Change, moved: Moved) {
        match moved {
            Moved::Better => self.better.push(change),
            Moved::Worse => self.worse.push(change),
            Moved::Nowhere => self.same += 1,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moved {
    Better,
    Worse,
    Nowhere,
}

/// What changed. A value that moved by no more than `tolerance` counts as the same.
pub fn compare(old: &Report, new: &Report, tolerance: f64) -> Comparison {
    let mut all = Comparison {
        format: "mlspec-comparison/1",
        worse: Vec::new(),
        better: Vec::new(),
        new: Vec::new(),
        gone: Vec::new(),
        same: 0,
        incomplete: incomplete(old, new),
    };
    let before: BTreeMap<&str, &Spec> =
        old.specs.iter().map(|spec| (spec.path.as_str(), spec)).collect();
    for spec in &new.specs {
        match before.get(spec.path.as_str()) {
            Some(earlier) => specs(&mut all, earlier, spec, tolerance),
            None => all.new.push(change(spec, None, None, Some(of_spec(spec)))),
        }
    }
    for spec in &old.specs {
        if !new.specs.iter().any(|each| each.path == spec.path) {
            all.gone.push(change(spec, None, Some(of_spec(spec)), None));
        }
    }
    all
}

/// Why the newer report says too little for anything to be called no worse.
fn incomplete(old: &Report, new: &Report) -> Option<String> {
    let mut gaps = new.gaps();
    if gaps.is_empty() && new.specs.is_empty() && !old.specs.is_empty() {
        gaps.push("no spec was run".to_owned());
    }
    (!gaps.is_empty()).then(|| gaps.join(", "))
}

fn specs(all: &mut Comparison, old: &Spec, new: &Spec, tolerance: f64) {
    let (before, after) = (verdicts(old), verdicts(new));
    let mut told = false;
    if !before.is_empty() && !after.is_empty() {
        for (key, verdict) in &after {
            let what = Some(title(verdict));
            let side = Some(of_verdict(verdict));
            match before.iter().find(|(known, _)| known == key) {
                Some((_, earlier)) => {
                    told |= earlier.status != verdict.status;
                    let moved = moved(earlier, verdict, tolerance);
                    all.add(change(new, what, Some(of_verdict(earlier)), side), moved);
                }
                None => {
                    told = true;
                    all.new.push(change(new, what, None, side));
                }
            }
        }
        for (key, verdict) in &before {
            if !after.iter().any(|(known, _)| known == key) {
                told = true;
                let side = Some(of_verdict(verdict));
                all.gone.push(change(new, Some(title(verdict)), side, None));
            }
        }
    }
    // What its verdicts do not tell, such as a spec that became invalid.
    let without_verdicts = before.is_empty() || after.is_empty();
    if without_verdicts || (old.status != new.status && !told) {
        let moved = by_status(old.status, new.status).unwrap_or(Moved::Nowhere);
        all.add(change(new, None, Some(of_spec(old)), Some(of_spec(new))), moved);
    }
}

fn verdicts(spec: &Spec) -> Vec<(Key<'_>, &Verdict)> {
    let mut keyed: Vec<(Key<'_>, &Verdict)> = Vec::new();
    for verdict in &spec.verdicts {
        let (title, quantity) = (verdict.title(), verdict.quantity.as_str());
        let before =
            keyed.iter().filter(|((known, of, _), _)| *known == title && *of == quantity).count();
        keyed.push(((title, quantity, before), verdict));
    }
    keyed
}

/// What each verdict of a spec was in an earlier report of it, in their order.
pub fn before<'a>(old: &'a Spec, new: &Spec) -> Vec<Option<&'a Verdict>> {
    let old = verdicts(old);
    let of = |key: &Key<'_>| old.iter().find(|(known, _)| known == key).map(|(_, was)| *was);
    verdicts(new).iter().map(|(key, _)| of(key)).collect()
}

fn title(verdict: &Verdict) -> String {
    format!("{} {}", verdict.title(), verdict.required())
}

fn of_spec(spec: &Spec) -> Side {
    Side { status: spec.status, value: None }
}

fn of_verdict(verdict: &Verdict) -> Side {
    Side { status: verdict.status, value: verdict.value }
}

fn change(spec: &Spec, what: Option<String>, before: Option<Side>, after: Option<Side>) -> Change {
    Change { path: spec.path.clone(), name: spec.name.clone(), what, before, after }
}

/// How good a status is; lower is better. What was skipped is less than what passed.
fn rank(status: Status) -> u8 {
    match status {
        Status::Pass => 0,
        Status::Skipped => 1,
        Status::Warn => 2,
        Status::Inconclusive => 3,
        Status::Fail => 4,
        Status::Error => 5,
        Status::Invalid => 6,
    }
}

fn by_status(old: Status, new: Status) -> Option<Moved> {
    match rank(new).cmp(&rank(old)) {
        std::cmp::Ordering::Less => Some(Moved::Better),
        std::cmp::Ordering::Greater => Some(Moved::Worse),
        std::cmp::Ordering::Equal => None,
    }
}

fn moved(old: &Verdict, new: &Verdict, tolerance: f64) -> Moved {
    if let Some(moved) = by_status(old.status, new.status) {
        return moved;
    }
    // Times are never the same twice.
    let is_time = new.metric.ends_with("_seconds") || new.metric.contains("microseconds");
    let (Some(before), Some(after), false) = (old.value, new.value, is_time) else {
        return Moved::Nowhere;
    };
    let gain = match (new.low, new.high) {
        (Some(_), None) => after - before,
        (None, Some(_)) => before - after,
        (Some(low), Some(high)) => {
            let margin = |value: f64| (value - low).min(high - value);
            margin(after) - margin(before)
        }
        (None, None) => 0.0,
    };
    // Sums in another order move the last digits of a value.
    let noise = 1e-12 * before.abs().max(1.0);
    if gain.abs() <= tolerance.max(noise) {
        Moved::Nowhere
    } else if gain > 0.0 {
        Moved::Better
    } else {
        Moved::Worse
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::json;

    fn report(specs: &str) -> Report {
        let text = format!(
            r#"{{"format": "mlspec-report/1", "tool": {{"name": "mlspec", "version": "0"}}, "summary": {{}}, "specs": [{specs}]}}"#
        );
        json::read(&text).unwrap()
    }

    fn spec(path: &str, status: &str, verdicts: &[(&str, f64, &str)]) -> String {
        let verdicts: Vec<String> = verdicts
            .iter()
            .map(|(name, value, status)| {
                let end = if *name == "mae" || *name == "fit_seconds" { "high" } else { "low" };
                format!(
                    r#"{{"name": "{name}", "metric": "{name}", "bound": "b", "{end}": 0.5, "value": {value}, "status": "{status}"}}"#
                )
            })
            .collect();
        format!(
            r#"{{"path": "{path}", "name": "{path}", "status": "{status}", "verdicts": [{}]}}"#,
            verdicts.join(",")
        )
    }

    fn counts(old: &str, new: &str, tolerance: f64) -> [usize; 5] {
        let all = compare(&report(old), &report(new), tolerance);
        [all.worse.len(), all.better.len(), all.new.len(), all.gone.len(), all.same]
    }

    #[test]
    fn values_move_towards_or_away_from_their_bound() {
        let of = |name: &str, value| spec("a", "pass", &[(name, value, "pass")]);
        assert_eq!(counts(&of("f1", 0.8), &of("f1", 0.7), 0.0), [1, 0, 0, 0, 0]);
        assert_eq!(counts(&of("mae", 0.4), &of("mae", 0.3), 0.0), [0, 1, 0, 0, 0]);
        assert_eq!(counts(&of("f1", 0.8), &of("f1", 0.79), 0.05), [0, 0, 0, 0, 1]);
        assert_eq!(counts(&of("f1", 0.8), &of("f1", 0.8 + 1e-14), 0.0), [0, 0, 0, 0, 1]);
        assert_eq!(counts(&of("fit_seconds", 0.1), &of("fit_seconds", 0.2), 0.0), [0, 0, 0, 0, 1]);
    }

    #[test]
    fn a_status_weighs_more_than_a_value() {
        let pass = spec("a", "pass", &[("f1", 0.6, "pass")]);
        let fail = spec("a", "fail", &[("f1", 0.6, "fail")]);
        assert_eq!(counts(&pass, &fail, 1.0), [1, 0, 0, 0, 0]);
        assert_eq!(counts(&fail, &pass, 1.0), [0, 1, 0, 0, 0]);
        let skipped = spec("a", "pass", &[("f1", 0.6, "skipped")]);
        assert_eq!(counts(&pass, &skipped, 1.0), [1, 0, 0, 0, 0], "what is skipped passed before");
    }

    #[test]
    fn specs_and_verdicts_come_and_go() {
        let one = spec("a", "pass", &[("f1", 0.6, "pass")]);
        let two =
            spec("a", "pass", &[("f1", 0.6, "pass"), ("f1", 0.6, "pass"), ("mae", 0.1, "pass")]);
        let other = spec("b", "pass", &[("f1", 0.6, "pass")]);
        assert_eq!(counts(&one, &two, 0.0), [0, 0, 2, 0, 1]);
        assert_eq!(counts(&two, &one, 0.0), [0, 0, 0, 2, 1]);
        assert_eq!(counts(&one, &other, 0.0), [0, 0, 1, 1, 0]);
    }

    #[test]
    fn a_report_that_does_not_tell_of_all_specs_is_no_better() {
        let old = report(&spec("a", "pass", &[("f1", 0.6, "pass")]));
        let same = compare(&old, &old, 0.0);
        assert!(!same.is_worse() && same.incomplete.is_none());
        let none = compare(&old, &report(""), 0.0);
        assert!(none.is_worse() && none.text(PLAIN).contains("incomplete: no spec was run"));
        assert!(!compare(&report(""), &report(""), 0.0).is_worse());
        let mut new = old.clone();
        (new.summary.specs, new.summary.not_begun, new.summary.interrupted) = (1, 2, true);
        let cut = compare(&old, &new, 0.0);
        assert!(cut.is_worse());
        assert_eq!(cut.incomplete.as_deref(), Some("interrupted after 1 spec, 2 not run"));
        assert!(cut.markdown(2_000).contains("incomplete: interrupted after 1 spec, 2 not run"));
    }

    const PLAIN: Look = Look { colour: false, unicode: false, width: 80, links: false };

    #[test]
    fn a_spec_without_verdicts_is_one_change() {
        let pass = spec("a", "pass", &[("f1", 0.6, "pass")]);
        let invalid = spec("a", "invalid", &[]);
        assert_eq!(counts(&pass, &invalid, 0.0), [1, 0, 0, 0, 0]);
        assert_eq!(counts(&invalid, &pass, 0.0), [0, 1, 0, 0, 0]);
        assert_eq!(counts(&invalid, &invalid, 0.0), [0, 0, 0, 0, 1]);
        // A status that no verdict explains, such as that of a note.
        let noted = spec("a", "error", &[("f1", 0.6, "pass")]);
        assert_eq!(counts(&pass, &noted, 0.0), [1, 0, 0, 0, 1]);
    }
}
