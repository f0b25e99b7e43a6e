//! A logistic curve through scores.

use super::checked;
use crate::dense::spread;
use crate::{Control, Error, rows};

/// Newton steps allowed; a handful is usual.
const ITERATIONS: usize = 100;

/// Halvings of a step before it is given up.
const HALVINGS: usize = 40;

/// `1 / (1 + exp(-(slope · score + intercept)))` (Platt, 1999), fitted by Newton's method with
/// backtracking as Lin, Lin and Weng, *A note on Platt's probabilistic outputs for support vector
/// machines* (2007), advise.
///
/// The targets are not 0 and 1 but `1 / (n₀ + 2)` and `(n₁ + 1) / (n₁ + 2)`, with the sums of weights
/// of the rows that are false and true: so the curve stays finite where a score separates them.
/// `slope` and `intercept` are scikit-learn's `-a_` and `-b_`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sigmoid {
    slope: f64,
    intercept: f64,
    /// About this score the curve is computed, where it loses the fewest digits.
    centre: f64,
    /// `slope · centre + intercept`.
    central: f64,
}

/// The mean loss with its derivatives by slope and constant.
struct Value {
    loss: f64,
    gradient: [f64; 2],
    /// By slope twice, by both, by the constant twice.
    hessian: [f64; 3],
}

/// Scores in units of their deviation about their mean.
struct Problem<'a> {
    scores: &'a [f64],
    truth: &'a [bool],
    weights: Option<&'a [f64]>,
    centre: f64,
    factor: f64,
    low: f64,
    high: f64,
    total: f64,
}

impl Sigmoid {
    /// Learns the curve from one score and one truth a row. Scores that are all equal get the share
    /// of the true rows, corrected as above.
    ///
    /// # Errors
    /// On lengths that differ, no rows, scores that are not finite, unsound weights, and when
    /// stopped.
    pub fn fit(scores: &[f64], truth: &[bool], control: &Control<'_>) -> Result<Self, Error> {
        let weights = checked(scores, truth, control)?;
        let of = |wanted: bool| -> f64 {
            let counted = truth.iter().enumerate().filter(|(_, truth)| **truth == wanted);
            counted.map(|(row, _)| weights.map_or(1.0, |weights| weights[row])).sum()
        };
        let (falses, trues) = (of(false), of(true));
        let spread = spread(scores, weights, true);
        let factor = 1.0 / spread.deviation;
        let problem = Problem {
            scores,
            truth,
            weights,
            centre: spread.mean + spread.rest,
            factor: if factor.is_finite() { factor } else { 0.0 },
            low: 1.0 / (falses + 2.0),
            high: (trues + 1.0) / (trues + 2.0),
            total: falses + trues,
        };
        let [slope, constant] = problem.minimum(((trues + 1.0) / (falses + 1.0)).ln(), control)?;
        let slope = slope * problem.factor;
        let intercept = constant - slope * problem.centre;
        Ok(Self { slope, intercept, centre: problem.centre, central: constant })
    }

    /// The slope of the curve's logit.
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// The curve's logit at a score of 0.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// One probability a score.
    #[must_use]
    pub fn apply(&self, scores: &[f64]) -> Vec<f64> {
        scores
            .iter()
            .map(|score| logistic(self.central + self.slope * (score - self.centre)))
            .collect()
    }
}

/// `1 / (1 + exp(-x))` without overflow.
fn logistic(x: f64) -> f64 {
    let small = (-x.abs()).exp();
    if x >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) }
}

impl Problem<'_> {
    /// Slope and constant in the units of the problem; the loss is convex and has a minimum.
    fn minimum(&self, constant: f64, control: &Control<'_>) -> Result<[f64; 2], Error> {
        let mut point = [0.0, constant];
        let mut value = self.at(point);
        for _ in 0..ITERATIONS {
            control.poll()?;
            let [g, h] = value.gradient;
            // The ridge of Lin, Lin and Weng; it counts where all scores are equal.
            let [a, b, d] = [value.hessian[0] + 1e-12, value.hessian[1], value.hessian[2] + 1e-12];
            let determinant = a * d - b * b;
            let step = [-(d * g - b * h) / determinant, -(a * h - b * g) / determinant];
            let slope = g * step[0] + h * step[1];
            if !(slope < -f64::EPSILON * f64::EPSILON * value.loss) {
                break;
            }
            let Some(next) = self.backtrack(point, &value, step, slope) else { break };
            (point, value) = next;
        }
        Ok(point)
    }

    fn backtrack(
        &self,
        point: [f64; 2],
        value: &Value,
        step: [f64; 2],
        slope: f64,
    ) -> Option<([f64; 2], Value)> {
        let mut length = 1.0;
        for _ in 0..HALVINGS {
            let next = [point[0] + length * step[0], point[1] + length * step[1]];
            let at_next = self.at(next);
            let rounding = 4.0 * f64::EPSILON * value.loss;
            if at_next.loss <= value.loss + 1e-4 * length * slope + rounding {
                return Some((next, at_next));
            }
            length *= 0.5;
        }
        None
    }

    fn at(&self, point: [f64; 2]) -> Value {
        let sums = rows::sum(self.scores.len(), 6, |range, sums| {
            for row in range {
                let weight = self.weights.map_or(1.0, |weights| weights[row]);
                if weight == 0.0 {
                    continue;
                }
                let place = (self.scores[row] - self.centre) * self.factor;
                let score = point[0] * place + point[1];
                let target = if self.truth[row] { self.high } else { self.low };
                let small = (-score.abs()).exp();
                let (near, far) = (1.0 / (1.0 + small), small / (1.0 + small));
                let (probability, missed) = if score >= 0.0 { (near, far) } else { (far, near) };
                // The cross entropy: log(1 + exp(score)) - target · score, term by term positive.
                let loss = if score >= 0.0 { (1.0 - target) * score } else { -target * score };
                let residual =
                    if score >= 0.0 { (1.0 - target) - missed } else { probability - target };
                let curvature = near * far;
                sums[0] += weight * (small.ln_1p() + loss);
                sums[1] += weight * residual * place;
                sums[2] += weight * residual;
                sums[3] += weight * curvature * place * place;
                sums[4] += weight * curvature * place;
                sums[5] += weight * curvature;
            }
        });
        let mean = |index: usize| sums[index] / self.total;
        Value { loss: mean(0), gradient: [mean(1), mean(2)], hessian: [mean(3), mean(4), mean(5)] }
    }
}
