//! Losses: a target and a raw prediction to the loss, its gradient and its hessian.

use rayon::prelude::*;

use super::quantile::quantile;
use crate::rows::sum;

/// Sizes of the exponent from which `exp` is no longer finite or no longer above 0.
const LARGEST_EXPONENT: f64 = 700.0;

/// The largest step of a leaf on the scale of logarithms. A Newton step overshoots where the
/// target is far above the prediction; this keeps the next prediction finite.
const LARGEST_STEP: f64 = 20.0;

/// A loss of one raw prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Loss {
    /// `(raw - y)² / 2`.
    Squared,
    /// `|raw - y|`.
    Absolute,
    /// `q (y - raw)` below the target, `(1 - q) (raw - y)` above it.
    Quantile(f64),
    /// `exp(raw) - y raw`.
    Poisson,
    /// `raw + y exp(-raw)`.
    Gamma,
    /// `log(1 + exp(raw)) - y raw`, for a target of 0 and 1.
    Binary,
    /// `log(Σ exp(raw)) - raw of the class`, for a target of codes and several raw predictions.
    Softmax,
}

impl Loss {
    /// Gradient and hessian by the raw prediction. `total` is the logarithm of the sum of the
    /// exponentials of all raw predictions of the row, and `y` is 1 for the class at hand and 0
    /// for others, both for [`Loss::Softmax`].
    #[inline(always)]
    pub(super) fn derivatives(self, y: f64, raw: f64, total: f64) -> (f64, f64) {
        match self {
            Self::Squared => (raw - y, 1.0),
            // At the target itself the gradient may be any between these two; scikit-learn takes the one
            // from below, and the first tree, which starts from a target, follows from that.
            Self::Absolute => (if raw > y { 1.0 } else { -1.0 }, 1.0),
            Self::Quantile(q) => (if raw > y { 1.0 - q } else { -q }, 1.0),
            Self::Poisson => {
                let mean = exp(raw);
                (mean - y, mean)
            }
            Self::Gamma => {
                let ratio = y * exp(-raw);
                (1.0 - ratio, ratio)
            }
            Self::Binary => {
                let small = (-raw.abs()).exp();
                let lower = small / (1.0 + small);
                let p = if raw > 0.0 { 1.0 - lower } else { lower };
                (p - y, lower * (1.0 - lower))
            }
            Self::Softmax => {
                let p = (raw - total).exp();
                (p - y, p * (1.0 - p))
            }
        }
    }

    /// The loss without what depends on the target only.
    fn value(self, y: f64, raw: f64) -> f64 {
        match self {
            Self::Squared => 0.5 * (raw - y) * (raw - y),
            Self::Absolute => (raw - y).abs(),
            Self::Quantile(q) => {
                if raw >= y {
                    (1.0 - q) * (raw - y)
                } else {
                    q * (y - raw)
                }
            }
            Self::Poisson => exp(raw) - y * raw,
            Self::Gamma => raw + y * exp(-raw),
            Self::Binary | Self::Softmax => {
                // log(1 + exp(raw)) without overflow.
                raw.max(0.0) + (-raw.abs()).exp().ln_1p() - y * raw
            }
        }
    }

    /// Whether every hessian is 1 where every weight is.
    pub(super) fn has_constant_hessian(self) -> bool {
        match self {
            Self::Squared | Self::Absolute | Self::Quantile(_) => true,
            Self::Poisson | Self::Gamma | Self::Binary | Self::Softmax => false,
        }
    }

    /// Bounds of the sizes of gradient and hessian, where the loss has some.
    pub(super) fn bounds(self) -> Option<(f64, f64)> {
        match self {
            Self::Absolute | Self::Quantile(_) => Some((1.0, 1.0)),
            Self::Binary | Self::Softmax => Some((1.0, 0.25)),
            Self::Squared | Self::Poisson | Self::Gamma => None,
        }
    }

    /// The share of the residuals of a leaf that its value leaves below, where the leaf is such
    /// a quantile and not a Newton step.
    pub(super) fn leaf_quantile(self) -> Option<f64> {
        match self {
            Self::Absolute => Some(0.5),
            Self::Quantile(q) => Some(q),
            Self::Squared | Self::Poisson | Self::Gamma | Self::Binary | Self::Softmax => None,
        }
    }

    /// The Newton step of a leaf, kept where its exponential is finite.
    pub(super) fn step(self, newton: f64) -> f64 {
        match self {
            Self::Poisson | Self::Gamma => newton.clamp(-LARGEST_STEP, LARGEST_STEP),
            Self::Squared | Self::Absolute | Self::Quantile(_) | Self::Binary | Self::Softmax => {
                newton
            }
        }
    }

    /// What is predicted, from a raw prediction of values.
    pub(super) fn predicted(self, raw: f64) -> f64 {
        match self {
            Self::Poisson | Self::Gamma => exp(raw),
            Self::Squared | Self::Absolute | Self::Quantile(_) | Self::Binary | Self::Softmax => {
                raw
            }
        }
    }

    /// The best constant raw predictions, one for every raw prediction of a row.
    pub(super) fn baseline(self, y: &[f64], weights: Option<&[f64]>, outputs: usize) -> Vec<f64> {
        let mean = |of: &(dyn Fn(usize) -> f64 + Sync)| weighted_mean(y.len(), weights, of);
        let least = f64::EPSILON;
        match self {
            Self::Squared => vec![mean(&|row| y[row])],
            Self::Absolute => vec![quantile(&mut pairs(y, weights), 0.5)],
            Self::Quantile(q) => vec![quantile(&mut pairs(y, weights), q)],
            Self::Poisson | Self::Gamma => vec![mean(&|row| y[row]).max(f64::MIN_POSITIVE).ln()],
            Self::Binary => {
                let p = mean(&|row| y[row]).clamp(least, 1.0 - least);
                vec![(p / (1.0 - p)).ln()]
            }
            Self::Softmax => (0..outputs)
                .map(|class| {
                    mean(&|row| f64::from(u8::from(y[row] == class as f64))).max(least).ln()
                })
                .collect(),
        }
    }

    /// The mean loss of rows, up to a constant of the target.
    pub(super) fn mean(self, y: &[f64], weights: Option<&[f64]>, raw: &[Vec<f64>]) -> f64 {
        match self {
            Self::Softmax => {
                let totals = log_totals(raw);
                weighted_mean(y.len(), weights, &|row| totals[row] - raw[y[row] as usize][row])
            }
            Self::Squared
            | Self::Absolute
            | Self::Quantile(_)
            | Self::Poisson
            | Self::Gamma
            | Self::Binary => {
                weighted_mean(y.len(), weights, &|row| self.value(y[row], raw[0][row]))
            }
        }
    }
}

/// The exponential of a raw prediction, finite and above 0.
fn exp(raw: f64) -> f64 {
    raw.clamp(-LARGEST_EXPONENT, LARGEST_EXPONENT).exp()
}

fn weighted_mean(rows: usize, weights: Option<&[f64]>, of: &(dyn Fn(usize) -> f64 + Sync)) -> f64 {
    let sums = sum(rows, 2, |range, sums| {
        for row in range {
            let weight = weights.map_or(1.0, |weights| weights[row]);
            sums[0] += weight * of(row);
            sums[1] += weight;
        }
    });
    sums[0] / sums[1]
}

/// Values with their weights.
fn pairs(y: &[f64], weights: Option<&[f64]>) -> Vec<(f64, f64)> {
    (0..y.len()).map(|row| (y[row], weights.map_or(1.0, |weights| weights[row]))).collect()
}

/// The logarithm of the sum of exponentials of every row.
pub(super) fn log_totals(raw: &[Vec<f64>]) -> Vec<f64> {
    let rows = raw.first().map_or(0, Vec::len);
    let of_row = |row: usize| {
        let largest = raw.iter().map(|raw| raw[row]).fold(f64::NEG_INFINITY, f64::max);
        largest + raw.iter().map(|raw| (raw[row] - largest).exp()).sum::<f64>().ln()
    };
    (0..rows).into_par_iter().with_min_len(1024).map(of_row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_differences_of_the_loss() {
        let step = 1e-4;
        let all = [Loss::Squared, Loss::Absolute, Loss::Quantile(0.3), Loss::Poisson, Loss::Gamma];
        for loss in all.into_iter().chain([Loss::Binary]) {
            for raw in [-2.03, -0.51, 0.2, 1.7] {
                let y = if loss == Loss::Binary { 1.0 } else { 0.7 };
                let at = |raw| loss.value(y, raw);
                let (gradient, hessian) = loss.derivatives(y, raw, 0.0);
                let first = (at(raw + step) - at(raw - step)) / (2.0 * step);
                assert!((gradient - first).abs() < 1e-6, "{loss:?} at {raw}");
                if loss.leaf_quantile().is_none() {
                    let second = (at(raw + step) - 2.0 * at(raw) + at(raw - step)) / step.powi(2);
                    assert!((hessian - second).abs() < 1e-5, "{loss:?} at {raw}");
                }
            }
        }
    }

    #[test]
    fn derivatives_of_several_classes_are_differences_of_the_loss() {
        let (raw, step) = ([0.3, -1.2, 0.8], 1e-4);
        for class in 0..3 {
            for code in 0..3 {
                let at = |change: f64| {
                    let mut raw: Vec<Vec<f64>> = raw.iter().map(|raw| vec![*raw]).collect();
                    raw[class][0] += change;
                    Loss::Softmax.mean(&[f64::from(code)], None, &raw)
                };
                let total = log_totals(&raw.map(|raw| vec![raw]))[0];
                let y = f64::from(u8::from(code as usize == class));
                let (gradient, hessian) = Loss::Softmax.derivatives(y, raw[class], total);
                let first = (at(step) - at(-step)) / (2.0 * step);
                let second = (at(step) - 2.0 * at(0.0) + at(-step)) / step.powi(2);
                assert!((gradient - first).abs() < 1e-7 && (hessian - second).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn the_baseline_is_the_best_constant() {
        let y = [0.5, 2.0, 3.5, 9.0];
        let weights = [1.0, 2.0, 1.0, 0.5];
        let all = [Loss::Squared, Loss::Absolute, Loss::Quantile(0.3), Loss::Poisson, Loss::Gamma];
        for loss in all {
            let best = loss.baseline(&y, Some(&weights), 1)[0];
            let at = |raw: f64| loss.mean(&y, Some(&weights), &[vec![raw; 4]]);
            for change in [-0.01, 0.01] {
                assert!(at(best) <= at(best + change) + 1e-12, "{loss:?}");
            }
        }
        let codes = [0.0, 1.0, 1.0, 1.0];
        assert!((Loss::Binary.baseline(&codes, None, 1)[0] - 3_f64.ln()).abs() < 1e-12);
        let shares = Loss::Softmax.baseline(&codes, None, 2);
        assert!((shares[1] - 0.75_f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn far_raw_predictions_stay_finite() {
        for loss in [Loss::Poisson, Loss::Gamma, Loss::Binary] {
            for raw in [-1e6, 1e6] {
                let (gradient, hessian) = loss.derivatives(1.0, raw, 0.0);
                assert!(gradient.is_finite() && hessian.is_finite() && hessian >= 0.0);
                assert!(loss.predicted(raw).is_finite());
            }
        }
    }
}
