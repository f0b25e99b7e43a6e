//! Turns a fold for each row into the folds, within a budget of memory.

use super::Fold;
use crate::diagnostic::{Code, Problem, counted};

/// The most bytes that the row numbers of all folds may take.
const LARGEST: usize = 4 << 30;

/// The folds in which each row is judged once, in the fold with its number; it trains all others.
/// Both sides keep the order of the file.
pub fn each_judges_once(fold_of: &[u32], folds: usize) -> Vec<Fold> {
    let rows = 0..fold_of.len() as u32;
    (0..folds as u32)
        .map(|fold| {
            let (test, train) = rows.clone().partition(|row| fold_of[*row as usize] == fold);
            Fold { train, test }
        })
        .collect()
}

/// Refuses folds whose row numbers alone would fill the memory.
///
/// # Errors
/// Too many folds of too many rows, at `folds`.
pub fn check_memory(rows: usize, folds: usize) -> Result<(), Problem> {
    let bytes = rows.saturating_mul(folds).saturating_mul(size_of::<u32>());
    if bytes <= LARGEST {
        return Ok(());
    }
    let needed = bytes as f64 / f64::from(1 << 30);
    let message = format!(
        "{} of {} would take {needed:.1} GiB for the row numbers alone",
        counted(folds, "fold"),
        counted(rows, "row")
    );
    Err(Problem::of_parameter(Code::Memory, "folds", message)
        .label("too many for so many rows")
        .help("choose fewer folds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_that_fill_the_memory_are_refused() {
        assert_eq!(check_memory(1_000_000, 1000), Ok(()));
        let problem = check_memory(1_000_000, 10_000).unwrap_err();
        assert_eq!(problem.code, Code::Memory);
        assert!(problem.message.contains("37.3 GiB"), "{}", problem.message);
        assert!(check_memory(usize::MAX, 10_000).is_err());
    }
}
