//! Standard output that survives a closed pipe, and what the terminal can show.

use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use super::args::Colour;
use crate::report::look::{Look, on_a_line};

/// Whether something was to be printed that could not be, though somebody waits for it.
static LOST: AtomicBool = AtomicBool::new(false);

/// Standard output, and whether anybody still reads it.
#[derive(Debug, Default)]
pub struct Output {
    closed: AtomicBool,
}

impl Output {
    /// Prints text as it is. Once the reader has gone, the rest is dropped: the exit status still
    /// tells the verdict.
    pub fn print(&self, text: &str) {
        if self.closed.load(Ordering::Relaxed) {
            return;
        }
        let mut out = io::stdout().lock();
        if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            self.closed.store(true, Ordering::Relaxed);
            if error.kind() != ErrorKind::BrokenPipe {
                LOST.store(true, Ordering::Relaxed);
                warn(&format!("standard output cannot be written: {error}"));
            }
        }
    }

    pub fn line(&self, text: &str) {
        self.print(&format!("{text}\n"));
    }
}

/// The exit status of a command that came to this one: what passed has not done what it was asked to if its
/// words were lost.
pub fn status(come_to: u8) -> u8 {
    if come_to == 0 && LOST.load(Ordering::Relaxed) { 2 } else { come_to }
}

/// Text for people on standard error.
pub fn complain(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// One line on standard error, whatever names of files and flags hold.
pub fn warn(text: &str) {
    let _ = writeln!(io::stderr().lock(), "mlspec: {}", on_a_line(text));
}

/// Uses colours when asked to, from now on.
pub fn choose(colour: Colour) {
    let choice = match colour {
        Colour::Auto => return,
        Colour::Always => anstream::ColorChoice::Always,
        Colour::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// What standard output can show: colour by anstream's rules (`NO_COLOR`, `CLICOLOR_FORCE`, a
/// terminal), box characters by the locale, the width of the terminal, and 100 columns in a pipe.
pub fn look() -> Look {
    let colour = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    let unicode = supports_unicode::on(supports_unicode::Stream::Stdout);
    let width = terminal_size::terminal_size_of(io::stdout())
        .map_or(100, |(width, _)| usize::from(width.0))
        .clamp(40, 120);
    let links = colour && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout);
    Look { colour, unicode, width, links }
}
