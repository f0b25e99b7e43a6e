//! The language server: serves one editor over the protocol, and trains nothing.
//!
//! ```text
//! stdio ─▶ inbox ─▶ server ─▶ dispatch ─▶ a feature over a `View` ─▶ convert ─▶ answer
//!                     └─▶ checker, on a thread of its own ─▶ diagnostics, what is known of the data
//! ```
//!
//! Features are pure functions over a `View` with offsets in bytes, one file each. Only `convert`, `dispatch` and
//! `notice` know the protocol's types.

mod dispatch;
mod inbox;
mod notice;
mod server;
mod settings;
mod stdio;

mod checker;
mod open;
mod view;
mod workspace;

mod actions;
pub mod complete;
mod definition;
mod folding;
mod hints;
pub mod hover;
mod lenses;
mod links;
mod references;
mod rename;
mod symbols;

mod columns;
mod names;
mod parts;
mod paths;
mod sql;
mod twice;

mod convert;
mod lines;
mod uri;

#[cfg(test)]
mod anywhere;
#[cfg(test)]
mod testing;

use std::io;
use std::sync::{Arc, Mutex};
use std::thread;

use lsp_server::Connection;

use crate::session::Session;
use crate::store::Store;

pub use lines::{Encoding, Lines, Position};
pub use view::{Drift, View};

/// Deep enough for the recursive parsers of the libraries below.
const STACK_BYTES: usize = 16 << 20;

/// Serves the client at standard input and output until it says goodbye. Returns the exit status: 0, or 1
/// where the client left without a word.
pub fn serve(session: &Session<'_>, store: Option<Store>) -> u8 {
    let (streams, client) = Connection::memory();
    let Connection { sender, receiver } = streams;
    let output = Arc::new(Mutex::new(io::stdout()));
    let answers = Arc::clone(&output);
    let read = move || {
        stdio::read_all(io::stdin().lock(), &answers, |message| sender.send(message).is_ok());
    };
    let write = move || stdio::write_all(receiver, &output);
    let spawn = |name: &str| thread::Builder::new().name(name.to_owned());
    // The reader may wait for a message that never comes, so nobody waits for it.
    if spawn("lsp-reader").spawn(read).is_err() {
        return 1;
    }
    let Ok(writer) = spawn("lsp-writer").spawn(write) else { return 1 };
    let status = serve_client(session, store, client);
    let _ = writer.join();
    status
}

/// Serves the client at the other end of a connection.
pub fn serve_client(session: &Session<'_>, store: Option<Store>, client: Connection) -> u8 {
    thread::scope(|scope| {
        let serve = || server::serve(session, store, client);
        let builder = thread::Builder::new().name("lsp".to_owned()).stack_size(STACK_BYTES);
        match builder.spawn_scoped(scope, serve) {
            Ok(server) => server.join().unwrap_or(1),
            Err(_) => 1,
        }
    })
}
