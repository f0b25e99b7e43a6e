//! What a trained classification machine answers.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;

use super::kernel::Resolved;
use super::pairs::Groups;
use super::points::Points;
use super::probability;
use super::sums::{self, Source};
use crate::calibration::Sigmoid;
use crate::dense::dot;
use crate::{Control, Convergence};

/// Decision values that are held at a time.
const DECISIONS: usize = 1 << 22;

/// What [`SupportVectorClassifier`](super::SupportVectorClassifier) learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedSupportVectorClassifier {
    pub(super) kernel: Resolved,
    pub(super) scale: f64,
    /// The support vectors, those of a class together.
    pub(super) points: Points,
    pub(super) groups: Groups,
    /// One list less than there are classes: the factors of each support vector in the pairs of
    /// its class with the others.
    pub(super) factors: Vec<Vec<f64>>,
    /// One a pair, as the objectives.
    pub(super) intercepts: Vec<f64>,
    pub(super) objectives: Vec<f64>,
    pub(super) classes: usize,
    pub(super) convergence: Convergence,
    /// One a pair, where probabilities were asked for.
    pub(super) sigmoids: Option<Vec<Sigmoid>>,
}

impl FittedSupportVectorClassifier {
    /// How many rows became support vectors.
    #[must_use]
    pub fn supports(&self) -> usize {
        self.points.rows()
    }

    /// About how many steps of work the answer for one row takes.
    #[must_use]
    pub fn work(&self) -> usize {
        self.supports() * (self.points.columns() + 16 + self.factors.len())
    }

    /// How the training ended, over all pairs of classes.
    #[must_use]
    pub fn convergence(&self) -> Convergence {
        self.convergence
    }

    /// The dual objective of each pair: `½ Σ βᵢβⱼKᵢⱼ - Σ |βᵢ|`.
    #[must_use]
    pub fn objectives(&self) -> &[f64] {
        &self.objectives
    }

    /// The classes that have rows, ascending.
    #[must_use]
    pub fn present(&self) -> &[u32] {
        &self.groups.codes
    }

    /// Rows × pairs of present classes, in the order (0, 1), (0, 2), …, (1, 2), …: positive for the first of
    /// the pair. As scikit-learn's `decision_function_shape="ovo"`; with two classes its sign is
    /// the other one.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn decisions(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        assert_eq!(x.ncols(), self.points.columns(), "columns differ from those trained on");
        let width = self.intercepts.len();
        let source = Source::Table(x, self.scale);
        let plain = Control::plain();
        let decisions =
            sums::of_rows(self.kernel, &self.points, source, width, &plain, |values, sums| {
                self.decide(values, sums);
            });
        let decisions = decisions.expect("nothing stops a plain control");
        Array2::from_shape_vec((x.nrows(), width), decisions).expect("one decision a row and pair")
    }

    /// Rows × classes, the greater the likelier; none where not all classes were present in the
    /// training. With two classes the decision and its opposite, else as scikit-learn's
    /// `decision_function_shape="ovr"`: the votes of the pairs, and their summed decisions `s` as
    /// `s / (3 (|s| + 1))`.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn margins(&self, x: ArrayView2<'_, f64>) -> Option<Array2<f64>> {
        if self.present().len() != self.classes {
            return None;
        }
        let decisions = self.decisions(x);
        let mut margins = Array2::zeros((x.nrows(), self.classes));
        let pairs = self.groups.pairs();
        let mut sums = vec![0.0; self.classes];
        for (decisions, mut margins) in decisions.rows().into_iter().zip(margins.rows_mut()) {
            sums.fill(0.0);
            for (&(a, b), decision) in pairs.iter().zip(decisions) {
                sums[a] += decision;
                sums[b] -= decision;
                if self.classes > 2 {
                    margins[if *decision < 0.0 { b } else { a }] += 1.0;
                }
            }
            for (margin, sum) in margins.iter_mut().zip(&sums) {
                *margin += if self.classes > 2 { sum / (3.0 * (sum.abs() + 1.0)) } else { *sum };
            }
        }
        Some(margins)
    }

    fn decide(&self, values: &[f64], decisions: &mut [f64]) {
        for (((a, b), decision), intercept) in
            self.groups.pairs().into_iter().zip(decisions).zip(&self.intercepts)
        {
            let (first, second) = (self.groups.rows(a), self.groups.rows(b));
            *decision = dot(&values[first.clone()], &self.factors[b - 1][first])
                + dot(&values[second.clone()], &self.factors[a][second])
                + intercept;
        }
    }

    /// The class with the most votes of the pairs, the first of equal ones.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        let mut codes = Vec::with_capacity(x.nrows());
        self.by_block(x, |decisions| codes.extend(self.winners(decisions)));
        codes.into()
    }

    /// The answers of [`predict_rows`](Self::predict_rows), with rows × classes: probabilities where they were trained, else of a
    /// binary target numbers that [rank](Self::ranks) the rows, else none.
    ///
    /// A class of probability 0.5 or more need not be the one that is answered: that one the votes choose.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn answer(&self, x: ArrayView2<'_, f64>) -> (Array1<u32>, Option<Array2<f64>>) {
        let (mut codes, mut scores) = (Vec::with_capacity(x.nrows()), Vec::new());
        self.by_block(x, |decisions| {
            codes.extend(self.winners(decisions));
            match &self.sigmoids {
                Some(sigmoids) => {
                    for row in self.probabilities(decisions, sigmoids).rows() {
                        scores.extend(row);
                    }
                }
                None => scores.extend(self.ranks(decisions).into_iter().flatten()),
            }
        });
        let scores = Array2::from_shape_vec((x.nrows(), self.classes), scores);
        let scored = self.sigmoids.is_some() || self.ranked().is_some();
        (codes.into(), scores.ok().filter(|_| scored))
    }

    /// Calls `use_block` with the decisions of as many rows as can be held at a time.
    fn by_block(&self, x: ArrayView2<'_, f64>, mut use_block: impl FnMut(&Array2<f64>)) {
        let at_once = (DECISIONS / self.intercepts.len().max(1)).max(1);
        for start in (0..x.nrows()).step_by(at_once) {
            let end = x.nrows().min(start + at_once);
            use_block(&self.decisions(x.slice(ndarray::s![start..end, ..])));
        }
    }

    fn winners(&self, decisions: &Array2<f64>) -> Vec<u32> {
        let pairs = self.groups.pairs();
        let mut votes = vec![0_u32; self.groups.codes.len()];
        let winner = |row: ArrayView1<'_, f64>| {
            votes.fill(0);
            for (decision, &(a, b)) in row.iter().zip(&pairs) {
                votes[if *decision > 0.0 { a } else { b }] += 1;
            }
            let most = votes.iter().copied().max().unwrap_or(0);
            self.groups.codes[votes.iter().position(|&count| count == most).unwrap_or(0)]
        };
        decisions.rows().into_iter().map(winner).collect()
    }

    /// The two classes, where there are just two.
    fn ranked(&self) -> Option<(usize, usize)> {
        match self.groups.codes[..] {
            [first, second] if self.classes == 2 => Some((first as usize, second as usize)),
            _ => None,
        }
    }

    /// Of a binary target, columns that rank the rows: `½ (1 ± f / (1 + |f|))` for the decision
    /// value `f`.
    fn ranks(&self, decisions: &Array2<f64>) -> Option<Array2<f64>> {
        let (first, second) = self.ranked()?;
        let mut ranks = Array2::zeros((decisions.nrows(), 2));
        for (mut row, decision) in ranks.rows_mut().into_iter().zip(decisions) {
            let rank = 0.5 * (1.0 + decision / (1.0 + decision.abs()));
            row[first] = rank;
            row[second] = 1.0 - rank;
        }
        Some(ranks)
    }

    fn probabilities(&self, decisions: &Array2<f64>, sigmoids: &[Sigmoid]) -> Array2<f64> {
        let present = &self.groups.codes;
        let of_pairs: Vec<Vec<f64>> = sigmoids
            .iter()
            .zip(decisions.columns())
            .map(|(sigmoid, column)| sigmoid.apply(&column.to_vec()))
            .collect();
        let mut probabilities = Array2::zeros((decisions.nrows(), self.classes));
        let rows: Vec<Vec<f64>> = (0..decisions.nrows())
            .into_par_iter()
            .map(|row| {
                let of_row: Vec<f64> = of_pairs.iter().map(|pair| pair[row]).collect();
                probability::coupled(&of_row, present.len())
            })
            .collect();
        for (mut to, row) in probabilities.rows_mut().into_iter().zip(rows) {
            for (&class, probability) in present.iter().zip(row) {
                to[class as usize] = probability;
            }
        }
        probabilities
    }
}
