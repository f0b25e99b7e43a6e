//! `mlspec lsp` as a process, from outside: what it withstands, and Neovim as a client where it is installed. What
//! it offers while a spec is written is in `editing`.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::client::{Client, at, labels};
use crate::support::Workspace;

const SPEC: &str = "version: 1\ndata:\n  path: data.csv\n  target: species\nmodel:\n  dummy: {}\nthresholds:\n  accuracy: '> 0.1'\n";
const TABLE: &str = "species,\"body mass\"\na,1\nb,2\na,3\nb,4\na,5\nb,6\n";

#[test]
fn a_session_completes_explains_and_ends() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    let mut client = Client::initialized();
    let uri = client.open(&workspace.path("spec.mlspec.yaml"), SPEC);
    let published = client.until(|message| message["method"] == "textDocument/publishDiagnostics");
    assert_eq!(published["params"]["diagnostics"], json!([]), "{published}");
    let keys = client.ask(2, "textDocument/completion", at(&uri, 5, 2));
    assert!(labels(&keys).contains(&"ridge"), "{keys}");
    let hover = client.ask(3, "textDocument/hover", at(&uri, 1, 1));
    assert!(hover["result"]["contents"]["value"].to_string().contains("The table"), "{hover}");
    // The data are looked at after the check, in the quiet.
    let columns = (10..1000).map(|id| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        client.ask(id, "textDocument/completion", at(&uri, 3, 10))
    });
    let columns = columns.into_iter().find(|answer| labels(answer).contains(&"body mass"));
    assert!(columns.is_some(), "the columns of the data");
    assert_eq!(client.end(), 0);
}

#[test]
fn what_is_out_of_order_is_an_error_and_no_crash() {
    let mut client = Client::start();
    let early = client.ask(1, "textDocument/hover", at("file:///a.mlspec.yaml", 0, 0));
    assert_eq!(early["error"]["code"], -32002, "{early}");
    client.tell("textDocument/didChange", json!({ "nonsense": true }));
    client.raw("{ this is no JSON");
    let broken = client.until(|message| message.get("error").is_some());
    assert_eq!(broken["error"]["code"], -32700, "{broken}");
    client.ask(2, "initialize", json!({ "capabilities": {} }));
    let twice = client.ask(3, "initialize", json!({ "capabilities": {} }));
    assert!(twice["error"].is_object(), "{twice}");
    let unknown = client.ask(4, "textDocument/nothing", json!({}));
    assert_eq!(unknown["error"]["code"], -32601, "{unknown}");
    let malformed = client.ask(5, "textDocument/completion", json!({ "position": 1 }));
    assert_eq!(malformed["error"]["code"], -32602, "{malformed}");
    let closed = client.ask(6, "textDocument/hover", at("file:///never/opened.mlspec.yaml", 9, 9));
    assert_eq!(closed["result"], Value::Null);
    // An answer to something that was never asked.
    client.raw(&json!({ "jsonrpc": "2.0", "id": "mlspec: x", "result": null }).to_string());
    assert_eq!(client.end(), 0);
}

#[test]
fn notifications_out_of_order_are_left_alone() {
    let mut client = Client::start();
    // What comes before `initialize` is not for a server that has not begun.
    client.open(Path::new("/nowhere/early.mlspec.yaml"), SPEC);
    client.tell("$/cancelRequest", json!({ "id": 1 }));
    let mut client = client.initialize(json!({ "capabilities": {} }));
    let uri = "file:///nowhere/a.mlspec.yaml";
    let closed = json!({ "textDocument": { "uri": uri } });
    let change = |version: i32, range: Value| {
        let change = json!({ "range": range, "text": "x" });
        json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": [change] })
    };
    let far =
        json!({ "start": { "line": 900, "character": 7 }, "end": { "line": 2, "character": 9 } });
    client.tell("textDocument/didClose", closed.clone());
    client.tell("textDocument/didSave", closed.clone());
    client.tell("textDocument/didChange", change(7, far.clone()));
    client.open(Path::new("/nowhere/a.mlspec.yaml"), SPEC);
    client.tell("textDocument/didChange", change(3, far));
    // Opened a second time, it is what was sent last.
    client.open(Path::new("/nowhere/a.mlspec.yaml"), SPEC);
    let keys = client.ask(2, "textDocument/completion", at(uri, 5, 2));
    assert!(labels(&keys).contains(&"ridge"), "{keys}");
    client.tell("textDocument/didClose", closed.clone());
    client.tell("textDocument/didClose", closed);
    let gone = client.ask(3, "textDocument/completion", at(uri, 5, 2));
    assert_eq!(gone["result"], Value::Null);
    assert_eq!(client.end(), 0);
}

#[test]
fn a_client_that_never_answers_is_served_all_the_same() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    let capabilities = json!({
        "workspace": {
            "didChangeWatchedFiles": { "dynamicRegistration": true },
            "inlayHint": { "refreshSupport": true },
        },
    });
    let mut client = Client::start().initialize(json!({ "capabilities": capabilities }));
    let asked = client.until(|message| message["method"] == "client/registerCapability");
    assert!(asked["id"].is_string(), "{asked}");
    let uri = client.open(&workspace.path("spec.mlspec.yaml"), SPEC);
    assert_eq!(client.diagnostics(&uri, 1), json!([]));
    let keys = client.ask(2, "textDocument/completion", at(&uri, 5, 2));
    assert!(labels(&keys).contains(&"ridge"), "{keys}");
    assert_eq!(client.end(), 0);
}

#[test]
fn beside_a_yaml_server_only_what_the_schema_does_not_know_is_told() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    let told = |options: &Value, text: &str| {
        let params = json!({ "capabilities": {}, "initializationOptions": options });
        let mut client = Client::start().initialize(params);
        let uri = client.open(&workspace.path("spec.mlspec.yaml"), text);
        let found = client.diagnostics(&uri, 1);
        let codes = found.as_array().expect("a list").iter();
        let codes = codes.map(|each| each["code"].as_str().expect("a code").to_owned());
        codes.map(|code| code.replace("mlspec::", "")).collect::<Vec<_>>()
    };
    let alone = |text: &str| told(&json!({}), text);
    let beside = |text: &str| told(&json!({ "schemaErrors": false }), text);
    let misfit = SPEC.replace("dummy: {}", "ridge: {}\nmetrics: [accuracy, fit_second]");
    assert_eq!((alone(&misfit).len(), beside(&misfit).len()), (1, 0), "the name comes first");
    let misfit = SPEC.replace("dummy: {}", "ridge: {}\ndecision: { threshold: 0.5 }");
    assert_eq!(alone(&misfit), ["model::decision", "metric::misfit"]);
    assert_eq!(beside(&misfit), [""; 0]);
    let rule = SPEC.replace("path: data.csv", "path: data.csv\n  train: data.csv");
    assert!(!alone(&rule).is_empty());
    assert_eq!(beside(&rule), [""; 0]);
    let column = SPEC.replace("species\n", "specis\n");
    assert_eq!(beside(&column), ["data::unknown_column"]);
    let bound = SPEC.replace("> 0.1", "> 1.5");
    assert_eq!(beside(&bound), ["threshold::impossible"]);
}

#[test]
fn after_shutdown_there_is_nothing_but_exit() {
    let mut client = Client::initialized();
    client.ask(2, "shutdown", Value::Null);
    for (id, method) in [(3, "textDocument/hover"), (4, "initialize"), (5, "shutdown")] {
        let late = client.ask(id, method, json!({ "capabilities": {} }));
        assert_eq!(late["error"]["code"], -32600, "{late}");
    }
    client.tell("textDocument/didSave", json!({}));
    client.tell("exit", Value::Null);
    assert_eq!(client.status(), 0);
    let mut hasty = Client::initialized();
    hasty.tell("exit", Value::Null);
    assert_eq!(hasty.status(), 1, "it did not say that it would");
}

#[test]
fn a_client_that_leaves_without_a_word_ends_the_server() {
    let mut client = Client::initialized();
    client.hang_up();
    assert_eq!(client.status(), 1);
}

#[test]
fn data_may_vanish_and_be_damaged_while_a_spec_is_open() {
    let workspace = Workspace::with_spec(SPEC, TABLE);
    let mut client = Client::initialized();
    let uri = client.open(&workspace.path("spec.mlspec.yaml"), SPEC);
    let publish = |message: &Value| message["method"] == "textDocument/publishDiagnostics";
    client.until(publish);
    for (id, table) in [(10, Some("species\n\"a")), (11, None), (12, Some("")), (13, Some(TABLE))] {
        match table {
            Some(table) => {
                workspace.write("data.csv", table);
            }
            None => std::fs::remove_file(workspace.path("data.csv")).expect("it is there"),
        }
        client.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
        // The server may look at the data by itself as well, and tell twice.
        let is_sound = |message: &Value| message["params"]["diagnostics"] == json!([]);
        client.until(|message| publish(message) && is_sound(message) == (id == 13));
        let answer = client.ask(id, "textDocument/completion", at(&uri, 3, 10));
        assert!(answer["result"].is_object(), "{answer}");
    }
    assert_eq!(client.end(), 0);
}

#[test]
fn large_documents_are_answered() {
    let mut client = Client::initialized();
    let mut text = SPEC.to_owned();
    while text.len() < 10 << 20 {
        text.push_str(
            "# a comment that goes on for a while, as generated files have them in their heads\n",
        );
    }
    let uri = client.open(Path::new("/nowhere/large.mlspec.yaml"), &text);
    let keys = client.ask(2, "textDocument/completion", at(&uri, 5, 2));
    assert!(labels(&keys).contains(&"ridge"));
    // Blank lines inside of what is never closed.
    let blank = "\n".repeat(2 << 20);
    for (id, open) in [(3, "{ dummy: {"), (4, "\"dummy"), (5, "|\n  dummy")] {
        let text = format!("model: {open}{blank}data:\n  path: a\n  \n");
        let path = format!("/nowhere/blank-{id}.mlspec.yaml");
        let uri = client.open(Path::new(&path), &text);
        let hover = client.ask(id, "textDocument/hover", at(&uri, 0, 2));
        assert!(hover["result"]["contents"]["value"].is_string(), "{hover}");
    }
    assert_eq!(client.end(), 0);
}

/// Small edits, as typing sends them, leave the server where the whole text would.
#[test]
fn edits_come_to_what_the_whole_text_comes_to() {
    const PIECES: [&str; 12] =
        ["\n", "\r\n", " ", "  - ", ": ", "{", "]", "é", "\u{1F427}", "'", "x", "accuracy"];
    let mut client = Client::start().initialize(json!({ "capabilities": {} }));
    let start = SPEC.replace("dummy", "größe\u{1F427}: {} # \r\n  dummy");
    let edited = client.open(Path::new("/nowhere/edited.mlspec.yaml"), &start);
    // Numbers that look random and are the same each time.
    let mut state = 7_u64;
    let mut draw = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let units: Vec<u16> = start.encode_utf16().collect();
    let mut text = units;
    for round in 2..60 {
        let mut changes = Vec::new();
        for _ in 0..=draw(3) {
            let from = whole(&text, draw(text.len() + 1));
            let to = whole(&text, (from + draw(9)).min(text.len()));
            let piece = PIECES[draw(PIECES.len())];
            let range = json!({ "start": position(&text, from), "end": position(&text, to) });
            changes.push(json!({ "range": range, "text": piece }));
            text.splice(from..to, piece.encode_utf16());
        }
        let document = json!({ "uri": edited, "version": round });
        client.tell(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": changes }),
        );
        let found = client.diagnostics(&edited, round);
        let path = format!("/nowhere/whole-{round}.mlspec.yaml");
        let string = String::from_utf16(&text).expect("whole characters");
        let fresh = client.open(Path::new(&path), &string);
        assert_eq!(found, client.diagnostics(&fresh, 1), "{string:?}");
        let symbols = |client: &mut Client, id: i32, uri: &str| {
            let asked = json!({ "textDocument": { "uri": uri } });
            client.ask(id.into(), "textDocument/foldingRange", asked)["result"].clone()
        };
        // While the text is no YAML, the one remembers a tree that the other never had.
        if !found.to_string().contains("yaml::syntax") {
            let one = symbols(&mut client, 2 * round, &edited);
            assert_eq!(one, symbols(&mut client, 2 * round + 1, &fresh), "{string:?}");
        }
        client.tell("textDocument/didClose", json!({ "textDocument": { "uri": fresh } }));
    }
    assert_eq!(client.end(), 0);
}

/// An offset that is not inside of a character or a line's end.
fn whole(text: &[u16], at: usize) -> usize {
    let low = |at: usize| text.get(at).is_some_and(|unit| (0xDC00..0xE000).contains(unit));
    let ended = at > 0 && text[at - 1] == 13 && text.get(at) == Some(&10);
    if low(at) || ended { at - 1 } else { at }
}

fn position(text: &[u16], at: usize) -> Value {
    let before = &text[..at];
    let ends = |at: usize| before[at] == 10 || (before[at] == 13 && text.get(at + 1) != Some(&10));
    let lines = (0..at).filter(|at| ends(*at)).count();
    let start = (0..at).rev().find(|at| ends(*at)).map_or(0, |end| end + 1);
    json!({ "line": lines, "character": at - start })
}

const NEOVIM: &str = r#"
local program, spec = vim.env.SERVER, vim.env.SPEC
vim.cmd("edit " .. spec)
local client = vim.lsp.start_client({ name = "mlspec", cmd = { program, "lsp" } })
assert(vim.wait(20000, function()
  local found = vim.lsp.get_client_by_id(client)
  return found ~= nil and found.initialized
end), "initialize")
vim.lsp.buf_attach_client(0, client)
local function ask(method, line, character)
  local params = {
    textDocument = vim.lsp.util.make_text_document_params(0),
    position = { line = line, character = character },
  }
  local answers = vim.lsp.buf_request_sync(0, method, params, 20000)
  return answers[client].result
end
local labels = {}
for _, item in ipairs(ask("textDocument/completion", 5, 2).items) do
  labels[#labels + 1] = item.label
end
io.stdout:write("completion: " .. table.concat(labels, " ") .. "\n")
vim.api.nvim_buf_set_text(0, 5, 2, 5, 11, { "ridge: { al" })
local typed = {}
for _, item in ipairs(ask("textDocument/completion", 5, 13).items) do
  typed[#typed + 1] = item.label
end
io.stdout:write("typed: " .. table.concat(typed, " ") .. "\n")
io.stdout:write("hover: " .. ask("textDocument/hover", 5, 3).contents.value .. "\n")
vim.lsp.stop_client(client)
vim.cmd("qall!")
"#;

/// Neovim is a client that nobody here wrote. Skipped where it is not installed.
#[test]
fn neovim_completes_and_explains() {
    let installed = Command::new("nvim").arg("--version").output();
    if !installed.is_ok_and(|output| output.status.success()) {
        return;
    }
    let workspace = Workspace::with_spec(SPEC, TABLE);
    workspace.write("session.lua", NEOVIM);
    let output = Command::new("nvim")
        .args(["--headless", "-n", "-u", "NONE", "-c", "luafile session.lua", "-c", "qall!"])
        .current_dir(workspace.path(""))
        .env("SERVER", env!("CARGO_BIN_EXE_mlspec"))
        .env("SPEC", "spec.mlspec.yaml")
        .env("XDG_STATE_HOME", workspace.path("state"))
        .env("XDG_CACHE_HOME", workspace.path("cache"))
        .env("MLSPEC_CACHE_DIR", workspace.path("kept"))
        .output()
        .expect("Neovim runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = |head: &str| text.lines().find(|line| line.contains(head)).unwrap_or_default();
    assert!(line("completion: ").contains("logistic_regression"), "{text}{error}");
    assert!(line("typed: ").contains("alpha"), "{text}{error}");
    assert!(line("hover: ").contains("**ridge**"), "{text}{error}");
}
