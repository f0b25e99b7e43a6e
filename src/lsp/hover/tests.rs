use serde_json::json;

use super::super::testing::{CURSOR, Opened};
use super::*;
use crate::session::{Known, KnownColumn};
use crate::store::{LastRun, text_digest};

fn known() -> Known {
    let mass = KnownColumn {
        name: "body mass".to_owned(),
        dtype: "float".to_owned(),
        missing: Some(2),
        values: vec!["3750".to_owned(), "3800".to_owned()],
        distribution: Some("from 2700 to 6300, median 4050".to_owned()),
        derived: false,
    };
    let species = KnownColumn {
        name: "species".to_owned(),
        dtype: "text".to_owned(),
        missing: Some(0),
        values: Vec::new(),
        distribution: None,
        derived: true,
    };
    let classes = ["Adelie", "Gentoo"].map(ToOwned::to_owned).to_vec();
    Known { columns: vec![mass, species], predictions: Vec::new(), classes, task: None }
}

fn opened(marked: &str) -> Opened {
    Opened::new(&marked.replace('§', &CURSOR.to_string())).knowing(known())
}

/// What is explained at the mark, and how.
fn drawn_of(opened: &Opened) -> String {
    let view = opened.view();
    let environment = |name: &str| (name == "SECRET").then(|| "hunter2".to_owned());
    match hover(&view, opened.cursor, &environment) {
        Some(hover) => format!("⟦{}⟧\n{}", &view.text[hover.range], hover.markdown),
        None => "nothing".to_owned(),
    }
}

fn drawn(marked: &str) -> String {
    drawn_of(&opened(marked))
}

/// Several of them, each below its text.
fn sheet(cases: &[&str]) -> String {
    let case = |marked: &&str| format!("{marked}\n{}\n", drawn(marked));
    cases.iter().map(case).collect::<Vec<_>>().join("\n────\n")
}

#[test]
fn kinds_and_keys() {
    insta::assert_snapshot!(sheet(&[
        "model:\n  rid§ge: { alpha: 1 }\n",
        "model:\n  ridge: { al§pha: 1 }\n",
        "model:\n  ridge: { alpha: §1 }\n",
        "da§ta:\n  path: a.csv\n",
        "data:\n  ta§sk: regression\n",
        "data:\n  task: regr§ession\n",
        "prepare: [max_a§bs]\n",
        "slices:\n  a:\n    min§_rows: 5\n",
    ]));
    assert_eq!(drawn("x-mine: { a§: 1 }\n"), "nothing");
    assert_eq!(drawn("# da§ta:\n"), "nothing");
}

#[test]
fn keys_while_the_text_is_no_yaml() {
    let text = drawn("data: { path: [\nmodel:\n  ridge: { al§pha: \n");
    assert!(text.starts_with("⟦alpha⟧"), "{text}");
}

#[test]
fn columns_and_classes() {
    insta::assert_snapshot!(sheet(&[
        "data:\n  exclude: [body§ mass]\n",
        "data:\n  where: \"\\\"body§ mass\\\" > 3\"\n",
        "data:\n  target: spe§cies\n",
        "data:\n  features: [\"*s§*\"]\n",
        "data:\n  exclude: [\"no§*\"]\n",
        "data:\n  positive: Gen§too\n",
    ]));
    assert_eq!(drawn("data:\n  target: no§ne\n"), "nothing");
    let open = drawn("data:\n  where: '3 < \"body§ mass'\n");
    assert!(open.starts_with("⟦\"body mass⟧"), "YAML's quote is none of the name: {open}");
}

#[test]
fn variables_never_show_their_values() {
    let set = drawn("data:\n  path: a/${SEC§RET}/b.csv\n");
    insta::assert_snapshot!(set);
    assert!(!set.contains("hunter2"));
    insta::assert_snapshot!(sheet(&[
        "data:\n  path: §${OTHER:-data}/b.csv\n",
        "data:\n  path: ${OTHER§}/b.csv\n",
    ]));
    assert!(!drawn("data:\n  path: $${SEC§RET}\n").contains("variable"), "escaped");
}

#[test]
fn anchors_and_aliases() {
    insta::assert_snapshot!(sheet(&[
        "x-a: &bound\n    min: 0.5\n    because: it is\nthresholds: { f1: *bo§und }\n",
        "x-a: &bo§und { min: 0.5 }\nthresholds: { f1: *bound, r2: *bound }\n",
    ]));
}

#[test]
fn thresholds_show_the_last_run() {
    let text = "metrics: [{ f1: { as: mine } }]\nslices: { where_from: { by: island } }\nthresholds:\n  mine@where_from: '> 0.5'\n";
    let last: LastRun = serde_json::from_value(json!({
        "format": "mlspec-last/1", "version": env!("CARGO_PKG_VERSION"), "spec": "/a",
        "status": "fail", "text": text_digest(text), "inputs": [], "when": 0,
        "verdicts": [{
            "title": "mine@where_from=Dream", "metric": "f1", "slice": ["where_from", "Dream"],
            "quantity": "value", "required": "> 0.5", "value": 0.4, "shown": "0.4", "status": "fail",
            "route": ["thresholds", "mine@where_from"],
        }],
    }))
    .unwrap();
    let marked = text.replace("mine@", "mi§ne@");
    let hover = drawn_of(&opened(&marked).last(last.clone()));
    let (head, _) = hover.split_once("The harmonic").unwrap();
    insta::assert_snapshot!(head);
    let marked = text.replace("'> 0.5'", "'> 0§.6'");
    insta::assert_snapshot!(drawn_of(&opened(&marked).last(last)));
}
