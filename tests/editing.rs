//! Sessions in an editor: what is shown, followed, renamed and mended in a spec that is written, with the server as a
//! process at the other end.

use std::path::Path;

use serde_json::{Value, json};

use crate::client::{Client, at, labels};
use crate::support::Workspace;

const SPEC: &str = "\
version: 1
data:
  path: data.csv
  target: species
model:
  dummy: {}
metrics:
  - accuracy
  - f1: { average: macro, as: f1_macro }
slices:
  heavy: { where: '\"body mass\" > 5', min_rows: 1 }
thresholds:
  accuracy: \"> 0.1\"
  f1_macro: { min: 0.01, max: 1.0 }
  accuracy@heavy: \"> 0.1\"
";

fn table() -> String {
    let row = |at: usize| format!("{},{at},{}\n", ["a", "b"][at % 2], at * 2);
    format!("species,body mass,größe\n{}", (0..40).map(row).collect::<String>())
}

/// The position of the mark in a text, in UTF-8, and the text without it.
fn marked(text: &str) -> (u32, u32, String) {
    let offset = text.find('§').expect("a mark");
    let line = text[..offset].matches('\n').count();
    let column = offset - text[..offset].rfind('\n').map_or(0, |end| end + 1);
    let count = |count: usize| u32::try_from(count).expect("a short text");
    (count(line), count(column), text.replacen('§', "", 1))
}

fn here(uri: &str, text: &str) -> Value {
    let (line, column, _) = marked(text);
    at(uri, line, column)
}

/// The byte of a position in UTF-8.
fn byte(text: &str, position: &Value) -> usize {
    let number = |key: &str| position[key].as_u64().expect("a number") as usize;
    let before: usize = text.split_inclusive('\n').take(number("line")).map(str::len).sum();
    before + number("character")
}

fn part<'t>(text: &'t str, range: &Value) -> &'t str {
    &text[byte(text, &range["start"])..byte(text, &range["end"])]
}

/// A text after the edits that an answer makes in it.
fn edited(text: &str, uri: &str, edit: &Value) -> String {
    let mut edits: Vec<&Value> = edit["changes"][uri].as_array().expect("edits").iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(byte(text, &edit["range"]["start"])));
    let mut text = text.to_owned();
    for edit in edits {
        let range = &edit["range"];
        let range = byte(&text, &range["start"])..byte(&text, &range["end"]);
        text.replace_range(range, edit["newText"].as_str().expect("text"));
    }
    text
}

/// A spec that is open in a workspace with its data, checked and without a finding.
fn opened(workspace: &Workspace) -> (Client, String) {
    let mut client = Client::initialized();
    let uri = client.open(&workspace.path("spec.mlspec.yaml"), SPEC);
    assert_eq!(client.diagnostics(&uri, 1), json!([]));
    (client, uri)
}

#[test]
fn names_lead_to_where_they_are_given() {
    let workspace = Workspace::with_spec(SPEC, &table());
    let (mut client, uri) = opened(&workspace);
    let cases = [
        ("  f1_ma§cro: {", "f1_macro"),
        ("  accuracy@he§avy", "heavy"),
        ("  accu§racy: \"", "accuracy"),
    ];
    for (id, (piece, name)) in (10..).zip(cases) {
        let plain = piece.replace('§', "");
        let text = SPEC.replace(&plain, piece);
        let found = client.ask(id, "textDocument/definition", here(&uri, &text));
        let location = &found["result"][0];
        assert_eq!(part(SPEC, &location["range"]), name, "{found}");
        assert_eq!(location["uri"], uri.as_str());
    }
    let text = SPEC.replace("data.csv", "da§ta.csv");
    let found = client.ask(20, "textDocument/definition", here(&uri, &text));
    let target = found["result"][0]["uri"].as_str().expect("a file");
    assert!(target.ends_with("/data.csv"), "{found}");
    let text = SPEC.replace("  heavy:", "  he§avy:");
    let mut asked = here(&uri, &text);
    asked["context"] = json!({ "includeDeclaration": true });
    let found = client.ask(21, "textDocument/references", asked);
    assert_eq!(found["result"].as_array().map(Vec::len), Some(2), "{found}");
    assert_eq!(client.end(), 0);
}

#[test]
fn a_rename_reaches_every_place_and_leaves_a_valid_spec() {
    let workspace = Workspace::with_spec(SPEC, &table());
    let (mut client, uri) = opened(&workspace);
    let rename = |client: &mut Client, id, old: &str, piece: &str, name: &str| {
        let mut asked = here(&uri, &SPEC.replace(old, piece));
        asked["newName"] = json!(name);
        client.ask(id, "textDocument/rename", asked)
    };
    let answer = rename(&mut client, 10, "as: f1_macro", "as: f1_§macro", "mean_f1");
    let text = edited(SPEC, &uri, &answer["result"]);
    assert_eq!(text, SPEC.replace("f1_macro", "mean_f1"));
    assert_eq!(client.replace(&uri, 2, &text), json!([]));
    assert_eq!(client.replace(&uri, 3, SPEC), json!([]));
    let answer = rename(&mut client, 11, "accuracy@heavy", "accuracy@h§eavy", "large");
    let text = edited(SPEC, &uri, &answer["result"]);
    assert_eq!(text, SPEC.replace("heavy", "large"));
    assert_eq!(client.replace(&uri, 4, &text), json!([]));
    assert_eq!(client.replace(&uri, 5, SPEC), json!([]));
    // A name that is taken, one that is none, and what is not the author's to name.
    for (id, old, piece, name) in [
        (12, "as: f1_macro", "as: f1_§macro", "accuracy"),
        (13, "as: f1_macro", "as: f1_§macro", "Mean F1"),
        (14, "- accuracy", "- acc§uracy", "other"),
        (15, "target: species", "target: spe§cies", "kind"),
    ] {
        let answer = rename(&mut client, id, old, piece, name);
        assert!(answer["error"]["message"].is_string(), "{answer}");
    }
    assert_eq!(client.end(), 0);
}

#[test]
fn a_fix_leaves_a_spec_that_is_valid() {
    let workspace = Workspace::with_spec(SPEC, &table());
    let (mut client, uri) = opened(&workspace);
    let windows = |text: &str| text.replace('\n', "\r\n");
    let broken = windows(&SPEC.replace("target: species", "taregt: species # größe"));
    let found = client.replace(&uri, 2, &broken);
    assert_eq!(part(&broken, &found[0]["range"]), "taregt", "{found}");
    let asked = json!({
        "textDocument": { "uri": uri },
        "range": found[0]["range"],
        "context": { "diagnostics": found, "only": ["quickfix"] },
    });
    let offered = client.ask(10, "textDocument/codeAction", asked);
    let fix = &offered["result"][0];
    assert_eq!((&fix["title"], &fix["isPreferred"]), (&json!("Write `target`"), &json!(true)));
    let mended = edited(&broken, &uri, &fix["edit"]);
    assert_eq!(mended, windows(&SPEC.replace("species\n", "species # größe\n")));
    for (id, only, kind) in [
        (11, "source", "source.fixAll"),
        (12, "source.fixAll.mlspec", "source.fixAll"),
        (13, "refactor", ""),
    ] {
        let asked = json!({
            "textDocument": { "uri": uri },
            "range": found[0]["range"],
            "context": { "diagnostics": [], "only": [only] },
        });
        let offered = client.ask(id, "textDocument/codeAction", asked);
        match kind {
            "" => assert_eq!(offered["result"], json!([]), "{only}"),
            kind => {
                let all = &offered["result"][0];
                assert_eq!(all["kind"], kind, "{only}");
                assert_eq!(edited(&broken, &uri, &all["edit"]), mended);
            }
        }
    }
    assert_eq!(client.replace(&uri, 3, &mended), json!([]));
    assert_eq!(client.end(), 0);
}

#[test]
fn the_last_run_stands_beside_its_bounds_until_the_spec_is_edited() {
    let workspace = Workspace::with_spec(SPEC, &table());
    let ran = workspace.caching().arg("run").output().expect("it runs");
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stdout));
    let capabilities = json!({ "general": { "positionEncodings": ["utf-8"] } });
    let mut client =
        Client::of(workspace.caching()).initialize(json!({ "capabilities": capabilities }));
    // Clients that cannot be told to ask again ask at once, and perhaps never more.
    let uri = client.open(&workspace.path("spec.mlspec.yaml"), SPEC);
    let end = json!({ "line": 99, "character": 0 });
    let whole = json!({ "start": { "line": 0, "character": 0 }, "end": end });
    let asked = json!({ "textDocument": { "uri": uri }, "range": whole });
    let shown = |client: &mut Client, id| -> Vec<String> {
        let hints = client.ask(id, "textDocument/inlayHint", asked.clone());
        let hints = hints["result"].as_array().expect("hints").clone();
        hints.iter().map(|hint| hint["label"].as_str().expect("text").to_owned()).collect()
    };
    let first = shown(&mut client, 10);
    assert_eq!(first.len(), 3, "{first:?}");
    assert!(first.iter().all(|label| label.ends_with(", met")), "{first:?}");
    let text = SPEC.replace("  accuracy: \"", "  accu§racy: \"");
    let hover = client.ask(11, "textDocument/hover", here(&uri, &text));
    assert!(hover["result"]["contents"]["value"].to_string().contains("Last run"), "{hover}");
    let lenses = client.ask(12, "textDocument/codeLens", json!({ "textDocument": { "uri": uri } }));
    let titles: Vec<_> = [0, 1].map(|at| lenses["result"][at]["command"]["title"].clone()).into();
    assert_eq!(titles, ["Run", "Trace"], "{lenses}");
    client.replace(&uri, 2, &SPEC.replace("min: 0.01", "min: 0.02"));
    let stale = shown(&mut client, 13);
    assert!(stale.iter().all(|label| label.ends_with(", stale")), "{stale:?}");
    assert_eq!(stale.len(), first.len());
    assert_eq!(client.end(), 0);
}

#[test]
fn the_outline_is_a_tree_and_sections_fold() {
    let workspace = Workspace::with_spec(SPEC, &table());
    let capabilities = json!({
        "general": { "positionEncodings": ["utf-8"] },
        "textDocument": { "documentSymbol": { "hierarchicalDocumentSymbolSupport": true } },
    });
    let mut client = Client::start().initialize(json!({ "capabilities": capabilities }));
    let uri = client.open(&workspace.path("spec.mlspec.yaml"), SPEC);
    let document = json!({ "textDocument": { "uri": uri } });
    let symbols = client.ask(10, "textDocument/documentSymbol", document.clone());
    let names = |list: &Value| -> Vec<String> {
        let list = list.as_array().expect("a list");
        list.iter().map(|each| each["name"].as_str().expect("a name").to_owned()).collect()
    };
    let sections = ["version", "data", "model", "metrics", "slices", "thresholds"];
    assert_eq!(names(&symbols["result"]), sections);
    let bounds = &symbols["result"][5];
    assert_eq!(names(&bounds["children"]), ["accuracy", "f1_macro", "accuracy@heavy"]);
    let folds = client.ask(11, "textDocument/foldingRange", document);
    let lines: Vec<_> = folds["result"].as_array().expect("folds").iter().collect();
    assert_eq!((&lines[0]["startLine"], &lines[0]["endLine"]), (&json!(1), &json!(3)), "{folds}");
    assert_eq!(client.end(), 0);
}

#[test]
fn columns_of_any_name_are_offered_and_found() {
    let names = ["größe", "body mass", "a \"b\"", "it's", "x: y", "🐧"];
    let quoted = names.map(|name| format!("\"{}\"", name.replace('"', "\"\"")));
    let table = format!("species,{}\na,1,2,3,4,5,6\nb,2,3,4,5,6,7\n", quoted.join(","));
    let workspace = Workspace::with_spec(SPEC, &table);
    let mut client = Client::start().initialize(json!({ "capabilities": {} }));
    let text = "version: 1\ndata:\n  path: data.csv\n  exclude: [ ]\n";
    let uri = client.open(&workspace.path("spec.mlspec.yaml"), text);
    let found = (10..1000)
        .map(|id| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            client.ask(id, "textDocument/completion", at(&uri, 3, 13))
        })
        .find(|answer| labels(answer).contains(&"größe"))
        .expect("the columns of the data");
    let items = found["result"]["items"].as_array().expect("a list");
    let insert = |name: &str| {
        let item = items.iter().find(|item| item["label"] == name);
        item.expect("each column")["textEdit"]["newText"].as_str().expect("text").to_owned()
    };
    let list = names.map(insert).join(", ");
    // Behind a character that is two units of UTF-16, a finding is where the client counts it.
    let text = format!(
        "version: 1\ndata: {{ path: data.csv, target: species, exclude: [{list}, nothing] }}\nmodel: {{ dummy: {{}} }}\nthresholds: {{ accuracy: '> 0' }}\n"
    );
    let found = client.replace(&uri, 2, &text);
    assert_eq!(found.as_array().map(Vec::len), Some(1), "all but the last are columns: {found}");
    let line: Vec<u16> = text.lines().nth(1).expect("a line").encode_utf16().collect();
    let column =
        |end: &str| found[0]["range"][end]["character"].as_u64().expect("a column") as usize;
    let word = String::from_utf16(&line[column("start")..column("end")]).expect("whole characters");
    assert_eq!(word, "nothing");
    assert_eq!(client.end(), 0);
}

#[test]
fn metrics_of_the_task_are_offered_and_no_others() {
    let workspace = Workspace::with_spec(SPEC, &table());
    let mut client = Client::initialized();
    let text = SPEC.replace("accuracy@heavy: \"> 0.1\"", "§");
    let (line, column, text) = marked(&text);
    // Text as a target is of classes, and a number with a fraction is a quantity.
    let numbers = text.replace("  target: species", "  target: größe\n  task: regression");
    for (version, text, line, offered, left_out) in [
        (1, &text, line, "roc_auc", ["mae", "v_measure"]),
        (2, &numbers, line + 1, "mae", ["roc_auc", "v_measure"]),
    ] {
        let uri = workspace.path(format!("{version}.mlspec.yaml"));
        let uri = client.open(&uri, text);
        let id = version * 1000;
        let found = (id..id + 990)
            .map(|id| {
                std::thread::sleep(std::time::Duration::from_millis(10));
                client.ask(id, "textDocument/completion", at(&uri, line, column))
            })
            .find(|answer| !labels(answer).contains(&left_out[0]))
            .expect("the metrics of the task, once it is known");
        let labels = labels(&found);
        assert!(labels.contains(&offered), "{labels:?}");
        assert!(!left_out.iter().any(|name| labels.contains(name)), "{labels:?}");
    }
    assert_eq!(client.end(), 0);
}

#[test]
fn values_of_derived_columns_are_offered() {
    let workspace = Workspace::with_spec(SPEC, &table());
    let mut client = Client::initialized();
    let derive =
        "  derive: { size: \"CASE WHEN \\\"body mass\\\" > 20 THEN 'large' ELSE 'small' END\" }\n";
    let text = SPEC.replace("  target", &format!("{derive}  target"));
    let text = text.replace("'\"body mass\" > 5'", "\"size = '§'\"");
    let (line, column, text) = marked(&text);
    let uri = client.open(&workspace.path("spec.mlspec.yaml"), &text);
    let values = (10..1000)
        .map(|id| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            client.ask(id, "textDocument/completion", at(&uri, line, column))
        })
        .find(|answer| !labels(answer).is_empty())
        .expect("values of the column");
    assert_eq!(labels(&values), ["small", "large"], "the most frequent first");
    assert_eq!(client.end(), 0);
}

#[test]
fn without_data_the_language_is_known_and_the_gap_is_told() {
    let workspace = Workspace::new();
    let mut client = Client::initialized();
    let uri = client.open(&workspace.path("spec.mlspec.yaml"), SPEC);
    let found = client.diagnostics(&uri, 1);
    assert_eq!(part(SPEC, &found[0]["range"]), "data.csv", "{found}");
    let columns = client.ask(2, "textDocument/completion", at(&uri, 3, 10));
    assert_eq!(labels(&columns), [""; 0]);
    let models = client.ask(3, "textDocument/completion", at(&uri, 5, 2));
    assert!(labels(&models).contains(&"ridge"), "{models}");
    let hover = client.ask(4, "textDocument/hover", at(&uri, 3, 12));
    assert!(hover.get("error").is_none(), "{hover}");
    assert_eq!(client.end(), 0);
}

#[test]
fn a_spec_that_was_never_saved_lies_in_the_first_folder() {
    let workspace = Workspace::new();
    workspace.write("one/data.csv", table()).write("two/other.csv", "x\n1\n");
    let folder = |name: &str| json!({ "uri": format!("file://{}", workspace.path(name).display()), "name": name });
    let capabilities = json!({ "general": { "positionEncodings": ["utf-8"] } });
    let mut client = Client::start().initialize(
        json!({ "capabilities": capabilities, "workspaceFolders": [folder("one"), folder("two")] }),
    );
    let uri = client.open_uri("untitled:new.mlspec.yaml".to_owned(), SPEC);
    assert_eq!(client.diagnostics(&uri, 1), json!([]));
    // The folders of a workspace come and go.
    let event = json!({ "added": [], "removed": [folder("one")] });
    client.tell("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    let saved = client.open(&workspace.path("two/spec.mlspec.yaml"), SPEC);
    let found = client.diagnostics(&saved, 1);
    assert_eq!(part(SPEC, &found[0]["range"]), "data.csv", "{found}");
    assert_eq!(client.end(), 0);
}

#[test]
fn a_document_of_ten_megabytes_is_refused_or_answered() {
    let mut client = Client::initialized();
    let slice = |at: usize| format!("  s{at}: {{ where: \"x > {at}\", min_rows: 1 }}\n");
    let mut text = SPEC.replace("slices:\n", "slices:\n§");
    let slices: String = (0..220_000).map(slice).collect();
    text = text.replace('§', &slices);
    assert!(text.len() > 8 << 20, "{}", text.len());
    let uri = client.open(Path::new("/nowhere/many.mlspec.yaml"), &text);
    let found = client.diagnostics(&uri, 1);
    assert!(found.to_string().contains("grows beyond"), "too many nodes: {}", found[0]["message"]);
    let models = client.ask(2, "textDocument/completion", at(&uri, 5, 2));
    assert!(labels(&models).contains(&"ridge"));
    assert_eq!(client.replace(&uri, 2, SPEC).as_array().map(Vec::len), Some(1));
    assert_eq!(client.end(), 0);
}
