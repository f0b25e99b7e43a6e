//! What the metrics of probabilities share: checked probabilities with the true classes, and the
//! cuts that one class's probabilities allow.

use std::sync::Arc;

use ndarray::ArrayView2;

use super::class::one_class;
use super::sums::{RowWeights, Sum, first_row};
use crate::data::{ClassName, Classes, Judged, Memo, Prediction, Ranking, Side, Truth, Undefined};

/// The true class of each row, the probabilities of all classes, and how much each row counts.
pub struct Scores<'a> {
    pub truth: &'a [u32],
    /// Rows × classes, all finite.
    pub probabilities: ArrayView2<'a, f64>,
    pub classes: &'a Classes,
    pub rows: RowWeights<'a>,
}

/// The probabilities with the true classes.
///
/// # Errors
/// No row that counts, no probabilities, another number of them than rows × classes, or one that is
/// not finite, whatever its row weighs.
pub fn scores<'a>(judged: &Judged<'a>) -> Result<Scores<'a>, Undefined> {
    let (Truth::Codes { codes: truth, classes }, Prediction::Codes { probabilities, .. }) =
        (judged.truth, judged.prediction)
    else {
        return Err(Undefined::ByData("there are no rows to judge".to_owned()));
    };
    let rows = RowWeights::new(truth.len(), judged)?;
    let Some(probabilities) = probabilities.as_ref().map(|of| of.view()) else {
        return Err(Undefined::ByData("the model gives no probabilities".to_owned()));
    };
    judged.memo.numbers(|| {
        if let Some(row) = first_row(truth.len(), |row| truth[row] as usize >= classes.len()) {
            return Err(Undefined::ByData(format!("judged row {} has no known class", row + 1)));
        }
        if probabilities.dim() != (truth.len(), classes.len()) {
            let reason = "there is not one probability a row and class";
            return Err(Undefined::ByData(reason.to_owned()));
        }
        match first_row_with(probabilities, |p| !p.is_finite()) {
            None => Ok(()),
            Some(row) => Err(Undefined::ByData(format!(
                "a probability in judged row {} is not a finite number",
                row + 1
            ))),
        }
    })?;
    Ok(Scores { truth, probabilities, classes, rows })
}

/// As `scores`, with probabilities from 0 to 1.
///
/// # Errors
/// As `scores`, and a probability that is below 0 or above 1.
pub fn shares<'a>(judged: &Judged<'a>) -> Result<Scores<'a>, Undefined> {
    let scores = scores(judged)?;
    judged.memo.shares(|| {
        match first_row_with(scores.probabilities, |p| !(0.0..=1.0).contains(&p)) {
            None => Ok(()),
            Some(row) => Err(Undefined::ByData(format!(
                "a probability in judged row {} is not between 0 and 1",
                row + 1
            ))),
        }
    })?;
    Ok(scores)
}

/// The first row with a number of which something holds.
fn first_row_with(
    probabilities: ArrayView2<'_, f64>,
    holds: impl Fn(f64) -> bool + Sync,
) -> Option<usize> {
    // In the order of the memory it is a fraction of the time; the row matters only if there is one.
    if let Some(all) = probabilities.as_slice_memory_order() {
        first_row(all.len(), |at| holds(all[at]))?;
    }
    first_row(probabilities.nrows(), |row| probabilities.row(row).iter().any(|p| holds(*p)))
}

impl Scores<'_> {
    /// Where a row stands when a class is told from the rest: its probability, and its side.
    pub fn entry(&self, row: usize, class: u32) -> (f64, Side) {
        let side = if self.truth[row] == class { Side::OfClass } else { Side::Rest };
        (self.probabilities[[row, class as usize]], side)
    }

    /// The rows of a class against the rest, by its probability.
    pub fn ranking(&self, class: u32, memo: &Memo) -> Arc<Ranking> {
        let entry = |row| self.entry(row, class);
        memo.ranking(class, || self.rank(self.truth.len(), entry, |row| row))
    }

    /// Ranks some entries, each of which stands for a row.
    pub fn rank(
        &self,
        entries: usize,
        entry: impl Fn(usize) -> (f64, Side) + Sync,
        row: impl Fn(usize) -> usize + Sync,
    ) -> Ranking {
        match self.rows.weights() {
            None => Ranking::new(entries, entry),
            Some(weights) => Ranking::weighted(entries, entry, |at| weights[row(at)]),
        }
    }

    /// Why a class cannot be told from the rest: no judged row is of it, or all are.
    pub fn one_sided(&self, class: u32) -> Undefined {
        let name = &self.classes.labels()[class as usize];
        let but = match self.rows.weights() {
            None => "",
            Some(_) => " with a weight above 0",
        };
        Undefined::ByData(match self.rows.first(|row| self.truth[row] == class) {
            Some(_) => format!("all judged rows{but} are of class {name}"),
            None => format!("no judged row{but} is of class {name}"),
        })
    }
}

/// What a cut through one class's probabilities finds: the rows at or above it, by their weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// Rows of the class at or above the cut.
    pub found: f64,
    /// All rows at or above the cut; above 0.
    pub kept: f64,
}

impl Cut {
    pub fn precision(self) -> f64 {
        self.found / self.kept
    }
}

/// The cuts at each distinct probability of a class.
pub struct Cuts {
    ranking: Arc<Ranking>,
    /// What all rows of the class weigh.
    pub of_class: f64,
}

impl Cuts {
    /// Shows each cut, from the highest down, so that the last keeps every row.
    pub fn each(&self, mut visit: impl FnMut(Cut)) {
        let (mut of_class, mut rest) = (Sum::default(), Sum::default());
        self.ranking.each_tie(|tie| {
            of_class.add(tie.of_class);
            rest.add(tie.rest);
            let found = of_class.value();
            visit(Cut { found, kept: found + rest.value() });
        });
    }
}

/// The cuts of a class, and how many rows it has.
///
/// # Errors
/// No row is of the class, or all are.
pub fn cuts(scores: &Scores<'_>, class: u32, memo: &Memo) -> Result<Cuts, Undefined> {
    let ranking = scores.ranking(class, memo);
    let of_class = match (ranking.counts(), scores.rows.weights()) {
        ((0, _) | (_, 0), _) => return Err(scores.one_sided(class)),
        ((rows, _), None) => rows as f64,
        (_, Some(_)) => {
            // Added as the cuts add it, so that the last cut finds all of it.
            let mut of_class = Sum::default();
            ranking.each_tie(|tie| of_class.add(tie.of_class));
            of_class.value()
        }
    };
    Ok(Cuts { ranking, of_class })
}

/// The cuts of the class that a metric is about.
///
/// # Errors
/// No probabilities, a class that `check` would have refused, or one that has no row or all.
pub fn cuts_of_one(class: Option<&ClassName>, judged: &Judged<'_>) -> Result<Cuts, Undefined> {
    let scores = scores(judged)?;
    let class = one_class(class, judged, scores.classes)?;
    cuts(&scores, class, &judged.memo)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, by_data};
    use super::*;

    fn all(sample: &Sample) -> (Vec<(f64, f64)>, f64) {
        let cuts = cuts_of_one(None, &sample.judged()).unwrap();
        let mut all = Vec::new();
        cuts.each(|cut| all.push((cut.found, cut.kept)));
        (all, cuts.of_class)
    }

    #[test]
    fn a_cut_takes_equal_probabilities_together() {
        let sample = Sample::scores(&[1, 0, 1, 0], &[0.5, 0.5, 0.75, 0.125]);
        assert_eq!(all(&sample), (vec![(1.0, 1.0), (2.0, 3.0), (2.0, 4.0)], 2.0));
        let weighted = sample.weighted(&[0.5, 2.0, 0.0, 3.0]);
        assert_eq!(all(&weighted), (vec![(0.5, 2.5), (0.5, 5.5)], 0.5));
    }

    #[test]
    fn both_sides_need_a_row_that_counts() {
        let of = |truth: &[u32], weights: Option<&[f64]>| {
            let mut sample = Sample::scores(truth, &[0.5, 0.25]);
            sample.weights = weights.map(<[f64]>::to_vec);
            by_data(cuts_of_one(None, &sample.judged()).map(|_| 0.0))
        };
        assert_eq!(of(&[0, 0], None), "no judged row is of class 1");
        assert_eq!(of(&[1, 1], None), "all judged rows are of class 1");
        let zero = Some(&[1.0, 0.0][..]);
        assert_eq!(of(&[0, 1], zero), "no judged row with a weight above 0 is of class 1");
        assert_eq!(of(&[1, 0], zero), "all judged rows with a weight above 0 are of class 1");
    }
}
