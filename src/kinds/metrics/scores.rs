//! What the metrics of probabilities share: probabilities within 0 and 1, and the cuts that one
//! class's probabilities allow.

use ndarray::{ArrayView1, ArrayView2};

use super::class::{Labels, one_class, one_sided, probabilities};
use crate::data::{ClassName, Judged, Undefined};

/// The labels with the probabilities, rows × classes, all from 0 to 1.
///
/// # Errors
/// As `probabilities`, and one that is below 0 or above 1.
pub fn shares<'a>(judged: &Judged<'a>) -> Result<(Labels<'a>, ArrayView2<'a, f64>), Undefined> {
    let (labels, probabilities) = probabilities(judged)?;
    let outside = |row: ArrayView1<'_, f64>| row.iter().any(|p| !(0.0..=1.0).contains(p));
    match probabilities.rows().into_iter().position(outside) {
        None => Ok((labels, probabilities)),
        Some(row) => Err(Undefined::ByData(format!(
            "a probability in judged row {} is not between 0 and 1",
            row + 1
        ))),
    }
}

/// What a cut through one class's probabilities finds: the rows at or above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Rows of the class at or above the cut.
    pub found: u64,
    /// All rows at or above the cut; at least one.
    pub kept: u64,
}

impl Cut {
    pub fn precision(self) -> f64 {
        self.found as f64 / self.kept as f64
    }
}

/// The cuts at each distinct probability of a class, from the highest down, so that the last keeps
/// every row; and how many rows the class has.
///
/// # Errors
/// No row is of the class, or all are.
pub fn cuts(
    labels: &Labels<'_>,
    probabilities: ArrayView2<'_, f64>,
    class: u32,
) -> Result<(Vec<Cut>, u64), Undefined> {
    let column = probabilities.column(class as usize);
    let mut scores: Vec<(f64, bool)> =
        column.iter().copied().zip(labels.truth.iter().map(|code| *code == class)).collect();
    scores.sort_unstable_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut cut = Cut { found: 0, kept: 0 };
    let mut cuts = Vec::new();
    // Equal scores stand together: the order of 0 and -0 does not part them.
    for tied in scores.chunk_by(|(a, _), (b, _)| a == b) {
        cut.kept += tied.len() as u64;
        cut.found += tied.iter().filter(|(_, is_of_class)| *is_of_class).count() as u64;
        cuts.push(cut);
    }
    match cut.found {
        found if found == 0 || found == cut.kept => Err(one_sided(labels, class)),
        found => Ok((cuts, found)),
    }
}

/// The cuts of the class that a metric is about.
///
/// # Errors
/// No probabilities, a class that `check` would have refused, or one that has no row or all.
pub fn cuts_of_one(
    class: Option<&ClassName>,
    judged: &Judged<'_>,
) -> Result<(Vec<Cut>, u64), Undefined> {
    let (labels, probabilities) = probabilities(judged)?;
    let class = one_class(class, judged, labels.classes)?;
    cuts(&labels, probabilities, class)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, by_data};
    use super::*;

    #[test]
    fn a_cut_takes_equal_probabilities_together() {
        let sample = Sample::scores(&[1, 0, 1, 0], &[0.5, 0.5, 0.75, 0.125]);
        let (cuts, rows) = cuts_of_one(None, &sample.judged()).unwrap();
        let of = |found, kept| Cut { found, kept };
        assert_eq!((cuts, rows), (vec![of(1, 1), of(2, 3), of(2, 4)], 2));
    }

    #[test]
    fn both_sides_need_a_row() {
        let of = |truth: &[u32]| {
            let sample = Sample::scores(truth, &[0.5, 0.25]);
            by_data(cuts_of_one(None, &sample.judged()).map(|_| 0.0))
        };
        assert_eq!(of(&[0, 0]), "no judged row is of class 1");
        assert_eq!(of(&[1, 1]), "all judged rows are of class 1");
    }
}
