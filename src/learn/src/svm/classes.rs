//! Support vector classification: one machine for each pair of classes.

use ndarray::{Array1, Array2, ArrayView2};
use rayon::prelude::*;

use super::kernel::Resolved;
use super::points::Points;
use super::shape::{Gamma, Kernel, Ready};
use super::solver::{Problem, Settings, Solution};
use super::sums::{self, Source};
use super::{counted, joined, positive, validate};
use crate::dense::dot;
use crate::input::{self, Columns};
use crate::{ClassWeight, Control, Convergence, Error};

/// Decision values that are held at a time.
const DECISIONS: usize = 1 << 22;

/// The memory that a model may take.
const LARGEST_MODEL: u64 = 4 << 30;

/// Pairs of classes that are trained at a time at most.
const PAIRS_AT_ONCE: u64 = 16;

parameters! {
    /// Support vector classification (Cortes and Vapnik, 1995), by the rules of libsvm (Chang and Lin,
    /// 2011), on which scikit-learn's `SVC` stands.
    ///
    /// For two classes, with `t = ±1`, the `f` that minimises
    /// `½|f|² + c Σ wᵢ max(0, 1 - tᵢ (f(xᵢ) + b))` in the space of the kernel. For more, one machine
    /// for each pair of classes; the class with the most votes is answered, the first of equal
    /// ones.
    ///
    /// Sequential minimal optimisation with the working sets of Fan, Chen and Lin (2005), shrinking,
    /// and a cache of kernel rows.
    SupportVectorClassifier => CheckedSupportVectorClassifier {
        /// What a row on the wrong side costs, above 0. The default is 1.
        c: f64 = 1.0,
        /// The default is [`Kernel::Rbf`].
        kernel: Kernel = Kernel::Rbf,
        /// The default is [`Gamma::Scale`].
        gamma: Gamma = Gamma::Scale,
        /// The degree of [`Kernel::Poly`], up to 1000. The default is 3.
        degree: u32 = 3,
        /// What [`Kernel::Poly`] and [`Kernel::Sigmoid`] add. The default is 0.
        coef0: f64 = 0.0,
        /// Training ends when the conditions of the optimum hold to this. The default is 1e-3.
        tol: f64 = 1e-3,
        /// Whether rows that seem settled are left out until the end. The default is `true`.
        shrinking: bool = true,
        /// Mebibytes for kernel rows, up to 4096. The default is 200.
        cache_size: u32 = 200,
        /// The default is [`ClassWeight::None`].
        class_weight: ClassWeight = ClassWeight::None,
        /// Iterations allowed for each pair of classes. The default is `None`: ten millions, or a hundred a row.
        max_iter: Option<usize> = None,
    }
}

impl CheckedSupportVectorClassifier {
    fn validate(&self) -> Result<(), Error> {
        positive("c", self.c)?;
        validate(&shape!(self), &settings!(self))
    }

    /// Fits `x` (rows × columns) to class codes below `classes`. A class without rows (of a
    /// weight above 0) is never answered.
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, when stopped,
    /// [`Error::Column`] where the kernel leaves the range of numbers, [`Error::Memory`] where there are so many
    /// classes that the model is too large, and [`Error::Degenerate`] where only one class has rows.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedSupportVectorClassifier, Error> {
        let columns = Columns::new(x)?;
        input::check_codes(codes, classes, columns.rows())?;
        let weights = input::weights(control, columns.rows())?;
        let mut picked = counted(columns.rows(), weights);
        // Rows of a class stand together, so that those of a pair are two runs of rows.
        picked.sort_by_key(|&row| codes[row as usize]);
        let groups = Groups::new(&picked, codes);
        groups.check_memory(picked.len())?;
        let ready = shape!(self).resolve(x, &columns, &picked, weights)?;
        let weights = input::class_weights(codes, classes, weights, self.class_weight);
        let costs: Vec<f64> = picked
            .iter()
            .map(|&row| self.c * weights.as_ref().map_or(1.0, |weights| weights[row as usize]))
            .collect();
        let pairs = groups.pairs();
        let mut settings = settings!(self);
        let at_once = groups.at_once(settings.cache_bytes);
        settings.cache_bytes /= at_once as u64;
        let mut solutions = Vec::with_capacity(pairs.len());
        for pairs in pairs.chunks(at_once) {
            let solve =
                |&(a, b): &(usize, usize)| groups.solve(a, b, &ready, &costs, &settings, control);
            solutions.extend(pairs.par_iter().map(solve).collect::<Result<Vec<_>, Error>>()?);
        }
        Ok(groups.model(&ready, &solutions, classes, self.tol))
    }
}

/// The classes that have rows, and where in the list of rows each of them stands.
#[derive(Clone, Debug, PartialEq)]
struct Groups {
    codes: Vec<u32>,
    /// One more than there are classes: the last is the number of rows.
    starts: Vec<usize>,
}

impl Groups {
    fn new(picked: &[u32], codes: &[u32]) -> Self {
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

    fn check_memory(&self, rows: usize) -> Result<(), Error> {
        let classes = self.codes.len() as u64;
        if classes < 2 {
            let message = "all training rows are of one class, and the machine divides two";
            return Err(Error::Degenerate(message.into()));
        }
        let bytes = 8 * (classes * (rows as u64) + classes * classes);
        if bytes > LARGEST_MODEL {
            let what = format!("machines for the pairs of {classes} classes");
            return Err(Error::Memory { what, bytes });
        }
        Ok(())
    }

    /// How many pairs can be trained at a time, each with all its kernel values in the cache: a
    /// number that depends on the data only, so that the way to the optimum does as well.
    fn at_once(&self, cache_bytes: u64) -> usize {
        let mut sizes: Vec<u64> =
            (0..self.codes.len()).map(|group| self.rows(group).len() as u64).collect();
        sizes.sort_unstable();
        let largest: u64 = sizes.iter().rev().take(2).sum();
        (cache_bytes / (8 * largest * largest)).clamp(1, PAIRS_AT_ONCE) as usize
    }

    fn pairs(&self) -> Vec<(usize, usize)> {
        let classes = self.codes.len();
        (0..classes).flat_map(|a| (a + 1..classes).map(move |b| (a, b))).collect()
    }

    fn rows(&self, group: usize) -> std::ops::Range<usize> {
        self.starts[group]..self.starts[group + 1]
    }

    /// The machine that is positive for the rows of `a` and negative for those of `b`.
    fn solve(
        &self,
        a: usize,
        b: usize,
        ready: &Ready,
        costs: &[f64],
        settings: &Settings,
        control: &Control<'_>,
    ) -> Result<Solution, Error> {
        let (first, second) = (self.rows(a), self.rows(b));
        let positive = first.len();
        let positions: Vec<u32> = first.chain(second).map(|position| position as u32).collect();
        divide(positive, &positions, ready, costs).solve(settings, control)
    }

    /// The support vectors of all pairs, and how much each counts in each pair.
    fn model(
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
        }
    }
}

/// The problem of two classes: the first `positive` of the positions, and the others.
fn divide(positive: usize, positions: &[u32], ready: &Ready, costs: &[f64]) -> Problem {
    let sign = |index: usize| if index < positive { 1.0 } else { -1.0 };
    let cost = |index: usize| costs[positions[index] as usize];
    let n = positions.len();
    Problem {
        kernel: ready.kernel,
        points: ready.points.pick(positions),
        z: (0..n).map(sign).collect(),
        epsilon: 0.0,
        low: (0..n).map(|i| if i < positive { 0.0 } else { -cost(i) }).collect(),
        high: (0..n).map(|i| if i < positive { cost(i) } else { 0.0 }).collect(),
        start: vec![0.0; n],
    }
}

/// What [`SupportVectorClassifier`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedSupportVectorClassifier {
    kernel: Resolved,
    scale: f64,
    /// The support vectors, those of a class together.
    points: Points,
    groups: Groups,
    /// One list less than there are classes: the factors of each support vector in the pairs of
    /// its class with the others.
    pub(super) factors: Vec<Vec<f64>>,
    /// One a pair, as the objectives.
    intercepts: Vec<f64>,
    objectives: Vec<f64>,
    classes: usize,
    convergence: Convergence,
}

impl FittedSupportVectorClassifier {
    /// How many rows became support vectors.
    #[must_use]
    pub fn supports(&self) -> usize {
        self.points.rows()
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
        let pairs = self.groups.pairs();
        let at_once = (DECISIONS / pairs.len()).max(1);
        let mut answers = Vec::with_capacity(x.nrows());
        for start in (0..x.nrows()).step_by(at_once) {
            let end = x.nrows().min(start + at_once);
            let decisions = self.decisions(x.slice(ndarray::s![start..end, ..]));
            answers.extend(decisions.rows().into_iter().map(|row| {
                let mut votes = vec![0_u32; self.groups.codes.len()];
                for (decision, &(a, b)) in row.iter().zip(&pairs) {
                    votes[if *decision > 0.0 { a } else { b }] += 1;
                }
                let most = votes.iter().copied().max().unwrap_or(0);
                let winner = votes.iter().position(|&count| count == most).unwrap_or(0);
                self.groups.codes[winner]
            }));
        }
        answers.into()
    }

    /// Of a binary target, columns that rank the rows: `½ (1 ± f / (1 + |f|))` for the decision
    /// value `f`. Without two classes, none.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn ranks(&self, x: ArrayView2<'_, f64>) -> Option<Array2<f64>> {
        let [first, second] = self.groups.codes[..] else { return None };
        if self.classes != 2 {
            return None;
        }
        let decisions = self.decisions(x);
        let mut ranks = Array2::zeros((x.nrows(), 2));
        for (mut row, decision) in ranks.rows_mut().into_iter().zip(&decisions) {
            let rank = 0.5 * (1.0 + decision / (1.0 + decision.abs()));
            row[first as usize] = rank;
            row[second as usize] = 1.0 - rank;
        }
        Some(ranks)
    }
}

linfa_classifier!(CheckedSupportVectorClassifier, FittedSupportVectorClassifier);
