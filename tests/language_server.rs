//! `mlspec lsp` as a process, from outside: with frames written here, and with Neovim as a client where it is
//! installed.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Workspace, program};

const SPEC: &str = "version: 1\ndata:\n  path: data.csv\n  target: species\nmodel:\n  dummy: {}\nthresholds:\n  accuracy: '> 0.1'\n";
const TABLE: &str = "species,\"body mass\"\na,1\nb,2\na,3\nb,4\na,5\nb,6\n";

/// A server and the two ends that a client holds.
struct Client {
    server: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Client {
    fn start() -> Self {
        let mut command = program();
        command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn().expect("the server starts");
        let from = BufReader::new(server.stdout.take().expect("its output"));
        let to = server.stdin.take();
        Self { server, to, from }
    }

    fn initialized() -> Self {
        let mut client = Self::start();
        let capabilities = json!({
            "general": { "positionEncodings": ["utf-8"] },
            "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } },
        });
        let answer = client.ask(1, "initialize", json!({ "capabilities": capabilities }));
        assert_eq!(answer["result"]["capabilities"]["hoverProvider"], true, "{answer}");
        assert!(answer["result"]["capabilities"]["completionProvider"].is_object());
        client.tell("initialized", json!({}));
        client
    }

    fn raw(&mut self, content: &str) {
        let to = self.to.as_mut().expect("the input is open");
        write!(to, "Content-Length: {}\r\n\r\n{content}", content.len()).expect("it listens");
        to.flush().expect("it listens");
    }

    fn tell(&mut self, method: &str, params: Value) {
        let mut message = json!({ "jsonrpc": "2.0", "method": method });
        message["params"] = params;
        self.raw(&message.to_string());
    }

    /// Asks, and skips what comes before the answer.
    fn ask(&mut self, id: i64, method: &str, params: Value) -> Value {
        let mut request = json!({ "jsonrpc": "2.0", "id": id, "method": method });
        request["params"] = params;
        self.raw(&request.to_string());
        self.until(|message| message["id"] == id && message.get("method").is_none())
    }

    fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.next();
            if wanted(&message) {
                return message;
            }
        }
    }

    fn next(&mut self) -> Value {
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

    fn open(&mut self, path: &Path, text: &str) -> String {
        let uri = format!("file://{}", path.display());
        let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
        uri
    }

    /// Ends the server as the protocol asks, and gives its exit status.
    fn end(mut self) -> i32 {
        let answer = self.ask(9999, "shutdown", Value::Null);
        assert_eq!(answer["result"], Value::Null);
        self.tell("exit", Value::Null);
        self.server.wait().expect("it ends").code().expect("it was not killed")
    }
}

fn at(uri: &str, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

fn labels(answer: &Value) -> Vec<&str> {
    let items = answer["result"]["items"].as_array().expect("a list");
    items.iter().filter_map(|item| item["label"].as_str()).collect()
}

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
    let columns = (10..200).map(|id| client.ask(id, "textDocument/completion", at(&uri, 3, 10)));
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
fn a_client_that_leaves_without_a_word_ends_the_server() {
    let mut client = Client::initialized();
    client.to = None;
    assert_eq!(client.server.wait().expect("it ends").code(), Some(1));
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
