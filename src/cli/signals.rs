//! Ctrl-C and its like: the first asks the run to end, the second ends the process.

use std::sync::Once;

use crate::session::StopFlag;

/// The flag that signals raise.
pub static STOP: StopFlag = StopFlag::new();

/// Listens from now on.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let result = ctrlc::set_handler(|| {
            if STOP.is_raised() {
                std::process::exit(130);
            }
            STOP.raise();
        });
        if let Err(error) = result {
            super::output::warn(&format!("Ctrl-C cannot be caught: {error}"));
        }
    });
}
