//! Linear support vector machines for classes and for values.

mod answers;
mod descent;
mod primal;
mod values;

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::input;
use crate::seeded::mix;
use crate::{ClassWeight, Control, Convergence, Error, Features, Generator, mixed, rows};
use descent::{Problem, RowMajor, Solution};

pub use answers::FittedLinearSupportVectorClassifier;
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

/// The rows with a weight above 0, with the column of the intercept where there is one; all columns are
/// dense.
fn row_major(
    columns: &Features<'_>,
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
        let column = columns.values(j);
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

    fn decisions_of(&self, features: &Features<'_>) -> Vec<f64> {
        let centres = vec![0.0; self.coefficients.len()];
        mixed::linear(features, &centres, &self.coefficients, self.intercept)
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
        self.fit_features(&Features::dense(x)?, codes, classes, control)
    }

    /// Fits features, some of which may follow from codes, to class codes below `classes`. They are written
    /// out where coordinate descent needs them, or rows of weight 0 are to be left out.
    ///
    /// # Errors
    /// As [`fit_rows`](Self::fit_rows), and [`Error::Memory`] where columns would have to be written out and
    /// are too many.
    pub fn fit_features(
        &self,
        features: &Features<'_>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedLinearSupportVectorClassifier, Error> {
        input::check_codes(codes, classes, features.rows())?;
        let weights = input::weights(control, features.rows())?;
        let picked = counted(features.rows(), weights);
        let newton =
            self.loss == ClassLoss::SquaredHinge && primal::suits(picked.len(), features.len());
        if features.has_blocks() && !(newton && picked.len() == features.rows()) {
            return self.fit_rows(features.written_out(control)?.view(), codes, classes, control);
        }
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
        let rows = if newton { None } else { Some(row_major(features, &picked, intercept)?) };
        let mixed = primal::of_codes(features);
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
                        features,
                        mixed: mixed.as_ref(),
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
                Ok(Plane::new(solution, features.len(), self.intercept_scaling))
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

linfa_classifier!(CheckedLinearSupportVectorClassifier, FittedLinearSupportVectorClassifier);

#[cfg(test)]
mod tests;
