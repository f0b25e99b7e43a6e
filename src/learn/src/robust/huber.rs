//! Least squares in which residuals far out count by their size only.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::newton;
use super::table::{Line, Table};
use crate::input::{self, Columns};
use crate::{Control, Convergence, Error};

parameters! {
    /// Huber regression: the `b`, `a` and `s` that minimise
    /// `sum wᵢ (s + s loss((yᵢ - xᵢ·b - a) / s)) + alpha |b|²`, where `loss(r)` is `r²` up to
    /// `epsilon` and `2 epsilon |r| - epsilon²` beyond, with `a` and the scale `s` free of the penalty
    /// (Huber, 1981; Owen, 2007; scikit-learn's objective).
    ///
    /// Solved by Newton's method on what is left after the best scale for each `b` and `a`, with
    /// steps of reweighted least squares where it does not lead down.
    Huber => CheckedHuber {
        /// The size of a residual, in scales, from which it counts by its size; from 1. The
        /// default is 1.35.
        epsilon: f64 = 1.35,
        /// Strength of the penalty, from 0. The default is 1e-4.
        alpha: f64 = 1e-4,
        /// Whether there is an `a`, or it is fixed at 0. The default is `true`.
        fit_intercept: bool = true,
        /// Iterations allowed. The default is 100.
        max_iter: usize = 100,
        /// The training has converged when the next step promises to lower the objective by at
        /// most the square of this, as a share. The default is 1e-5.
        tol: f64 = 1e-5,
    }
}

impl CheckedHuber {
    fn validate(&self) -> Result<(), Error> {
        if !(self.epsilon.is_finite() && self.epsilon >= 1.0) {
            let message = format!("is {}, not a number from 1", self.epsilon);
            return Err(Error::parameter("epsilon", message));
        }
        for (name, value) in [("alpha", self.alpha), ("tol", self.tol)] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(Error::parameter(name, format!("is {value}, not a number from 0")));
            }
        }
        Ok(())
    }

    /// Fits `x` (rows × columns) to `y` (rows).
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, when stopped,
    /// [`Error::Memory`] for more than 4 GiB of scaled rows, and [`Error::Degenerate`] where the
    /// solution is beyond the range of `f64`.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedHuber, Error> {
        /// Residuals, roots and their changes.
        const OF_ROW: usize = 6 * 8;
        let columns = Columns::new(x)?;
        let y = input::values(y, columns.rows())?;
        let weights = input::weights(control, columns.rows())?;
        let table = Table::new(&columns, &y, weights, self.fit_intercept, OF_ROW, control)?;
        let penalty = |j: usize| {
            let deviation = table.deviation(j);
            (self.alpha / table.total * table.unit / deviation / deviation).min(LARGEST)
        };
        let problem = newton::Problem {
            table: &table,
            epsilon: self.epsilon,
            penalties: (0..table.penalised).map(penalty).collect(),
        };
        let (solution, convergence) = newton::minimize(&problem, self.max_iter, self.tol, control)?;
        let line = table.line(&solution.coefficients)?;
        Ok(FittedHuber { line, scale: solution.scale * table.unit, convergence })
    }
}

/// Penalties beyond this leave nothing of a coefficient in f64.
const LARGEST: f64 = 1e100;

/// What [`Huber`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedHuber {
    line: Line,
    scale: f64,
    convergence: Convergence,
}

impl FittedHuber {
    /// One coefficient a column, in target units per column unit.
    #[must_use]
    pub fn coefficients(&self) -> &Array1<f64> {
        &self.line.coefficients
    }

    /// The value predicted where every column is 0.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.line.intercept
    }

    /// The scale of the residuals; those beyond `epsilon` of it count by their size.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// How the training ended; `gradient` is what the last step promised to lower the objective
    /// by, as a share.
    #[must_use]
    pub fn convergence(&self) -> Convergence {
        self.convergence
    }

    /// `x·b + a` for every row.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        self.line.predict_rows(x)
    }
}

linfa_regressor!(CheckedHuber, FittedHuber);

#[cfg(test)]
#[path = "huber_tests.rs"]
mod tests;
