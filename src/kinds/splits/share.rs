//! A share of the rows or groups, as a count and in words.

use crate::diagnostic::{Code, Problem, counted};

/// How many of `all` a share is, rounded up as in scikit-learn.
pub fn count(share: f64, all: usize) -> usize {
    (share * all as f64).ceil() as usize
}

/// The share in percent, to two decimals.
pub fn percent(share: f64) -> f64 {
    (share * 1e4).round() / 1e2
}

/// The problem of a share of `all` rows or groups, whichever `noun` says, that is all or none.
pub fn one_side_empty(share: f64, all: usize, noun: &str) -> Problem {
    let message =
        format!("a test share of {share} of {} leaves one side empty", counted(all, noun));
    Problem::of_parameter(Code::SplitImpossible, "test", message)
        .label(format!("too few {noun}s for this share"))
        .help(format!("choose a share that leaves {noun}s on both sides, or add data"))
}
