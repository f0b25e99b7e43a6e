//! What the program logs for those who look into it: to standard error, as `MLSPEC_LOG` asks.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

use super::output::warn;
use super::progress::Verbosity;

/// The variable that says what is logged: `debug`, `mlspec::session=trace`.
const LOG: &str = "MLSPEC_LOG";

/// Logs from now on what `MLSPEC_LOG` asks for; else warnings where all is to be told, else nothing.
pub fn listen(verbosity: Verbosity) {
    let asked = std::env::var(LOG).unwrap_or_default();
    let filter = match (asked.trim(), verbosity) {
        ("", Verbosity::Verbose) => "mlspec=warn",
        ("", Verbosity::Quiet | Verbosity::Normal) => return,
        (asked, _) => asked,
    };
    let filter = match EnvFilter::builder().parse(filter) {
        Ok(filter) => filter,
        Err(error) => {
            warn(&format!("{LOG} is not understood, so nothing is logged: {error}"));
            return;
        }
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && super::output::look().colour)
        .without_time()
        .finish();
    // A second call would be a second program in one process: the first one's log stays.
    let _ = tracing::subscriber::set_global_default(subscriber);
}
