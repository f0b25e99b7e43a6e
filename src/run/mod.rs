//! Carries out a bound plan: split, prepare, fit, predict, measure.
//! Whether the values are good enough is left to `verdict`.

mod answers;
mod charts;
mod classes;
mod fit;
mod fold;
mod given;
mod grouping;
mod importances;
mod join;
mod judge;
mod judging;
mod load;
mod prepare;
mod score;
mod shuffle;
mod slices;
mod split;
mod supervise;
mod suspect;
mod trace;
mod trained;
mod weights;
mod within;
mod workers;

pub use charts::{Charts, Confusion, Curves, Drawn, Residuals};
pub use classes::{classes_of, target_classes};
pub use fit::{Manner, Ran, RowCounts, Stop, execute};
pub use fold::Searched;
pub use importances::Importance;
pub use load::{Loaded, load, load_diagnostic};
pub use supervise::{End, Job, Limits, Next, Seen, supervise};
pub use trace::{Clock, Trace, TraceStep};
pub use trained::{Earlier, Trained, Training};
pub use workers::{Crash, each, words};
