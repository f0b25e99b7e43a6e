//! Regression on a few combinations of the columns that vary with the target.

use std::ops::Range;

use ndarray::{Array1, ArrayView1, ArrayView2};

use crate::control::all_of;
use crate::dense::{Spread, add_scaled, dot, norm, power_of_two, spread, spreads};
use crate::input::{self, Columns};
use crate::{Control, Error, rows};

/// Covariances below this share of the first are rounding: nothing is left to explain.
const EXHAUSTED: f64 = 1e-13;

/// Whether columns are divided by their deviations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scaling {
    /// Columns count the same whatever their units.
    #[default]
    Deviations,
    /// Columns are only centred.
    None,
}

parameters! {
    /// Partial least squares with one target (PLS1; Wold, Sjöström and Eriksson, 2001): each
    /// component is the combination of the (centred and scaled) columns that has the largest
    /// covariance with what the components before it have left of the target; the target is then
    /// regressed on the components.
    ///
    /// Computed without deflating the columns (Dayal and MacGregor, 1997), which with one target
    /// gives the model of NIPALS, and that takes one step a component.
    PartialLeastSquares => CheckedPartialLeastSquares {
        /// Components, from 1 to the number of columns and of rows. The default is 2.
        n_components: usize = 2,
        /// The default is [`Scaling::Deviations`].
        scale: Scaling = Scaling::Deviations,
    }
}

impl CheckedPartialLeastSquares {
    fn validate(&self) -> Result<(), Error> {
        if self.n_components == 0 {
            return Err(Error::parameter("n_components", "is 0, and must be at least 1"));
        }
        Ok(())
    }

    /// Fits `x` (rows × columns) to `y` (rows).
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, when stopped,
    /// [`Error::Parameter`] for more components than columns or rows (of a weight above 0), and
    /// [`Error::Degenerate`] where the solution is beyond the range of `f64`.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedPartialLeastSquares, Error> {
        let columns = Columns::new(x)?;
        let y = input::values(y, columns.rows())?;
        let weights = input::weights(control, columns.rows())?;
        let counted = weights.map_or(columns.rows(), |weights| {
            weights.iter().filter(|weight| **weight > 0.0).count()
        });
        for (most, what) in [(columns.len(), "column"), (counted, "row")] {
            if self.n_components > most {
                let message = format!("is {}, more than {}", self.n_components, all_of(most, what));
                return Err(Error::parameter("n_components", message));
            }
        }
        control.poll()?;
        let problem = Problem::new(&columns, &y, weights, self.scale);
        let (scaled, components) = problem.solve(self.n_components, control)?;
        let coefficients: Vec<f64> = scaled
            .iter()
            .zip(&problem.factors)
            .map(|(value, factor)| value * factor * problem.target.deviation)
            .collect();
        let about = |part: fn(&Spread) -> f64| -> f64 {
            coefficients.iter().zip(&problem.spreads).map(|(value, at)| value * part(at)).sum()
        };
        let mean = problem.target.mean + problem.target.rest;
        let central = mean - about(|spread| spread.rest);
        let intercept = central - about(|spread| spread.mean);
        if !(intercept.is_finite() && coefficients.iter().all(|value| value.is_finite())) {
            return Err(Error::Degenerate(
                "the scales of the columns and the target are too far apart".into(),
            ));
        }
        Ok(FittedPartialLeastSquares {
            coefficients: coefficients.into(),
            intercept,
            central,
            means: problem.spreads.iter().map(|spread| spread.mean).collect(),
            components,
        })
    }
}

/// Centred and scaled columns and target.
struct Problem<'a> {
    columns: &'a Columns<'a>,
    y: &'a [f64],
    weights: Option<&'a [f64]>,
    total: f64,
    spreads: Vec<Spread>,
    factors: Vec<f64>,
    target: Spread,
}

impl<'a> Problem<'a> {
    fn new(
        columns: &'a Columns<'a>,
        y: &'a [f64],
        weights: Option<&'a [f64]>,
        scale: Scaling,
    ) -> Self {
        let spreads = spreads(columns, weights, true);
        // One unit for all columns changes nothing and keeps products in range.
        let widest = spreads.iter().map(|spread| spread.deviation).fold(0.0, f64::max);
        let unit = power_of_two(widest);
        let factor = |spread: &Spread| {
            let factor = match scale {
                Scaling::Deviations => 1.0 / spread.deviation,
                Scaling::None => 1.0 / unit,
            };
            if spread.deviation > 0.0 && factor.is_finite() { factor } else { 0.0 }
        };
        Self {
            columns,
            y,
            weights,
            total: weights.map_or(y.len() as f64, |weights| weights.iter().sum()),
            factors: spreads.iter().map(factor).collect(),
            spreads,
            target: spread(y, weights, true),
        }
    }

    /// Coefficients of the scaled columns, and how many components were found.
    fn solve(&self, components: usize, control: &Control<'_>) -> Result<(Vec<f64>, usize), Error> {
        let width = self.columns.len();
        let mut coefficients = vec![0.0; width];
        let mut covariances = self.covariances();
        let first = norm(&covariances);
        let mut found: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
        for _ in 0..components {
            control.poll()?;
            let length = norm(&covariances);
            if length == 0.0 || length <= EXHAUSTED * first {
                break;
            }
            let direction: Vec<f64> = covariances.iter().map(|value| value / length).collect();
            let mut rotation = direction.clone();
            for (loading, before) in &found {
                add_scaled(&mut rotation, -dot(loading, &direction), before);
            }
            let (variance, mut loading) = self.scores(&rotation);
            if variance <= f64::MIN_POSITIVE {
                break;
            }
            loading.iter_mut().for_each(|value| *value /= variance);
            let slope = dot(&rotation, &covariances) / variance;
            add_scaled(&mut coefficients, slope, &rotation);
            add_scaled(&mut covariances, -slope * variance, &loading);
            found.push((loading, rotation));
        }
        Ok((coefficients, found.len()))
    }

    /// Of every column with the target.
    fn covariances(&self) -> Vec<f64> {
        let unit = self.target.deviation;
        if unit == 0.0 {
            return vec![0.0; self.columns.len()];
        }
        self.sum(self.columns.len(), |rows, block, sums| {
            let mut target = [0.0; rows::BLOCK];
            for (value, row) in target.iter_mut().zip(rows.clone()) {
                let weight = self.weight(row);
                let deviation = (self.y[row] - self.target.mean - self.target.rest) / unit;
                *value = if weight > 0.0 { weight * deviation } else { 0.0 };
            }
            for (sum, column) in sums.iter_mut().zip(block.chunks(rows::BLOCK)) {
                *sum += dot(&target[..rows.len()], &column[..rows.len()]);
            }
        })
    }

    /// The variance of `X · rotation`, and its covariances with the columns.
    fn scores(&self, rotation: &[f64]) -> (f64, Vec<f64>) {
        let mut sums = self.sum(1 + rotation.len(), |rows, block, sums| {
            let mut scores = [0.0; rows::BLOCK];
            let scores = &mut scores[..rows.len()];
            for (column, factor) in block.chunks(rows::BLOCK).zip(rotation) {
                add_scaled(scores, *factor, &column[..rows.len()]);
            }
            let mut weighted = [0.0; rows::BLOCK];
            let weighted = &mut weighted[..rows.len()];
            for ((weighted, score), row) in weighted.iter_mut().zip(&*scores).zip(rows.clone()) {
                *weighted = self.weight(row) * score;
            }
            sums[0] += dot(weighted, scores);
            for (sum, column) in sums[1..].iter_mut().zip(block.chunks(rows::BLOCK)) {
                *sum += dot(weighted, &column[..rows.len()]);
            }
        });
        let loadings = sums.split_off(1);
        (sums[0], loadings)
    }

    /// The mean over the rows of what `work` adds up, given blocks of scaled columns.
    fn sum(
        &self,
        length: usize,
        work: impl Fn(Range<usize>, &[f64], &mut [f64]) + Sync,
    ) -> Vec<f64> {
        let mut sums = rows::sum(self.columns.rows(), length, |range, sums| {
            let mut block = vec![0.0; self.columns.len() * rows::BLOCK];
            for range in rows::blocks(range) {
                self.fill(range.clone(), &mut block);
                work(range, &block, sums);
            }
        });
        sums.iter_mut().for_each(|sum| *sum /= self.total);
        sums
    }

    fn fill(&self, range: Range<usize>, block: &mut [f64]) {
        for (j, out) in block.chunks_mut(rows::BLOCK).enumerate() {
            let (spread, factor) = (self.spreads[j], self.factors[j]);
            let values = &self.columns.column(j)[range.clone()];
            for ((out, value), row) in out.iter_mut().zip(values).zip(range.clone()) {
                // A row that does not count may be too far out for a product with 0.
                let counts = self.weight(row) > 0.0;
                *out = if counts { (value - spread.mean - spread.rest) * factor } else { 0.0 };
            }
        }
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }
}

/// What [`PartialLeastSquares`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedPartialLeastSquares {
    coefficients: Array1<f64>,
    intercept: f64,
    /// The prediction at the means of the columns, where products lose the fewest digits.
    central: f64,
    means: Vec<f64>,
    components: usize,
}

impl FittedPartialLeastSquares {
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

    /// Components found: fewer than asked for where they leave nothing to explain.
    #[must_use]
    pub fn components(&self) -> usize {
        self.components
    }

    /// `x·b + a` for every row.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        rows::linear(x, &self.means, &self.coefficients.to_vec(), self.central).into()
    }
}

linfa_regressor!(CheckedPartialLeastSquares, FittedPartialLeastSquares);

#[cfg(test)]
mod tests {
    use linfa::ParamGuard;
    use ndarray::{Array2, Axis, array};
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::*;

    fn fit(
        parameters: PartialLeastSquares,
        x: &Array2<f64>,
        y: &Array1<f64>,
        weights: Option<&[f64]>,
    ) -> Result<FittedPartialLeastSquares, Error> {
        let control = Control { weights, ..Control::plain() };
        parameters.check()?.fit_rows(x.view(), y.view(), &control)
    }

    /// scikit-learn 1.9.1, `PLSRegression(n, scale=scale).fit(X, y)` on the wine table's first
    /// column by its others: `coef_`, and `predict(X)[0]`.
    #[test]
    fn agrees_with_scikit_learn() {
        let (x, y) = wine_alcohol();
        let cases: [(usize, Scaling, [f64; 12], f64); 5] = [
            (
                1,
                Scaling::Deviations,
                [
                    0.02811130508577375,
                    0.25653080053667043,
                    -0.03090539539897216,
                    0.006307759758170415,
                    0.1536780546942937,
                    0.07887476636245241,
                    -0.41682590026258987,
                    0.07945596910074326,
                    0.07840582036219401,
                    -0.10442772051641415,
                    0.03389832243262792,
                    0.0006800598257031907,
                ],
                13.837851498907726,
            ),
            (
                2,
                Scaling::Deviations,
                [
                    0.07721239028226726,
                    0.314970400405158,
                    -0.03732512427670243,
                    0.0057532849618628975,
                    0.11341104156109771,
                    0.043105217427183505,
                    -0.20241552747291935,
                    -0.002279515554557114,
                    0.11858419111912467,
                    -0.30395087203473325,
                    -0.02516808945950963,
                    0.0008545494460903326,
                ],
                13.673944968695531,
            ),
            (
                5,
                Scaling::Deviations,
                [
                    0.13885274111629992,
                    0.14535690385807096,
                    -0.03666573720400856,
                    -0.000125662658485818,
                    0.05131132747851827,
                    0.019678702848650944,
                    -0.32953761124764336,
                    -0.16248852906828626,
                    0.15396514599034122,
                    0.19279175560993933,
                    0.13108146694323364,
                    0.0010583025190242876,
                ],
                13.635486965903892,
            ),
            (
                2,
                Scaling::None,
                [
                    0.01043369550798643,
                    0.000793694255256687,
                    -0.0038187032820416883,
                    0.010502514478000682,
                    -0.0008448488675203917,
                    -0.0034777097517392007,
                    0.00023762512577802213,
                    -0.0018644750421402576,
                    0.03405801043870506,
                    -0.002191207524177078,
                    -0.003921912785900953,
                    0.0013922769374690334,
                ],
                13.747354252528444,
            ),
            (
                4,
                Scaling::None,
                [
                    0.050290737480486916,
                    0.0038744175190022745,
                    -0.03899119823854966,
                    0.00013937012394182706,
                    0.0033826168370853396,
                    -0.003293060427066003,
                    2.3595950481491643e-07,
                    -0.007926244103763526,
                    0.13252193371231552,
                    -0.007745240310641118,
                    -0.005351027942162989,
                    0.001211613742198507,
                ],
                13.572702426423957,
            ),
        ];
        for (n_components, scale, coefficients, first) in cases {
            let parameters = PartialLeastSquares::new().n_components(n_components).scale(scale);
            let model = fit(parameters, &x, &y, None).unwrap();
            assert_eq!(model.components(), n_components);
            assert_close(model.coefficients(), &coefficients, 1e-9);
            assert_close([&model.predict_rows(x.view())[0]], &[first], 1e-9);
        }
    }

    #[test]
    fn all_components_are_least_squares() {
        let (x, y) = wine_alcohol();
        let model = fit(PartialLeastSquares::new().n_components(12), &x, &y, None).unwrap();
        let least = checked(crate::LinearRegression::new())
            .fit_rows(x.view(), y.view(), &Control::plain())
            .unwrap();
        assert_close(model.coefficients(), &least.coefficients().to_vec(), 1e-8);
    }

    #[test]
    fn ends_when_nothing_is_left() {
        let x = uniform(30, 3, 2);
        let exact = x.column(0).to_owned();
        let model = fit(PartialLeastSquares::new().n_components(3), &x, &exact, None).unwrap();
        assert_close(model.coefficients(), &[1.0, 0.0, 0.0], 1e-12);
        let mut twice = x.clone();
        let first = twice.column(0).to_owned();
        twice.column_mut(1).assign(&first);
        twice.column_mut(2).fill(5.0);
        let y = noisy_values(&x, 2);
        let model = fit(PartialLeastSquares::new().n_components(3), &twice, &y, None).unwrap();
        assert_eq!(model.components(), 1);
        let constant = Array1::from_elem(30, 4.0);
        let model = fit(PartialLeastSquares::new(), &x, &constant, None).unwrap();
        assert_eq!(model.components(), 0);
        assert_eq!(model.predict_rows(x.view()).to_vec(), [4.0; 30]);
    }

    #[test]
    fn refuses_what_it_cannot_use() {
        let x = array![[1.0], [2.0]];
        let y = array![1.0, 2.0];
        let name = |found: Result<FittedPartialLeastSquares, Error>| match found {
            Err(Error::Parameter { name, .. }) => name,
            other => panic!("{other:?}"),
        };
        assert_eq!(name(fit(PartialLeastSquares::new(), &x, &y, None)), "n_components");
        let none = PartialLeastSquares::new().n_components(0);
        assert_eq!(name(fit(none, &x, &y, None)), "n_components");
        let wide = uniform(3, 4, 1);
        let weights = [1.0, 0.0, 0.0];
        let few = fit(PartialLeastSquares::new(), &wide, &array![1.0, 2.0, 3.0], Some(&weights));
        assert_eq!(name(few), "n_components");
        let one = PartialLeastSquares::new().n_components(1);
        let missing = array![[f64::NAN], [1.0]];
        let refused = fit(one.clone(), &missing, &y, None);
        assert!(matches!(refused, Err(Error::NotFinite { column: 0 })));
        let stopped = Control { weights: None, stop: &|| true };
        let refused = checked(one).fit_rows(x.view(), y.view(), &stopped);
        assert!(matches!(refused, Err(Error::Stopped)));
    }

    #[test]
    fn awkward_tables_give_finite_predictions_or_errors() {
        for (name, x) in awkward_tables() {
            let y = Array1::from_shape_fn(x.nrows(), |i| (i % 7) as f64);
            for scale in [Scaling::Deviations, Scaling::None] {
                for n_components in [1, 2, 3] {
                    let parameters =
                        PartialLeastSquares::new().n_components(n_components).scale(scale);
                    if let Ok(model) = fit(parameters, &x, &y, None) {
                        let predicted = model.predict_rows(x.view());
                        assert!(predicted.iter().all(|v| v.is_finite()), "{name}: {predicted}");
                    }
                }
            }
        }
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let x = uniform(20_000, 7, 12);
        let y = noisy_values(&x, 12);
        assert_same_bits(|| {
            fit(PartialLeastSquares::new(), &x, &y, None).unwrap().coefficients().to_vec()
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whole_weights_are_repeated_rows(seed in any::<u64>(), n_components in 1_usize..4) {
            let x = uniform(40, 4, seed);
            let y = noisy_values(&x, seed);
            let (weights, repeated) = whole_weights(40, seed);
            let parameters = PartialLeastSquares::new().n_components(n_components);
            let weighted = fit(parameters.clone(), &x, &y, Some(&weights)).unwrap();
            let (x, y) = (x.select(Axis(0), &repeated), y.select(Axis(0), &repeated));
            let plain = fit(parameters, &x, &y, None).unwrap();
            assert_close(weighted.coefficients(), &plain.coefficients().to_vec(), 1e-9);
        }
    }
}
