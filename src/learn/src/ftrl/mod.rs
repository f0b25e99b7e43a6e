//! Logistic regression that learns row by row: follow the regularised leader.

mod head;
mod table;

use ndarray::{Array1, Array2, ArrayView2};
use rayon::prelude::*;

use crate::{Control, Convergence, Error, Features, input, mixed, rows};
use head::Head;
use table::Table;

/// Whether the rows are put into a new random order for every pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// They are.
    #[default]
    Shuffled,
    /// They are taken as they stand.
    Given,
}

parameters! {
    /// Follow the regularised leader, proximal (McMahan and others, *Ad click prediction: a view
    /// from the trenches*, 2013, algorithm 1): logistic regression whose coefficients are, after
    /// every row, those that minimise the sum of all linearised losses so far, plus
    /// `l1_ratio · |w|₁ + l2_ratio · |w|² / 2`, plus a step size of its own for every column,
    /// `alpha / (beta + sqrt(sum of squared gradients))`.
    ///
    /// For more than two classes every class is learnt against the others, and its probabilities
    /// are divided by their sum. The intercept is not penalised.
    Ftrl => CheckedFtrl {
        /// Learning rate, above 0. The default is 0.005.
        alpha: f64 = 0.005,
        /// Added to the roots of the summed squares, from 0. The default is 0.
        beta: f64 = 0.0,
        /// Strength of the absolute penalty, from 0. The default is 0.5.
        l1_ratio: f64 = 0.5,
        /// Strength of the quadratic penalty, from 0. The default is 0.5.
        l2_ratio: f64 = 0.5,
        /// Whether there is an intercept. The default is `true`.
        fit_intercept: bool = true,
        /// Passes over the rows allowed. The default is 1000.
        max_iter: usize = 1000,
        /// The training has converged when in five passes in a row the mean loss of the rows, each
        /// before it is learnt from, is not below the least so far by more than this. The default
        /// is 1e-3.
        tol: f64 = 1e-3,
        /// The default is [`Order::Shuffled`].
        order: Order = Order::Shuffled,
        /// Where the random order starts. The default is 0.
        seed: u64 = 0,
    }
}

impl CheckedFtrl {
    fn validate(&self) -> Result<(), Error> {
        let refused = |name, value: f64, wanted| {
            Err(Error::parameter(name, format!("is {value}, not a number {wanted} 0")))
        };
        if !(self.alpha.is_finite() && self.alpha > 0.0) {
            return refused("alpha", self.alpha, "above");
        }
        for (name, value) in [
            ("beta", self.beta),
            ("l1_ratio", self.l1_ratio),
            ("l2_ratio", self.l2_ratio),
            ("tol", self.tol),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return refused(name, value, "from");
            }
        }
        Ok(())
    }

    /// Fits `x` (rows × columns) to class codes below `classes`. A class without rows gets
    /// probability 0.
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, when stopped, [`Error::Weights`] for
    /// any weights (one step for a row of weight 2 is not two steps), [`Error::Column`] for values
    /// beyond 1e±100, [`Error::Memory`] for too many rows, and [`Error::Degenerate`] where fewer
    /// than two classes have rows.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedFtrl, Error> {
        self.fit_features(&Features::dense(x)?, codes, classes, control)
    }

    /// Fits features, some of which may follow from codes, to class codes below `classes`.
    ///
    /// # Errors
    /// As [`fit_rows`](Self::fit_rows).
    pub fn fit_features(
        &self,
        features: &Features<'_>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedFtrl, Error> {
        input::check_codes(codes, classes, features.rows())?;
        if control.weights.is_some() {
            return Err(Error::Weights(
                "rows are learnt from one by one, so weights have no exact meaning here".into(),
            ));
        }
        let totals = input::class_totals(codes, classes, None);
        let present: Vec<u32> = totals
            .iter()
            .zip(0..)
            .filter_map(|(total, code)| (*total > 0.0).then_some(code))
            .collect();
        if present.len() < 2 {
            return Err(Error::Degenerate("there are rows of fewer than two classes".into()));
        }
        let table = Table::new(features, control)?;
        let first = if present.len() == 2 { 1 } else { 0 };
        let trained: Vec<Result<(Head, Convergence), Error>> = present[first..]
            .par_iter()
            .map(|class| Head::train(self, &table, codes, *class, control))
            .collect();
        let trained = trained.into_iter().collect::<Result<Vec<_>, Error>>()?;
        // What took longest speaks for all.
        let convergence = trained
            .iter()
            .map(|(_, convergence)| *convergence)
            .reduce(|a, b| Convergence {
                converged: a.converged && b.converged,
                iterations: a.iterations.max(b.iterations),
                tolerance: a.tolerance,
                gradient: a.gradient.max(b.gradient),
            })
            .expect("two classes have at least one head");
        let heads = trained.into_iter().map(|(head, _)| head).collect();
        Ok(FittedFtrl { classes, present, heads, convergence })
    }
}

/// What [`Ftrl`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedFtrl {
    classes: usize,
    present: Vec<u32>,
    /// One, of the higher class, for two classes; else one a present class.
    heads: Vec<Head>,
    convergence: Convergence,
}

impl FittedFtrl {
    /// Coefficients: one row for two classes, else one for each class that training rows have.
    #[must_use]
    pub fn coefficients(&self) -> Array2<f64> {
        let columns = self.heads.first().map_or(0, |head| head.coefficients.len());
        Array2::from_shape_fn((self.heads.len(), columns), |(head, j)| {
            self.heads[head].coefficients[j]
        })
    }

    /// One intercept for every row of [`coefficients`](Self::coefficients).
    #[must_use]
    pub fn intercepts(&self) -> Vec<f64> {
        self.heads.iter().map(|head| head.intercept).collect()
    }

    /// How the training ended; the gradient is the last change of the mean loss.
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

    /// As [`predict_rows`](Self::predict_rows), of features.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_features(&self, features: &Features<'_>) -> Array1<u32> {
        rows::largest(&self.logs_of(features)).mapv(|index| self.present[index as usize])
    }

    /// Probabilities (rows × classes).
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_probabilities(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        self.probabilities(self.logs(x))
    }

    /// As [`predict_probabilities`](Self::predict_probabilities), of features.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn probabilities_of(&self, features: &Features<'_>) -> Array2<f64> {
        self.probabilities(self.logs_of(features))
    }

    fn probabilities(&self, mut logs: Array2<f64>) -> Array2<f64> {
        rows::normalize_logs(&mut logs);
        let mut probabilities = Array2::zeros((logs.nrows(), self.classes));
        for (column, &code) in logs.columns().into_iter().zip(&self.present) {
            probabilities.column_mut(code as usize).assign(&column);
        }
        probabilities
    }

    fn logs(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let zeros = vec![0.0; x.ncols()];
        self.logs_by(x.nrows(), |head| rows::linear(x, &zeros, &head.coefficients, head.intercept))
    }

    fn logs_of(&self, features: &Features<'_>) -> Array2<f64> {
        let zeros = vec![0.0; features.len()];
        self.logs_by(features.rows(), |head| {
            mixed::linear(features, &zeros, &head.coefficients, head.intercept)
        })
    }

    /// Logarithms of the probabilities of each present class against the others.
    fn logs_by(&self, rows: usize, linear: impl Fn(&Head) -> Vec<f64>) -> Array2<f64> {
        let mut logs = Array2::zeros((rows, self.present.len()));
        for (index, head) in self.heads.iter().enumerate() {
            let mut scores = linear(head);
            // Beyond this no probability differs, and opposite infinities must not meet.
            scores.iter_mut().for_each(|score| *score = score.clamp(-1e300, 1e300));
            if self.heads.len() == 1 {
                logs.column_mut(1).assign(&Array1::from(scores));
            } else {
                let of_class = scores.iter().map(|score| head::log_logistic(*score));
                logs.column_mut(index).assign(&of_class.collect::<Array1<f64>>());
            }
        }
        logs
    }
}

linfa_classifier!(CheckedFtrl, FittedFtrl);

#[cfg(test)]
mod tests;
