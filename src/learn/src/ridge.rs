//! Least squares with a penalty on the squares of the coefficients.

use ndarray::{Array1, ArrayView1, ArrayView2};

use crate::{Control, Error, Features, input, least_squares, mixed, rows};

parameters! {
    /// Ridge regression: the `b` and `a` that minimise
    /// `sum wᵢ (yᵢ - xᵢ·b - a)² + alpha |b|²`, in the units of the columns and with `a` free of
    /// the penalty (Hoerl and Kennard, 1970; scikit-learn's objective).
    ///
    /// Well-conditioned problems are solved through the normal equations with one step of
    /// refinement, columns of codes by conjugate gradients, others by a QR factorisation of the
    /// columns with the penalty's rows below them, and those with more columns than rows in as many
    /// unknowns as there are rows.
    /// `alpha = 0` is [`LinearRegression`](crate::LinearRegression).
    Ridge => CheckedRidge {
        /// Strength of the penalty, from 0. The default is 1.
        alpha: f64 = 1.0,
        /// Whether there is an `a`, or it is fixed at 0. The default is `true`.
        fit_intercept: bool = true,
    }
}

impl CheckedRidge {
    fn validate(&self) -> Result<(), Error> {
        if self.alpha.is_finite() && self.alpha >= 0.0 {
            Ok(())
        } else {
            Err(Error::parameter("alpha", format!("is {}, not a number from 0", self.alpha)))
        }
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
    ) -> Result<FittedRidge, Error> {
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
    ) -> Result<FittedRidge, Error> {
        let y = input::values(y, features.rows())?;
        let weights = input::weights(control, features.rows())?;
        let solution =
            least_squares::solve(features, &y, weights, self.alpha, self.fit_intercept, control)?;
        Ok(FittedRidge {
            coefficients: solution.coefficients.into(),
            intercept: solution.intercept,
            central: solution.central,
            means: solution.means,
        })
    }
}

/// What [`Ridge`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedRidge {
    coefficients: Array1<f64>,
    intercept: f64,
    /// The prediction at the means of the columns, where products lose the fewest digits.
    central: f64,
    means: Vec<f64>,
}

impl FittedRidge {
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

linfa_regressor!(CheckedRidge, FittedRidge);

#[cfg(test)]
mod tests {
    use linfa::ParamGuard;
    use ndarray::{Array2, Axis, array};
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::*;

    fn fit(alpha: f64, x: &Array2<f64>, y: &Array1<f64>) -> Result<FittedRidge, Error> {
        checked(Ridge::new().alpha(alpha)).fit_rows(x.view(), y.view(), &Control::plain())
    }

    /// The gradient of the objective vanishes, whether products with the digits of `f32` lead
    /// there, or columns that nearly depend on each other rule them out.
    #[test]
    fn many_columns_lose_no_digits() {
        for near in [1.0, 1e-3, 1e-5] {
            let mut x = uniform(800, 300, 21);
            let sum = &x.column(0) + &(&x.column(1) * near);
            x.column_mut(1).assign(&sum);
            let y = noisy_values(&x, 21) * 1e6;
            let model = fit(0.5, &x, &y).unwrap();
            let residuals = &y - &model.predict_rows(x.view());
            let slopes = x.t().dot(&residuals) - &(model.coefficients() * 0.5);
            let size = slopes.iter().fold(0.0_f64, |most, slope| most.max(slope.abs()));
            assert!(size < 1e-5, "{near}: {size}");
            assert_same_bits(|| fit(0.5, &x, &y).unwrap().coefficients().to_vec());
        }
    }

    /// scikit-learn 1.9.1, `Ridge(alpha, solver="svd").fit(X, y)`.
    #[test]
    fn agrees_with_scikit_learn_on_wine() {
        let (x, y) = wine_alcohol();
        let model = fit(1.0, &x, &y).unwrap();
        let expected = [
            0.12766520655830954,
            0.11314082088167084,
            -0.037127939509930936,
            0.0002165052966729595,
            0.04868741849783988,
            0.019552645186029817,
            -0.11586832507125944,
            -0.14939840249460887,
            0.15999789664030195,
            0.16139257666446202,
            0.15829192828074715,
            0.0010320774283322644,
        ];
        assert_close(model.coefficients(), &expected, 1e-12);
        assert_close([&model.intercept()], &[11.116925553657207], 1e-12);
        for (alpha, objective) in [(1.0, 47.58309908464656), (100.0, 51.80557461660544)] {
            let model = fit(alpha, &x, &y).unwrap();
            let squares = |values: Array1<f64>| values.dot(&values);
            let found = squares(&y - &model.predict_rows(x.view()))
                + alpha * squares(model.coefficients().clone());
            assert_close([&found], &[objective], 1e-12);
        }
    }

    /// As above with `fit_intercept=False`.
    #[test]
    fn agrees_with_scikit_learn_without_an_intercept() {
        let (x, y) = wine_alcohol();
        let model = checked(Ridge::new().fit_intercept(false))
            .fit_rows(x.view(), y.view(), &Control::plain())
            .unwrap();
        let expected = [
            0.32502538243790025,
            0.6330986208560359,
            0.05482095324862775,
            0.02591082016961567,
            0.40173147595021824,
            -0.4452832087275569,
            1.2035272624613862,
            -0.11048409117916286,
            0.3242340629499745,
            2.2956555907481992,
            0.921990761458148,
            0.0006840138024160283,
        ];
        assert_close(model.coefficients(), &expected, 1e-11);
        assert_close([&model.intercept()], &[0.0], 0.0);
    }

    /// As above on the first eight rows.
    #[test]
    fn agrees_with_scikit_learn_with_more_columns_than_rows() {
        let (x, y) = wine_alcohol();
        let rows: Vec<usize> = (0..8).collect();
        let model = fit(1.0, &x.select(Axis(0), &rows), &y.select(Axis(0), &rows)).unwrap();
        let expected = [
            -0.12249316065118791,
            0.031767634187531396,
            -0.014841860283541002,
            0.019320721515305773,
            -0.056919383299622095,
            -0.21451769241389207,
            0.01794971244185969,
            0.03028008772404838,
            0.08629795292906234,
            -0.01720590456122148,
            0.14561287412602472,
            0.001424070367931242,
        ];
        assert_close(model.coefficients(), &expected, 1e-12);
        assert_close([&model.intercept()], &[10.201498667544556], 1e-12);
    }

    #[test]
    fn refuses_a_negative_penalty() {
        for alpha in [-1.0, f64::NAN, f64::INFINITY] {
            let refused = Ridge::new().alpha(alpha).check();
            assert!(matches!(refused, Err(Error::Parameter { name: "alpha", .. })));
        }
    }

    #[test]
    fn duplicate_columns_share_their_coefficient() {
        let x = array![[1.0, 1.0], [2.0, 2.0], [4.0, 4.0]];
        for alpha in [1e-12, 1e-3, 1.0, 1e12] {
            let model = fit(alpha, &x, &array![1.0, 2.0, 4.0]).unwrap();
            let [first, second] = [model.coefficients()[0], model.coefficients()[1]];
            let exact = (14.0 / 3.0) / (2.0 * (14.0 / 3.0) + alpha);
            assert_close(&[first, second], &[exact, exact], 1e-10);
        }
    }

    #[test]
    fn awkward_tables_give_finite_predictions_or_errors() {
        for (name, x) in awkward_tables() {
            let y = Array1::from_shape_fn(x.nrows(), |i| (i % 7) as f64);
            for alpha in [0.0, 1e-300, 1.0, 1e300] {
                if let Ok(model) = fit(alpha, &x, &y) {
                    let predicted = model.predict_rows(x.view());
                    assert!(predicted.iter().all(|value| value.is_finite()), "{name}: {predicted}");
                }
            }
        }
    }

    #[test]
    fn only_the_ratio_of_weights_and_penalty_counts() {
        let x = uniform(50, 3, 15);
        let y = noisy_values(&x, 15);
        let expected = fit(0.5, &x, &y).unwrap();
        for weight in [2_f64.powi(-300), 2_f64.powi(300)] {
            let weights = vec![weight; 50];
            let found = checked(Ridge::new().alpha(0.5 * weight))
                .fit_rows(x.view(), y.view(), &Control::weighted(&weights))
                .unwrap();
            assert_close(found.coefficients(), &expected.coefficients().to_vec(), 1e-14);
        }
    }

    #[test]
    fn rows_of_weight_zero_do_not_count_however_far_out() {
        let mut x = uniform(50, 3, 16);
        let mut y = noisy_values(&x, 16);
        let expected = fit(
            1.0,
            &x.slice(ndarray::s![1.., ..]).to_owned(),
            &y.slice(ndarray::s![1..]).to_owned(),
        );
        x.row_mut(0).fill(1e300);
        y[0] = -1e300;
        let mut weights = vec![1.0; 50];
        weights[0] = 0.0;
        let found = checked(Ridge::new())
            .fit_rows(x.view(), y.view(), &Control::weighted(&weights))
            .unwrap();
        assert_close(found.coefficients(), &expected.unwrap().coefficients().to_vec(), 1e-13);
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        for (rows, columns) in [(5000, 30), (60, 300)] {
            let x = uniform(rows, columns, 12);
            let y = noisy_values(&x, 12);
            assert_same_bits(|| fit(1.0, &x, &y).unwrap().coefficients().to_vec());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whole_weights_are_repeated_rows(seed in any::<u64>(), columns in 1_usize..40) {
            let x = uniform(20, columns, seed);
            let y = noisy_values(&x, seed);
            let (weights, repeated) = whole_weights(20, seed);
            let weighted = checked(Ridge::new())
                .fit_rows(x.view(), y.view(), &Control::weighted(&weights))
                .unwrap();
            let plain =
                fit(1.0, &x.select(Axis(0), &repeated), &y.select(Axis(0), &repeated)).unwrap();
            assert_close(weighted.coefficients(), &plain.coefficients().to_vec(), 1e-11);
        }

        /// At the optimum `Xᵀ (y - Xb - a) = alpha b`, whatever the shape and the scales.
        #[test]
        fn the_gradient_vanishes(
            seed in any::<u64>(),
            columns in 1_usize..30,
            exponent in -6_i32..6,
        ) {
            let mut x = uniform(15, columns, seed);
            x.column_mut(0).mapv_inplace(|value| value * 10_f64.powi(exponent));
            let y = noisy_values(&x, seed);
            let model = fit(0.5, &x, &y).unwrap();
            let residuals = &y - &model.predict_rows(x.view());
            let gradient = x.t().dot(&residuals) - 0.5 * model.coefficients();
            let size = 10_f64.powi(2 * exponent.max(0));
            assert_close(&gradient, &vec![0.0; columns], 1e-11 * size);
        }
    }
}
