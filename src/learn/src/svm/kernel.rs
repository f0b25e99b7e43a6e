//! Kernels: how alike two rows are.

use rayon::prelude::*;

use super::exponential;
use super::points::{LANES, Points};

/// Multiplications from which a row of kernel values is worth a second thread.
const PARALLEL: usize = 1 << 16;

/// Values that one thread works out at a time.
const PART: usize = 2048;

/// A kernel with its numbers; `γ` is in units of the scaled points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Resolved {
    Linear,
    Poly { gamma: f64, coef0: f64, degree: i32 },
    Rbf { gamma: f64 },
    Sigmoid { gamma: f64, coef0: f64 },
}

impl Resolved {
    /// Writes `K(x, point)` for the points from `first` on, which begins a panel; `values` is as
    /// long as there are points to compare with, and bits do not depend on how it is cut.
    pub(super) fn fill(self, x: &[f64], points: &Points, first: usize, values: &mut [f64]) {
        if values.len() * points.columns().max(1) < PARALLEL || values.len() <= PART {
            self.fill_part(x, points, first, values);
        } else {
            values.par_chunks_mut(PART).enumerate().for_each(|(index, part)| {
                self.fill_part(x, points, first + index * PART, part);
            });
        }
    }

    /// `K(x, point)` for several `x` and the first points, each part of the points looked at once.
    pub(super) fn fill_several(
        self,
        several: &[Vec<f64>],
        points: &Points,
        count: usize,
    ) -> Vec<Vec<f64>> {
        let near = points.near();
        let parts: Vec<Vec<f64>> = (0..count.div_ceil(near))
            .into_par_iter()
            .map(|part| {
                let (first, length) = (part * near, near.min(count - part * near));
                let mut values = vec![0.0; several.len() * length];
                for (x, values) in several.iter().zip(values.chunks_mut(length)) {
                    self.fill_part(x, points, first, values);
                }
                values
            })
            .collect();
        let row = |k: usize| {
            let of_part = |part: &Vec<f64>| {
                let length = part.len() / several.len();
                part[k * length..(k + 1) * length].to_vec()
            };
            parts.iter().flat_map(of_part).collect()
        };
        (0..several.len()).map(row).collect()
    }

    /// The same on one thread.
    pub(super) fn fill_part(self, x: &[f64], points: &Points, first: usize, values: &mut [f64]) {
        match self {
            Self::Linear => each_panel(points, first, values, |panel| dots(x, panel)),
            Self::Poly { gamma, coef0, degree } => each_panel(points, first, values, |panel| {
                dots(x, panel).map(|dot| (gamma * dot + coef0).powi(degree))
            }),
            Self::Rbf { gamma } => each_panel(points, first, values, |panel| {
                distances(x, panel).map(|distance| exponential::of_negative(-(gamma * distance)))
            }),
            Self::Sigmoid { gamma, coef0 } => each_panel(points, first, values, |panel| {
                dots(x, panel).map(|dot| (gamma * dot + coef0).tanh())
            }),
        }
    }

    /// `K(x, x)`.
    pub(super) fn of_itself(self, x: &[f64]) -> f64 {
        let square = || x.iter().map(|value| value * value).sum::<f64>();
        match self {
            Self::Linear => square(),
            Self::Poly { gamma, coef0, degree } => (gamma * square() + coef0).powi(degree),
            Self::Rbf { .. } => 1.0,
            Self::Sigmoid { gamma, coef0 } => (gamma * square() + coef0).tanh(),
        }
    }
}

#[inline(always)]
fn each_panel(
    points: &Points,
    first: usize,
    values: &mut [f64],
    kernel: impl Fn(&[[f64; LANES]]) -> [f64; LANES],
) {
    for (index, chunk) in values.chunks_mut(LANES).enumerate() {
        let found = kernel(points.panel(first / LANES + index));
        chunk.copy_from_slice(&found[..chunk.len()]);
    }
}

/// `x · point` for the points of a panel.
#[inline(always)]
fn dots(x: &[f64], panel: &[[f64; LANES]]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    for (value, column) in x.iter().zip(panel) {
        for lane in 0..LANES {
            sums[lane] += value * column[lane];
        }
    }
    sums
}

/// `|x - point|²` for the points of a panel: of differences, so that points far from 0 lose no
/// digits.
#[inline(always)]
fn distances(x: &[f64], panel: &[[f64; LANES]]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    for (value, column) in x.iter().zip(panel) {
        for lane in 0..LANES {
            let difference = value - column[lane];
            sums[lane] += difference * difference;
        }
    }
    sums
}
