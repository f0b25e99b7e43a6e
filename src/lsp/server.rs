//! The server's loop: one message after the other, in their order; checks when nothing waits. Every
//! answer is worked out behind a wall that a panic does not get through.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

use super::checker::{self, Job, Report};
use super::dispatch::{self, Failure};
use super::inbox::{Event, Inbox, Next, forward};
use super::notice::{self, Effect};
use super::open::Open;
use super::settings::Settings;
use super::twice::is_of_schema;
use super::workspace::Workspace;
use super::{STACK_BYTES, convert};
use crate::session::Session;
use crate::spec::of_schema;
use crate::store::Store;

/// How long it takes at most until it shows that data were written, where the client does not tell.
const LOOK: Duration = Duration::from_secs(2);

/// The files that a spec can name as its data.
const DATA_FILES: &str = "**/*.{csv,tsv,ndjson,jsonl,parquet,arrow,feather,ipc,gz,zst}";

/// Serves a client to its end. Returns the exit status of the process.
pub fn serve(session: &Session<'_>, store: Option<Store>, client: Connection) -> u8 {
    let Connection { sender, receiver } = client;
    let (events, inbox) = channel();
    let (jobs, work) = channel();
    thread::scope(|scope| {
        let (to, kept) = (events.clone(), store.clone());
        let check = move || checker::work(session, kept.as_ref(), &work, &to);
        let builder = thread::Builder::new().name("lsp-checker".to_owned());
        let checker = builder.stack_size(STACK_BYTES).spawn_scoped(scope, check);
        if checker.is_err() || forward(scope, receiver, events).is_err() {
            return 1;
        }
        let send = |message| {
            // A client that is gone is told nothing.
            let _ = sender.send(message);
        };
        let inbox = Inbox::new(inbox);
        Server { session, store, jobs, send: &send, state: State::Before, inbox }.run()
    })
}

struct Server<'a, 's> {
    session: &'a Session<'s>,
    store: Option<Store>,
    jobs: Sender<Job>,
    send: &'a dyn Fn(Message),
    state: State,
    inbox: Inbox,
}

/// Where in its life the server is.
enum State {
    /// The client has not introduced itself.
    Before,
    Serving(Workspace),
    /// The client said that it will end the server.
    Ending,
}

impl Server<'_, '_> {
    fn run(mut self) -> u8 {
        let mut next = self.inbox.wait(LOOK);
        loop {
            match next {
                Next::Event(Event::Gone) => return 1,
                Next::Event(Event::Checker(report)) => self.tell(report),
                Next::Event(Event::Client(Message::Request(request))) => self.answer(request),
                Next::Event(Event::Client(Message::Notification(notification))) => {
                    if notification.method == "exit" {
                        return u8::from(!matches!(self.state, State::Ending));
                    }
                    self.notice(notification);
                }
                // Nothing that the server asks of a client needs its answer.
                Next::Event(Event::Client(Message::Response(_))) => {}
                Next::Idle => self.check(),
                Next::Quiet => self.look(),
            }
            for id in std::mem::take(&mut self.inbox.cancelled) {
                let code = ErrorCode::RequestCanceled as i32;
                self.respond(Response::new_err(id, code, "the client took it back".to_owned()));
            }
            next = match self.inbox.take() {
                Next::Idle if self.is_checked() => self.inbox.wait(LOOK),
                next => next,
            };
        }
    }

    fn answer(&mut self, request: Request) {
        let Request { id, method, params } = request;
        let state = std::mem::replace(&mut self.state, State::Ending);
        let answer = match (state, method.as_str()) {
            (State::Before, "initialize") => {
                let settings = Settings::read(&params);
                let capabilities = convert::capabilities(&settings);
                self.state = State::Serving(Workspace::new(settings));
                Ok(capabilities)
            }
            (State::Before, _) => {
                self.state = State::Before;
                let words = "the first request is `initialize`";
                Err(Failure::new(ErrorCode::ServerNotInitialized, words))
            }
            (State::Serving(_), "shutdown") => Ok(Value::Null),
            (State::Serving(mut workspace), method) => {
                self.recall(&mut workspace, method, &params);
                let session = self.session;
                let ask = || dispatch::answer(&mut workspace, session, method, params);
                let answer = match (method, catch_unwind(AssertUnwindSafe(ask))) {
                    ("initialize", _) => {
                        let words = "`initialize` was asked before";
                        Err(Failure::new(ErrorCode::InvalidRequest, words))
                    }
                    (_, Ok(answer)) => answer,
                    (_, Err(_)) => {
                        let words = format!("`{method}` crashed: this is a bug in mlspec");
                        Err(Failure::new(ErrorCode::InternalError, words))
                    }
                };
                self.state = State::Serving(workspace);
                answer
            }
            (State::Ending, _) => {
                let words = "after `shutdown` there is nothing but `exit`";
                Err(Failure::new(ErrorCode::InvalidRequest, words))
            }
        };
        self.respond(match answer {
            // `new_ok` would copy it.
            Ok(result) => Response { id, response_result: Ok(result) },
            Err(failure) => Response::new_err(id, failure.code, failure.message),
        });
    }

    fn respond(&self, response: Response) {
        (self.send)(Message::Response(response));
    }

    fn notice(&mut self, notification: Notification) {
        let State::Serving(workspace) = &mut self.state else { return };
        let Notification { method, params } = notification;
        if method == "initialized" {
            self.watch();
            return;
        }
        let take = || notice::take(workspace, &method, params);
        let effect = match catch_unwind(AssertUnwindSafe(take)) {
            Ok(Ok(effect)) => effect,
            Ok(Err(failure)) => return self.log(&format!("{method}: {}", failure.message)),
            Err(_) => return self.log(&format!("`{method}` crashed: this is a bug in mlspec")),
        };
        match effect {
            Effect::None => {}
            Effect::CheckAll => {
                for (_, open) in workspace.all() {
                    open.asked = false;
                }
            }
            Effect::Closed(uri) => self.publish(&json!({ "uri": uri, "diagnostics": [] })),
        }
    }

    /// Asks to be told when a file is written, where the client can tell.
    fn watch(&mut self) {
        let State::Serving(workspace) = &self.state else { return };
        if workspace.settings.registers_watchers {
            let watchers = json!([{ "globPattern": DATA_FILES }]);
            let registration = json!({
                "id": "files",
                "method": "workspace/didChangeWatchedFiles",
                "registerOptions": { "watchers": watchers },
            });
            self.request("client/registerCapability", json!({ "registrations": [registration] }));
        }
    }

    fn is_checked(&mut self) -> bool {
        match &mut self.state {
            State::Serving(workspace) => workspace.all().all(|(_, open)| open.asked),
            State::Before | State::Ending => true,
        }
    }

    /// Has everything checked that was edited since it was last asked for.
    fn check(&mut self) {
        let State::Serving(workspace) = &mut self.state else { return };
        for (uri, open) in workspace.all().filter(|(_, open)| !open.asked) {
            open.asked = true;
            let parse = || open.parse(self.session.environment).clone();
            let Ok(parsed) = catch_unwind(AssertUnwindSafe(parse)) else { continue };
            let job = Job { uri: uri.clone(), parsed };
            let _ = self.jobs.send(job);
        }
    }

    /// Has everything checked whose data were written, and shows what has been run, in the quiet.
    fn look(&mut self) {
        let State::Serving(workspace) = &mut self.state else { return };
        let mut ran = false;
        for (_, open) in workspace.all() {
            let inputs = open.checked.iter().flat_map(|checked| &checked.inputs);
            if !inputs.into_iter().all(|input| input.is_current()) {
                open.asked = false;
            }
            let last = self.store.as_ref().and_then(|store| store.last(&open.path));
            ran |= last != open.last;
            open.last = last;
        }
        if ran {
            self.refresh_hints();
        }
    }

    /// Looks what a spec came to last where it was just opened: not every client can be told to ask again.
    fn recall(&self, workspace: &mut Workspace, method: &str, params: &Value) {
        if !matches!(method, "textDocument/inlayHint" | "textDocument/hover") {
            return;
        }
        let uri = params["textDocument"]["uri"].as_str();
        if let (Some(open), Some(store)) = (uri.and_then(|uri| workspace.get(uri)), &self.store)
            && open.checked.is_none()
        {
            open.last = store.last(&open.path);
        }
    }

    /// Asks the client to ask for the last run's values again.
    fn refresh_hints(&self) {
        let State::Serving(workspace) = &self.state else { return };
        if workspace.settings.refreshes_hints {
            self.request("workspace/inlayHint/refresh", Value::Null);
        }
    }

    /// Tells the client what the checker came to.
    fn tell(&mut self, report: Report) {
        let State::Serving(workspace) = &mut self.state else { return };
        match report {
            Report::Checked { uri, outcome, last } => {
                let Some((open, settings)) = workspace.get_with_settings(&uri) else { return };
                if !open.is_tree(&outcome.document) {
                    return;
                }
                let last = last.map(|last| *last);
                let ran = last != open.last;
                open.last = last;
                open.checked = Some(*outcome);
                let (version, diagnostics) = (open.version, diagnostics(open, &uri, settings));
                self.publish(
                    &json!({ "uri": uri, "version": version, "diagnostics": diagnostics }),
                );
                if ran {
                    self.refresh_hints();
                }
            }
            Report::Known { uri, known } => {
                // While the text is no YAML its data may be hidden, and are hardly others.
                if let Some(open) = workspace.get(&uri)
                    && (known.is_some() || open.is_good())
                {
                    open.known = known;
                }
            }
        }
    }

    fn publish(&self, parameters: &Value) {
        self.notify("textDocument/publishDiagnostics", parameters.clone());
    }

    fn log(&self, message: &str) {
        self.notify("window/logMessage", json!({ "type": 2, "message": message }));
    }

    fn notify(&self, method: &str, params: Value) {
        (self.send)(Message::Notification(Notification { method: method.to_owned(), params }));
    }

    /// Asks something of the client, whose answer nobody waits for.
    fn request(&self, method: &str, params: Value) {
        let id = RequestId::from(format!("mlspec: {method}"));
        (self.send)(Message::Request(Request { id, method: method.to_owned(), params }));
    }
}

/// What a check found, as far as it is for this client.
fn diagnostics(open: &Open, uri: &str, settings: &Settings) -> Value {
    let Some(outcome) = &open.checked else { return json!([]) };
    let places = open.places(settings.encoding);
    let elsewhere = (!settings.schema_errors).then(|| of_schema(&outcome.document));
    let told: Vec<_> = outcome
        .diagnostics
        .iter()
        .filter(|found| elsewhere.as_ref().is_none_or(|schema| !is_of_schema(schema, found)))
        .map(|found| convert::diagnostic(found, &outcome.document, places, uri, settings.related))
        .collect();
    json!(told)
}
