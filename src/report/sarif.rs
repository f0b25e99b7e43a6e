//! The report for code scanning: SARIF 2.1.0, a result a finding and a rule a code.

use serde_json::{Value, json};

use super::fingerprint::Fingerprints;
use super::fixes::{Edit, Proposal};
use super::model::{Finding, Level, Report};
use super::spans::Location;
use super::wording::{lines, plain, uri};
use crate::diagnostic::Code;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The report as JSON, ending in a line feed.
pub fn render(report: &Report) -> String {
    let mut rules: Vec<&str> = Vec::new();
    let mut fingerprints = Fingerprints::default();
    let mut results = Vec::new();
    for spec in &report.specs {
        for finding in &spec.diagnostics {
            let rule = position(&mut rules, &finding.code);
            let mark = fingerprints.of(&spec.path, finding);
            results.push(result(&spec.path, finding, rule, &mark));
        }
    }
    // A result has to have a place in a file; what has none is told of the run.
    let notices: Vec<Value> = report
        .diagnostics
        .iter()
        .map(|finding| {
            let rule = position(&mut rules, &finding.code);
            json!({
                "descriptor": { "id": plain(&finding.code), "index": rule },
                "level": level(finding),
                "message": { "text": message(finding) },
            })
        })
        .collect();
    let summary = &report.summary;
    let done = !summary.interrupted && report.diagnostics.is_empty();
    let mut invocation = json!({ "executionSuccessful": done });
    if !notices.is_empty() {
        invocation["toolExecutionNotifications"] = Value::Array(notices);
    }
    let sarif = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": plain(&report.tool.name),
                "semanticVersion": plain(&report.tool.version),
                "rules": rules.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation],
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&sarif).expect("a JSON value serialises");
    text.push('\n');
    text
}

/// Where a code stands among the rules; it is added where it is new.
fn position<'a>(rules: &mut Vec<&'a str>, code: &'a str) -> usize {
    rules.iter().position(|known| *known == code).unwrap_or_else(|| {
        rules.push(code);
        rules.len() - 1
    })
}

fn rule(name: &str) -> Value {
    let Some(code) = Code::find(name) else {
        // Of a report that a later version wrote.
        return json!({ "id": plain(name) });
    };
    json!({
        "id": code.name(),
        "name": format!("{code:?}"),
        "shortDescription": { "text": code.summary() },
        "fullDescription": { "text": code.explanation() },
        "help": { "text": code.explanation(), "markdown": code.explanation() },
    })
}

fn level(finding: &Finding) -> &'static str {
    match finding.severity {
        Level::Error => "error",
        Level::Warning => "warning",
    }
}

fn message(finding: &Finding) -> String {
    let mut text = lines(&finding.message);
    if let Some(at) = &finding.at {
        text.push_str(&format!("\nat {}", plain(at)));
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("\n{}", lines(help)));
    }
    text
}

fn result(path: &str, finding: &Finding, rule: usize, fingerprint: &str) -> Value {
    let place = match &finding.location {
        Some(location) => physical(location),
        None => json!({ "artifactLocation": artifact(path), "region": { "startLine": 1 } }),
    };
    let mut result = json!({
        "ruleId": plain(&finding.code),
        "ruleIndex": rule,
        "level": level(finding),
        "message": { "text": message(finding) },
        "locations": [{ "physicalLocation": place }],
        "partialFingerprints": { "mlspecFinding/v1": fingerprint },
    });
    let related: Vec<Value> = finding
        .related
        .iter()
        .filter_map(|related| Some((related, related.location.as_ref()?)))
        .enumerate()
        .map(|(id, (related, location))| {
            json!({
                "id": id,
                "physicalLocation": physical(location),
                "message": { "text": plain(&related.message) },
            })
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    let fixes: Vec<Value> = finding
        .fixes
        .iter()
        .filter(|fix| !fix.edits.is_empty())
        .map(|each| fix(path, each))
        .collect();
    if !fixes.is_empty() {
        result["fixes"] = Value::Array(fixes);
    }
    result
}

fn fix(path: &str, fix: &Proposal) -> Value {
    let replacement = |edit: &Edit| {
        let mut replacement = json!({ "deletedRegion": region(&edit.location) });
        if !edit.text.is_empty() {
            replacement["insertedContent"] = json!({ "text": edit.text });
        }
        replacement
    };
    json!({
        "description": { "text": plain(&fix.title) },
        "artifactChanges": [{
            "artifactLocation": artifact(path),
            "replacements": fix.edits.iter().map(replacement).collect::<Vec<_>>(),
        }],
    })
}

fn physical(location: &Location) -> Value {
    json!({ "artifactLocation": artifact(&location.path), "region": region(location) })
}

fn artifact(path: &str) -> Value {
    match path.starts_with('/') {
        true => json!({ "uri": uri(path) }),
        false => json!({ "uri": uri(path), "uriBaseId": "%SRCROOT%" }),
    }
}

fn region(location: &Location) -> Value {
    json!({
        "startLine": location.line,
        "startColumn": location.column,
        "endLine": location.end_line,
        "endColumn": location.end_column,
    })
}
