//! The report for GitLab's merge requests: its code quality format, an entry a finding.

use serde_json::{Value, json};

use super::fingerprint::Fingerprints;
use super::model::{Finding, Level, Report};
use super::wording::plain;

/// The report as a JSON list, ending in a line feed. Findings that belong to no file have no place
/// there, and are left out.
pub fn render(report: &Report) -> String {
    let mut fingerprints = Fingerprints::default();
    let mut entries = Vec::new();
    for spec in &report.specs {
        for finding in &spec.diagnostics {
            let fingerprint = fingerprints.of(&spec.path, finding);
            entries.push(entry(&spec.path, finding, &fingerprint));
        }
    }
    let mut text =
        serde_json::to_string_pretty(&Value::Array(entries)).expect("a JSON value serialises");
    text.push('\n');
    text
}

fn entry(path: &str, finding: &Finding, fingerprint: &str) -> Value {
    let (path, begin, end) = match &finding.location {
        Some(at) => (at.path.as_str(), at.line, at.end_line),
        None => (path, 1, 1),
    };
    let mut description = plain(&finding.message);
    if let Some(at) = &finding.at {
        description.push_str(&format!(" (at {})", plain(at)));
    }
    json!({
        "description": description,
        "check_name": plain(&finding.code),
        "fingerprint": fingerprint,
        "severity": severity(finding),
        "location": { "path": plain(path), "lines": { "begin": begin, "end": end } },
    })
}

/// A missed bound is major; what kept a spec from being judged at all is worse.
fn severity(finding: &Finding) -> &'static str {
    match finding.severity {
        Level::Warning => "minor",
        Level::Error if finding.is_of_verdict() => "major",
        Level::Error => "critical",
    }
}
