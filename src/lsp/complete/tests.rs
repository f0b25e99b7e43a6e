use std::fs;

use super::super::convert::without_places;
use super::super::testing::{CURSOR, Opened};
use super::*;
use crate::session::KnownColumn;

fn column(name: &str, dtype: &str, values: &[&str]) -> KnownColumn {
    KnownColumn {
        name: name.to_owned(),
        dtype: dtype.to_owned(),
        missing: Some(0),
        values: values.iter().map(ToString::to_string).collect(),
        distribution: None,
        derived: false,
    }
}

fn known() -> crate::session::Known {
    crate::session::Known {
        columns: vec![
            column("species", "text", &["Adelie", "Gentoo"]),
            column("island", "text", &["Biscoe", "Dream", "it's"]),
            column("body mass", "float", &[]),
            column("größe: cm", "float", &[]),
            column("a\"b", "int", &[]),
        ],
        predictions: Vec::new(),
        classes: vec!["Adelie".to_owned(), "6".to_owned(), "yes: no".to_owned()],
        task: None,
    }
}

fn offers(marked: &str) -> Vec<(Completion, String)> {
    offers_of(marked, known())
}

fn offers_of(marked: &str, known: crate::session::Known) -> Vec<(Completion, String)> {
    let marked = marked.replace('§', &CURSOR.to_string());
    let opened = Opened::new(&marked).knowing(known);
    let view = opened.view();
    let environment = |_: &str| None;
    complete(&view, opened.cursor, &environment)
        .into_iter()
        .map(|completion| {
            let mut text = view.text.to_owned();
            let inserted = match &completion.insert {
                Insert::Text(text) | Insert::Snippet(text) => text,
            };
            text.replace_range(completion.range.clone(), inserted);
            let start = text[..completion.range.start].rfind('\n').map_or(0, |at| at + 1);
            let line = text[start..].lines().next().unwrap_or_default().to_owned();
            (completion, line)
        })
        .collect()
}

/// What is offered at the mark, and what the line becomes; `most` of it.
fn drawn(marked: &str, most: usize) -> String {
    let offers = offers(marked);
    let mut text = String::new();
    for (completion, line) in offers.iter().take(most) {
        let detail = completion.detail.as_deref().unwrap_or("-");
        text.push_str(&format!("{:?} {} ({detail}) → {line}\n", completion.kind, completion.label));
    }
    if offers.len() > most {
        text.push_str("…\n");
    }
    text
}

/// Several of them, each below its text.
fn sheet(cases: &[(&str, usize)]) -> String {
    let case = |(marked, most): &(&str, usize)| format!("{marked}\n{}", drawn(marked, *most));
    cases.iter().map(case).collect::<Vec<_>>().join("\n────\n")
}

fn labels(marked: &str) -> Vec<String> {
    offers(marked).into_iter().map(|(completion, _)| completion.label).collect()
}

#[test]
fn keys_of_the_root_and_of_sections() {
    insta::assert_snapshot!(sheet(&[
        ("version: 1\n§\nmodel:\n  ridge: {}\n", 9),
        ("data:\n  path: a.csv\n  §\n", 30),
    ]));
    assert!(!labels("version: 1\n§\n").contains(&"version".to_owned()), "it is there");
    assert_eq!(labels("model:\n  ridge: {}\n  §\n"), [""; 0], "a model is one");
    for marked in ["data§", "version: 1\n\ndata§\nmodel:\n  ridge: {}\n"] {
        assert!(labels(marked).contains(&"data".to_owned()), "it is being typed: {marked}");
    }
    let twice = labels("data:\n  path: a.csv\n\ndata§\n");
    assert!(!twice.contains(&"data".to_owned()), "it is there above");
}

#[test]
fn kinds_and_their_parameters() {
    insta::assert_snapshot!(sheet(&[
        ("model:\n  §\n", 4),
        ("model: { r§ }\n", 4),
        ("model: §\n", 3),
        ("model:\n  ridge:\n    al§\n", 9),
        ("model: { ridge: { alpha: 1, § } }\n", 9),
        ("data:\n  split:\n    §\n", 9),
        ("prepare:\n  - im§\n", 3),
        ("prepare:\n  §\n", 3),
        ("metrics: [acc§]\n", 3),
        ("model: { voting: { of: [§] } }\n", 3),
    ]));
    let over = labels("model:\n  search:\n    model: { ridge: {} }\n    over:\n      §\n");
    assert!(over.contains(&"alpha".to_owned()), "{over:?}");
    let inner = labels(
        "model:\n  voting:\n    of:\n      - search:\n          model:\n            ridge: { § }\n",
    );
    assert!(inner.contains(&"alpha".to_owned()), "{inner:?}");
}

#[test]
fn kinds_have_their_page_as_documentation() {
    let found = offers("model:\n  rid§\n");
    let ridge = found.iter().find(|(found, _)| found.label == "ridge").unwrap();
    assert!(ridge.0.documentation.as_ref().unwrap().contains("Minimises"), "{ridge:?}");
    let found = offers("prepare: [§]\n");
    let impute = found.iter().find(|(found, _)| found.label == "impute").unwrap();
    assert!(impute.0.documentation.is_some());
    assert_eq!(found.iter().filter(|(found, _)| found.label == "impute").count(), 1);
}

#[test]
fn values_out_of_lists() {
    insta::assert_snapshot!(sheet(&[
        ("data:\n  task: §\n", 9),
        ("data:\n  task: \"cl§\"\n", 9),
        ("metrics:\n  - f1: { average:§ }\n", 9),
        ("model:\n  ridge:\n    fit_intercept: §\n", 9),
        ("version: §\n", 9),
        ("thresholds:\n  accuracy: §\n", 3),
    ]));
}

#[test]
fn columns_and_classes() {
    insta::assert_snapshot!(sheet(&[
        ("data:\n  target: §\n", 9),
        ("data: { target: § }\n", 9),
        ("data:\n  target: '§\n", 9),
        ("data:\n  exclude: [island, §]\n", 9),
        ("data:\n  exclude:\n    - island\n    §\n", 9),
        ("data:\n  exclude: §\n", 3),
        ("data:\n  types:\n    §\n", 9),
        ("data:\n  positive: §\n", 9),
        ("metrics:\n  - recall: { class: § }\n", 9),
    ]));
}

#[test]
fn names_read_back_as_they_are() {
    let names = [
        "len, cm",
        "a]",
        "[b",
        "c}",
        "{d",
        "it's",
        "a\"b",
        "'",
        "\"",
        "x: y",
        "x #y",
        "- z",
        "${X}",
        "a\nb",
        "\\",
        "1",
        "no",
        "null",
        "",
        "\u{1F427}",
    ];
    let columns = names.map(|name| column(name, "text", &[])).to_vec();
    let all = names.len();
    // Between single quotes and in a block nothing spells a line's end.
    let written = all - 1;
    let places = [
        ("data:\n  exclude: §\n", "/data/exclude/0", all),
        ("data:\n  exclude: [§]\n", "/data/exclude/0", all),
        ("data:\n  exclude:\n    - §\n", "/data/exclude/0", all),
        ("data:\n  exclude:\n    §\n", "/data/exclude/0", all),
        ("data: { exclude: § }\n", "/data/exclude/0", all),
        ("data:\n  target: §\n", "/data/target", all),
        ("data: { target: § }\n", "/data/target", all),
        ("data:\n  target: '§'\n", "/data/target", written),
        ("data:\n  target: '§\n", "/data/target", written),
        ("data:\n  target: \"§\"\n", "/data/target", all),
        ("data:\n  target: \"§\n", "/data/target", all),
        ("data: { exclude: ['§'] }\n", "/data/exclude/0", written),
    ];
    for (marked, place, count) in places {
        let known = crate::session::Known { columns: columns.clone(), ..known() };
        let found = offers_of(marked, known);
        let of_columns = found.iter().filter(|(each, _)| each.kind == CompletionKind::Column);
        assert_eq!(of_columns.clone().count(), count, "{marked}");
        for (each, _) in of_columns {
            let insert = match &each.insert {
                Insert::Text(text) => text.clone(),
                Insert::Snippet(text) => without_places(text),
            };
            let text = marked.replace('§', &insert);
            let opened = Opened::new(&text);
            let read = opened.view().document.resolved();
            let value = read.pointer(place).expect("an item");
            let name = value.get("$value").unwrap_or(value).as_str();
            assert_eq!(name, Some(&*each.label), "{text}");
        }
    }
}

const SPEC: &str = "metrics:\n  - accuracy\n  - f1: { average: macro, as: f1_macro }\nslices:\n  where_from: { by: island, expect: [Torgersen] }\n  heavy: { where: \"a > 1\" }\nthresholds:\n";

#[test]
fn thresholds_speak_of_the_specs_metrics_and_slices() {
    insta::assert_snapshot!(sheet(&[
        (&format!("{SPEC}  §\n"), 8),
        (&format!("{SPEC}  f1_macro@§\n"), 9),
        (&format!("{SPEC}  f1_macro@where_from=§\n"), 9),
    ]));
    let found = labels(&format!("{SPEC}  accuracy: '> 0.5'\n  §\n"));
    assert!(!found.contains(&"accuracy".to_owned()), "it is there");
    insta::assert_snapshot!(sheet(&[(&format!("{SPEC}  accuracy: {{ min: 0.5, § }}\n"), 9),]));
}

#[test]
fn sql_has_columns_functions_and_values() {
    insta::assert_snapshot!(sheet(&[
        ("data:\n  where: §\n", 7),
        ("data:\n  where: \"isl§\"\n", 6),
        ("data:\n  where: 'species > ''it''''s'' and is§'\n", 6),
        ("data:\n  derive: { x: a + § }\n", 6),
        ("data:\n  where: \"island = 'D§'\"\n", 9),
        ("data:\n  where: 'island = ''§'\n", 9),
        ("slices:\n  a:\n    where: >\n      \"bo§\n", 9),
    ]));
    for marked in ["island: 'isl§'", "island: '\"isl§\"'", "island: '\"isl§'"] {
        let own = labels(&format!("data:\n  derive:\n    {marked}\n"));
        assert!(own.contains(&"species".to_owned()), "{marked}");
        assert!(!own.contains(&"island".to_owned()), "it is made here: {marked}");
    }
    let functions = labels("data:\n  where: ro§\n");
    assert!(functions.contains(&"round".to_owned()), "{functions:?}");
}

#[test]
fn sql_reads_back_as_it_is() {
    let names = ["a\nb", "tab\t", "\u{7f}", "\u{2028}", "it's", "a\\b", "x: y", "x #y"];
    let island = column("island", "text", &names);
    let columns = names.map(|name| column(name, "text", &[])).into_iter().chain([island]).collect();
    let known = crate::session::Known { columns, ..known() };
    let of = |marked: &str, before: &str, after: &str, double: &str, single: &str| {
        let mut read = Vec::new();
        for (each, _) in offers_of(marked, known.clone()) {
            let Some(name) = names.iter().find(|name| **name == each.label) else { continue };
            let Insert::Text(insert) = &each.insert else { panic!("no snippet") };
            let opened = Opened::new(&marked.replace('§', insert));
            let sql = opened.view().document.written()["data"]["where"].clone();
            let name = name.replace('"', double).replace('\'', single);
            assert_eq!(sql, format!("{before}{name}{after}"), "{marked} {insert}");
            read.push(each.label);
        }
        read
    };
    let value = of("data:\n  where: \"island = '§'\"\n", "island = '", "'", "\"", "''");
    assert_eq!(value, names);
    let value = of("data:\n  where: \"island = '§\"\n", "island = '", "'", "\"", "''");
    assert_eq!(value, names);
    let column = of("data:\n  where: \"1 > §\"\n", "1 > \"", "\"", "\"\"", "'");
    assert_eq!(column, names);
    // Nothing but double quotes has escapes.
    let written = &names[3..];
    let value = of("data:\n  where: 'island = ''§'''\n", "island = '", "'", "\"", "''");
    assert_eq!(value, written);
    let column = of("data:\n  where: '1 > §'\n", "1 > \"", "\"", "\"\"", "'");
    assert_eq!(column, written);
}

#[test]
fn paths_go_on_with_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    for name in ["a b.csv", "x.parquet", "y.csv.gz", "note.txt", ".hidden.csv", "c #1.tsv"] {
        fs::write(folder.path().join("data").join(name), "").unwrap();
    }
    let path = folder.path().join("a.mlspec.yaml");
    let find = |marked: &str| -> Vec<String> {
        let marked = marked.replace('§', &CURSOR.to_string());
        let opened = Opened::at(path.clone(), &marked);
        let environment = |name: &str| (name == "DIR").then(|| "data".to_owned());
        complete(&opened.view(), opened.cursor, &environment)
            .into_iter()
            .map(|completion| {
                let Insert::Text(insert) = completion.insert else { panic!("no snippet") };
                format!("{} {}→{insert}", completion.label, &opened.view().text[completion.range])
            })
            .collect()
    };
    assert_eq!(find("data:\n  path: §\n"), ["data/ →data/"]);
    assert_eq!(
        find("data:\n  path: data/§\n"),
        [
            "a b.csv →a b.csv",
            "data/c #1.tsv data/→\"data/c #1.tsv\"",
            "x.parquet →x.parquet",
            "y.csv.gz →y.csv.gz"
        ]
    );
    assert_eq!(find("data: { train: '${DIR}/x§' }\n").len(), 4);
    assert_eq!(find("model: { predictions: { path: da§ } }\n"), ["data/ da→data/"]);
    assert_eq!(find("data:\n  path: ${NONE}/§\n"), [""; 0]);
    assert_eq!(find("data:\n  path: http://a/§\n"), [""; 0]);
}

#[test]
fn lists_of_values_are_those_of_their_column() {
    insta::assert_snapshot!(sheet(&[
        ("data:\n  split:\n    by_column: { column: island, train: [Dream, §], test: [] }\n", 9),
        ("data:\n  split:\n    by_column:\n      column: island\n      test:\n        - §\n", 9),
        ("slices:\n  a: { by: island, expect: ['§'] }\n", 9),
        ("slices:\n  a:\n    by: [island]\n    expect: [§]\n", 9),
    ]));
}

#[test]
fn an_empty_spec_can_begin_with_a_whole_one() {
    let (new, _) = offers("§").into_iter().next().unwrap();
    assert_eq!((new.label.as_str(), new.kind), ("new spec", CompletionKind::Snippet));
    let Insert::Snippet(body) = &new.insert else { panic!("places to fill in") };
    let text = without_places(body);
    let opened = Opened::new(&text);
    assert_eq!(opened.view().document.written()["data"]["path"], "data.csv");
    assert!(labels("# a comment\n\n§").contains(&"new spec".to_owned()));
    for marked in ["version: 1\n§", "name: a\nda§\n", "{ § }", "data:\n  §"] {
        assert!(!labels(marked).contains(&"new spec".to_owned()), "{marked}");
    }
}

#[test]
fn without_data_the_language_is_still_known() {
    let environment = |_: &str| None;
    let opened = Opened::new(&format!("data:\n  target: {CURSOR}\n"));
    assert_eq!(complete(&opened.view(), opened.cursor, &environment), []);
    let opened = Opened::new(&format!("data:\n  where: \"ro{CURSOR}\"\n"));
    let found = complete(&opened.view(), opened.cursor, &environment);
    assert!(found.iter().any(|each| each.label == "round"));
    let opened = Opened::new(&format!("data:\n  path: {CURSOR}\n"));
    assert_eq!(complete(&opened.view(), opened.cursor, &environment), [], "no such folder");
}

#[test]
fn nothing_is_offered_in_comments_and_free_text() {
    for marked in
        ["# §\n", "name: x # §\n", "x-mine:\n  §\n", "data:\n  path: a.csv §\n  where: 1 > 0\n"]
    {
        assert_eq!(labels(marked), [""; 0], "{marked}");
    }
}
