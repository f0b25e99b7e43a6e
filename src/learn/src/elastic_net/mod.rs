//! Least squares with a penalty on the absolute values and the squares of the coefficients: the
//! lasso, the elastic net, and what lies between.

mod coded;
mod descent;
mod design;
pub(crate) mod flat;
pub(crate) mod quadratic;
mod working;

use ndarray::{Array1, ArrayView1, ArrayView2};

use crate::{Control, Convergence, Error, Features, input, least_squares, mixed, rows};
use design::Design;
use working::WorkingSet;

/// Which coefficients are allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sign {
    /// All.
    #[default]
    Any,
    /// Those from 0.
    Positive,
}

parameters! {
    /// Elastic net: the `b` and `a` that minimise
    /// `sum wᵢ (yᵢ - xᵢ·b - a)² / (2 sum wᵢ) + alpha l1_ratio |b|₁ + alpha (1 - l1_ratio) |b|² / 2`,
    /// in the units of the columns and with `a` free of the penalty (Zou and Hastie, 2005;
    /// scikit-learn's objective). `l1_ratio = 1` is the lasso (Tibshirani, 1996); where nothing is
    /// left of the absolute values the solution is that of [`Ridge`](crate::Ridge) or
    /// [`LinearRegression`](crate::LinearRegression).
    ///
    /// Solved by coordinate descent on the products of a growing set of columns (Friedman, Hastie
    /// and Tibshirani, 2010), with exact steps once the signs of the coefficients stand, as in the
    /// feature-sign search of Lee, Battle, Raina and Ng (2006). Where hundreds of columns want to
    /// take part, the descent is over the rows for as long as that is cheaper than the products.
    ElasticNet => CheckedElasticNet {
        /// Strength of the penalty, from 0. The default is 1.
        alpha: f64 = 1.0,
        /// The share of the absolute values in the penalty, from 0 to 1. The default is 0.5.
        l1_ratio: f64 = 0.5,
        /// Whether there is an `a`, or it is fixed at 0. The default is `true`.
        fit_intercept: bool = true,
        /// Passes over the columns allowed. The default is 1000.
        max_iter: usize = 1000,
        /// The training has converged when the duality gap, which bounds how far the objective is
        /// above its minimum, is at most `tol / 10⁴` of the objective of the best constant. The
        /// default is 1e-4.
        tol: f64 = 1e-4,
        /// The default is [`Sign::Any`].
        sign: Sign = Sign::Any,
    }
}

impl CheckedElasticNet {
    fn validate(&self) -> Result<(), Error> {
        if !(self.alpha.is_finite() && self.alpha >= 0.0) {
            let message = format!("is {}, not a number from 0", self.alpha);
            return Err(Error::parameter("alpha", message));
        }
        if !(0.0..=1.0).contains(&self.l1_ratio) {
            let message = format!("is {}, not a number from 0 to 1", self.l1_ratio);
            return Err(Error::parameter("l1_ratio", message));
        }
        if !(self.tol.is_finite() && self.tol >= 0.0) {
            return Err(Error::parameter("tol", format!("is {}, not a number from 0", self.tol)));
        }
        Ok(())
    }

    /// Fits `x` (rows × columns) to `y` (rows).
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, when stopped,
    /// [`Error::Memory`] where the products of the columns that take part are too many, and
    /// [`Error::Degenerate`] where the solution is beyond the range of `f64`.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedElasticNet, Error> {
        self.fit_features(&Features::dense(x)?, y, control)
    }

    /// Fits features, some of which may follow from codes, to `y` (rows).
    ///
    /// # Errors
    /// As [`fit_rows`](Self::fit_rows).
    pub fn fit_features(
        &self,
        features: &Features<'_>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedElasticNet, Error> {
        let mut models = self.path_of(features, y, &[self.alpha], control)?;
        Ok(models.remove(0))
    }

    /// One model for each of `alphas`, in their order, each begun where the one before ended:
    /// with falling strengths that is faster than one fit for each. The parameter `alpha` is not
    /// used.
    ///
    /// # Errors
    /// As [`fit_rows`](Self::fit_rows), and [`Error::Parameter`] for a strength that is not a
    /// number from 0.
    pub fn path(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        alphas: &[f64],
        control: &Control<'_>,
    ) -> Result<Vec<FittedElasticNet>, Error> {
        for &alpha in alphas {
            Self { alpha, ..self.clone() }.validate()?;
        }
        self.path_of(&Features::dense(x)?, y, alphas, control)
    }

    fn path_of(
        &self,
        features: &Features<'_>,
        y: ArrayView1<'_, f64>,
        alphas: &[f64],
        control: &Control<'_>,
    ) -> Result<Vec<FittedElasticNet>, Error> {
        let y = input::values(y, features.rows())?;
        let weights = input::weights(control, features.rows())?;
        control.poll()?;
        let design = Design::new(features, &y, weights, self.fit_intercept);
        let mut set = None;
        let mut models = Vec::with_capacity(alphas.len());
        for &alpha in alphas {
            if alpha * self.l1_ratio == 0.0 && self.sign == Sign::Any {
                models.push(self.without_absolute_values(features, &y, weights, alpha, control)?);
                continue;
            }
            let set = match &mut set {
                Some(set) => set,
                none => none.insert(WorkingSet::new(&design, control)?),
            };
            let penalty = design.penalty(alpha, self.l1_ratio, self.sign);
            let convergence = set.minimize(&design, &penalty, self.max_iter, self.tol, control)?;
            models.push(design.model(set.coefficients(), convergence)?);
        }
        Ok(models)
    }

    /// The smallest strength for which all coefficients are 0; infinite where `l1_ratio` is 0.
    ///
    /// # Errors
    /// As [`fit_rows`](Self::fit_rows).
    pub fn largest_alpha(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<f64, Error> {
        let features = Features::dense(x)?;
        let y = input::values(y, features.rows())?;
        let weights = input::weights(control, features.rows())?;
        control.poll()?;
        let design = Design::new(&features, &y, weights, self.fit_intercept);
        Ok(design.largest_alpha(self.l1_ratio, self.sign))
    }

    fn without_absolute_values(
        &self,
        features: &Features<'_>,
        y: &[f64],
        weights: Option<&[f64]>,
        alpha: f64,
        control: &Control<'_>,
    ) -> Result<FittedElasticNet, Error> {
        let total = weights.map_or(y.len() as f64, |weights| weights.iter().sum());
        // Beyond this strength no coefficient is different from 0 in f64.
        let strength = (alpha * total).min(f64::MAX);
        let solution =
            least_squares::solve(features, y, weights, strength, self.fit_intercept, control)?;
        Ok(FittedElasticNet {
            coefficients: solution.coefficients.into(),
            intercept: solution.intercept,
            central: solution.central,
            means: solution.means,
            convergence: Convergence {
                converged: true,
                iterations: 1,
                tolerance: self.tol,
                gradient: 0.0,
            },
        })
    }
}

/// What [`ElasticNet`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedElasticNet {
    coefficients: Array1<f64>,
    intercept: f64,
    /// The prediction at the means of the columns, where products lose the fewest digits.
    central: f64,
    means: Vec<f64>,
    convergence: Convergence,
}

impl FittedElasticNet {
    /// One coefficient a column, in target units per column unit.
    #[must_use]
    pub fn coefficients(&self) -> &Array1<f64> {
        &self.coefficients
    }

    /// The value predicted where every column is 0.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// How the training ended; `gradient` is the duality gap as a share of the objective of the
    /// best constant.
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
        rows::linear(x, &self.means, &self.coefficients.to_vec(), self.central).into()
    }

    /// As [`predict_rows`](Self::predict_rows), of features.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_features(&self, features: &Features<'_>) -> Array1<f64> {
        let coefficients = self.coefficients.to_vec();
        mixed::linear(features, &self.means, &coefficients, self.central).into()
    }
}

linfa_regressor!(CheckedElasticNet, FittedElasticNet);

#[cfg(test)]
mod tests;
