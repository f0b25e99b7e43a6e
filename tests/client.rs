//! A client of `mlspec lsp`, as a process: frames written and read here, one after the other.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::program;

/// A server and the two ends that a client holds.
pub struct Client {
    server: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Client {
    pub fn start() -> Self {
        Self::of(program())
    }

    /// A server that is started by a command of one's own.
    pub fn of(mut command: Command) -> Self {
        command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn().expect("the server starts");
        let from = BufReader::new(server.stdout.take().expect("its output"));
        let to = server.stdin.take();
        Self { server, to, from }
    }

    pub fn initialized() -> Self {
        let capabilities = json!({
            "general": { "positionEncodings": ["utf-8"] },
            "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } },
        });
        Self::start().initialize(json!({ "capabilities": capabilities }))
    }

    pub fn initialize(self, params: Value) -> Self {
        let mut client = self;
        let answer = client.ask(1, "initialize", params);
        assert_eq!(answer["result"]["capabilities"]["hoverProvider"], true, "{answer}");
        assert!(answer["result"]["capabilities"]["completionProvider"].is_object());
        client.tell("initialized", json!({}));
        client
    }

    pub fn raw(&mut self, content: &str) {
        let to = self.to.as_mut().expect("the input is open");
        write!(to, "Content-Length: {}\r\n\r\n{content}", content.len()).expect("it listens");
        to.flush().expect("it listens");
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        let mut message = json!({ "jsonrpc": "2.0", "method": method });
        message["params"] = params;
        self.raw(&message.to_string());
    }

    /// Asks, and skips what comes before the answer.
    pub fn ask(&mut self, id: i64, method: &str, params: Value) -> Value {
        let mut request = json!({ "jsonrpc": "2.0", "id": id, "method": method });
        request["params"] = params;
        self.raw(&request.to_string());
        self.until(|message| message["id"] == id && message.get("method").is_none())
    }

    pub fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.next();
            if wanted(&message) {
                return message;
            }
        }
    }

    pub fn next(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            let read = self.from.read_line(&mut line).expect("its output can be read");
            assert!(read > 0, "the server ended");
            match line.trim().split_once(": ") {
                Some(("Content-Length", bytes)) => length = bytes.parse().expect("a number"),
                Some(_) => {}
                None => break,
            }
        }
        let mut content = vec![0; length];
        self.from.read_exact(&mut content).expect("all of a message");
        serde_json::from_slice(&content).expect("a message is JSON")
    }

    pub fn open(&mut self, path: &Path, text: &str) -> String {
        self.open_uri(format!("file://{}", path.display()), text)
    }

    pub fn open_uri(&mut self, uri: String, text: &str) -> String {
        let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
        uri
    }

    /// Another text in the place of a document's; gives what is found in it.
    pub fn replace(&mut self, uri: &str, version: i32, text: &str) -> Value {
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        self.tell("textDocument/didChange", params);
        self.diagnostics(uri, version)
    }

    /// What is found in a version of a document.
    pub fn diagnostics(&mut self, uri: &str, version: i32) -> Value {
        let told = self.until(|message| {
            let of = &message["params"];
            message["method"] == "textDocument/publishDiagnostics"
                && of["uri"] == uri
                && of["version"] == version
        });
        told["params"]["diagnostics"].clone()
    }

    /// Closes the server's input.
    pub fn hang_up(&mut self) {
        self.to = None;
    }

    /// The exit status, once the server has ended.
    pub fn status(&mut self) -> i32 {
        self.server.wait().expect("it ends").code().expect("it was not killed")
    }

    /// Ends the server as the protocol asks, and gives its exit status.
    pub fn end(mut self) -> i32 {
        let answer = self.ask(9999, "shutdown", Value::Null);
        assert_eq!(answer["result"], Value::Null);
        self.tell("exit", Value::Null);
        self.status()
    }
}

pub fn at(uri: &str, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

pub fn labels(answer: &Value) -> Vec<&str> {
    let items = answer["result"]["items"].as_array().expect("a list");
    items.iter().filter_map(|item| item["label"].as_str()).collect()
}
