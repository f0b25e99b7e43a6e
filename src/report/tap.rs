//! The report as a stream of the Test Anything Protocol, version 14: a test a spec, whose subtests
//! are its thresholds.

use std::fmt::Write as _;

use super::model::{Finding, Report, Spec, Verdict};
use super::wording::plain;
use crate::diagnostic::counted;
use crate::verdict::Status;

/// The report as text, ending in a line feed.
pub fn render(report: &Report) -> String {
    let mut out = format!("TAP version 14\n1..{}\n", report.specs.len() + report.diagnostics.len());
    for (number, spec) in (1..).zip(&report.specs) {
        subtest(&mut out, number, spec);
    }
    for (number, finding) in (report.specs.len() + 1..).zip(&report.diagnostics) {
        let _ = writeln!(out, "not ok {number} - {}", escaped(&finding.message));
        block(&mut out, "", &fields(finding));
    }
    match (report.interruption(), report.summary.not_begun) {
        (Some(finding), _) => {
            let _ = writeln!(out, "Bail out! {}", escaped(&finding.message));
        }
        (None, 0) => {}
        (None, left) => {
            let are = if left == 1 { "was" } else { "were" };
            let _ = writeln!(out, "# {} {are} not run", counted(left, "spec"));
        }
    }
    out
}

fn subtest(out: &mut String, number: usize, spec: &Spec) {
    const INDENT: &str = "    ";
    let name = format!("{} ({})", escaped(&spec.name), escaped(&spec.path));
    let _ = writeln!(out, "# Subtest: {name}");
    let errors: Vec<&Finding> = spec.other_errors().collect();
    let _ = writeln!(out, "{INDENT}1..{}", spec.verdicts.len() + errors.len());
    for (number, verdict) in (1..).zip(&spec.verdicts) {
        let ok = if verdict.status <= Status::Warn { "ok" } else { "not ok" };
        let what = escaped(&format!("{} {}", verdict.title(), verdict.required()));
        let _ = write!(out, "{INDENT}{ok} {number} - {what}");
        if verdict.status == Status::Skipped {
            let why = escaped(verdict.reason.as_deref().unwrap_or_default());
            let _ = writeln!(out, " # SKIP {why}");
            continue;
        }
        out.push('\n');
        block(out, INDENT, &values(spec, verdict));
    }
    for (number, finding) in (spec.verdicts.len() + 1..).zip(errors) {
        let _ = writeln!(out, "{INDENT}not ok {number} - {}", escaped(&finding.message));
        block(out, INDENT, &fields(finding));
    }
    let ok = if spec.passes() { "ok" } else { "not ok" };
    let skip = if spec.status == Status::Skipped { " # SKIP" } else { "" };
    let _ = writeln!(out, "{ok} {number} - {name}{skip}");
}

/// What a verdict was about, as the keys and values of a block of YAML.
fn values(spec: &Spec, verdict: &Verdict) -> Vec<(&'static str, String)> {
    let mut fields = vec![("status", verdict.status.word().to_owned())];
    if let Some(value) = verdict.value {
        fields.push(("value", value.to_string()));
    }
    fields.push(("required", text(&verdict.bound)));
    fields.push(("rows", verdict.rows.to_string()));
    fields.extend(verdict.reason.iter().map(|reason| ("reason", text(reason))));
    if verdict.status > Status::Pass {
        fields.push(("message", text(&spec.said(verdict))));
        fields.extend(verdict.because.iter().map(|because| ("because", text(because))));
        if let Some(at) = &verdict.location {
            fields.push(("at", text(&format!("{}:{}:{}", at.path, at.line, at.column))));
        }
    }
    fields
}

fn fields(finding: &Finding) -> Vec<(&'static str, String)> {
    let mut fields = vec![("code", text(&finding.code)), ("message", text(&finding.message))];
    fields.extend(finding.help.iter().map(|help| ("help", text(help))));
    match (&finding.location, &finding.at) {
        (Some(at), _) => {
            fields.push(("at", text(&format!("{}:{}:{}", at.path, at.line, at.column))));
        }
        (None, Some(at)) => fields.push(("at", text(at))),
        (None, None) => {}
    }
    fields
}

fn block(out: &mut String, indent: &str, fields: &[(&str, String)]) {
    let _ = writeln!(out, "{indent}  ---");
    for (key, value) in fields {
        let _ = writeln!(out, "{indent}  {key}: {value}");
    }
    let _ = writeln!(out, "{indent}  ...");
}

/// A quoted text; what JSON writes on one line, YAML reads.
fn text(text: &str) -> String {
    serde_json::Value::from(plain(text)).to_string()
}

/// A description: without what would begin a directive.
fn escaped(text: &str) -> String {
    plain(text).replace('\\', "\\\\").replace('#', "\\#")
}
