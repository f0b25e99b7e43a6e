//! Report files against the schemas of those who read them. What GitLab asks for is written down in
//! `tests/forms`; the schema of SARIF comes with `npm ci` there, and xmllint holds XML against a schema.
//! `.ci/run` installs both, and demands them by `MLSPEC_FORM_TESTS`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::support::{Workspace, names};

/// Everything that a spec can come to, with text that tries to break out.
fn suite() -> Workspace {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = Workspace::new();
    for folder in ["tests/page/suite", "tests/cases/report"] {
        let from = root.join(folder);
        for name in names(&from) {
            if from.join(&name).is_file() {
                let content = std::fs::read(from.join(&name)).expect("a file can be read");
                let content = String::from_utf8(content).expect("UTF-8");
                workspace.write(&name, content.replace("../../../specs/data/", ""));
            }
        }
    }
    for name in ["penguins.csv", "iris.csv"] {
        let from = root.join("specs/data").join(name);
        workspace.write(name, std::fs::read(from).expect("a file can be read"));
    }
    workspace
}

/// The reports of a form: of a run, of a check, of no spec at all.
fn reports(form: &str) -> Vec<(String, String)> {
    let workspace = suite();
    let mut all = Vec::new();
    for arguments in [&["run"][..], &["check"], &["run", "--filter", "tag(nobody)"]] {
        let report = format!("{form}=report");
        workspace.run(&[arguments, &["--report", &report]].concat());
        all.push((format!("{form} of {arguments:?}"), workspace.read("report")));
    }
    all
}

fn forms() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forms")
}

fn is_demanded() -> bool {
    std::env::var_os("MLSPEC_FORM_TESTS").is_some()
}

fn validates(schema: &str, what: &str, report: &str) -> Value {
    let schema = serde_json::from_str(schema).expect("a schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema is one");
    let report: Value = serde_json::from_str(report).expect("JSON");
    let wrong: Vec<String> = validator
        .iter_errors(&report)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(wrong, Vec::<String>::new(), "{what}");
    report
}

#[test]
fn gitlab_gets_all_that_its_documentation_asks_for() {
    let schema = std::fs::read_to_string(forms().join("gitlab.schema.json")).expect("a file");
    let mut seen = BTreeSet::new();
    for (what, report) in reports("gitlab") {
        let report = validates(&schema, &what, &report);
        let entries = report.as_array().expect("a list");
        let marks: BTreeSet<&str> =
            entries.iter().filter_map(|each| each["fingerprint"].as_str()).collect();
        assert_eq!(marks.len(), entries.len(), "{what}: GitLab shows one finding a fingerprint");
        for each in entries {
            let lines = &each["location"]["lines"];
            assert!(lines["end"].as_u64() >= lines["begin"].as_u64(), "{what}: {each}");
            seen.insert(each["severity"].as_str().expect("text").to_owned());
        }
    }
    assert_eq!(Vec::from_iter(seen), ["critical", "major", "minor"]);
}

#[test]
fn sarif_is_valid_by_its_schema() {
    let file =
        forms().join("node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
    if !file.is_file() && !is_demanded() {
        return;
    }
    let schema = std::fs::read_to_string(file).expect("the schema is installed");
    // A bracket that nothing opens is refused by some readers of patterns; the final version has none.
    let schema = schema.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
    for (what, report) in reports("sarif") {
        let report = validates(&schema, &what, &report);
        for run in report["runs"].as_array().expect("a list") {
            let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
            for result in run["results"].as_array().expect("a list") {
                let rule = rules.iter().find(|rule| rule["id"] == result["ruleId"]);
                assert!(rule.is_some(), "{what}: no rule for {result}");
            }
        }
    }
}

#[test]
fn junit_is_valid_by_a_schema_that_jenkins_would_take() {
    let xmllint = |arguments: &[&std::ffi::OsStr]| {
        Command::new("xmllint").args(["--noout", "--nonet"]).args(arguments).output()
    };
    if xmllint(&["--version".as_ref()]).is_err() && !is_demanded() {
        return;
    }
    let schema = forms().join("junit.xsd");
    let workspace = Workspace::new();
    for (what, report) in reports("junit") {
        workspace.write("report.xml", &report);
        let file = workspace.path("report.xml");
        let output = xmllint(&["--schema".as_ref(), schema.as_ref(), file.as_ref()]);
        let output = output.expect("xmllint starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{what}: {said}\n{report}");
        let count = |mark: &str| report.matches(mark).count();
        for (name, mark) in
            [("tests", "<testcase "), ("failures", "<failure "), ("errors", "<error ")]
        {
            let head = report.lines().find(|line| line.contains("<testsuites ")).expect("a head");
            assert!(head.contains(&format!("{name}=\"{}\"", count(mark))), "{what}: {head}");
        }
    }
}
