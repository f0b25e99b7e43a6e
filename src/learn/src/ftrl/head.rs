//! One class against the others, row by row.

use super::table::{Row, Table};
use super::{CheckedFtrl, Order};
use crate::{Control, Convergence, Error, Generator};

/// Passes without a lower loss after which the training ends.
const PATIENCE: usize = 5;

/// Values that are learnt from between two looks at the stop flag.
const POLLED: usize = 1 << 20;

/// A linear score.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Head {
    pub(super) coefficients: Vec<f64>,
    pub(super) intercept: f64,
}

/// What is kept of each column: `z` and the square root of `n` of the paper, and the coefficient
/// that follows from them.
struct State {
    sums: Vec<f64>,
    roots: Vec<f64>,
    coefficients: Vec<f64>,
}

/// The step size and the penalties of some columns.
#[derive(Clone, Copy)]
struct Rule {
    rate: f64,
    beta: f64,
    l1: f64,
    l2: f64,
}

impl State {
    fn new(columns: usize) -> Self {
        Self {
            sums: vec![0.0; columns],
            roots: vec![0.0; columns],
            coefficients: vec![0.0; columns],
        }
    }

    /// Takes one row with the derivative of its loss by the score.
    fn learn(&mut self, row: &Row<'_>, residual: f64, rule: Rule) {
        let columns = self.sums.iter_mut().zip(&mut self.roots).zip(&mut self.coefficients);
        match row {
            Row::Whole(values) => {
                for (((sum, root), coefficient), value) in columns.zip(*values) {
                    rule.learn(residual * value, sum, root, coefficient);
                }
            }
            // A value of 0 has no gradient, and changes nothing.
            Row::Sparse(values) => {
                for &(j, value) in *values {
                    let (sum, root) = (&mut self.sums[j], &mut self.roots[j]);
                    rule.learn(residual * value, sum, root, &mut self.coefficients[j]);
                }
            }
        }
    }
}

impl Rule {
    #[inline]
    fn learn(self, gradient: f64, sum: &mut f64, root: &mut f64, coefficient: &mut f64) {
        let next = (*root * *root + gradient * gradient).sqrt();
        *sum += gradient - (next - *root) * self.rate * *coefficient;
        *root = next;
        let beyond = (sum.abs() - self.l1).max(0.0);
        let strength = (self.beta + next) * self.rate + self.l2;
        // Without any strength there was no gradient either.
        let size = beyond / strength.max(f64::MIN_POSITIVE);
        *coefficient = -size.copysign(*sum);
    }
}

impl Head {
    pub(super) fn train(
        parameters: &CheckedFtrl,
        table: &Table<'_>,
        codes: &[u32],
        class: u32,
        control: &Control<'_>,
    ) -> Result<(Self, Convergence), Error> {
        let rule = Rule {
            rate: 1.0 / parameters.alpha,
            beta: parameters.beta,
            l1: parameters.l1_ratio,
            l2: parameters.l2_ratio,
        };
        let free = Rule { l1: 0.0, l2: 0.0, ..rule };
        let columns = table.width();
        let (mut state, mut constant) = (State::new(columns), State::new(1));
        let mut scratch = table.scratch();
        let mut generator = Generator::new(parameters.seed);
        let mut order: Vec<u32> = (0..codes.len() as u32).collect();
        let (mut least, mut before, mut waited) = (f64::INFINITY, f64::INFINITY, 0);
        let (mut converged, mut iterations, mut change) = (false, 0, 0.0);
        while iterations < parameters.max_iter && !converged {
            iterations += 1;
            match parameters.order {
                Order::Shuffled => generator.shuffle(&mut order),
                Order::Given => {}
            }
            let mut losses = 0.0;
            for rows in order.chunks((POLLED / (columns + 8)).max(1)) {
                control.poll()?;
                for &row in rows {
                    let own = codes[row as usize] == class;
                    let row = table.row(row as usize, &mut scratch);
                    let score = row.product(&state.coefficients) + constant.coefficients[0];
                    losses -= log_logistic(if own { score } else { -score });
                    let residual = if own { -logistic(-score) } else { logistic(score) };
                    state.learn(&row, residual, rule);
                    if parameters.fit_intercept {
                        constant.learn(&Row::Whole(&[1.0]), residual, free);
                    }
                }
            }
            let loss = losses / codes.len() as f64;
            if !(loss.is_finite() && state.coefficients.iter().all(|value| value.is_finite())) {
                return Err(Error::Degenerate(
                    "the coefficients grew without bound: standardize the features, or lower \
                     `alpha`"
                        .into(),
                ));
            }
            change = (before - loss).abs();
            before = loss;
            waited = if loss > least - parameters.tol { waited + 1 } else { 0 };
            least = least.min(loss);
            converged = waited == PATIENCE;
        }
        let head = Self { coefficients: state.coefficients, intercept: constant.coefficients[0] };
        let gradient = if change.is_finite() { change } else { least };
        let tolerance = parameters.tol;
        Ok((head, Convergence { converged, iterations, tolerance, gradient }))
    }
}

/// `1 / (1 + exp(-x))` without overflow.
fn logistic(x: f64) -> f64 {
    let small = (-x.abs()).exp();
    if x >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) }
}

/// The logarithm of `1 / (1 + exp(-x))`.
pub(super) fn log_logistic(x: f64) -> f64 {
    x.min(0.0) - (-x.abs()).exp().ln_1p()
}
