//! Naive Bayes with a normal density for every column within every class.

use ndarray::{Array1, Array2, ArrayView2};
use rayon::prelude::*;

use crate::dense::{power_of_two, spread, spreads};
use crate::input::{self, Columns};
use crate::{Control, Error};

/// Rows that are predicted together.
const PREDICTED: usize = 1024;

parameters! {
    /// Gaussian naive Bayes: the class with the greatest
    /// `prior(c) · Π_j N(x_j; mean(c, j), variance(c, j))`, where every variance is enlarged by
    /// `var_smoothing` times the largest variance of a column over all rows (scikit-learn's
    /// definition; with weights that variance is weighted too).
    ///
    /// Means and variances are computed in two passes, so columns far from 0 lose nothing.
    GaussianNaiveBayes => CheckedGaussianNaiveBayes {
        /// Share of the largest column variance that is added to every variance, from 0. The
        /// default is 1e-9.
        var_smoothing: f64 = 1e-9,
        /// Probabilities of the classes before a row is seen, in the order of the codes, with sum
        /// 1. The default is `None`: their shares of the weights.
        priors: Option<Vec<f64>> = None,
    }
}

impl CheckedGaussianNaiveBayes {
    fn validate(&self) -> Result<(), Error> {
        if !(self.var_smoothing.is_finite() && self.var_smoothing >= 0.0) {
            return Err(Error::parameter(
                "var_smoothing",
                format!("is {}, not a number from 0", self.var_smoothing),
            ));
        }
        if let Some(priors) = &self.priors {
            if priors.iter().any(|prior| prior.is_nan() || *prior < 0.0) {
                return Err(Error::parameter("priors", "must not be negative"));
            }
            let sum: f64 = priors.iter().sum();
            if (sum - 1.0).abs() > 1e-8 {
                return Err(Error::parameter("priors", format!("sum to {sum}, not to 1")));
            }
        }
        Ok(())
    }

    /// Fits `x` (rows × columns) to class codes below `classes`. A class without rows (of a
    /// weight above 0) gets probability 0, whatever its prior.
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, when stopped, and
    /// [`Error::Column`] where a variance is 0 after smoothing, [`Error::Parameter`] where it is infinite.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedGaussianNaiveBayes, Error> {
        let columns = Columns::new(x)?;
        let rows = columns.rows();
        input::check_codes(codes, classes, rows)?;
        let weights = input::weights(control, rows)?;
        if let Some(priors) = &self.priors
            && priors.len() != classes
        {
            return Err(Error::parameter(
                "priors",
                format!("has {} values for {classes} classes", priors.len()),
            ));
        }
        control.poll()?;

        let totals = input::class_totals(codes, classes, weights);
        let sum: f64 = totals.iter().sum();
        let log_priors: Vec<f64> = totals
            .iter()
            .enumerate()
            .map(|(class, total)| match &self.priors {
                _ if *total == 0.0 => f64::NEG_INFINITY,
                Some(priors) => priors[class].ln(),
                None => (total / sum).ln(),
            })
            .collect();
        if log_priors.iter().all(|prior| *prior == f64::NEG_INFINITY) {
            return Err(Error::Degenerate("no class with rows has a prior above 0".into()));
        }

        let widest = spreads(&columns, weights, true)
            .iter()
            .map(|spread| spread.deviation)
            .fold(0.0, f64::max);
        control.poll()?;
        // All variances are kept relative to this power of two, so that none overflows.
        let unit = power_of_two(widest);
        let added = self.var_smoothing * (widest / unit).powi(2);
        if !added.is_finite() {
            let message = format!("is {:e}: variances are beyond all numbers", self.var_smoothing);
            return Err(Error::parameter("var_smoothing", message));
        }
        let members = Members::new(codes, &totals, weights);
        let by_column: Vec<Vec<(f64, f64)>> = (0..columns.len())
            .into_par_iter()
            .map(|j| members.moments(columns.column(j), unit, added))
            .collect();
        let mut means = Array2::zeros((classes, columns.len()));
        let mut deviations = Array2::from_elem((classes, columns.len()), 1.0);
        for (j, moments) in by_column.iter().enumerate() {
            for (class, &(mean, variance)) in moments.iter().enumerate() {
                if totals[class] == 0.0 {
                    continue;
                }
                let deviation = variance.sqrt() * unit;
                if !(deviation > 0.0 && (1.0 / deviation).is_finite()) {
                    let first = members.rows[class].first().map(|&row| row as usize);
                    return Err(Error::Column {
                        column: j,
                        row: first,
                        message: "is the same in all rows of the class of this one, and \
                                  `var_smoothing` adds no variance"
                            .into(),
                    });
                }
                means[[class, j]] = mean;
                deviations[[class, j]] = deviation;
            }
        }
        let constants = (0..classes)
            .map(|class| {
                let spread: f64 =
                    deviations.row(class).iter().map(|deviation| (deviation / unit).ln()).sum();
                log_priors[class] - spread
            })
            .collect();
        Ok(FittedGaussianNaiveBayes { means, deviations, constants })
    }
}

/// The rows of every class, so that each column is gathered class by class.
struct Members {
    rows: Vec<Vec<u32>>,
    weights: Option<Vec<Vec<f64>>>,
}

impl Members {
    fn new(codes: &[u32], totals: &[f64], weights: Option<&[f64]>) -> Self {
        let mut rows = vec![Vec::new(); totals.len()];
        for (row, &code) in codes.iter().enumerate() {
            if weights.is_none_or(|weights| weights[row] > 0.0) {
                rows[code as usize].push(row as u32);
            }
        }
        let weights = weights.map(|weights| {
            let of_class =
                |rows: &Vec<u32>| rows.iter().map(|&row| weights[row as usize]).collect();
            rows.iter().map(of_class).collect()
        });
        Self { rows, weights }
    }

    /// Mean, and variance in squares of `unit` plus `added`, of one column in every class.
    fn moments(&self, column: &[f64], unit: f64, added: f64) -> Vec<(f64, f64)> {
        let mut values = Vec::new();
        self.rows
            .iter()
            .enumerate()
            .map(|(class, rows)| {
                values.clear();
                values.extend(rows.iter().map(|&row| column[row as usize]));
                let weights = self.weights.as_ref().map(|weights| weights[class].as_slice());
                let spread = spread(&values, weights, true);
                let deviation = spread.deviation / unit;
                (spread.mean + spread.rest, deviation * deviation + added)
            })
            .collect()
    }
}

/// What [`GaussianNaiveBayes`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedGaussianNaiveBayes {
    means: Array2<f64>,
    deviations: Array2<f64>,
    /// Log prior minus the logarithms of the deviations; minus infinity for a class without rows.
    constants: Vec<f64>,
}

impl FittedGaussianNaiveBayes {
    /// Mean of every column within every class (classes × columns); 0 for a class without rows.
    #[must_use]
    pub fn means(&self) -> &Array2<f64> {
        &self.means
    }

    /// Smoothed standard deviations (classes × columns); 1 for a class without rows.
    #[must_use]
    pub fn standard_deviations(&self) -> &Array2<f64> {
        &self.deviations
    }

    /// The most probable class of every row; the lower code where two are equally probable.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        crate::rows::largest(&self.joint(x))
    }

    /// Probabilities (rows × classes), from log densities by a log-sum-exp.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_probabilities(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut joint = self.joint(x);
        crate::rows::normalize_logs(&mut joint);
        joint
    }

    /// Log of prior times density, up to a constant that all classes share.
    fn joint(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let (classes, columns) = self.means.dim();
        assert_eq!(x.ncols(), columns, "columns differ from those trained on");
        let mut joint = vec![0.0; x.nrows() * classes];
        joint.par_chunks_mut((PREDICTED * classes).max(1)).enumerate().for_each(
            |(index, joint)| {
                let start = index * PREDICTED;
                let length = joint.len() / classes;
                let mut sums = vec![0.0; length];
                for class in 0..classes {
                    sums.fill(0.0);
                    for j in 0..columns {
                        let (mean, factor) =
                            (self.means[[class, j]], 1.0 / self.deviations[[class, j]]);
                        let column = x.slice(ndarray::s![start..start + length, j]);
                        for (sum, value) in sums.iter_mut().zip(column) {
                            // The bound keeps the square of an outlier finite.
                            let deviation = ((value - mean) * factor).clamp(-1e150, 1e150);
                            *sum += deviation * deviation;
                        }
                    }
                    for (row, sum) in sums.iter().enumerate() {
                        joint[row * classes + class] = self.constants[class] - 0.5 * sum;
                    }
                }
            },
        );
        Array2::from_shape_vec((x.nrows(), classes), joint).expect("one value a row and class")
    }
}

linfa_classifier!(CheckedGaussianNaiveBayes, FittedGaussianNaiveBayes);

#[cfg(test)]
mod tests {
    use linfa::ParamGuard;
    use ndarray::{Axis, array};
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::*;

    fn fit(x: &Array2<f64>, codes: &[u32]) -> Result<FittedGaussianNaiveBayes, Error> {
        let classes = codes.iter().max().map_or(1, |code| *code as usize + 1);
        let parameters = checked(GaussianNaiveBayes::new());
        parameters.fit_rows(x.view(), codes, classes, &Control::plain())
    }

    /// scikit-learn 1.9.1, `GaussianNB().fit(X, y)`: accuracy, sum of
    /// `log(max(predict_proba(X)[i, y[i]], 1e-300))`, and `predict_proba(X)[[0, 70, 110, 140]]`.
    #[test]
    fn agrees_with_scikit_learn() {
        let iris = [
            [1.0, 1.3578426545097534e-18, 7.112835116303153e-26],
            [2.591538028250168e-130, 0.15449408494388256, 0.8455059150561174],
            [4.895137064450391e-162, 0.0004128841156146889, 0.9995871158843852],
            [8.020619789468113e-223, 5.0144657601337755e-09, 0.9999999949855343],
        ];
        let wine = [
            [0.9999999998623998, 1.3760189079056964e-10, 7.68922285673804e-41],
            [4.7638376317909235e-15, 0.5561266357719422, 0.44387336422805473],
            [1.0439938976229584e-10, 0.9999999998956, 2.7902680723589507e-24],
            [8.256656327589414e-20, 0.0005849590570761588, 0.9994150409429232],
        ];
        for (name, accuracy, logs, expected) in [
            ("iris", 0.96, -16.687323112077458, iris),
            ("wine", 0.9887640449438202, -9.084635275513916, wine),
        ] {
            let (x, codes) = table(name);
            let model = fit(&x, &codes).unwrap();
            let probabilities = model.predict_probabilities(x.view());
            for (row, expected) in [0, 70, 110, 140].into_iter().zip(expected) {
                for (found, expected) in probabilities.row(row).iter().zip(expected) {
                    // Exponents of several hundred carry their absolute error over.
                    assert!((found / expected - 1.0).abs() < 1e-9, "{found} is not {expected}");
                }
            }
            let found: f64 =
                codes.iter().enumerate().map(|(i, &c)| probabilities[[i, c as usize]].ln()).sum();
            assert_close([&found], &[logs], 1e-9);
            let predicted = model.predict_rows(x.view());
            let right = predicted.iter().zip(&codes).filter(|(a, b)| a == b).count();
            assert_close([&(right as f64 / codes.len() as f64)], &[accuracy], 1e-15);
        }
    }

    #[test]
    fn a_class_without_rows_has_probability_zero() {
        let (x, codes) = (array![[0.0], [1.0], [5.0], [6.0]], [0, 0, 2, 2]);
        for priors in [None, Some(vec![0.25, 0.5, 0.25, 0.0])] {
            let model = checked(GaussianNaiveBayes::new().priors(priors))
                .fit_rows(x.view(), &codes, 4, &Control::plain())
                .unwrap();
            let probabilities = model.predict_probabilities(array![[3.0], [1e300]].view());
            assert_probabilities(&probabilities);
            assert_close([&probabilities[[0, 0]], &probabilities[[0, 1]]], &[0.5, 0.0], 1e-12);
            assert_eq!(model.predict_rows(x.view()).to_vec(), codes);
        }
    }

    #[test]
    fn given_priors_count() {
        let x = array![[-1.0], [1.0], [2.0], [4.0]];
        let model = checked(GaussianNaiveBayes::new().priors(Some(vec![0.9, 0.1])))
            .fit_rows(x.view(), &[0, 0, 1, 1], 2, &Control::plain())
            .unwrap();
        // Both classes have the same variance and 1.5 is halfway between their means.
        let probabilities = model.predict_probabilities(array![[1.5]].view());
        assert_close(&probabilities, &[0.9, 0.1], 1e-12);
        for priors in [vec![0.5, 0.6], vec![1.5, -0.5], vec![f64::NAN, 1.0]] {
            assert!(GaussianNaiveBayes::new().priors(Some(priors)).check().is_err());
        }
    }

    #[test]
    fn columns_far_from_zero_keep_their_variance() {
        let near = uniform(60, 2, 4);
        let codes = noisy_codes(&near, 2, 4);
        let far = fit(&(&near + 1e8), &codes).unwrap();
        let expected = fit(&near, &codes).unwrap();
        let expected: Vec<f64> = expected.standard_deviations().iter().copied().collect();
        assert_close(far.standard_deviations(), &expected, 1e-7);
    }

    #[test]
    fn refuses_columns_without_variance() {
        let x = array![[1.0, 0.0], [1.0, 1.0], [2.0, 2.0], [2.0, 3.0]];
        let model = checked(GaussianNaiveBayes::new().var_smoothing(0.0));
        let refused = model.fit_rows(x.view(), &[0, 0, 1, 1], 2, &Control::plain());
        assert!(matches!(refused, Err(Error::Column { column: 0, row: Some(0), .. })));
        let model = checked(GaussianNaiveBayes::new().var_smoothing(1.7e308));
        let refused = model.fit_rows((&x * 1.5).view(), &[0, 0, 1, 1], 2, &Control::plain());
        assert!(matches!(refused, Err(Error::Parameter { name: "var_smoothing", .. })));
        assert!(fit(&x, &[0, 0, 1, 1]).is_ok());
        assert!(matches!(fit(&array![[1.0]], &[0]), Err(Error::Column { column: 0, .. })));
        assert!(matches!(fit(&array![[f64::NAN]], &[0]), Err(Error::NotFinite { column: 0 })));
    }

    #[test]
    fn awkward_tables_give_probabilities_or_errors() {
        for (name, x) in awkward_tables() {
            let codes: Vec<u32> = (0..x.nrows() as u32).map(|i| i % 3).collect();
            let model = checked(GaussianNaiveBayes::new());
            match model.fit_rows(x.view(), &codes, 3, &Control::plain()) {
                Ok(model) => assert_probabilities(&model.predict_probabilities(x.view())),
                Err(Error::Column { .. }) => {}
                Err(error) => panic!("{name}: {error}"),
            }
        }
    }

    #[test]
    fn only_ratios_of_weights_count() {
        let x = uniform(60, 2, 14) * 1e200;
        let codes = noisy_codes(&uniform(60, 2, 14), 2, 14);
        let expected = fit(&x, &codes).unwrap();
        for weight in [2_f64.powi(-300), 2_f64.powi(300)] {
            let weights = vec![weight; 60];
            let found = checked(GaussianNaiveBayes::new())
                .fit_rows(x.view(), &codes, 2, &Control::weighted(&weights))
                .unwrap();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let x = uniform(5000, 7, 13);
        let codes = noisy_codes(&x, 3, 13);
        assert_same_bits(|| {
            let model = fit(&x, &codes).unwrap();
            model.predict_probabilities(x.view()).into_raw_vec_and_offset().0
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whole_weights_are_repeated_rows(seed in any::<u64>()) {
            let x = uniform(60, 3, seed);
            let codes = noisy_codes(&x, 3, seed);
            let (weights, repeated) = whole_weights(60, seed);
            let weighted = checked(GaussianNaiveBayes::new())
                .fit_rows(x.view(), &codes, 3, &Control::weighted(&weights))
                .unwrap();
            let plain = checked(GaussianNaiveBayes::new())
                .fit_rows(x.select(Axis(0), &repeated).view(), &pick(&codes, &repeated), 3, &Control::plain())
                .unwrap();
            let expected = plain.predict_probabilities(x.view());
            let found = weighted.predict_probabilities(x.view());
            assert_probabilities(&found);
            assert_close(&found, &expected.iter().copied().collect::<Vec<_>>(), 1e-10);
        }
    }
}
