//! Linear support vector machines for classes and for values.

mod descent;
mod primal;
mod values;

use ndarray::{Array1, Array2, ArrayView2};
use rayon::prelude::*;

use crate::input::{self, Columns};
use crate::seeded::mix;
use crate::{ClassWeight, Control, Convergence, Error, Generator, rows};
use descent::{Problem, RowMajor, Solution};

pub use values::FittedLinearSupportVectorRegressor;

/// The memory that the copy of the rows may take.
const LARGEST_COPY: u64 = 4 << 30;

/// The most that the squares of a row may sum up to.
const LARGEST_SQUARE: f64 = 1e100;

/// What a row on the wrong side costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClassLoss {
    /// `max(0, 1 - t f)²`.
    #[default]
    SquaredHinge,
    /// `max(0, 1 - t f)`.
    Hinge,
}

/// What an error costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ValueLoss {
    /// `max(0, |y - f| - epsilon)`.
    #[default]
    EpsilonInsensitive,
    /// Its square.
    SquaredEpsilonInsensitive,
}

parameters! {
    /// A linear support vector machine for classes: with `t = ±1` the `b` and `a` that minimise
    /// `½ (|b|² + (a / s)²) + c Σ wᵢ loss(tᵢ (xᵢ·b + a))`, where `s` is `intercept_scaling`
    /// (scikit-learn's `LinearSVC`, which penalises the intercept as well). More than two classes
    /// get a machine each against all others; the largest decision is answered.
    ///
    /// The squared loss is minimised by Newton's method where the rows are at least as many as the columns, and
    /// those at most 2000; all else by dual coordinate descent with shrinking (Hsieh and others, 2008).
    LinearSupportVectorClassifier => CheckedLinearSupportVectorClassifier {
        /// What a row on the wrong side costs, above 0. The default is 1.
        c: f64 = 1.0,
        /// The default is [`ClassLoss::SquaredHinge`].
        loss: ClassLoss = ClassLoss::SquaredHinge,
        /// Newton's method ends when a step promises to lower the objective by at most the square of this, as a
        /// share; coordinate descent when no row breaks the conditions of the optimum by more than this,
        /// relative to the start. The default is 1e-4.
        tol: f64 = 1e-4,
        /// Steps, or rounds over the rows, allowed. The default is 1000.
        max_iter: usize = 1000,
        /// Whether there is an `a`, or it is fixed at 0. The default is `true`.
        fit_intercept: bool = true,
        /// `s` above: the larger, the less the intercept is penalised; above 0. The default is 1.
        intercept_scaling: f64 = 1.0,
        /// With more than two classes a row is weighed by its class in the machine of that class
        /// only, as in scikit-learn. The default is [`ClassWeight::None`].
        class_weight: ClassWeight = ClassWeight::None,
        /// Seed for the order of the rows. The default is 0.
        seed: u64 = 0,
    }
}

parameters! {
    /// A linear support vector machine for values: the `b` and `a` that minimise
    /// `½ (|b|² + (a / s)²) + c Σ wᵢ loss(yᵢ - xᵢ·b - a)`, where `s` is `intercept_scaling`
    /// (scikit-learn's `LinearSVR`); solved as [`LinearSupportVectorClassifier`] (Ho and Lin, 2012).
    LinearSupportVectorRegressor => CheckedLinearSupportVectorRegressor {
        /// What a unit of error costs, above 0. The default is 1.
        c: f64 = 1.0,
        /// The default is [`ValueLoss::EpsilonInsensitive`].
        loss: ValueLoss = ValueLoss::EpsilonInsensitive,
        /// Errors up to this cost nothing; from 0. The default is 0.
        epsilon: f64 = 0.0,
        /// Newton's method ends when a step promises to lower the objective by at most the square of this, as a
        /// share; coordinate descent when no row breaks the conditions of the optimum by more than this,
        /// relative to the start. The default is 1e-4.
        tol: f64 = 1e-4,
        /// Steps, or rounds over the rows, allowed. The default is 1000.
        max_iter: usize = 1000,
        /// Whether there is an `a`, or it is fixed at 0. The default is `true`.
        fit_intercept: bool = true,
        /// `s` above: the larger, the less the intercept is penalised; above 0. The default is 1.
        intercept_scaling: f64 = 1.0,
        /// Seed for the order of the rows. The default is 0.
        seed: u64 = 0,
    }
}

fn positive(name: &'static str, value: f64) -> Result<(), Error> {
    if value.is_finite() && value > 0.0 {
        Ok(())
    } else {
        Err(Error::parameter(name, format!("is {value}, not a number above 0")))
    }
}

/// The rows with a weight above 0, with the column of the intercept where there is one.
fn row_major(
    columns: &Columns<'_>,
    picked: &[u32],
    intercept: Option<f64>,
) -> Result<RowMajor, Error> {
    let width = columns.len() + usize::from(intercept.is_some());
    let bytes = 8 * width as u64 * picked.len() as u64;
    if bytes > LARGEST_COPY {
        let what = format!("a copy of {} rows and {width} columns", picked.len());
        return Err(Error::memory(what, bytes));
    }
    let mut values = vec![intercept.unwrap_or(0.0); width * picked.len()];
    for j in 0..columns.len() {
        let column = columns.column(j);
        for (row, &from) in values.chunks_mut(width).zip(picked) {
            row[j] = column[from as usize];
        }
    }
    let squares: Vec<f64> = if width == 0 {
        vec![0.0; picked.len()]
    } else {
        values.chunks(width).map(|row| row.iter().map(|value| value * value).sum()).collect()
    };
    if let Some(at) = squares.iter().position(|square| square.is_nan() || *square > LARGEST_SQUARE)
    {
        let row = &values[at * width..(at + 1) * width];
        let column = (0..columns.len())
            .fold(0, |best, j| if row[j].abs() > row[best].abs() { j } else { best });
        return Err(too_large(column, picked[at]));
    }
    Ok(RowMajor { values, width, squares })
}

fn too_large(column: usize, row: u32) -> Error {
    let message = "holds a value that is too large for this model".into();
    Error::Column { column, row: Some(row as usize), message }
}

fn counted(rows: usize, weights: Option<&[f64]>) -> Vec<u32> {
    (0..rows as u32)
        .filter(|&row| weights.is_none_or(|weights| weights[row as usize] > 0.0))
        .collect()
}

/// `x·b + a`, learnt from the rows.
#[derive(Clone, Debug, PartialEq)]
struct Plane {
    coefficients: Vec<f64>,
    intercept: f64,
    objective: f64,
    convergence: Convergence,
}

impl Plane {
    fn new(solution: Solution, columns: usize, intercept_scaling: f64) -> Self {
        let mut coefficients = solution.coefficients;
        let last = coefficients.split_off(columns);
        Self {
            intercept: last.first().map_or(0.0, |last| last * intercept_scaling),
            coefficients,
            objective: solution.objective,
            convergence: solution.convergence,
        }
    }

    fn decisions(&self, x: ArrayView2<'_, f64>) -> Vec<f64> {
        let centres = vec![0.0; self.coefficients.len()];
        rows::linear(x, &centres, &self.coefficients, self.intercept)
    }
}

impl CheckedLinearSupportVectorClassifier {
    fn validate(&self) -> Result<(), Error> {
        positive("c", self.c)?;
        self.class_weight.validate()?;
        positive("tol", self.tol)?;
        positive("intercept_scaling", self.intercept_scaling)
    }

    /// Fits `x` (rows × columns) to class codes below `classes`. A class without rows (of a
    /// weight above 0) is never answered.
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, when stopped,
    /// [`Error::Column`] for values whose squares leave the range of numbers, [`Error::Memory`] where the rows are too
    /// many to copy, and [`Error::Degenerate`] where only one class has rows.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedLinearSupportVectorClassifier, Error> {
        let columns = Columns::new(x)?;
        input::check_codes(codes, classes, columns.rows())?;
        let weights = input::weights(control, columns.rows())?;
        let picked = counted(columns.rows(), weights);
        let mut present: Vec<u32> = picked.iter().map(|&row| codes[row as usize]).collect();
        present.sort_unstable();
        present.dedup();
        if present.len() < 2 {
            let message = "all training rows are of one class, and the machine divides two";
            return Err(Error::Degenerate(message.into()));
        }
        let balanced = input::class_weights(codes, classes, weights, &self.class_weight)?;
        let costs_of = |weights: Option<&[f64]>| -> Vec<f64> {
            let weight = |row: u32| weights.map_or(1.0, |weights| weights[row as usize]);
            picked.iter().map(|&row| self.c * weight(row)).collect()
        };
        let (costs, plain) = (costs_of(balanced.as_deref()), costs_of(weights));
        let intercept = self.fit_intercept.then_some(self.intercept_scaling);
        let newton =
            self.loss == ClassLoss::SquaredHinge && primal::suits(picked.len(), columns.len());
        let rows = if newton { None } else { Some(row_major(&columns, &picked, intercept)?) };
        // Of two classes one machine tells which: that of the higher code.
        let heads = if present.len() == 2 { &present[1..] } else { &present[..] };
        let planes = heads
            .par_iter()
            .map(|&class| {
                let is_class: Vec<bool> =
                    picked.iter().map(|&row| codes[row as usize] == class).collect();
                // As in liblinear, classes are weighed in the machine of their own, or if there
                // is just one machine.
                let own = |i: usize| present.len() == 2 || is_class[i];
                let costs: Vec<f64> =
                    (0..costs.len()).map(|i| if own(i) { costs[i] } else { plain[i] }).collect();
                let solution = match &rows {
                    None => primal::Problem {
                        columns: &columns,
                        picked: &picked,
                        intercept,
                        targets: sides(&is_class),
                        costs,
                        loss: primal::Loss::Hinge,
                    }
                    .solve(self.tol, self.max_iter, control)?,
                    Some(rows) => {
                        let mut generator = Generator::new(self.seed ^ mix(u64::from(class)));
                        let problem = self.problem(&is_class, &costs);
                        problem.solve(rows, self.tol, self.max_iter, &mut generator, control)?
                    }
                };
                Ok(Plane::new(solution, columns.len(), self.intercept_scaling))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        Ok(FittedLinearSupportVectorClassifier { planes, present, classes })
    }

    fn problem(&self, is_class: &[bool], costs: &[f64]) -> Problem {
        let (ridge, limit): (Vec<f64>, Vec<f64>) = costs
            .iter()
            .map(|&cost| match self.loss {
                // A row that costs nothing stays where it is.
                ClassLoss::SquaredHinge if cost == 0.0 => (0.0, 0.0),
                ClassLoss::SquaredHinge => (0.5 / cost, f64::INFINITY),
                ClassLoss::Hinge => (0.0, cost),
            })
            .unzip();
        let bound = |wanted: bool, sign: f64| -> Vec<f64> {
            let of = |(is, limit): (&bool, &f64)| if *is == wanted { sign * limit } else { 0.0 };
            is_class.iter().zip(&limit).map(of).collect()
        };
        Problem {
            z: sides(is_class),
            epsilon: 0.0,
            low: bound(false, -1.0),
            high: bound(true, 1.0),
            ridge,
        }
    }
}

fn sides(is_class: &[bool]) -> Vec<f64> {
    is_class.iter().map(|&is| if is { 1.0 } else { -1.0 }).collect()
}

/// What [`LinearSupportVectorClassifier`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedLinearSupportVectorClassifier {
    planes: Vec<Plane>,
    present: Vec<u32>,
    classes: usize,
}

impl FittedLinearSupportVectorClassifier {
    /// Rows × machines: one machine for the higher of two classes, else one a present class.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn decisions(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut decisions = Array2::zeros((x.nrows(), self.planes.len()));
        for (plane, mut column) in self.planes.iter().zip(decisions.columns_mut()) {
            column.iter_mut().zip(plane.decisions(x)).for_each(|(to, value)| *to = value);
        }
        decisions
    }

    /// Rows × classes, the greater the likelier: the decisions, with two classes also the opposite;
    /// none where not all classes were present in the training.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn margins(&self, x: ArrayView2<'_, f64>) -> Option<Array2<f64>> {
        if self.present.len() != self.classes || self.classes < 2 {
            return None;
        }
        let decisions = self.decisions(x);
        if self.classes > 2 {
            return Some(decisions);
        }
        let mut both = Array2::zeros((x.nrows(), 2));
        both.column_mut(1).assign(&decisions.column(0));
        both.column_mut(0).assign(&decisions.column(0).mapv(|decision| -decision));
        Some(both)
    }

    /// The class of the largest decision, the first of equal ones.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        self.answers(&self.decisions(x))
    }

    /// The answers of [`predict_rows`](Self::predict_rows), and of a binary target columns that rank the rows:
    /// `½ (1 ± f / (1 + |f|))` for the decision `f`.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn answer(&self, x: ArrayView2<'_, f64>) -> (Array1<u32>, Option<Array2<f64>>) {
        let decisions = self.decisions(x);
        let ranks = (self.classes == 2 && self.present.len() == 2).then(|| {
            let rank = |decision: f64| 0.5 * (1.0 + decision / (1.0 + decision.abs()));
            Array2::from_shape_fn((x.nrows(), 2), |(row, column)| {
                let higher = rank(decisions[[row, 0]]);
                if column == 1 { higher } else { 1.0 - higher }
            })
        });
        (self.answers(&decisions), ranks)
    }

    fn answers(&self, decisions: &Array2<f64>) -> Array1<u32> {
        if self.present.len() == 2 {
            return decisions.column(0).mapv(|decision| self.present[usize::from(decision > 0.0)]);
        }
        rows::largest(decisions).mapv(|index| self.present[index as usize])
    }

    /// One machine's coefficients and its intercept, in the order of the decisions.
    pub fn planes(&self) -> impl Iterator<Item = (&[f64], f64)> {
        self.planes.iter().map(|plane| (&*plane.coefficients, plane.intercept))
    }

    /// The dual objective of each machine; minus the primal one at the optimum.
    pub fn objectives(&self) -> impl Iterator<Item = f64> {
        self.planes.iter().map(|plane| plane.objective)
    }

    /// How the training ended, over all machines.
    #[must_use]
    pub fn convergence(&self) -> Convergence {
        let worst = |a: Convergence, b: &Plane| Convergence {
            converged: a.converged && b.convergence.converged,
            iterations: a.iterations.max(b.convergence.iterations),
            tolerance: a.tolerance,
            gradient: a.gradient.max(b.convergence.gradient),
        };
        self.planes.iter().fold(self.planes[0].convergence, worst)
    }
}

linfa_classifier!(CheckedLinearSupportVectorClassifier, FittedLinearSupportVectorClassifier);

#[cfg(test)]
mod tests;
