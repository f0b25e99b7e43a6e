//! One spec whose every name tries to break out, through every form of report and every text for people.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::support::Workspace;

/// Tags, ends of sections and comments, commands of CI systems, marks of tables and lists, line breaks,
/// escape sequences, and a mark that turns the direction of writing.
const EVIL: &str = "<script>alert(1)</script><img src=x> ]]> --> ::error::boo %0A | `x` **b** [l](u) @all #1\n::warning::two\nnot ok 9\n1..7\r\n\u{1b}[31mred\u{1b}[0m \u{202e}back\u{7}\u{9b}1m";

/// What a file can be called on Unix.
const SPEC: &str = "a<b>]]>\n::error::x | \u{1b}[31m\u{202e}.mlspec.yaml";
const TABLE: &str = "d<b>]]>\n::error::y | \u{1b}[31m\u{202e}.csv";

fn text(value: &Value) -> String {
    // YAML takes JSON, and escapes keep control characters out of the file.
    let text = serde_json::to_string_pretty(value).expect("a value serialises");
    text.replace('\u{9b}', "\\u009b")
}

/// The spec with a table in which columns, classes and values of a slice are named like that.
fn hostile(bound: &Value) -> Workspace {
    let workspace = Workspace::new();
    let mut table = format!("\"size{EVIL}\",\"{EVIL}\",\"site{EVIL}\"\n");
    for at in 0..40 {
        let (class, site) = (at % 2, u8::from(at % 3 > 0));
        table.push_str(&format!("{},\"{EVIL}{class}\",\"{EVIL}{site}\"\n", at * 7 % 40));
    }
    workspace.write(TABLE, table);
    let spec = json!({
        "version": 1,
        "name": EVIL,
        "description": EVIL,
        "tags": [EVIL],
        "data": { "path": TABLE, "target": EVIL, "split": { "holdout": { "test": 0.5 } } },
        "model": { "decision_tree": { "max_depth": 3 } },
        "slices": { "s": { "by": format!("site{EVIL}"), "min_rows": 1 } },
        "thresholds": { "accuracy": { "min": bound, "because": EVIL }, "accuracy@s": { "min": 1 } },
    });
    workspace.write(SPEC, text(&spec));
    workspace
}

/// Fails where a text would steer what shows it.
#[track_caller]
fn is_tame(what: &str, text: &str) {
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2066}'..='\u{2069}')
    };
    let found = text.char_indices().find(|(_, c)| steers(*c));
    let near = found.map(|(at, c)| (c, &text[text.floor_char_boundary(at.saturating_sub(40))..at]));
    assert_eq!(near, None, "{what}");
}

fn report(workspace: &Workspace, form: &str) -> String {
    let ran = workspace.run(&["run", "--charts", "--trace", "--report", &format!("{form}=report")]);
    is_tame("standard output", &ran.stdout);
    is_tame("standard error", &ran.stderr);
    workspace.read("report")
}

fn strings<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|each| strings(each, found)),
        Value::Object(map) => map.values().for_each(|each| strings(each, found)),
        _ => {}
    }
}

#[cfg(unix)]
#[test]
fn no_form_of_a_report_can_be_broken_out_of() {
    let workspace = hostile(&json!(1));
    // For programs everything is there as it was; escaped, so that a terminal is not steered either.
    let json = report(&workspace, "json");
    is_tame("json", &json);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let spec = &json["specs"][0];
    assert_eq!((&spec["name"], &spec["path"]), (&json!(EVIL), &json!(SPEC)));
    assert_eq!(spec["status"], "fail");
    for form in ["junit", "sarif", "github", "gitlab", "markdown", "tap", "html"] {
        is_tame(form, &report(&workspace, form));
    }
    for form in ["sarif", "gitlab"] {
        let report: Value = serde_json::from_str(&report(&workspace, form)).expect("JSON");
        let mut all = Vec::new();
        strings(&report, &mut all);
        all.iter().for_each(|text| is_tame(form, text));
    }
    let junit = report(&workspace, "junit");
    for each in ["<script", "<img", "]]>", "<b>"] {
        assert!(!junit.contains(each), "{each} in {junit}");
    }
    let tags: BTreeSet<&str> = junit
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split([' ', '>', '/']).find(|word| !word.is_empty()))
        .collect();
    let known =
        ["?xml", "failure", "properties", "property", "testcase", "testsuite", "testsuites"];
    assert_eq!(Vec::from_iter(tags), known);
    let github = report(&workspace, "github");
    assert_eq!(github.lines().count(), 3, "{github}");
    for line in github.lines() {
        let (properties, message) = line
            .strip_prefix("::error ")
            .and_then(|rest| rest.split_once("::"))
            .expect("a command");
        for name in properties.split(',').map(|each| each.split('=').next().unwrap_or_default()) {
            assert!(
                ["file", "line", "endLine", "col", "endColumn", "title"].contains(&name),
                "{line}"
            );
        }
        assert!(message.starts_with("accuracy"), "{line}");
    }
    let tap = report(&workspace, "tap");
    let of = |start: &str| tap.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!((of("TAP version 14"), of("1..1"), of("not ok "), of("ok ")), (1, 1, 1, 0), "{tap}");
    assert_eq!((of("    1..3"), of("    not ok "), of("    ok ")), (1, 3, 0), "{tap}");
    let markdown = report(&workspace, "markdown");
    for each in ["<script", "<img", "<b>", "@all", "#1", "**b**", "[l](u)", "`x`", "\n::"] {
        assert!(!markdown.contains(each), "{each} in {markdown}");
    }
    // A row has as many cells as the head of its table.
    let mut cells = 0;
    for line in markdown.lines() {
        let bars = line.replace("\\|", "").matches('|').count();
        assert!(bars == 0 || cells == 0 || bars == cells, "{line}");
        cells = bars;
    }
    let html = report(&workspace, "html");
    for each in ["<script>alert", "<img", "<b>", "http:", "https:"] {
        assert!(!html.contains(each), "{each} in the page");
    }
    assert_eq!(html.matches("<script").count(), 1, "the script of the page alone");
}

#[cfg(unix)]
#[test]
fn no_text_for_people_steers_a_terminal() {
    let workspace = hostile(&json!(1));
    workspace.run(&["run", "--report", "json=old.json", SPEC]).ends(1);
    workspace.write(SPEC, workspace.read(SPEC).replace("\"max_depth\": 3", "\"max_depth\": 1"));
    workspace.run(&["run", "--report", "json=new.json", SPEC]).ends(1);
    for (arguments, status) in [
        (&["run", "--trace", "--verbose", SPEC][..], 1),
        (&["run", "--github", "always", SPEC], 1),
        (&["check", SPEC], 0),
        (&["plan", SPEC], 0),
        (&["plan", SPEC, "--format", "json"], 0),
        (&["plan", SPEC, "--format", "yaml"], 0),
        (&["run", SPEC, "--format", "json"], 1),
        (&["report", "compare", "old.json", "new.json"], 0),
        (&["report", "compare", "old.json", "new.json", "--format", "markdown"], 0),
        (&["run", &SPEC.replace("<b>", "<c>")], 2),
        (&["run", "--filter", EVIL], 2),
        (&["init", TABLE, "--target", EVIL, "-o", "-"], 0),
    ] {
        let ran = workspace.run(arguments).ends(status);
        is_tame(&format!("standard output of {arguments:?}"), &ran.stdout);
        is_tame(&format!("standard error of {arguments:?}"), &ran.stderr);
        if arguments == ["plan", SPEC] {
            let steps = ran.stdout.lines().filter(|line| !line.is_empty());
            for line in steps.skip(1) {
                assert!(line.starts_with(' ') || line.starts_with("left to run"), "{ran}");
            }
        }
    }
    // What is wrong is shown with its line, and that line steers nothing either: raw in a comment, and where
    // YAML refuses it.
    for bad in ["\u{202e}", "\u{9b}31m", "\u{1b}[31m"] {
        workspace.write(SPEC, format!("version: 1\nname: x # {bad} y\ndata: {{ path: {bad} }}\n"));
        for command in ["check", "run"] {
            let ran = workspace.run(&[command, SPEC]);
            assert!(ran.status == Some(2), "{ran}");
            is_tame(command, &ran.stdout);
            is_tame(command, &ran.stderr);
        }
    }
}
