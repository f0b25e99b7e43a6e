//! Quick fixes as a reader sees them: the lines with the cursor, what is found there, and the lines after each fix.

use std::fs;
use std::time::Duration;

use super::super::testing::{CURSOR, Opened};
use super::*;
use crate::kinds::models::StopFlag;
use crate::text::apply;

const TABLE: &str =
    "species,body mass,größe,\"a \"\"b\"\"\",year\na,1,2,3,4\nb,2,3,4,5\na,3,4,5,6\nb,4,5,6,7\n";

const SPEC: &str = "\
# The gate.
version: 1
data:
  path: data.csv # from the field
  target: species
model:
  dummy: {}
metrics:
  - accuracy
  - f1: { average: macro, as: f1_macro }
slices:
  heavy: { where: '\"body mass\" > 2', min_rows: 1 }
thresholds:
  accuracy: \"> 0.1\"
  accuracy@heavy: \"> 0.1\"
";

/// What is offered at the mark of a spec in which one piece is another: `§` is the cursor.
fn offered(old: &str, marked: &str) -> String {
    assert_eq!(SPEC.matches(old).count(), 1, "{old}");
    offered_in(&SPEC.replace(old, marked))
}

fn offered_in(marked: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("data.csv"), TABLE).unwrap();
    let path = folder.path().join("a.mlspec.yaml");
    let opened = Opened::at(path.clone(), &marked.replace('§', &CURSOR.to_string()));
    let (environment, clock, stop) = (|_: &str| None, || Duration::ZERO, StopFlag::new());
    let session = Session::new(&environment, &clock, &stop);
    let view = opened.view();
    let outcome = session.check_text(Source::new(path, view.text));
    let actions = fixes(&view, &outcome, &(opened.cursor..opened.cursor));
    let mut drawn = String::new();
    let mut told = Vec::new();
    for action in &actions {
        let after = apply(view.text, &action.changes).expect("changes that go together");
        if told.is_empty() {
            drawn.push_str(&changed(marked, &after));
        }
        let finding = action.finding.expect("a quick fix has its finding");
        if !told.contains(&finding) {
            told.push(finding);
            drawn.push_str(&format!("✗ {}\n", finding.message));
        }
        let certain = if action.preferred { ", certainly" } else { "" };
        drawn.push_str(&format!("→ {}{certain}\n{}", action.title, changed(&after, view.text)));
    }
    if drawn.is_empty() {
        let line = marked.lines().find(|line| line.contains('§')).expect("the cursor");
        drawn = format!("    {line}\n✗ nothing to mend\n");
    }
    let folder = format!("{}/", folder.path().display());
    drawn.replace(&folder, "")
}

/// The lines of a text that another one has not, below the line before them.
fn changed(text: &str, other: &str) -> String {
    let (lines, others): (Vec<&str>, Vec<&str>) =
        (text.split('\n').collect(), other.split('\n').collect());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let before = lines.iter().zip(&others).take_while(same).count();
    let most = lines.len().min(others.len()) - before;
    let after = lines.iter().rev().zip(others.iter().rev()).take(most).take_while(same).count();
    let shown = &lines[before.saturating_sub(1)..lines.len() - after];
    shown.iter().map(|line| format!("    {}\n", line.replace('\r', "␍"))).collect()
}

fn sheet(cases: &[(&str, &str)]) -> String {
    let case = |(old, marked): &(&str, &str)| offered(old, marked);
    cases.iter().map(case).collect::<Vec<_>>().join("────\n")
}

#[test]
fn names_that_were_nearly_right() {
    insta::assert_snapshot!(sheet(&[
        ("metrics:", "metr§ic:"),
        ("target: species", "tar§ket: species"),
        ("dummy: {}", "dum§y: {}"),
        ("dummy: {}", "logistic_regression: { C§: 2 }"),
        ("dummy: {}", "LogisticRegression§: {}"),
        ("average: macro", "average: mar§co"),
        ("  - accuracy\n", "  - acura§cy\n"),
        ("target: species", "target: spe§ceis"),
        ("species\n", "species\n  exclude: [year, '§grösse']\n"),
        ("'\"body mass\" > 2'", "'\"body mas§\" > 2'"),
        ("where: '\"body mass\" > 2'", "by: body§mass"),
        ("data.csv", "dat§.csv"),
        ("accuracy: \"", "ac§uracy: \""),
        ("accuracy@heavy", "accuracy@§hevy"),
        ("accuracy@heavy", "f1_§makro@heavy"),
        ("accuracy@heavy", "\"accuracy@h§evy\""),
        ("as: f1_macro", "as: F1§-macro"),
        ("heavy: {", "By-Is§land: {"),
    ]));
}

#[test]
fn keys_that_are_missing_and_keys_too_many() {
    insta::assert_snapshot!(sheet(&[
        ("version: 1\ndata", "§data"),
        ("data:\n  path: data.csv # from the field\n  target: species\n", "§"),
        ("1\ndata:\n  path: data.csv # from the field\n", "1\ndat§a:\n"),
        ("a:\n  path: data.csv # from the field\n  target: species", "a§:\n  path: data.csv"),
        ("species\n", "species\n  §target: year\n"),
        ("dummy: {}", "dummy: {}\n  rid§ge: {}"),
        ("dummy: {}", "vot§ing: {}"),
        ("dummy: {}", "calibrate§:"),
        ("dummy: {}", "sea§rch: { model: { ridge: {} } }"),
        ("  - accuracy\n", "  - f_be§ta\n"),
        ("\"> 0.1\"\n  accuracy@heavy", "{ min: 0.1, above§: 0.2 }\n  accuracy@heavy"),
    ]));
}

#[test]
fn bounds_that_say_nothing_or_are_none() {
    let of = "accuracy: \"> 0.1\"";
    insta::assert_snapshot!(sheet(&[
        (of, "accuracy: > 0§.1"),
        (of, "accuracy: [ > 0§.1 ]"),
        (of, "accuracy: 0§.1"),
        (of, "accuracy: \"0§.1\""),
        (of, "accuracy: \"§=> 0.1\""),
        (of, "accuracy: '> 0§,1'"),
        (of, "accuracy: 95§%"),
        (of, "accuracy: \"> 9§5\""),
        (of, "accuracy: \"> 1.§2\""),
        (of, "accuracy:\n    - \"§> 1\" # perfect\n    - \"> 0.5\""),
        (of, "accuracy: 1.2§ .. 1.5"),
        (of, "accuracy: \">=§ 0\""),
        (of, "accuracy: { min: 1§.2, because: we dream }"),
        (of, "accuracy: { above: 1§.5 }"),
        (of, "accuracy: { over_dummy: 5§ }"),
        (of, "accuracy: { max_train_gap: 10§ }"),
        ("accuracy: \"> 0.1\"\n  accuracy@heavy: \"> 0.1\"", "accuracy: \"< 0§.9\""),
        ("accuracy: \"> 0.1\"\n  accuracy@heavy: \"> 0.1\"", "accuracy: { max: 0.9 }§"),
        (of, "accuracy: { mni§: 0.2 }"),
    ]));
}

#[test]
fn values_of_another_form() {
    insta::assert_snapshot!(sheet(&[
        ("version: 1", "version: \"§1\""),
        ("dummy: {}", "logistic_regression: { c: \"1§.0\" }"),
        ("dummy: {}", "logistic_regression: { fit_intercept: y§es }"),
        ("dummy: {}", "k_nearest_neighbors: { n_neighbors: 0§ }"),
        ("species\n", "species\n  exclude: ye§ar\n"),
        ("species\n", "species\n  split: { holdout: { test: 2§5 } }\n"),
        ("model:\n  dummy: {}", "model: dum§my"),
    ]));
}

#[test]
fn what_stands_around_stays() {
    let windows = SPEC.replace("  - accuracy\n", "  - acura§cy\n").replace('\n', "\r\n");
    let quoted = SPEC.replace("target: species", "\"tar§ket\" : species # the answer");
    let flow = SPEC.replace("model:\n  dummy: {}", "model: {dumm§i: {} } # one");
    let alias = SPEC.replace("dummy: {}", "random_forest: &a { max_dept§h: 2 }\nx-a: *a");
    let sheets = [windows, quoted, flow, alias].map(|marked| offered_in(&marked));
    insta::assert_snapshot!(sheets.join("────\n"));
}

#[test]
fn nothing_is_offered_elsewhere_and_for_an_older_text() {
    assert!(offered("dummy: {}", "dumy: {} #    §").ends_with("nothing to mend\n"));
    let opened = Opened::new("version: 1\nmodle: {}\n");
    let (environment, clock, stop) = (|_: &str| None, || Duration::ZERO, StopFlag::new());
    let session = Session::new(&environment, &clock, &stop);
    let outcome = session.check_text(Source::new("/specs/a.mlspec.yaml", opened.view().text));
    let all = 0..opened.view().text.len();
    assert!(!fixes(&opened.view(), &outcome, &all).is_empty());
    let typed = opened.typed("version: 1\nmodle: {} #\n");
    assert_eq!(fixes(&typed.view(), &outcome, &all), []);
}

#[test]
fn kinds_are_asked_for_by_more_general_names_as_well() {
    for asked in ["", "source", "source.fixAll", "source.fixAll.mlspec"] {
        assert!(FIX_ALL.is_of(asked), "{asked}");
    }
    for asked in ["source.organizeImports", "source.fix", "source.fixAll.eslint", "quickfix"] {
        assert!(!FIX_ALL.is_of(asked), "{asked}");
    }
    assert!(QUICK.is_of("quickfix") && !QUICK.is_of("refactor"));
}
