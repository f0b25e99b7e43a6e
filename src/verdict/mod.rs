//! Compares measurements with bounds. Pure: nothing is read and nothing is printed.

mod compare;
mod explain;
mod judge;

pub use explain::{explain, unjudged};
pub use judge::{Status, Verdict, judge, required, worst};
