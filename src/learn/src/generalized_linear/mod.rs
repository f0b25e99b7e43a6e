//! Generalised linear models with the deviances of Tweedie's family.

mod objective;

use ndarray::{Array1, ArrayView1, ArrayView2};

use crate::dense::{power_of_two, spread};
use crate::input;
use crate::smooth;
use crate::{Control, Convergence, Error, Features, mixed, rows};
use objective::{Objective, Unit};

/// What makes of a linear score the expected target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// [`Link::Identity`] for a power of 0, else [`Link::Log`].
    #[default]
    Auto,
    /// The score is the expected target.
    Identity,
    /// The score is the logarithm of the expected target.
    Log,
}

parameters! {
    /// A generalised linear model: the `b` and `a` that minimise
    /// `sum wᵢ d(yᵢ, µᵢ) / (2 sum wᵢ) + alpha |b|² / 2` with the unit deviance `d` of the Tweedie
    /// distribution whose variance is `µ^power` (Jørgensen, 1987; scikit-learn's objective), where
    /// `µᵢ` or its logarithm is `xᵢ·b + a`; `a` is free of the penalty.
    ///
    /// Columns and target are scaled inside, which changes the path to the optimum but not the
    /// optimum. Small problems are solved by Newton's method with backtracking, with the expected
    /// Hessian where the observed one may not be definite, large ones by L-BFGS.
    GeneralizedLinear => CheckedGeneralizedLinear {
        /// Power of the mean that is the variance: 0 (normal), or from 1 (Poisson) over 2 (gamma)
        /// and 3 (inverse Gaussian) on. The default is 0.
        power: f64 = 0.0,
        /// The default is [`Link::Auto`].
        link: Link = Link::Auto,
        /// Strength of the penalty, from 0. The default is 1.
        alpha: f64 = 1.0,
        /// Whether there is an `a`, or it is fixed at 0. The default is `true`.
        fit_intercept: bool = true,
        /// Iterations allowed. The default is 100.
        max_iter: usize = 100,
        /// The training has converged when, for a target with a mean of about 1 and columns of
        /// about unit curvature, no component of the gradient exceeds `tol` *and* the decrease
        /// that the model of the next step predicts is below `tol / 10⁴` of the objective. The
        /// default is 1e-4.
        tol: f64 = 1e-4,
    }
}

impl CheckedGeneralizedLinear {
    fn validate(&self) -> Result<(), Error> {
        if !(self.power == 0.0 || self.power >= 1.0 && self.power.is_finite()) {
            return Err(Error::parameter(
                "power",
                format!("is {}, and there are distributions for 0 and from 1 on", self.power),
            ));
        }
        if !(self.alpha.is_finite() && self.alpha >= 0.0) {
            return Err(Error::parameter(
                "alpha",
                format!("is {}, not a number from 0", self.alpha),
            ));
        }
        if !(self.tol.is_finite() && self.tol > 0.0) {
            return Err(Error::parameter("tol", format!("is {}, not a number above 0", self.tol)));
        }
        if self.link == Link::Identity && self.power > 0.0 && !self.fit_intercept {
            let message = "must be true with the identity link and a power above 0, or the means \
                           have nothing positive to start from";
            return Err(Error::parameter("fit_intercept", message));
        }
        Ok(())
    }

    fn has_log_link(&self) -> bool {
        match self.link {
            Link::Auto => self.power > 0.0,
            Link::Identity => false,
            Link::Log => true,
        }
    }

    /// Fits `x` (rows × columns) to `y` (rows).
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, when stopped,
    /// [`Error::Target`] where `y` is out of the distribution's range (below 0 for a power from 1,
    /// 0 as well for one from 2), and [`Error::Degenerate`] where the solution is not finite.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedGeneralizedLinear, Error> {
        self.fit_features(&Features::dense(x)?, y, control)
    }

    /// Fits features, some of which may follow from codes, to `y` (rows). They are written out where that is
    /// faster.
    ///
    /// # Errors
    /// As [`fit_rows`](Self::fit_rows), and [`Error::Memory`] where columns would have to be written out and
    /// are too many.
    pub fn fit_features(
        &self,
        features: &Features<'_>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedGeneralizedLinear, Error> {
        let free = features.len() + usize::from(self.fit_intercept);
        if features.has_blocks() && smooth::has_few(features.rows(), free) {
            return self.fit_rows(features.written_out(control)?.view(), y, control);
        }
        let y = input::values(y, features.rows())?;
        let weights = input::weights(control, features.rows())?;
        self.check_target(&y, weights)?;
        control.poll()?;
        let unit = self.unit(&y, weights)?;
        let log = self.has_log_link();
        // The deviance has the unit of the target to the power 2 - p, and with the identity link a
        // coefficient has that of the target.
        let exponent = if log { self.power - 2.0 } else { self.power };
        let strength = self.alpha * unit.scale.powf(exponent);
        if !strength.is_finite() {
            return Err(far_apart());
        }
        let objective = Objective::new(features, &y, weights, self, strength, unit)?;
        let start = objective.start();
        let (solution, convergence) =
            smooth::minimize(&objective, start, features.rows(), self.max_iter, self.tol, control)?;
        let model = objective.model(&solution);
        let finite = model.coefficients.iter().all(|value| value.is_finite());
        if !(finite && model.intercept.is_finite() && model.central.is_finite()) {
            return Err(far_apart());
        }
        Ok(FittedGeneralizedLinear {
            coefficients: model.coefficients.into(),
            intercept: model.intercept,
            central: model.central,
            means: objective.means(),
            log,
            convergence,
        })
    }

    /// Whether the distribution can give every target that counts.
    fn check_target(&self, y: &[f64], weights: Option<&[f64]>) -> Result<(), Error> {
        let (in_range, wanted): (fn(f64) -> bool, &str) = if self.power == 0.0 {
            return Ok(());
        } else if self.power < 2.0 {
            (|value| value >= 0.0, "numbers from 0")
        } else {
            (|value| value > 0.0, "numbers above 0")
        };
        let counts = |row: usize| weights.is_none_or(|weights| weights[row] > 0.0);
        match (0..y.len()).find(|&row| counts(row) && !in_range(y[row])) {
            Some(row) => Err(Error::Target {
                row,
                message: format!("is {}, and `power: {}` takes {wanted}", y[row], self.power),
            }),
            None => Ok(()),
        }
    }

    /// The unit in which the target is about 1.
    fn unit(&self, y: &[f64], weights: Option<&[f64]>) -> Result<Unit, Error> {
        let spread = spread(y, weights, true);
        let mean = spread.mean + spread.rest;
        if self.power == 0.0 && !self.has_log_link() {
            let scale = power_of_two(spread.deviation);
            return Ok(Unit { shift: if self.fit_intercept { mean } else { 0.0 }, scale, mean });
        }
        if mean > 0.0 {
            return Ok(Unit { shift: 0.0, scale: power_of_two(mean), mean });
        }
        Err(Error::Degenerate(if self.power == 0.0 {
            format!("the mean of the target is {mean}, and a log link needs one above 0")
        } else {
            "the target is 0 in every row, which no finite model reaches".into()
        }))
    }
}

fn far_apart() -> Error {
    Error::Degenerate("the scales of the columns and the target are too far apart".into())
}

/// What [`GeneralizedLinear`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedGeneralizedLinear {
    coefficients: Array1<f64>,
    intercept: f64,
    /// The score at the means of the columns, where products lose the fewest digits.
    central: f64,
    means: Vec<f64>,
    log: bool,
    convergence: Convergence,
}

impl FittedGeneralizedLinear {
    /// One coefficient a column, of the score.
    #[must_use]
    pub fn coefficients(&self) -> &Array1<f64> {
        &self.coefficients
    }

    /// The score where every column is 0.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// How the training ended.
    #[must_use]
    pub fn convergence(&self) -> Convergence {
        self.convergence
    }

    /// The expected target of every row. With the log link a mean beyond the range of `f64` is
    /// [`f64::MAX`].
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        self.expected(rows::linear(x, &self.means, &self.coefficients.to_vec(), self.central))
    }

    /// As [`predict_rows`](Self::predict_rows), of features.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_features(&self, features: &Features<'_>) -> Array1<f64> {
        let coefficients = self.coefficients.to_vec();
        self.expected(mixed::linear(features, &self.means, &coefficients, self.central))
    }

    fn expected(&self, mut scores: Vec<f64>) -> Array1<f64> {
        if self.log {
            scores.iter_mut().for_each(|score| *score = score.exp().min(f64::MAX));
        }
        scores.into()
    }
}

linfa_regressor!(CheckedGeneralizedLinear, FittedGeneralizedLinear);

#[cfg(test)]
mod tests;
