//! Carries out a bound plan: split, prepare, fit, predict, measure.
//! Whether the values are good enough is left to `verdict`.

mod classes;
mod fit;
mod given;
mod load;
mod prepare;
mod score;
mod suspect;
mod trace;
mod workers;

pub use classes::classes_of;
pub use fit::{Ran, RowCounts, Stop, execute};
pub use load::{load, load_diagnostic};
pub use trace::{Clock, Trace, TraceStep};
pub use workers::{Crash, each};
