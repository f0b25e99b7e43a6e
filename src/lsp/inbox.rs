//! What waits for the server: messages of the client in their order, without the requests that it took
//! back, and what the checker came to.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Duration;

use lsp_server::{Message, Notification, RequestId};

use super::checker::Report;

/// What the server reacts to.
#[derive(Debug)]
pub enum Event {
    Client(Message),
    Checker(Report),
    /// The client closed the connection.
    Gone,
}

/// What waits, and where more comes from.
#[derive(Debug)]
pub struct Inbox {
    from: Receiver<Event>,
    waiting: VecDeque<Event>,
    /// Requests that were taken back before their turn.
    pub cancelled: Vec<RequestId>,
}

/// What there is to do next.
#[derive(Debug)]
pub enum Next {
    Event(Event),
    /// Nothing waits any more.
    Idle,
    /// For a while nothing has come.
    Quiet,
}

impl Inbox {
    pub fn new(from: Receiver<Event>) -> Self {
        Self { from, waiting: VecDeque::new(), cancelled: Vec::new() }
    }

    /// Takes what has come in meanwhile, and gives the next event, if any waits.
    pub fn take(&mut self) -> Next {
        while let Ok(event) = self.from.try_recv() {
            self.add(event);
        }
        self.waiting.pop_front().map_or(Next::Idle, Next::Event)
    }

    /// Waits for the next event.
    pub fn wait(&mut self, most: Duration) -> Next {
        match self.from.recv_timeout(most) {
            Ok(event) => {
                self.add(event);
                self.take()
            }
            Err(RecvTimeoutError::Timeout) => Next::Quiet,
            Err(RecvTimeoutError::Disconnected) => Next::Event(Event::Gone),
        }
    }

    fn add(&mut self, event: Event) {
        match &event {
            Event::Client(Message::Notification(each)) if each.method == "$/cancelRequest" => {
                let Some(id) = cancelled(each) else { return };
                let before = self.waiting.len();
                self.waiting.retain(|waiting| match waiting {
                    Event::Client(Message::Request(request)) => request.id != id,
                    Event::Client(_) | Event::Checker(_) | Event::Gone => true,
                });
                if self.waiting.len() < before {
                    self.cancelled.push(id);
                }
            }
            Event::Client(_) | Event::Checker(_) | Event::Gone => self.waiting.push_back(event),
        }
    }
}

fn cancelled(notification: &Notification) -> Option<RequestId> {
    serde_json::from_value(notification.params.get("id")?.clone()).ok()
}

/// Passes the client's messages on until it closes the connection or says `exit`.
pub fn forward<'scope>(
    scope: &'scope Scope<'scope, '_>,
    messages: impl IntoIterator<Item = Message> + Send + 'scope,
    to: Sender<Event>,
) -> std::io::Result<ScopedJoinHandle<'scope, ()>> {
    std::thread::Builder::new().name("lsp-inbox".to_owned()).spawn_scoped(scope, move || {
        for message in messages {
            let exit = matches!(&message, Message::Notification(each) if each.method == "exit");
            if to.send(Event::Client(message)).is_err() || exit {
                return;
            }
        }
        let _ = to.send(Event::Gone);
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use lsp_server::Request;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_request_that_was_taken_back_is_not_given_out() {
        let (to, from) = channel();
        let mut inbox = Inbox::new(from);
        let request = |id: i32| {
            let request = Request { id: id.into(), method: "x".to_owned(), params: Value::Null };
            Event::Client(Message::Request(request))
        };
        let cancel = |params: Value| {
            let method = "$/cancelRequest".to_owned();
            Event::Client(Message::Notification(Notification { method, params }))
        };
        for event in [request(1), request(2), cancel(json!({"id": 2})), cancel(json!({"id": 9}))] {
            to.send(event).unwrap();
        }
        to.send(cancel(json!("nonsense"))).unwrap();
        let Next::Event(Event::Client(Message::Request(first))) = inbox.take() else { panic!() };
        assert_eq!(first.id, 1.into());
        assert!(matches!(inbox.take(), Next::Idle));
        assert_eq!(inbox.cancelled, [2.into()]);
    }
}
