//! `mlspec init`: a first spec for any table that can be learned from, and a reason for any other.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::support::{Ran, Workspace, names};

/// A number between 0 and 1 that looks drawn.
fn drawn(at: usize) -> f64 {
    (at * 7919 % 1009) as f64 / 1009.0
}

fn table(header: &str, rows: usize, row: impl Fn(usize) -> String) -> String {
    let mut text = format!("{header}\n");
    for at in 0..rows {
        let _ = writeln!(text, "{}", row(at));
    }
    text
}

/// Two numbers, of which the first tells the class.
fn classes(rows: usize) -> String {
    table("size,noise,kind", rows, |at| {
        let kind = if drawn(at) > 0.5 { "big" } else { "small" };
        format!("{},{},{kind}", drawn(at) * 10.0, drawn(at + 500))
    })
}

/// Writes a spec for `data.csv`, and runs it as it stands.
#[track_caller]
fn starts(data: impl AsRef<[u8]>, arguments: &[&str]) -> (String, Workspace) {
    let workspace = Workspace::new();
    workspace.write("data.csv", data);
    workspace
        .run(&[&["init", "data.csv"], arguments].concat())
        .ends(0)
        .says(&["✓ pass", "wrote data.mlspec.yaml"]);
    runs(&workspace, "data.mlspec.yaml");
    (workspace.read("data.mlspec.yaml"), workspace)
}

#[track_caller]
fn runs(workspace: &Workspace, spec: &str) {
    let report = workspace.run(&["run", spec, "--format", "json"]).ends(0).json();
    let spec = &report["specs"][0];
    assert_eq!(spec["status"], "pass", "{spec}");
    assert_eq!(spec["diagnostics"].as_array().map(Vec::len), Some(0), "{spec}");
    workspace.run(&["check"]).ends(0);
}

#[track_caller]
fn refused(data: &str, arguments: &[&str], status: i32) -> Ran {
    let workspace = Workspace::new();
    workspace.write("data.csv", data);
    let ran = workspace.run(&[&["init", "data.csv"], arguments].concat()).ends(status);
    assert_eq!(names(&workspace.path(".")), ["data.csv"], "nothing is written: {ran}");
    assert!(ran.stdout.is_empty(), "{ran}");
    ran
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
}

#[test]
fn every_table_of_the_examples_has_a_first_spec() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/data");
    for (data, target, parts) in [
        ("penguins.csv", "species", &["k_fold", "task: classification"][..]),
        ("penguins.csv", "sex", &["missing_target: { drop: true, max: 0.04 }", "positive: "]),
        ("penguins.csv", "body_mass_g", &["task: regression", "mae"]),
        ("iris.csv", "species", &["accuracy"]),
        ("wine.csv", "cultivar", &["f1: { average: macro }"]),
        ("diabetes.csv", "progression", &["r2: { min: "]),
        ("breast_cancer.csv", "diagnosis", &["positive: malignant", "by its name"]),
        ("screening.ndjson", "diagnosis", &["id: patient"]),
        ("demand/2024.csv", "megawatt_hours", &["chronological: { column: day", "day: date"]),
        ("demand/*.csv", "megawatt_hours", &["path: demand/*.csv"]),
        ("diamonds.csv.gz", "cut", &["holdout: { test: 0.25, stratify: true, seed: 0 }"]),
    ] {
        let workspace = Workspace::new();
        workspace.copy(&root, &[]);
        workspace.run(&["init", data, "--target", target, "--output", "first.mlspec.yaml"]).ends(0);
        let text = workspace.read("first.mlspec.yaml");
        has(&text, parts);
        runs(&workspace, "first.mlspec.yaml");
    }
}

#[test]
fn every_table_of_the_tests_has_a_first_spec_or_a_reason_for_none() {
    let mut tables = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"), &mut tables);
    let mut texts: Vec<String> =
        tables.iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    // Many cases have the same table.
    texts.sort();
    texts.dedup();
    assert!(texts.len() > 50, "{}", texts.len());
    let mut started = 0;
    for (at, text) in texts.iter().enumerate() {
        let header = text.lines().next().unwrap_or_default();
        let columns: Vec<&str> = header.split(',').map(|name| name.trim_matches('"')).collect();
        let target = [columns.last(), columns.first(), None][at % 3];
        let workspace = Workspace::new();
        workspace.write("data.csv", text);
        let mut arguments = vec!["init", "data.csv"];
        if let Some(target) = target {
            arguments.extend(["--target", target]);
        }
        let ran = workspace.run(&arguments);
        match ran.status {
            Some(0) => {
                started += 1;
                workspace.run(&["run", "data.mlspec.yaml"]).ends(0);
            }
            Some(2 | 3) => assert!(!ran.stderr.is_empty(), "{text}: {ran}"),
            _ => panic!("{text}: {ran}"),
        }
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!said.contains("panicked"), "{text}: {said}");
    }
    assert!(started > 10, "{started}");
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for name in names(folder) {
        let path = folder.join(name);
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "csv")
            && fs::metadata(&path).is_ok_and(|metadata| metadata.len() < 100_000)
        {
            found.push(path);
        }
    }
}

#[test]
fn a_first_spec_is_worth_reading() {
    let workspace = Workspace::new();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/data/penguins.csv");
    workspace.write("data/penguins.csv", fs::read(data).expect("the example is there"));
    workspace.run(&["init", "data/penguins.csv", "--target", "sex", "-o", "-"]).ends(0);
    let printed = workspace.run(&["init", "data/penguins.csv", "--target", "sex", "-o", "-"]);
    assert_eq!(names(&workspace.path(".")), ["data"], "a printed spec is not written");
    insta::assert_snapshot!("init_penguins", printed.ends(0).stdout);
}

#[test]
fn without_a_target_it_finds_groups() {
    let rows = table("x,y,name", 90, |at| {
        let centre = (at % 3) as f64 * 20.0;
        format!("{},{},row {at}", centre + drawn(at), centre - drawn(at + 7))
    });
    let (text, _) = starts(rows, &[]);
    has(
        &text,
        &["task: clustering", "k_means: { n_clusters: 3", "silhouette: { min: 0.", "- name"],
    );
    assert!(!text.contains("target"), "{text}");
}

#[test]
fn names_of_any_kind_are_spelled_right() {
    let header = "\"größe, in cm\",\"a \"\"b\"\"\",\"x: y #z\",\"${HOME}\",- k,null,\"it's\"";
    let rows = table(header, 60, |at| {
        let kind = if drawn(at) > 0.5 { "ja: \"so\"" } else { "${nein}" };
        let quoted = kind.replace('"', "\"\"");
        format!(
            "{},{},{},{at}.5,{},{},\"{quoted}\"",
            drawn(at),
            drawn(at + 3),
            drawn(at + 5),
            at % 7,
            drawn(at + 9)
        )
    });
    let (text, _) = starts(&rows, &["--target", "it's"]);
    has(&text, &["\"größe, in cm\": float", "a \"b\": float", "\"x: y #z\"", "\"null\""]);
    let other =
        table("\"größe, in cm\",width", 60, |at| format!("{},{}", drawn(at), drawn(at) * 2.0));
    let (text, _) = starts(other, &["--target", "größe, in cm"]);
    has(&text, &["target: \"größe, in cm\""]);
}

#[test]
fn columns_that_teach_nothing_are_left_out_with_a_reason() {
    let rows = table("row_id,size,same,empty,comment,code,kind", 120, |at| {
        let kind = if drawn(at) > 0.5 { "big" } else { "small" };
        let code = if drawn(at) > 0.5 { "B" } else { "S" };
        format!("r{at},{},7,,text {},{code},{kind}", drawn(at), at % 100)
    });
    let (text, _) = starts(rows, &["--target", "kind"]);
    has(
        &text,
        &[
            "id: row_id",
            "- same     # the same value in every row",
            "- empty    # no value at all",
            "- comment  # 100 values in 120 rows: names or free text",
            "- code     # another word for `kind`",
        ],
    );
}

#[test]
fn splits_go_by_what_belongs_together_and_by_time() {
    let rows = |header: &str| {
        table(header, 200, |at| {
            let day = format!("2024-{:02}-{:02}", at / 28 % 12 + 1, at % 28 + 1);
            format!("{},{},{day},{}", at / 5, drawn(at), drawn(at) * 3.0 + 1.0)
        })
    };
    let (text, _) = starts(rows("patient_id,size,day,price"), &["--target", "price"]);
    has(
        &text,
        &[
            "chronological: { column: day, test: 0.25 }",
            "day: date",
            "`patient_id` can then be on both sides",
        ],
    );
    let (text, _) = starts(rows("patient_id,size,day_of_birth,price"), &["--target", "price"]);
    has(&text, &["grouped: { column: patient_id, folds: 5, seed: 0 }", "- day_of_birth  # a time"]);
}

#[test]
fn whole_numbers_are_classes_where_they_are_few() {
    let rows = table("size,level,count,share", 150, |at| {
        let level = (drawn(at) * 3.0) as usize;
        format!("{},{level},{},{level}.0", drawn(at), (drawn(at) * 500.0) as usize)
    });
    let (text, workspace) = starts(&rows, &["--target", "level"]);
    has(&text, &["task: classification", "if they are amounts, write `regression`"]);
    workspace.run(&["init", "data.csv", "--target", "count", "--force"]).ends(0);
    has(&workspace.read("data.mlspec.yaml"), &["task: regression", "look like amounts"]);
    workspace
        .run(&["init", "data.csv", "--target", "level", "--task", "regression", "--force"])
        .ends(0);
    has(&workspace.read("data.mlspec.yaml"), &["task: regression"]);
    workspace.run(&["init", "data.csv", "--target", "share", "--force"]).ends(0);
    runs(&workspace, "data.mlspec.yaml");
}

#[test]
fn numbers_that_are_not_whole_can_be_classes() {
    let dose = |at: usize| match (drawn(at) * 10.0) as usize {
        0..4 => "0.50",
        4..8 => "1.5",
        _ => "2.50",
    };
    let row = |at: usize| format!("{},{},{}", drawn(at) * 10.0, drawn(at + 500), dose(at));
    let wish = ["--target", "dose", "--task", "classification"];
    let (text, _) = starts(table("size,noise,dose", 120, row), &wish);
    has(&text, &["target: dose", "0.50 ", "2.50 ", "dose: category"]);
    // Of two, one is the positive class; and those that are too rare are left out as they are written.
    let two = |at: usize| match at {
        7 => "9.90",
        _ if dose(at) == "0.50" => "0.50",
        _ => "1.5",
    };
    let row = |at: usize| format!("{},{},{}", drawn(at) * 10.0, drawn(at + 500), two(at));
    let (text, _) = starts(table("size,noise,dose", 120, row), &wish);
    has(&text, &["positive: \"0.50\"", "NOT IN ('9.90')", "dose: category"]);
}

#[test]
fn rare_classes_are_left_out() {
    let rows = table("size,kind", 120, |at| {
        let kind = match at {
            0 => "o'dd",
            1..3 => "few",
            _ if drawn(at) > 0.5 => "big",
            _ => "small",
        };
        format!("{},{kind}", drawn(at))
    });
    let (text, _) = starts(&rows, &["--target", "kind"]);
    has(&text, &["NOT IN ('few', 'o''dd')", "few 2, o'dd 1", "# big "]);
    // That some are left out does not let answers go missing.
    let some = rows.replacen(",big", ",", 3);
    let (text, workspace) = starts(&some, &["--target", "kind"]);
    has(&text, &["missing_target: { drop: true, max: 0.03 }", "IS NULL OR"]);
    workspace.write("data.csv", some.replace(",big", ","));
    workspace.run(&["run", "data.mlspec.yaml"]).ends(3);
}

#[test]
fn tables_are_read_as_they_are_meant() {
    let rows = classes(60);
    let (text, _) = starts(rows.replace(',', ";"), &["--target", "kind"]);
    has(&text, &["csv: { separator: \";\" }"]);
    let bare = rows.split_once('\n').expect("a header").1;
    let (text, _) = starts(bare, &["--target", "column_3"]);
    has(&text, &["csv: { has_header: false }"]);
    let gaps = table("size,noise,kind", 60, |at| {
        let noise = if at % 9 == 0 { "?".to_owned() } else { drawn(at + 3).to_string() };
        format!("{},{noise},{}", drawn(at), if drawn(at) > 0.5 { "big" } else { "small" })
    });
    let (text, _) = starts(gaps, &["--target", "kind"]);
    has(&text, &["csv: { null_values: [\"?\"] }", "noise: float", "7 missing"]);
}

#[test]
fn a_target_that_cannot_be_learned_is_refused_with_the_reason() {
    let rows = table("size,same,name,gone,when,noise", 80, |at| {
        format!("{},a,n{at},,2024-01-{:02},{}", drawn(at), at % 28 + 1, at * 31 % 2)
    });
    for (target, status, reason) in [
        ("same", 2, "every row has the same value, `a`"),
        ("name", 2, "80 values in 80 rows are no classes"),
        ("gone", 2, "it has no value at all"),
        ("when", 2, "it is of type date, which no model predicts"),
        ("siz", 2, "did you mean `size`?"),
        ("nothing like it", 2, "the columns are `size`"),
    ] {
        refused(&rows, &["--target", target], status).complains(&[reason]);
    }
    let noise = table("x,y", 100, |at| format!("{},{}", drawn(at), at * at % 7 % 2));
    refused(&noise, &["--target", "y"], 3).complains(&["no more than chance"]);
    refused("x,y\n1,a\n2,b\n", &["--target", "y"], 2).complains(&["2 rows are too few"]);
    let only = table("y", 40, |at| format!("{}", at % 2));
    refused(&only, &["--target", "y"], 2).complains(&["there is only the target"]);
    refused(&rows, &["--target", "same", "--task", "clustering"], 2)
        .complains(&["without a target"]);
    refused(&rows, &["--task", "regression"], 2).complains(&["`--target COLUMN`"]);
    refused(&rows, &["--target", "size", "--model", "random_forrest"], 2)
        .complains(&["did you mean `random_forest`?"]);
    refused(&rows, &["--target", "size", "--model", "search"], 2).complains(&["needs parameters"]);
    refused(&rows, &["--target", "size", "--model", "k_means"], 2).complains(&["clustering"]);
}

#[test]
fn numbers_with_a_comma_are_told() {
    let rows = table("a;b;y", 60, |at| format!("{},{};{};{}", at, at % 10, drawn(at), at % 7 % 2));
    refused(&rows, &["--target", "y"], 3)
        .complains(&["these columns were left out:", "`a`: numbers with a comma are text here"]);
    refused(&rows, &["--target", "a"], 2).complains(&["its numbers have a comma"]);
}

#[test]
fn data_that_cannot_be_read_is_said() {
    let workspace = Workspace::new();
    workspace
        .write("data.txt", "a,b\n1,2\n")
        .write("ragged.csv", "a,b\n1,2,3\n")
        .write("empty.csv", "");
    for (data, status) in [
        ("https://example.org/data.csv", 2),
        ("data.txt", 2),
        ("none.csv", 3),
        ("ragged.csv", 3),
        ("empty.csv", 3),
        (".", 2),
        ("", 2),
    ] {
        let ran = workspace.run(&["init", data, "--target", "a"]).ends(status);
        assert!(ran.stderr.contains("mlspec::"), "{data}: {ran}");
    }
    let files = names(&workspace.path("."));
    assert_eq!(files, ["data.txt", "empty.csv", "ragged.csv"]);
}

#[test]
fn no_file_is_overwritten_unless_that_is_asked_for() {
    let workspace = Workspace::new();
    workspace.write("data.csv", classes(60)).write("data.mlspec.yaml", "mine");
    let arguments = ["init", "data.csv", "--target", "kind"];
    workspace
        .run(&arguments)
        .ends(2)
        .complains(&["data.mlspec.yaml is there already", "`--force`"]);
    assert_eq!(workspace.read("data.mlspec.yaml"), "mine");
    let onto_itself = ["--force", "-o", "./data.csv"];
    workspace
        .run(&[&arguments[..], &onto_itself].concat())
        .ends(2)
        .complains(&["is the data itself"]);
    assert_eq!(workspace.read("data.csv"), classes(60));
    workspace.write("parts/a.csv", classes(60)).write("parts/b.csv", classes(60));
    workspace
        .run(&["init", "parts/*.csv", "--target", "kind", "--force", "-o", "parts/a.csv"])
        .ends(2)
        .complains(&["is the data itself"]);
    assert_eq!(workspace.read("parts/a.csv"), classes(60));
    workspace.run(&[&arguments[..], &["--force"]].concat()).ends(0);
    runs(&workspace, "data.mlspec.yaml");
    workspace
        .run(&[&arguments[..], &["-o", "none/x.mlspec.yaml"]].concat())
        .ends(2)
        .complains(&["there is no folder none"]);
}

#[test]
fn paths_are_told_from_the_spec() {
    let workspace = Workspace::new();
    workspace.write("rows/data.csv", classes(60)).write("specs/keep", "");
    workspace.write("schema/mlspec.schema.json", "{}");
    let output = ["-o", "specs/kinds.mlspec.yaml"];
    workspace.run(&[&["init", "rows/data.csv", "--target", "kind"][..], &output].concat()).ends(0);
    let text = workspace.read("specs/kinds.mlspec.yaml");
    has(&text, &["path: ../rows/data.csv", "$schema=../schema/mlspec.schema.json\n# A first"]);
    runs(&workspace, "specs/kinds.mlspec.yaml");
}

#[test]
fn the_same_data_gets_the_same_spec() {
    let (first, _) = starts(classes(90), &["--target", "kind"]);
    let (second, _) = starts(classes(90), &["--target", "kind"]);
    assert_eq!(first, second);
    let (windows, _) = starts(classes(90).replace('\n', "\r\n"), &["--target", "kind"]);
    assert_eq!(first, windows);
}

#[test]
fn a_model_can_be_asked_for() {
    let (text, _) = starts(classes(90), &["--target", "kind", "--model", "linear_svm"]);
    has(&text, &["linear_svm: {}", "As `--model` said"]);
    let levels = table("x,y", 90, |at| format!("{},{}", drawn(at), (drawn(at) * 8.0) as usize));
    let (text, _) = starts(levels, &["--target", "y", "--model", "ridge"]);
    has(&text, &["task: regression"]);
}
