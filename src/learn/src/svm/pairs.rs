//! The pairs of classes, and the machine of each.

use std::ops::Range;

use super::answers::FittedSupportVectorClassifier;
use super::joined;
use super::shape::Ready;
use super::solver::{Problem, Settings, Solution};
use crate::{Control, Error};

/// The memory that a model may take.
const LARGEST_MODEL: u64 = 4 << 30;

/// Pairs of classes that are trained at a time at most.
const PAIRS_AT_ONCE: u64 = 16;

/// The classes that have rows, and where in the list of rows each of them stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Groups {
    pub(super) codes: Vec<u32>,
    /// One more than there are classes: the last is the number of rows.
    starts: Vec<usize>,
}

impl Groups {
    pub(super) fn new(picked: &[u32], codes: &[u32]) -> Self {
        let code = |position: usize| codes[picked[position] as usize];
        let mut groups = Self { codes: Vec::new(), starts: Vec::new() };
        for position in 0..picked.len() {
            if position == 0 || code(position) != code(position - 1) {
                groups.codes.push(code(position));
                groups.starts.push(position);
            }
        }
        groups.starts.push(picked.len());
        groups
    }

    pub(super) fn check_memory(&self, rows: usize) -> Result<(), Error> {
        let classes = self.codes.len() as u64;
        if classes < 2 {
            let message = "all training rows are of one class, and the machine divides two";
            return Err(Error::Degenerate(message.into()));
        }
        let bytes = 8 * (classes * (rows as u64) + classes * classes);
        if bytes > LARGEST_MODEL {
            let what = format!("machines for the pairs of {classes} classes");
            return Err(Error::memory(what, bytes));
        }
        Ok(())
    }

    /// How many pairs can be trained at a time, each with all its kernel values in the cache: a
    /// number that depends on the data only, so that the way to the optimum does as well.
    pub(super) fn at_once(&self, cache_bytes: u64) -> usize {
        let mut sizes: Vec<u64> =
            (0..self.codes.len()).map(|group| self.rows(group).len() as u64).collect();
        sizes.sort_unstable();
        let largest: u64 = sizes.iter().rev().take(2).sum();
        (cache_bytes / (8 * largest * largest)).clamp(1, PAIRS_AT_ONCE) as usize
    }

    pub(super) fn pairs(&self) -> Vec<(usize, usize)> {
        let classes = self.codes.len();
        (0..classes).flat_map(|a| (a + 1..classes).map(move |b| (a, b))).collect()
    }

    pub(super) fn rows(&self, group: usize) -> Range<usize> {
        self.starts[group]..self.starts[group + 1]
    }

    /// The rows of two classes.
    pub(super) fn pair(&self, a: usize, b: usize) -> Pair {
        let positions = self.rows(a).chain(self.rows(b)).map(|position| position as u32);
        Pair { positive: self.rows(a).len(), positions: positions.collect() }
    }

    /// The support vectors of all pairs, and how much each counts in each pair.
    pub(super) fn model(
        &self,
        ready: &Ready,
        solutions: &[Solution],
        classes: usize,
        tol: f64,
    ) -> FittedSupportVectorClassifier {
        let others = self.codes.len() - 1;
        let rows = *self.starts.last().unwrap_or(&0);
        // By row and by the other class of the pair: a class has no pair with itself.
        let mut factors = vec![0.0; rows * others];
        for ((a, b), solution) in self.pairs().into_iter().zip(solutions) {
            let (in_a, in_b) = solution.beta.split_at(self.rows(a).len());
            for (position, beta) in self.rows(a).zip(in_a) {
                factors[(b - 1) * rows + position] = *beta;
            }
            for (position, beta) in self.rows(b).zip(in_b) {
                factors[a * rows + position] = *beta;
            }
        }
        let supports: Vec<u32> = (0..rows)
            .filter(|&position| (0..others).any(|other| factors[other * rows + position] != 0.0))
            .map(|position| position as u32)
            .collect();
        let starts = self
            .starts
            .iter()
            .map(|&start| supports.partition_point(|&position| (position as usize) < start))
            .collect();
        let convergence = joined(solutions.iter().map(|solution| solution.convergence(tol)), tol);
        FittedSupportVectorClassifier {
            kernel: ready.kernel,
            scale: ready.scale,
            points: ready.points.pick(&supports),
            groups: Self { codes: self.codes.clone(), starts },
            factors: (0..others)
                .map(|other| {
                    supports.iter().map(|&row| factors[other * rows + row as usize]).collect()
                })
                .collect(),
            intercepts: solutions.iter().map(|solution| solution.intercept).collect(),
            objectives: solutions.iter().map(|solution| solution.objective).collect(),
            classes,
            convergence,
            sigmoids: None,
        }
    }
}

/// Rows of two classes: the first `positive` are of the one that decisions above 0 stand for.
pub(super) struct Pair {
    pub(super) positive: usize,
    pub(super) positions: Vec<u32>,
}

/// What all pairs are trained with.
pub(super) struct Training<'a> {
    pub(super) ready: Ready,
    /// What a row on the wrong side costs.
    pub(super) costs: Vec<f64>,
    pub(super) settings: Settings,
    pub(super) control: &'a Control<'a>,
}

impl Training<'_> {
    /// The machine that divides a pair.
    ///
    /// # Errors
    /// When stopped, and where numbers leave the range of `f64`.
    pub(super) fn solve(&self, pair: &Pair) -> Result<Solution, Error> {
        let n = pair.positions.len();
        let is_positive = |i: usize| i < pair.positive;
        let cost = |i: usize| self.costs[pair.positions[i] as usize];
        let problem = Problem {
            kernel: self.ready.kernel,
            points: self.ready.points.pick(&pair.positions),
            z: (0..n).map(|i| if is_positive(i) { 1.0 } else { -1.0 }).collect(),
            epsilon: 0.0,
            low: (0..n).map(|i| if is_positive(i) { 0.0 } else { -cost(i) }).collect(),
            high: (0..n).map(|i| if is_positive(i) { cost(i) } else { 0.0 }).collect(),
            start: vec![0.0; n],
        };
        problem.solve(&self.settings, self.control)
    }
}
