//! Times the language server on a spec of 5,000 lines: each request, and from a keystroke to its diagnostics, with
//! the data's header cached. Prints the median and the 95th percentile in milliseconds, and how much the answers hold.
//!
//! usage: cargo bench --bench language_server

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use lsp_server::{Connection, Message, Notification, Request, RequestId};
use mlspec::kinds::models::StopFlag;
use mlspec::lsp::serve_client;
use mlspec::session::Session;
use mlspec::store::Store;
use mlspec::text::{ProcessEnvironment, Source};
use serde_json::{Value, json};

const ROUNDS: usize = 60;
const LINES: usize = 5000;

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
static STOP: StopFlag = StopFlag::new();

fn clock() -> Duration {
    STARTED.elapsed()
}

#[expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut table = String::from("species,island,mass,length\n");
    for row in 0..3000 {
        let _ = writeln!(table, "s{},i{},{},{}", row % 3, row % 5, row, row * 2);
    }
    fs::write(folder.path().join("data.csv"), table).expect("the data");
    let path = folder.path().join("large.mlspec.yaml");
    let uri = format!("file://{}", path.display());
    let text = spec();
    let store = Store::at(&folder.path().join("kept"));
    run(&store, &path, &text);
    let (client, server) = Connection::memory();
    thread::spawn(move || {
        serve_client(&Session::new(&ProcessEnvironment, &clock, &STOP), Some(store), server)
    });
    let mut bench = Bench { client, uri, next: 0 };
    bench.ask("initialize", json!({ "capabilities": { "textDocument": { "documentSymbol": { "hierarchicalDocumentSymbolSupport": true } } } }));
    bench.tell("initialized", json!({}));
    let document = json!({ "uri": bench.uri, "languageId": "yaml", "version": 1, "text": text });
    bench.tell("textDocument/didOpen", json!({ "textDocument": document }));
    bench.diagnostics();
    println!("{} lines, {ROUNDS} rounds", text.lines().count());
    println!("{:<36} {:>9} {:>9} {:>6}", "", "median ms", "p95 ms", "items");
    let end = text.lines().count();
    let document = json!({ "uri": bench.uri });
    let all =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": end, "character": 0 } });
    let first = text.lines().position(|line| line == "thresholds:").expect("bounds") + 1;
    let last = end - 3;
    let (key, bound) = ("  accuracy@s".len(), "    - { max: 0.9, severity: w".len());
    let keys = [("on the first key", first, key), ("on the last key", last, key)];
    let all_places = [keys[0], keys[1], ("in the last bound", last + 2, bound)];
    for (method, with, places) in [
        ("completion", json!({}), &all_places[..]),
        ("hover", json!({}), &all_places),
        ("definition", json!({}), &keys),
        ("references", json!({ "context": { "includeDeclaration": true } }), &keys),
        ("prepareRename", json!({}), &keys),
    ] {
        for (name, line, character) in places {
            let mut params = with.clone();
            params["textDocument"] = document.clone();
            params["position"] = json!({ "line": line, "character": character });
            let (times, items) = bench.times(&format!("textDocument/{method}"), &params);
            row(&format!("{method} {name}"), times, Some(items));
        }
    }
    for (method, with) in [
        ("documentSymbol", json!({})),
        ("foldingRange", json!({})),
        ("documentLink", json!({})),
        ("codeLens", json!({})),
        ("inlayHint", json!({ "range": all })),
    ] {
        let mut params = with.clone();
        params["textDocument"] = document.clone();
        let (times, items) = bench.times(&format!("textDocument/{method}"), &params);
        row(method, times, Some(items));
    }
    // Typed into the name of a slice.
    let at = json!({ "line": last, "character": key });
    let behind = json!({ "line": last, "character": key + 1 });
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let (typed, end) = if round % 2 == 0 { ("x", &at) } else { ("", &behind) };
        let change = json!({ "range": { "start": at, "end": end }, "text": typed });
        let started = Instant::now();
        bench.change(round + 2, &change);
        bench.diagnostics();
        times.push(started.elapsed());
        // As typing does, wait until the server is quiet.
        let hover = json!({ "textDocument": document, "position": { "line": 0, "character": 0 } });
        bench.ask("textDocument/hover", hover);
    }
    row("a keystroke to its diagnostics", times, None);
    // A name that is nearly one of the spec's has a fix.
    bench.change(ROUNDS + 2, &json!({ "range": { "start": at, "end": at }, "text": "x" }));
    bench.diagnostics();
    let params =
        json!({ "textDocument": document, "range": all, "context": { "diagnostics": [] } });
    let (times, items) = bench.times("textDocument/codeAction", &params);
    row("codeAction of a misspelt name", times, Some(items));
    let shown = json!({ "textDocument": document, "position": behind });
    let (mut times, mut items) = (Vec::new(), 0);
    for round in 0..ROUNDS {
        let change = json!({ "range": { "start": at, "end": at }, "text": "1" });
        bench.change(ROUNDS + round + 3, &change);
        let started = Instant::now();
        let answer = bench.ask("textDocument/completion", shown.clone());
        times.push(started.elapsed());
        items = count(&answer);
    }
    row("completion right after a keystroke", times, Some(items));
}

/// Runs the spec once and keeps what it came to, for the values beside its bounds.
fn run(store: &Store, path: &Path, text: &str) {
    fs::write(path, text).expect("the spec");
    let session = Arc::new(Session::new(&ProcessEnvironment, &clock, &STOP));
    let outcome = session.run_source(Source::new(path.to_owned(), text));
    assert!(!outcome.verdicts.is_empty(), "{:?}", outcome.diagnostics.first());
    store.keep(path, &outcome, SystemTime::now()).expect("a last run");
}

#[expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
fn row(name: &str, mut times: Vec<Duration>, items: Option<usize>) {
    times.sort();
    let at =
        |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    let items = items.map(|items| items.to_string()).unwrap_or_default();
    println!("{name:<36} {:>9.2} {:>9.2} {items:>6}", at(50), at(95));
}

/// How much an answer holds: an empty one is answered at once.
fn count(answer: &Value) -> usize {
    match answer {
        Value::Array(items) => items.len(),
        Value::Object(map) => map.get("items").map_or(1, count),
        _ => 0,
    }
}

/// A spec with bounds on every second of many slices; the others can still be named.
fn spec() -> String {
    let mut text = String::from(
        "version: 1\nname: large\ndata:\n  path: data.csv\n  target: species\nmodel:\n  dummy: {}\nslices:\n",
    );
    let slices = LINES * 2 / 9;
    for slice in 0..slices {
        let _ = writeln!(text, "  s{slice}:\n    where: \"mass > {slice}\"\n    min_rows: 1");
    }
    text.push_str("thresholds:\n");
    for slice in (0..slices).step_by(2) {
        let _ = writeln!(
            text,
            "  accuracy@s{slice}:\n    - \"> 0.1\"\n    - {{ max: 0.9, severity: warn }}"
        );
    }
    text
}

struct Bench {
    client: Connection,
    uri: String,
    next: i32,
}

impl Bench {
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request { id: id.clone(), method: method.to_owned(), params };
        self.client.sender.send(Message::Request(request)).expect("the server listens");
        loop {
            match self.client.receiver.recv().expect("the server answers") {
                Message::Response(response) if response.id == id => {
                    return response.response_result.expect("an answer");
                }
                _ => {}
            }
        }
    }

    fn tell(&self, method: &str, params: Value) {
        let notification = Notification { method: method.to_owned(), params };
        self.client.sender.send(Message::Notification(notification)).expect("the server listens");
    }

    fn change(&self, version: usize, change: &Value) {
        let document = json!({ "uri": self.uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        self.tell("textDocument/didChange", params);
    }

    fn diagnostics(&self) {
        loop {
            match self.client.receiver.recv().expect("the server tells") {
                Message::Notification(told) if told.method == "textDocument/publishDiagnostics" => {
                    return;
                }
                _ => {}
            }
        }
    }

    /// How long an answer takes, and how much it holds.
    fn times(&mut self, method: &str, params: &Value) -> (Vec<Duration>, usize) {
        let mut items = 0;
        let ask = |_| {
            let started = Instant::now();
            let answer = self.ask(method, params.clone());
            let time = started.elapsed();
            items = count(&answer);
            time
        };
        let times = (0..ROUNDS).map(ask).collect();
        (times, items)
    }
}
