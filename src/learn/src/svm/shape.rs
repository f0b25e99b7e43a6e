//! The kernel's parameters, and the kernel they come to on a table.

use ndarray::ArrayView2;

use super::kernel::Resolved;
use super::points::Points;
use crate::Error;
use crate::dense::{max_abs, power_of_two};
use crate::input::Columns;

/// How alike two rows are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kernel {
    /// `exp(-γ |x - z|²)`.
    #[default]
    Rbf,
    /// `x · z`.
    Linear,
    /// `(γ x · z + coef0) ^ degree`.
    Poly,
    /// `tanh(γ x · z + coef0)`.
    Sigmoid,
}

/// The factor `γ` of a kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Gamma {
    /// `1 / (columns · variance)`, the variance being that of all values of the table; 1 where it
    /// is 0.
    #[default]
    Scale,
    /// `1 / columns`.
    Auto,
    /// The number, from 0.
    Value(f64),
}

/// The most that a kernel value may be; squares of sums of such values are still numbers.
const LARGEST: f64 = 1e100;

/// Values that are summed up before their sum is added to others.
const SUM_BLOCK: usize = 128;

/// The largest degree of a polynomial.
pub(super) const LARGEST_DEGREE: u32 = 1000;

/// The parameters of a kernel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) kernel: Kernel,
    pub(super) gamma: Gamma,
    pub(super) degree: u32,
    pub(super) coef0: f64,
}

/// A kernel on the rows of a table that count.
pub(super) struct Ready {
    pub(super) kernel: Resolved,
    pub(super) points: Points,
    /// What values of the table are divided by: a power of two.
    pub(super) scale: f64,
}

impl Shape {
    pub(super) fn validate(&self) -> Result<(), Error> {
        match self.gamma {
            Gamma::Value(gamma) if !(gamma.is_finite() && gamma >= 0.0) => {
                return Err(Error::parameter("gamma", format!("is {gamma}, not a number from 0")));
            }
            Gamma::Value(_) | Gamma::Scale | Gamma::Auto => {}
        }
        if self.degree > LARGEST_DEGREE {
            let message = format!("is {}, more than {LARGEST_DEGREE}", self.degree);
            return Err(Error::parameter("degree", message));
        }
        if !self.coef0.is_finite() {
            return Err(Error::parameter("coef0", format!("is {}, not a number", self.coef0)));
        }
        Ok(())
    }

    /// The kernel for the rows of `x` that `picked` names, which count as much as `weights` says.
    ///
    /// # Errors
    /// [`Error::Column`] where values are so large that the kernel leaves the range of numbers.
    pub(super) fn resolve(
        &self,
        x: ArrayView2<'_, f64>,
        columns: &Columns<'_>,
        picked: &[u32],
        weights: Option<&[f64]>,
    ) -> Result<Ready, Error> {
        let largest_of: Vec<f64> = (0..columns.len())
            .map(|j| match weights {
                None => max_abs(columns.column(j)),
                Some(_) => picked
                    .iter()
                    .fold(0.0, |max: f64, &i| max.max(columns.column(j)[i as usize].abs())),
            })
            .collect();
        let scale = match self.kernel {
            Kernel::Linear => 1.0,
            Kernel::Rbf | Kernel::Poly | Kernel::Sigmoid => power_of_two(max_abs(&largest_of)),
        };
        let gamma = match self.gamma {
            Gamma::Scale => {
                let variance =
                    variance(columns, picked, weights, power_of_two(max_abs(&largest_of)));
                let count = columns.len() as f64;
                if variance > 0.0 { 1.0 / (count * variance) } else { scale * scale }
            }
            Gamma::Auto => scale * scale / (columns.len() as f64).max(1.0),
            Gamma::Value(gamma) => gamma * scale * scale,
        }
        .min(f64::MAX);
        let coef0 = self.coef0;
        let kernel = match self.kernel {
            Kernel::Linear => Resolved::Linear,
            Kernel::Rbf => Resolved::Rbf { gamma },
            Kernel::Poly => Resolved::Poly { gamma, coef0, degree: self.degree as i32 },
            Kernel::Sigmoid => Resolved::Sigmoid { gamma, coef0 },
        };
        let points = Points::gather(x, picked, scale);
        let mut point = Vec::new();
        for (position, &row) in picked.iter().enumerate() {
            points.point(position, &mut point);
            let value = kernel.of_itself(&point);
            if value.is_nan() || value.abs() > LARGEST {
                let first = |best: usize, j: usize| {
                    if point[j].abs() > point[best].abs() { j } else { best }
                };
                return Err(Error::Column {
                    column: (0..point.len()).fold(0, first),
                    row: Some(row as usize),
                    message: "holds a value that is too large for this kernel".into(),
                });
            }
        }
        Ok(Ready { kernel, points, scale })
    }
}

/// The weighted variance of all values of the table, divided by `scale` squared.
fn variance(columns: &Columns<'_>, picked: &[u32], weights: Option<&[f64]>, scale: f64) -> f64 {
    let weight = |row: u32| weights.map_or(1.0, |weights| weights[row as usize]);
    let total: f64 = picked.iter().map(|&row| weight(row)).sum::<f64>() * columns.len() as f64;
    let inverse = 1.0 / scale;
    let sum = |of: &dyn Fn(f64) -> f64| -> f64 {
        (0..columns.len())
            .map(|j| {
                let column = columns.column(j);
                let blocks = picked.chunks(SUM_BLOCK).map(|rows| {
                    let value = |&row: &u32| weight(row) * of(column[row as usize] * inverse);
                    rows.iter().map(value).sum::<f64>()
                });
                blocks.sum::<f64>()
            })
            .sum()
    };
    let mean = sum(&|value| value) / total;
    sum(&|value| (value - mean) * (value - mean)) / total
}
