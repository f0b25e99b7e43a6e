//! The linear machine for values.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::descent::{Problem, RowMajor, Solution};
use super::{
    CheckedLinearSupportVectorRegressor, Plane, ValueLoss, counted, positive, primal, row_major,
};
use crate::input;
use crate::{Control, Convergence, Error, Features, Generator};

impl CheckedLinearSupportVectorRegressor {
    pub(super) fn validate(&self) -> Result<(), Error> {
        positive("c", self.c)?;
        positive("tol", self.tol)?;
        positive("intercept_scaling", self.intercept_scaling)?;
        if self.epsilon.is_finite() && self.epsilon >= 0.0 {
            Ok(())
        } else {
            Err(Error::parameter("epsilon", format!("is {}, not a number from 0", self.epsilon)))
        }
    }

    /// Fits `x` (rows × columns) to `y` (rows).
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, when stopped,
    /// [`Error::Column`] for values whose squares leave the range of numbers, [`Error::Memory`] where the rows are too
    /// many to copy, and [`Error::Degenerate`] where the coefficients leave the range of numbers.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedLinearSupportVectorRegressor, Error> {
        self.fit_features(&Features::dense(x)?, y, control)
    }

    /// Fits features, some of which may follow from codes, to `y` (rows). They are written out where
    /// coordinate descent needs them, or rows of weight 0 are to be left out.
    ///
    /// # Errors
    /// As [`fit_rows`](Self::fit_rows), and [`Error::Memory`] where columns would have to be written out and
    /// are too many.
    pub fn fit_features(
        &self,
        features: &Features<'_>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedLinearSupportVectorRegressor, Error> {
        let weights = input::weights(control, features.rows())?;
        let picked = counted(features.rows(), weights);
        let squared = self.loss == ValueLoss::SquaredEpsilonInsensitive;
        let newton = squared && primal::suits(picked.len(), features.len());
        if features.has_blocks() && !(newton && picked.len() == features.rows()) {
            return self.fit_rows(features.written_out(control)?.view(), y, control);
        }
        let y = input::values(y, features.rows())?;
        let intercept = self.fit_intercept.then_some(self.intercept_scaling);
        let costs = picked
            .iter()
            .map(|&row| self.c * weights.map_or(1.0, |weights| weights[row as usize]))
            .collect::<Vec<_>>();
        let targets: Vec<f64> = picked.iter().map(|&row| y[row as usize]).collect();
        let solution = if newton {
            let loss = primal::Loss::Band(self.epsilon);
            let (mixed, picked) = (primal::of_codes(features), &*picked);
            let mixed = mixed.as_ref();
            primal::Problem { features, mixed, picked, intercept, targets, costs, loss }.solve(
                self.tol,
                self.max_iter,
                control,
            )?
        } else {
            let rows = row_major(features, &picked, intercept)?;
            self.descend(&rows, targets, &costs, control)?
        };
        if !solution.coefficients.iter().all(|value| value.is_finite()) {
            let message = "the coefficients leave the range of numbers";
            return Err(Error::Degenerate(message.into()));
        }
        let plane = Plane::new(solution, features.len(), self.intercept_scaling);
        Ok(FittedLinearSupportVectorRegressor { plane })
    }

    fn descend(
        &self,
        rows: &RowMajor,
        z: Vec<f64>,
        costs: &[f64],
        control: &Control<'_>,
    ) -> Result<Solution, Error> {
        let (ridge, limit): (Vec<f64>, Vec<f64>) = costs
            .iter()
            .map(|cost| match self.loss {
                ValueLoss::EpsilonInsensitive => (0.0, *cost),
                ValueLoss::SquaredEpsilonInsensitive => (0.5 / cost, f64::INFINITY),
            })
            .unzip();
        let low = limit.iter().map(|limit| -limit).collect();
        let problem = Problem { z, epsilon: self.epsilon, ridge, low, high: limit };
        let mut generator = Generator::new(self.seed);
        problem.solve(rows, self.tol, self.max_iter, &mut generator, control)
    }
}

/// What [`LinearSupportVectorRegressor`](super::LinearSupportVectorRegressor) learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedLinearSupportVectorRegressor {
    plane: Plane,
}

impl FittedLinearSupportVectorRegressor {
    /// `x·b + a` for every row.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        self.plane.decisions(x).into()
    }

    /// As [`predict_rows`](Self::predict_rows), of features.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_features(&self, features: &Features<'_>) -> Array1<f64> {
        self.plane.decisions_of(features).into()
    }

    /// One coefficient a column.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.plane.coefficients
    }

    /// The value predicted where every column is 0.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.plane.intercept
    }

    /// The dual objective; minus the primal one at the optimum.
    #[must_use]
    pub fn objective(&self) -> f64 {
        self.plane.objective
    }

    /// How the training ended.
    #[must_use]
    pub fn convergence(&self) -> Convergence {
        self.plane.convergence
    }
}

linfa_regressor!(CheckedLinearSupportVectorRegressor, FittedLinearSupportVectorRegressor);
