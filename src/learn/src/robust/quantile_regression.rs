//! A linear model of a quantile of the target.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::interior_point;
use super::table::{Line, Table};
use crate::input::{self, Columns};
use crate::{Control, Convergence, Error};

parameters! {
    /// Quantile regression: the `b` and `a` that minimise
    /// `sum wᵢ loss(yᵢ - xᵢ·b - a) / sum wᵢ + alpha |b|₁` with `loss(r) = q max(r, 0) + (1 - q) max(-r, 0)`,
    /// in the units of the columns and with `a` free of the penalty (Koenker and Bassett, 1978;
    /// scikit-learn's objective). Where several are best, one between them is taken.
    ///
    /// Solved by an interior-point method with one small factorisation an iteration, after
    /// Portnoy and Koenker (1997) and Mehrotra (1992).
    QuantileRegression => CheckedQuantileRegression {
        /// The quantile, between 0 and 1. The default is 0.5, the median.
        quantile: f64 = 0.5,
        /// Strength of the penalty, from 0. The default is 1.
        alpha: f64 = 1.0,
        /// Whether there is an `a`, or it is fixed at 0. The default is `true`.
        fit_intercept: bool = true,
    }
}

impl CheckedQuantileRegression {
    fn validate(&self) -> Result<(), Error> {
        if !(self.quantile > 0.0 && self.quantile < 1.0) {
            let message = format!("is {}, not a number between 0 and 1", self.quantile);
            return Err(Error::parameter("quantile", message));
        }
        if !(self.alpha.is_finite() && self.alpha >= 0.0) {
            let message = format!("is {}, not a number from 0", self.alpha);
            return Err(Error::parameter("alpha", message));
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
    ) -> Result<FittedQuantileRegression, Error> {
        /// A row of the program, its root and the two vectors of a step.
        const OF_ROW: usize = size_of::<interior_point::Row>() + 6 * 8;
        let columns = Columns::new(x)?;
        let y = input::values(y, columns.rows())?;
        let weights = input::weights(control, columns.rows())?;
        let table = Table::new(&columns, &y, weights, self.fit_intercept, OF_ROW, control)?;
        let penalties: Vec<f64> = if self.alpha > 0.0 {
            (0..table.penalised).map(|j| strength(self.alpha, table.deviation(j))).collect()
        } else {
            Vec::new()
        };
        let (scaled, convergence) =
            interior_point::minimize(&table, self.quantile, &penalties, control)?;
        Ok(FittedQuantileRegression { line: table.line(&scaled)?, convergence })
    }
}

/// What a coefficient in units of its column's spread costs. No unit of it can save more than 1, so
/// that beyond it stays 0.
fn strength(alpha: f64, deviation: f64) -> f64 {
    (alpha / deviation).clamp(1e-200, 2.0)
}

/// What [`QuantileRegression`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedQuantileRegression {
    line: Line,
    convergence: Convergence,
}

impl FittedQuantileRegression {
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

    /// How the training ended; `gradient` is the duality gap, which bounds what is left to gain,
    /// as a share of the mean distance of the target from its median (from 0 without an
    /// intercept).
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

linfa_regressor!(CheckedQuantileRegression, FittedQuantileRegression);

#[cfg(test)]
#[path = "quantile_tests.rs"]
mod tests;
