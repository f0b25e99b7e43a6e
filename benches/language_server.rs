//! Times the language server on a spec of 5,000 lines: each request, and from a keystroke to its diagnostics, with
//! the data's header cached. Prints the median and the 95th percentile in milliseconds.
//!
//! usage: cargo bench --bench language_server

use std::fmt::Write as _;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use lsp_server::{Connection, Message, Notification, Request, RequestId};
use mlspec::kinds::models::StopFlag;
use mlspec::lsp::serve_client;
use mlspec::session::Session;
use mlspec::text::ProcessEnvironment;
use serde_json::{Value, json};

const ROUNDS: usize = 60;
const LINES: usize = 5000;

#[expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut table = String::from("species,island,mass,length\n");
    for row in 0..1000 {
        let _ = writeln!(table, "s{},i{},{},{}", row % 3, row % 5, row, row * 2);
    }
    fs::write(folder.path().join("data.csv"), table).expect("the data");
    let path = folder.path().join("large.mlspec.yaml");
    let uri = format!("file://{}", path.display());
    let text = spec();
    let (client, server) = Connection::memory();
    thread::spawn(move || {
        let started = Instant::now();
        let clock = || started.elapsed();
        let stop = StopFlag::default();
        let session = Session::new(&ProcessEnvironment, &clock, &stop);
        serve_client(&session, None, server)
    });
    let mut bench = Bench { client, uri, next: 0 };
    bench.ask("initialize", json!({ "capabilities": {} }));
    bench.tell("initialized", json!({}));
    let document = json!({ "uri": bench.uri, "languageId": "yaml", "version": 1, "text": text });
    bench.tell("textDocument/didOpen", json!({ "textDocument": document }));
    bench.diagnostics();
    println!("{} lines, {ROUNDS} rounds", text.lines().count());
    println!("{:<36} {:>9} {:>9}", "", "median ms", "p95 ms");
    let last = u32::try_from(text.lines().count()).expect("few lines") - 1;
    let document = json!({ "uri": bench.uri });
    let all =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": last, "character": 0 } });
    let places = [("at the start", 3), ("at the end", last - 1)];
    for (method, with) in [
        ("completion", json!({})),
        ("hover", json!({})),
        ("definition", json!({})),
        ("references", json!({ "context": { "includeDeclaration": true } })),
        ("prepareRename", json!({})),
    ] {
        for (name, line) in places {
            let mut params = with.clone();
            params["textDocument"] = document.clone();
            params["position"] = json!({ "line": line, "character": 4 });
            let times = bench.times(&format!("textDocument/{method}"), &params);
            row(&format!("{method} {name}"), times);
        }
    }
    for (method, with) in [
        ("documentSymbol", json!({})),
        ("foldingRange", json!({})),
        ("documentLink", json!({})),
        ("codeLens", json!({})),
        ("inlayHint", json!({ "range": all })),
        ("codeAction", json!({ "range": all, "context": { "diagnostics": [] } })),
    ] {
        let mut params = with.clone();
        params["textDocument"] = document.clone();
        let times = bench.times(&format!("textDocument/{method}"), &params);
        row(method, times);
    }
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let at = json!({ "line": 1, "character": 6 });
        let typed = if round % 2 == 0 { "x" } else { "" };
        let end = json!({ "line": 1, "character": if round % 2 == 0 { 6 } else { 7 } });
        let change = json!({ "range": { "start": at, "end": end }, "text": typed });
        let document = json!({ "uri": bench.uri, "version": round + 2 });
        let started = Instant::now();
        bench.tell(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": [change] }),
        );
        bench.diagnostics();
        times.push(started.elapsed());
        // As typing does, wait until the server is quiet.
        let hover = json!({ "textDocument": { "uri": bench.uri }, "position": { "line": 0, "character": 0 } });
        bench.ask("textDocument/hover", hover);
    }
    row("a keystroke to its diagnostics", times);
    let shown =
        json!({ "textDocument": { "uri": bench.uri }, "position": { "line": 1, "character": 6 } });
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let at = json!({ "line": 1, "character": 6 });
        let change = json!({ "range": { "start": at, "end": at }, "text": "y" });
        let document = json!({ "uri": bench.uri, "version": ROUNDS + round + 2 });
        bench.tell(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": [change] }),
        );
        let started = Instant::now();
        bench.ask("textDocument/completion", shown.clone());
        times.push(started.elapsed());
    }
    row("completion right after a keystroke", times);
}

#[expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
fn row(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let at =
        |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!("{name:<36} {:>9.2} {:>9.2}", at(50), at(95));
}

/// A spec with a bound on each value of many slices.
fn spec() -> String {
    let mut text = String::from(
        "version: 1\nname: large\ndata:\n  path: data.csv\n  target: species\nmodel:\n  dummy: {}\nslices:\n",
    );
    let slices = LINES / 6;
    for slice in 0..slices {
        let _ = writeln!(text, "  s{slice}:\n    where: \"mass > {slice}\"\n    min_rows: 1");
    }
    text.push_str("thresholds:\n");
    for slice in 0..slices {
        let _ = writeln!(
            text,
            "  accuracy@s{slice}:\n    - \"> 0.1\"\n    - {{ max: 1.0, severity: warn }}"
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
    fn ask(&mut self, method: &str, params: Value) {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request { id: id.clone(), method: method.to_owned(), params };
        self.client.sender.send(Message::Request(request)).expect("the server listens");
        loop {
            match self.client.receiver.recv().expect("the server answers") {
                Message::Response(response) if response.id == id => return,
                _ => {}
            }
        }
    }

    fn tell(&self, method: &str, params: Value) {
        let notification = Notification { method: method.to_owned(), params };
        self.client.sender.send(Message::Notification(notification)).expect("the server listens");
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

    fn times(&mut self, method: &str, params: &Value) -> Vec<Duration> {
        let ask = |_| {
            let started = Instant::now();
            self.ask(method, params.clone());
            started.elapsed()
        };
        (0..ROUNDS).map(ask).collect()
    }
}
