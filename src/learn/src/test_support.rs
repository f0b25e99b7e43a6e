//! Tables, comparisons and awkward data that the tests of all estimators share.
//!
//! The tables iris, wine and breast cancer are those of the UCI repository as scikit-learn ships
//! them; the last column is the class.

use linfa::ParamGuard;
use ndarray::{Array1, Array2, Axis, ShapeBuilder};

use crate::Generator;

/// Rows in column-major order, and class codes by the alphabet.
pub(crate) fn table(name: &str) -> (Array2<f64>, Vec<u32>) {
    let text = match name {
        "iris" => include_str!("../tests/data/iris.csv"),
        "wine" => include_str!("../tests/data/wine.csv"),
        "breast_cancer" => include_str!("../tests/data/breast_cancer.csv"),
        other => panic!("no table {other}"),
    };
    let rows: Vec<Vec<&str>> =
        text.lines().skip(1).map(|line| line.trim_end().split(',').collect()).collect();
    let columns = rows[0].len() - 1;
    let x = Array2::from_shape_fn((rows.len(), columns).f(), |(i, j)| rows[i][j].parse().unwrap());
    let mut names: Vec<&str> = rows.iter().map(|row| row[columns]).collect();
    names.sort_unstable();
    names.dedup();
    let code = |row: &Vec<&str>| names.binary_search(&row[columns]).unwrap() as u32;
    (x, rows.iter().map(code).collect())
}

/// The wine table's first column as a target of its other columns.
pub(crate) fn wine_alcohol() -> (Array2<f64>, Array1<f64>) {
    let (wine, _) = table("wine");
    (wine.slice(ndarray::s![.., 1..]).to_owned(), wine.column(0).to_owned())
}

/// The diabetes table of Efron, Hastie, Johnstone and Tibshirani (2004), unscaled.
pub(crate) fn diabetes() -> (Array2<f64>, Array1<f64>) {
    let text = include_str!("../tests/data/diabetes.csv");
    let values: Vec<f64> = text
        .lines()
        .skip(1)
        .flat_map(|line| line.split(',').map(|field| field.trim().parse().unwrap()))
        .collect();
    let rows = values.len() / 11;
    let x = Array2::from_shape_fn((rows, 10).f(), |(i, j)| values[i * 11 + j]);
    (x, (0..rows).map(|i| values[i * 11 + 10]).collect())
}

/// Columns with mean 0 and (population) standard deviation 1.
pub(crate) fn standardized(x: &Array2<f64>) -> Array2<f64> {
    (x - &x.mean_axis(Axis(0)).unwrap()) / &x.std_axis(Axis(0), 0.0)
}

/// Uniform values from -1 to 1 in column-major order.
pub(crate) fn uniform(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    let mut generator = Generator::new(seed);
    Array2::from_shape_simple_fn((rows, columns).f(), || 2.0 * generator.unit() - 1.0)
}

/// Noisy classes that depend on the first columns.
pub(crate) fn noisy_codes(x: &Array2<f64>, classes: u32, seed: u64) -> Vec<u32> {
    let mut generator = Generator::new(seed ^ 0xC0DE);
    x.rows()
        .into_iter()
        .map(|row| {
            let score = (row.sum() + 2.0 * generator.unit()).rem_euclid(2.0) / 2.0;
            ((score * f64::from(classes)) as u32).min(classes - 1)
        })
        .collect()
}

/// A noisy linear target.
pub(crate) fn noisy_values(x: &Array2<f64>, seed: u64) -> Array1<f64> {
    let mut generator = Generator::new(seed ^ 0xF10A7);
    x.rows().into_iter().map(|row| row.sum() + 0.3 * generator.unit()).collect()
}

/// Whole weights from 0 to 3, and the rows they stand for.
pub(crate) fn whole_weights(rows: usize, seed: u64) -> (Vec<f64>, Vec<usize>) {
    let mut generator = Generator::new(seed ^ 0x3E16);
    let weights: Vec<f64> = (0..rows).map(|_| generator.below(4) as f64).collect();
    let repeated = (0..rows).flat_map(|row| vec![row; weights[row] as usize]).collect();
    (weights, repeated)
}

pub(crate) fn checked<P: ParamGuard>(parameters: P) -> P::Checked {
    parameters.check_unwrap()
}

pub(crate) fn pick<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|&row| values[row]).collect()
}

/// Asserts the same bits over three runs in each of three thread pools.
pub(crate) fn assert_same_bits(run: impl Fn() -> Vec<f64> + Sync) {
    let bits = || -> Vec<u64> { run().into_iter().map(f64::to_bits).collect() };
    let expected = bits();
    for threads in [1, 2, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for _ in 0..3 {
            assert!(pool.install(bits) == expected, "bits differ with {threads} threads");
        }
    }
}

/// Asserts that values agree to `tolerance` times the larger of 1 and the expected size.
#[track_caller]
pub(crate) fn assert_close<'a>(
    found: impl IntoIterator<Item = &'a f64>,
    expected: &[f64],
    tolerance: f64,
) {
    let found: Vec<f64> = found.into_iter().copied().collect();
    assert_eq!(found.len(), expected.len());
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        let bound = tolerance * expected.abs().max(1.0);
        assert!(error <= bound, "at {index}: {found} is not {expected} (by {error:e})");
    }
}

/// Asserts rows of probabilities.
#[track_caller]
pub(crate) fn assert_probabilities(probabilities: &Array2<f64>) {
    for row in probabilities.rows() {
        assert!(row.iter().all(|value| (0.0..=1.0).contains(value)), "{row}");
        assert!((row.sum() - 1.0).abs() < 1e-12, "{row}");
    }
}

/// Tables that may have no model, but must not break anything.
pub(crate) fn awkward_tables() -> Vec<(&'static str, Array2<f64>)> {
    let scaled = |factor: f64| uniform(40, 3, 5) * factor;
    let mut mixed = uniform(40, 3, 6);
    for (mut column, factor) in mixed.columns_mut().into_iter().zip([1e150, 1.0, 1e-150]) {
        column *= factor;
    }
    let mut constant = uniform(40, 3, 7);
    constant.column_mut(1).fill(0.1);
    let mut twice = uniform(40, 3, 8);
    let first = twice.column(0).to_owned();
    twice.column_mut(2).assign(&first);
    vec![
        ("one row", uniform(1, 3, 1)),
        ("two rows", uniform(2, 3, 2)),
        ("no column", uniform(40, 0, 3)),
        ("more columns than rows", uniform(5, 9, 4)),
        ("huge", scaled(1e150)),
        ("tiny", scaled(1e-150)),
        ("beyond squares", scaled(1e300)),
        ("subnormal", scaled(1e-310)),
        ("mixed scales", mixed),
        ("far from 0", uniform(40, 3, 9) + 1e9),
        ("constant column", constant),
        ("duplicate columns", twice),
        ("all equal", Array2::from_elem((40, 3), 0.3)),
    ]
}
