//! Logistic regression for two and for more classes.

mod block;
mod objective;
mod proximal;
mod subset;

use ndarray::{Array1, Array2, ArrayView2};

use crate::input;
use crate::smooth::{self, Smooth};
use crate::{ClassWeight, Control, Convergence, Error, Features, mixed, rows};
use objective::Objective;

/// What keeps coefficients small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Penalty {
    /// `|b|² / 2`.
    #[default]
    L2,
    /// `|b|₁`.
    L1,
    /// `l1_ratio |b|₁ + (1 - l1_ratio) |b|² / 2`.
    ElasticNet,
    /// Nothing.
    None,
}

parameters! {
    /// Logistic regression: the `b` and `a` that minimise `c · sum wᵢ lossᵢ` and a [`Penalty`],
    /// by default `|b|² / 2` (scikit-learn's objective; `a` is free of the penalty).
    ///
    /// For two classes `lossᵢ = log(1 + exp(-tᵢ (xᵢ·b + a)))` with `tᵢ = ±1`, positive for the
    /// higher code. For more, every class has its own `b` and `a`, and `lossᵢ` is the negative
    /// logarithm of the softmax of the scores at the row's class; then the sum of the `a` over
    /// the classes, and that of the `b` where there is no penalty, is 0.
    ///
    /// Columns are centred and scaled inside, which changes the path to the optimum but not the
    /// optimum: the penalty stays in the units of the columns. Small problems are solved by
    /// Newton's method with backtracking, large ones by L-BFGS (Nocedal and Wright, *Numerical
    /// Optimization*, 2nd edition, algorithms 3.2 and 7.5), and those with a penalty on absolute
    /// values by Newton's method with coordinate descent within each step.
    LogisticRegression => CheckedLogisticRegression {
        /// The default is [`Penalty::L2`].
        penalty: Penalty = Penalty::L2,
        /// Inverse strength of the penalty, above 0. The default is 1.
        c: f64 = 1.0,
        /// The share of the absolute values in [`Penalty::ElasticNet`], from 0 to 1. The default
        /// is 0.5.
        l1_ratio: f64 = 0.5,
        /// Whether there is an `a`, or it is fixed at 0. The default is `true`.
        fit_intercept: bool = true,
        /// Iterations allowed. The default is 100.
        max_iter: usize = 100,
        /// The training has converged when, for the objective divided by `c · sum wᵢ` and columns
        /// of about unit curvature, no component of the gradient exceeds `tol` *and* the decrease
        /// that the model of the next step predicts is below `tol / 10⁴` of the objective. The
        /// default is 1e-4.
        tol: f64 = 1e-4,
        /// The default is [`ClassWeight::None`].
        class_weight: ClassWeight = ClassWeight::None,
    }
}

impl CheckedLogisticRegression {
    fn validate(&self) -> Result<(), Error> {
        let positive = |name, value: f64| {
            if value.is_finite() && value > 0.0 {
                Ok(())
            } else {
                Err(Error::parameter(name, format!("is {value}, not a number above 0")))
            }
        };
        positive("c", self.c)?;
        self.class_weight.validate()?;
        if !(0.0..=1.0).contains(&self.l1_ratio) {
            let message = format!("is {}, not a number from 0 to 1", self.l1_ratio);
            return Err(Error::parameter("l1_ratio", message));
        }
        positive("tol", self.tol)
    }

    /// Fits `x` (rows × columns) to class codes below `classes`. A class without rows (of a
    /// weight above 0) has no part in the optimum; its probability is 0.
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, when stopped, and
    /// [`Error::Degenerate`] where fewer than two classes have rows or the solution is beyond the
    /// range of `f64`.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedLogisticRegression, Error> {
        self.fit_features(&Features::dense(x)?, codes, classes, control)
    }

    /// Fits features, some of which may follow from codes, to class codes below `classes`. They are
    /// written out where that is faster.
    ///
    /// # Errors
    /// As [`fit_rows`](Self::fit_rows), and [`Error::Memory`] where columns would have to be written
    /// out and are too many.
    pub fn fit_features(
        &self,
        features: &Features<'_>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedLogisticRegression, Error> {
        input::check_codes(codes, classes, features.rows())?;
        let weights = input::weights(control, features.rows())?;
        let weights = input::class_weights(codes, classes, weights, &self.class_weight)?;
        let present: Vec<u32> = input::class_totals(codes, classes, weights.as_deref())
            .iter()
            .zip(0..)
            .filter_map(|(total, code)| (*total > 0.0).then_some(code))
            .collect();
        if present.len() < 2 {
            return Err(Error::Degenerate(
                "logistic regression needs rows of at least two classes".into(),
            ));
        }
        let heads = if present.len() == 2 { 1 } else { present.len() };
        let free = heads * (features.len() + usize::from(self.fit_intercept));
        let has_absolute = matches!(self.penalty, Penalty::L1)
            || matches!(self.penalty, Penalty::ElasticNet) && self.l1_ratio > 0.0;
        if features.has_blocks() && !has_absolute && smooth::has_few(features.rows(), free) {
            return self.fit_rows(features.written_out(control)?.view(), codes, classes, control);
        }
        control.poll()?;
        let strengths = match self.penalty {
            Penalty::L2 => (0.0, 1.0 / self.c),
            Penalty::L1 => (1.0 / self.c, 0.0),
            Penalty::ElasticNet => (self.l1_ratio / self.c, (1.0 - self.l1_ratio) / self.c),
            Penalty::None => (0.0, 0.0),
        };
        let objective =
            Objective::new(features, codes, &present, weights, strengths, self.fit_intercept)?;

        let (solution, convergence) = if strengths.0 > 0.0 {
            proximal::minimize(&objective, self.max_iter, self.tol, control)?
        } else {
            let start = vec![0.0; objective.parameters()];
            smooth::minimize(&objective, start, features.rows(), self.max_iter, self.tol, control)?
        };
        let model = objective.model(&solution);
        let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
        if !(finite(&model.intercepts) && model.coefficients.iter().all(|value| value.is_finite()))
        {
            return Err(Error::Degenerate(
                "the scales of the columns are too far apart for a finite solution".into(),
            ));
        }
        Ok(FittedLogisticRegression { classes, present, model, convergence })
    }
}

/// Linear scores about the means of the columns, where they lose the fewest digits.
#[derive(Clone, Debug, PartialEq)]
struct Scores {
    /// One row for two classes, else one a present class.
    coefficients: Array2<f64>,
    /// Scores at the means of the columns.
    central: Vec<f64>,
    /// Scores where every column is 0.
    intercepts: Vec<f64>,
    means: Vec<f64>,
}

/// What [`LogisticRegression`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedLogisticRegression {
    classes: usize,
    present: Vec<u32>,
    model: Scores,
    convergence: Convergence,
}

impl FittedLogisticRegression {
    /// Coefficients in units of 1 / column: one row for two classes, else one for each of
    /// [`present_classes`](Self::present_classes).
    #[must_use]
    pub fn coefficients(&self) -> &Array2<f64> {
        &self.model.coefficients
    }

    /// One intercept for every row of [`coefficients`](Self::coefficients).
    #[must_use]
    pub fn intercepts(&self) -> &[f64] {
        &self.model.intercepts
    }

    /// The classes that training rows had, in rising order.
    #[must_use]
    pub fn present_classes(&self) -> &[u32] {
        &self.present
    }

    /// How the training ended. Without a penalty, classes that a plane separates have no optimum:
    /// then the training ends with `converged` false and some finite plane.
    #[must_use]
    pub fn convergence(&self) -> Convergence {
        self.convergence
    }

    /// The most probable class of every row; the lower code where two are equally probable.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        rows::largest(&self.logs(x)).mapv(|index| self.present[index as usize])
    }

    /// Probabilities (rows × classes).
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_probabilities(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        self.probabilities(self.logs(x))
    }

    fn probabilities(&self, mut logs: Array2<f64>) -> Array2<f64> {
        rows::normalize_logs(&mut logs);
        if self.present.len() == self.classes {
            return logs;
        }
        let mut probabilities = Array2::zeros((logs.nrows(), self.classes));
        for (column, &code) in logs.columns().into_iter().zip(&self.present) {
            probabilities.column_mut(code as usize).assign(&column);
        }
        probabilities
    }

    /// The linear scores that the probabilities are made of, rows × classes, where every class was
    /// present in the training: log-odds against the lower of two classes, which has 0 itself.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn margins(&self, x: ArrayView2<'_, f64>) -> Option<Array2<f64>> {
        (self.present.len() == self.classes).then(|| self.logs(x))
    }

    /// As [`predict_probabilities`](Self::predict_probabilities), of features.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn probabilities_of(&self, features: &Features<'_>) -> Array2<f64> {
        self.probabilities(self.logs_of(features))
    }

    /// As [`predict_rows`](Self::predict_rows), of features.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_features(&self, features: &Features<'_>) -> Array1<u32> {
        rows::largest(&self.logs_of(features)).mapv(|index| self.present[index as usize])
    }

    /// Scores of the present classes; the lower of two has 0.
    fn logs(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        self.logs_by(x.nrows(), |means, coefficients, central| {
            rows::linear(x, means, coefficients, central)
        })
    }

    fn logs_of(&self, features: &Features<'_>) -> Array2<f64> {
        self.logs_by(features.rows(), |means, coefficients, central| {
            mixed::linear(features, means, coefficients, central)
        })
    }

    fn logs_by(
        &self,
        rows: usize,
        linear: impl Fn(&[f64], &[f64], f64) -> Vec<f64>,
    ) -> Array2<f64> {
        let Scores { coefficients, central, means, .. } = &self.model;
        let mut logs = Array2::zeros((rows, self.present.len()));
        let first = self.present.len() - central.len();
        for (head, &central) in central.iter().enumerate() {
            let scores = linear(means, &coefficients.row(head).to_vec(), central);
            logs.column_mut(first + head).assign(&Array1::from(scores));
        }
        logs
    }
}

linfa_classifier!(CheckedLogisticRegression, FittedLogisticRegression);

#[cfg(test)]
mod tests;

#[cfg(test)]
mod proximal_tests;
