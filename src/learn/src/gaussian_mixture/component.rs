//! One normal distribution of a mixture: from sums over rows to densities of rows.

use crate::cholesky::Cholesky;

use super::CovarianceType;

/// Sums of one component about its old mean: its weight, the first moments, the second moments (a triangle,
/// or the diagonal).
pub(super) struct Layout {
    pub(super) columns: usize,
    pub(super) triangle: bool,
}

impl Layout {
    pub(super) fn length(&self) -> usize {
        let seconds =
            if self.triangle { self.columns * (self.columns + 1) / 2 } else { self.columns };
        1 + self.columns + seconds
    }
}

/// A normal distribution, up to the factors that all components share.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Component {
    pub(super) mean: Vec<f64>,
    /// The logarithm of its share of the rows, less that of the root of its determinant.
    constant: f64,
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// The rows of the lower Cholesky factor of the covariance, one after the other.
    Factor(Vec<Vec<f64>>),
    /// The standard deviation of each column.
    Deviations(Vec<f64>),
}

impl Component {
    /// A component to take sums about.
    pub(super) fn at(mean: Vec<f64>) -> Self {
        let shape = Shape::Deviations(vec![1.0; mean.len()]);
        Self { mean, constant: 0.0, shape }
    }

    /// About how many steps of work the logarithm for one row takes.
    pub(super) fn work(&self) -> usize {
        let columns = self.mean.len();
        match self.shape {
            Shape::Factor(_) => columns * (columns + 16) / 2,
            Shape::Deviations(_) => 16 * columns,
        }
    }

    /// `log(share) - log det(factor) - ½‖factor⁻¹ (x - mean)‖²` for each row of a block, given column by column.
    pub(super) fn logs(&self, block: &[Vec<f64>], scaled: &mut [Vec<f64>], logs: &mut [f64]) {
        logs.fill(self.constant);
        for (j, column) in block.iter().enumerate() {
            let (before, current) = scaled.split_at_mut(j);
            let current = &mut current[0];
            current.clear();
            current.extend(column.iter().map(|value| value - self.mean[j]));
            let divisor = match &self.shape {
                Shape::Deviations(deviations) => deviations[j],
                Shape::Factor(rows) => {
                    for (factor, before) in rows[j].iter().zip(before) {
                        for (value, by) in current.iter_mut().zip(before) {
                            *value -= factor * *by;
                        }
                    }
                    rows[j][j]
                }
            };
            for (value, log) in current.iter_mut().zip(logs.iter_mut()) {
                *value /= divisor;
                *log -= 0.5 * *value * *value;
            }
        }
    }

    /// Adds a block of rows to the component's sums; `about` is room to work in.
    pub(super) fn add(
        &self,
        layout: &Layout,
        block: &[Vec<f64>],
        shares: &[f64],
        about: &mut [Vec<f64>],
        sums: &mut [f64],
    ) {
        let (first, seconds) = sums.split_at_mut(1 + layout.columns);
        first[0] += shares.iter().sum::<f64>();
        let mut at = 0;
        let mut weighted = Vec::with_capacity(shares.len());
        for (j, column) in block.iter().enumerate() {
            about[j].clear();
            about[j].extend(column.iter().map(|value| value - self.mean[j]));
            weighted.clear();
            weighted.extend(about[j].iter().zip(shares).map(|(value, share)| value * share));
            first[1 + j] += weighted.iter().sum::<f64>();
            let others = if layout.triangle { &about[..=j] } else { &about[j..=j] };
            for other in others {
                seconds[at] += crate::dense::dot(&weighted, other);
                at += 1;
            }
        }
    }
}

/// Components from sums about the old ones; none where a covariance is not positive.
pub(super) fn components(
    layout: &Layout,
    kind: CovarianceType,
    reg_covar: f64,
    old: &[Component],
    sums: &[f64],
) -> Option<Vec<Component>> {
    let columns = layout.columns;
    let parts: Vec<&[f64]> = sums.chunks(layout.length()).take(old.len()).collect();
    let total: f64 = parts.iter().map(|part| part[0]).sum();
    // As in scikit-learn, so that a component without rows divides by something.
    let weights: Vec<f64> = parts.iter().map(|part| part[0] + 10.0 * f64::EPSILON).collect();
    let shifts: Vec<Vec<f64>> = parts
        .iter()
        .zip(&weights)
        .map(|(part, weight)| part[1..=columns].iter().map(|sum| sum / weight).collect())
        .collect();
    let scatter = |component: usize| -> Vec<f64> {
        let (part, shift) = (parts[component], &shifts[component]);
        let mut seconds = part[1 + columns..].to_vec();
        let mut at = 0;
        for i in 0..columns {
            for j in if layout.triangle { 0..=i } else { i..=i } {
                seconds[at] -= weights[component] * shift[i] * shift[j];
                at += 1;
            }
        }
        seconds
    };
    let of = |seconds: Vec<f64>, weight: f64| shape(layout, kind, reg_covar, &seconds, weight);
    let shared = match kind {
        CovarianceType::Tied => {
            let mut pooled = vec![0.0; layout.length() - 1 - columns];
            for component in 0..old.len() {
                for (sum, value) in pooled.iter_mut().zip(scatter(component)) {
                    *sum += value;
                }
            }
            Some(of(pooled, total)?)
        }
        CovarianceType::Full | CovarianceType::Diag | CovarianceType::Spherical => None,
    };
    let all: f64 = weights.iter().sum();
    old.iter()
        .enumerate()
        .map(|(index, old)| {
            let (shape, log_determinant) = match &shared {
                Some(shared) => shared.clone(),
                None => of(scatter(index), weights[index])?,
            };
            let mean: Vec<f64> =
                old.mean.iter().zip(&shifts[index]).map(|(mean, by)| mean + by).collect();
            let constant = (weights[index] / all).ln() - log_determinant;
            let finite = constant.is_finite() && mean.iter().all(|value| value.is_finite());
            finite.then_some(Component { mean, constant, shape })
        })
        .collect()
}

fn shape(
    layout: &Layout,
    kind: CovarianceType,
    reg_covar: f64,
    seconds: &[f64],
    weight: f64,
) -> Option<(Shape, f64)> {
    let columns = layout.columns;
    match kind {
        CovarianceType::Full | CovarianceType::Tied => {
            let mut matrix = vec![0.0; columns * columns];
            let mut at = 0;
            for i in 0..columns {
                for j in 0..=i {
                    matrix[i * columns + j] = seconds[at] / weight;
                    at += 1;
                }
                matrix[i * columns + i] += reg_covar;
            }
            let factor = Cholesky::new(matrix, columns, 0.0)?;
            let rows: Vec<Vec<f64>> = (0..columns).map(|i| factor.row(i).to_vec()).collect();
            let determinant = rows.iter().enumerate().map(|(i, row)| row[i].ln()).sum();
            Some((Shape::Factor(rows), determinant))
        }
        CovarianceType::Diag | CovarianceType::Spherical => {
            let mut variances: Vec<f64> =
                seconds.iter().map(|second| second / weight + reg_covar).collect();
            if kind == CovarianceType::Spherical && columns > 0 {
                let mean = variances.iter().sum::<f64>() / columns as f64;
                variances.fill(mean);
            }
            if !variances.iter().all(|variance| *variance > 0.0 && variance.is_finite()) {
                return None;
            }
            let deviations: Vec<f64> = variances.iter().map(|variance| variance.sqrt()).collect();
            let determinant = deviations.iter().map(|deviation| deviation.ln()).sum();
            Some((Shape::Deviations(deviations), determinant))
        }
    }
}
