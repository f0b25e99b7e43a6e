//! Columns replaced by the directions in which they vary most.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::numbers::scale_or_one;
use super::{About, Apply, FittedStep, Makes, Training, Transform};
use crate::data::{Column, ColumnKind, ColumnSelector, Values};
use crate::diagnostic::{Code, Problem, counted};
use crate::kinds::Rule;

/// With more columns than this the decomposition would take minutes.
const MOST_COLUMNS: usize = 500;

/// Turns of the decomposition; a handful is enough for any covariance.
const SWEEPS: usize = 60;

/// Replaces the columns by their principal components, `pca0`, `pca1` and so on: the directions in
/// which the training rows vary most, at right angles to each other.
///
/// Formula: component `k` of a row is `(x − mean) · vₖ`, where `vₖ` is the eigenvector of the
/// covariance of the training rows with the `k`-th largest eigenvalue. Its sign is such that the
/// largest of its loadings is positive, as in scikit-learn; of equal ones the first counts.
///
/// The columns are centred and not scaled: put `standardize` before the step where their units
/// differ. A constant column has no part in components that vary, and if all are constant, the
/// components of the training rows are 0. Where several components have no variance, their directions
/// are arbitrary. A missing value in any row is an error, as is an infinite one. At most 500 columns
/// are taken. **scikit-learn
/// takes a share of the variance as a fractional `n_components`; here it is `variance`. Components
/// are not whitened, and the decomposition is always the full one.**
///
/// ```yaml
/// prepare:
///   - impute
///   - standardize
///   - pca: { variance: 0.95 }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pca {
    /// The columns to replace, by name or glob. Default: all that hold numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["sensor_*"])]
    pub columns: Option<ColumnSelector>,
    /// How many components are kept. Default: as many as there are columns or training rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 500), example = 2)]
    pub n_components: Option<u32>,
    /// The share of the variance that the kept components exceed, as few of them as possible; in
    /// place of `n_components`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0), example = 0.95)]
    pub variance: Option<f64>,
}

/// The mean of each column, and the loadings of each component.
struct Fitted {
    means: Vec<f64>,
    components: Vec<Vec<f64>>,
}

impl Transform for Pca {
    fn about(&self) -> About<'_> {
        let kept = match (self.n_components, self.variance) {
            (Some(count), _) => counted(count as usize, "principal component"),
            (None, Some(share)) => format!("principal components with {share} of the variance"),
            (None, None) => "all principal components".to_owned(),
        };
        About {
            columns: self.columns.as_ref(),
            suits: ColumnKind::is_number,
            makes: Makes::NumberedColumns("pca"),
            description: kept,
        }
    }

    fn rules() -> Vec<Rule> {
        vec![Rule::excludes("n_components", "variance")]
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn fit(&self, columns: &[&Column], training: &Training<'_>) -> Result<FittedStep, Problem> {
        if columns.len() > MOST_COLUMNS {
            let message =
                format!("`pca` takes {MOST_COLUMNS} columns at most, not {}", columns.len());
            return Err(Problem::of_kind(Code::StepColumns, message)
                .label("too many columns")
                .help("name fewer in `columns`"));
        }
        let numbers = columns.iter().map(|column| finite(column)).collect::<Result<Vec<_>, _>>()?;
        let most = columns.len().min(training.rows);
        if let Some(count) = self.n_components.filter(|count| *count as usize > most) {
            let message = format!(
                "{} in {} cannot have {}",
                counted(columns.len(), "column"),
                counted(training.rows, "training row"),
                counted(count as usize, "component")
            );
            return Err(Problem::of_parameter(Code::ModelParameter, "n_components", message)
                .label("too many components")
                .help(format!("there are at most {most}")));
        }
        let training: Vec<&[f64]> = numbers.iter().map(|values| &values[..training.rows]).collect();
        let means: Vec<f64> = training.iter().map(|values| mean(values)).collect();
        let (shares, mut components) = decompose(&covariance(&training, &means));
        let kept = match (self.n_components, self.variance) {
            (Some(count), _) => count as usize,
            (None, Some(share)) => {
                let mut sum = 0.0;
                let below = |part: &&f64| {
                    sum += **part;
                    sum <= share
                };
                shares.iter().take_while(below).count() + 1
            }
            (None, None) => most,
        }
        .min(most);
        components.truncate(kept);
        let explained = shares[..kept].iter().sum::<f64>() * 100.0;
        let summary = format!(
            "{} → {kept}, {explained:.1}% of the variance",
            counted(columns.len(), "column")
        );
        Ok(FittedStep { apply: Box::new(Fitted { means, components }), summary })
    }
}

/// The numbers of a column without a gap.
fn finite(column: &Column) -> Result<&[f64], Problem> {
    let Values::Number(values) = &column.values else {
        let message = format!("`{}` holds {}, not numbers", column.name, column.kind());
        return Err(Problem::of_kind(Code::StepColumns, message)
            .label("not numbers")
            .help(format!("take `{}` out of `columns`", column.name)));
    };
    let missing = column.missing(values.len());
    if missing > 0 {
        let message = format!("`{}` has {} missing", column.name, counted(missing, "value"));
        return Err(Problem::of_kind(Code::MissingValues, message)
            .label("takes no gaps")
            .help("put `impute` before the step"));
    }
    if values.iter().any(|value| value.is_infinite()) {
        let message = format!("`{}` holds an infinite value", column.name);
        return Err(Problem::of_kind(Code::NotFinite, message)
            .label("takes finite numbers only")
            .help(format!("repair `{}`, or leave its rows out with `where`", column.name)));
    }
    Ok(values)
}

/// The mean, in two passes over values that are divided by their number first, so that sums of
/// huge values stay finite.
fn mean(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    let first = values.iter().map(|value| value / count).sum::<f64>();
    let second = values.iter().map(|value| (value - first) / count).sum::<f64>();
    if second.is_finite() { first + second } else { first }
}

/// The covariance up to a factor: values are measured in the largest distance from a mean, so that
/// products of huge and tiny ones stay in the range of f64.
fn covariance(columns: &[&[f64]], means: &[f64]) -> Vec<Vec<f64>> {
    let farthest = |(values, mean): (&&[f64], &f64)| {
        let farthest = values.iter().map(|value| (value - mean).abs()).fold(0.0, f64::max);
        // What is rounding error beside the mean is a constant column.
        if farthest > 10.0 * f64::EPSILON * mean.abs() { farthest } else { 0.0 }
    };
    let farthest: Vec<f64> = columns.iter().zip(means).map(farthest).collect();
    let unit = scale_or_one(farthest.iter().copied().fold(0.0, f64::max), 0.0);
    let centred: Vec<Vec<f64>> = columns
        .iter()
        .zip(means)
        .zip(&farthest)
        .map(|((values, mean), farthest)| match *farthest {
            0.0 => Vec::new(),
            _ => values.iter().map(|value| (value - mean) / unit).collect(),
        })
        .collect();
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let size = columns.len();
    let mut made = vec![vec![0.0; size]; size];
    for a in 0..size {
        for b in a..size {
            made[a][b] = product(&centred[a], &centred[b]);
            made[b][a] = made[a][b];
        }
    }
    made
}

/// The eigenvectors of a symmetric matrix by Jacobi's rotations, those of the largest eigenvalues
/// first, and the share of each in the sum.
fn decompose(matrix: &[Vec<f64>]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let size = matrix.len();
    let mut matrix = matrix.to_vec();
    // Row k is the k-th eigenvector in the making.
    let mut vectors: Vec<Vec<f64>> = (0..size)
        .map(|at| (0..size).map(|other| f64::from(u8::from(at == other))).collect())
        .collect();
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..size {
            for q in p + 1..size {
                let beside = matrix[p][q];
                let noise = f64::EPSILON * (matrix[p][p].abs() * matrix[q][q].abs()).sqrt();
                if beside.abs() <= noise || beside.abs() < f64::MIN_POSITIVE {
                    continue;
                }
                turned = true;
                let half = (matrix[q][q] - matrix[p][p]) / (2.0 * beside);
                let tangent = half.signum() / (half.abs() + half.hypot(1.0));
                let cosine = 1.0 / tangent.hypot(1.0);
                rotate(&mut matrix, p, q, cosine, tangent * cosine);
                let (before, after) = vectors.split_at_mut(q);
                turn(&mut before[p], &mut after[0], cosine, tangent * cosine);
            }
        }
        if !turned {
            break;
        }
    }
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|a, b| matrix[*b][*b].total_cmp(&matrix[*a][*a]));
    let total: f64 = (0..size).map(|at| matrix[at][at].max(0.0)).sum();
    let share = |at: &usize| if total > 0.0 { matrix[*at][*at].max(0.0) / total } else { 0.0 };
    let shares = order.iter().map(share).collect();
    let components = order
        .into_iter()
        .map(|at| {
            let mut loadings = std::mem::take(&mut vectors[at]);
            flip(&mut loadings);
            loadings
        })
        .collect();
    (shares, components)
}

/// Turns rows and columns p and q of a symmetric matrix.
fn rotate(matrix: &mut [Vec<f64>], p: usize, q: usize, cosine: f64, sine: f64) {
    let (before, after) = matrix.split_at_mut(q);
    turn(&mut before[p], &mut after[0], cosine, sine);
    for row in matrix.iter_mut() {
        let (a, b) = (row[p], row[q]);
        row[p] = cosine * a - sine * b;
        row[q] = sine * a + cosine * b;
    }
    matrix[p][q] = 0.0;
    matrix[q][p] = 0.0;
}

fn turn(a: &mut [f64], b: &mut [f64], cosine: f64, sine: f64) {
    for (a, b) in a.iter_mut().zip(b) {
        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    }
}

/// Makes the largest loading positive; the first of those that are equal up to rounding.
fn flip(loadings: &mut [f64]) {
    let largest = loadings.iter().map(|loading| loading.abs()).fold(0.0, f64::max);
    let first = loadings.iter().find(|loading| loading.abs() >= largest * (1.0 - 1e-10));
    if first.is_some_and(|loading| *loading < 0.0) {
        loadings.iter_mut().for_each(|loading| *loading = -*loading);
    }
}

impl Apply for Fitted {
    fn apply(self: Box<Self>, columns: Vec<Column>) -> Vec<Vec<Column>> {
        let rows = columns.first().map_or(0, Column::len);
        let components = self.components.iter().enumerate().map(|(at, loadings)| {
            let mut made = vec![0.0; rows];
            for ((column, mean), loading) in columns.iter().zip(&self.means).zip(loadings) {
                if let Values::Number(values) = &column.values {
                    made.iter_mut()
                        .zip(values)
                        .for_each(|(made, value)| *made += (value - mean) * loading);
                }
            }
            Column::number(format!("pca{at}"), made)
        });
        let mut made: Vec<Vec<Column>> = columns.iter().map(|_| Vec::new()).collect();
        if let Some(first) = made.first_mut() {
            first.extend(components);
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use super::super::numbers::{assert_close, transformed};
    use super::*;

    const COLUMNS: [[f64; 6]; 3] = [
        [2.5, 0.5, 2.2, 1.9, 3.1, 1.0],
        [2.4, 0.7, 2.9, 2.2, 3.0, 1.0],
        [1.0, 3.0, 0.0, 2.0, 1.0, 1.0],
    ];

    fn sample(step: &Pca) -> Vec<(String, Vec<f64>)> {
        let columns: Vec<&[f64]> = COLUMNS.iter().map(|column| &column[..]).collect();
        transformed(step, &columns, 5)
    }

    /// Values of `PCA(n_components=2)` fitted on the first five rows.
    #[test]
    fn the_components_are_those_of_the_training_rows() {
        let made = sample(&Pca { n_components: Some(2), ..Pca::default() });
        assert_eq!([&*made[0].0, &*made[1].0], ["pca0", "pca1"]);
        let first = [
            -0.591_989_145_984_326_7,
            2.696_410_803_331_284_4,
            -1.347_235_279_478_027_3,
            0.483_638_588_266_551_26,
            -1.240_824_966_135_481_8,
            0.975_694_393_604_431_7,
        ];
        let second = [
            0.055_879_642_674_014_02,
            -0.172_488_911_928_716_52,
            -0.775_228_736_698_625_5,
            0.324_959_298_724_098_1,
            0.566_878_707_229_229_4,
            -1.204_578_862_588_169,
        ];
        assert_close(&made[0].1, &first);
        assert_close(&made[1].1, &second);
    }

    /// The number of components of `PCA(n_components=share)`; the shares are 0.907 and 0.086.
    #[test]
    fn a_share_of_the_variance_keeps_as_few_as_it_can() {
        for (share, kept) in [(0.5, 1), (0.9, 1), (0.95, 2), (0.995, 3), (1.0, 3)] {
            let step = Pca { variance: Some(share), ..Pca::default() };
            assert_eq!(sample(&step).len(), kept, "{share}");
        }
        assert_eq!(sample(&Pca::default()).len(), 3);
    }

    /// Values of `PCA()`; the second column is constant.
    #[test]
    fn constant_columns_give_zeros() {
        let made = transformed(
            &Pca::default(),
            &[&[1.0, 3.0, 4.0], &[5.0, 5.0, 5.0], &[2.0, 1.0, 7.0]],
            3,
        );
        assert_close(
            &made[0].1,
            &[-1.806_957_316_019_061, -2.094_229_616_417_543_6, 3.901_186_932_436_604_4],
        );
        assert_close(&made[2].1, &[0.0, 0.0, 0.0]);
        for step in [Pca::default(), Pca { variance: Some(0.9), ..Pca::default() }] {
            let made = transformed(&step, &[&[5.0, 5.0], &[0.1, 0.1]], 2);
            assert!(made.iter().all(|(_, values)| values.iter().all(|value| value.abs() < 1e-15)));
        }
    }

    #[test]
    fn extreme_values_stay_finite_and_signs_are_fixed() {
        for scale in [1e-200, 1.0, 1e200] {
            let column = [scale, 2.0 * scale, 4.0 * scale];
            let made = transformed(&Pca::default(), &[&column, &column], 3);
            let expected = [-4.0, -1.0, 5.0].map(|value: f64| value / 3.0 * 2.0_f64.sqrt());
            let first: Vec<f64> = made[0].1.iter().map(|value| value / scale).collect();
            assert_close(&first, &expected);
            assert!(made[1].1.iter().all(|value| value.abs() <= 1e-12 * scale), "{made:?}");
        }
    }

    /// Twenty columns of which ten are sums of others: the loadings stay at right angles, and turn
    /// the matrix into its eigenvalues.
    #[test]
    fn the_decomposition_of_a_singular_matrix() {
        let size = 20;
        let cell = |row: usize, at: usize| ((row * 37 + at * 61 + row * at * 13) % 101) as f64;
        let columns: Vec<Vec<f64>> = (0..size)
            .map(|at| {
                (0..30)
                    .map(|row| match at {
                        0..10 => cell(row, at),
                        _ => cell(row, at - 10) + cell(row, (at - 9) % 10),
                    })
                    .collect()
            })
            .collect();
        let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
        let means: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
        let matrix = covariance(&columns, &means);
        let (shares, vectors) = decompose(&matrix);
        let trace: f64 = (0..size).map(|at| matrix[at][at]).sum();
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        for a in 0..size {
            let turned: Vec<f64> = matrix.iter().map(|row| product(row, &vectors[a])).collect();
            for b in 0..size {
                let same = f64::from(u8::from(a == b));
                assert!((product(&vectors[a], &vectors[b]) - same).abs() < 1e-12);
                let off = product(&turned, &vectors[b]) / trace - same * shares[a];
                assert!(off.abs() < 1e-12, "{a} {b} {off}");
            }
        }
        assert!(shares[9] > 1e-6 && shares[10] < 1e-12, "{shares:?}");
    }

    #[test]
    fn what_cannot_be_decomposed_is_an_error() {
        let code = |step: &Pca, values: &[f64]| {
            let column = Column::number("x", values.to_vec());
            step.fit(&[&column], &Training::unlabelled(2)).map(|_| ()).unwrap_err().code
        };
        assert_eq!(code(&Pca::default(), &[1.0, 2.0, f64::NAN]), Code::MissingValues);
        assert_eq!(code(&Pca::default(), &[1.0, f64::INFINITY]), Code::NotFinite);
        let step = Pca { n_components: Some(2), ..Pca::default() };
        assert_eq!(code(&step, &[1.0, 2.0]), Code::ModelParameter);
    }
}
