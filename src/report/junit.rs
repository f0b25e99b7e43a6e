//! The report for the test tabs of CI systems: JUnit's XML, a suite a spec and a case a threshold.
//! The common schema (that of Jenkins) knows properties of suites only, so values stand there.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::model::{Finding, Level, Report, Spec, Verdict};
use super::wording::{lines, plain};
use crate::verdict::Status;

/// The report as XML, ending in a line feed.
pub fn render(report: &Report) -> String {
    let mut out = quick_junit::Report::new("mlspec");
    out.set_time(duration(report.summary.duration_ms));
    out.add_test_suites(report.specs.iter().map(suite));
    let interruption = report.interruption();
    let loose: Vec<&Finding> = report.diagnostics.iter().chain(&interruption).collect();
    if !loose.is_empty() {
        let mut suite = TestSuite::new("mlspec");
        suite.add_test_cases(loose.into_iter().map(|each| of_finding("mlspec", each)));
        out.add_test_suite(suite);
    }
    let mut text = out.to_string().expect("text without control characters is written as XML");
    // The schema has this attribute for suites, and not for all of them together.
    let whole = format!(" skipped=\"{}\"", out.skipped);
    if let Some(at) = text.find(&whole) {
        text.replace_range(at..at + whole.len(), "");
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn duration(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds / 1e3).unwrap_or_default()
}

fn suite(spec: &Spec) -> TestSuite {
    let mut suite = TestSuite::new(plain(&spec.name));
    suite.set_time(duration(spec.duration_ms));
    suite.add_properties(properties(spec));
    let class = class(&spec.path);
    let mut named: Vec<String> = Vec::new();
    for verdict in &spec.verdicts {
        // Systems that follow a case over time know it by its name, which so has no value.
        let mut name = plain(&format!("{} {}", verdict.title(), verdict.required()));
        if named.contains(&name) {
            name = format!("{name} ({})", named.len() + 1);
        }
        named.push(name.clone());
        let mut case = TestCase::new(name, status(spec, verdict));
        case.set_classname(class.as_str());
        case.set_time(Duration::ZERO);
        if verdict.status == Status::Warn {
            case.set_system_out(lines(&format!("warning: {}", spec.said(verdict))));
        }
        suite.add_test_case(case);
    }
    let others: Vec<&Finding> = spec.other_errors().collect();
    suite.add_test_cases(others.iter().map(|each| of_finding(&class, each)));
    if spec.verdicts.is_empty() && others.is_empty() {
        // A spec that was only checked, or left out, is there as well.
        let status = match spec.status {
            Status::Skipped => TestCaseStatus::skipped(),
            Status::Pass | Status::Warn => TestCaseStatus::success(),
            Status::Inconclusive | Status::Fail | Status::Error | Status::Invalid => {
                TestCaseStatus::non_success(NonSuccessKind::Error)
            }
        };
        let mut case = TestCase::new("spec", status);
        case.set_classname(class.as_str());
        case.set_time(Duration::ZERO);
        suite.add_test_case(case);
    }
    let said = warnings(spec);
    if !said.is_empty() {
        suite.set_system_out(said);
    }
    suite
}

/// What the spec was and what it measured, by name.
fn properties(spec: &Spec) -> Vec<Property> {
    let mut all: Vec<(String, String)> = vec![
        ("path".to_owned(), plain(&spec.path)),
        ("status".to_owned(), spec.status.word().to_owned()),
    ];
    all.extend(spec.model.iter().map(|model| ("model".to_owned(), plain(model))));
    all.extend(spec.tags.iter().map(|tag| ("tag".to_owned(), plain(tag))));
    if let Some(data) = &spec.data {
        for (name, count) in [
            ("rows", data.rows),
            ("train_rows", data.train_rows),
            ("test_rows", data.test_rows),
            ("features", data.features),
        ] {
            all.push((name.to_owned(), count.to_string()));
        }
    }
    for each in &spec.measurements {
        let Some(value) = each.value else { continue };
        let name = match &each.slice {
            Some(slice) => {
                let value = slice.value.as_ref().map(|value| format!("={value}"));
                format!("{}@{}{}", each.name, slice.name, value.unwrap_or_default())
            }
            None => each.name.clone(),
        };
        all.push((plain(&name), value.to_string()));
    }
    all.into_iter().map(|(name, value)| Property::new(name, value)).collect()
}

/// The path in the form of a Java class, which is how systems group cases: `specs.penguins`.
fn class(path: &str) -> String {
    let stem = path.strip_suffix(".yaml").or(path.strip_suffix(".yml")).unwrap_or(path);
    let stem = stem.strip_suffix(".mlspec").unwrap_or(stem);
    plain(stem).trim_start_matches('/').replace('/', ".")
}

fn status(spec: &Spec, verdict: &Verdict) -> TestCaseStatus {
    let kind = match verdict.status {
        Status::Pass | Status::Warn => return TestCaseStatus::success(),
        Status::Skipped => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(plain(verdict.reason.as_deref().unwrap_or_default()));
            return status;
        }
        Status::Fail | Status::Inconclusive => NonSuccessKind::Failure,
        Status::Error | Status::Invalid => NonSuccessKind::Error,
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(plain(&spec.said(verdict))).set_type(match verdict.status {
        Status::Inconclusive => "mlspec::threshold::inconclusive",
        _ if kind == NonSuccessKind::Failure => "mlspec::threshold::missed",
        _ => "mlspec::threshold::undefined",
    });
    let mut text = verdict
        .location
        .as_ref()
        .map_or_else(String::new, |at| format!("{}:{}:{}\n", plain(&at.path), at.line, at.column));
    text.push_str(&spec.said(verdict));
    match (spec.explained(verdict).and_then(|each| each.help.as_deref()), &verdict.because) {
        (Some(help), _) => text.push_str(&format!("\n{help}")),
        (None, Some(because)) => text.push_str(&format!("\nbecause {because}")),
        (None, None) => {}
    }
    status.set_description(lines(&text));
    status
}

fn of_finding(class: &str, finding: &Finding) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(plain(&finding.message)).set_type(finding.code.as_str());
    let mut text = match (&finding.location, &finding.at) {
        (Some(at), _) => format!("{}:{}:{}\n", plain(&at.path), at.line, at.column),
        (None, Some(at)) => format!("{}\n", plain(at)),
        (None, None) => String::new(),
    };
    text.push_str(&finding.message);
    if let Some(help) = &finding.help {
        text.push_str(&format!("\n{help}"));
    }
    status.set_description(lines(&text));
    let name = finding.route.as_deref().or(finding.at.as_deref()).unwrap_or("spec");
    let mut case = TestCase::new(plain(&format!("{}: {name}", finding.code)), status);
    case.set_classname(class);
    case.set_time(Duration::ZERO);
    case
}

/// What a spec warns of beside its verdicts.
fn warnings(spec: &Spec) -> String {
    let warnings = spec.diagnostics.iter().filter(|each| each.severity == Level::Warning);
    let others = warnings.filter(|each| !each.is_of_verdict());
    let said: Vec<String> =
        others.map(|each| format!("warning: {}", lines(&each.message))).collect();
    said.join("\n")
}
