//! Ordinary least squares.

use ndarray::{Array1, ArrayView1, ArrayView2};

use crate::{Control, Error, Features, input, least_squares, mixed, rows};

parameters! {
    /// Least squares: the `b` and `a` that minimise `sum wᵢ (yᵢ - xᵢ·b - a)²`.
    ///
    /// Columns are centred and scaled to length 1. Where the scaled columns are well conditioned,
    /// the normal equations with one step of refinement give the solution, or conjugate gradients
    /// that of columns of codes; else it comes from a Householder QR factorisation with column
    /// pivoting (Golub and Van Loan, *Matrix Computations*, 4th edition, section 5.4). Where columns
    /// depend on each other, as a full one-hot encoding does with an intercept, the shortest of all
    /// minimisers is taken, in the units of the columns, as LAPACK's `gelsd` and so scikit-learn do.
    LinearRegression => CheckedLinearRegression {
        /// Whether there is an `a`, or it is fixed at 0. The default is `true`.
        fit_intercept: bool = true,
    }
}

impl CheckedLinearRegression {
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Fits `x` (rows × columns) to `y` (rows).
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, when stopped, and
    /// [`Error::Degenerate`] where the solution is beyond the range of `f64`.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedLinearRegression, Error> {
        self.fit_features(&Features::dense(x)?, y, control)
    }

    /// Fits features, some of which may follow from codes, to `y` (rows).
    ///
    /// # Errors
    /// As [`fit_rows`](Self::fit_rows), and [`Error::Memory`] where columns of codes that depend on
    /// each other would have to be written out and are too many.
    pub fn fit_features(
        &self,
        features: &Features<'_>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedLinearRegression, Error> {
        let y = input::values(y, features.rows())?;
        let weights = input::weights(control, features.rows())?;
        let solution =
            least_squares::solve(features, &y, weights, 0.0, self.fit_intercept, control)?;
        Ok(FittedLinearRegression {
            coefficients: solution.coefficients.into(),
            intercept: solution.intercept,
            central: solution.central,
            means: solution.means,
            rank: solution.rank,
        })
    }
}

/// What [`LinearRegression`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedLinearRegression {
    coefficients: Array1<f64>,
    intercept: f64,
    /// The prediction at the means of the columns, where products lose the fewest digits.
    central: f64,
    means: Vec<f64>,
    rank: usize,
}

impl FittedLinearRegression {
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

    /// Numerical rank of the (centred) columns; below their number where some depend on others.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.rank
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

linfa_regressor!(CheckedLinearRegression, FittedLinearRegression);

#[cfg(test)]
mod tests {
    use linfa::Dataset;
    use linfa::traits::{Fit, Predict};
    use ndarray::{Array2, Axis, array};
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::*;

    fn fit(x: &Array2<f64>, y: &Array1<f64>) -> Result<FittedLinearRegression, Error> {
        checked(LinearRegression::new()).fit_rows(x.view(), y.view(), &Control::plain())
    }

    /// NIST Statistical Reference Datasets, Longley: certified to 15 digits.
    #[test]
    fn reproduces_longley() {
        let rows = [
            [60323.0, 83.0, 234_289.0, 2356.0, 1590.0, 107_608.0, 1947.0],
            [61122.0, 88.5, 259_426.0, 2325.0, 1456.0, 108_632.0, 1948.0],
            [60171.0, 88.2, 258_054.0, 3682.0, 1616.0, 109_773.0, 1949.0],
            [61187.0, 89.5, 284_599.0, 3351.0, 1650.0, 110_929.0, 1950.0],
            [63221.0, 96.2, 328_975.0, 2099.0, 3099.0, 112_075.0, 1951.0],
            [63639.0, 98.1, 346_999.0, 1932.0, 3594.0, 113_270.0, 1952.0],
            [64989.0, 99.0, 365_385.0, 1870.0, 3547.0, 115_094.0, 1953.0],
            [63761.0, 100.0, 363_112.0, 3578.0, 3350.0, 116_219.0, 1954.0],
            [66019.0, 101.2, 397_469.0, 2904.0, 3048.0, 117_388.0, 1955.0],
            [67857.0, 104.6, 419_180.0, 2822.0, 2857.0, 118_734.0, 1956.0],
            [68169.0, 108.4, 442_769.0, 2936.0, 2798.0, 120_445.0, 1957.0],
            [66513.0, 110.8, 444_546.0, 4681.0, 2637.0, 121_950.0, 1958.0],
            [68655.0, 112.6, 482_704.0, 3813.0, 2552.0, 123_366.0, 1959.0],
            [69564.0, 114.2, 502_601.0, 3931.0, 2514.0, 125_368.0, 1960.0],
            [69331.0, 115.7, 518_173.0, 4806.0, 2572.0, 127_852.0, 1961.0],
            [70551.0, 116.9, 554_894.0, 4007.0, 2827.0, 130_081.0, 1962.0],
        ];
        let table = Array2::from_shape_fn((16, 7), |(i, j)| rows[i][j]);
        let x = table.slice(ndarray::s![.., 1..]).to_owned();
        let model = fit(&x, &table.column(0).to_owned()).unwrap();
        let certified = [
            15.061_872_271_373_3,
            -0.358_191_792_925_910e-1,
            -2.020_229_803_816_83,
            -1.033_226_867_173_59,
            -0.511_041_056_535_807e-1,
            1_829.151_464_613_55,
        ];
        for (found, certified) in model.coefficients().iter().zip(certified) {
            assert!((found / certified - 1.0).abs() < 1e-9, "{found} is not {certified}");
        }
        assert!((model.intercept() / -3_482_258.634_595_82 - 1.0).abs() < 1e-9);
        assert_eq!(model.rank(), 6);
    }

    /// scikit-learn 1.9.1, `LinearRegression().fit(X, y)`.
    #[test]
    fn agrees_with_scikit_learn_on_wine() {
        let (x, y) = wine_alcohol();
        let model = fit(&x, &y).unwrap();
        let expected = [
            0.1316362225378162,
            0.1378536117803871,
            -0.03778771014026186,
            4.179110539347944e-06,
            0.05208352434058234,
            0.009125145130767566,
            -0.20779570101602193,
            -0.15249719328819297,
            0.16303487062824457,
            0.21687974035838667,
            0.16079631859654822,
            0.0010158593520804542,
        ];
        assert_close(model.coefficients(), &expected, 1e-12);
        assert_close([&model.intercept()], &[11.071849541591934], 1e-12);
    }

    /// As above on the first eight rows: twelve columns have rank 7.
    #[test]
    fn takes_the_shortest_of_many_solutions() {
        let (x, y) = wine_alcohol();
        let rows: Vec<usize> = (0..8).collect();
        let model = fit(&x.select(Axis(0), &rows), &y.select(Axis(0), &rows)).unwrap();
        let expected = [
            -1.3599200244728458,
            0.43813822914732303,
            0.02304102372178891,
            0.007003212969977698,
            -0.42984744745725245,
            -1.8042154086660307,
            0.38771244891967604,
            0.07177147534500683,
            0.9298037894177829,
            0.004412210468399634,
            -0.22284060939022496,
            -0.0008569985178883366,
        ];
        assert_close(model.coefficients(), &expected, 1e-9);
        assert_eq!(model.rank(), 7);
    }

    /// scikit-learn 1.9.1: `H = eye(3)[arange(12) % 3]`, a column of squares beside it, and
    /// `y = sin(arange(12)) + arange(12) % 3`.
    #[test]
    fn takes_a_full_one_hot_encoding_with_an_intercept() {
        let x = Array2::from_shape_fn((12, 4), |(i, j)| match j {
            3 => (i * i) as f64,
            _ => f64::from(i % 3 == j),
        });
        let y = Array1::from_shape_fn(12, |i| (i as f64).sin() + (i % 3) as f64);
        let model = fit(&x, &y).unwrap();
        let expected =
            [-1.0264910448250226, 0.011349463117670263, 1.0151415817073497, -0.005688776238601825];
        assert_close(model.coefficients(), &expected, 1e-13);
        assert_close([&model.intercept()], &[1.2741432451166537], 1e-13);
        assert_eq!(model.rank(), 3);
    }

    #[test]
    fn keeps_the_digits_of_columns_far_from_zero() {
        let x = uniform(200, 2, 3) + 1e9;
        let y = x.column(0).mapv(|value| 3.0 * (value - 1e9) - 7.0);
        let model = fit(&x, &y).unwrap();
        assert_close(model.coefficients(), &[3.0, 0.0], 1e-8);
        assert_close(&model.predict_rows(x.view()), y.as_slice().unwrap(), 1e-8);
    }

    #[test]
    fn works_through_linfa() {
        let data = Dataset::new(array![[0.0], [1.0], [2.0]], array![1.0, 3.0, 5.0]);
        let model = LinearRegression::new().fit(&data).unwrap();
        let predicted: Array1<f64> = model.predict(&array![[4.0]]);
        assert_close(&predicted, &[9.0], 1e-14);
        let through_zero = LinearRegression::new().fit_intercept(false).fit(&data).unwrap();
        assert_close(through_zero.coefficients(), &[2.6], 1e-14);
    }

    #[test]
    fn refuses_what_it_cannot_use() {
        let x = array![[1.0, f64::NAN], [2.0, 3.0]];
        assert!(matches!(fit(&x, &array![1.0, 2.0]), Err(Error::NotFinite { column: 1 })));
        let x = array![[1.0], [2.0]];
        let y = array![1.0, f64::INFINITY];
        assert!(matches!(fit(&x, &y), Err(Error::TargetNotFinite { row: 1 })));
        assert!(matches!(fit(&x, &array![1.0]), Err(Error::Shape(_))));
        assert!(matches!(fit(&Array2::zeros((0, 2)), &array![]), Err(Error::Shape(_))));
        let checked = checked(LinearRegression::new());
        let with = |control: &Control<'_>| {
            checked.fit_rows(x.view(), array![1.0, 2.0].view(), control).map(|_| ())
        };
        for weights in [[-1.0, 1.0], [0.0, 0.0], [f64::NAN, 1.0], [f64::MAX, f64::MAX]] {
            assert!(matches!(with(&Control::weighted(&weights)), Err(Error::Weights(_))));
        }
        let stopped = Control { weights: None, stop: &|| true };
        assert!(matches!(with(&stopped), Err(Error::Stopped)));
    }

    #[test]
    fn awkward_tables_give_finite_predictions_or_errors() {
        for (name, x) in awkward_tables() {
            let y = Array1::from_shape_fn(x.nrows(), |i| (i % 7) as f64);
            if let Ok(model) = fit(&x, &y) {
                let predicted = model.predict_rows(x.view());
                assert!(predicted.iter().all(|value| value.is_finite()), "{name}: {predicted}");
            }
        }
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        for columns in [3, 60] {
            let mut x = uniform(5000, columns, 11);
            let y = noisy_values(&x, 11);
            assert_same_bits(|| fit(&x, &y).unwrap().coefficients().to_vec());
            // The sum of two others leads to the QR factorisation.
            let sum = &x.column(0) + &x.column(1);
            x.column_mut(2).assign(&sum);
            assert_same_bits(|| fit(&x, &y).unwrap().coefficients().to_vec());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whole_weights_are_repeated_rows(seed in any::<u64>()) {
            let x = uniform(40, 3, seed);
            let y = noisy_values(&x, seed);
            let (weights, repeated) = whole_weights(40, seed);
            let control = Control::weighted(&weights);
            let weighted =
                checked(LinearRegression::new()).fit_rows(x.view(), y.view(), &control).unwrap();
            let plain = fit(&x.select(Axis(0), &repeated), &y.select(Axis(0), &repeated)).unwrap();
            assert_close(weighted.coefficients(), &plain.coefficients().to_vec(), 1e-11);
            assert_close([&weighted.intercept()], &[plain.intercept()], 1e-11);
        }

        /// The residuals of any least-squares solution are orthogonal to every column.
        #[test]
        fn residuals_are_orthogonal(seed in any::<u64>(), columns in 1_usize..12) {
            let mut x = uniform(10, columns, seed);
            if columns > 2 {
                let sum = &x.column(0) + &x.column(1);
                x.column_mut(2).assign(&sum);
            }
            let y = noisy_values(&x, seed);
            let model = fit(&x, &y).unwrap();
            let residuals = &y - &model.predict_rows(x.view());
            let products = x.t().dot(&residuals);
            assert_close(&products, &vec![0.0; columns], 1e-10);
            assert_close([&residuals.sum()], &[0.0], 1e-10);
        }
    }
}
