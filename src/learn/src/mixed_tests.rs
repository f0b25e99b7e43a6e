//! Features that follow from codes give what the same columns of numbers give.

use ndarray::{Array1, Array2, Axis, ShapeBuilder, s};

use crate::elastic_net::Sign;
use crate::generalized_linear::Link;
use crate::linear_svm::{ClassLoss, ValueLoss};
use crate::logistic::Penalty;
use crate::test_support::*;
use crate::{
    Control, ElasticNet, Error, Features, Ftrl, GeneralizedLinear, Generator, Indicator,
    Indicators, LinearRegression, LinearSupportVectorClassifier, LinearSupportVectorRegressor,
    LogisticRegression, Ridge,
};

/// A table with columns of numbers between those of two blocks, and the same as numbers.
struct Table {
    dense: Array2<f64>,
    places: Vec<usize>,
    codes: Vec<Vec<u32>>,
    columns: Vec<Vec<(usize, Indicator)>>,
    levels: u32,
    written: Array2<f64>,
}

impl Table {
    /// Columns from the code `first` on; the codes of some rows have no column.
    fn new(rows: usize, levels: u32, first: u32, scale: f64) -> Self {
        let mut generator = Generator::new(7);
        let dense = uniform(rows, 2, 8);
        let codes: Vec<Vec<u32>> = (0..2)
            .map(|_| (0..rows).map(|_| generator.below(u64::from(levels)) as u32).collect())
            .collect();
        let made = (levels - first) as usize;
        let places = vec![0, made + 1];
        let column = |block: usize, code: u32| {
            let place = block * (made + 1) + 1 + (code - first) as usize;
            let on = scale * (1.0 + f64::from(code % 3));
            (place, Indicator { code, on, off: if scale == 1.0 { 0.0 } else { -0.3 } })
        };
        let columns: Vec<Vec<(usize, Indicator)>> =
            (0..2).map(|block| (first..levels).map(|code| column(block, code)).collect()).collect();
        let written = Array2::zeros((rows, 2 * made + 2).f());
        let mut table = Self { dense, places, codes, columns, levels, written };
        table.write();
        table
    }

    /// Writes the columns out.
    fn write(&mut self) {
        for (place, column) in self.places.iter().zip(self.dense.columns()) {
            self.written.column_mut(*place).assign(&column);
        }
        for (codes, columns) in self.codes.iter().zip(&self.columns) {
            for (place, Indicator { code, on, off }) in columns {
                let value = |own: &u32| if own == code { *on } else { *off };
                let values: Array1<f64> = codes.iter().map(value).collect();
                self.written.column_mut(*place).assign(&values);
            }
        }
    }

    fn features(&self) -> Features<'_> {
        let blocks = self.codes.iter().zip(&self.columns).map(|(codes, columns)| Indicators {
            codes,
            levels: self.levels,
            columns: columns.clone(),
        });
        Features::mixed(self.dense.view(), &self.places, blocks.collect()).unwrap()
    }

    fn target(&self) -> Array1<f64> {
        let effect = |row: usize| f64::from((self.codes[0][row] * 7 + self.codes[1][row]) % 11);
        let noise = uniform(self.dense.nrows(), 1, 9);
        (0..self.dense.nrows()).map(|i| effect(i) + self.dense[[i, 1]] + noise[[i, 0]]).collect()
    }
}

fn weights(rows: usize) -> Vec<f64> {
    (0..rows).map(|row| [0.0, 1.0, 2.5][row % 3]).collect()
}

#[test]
fn least_squares_are_those_of_the_columns_written_out() {
    for (first, scale, alpha) in [(0, 1.0, 1.0), (0, 2.5, 0.1), (1, 1.0, 0.0), (1, 2.5, 3.0)] {
        let table = Table::new(900, 30, first, scale);
        let (features, y) = (table.features(), table.target());
        let weights = weights(900);
        for control in [Control::plain(), Control::weighted(&weights)] {
            let parameters = checked(Ridge::new().alpha(alpha));
            let model = parameters.fit_features(&features, y.view(), &control).unwrap();
            let expected = parameters.fit_rows(table.written.view(), y.view(), &control).unwrap();
            assert_close(model.coefficients(), &expected.coefficients().to_vec(), 1e-10);
            let predicted = expected.predict_rows(table.written.view()).to_vec();
            assert_close(&model.predict_features(&features), &predicted, 1e-10);
            assert_close(&model.predict_rows(table.written.view()), &predicted, 1e-10);
        }
    }
}

/// Where a block nearly says what another says, or says nothing of its own, the columns are multiplied.
#[test]
fn least_squares_of_codes_that_are_alike_are_those_of_the_columns_written_out() {
    for (odd, alpha) in [(9, 0.0), (9, 1e-3), (37, 1e-3), (1000, 1e-6), (1000, 0.0)] {
        let mut table = Table::new(900, 20, 1, 2.5);
        for row in 0..900 {
            if row % odd > 0 {
                table.codes[1][row] = table.codes[0][row];
            }
        }
        table.write();
        let (features, y) = (table.features(), table.target());
        let parameters = checked(Ridge::new().alpha(alpha));
        let control = Control::plain();
        let model = parameters.fit_features(&features, y.view(), &control).unwrap();
        let expected = parameters.fit_rows(table.written.view(), y.view(), &control).unwrap();
        let tolerance = if alpha == 1e-6 { 1e-6 } else { 1e-9 };
        assert_close(model.coefficients(), &expected.coefficients().to_vec(), tolerance);
    }
}

/// So many that their products would take gigabytes.
#[test]
fn least_squares_of_many_codes_need_no_columns() {
    let (rows, levels) = (60_000_u32, 15_000_u32);
    let codes: Vec<Vec<u32>> = vec![
        (0..rows).map(|row| row % levels).collect(),
        (0..rows).map(|row| (row / 7 + row) % levels).collect(),
    ];
    let indicator = |code| Indicator { code, on: 1.0, off: 0.0 };
    let of = |(codes, block): (&'_ Vec<u32>, usize)| {
        let place = |code: u32| (block * levels as usize + code as usize, indicator(code));
        (codes.clone(), (0..levels).map(place).collect::<Vec<_>>())
    };
    let made: Vec<_> = codes.iter().zip(0..).map(of).collect();
    let blocks =
        made.iter().map(|(codes, columns)| Indicators { codes, levels, columns: columns.clone() });
    let none = Array2::zeros((rows as usize, 0));
    let features = Features::mixed(none.view(), &[], blocks.collect()).unwrap();
    let y: Array1<f64> = (0..rows).map(|row| f64::from(row % 11)).collect();
    let model = checked(Ridge::new().alpha(10.0));
    let model = model.fit_features(&features, y.view(), &Control::plain()).unwrap();
    // The gradient vanishes along every column.
    let residuals = &y - &model.predict_features(&features);
    let mut gradient = model.coefficients().mapv(|value| -10.0 * value);
    for (row, residual) in residuals.iter().enumerate() {
        gradient[codes[0][row] as usize] += residual;
        gradient[levels as usize + codes[1][row] as usize] += residual;
    }
    assert_close(&gradient, &vec![0.0; 2 * levels as usize], 1e-9);
}

/// All codes and an intercept depend on each other, and so do the codes of two blocks without one: the
/// shortest solution.
#[test]
fn dependent_codes_have_the_shortest_coefficients() {
    for (scale, fit_intercept) in [(1.0, true), (2.5, true), (1.0, false)] {
        let table = Table::new(300, 6, 0, scale);
        let parameters = checked(LinearRegression::new().fit_intercept(fit_intercept));
        let y = table.target();
        // A code of which no row counts has no part in it.
        let but_one: Vec<f64> =
            table.codes[0].iter().map(|code| if *code == 2 { 0.0 } else { 1.5 }).collect();
        let weights = weights(300);
        for control in [Control::plain(), Control::weighted(&weights), Control::weighted(&but_one)]
        {
            let model = parameters.fit_features(&table.features(), y.view(), &control).unwrap();
            let expected = parameters.fit_rows(table.written.view(), y.view(), &control).unwrap();
            assert_eq!(model.rank(), expected.rank());
            assert!(model.rank() < 14);
            assert_close(model.coefficients(), &expected.coefficients().to_vec(), 1e-10);
            assert_close(
                &model.predict_features(&table.features()),
                &expected.predict_rows(table.written.view()).to_vec(),
                1e-10,
            );
        }
    }
}

#[test]
fn logistic_regression_is_that_of_the_columns_written_out() {
    // Few columns are written out, many are not.
    for (rows, levels, classes) in [(400, 8, 2), (1500, 270, 2), (1200, 260, 3)] {
        let table = Table::new(rows, levels, 0, 1.0);
        let features = table.features();
        let codes: Vec<u32> =
            table.target().iter().map(|value| (*value * 0.3) as u32 % classes as u32).collect();
        let weights = weights(rows);
        for control in [Control::plain(), Control::weighted(&weights)] {
            let parameters = checked(LogisticRegression::new().tol(1e-9).max_iter(1000));
            let model = parameters.fit_features(&features, &codes, classes, &control).unwrap();
            let written = table.written.view();
            let expected = parameters.fit_rows(written, &codes, classes, &control).unwrap();
            assert!(model.convergence().converged && expected.convergence().converged);
            let probabilities = expected.predict_probabilities(written);
            let found = model.probabilities_of(&features);
            assert_close(&found, &probabilities.iter().copied().collect::<Vec<_>>(), 1e-7);
            assert_eq!(model.predict_features(&features), model.predict_rows(written));
        }
    }
}

/// All codes beside an intercept leave the lasso a choice of coefficients, but not of predictions.
#[test]
fn elastic_nets_are_those_of_the_columns_written_out() {
    for (rows, levels, first, scale) in
        [(400, 8, 0, 1.0), (300, 30, 1, 2.5), (400, 70, 0, 1.0), (90, 60, 1, 1.0)]
    {
        let table = Table::new(rows, levels, first, scale);
        let (features, y, written) = (table.features(), table.target(), table.written.view());
        let weights = weights(rows);
        for (alpha, l1_ratio, sign, fit_intercept) in [
            (0.03, 1.0, Sign::Any, true),
            (0.01, 1.0, Sign::Any, true),
            (1e-3, 0.4, Sign::Any, false),
            (1e-3, 0.4, Sign::Any, true),
            (0.01, 1.0, Sign::Positive, true),
            (0.01, 0.0, Sign::Any, true),
        ] {
            let parameters = ElasticNet::new().alpha(alpha).l1_ratio(l1_ratio).sign(sign);
            let parameters = parameters.fit_intercept(fit_intercept).tol(1e-9).max_iter(100_000);
            let parameters = checked(parameters);
            for control in [Control::plain(), Control::weighted(&weights)] {
                let model = parameters.fit_features(&features, y.view(), &control).unwrap();
                let expected = parameters.fit_rows(written, y.view(), &control).unwrap();
                assert!(model.convergence().converged && expected.convergence().converged);
                let predicted = expected.predict_rows(written).to_vec();
                let counted =
                    |row: &usize| control.weights.is_none_or(|weights| weights[*row] > 0.0);
                let counted: Vec<usize> = (0..rows).filter(counted).collect();
                let of = |values: &Array1<f64>| values.select(Axis(0), &counted).to_vec();
                assert_close(&of(&model.predict_features(&features)), &of(&predicted.into()), 1e-6);
                assert_close(
                    &model.predict_rows(written),
                    &model.predict_features(&features).to_vec(),
                    1e-10,
                );
                if l1_ratio < 1.0 {
                    assert_close(model.coefficients(), &expected.coefficients().to_vec(), 1e-5);
                }
            }
        }
    }
}

/// So many columns enter little by little.
#[test]
fn an_elastic_net_of_many_codes_is_that_of_the_columns_written_out() {
    let table = Table::new(1500, 520, 0, 2.5);
    let (features, y, written) = (table.features(), table.target(), table.written.view());
    let parameters = checked(ElasticNet::new().alpha(0.02).tol(1e-7));
    let model = parameters.fit_features(&features, y.view(), &Control::plain()).unwrap();
    let expected = parameters.fit_rows(written, y.view(), &Control::plain()).unwrap();
    assert!(model.convergence().converged && expected.convergence().converged);
    assert_close(model.coefficients(), &expected.coefficients().to_vec(), 1e-5);
}

/// Without much of a penalty all columns but one of each block take part, and the passes would lead far.
#[test]
fn a_weak_penalty_needs_few_passes() {
    let table = Table::new(5000, 100, 0, 2.5);
    let (features, y) = (table.features(), table.target());
    for (alpha, l1_ratio) in [(1e-4, 1.0), (1e-5, 1.0), (1e-5, 0.5), (1e-7, 0.99)] {
        let parameters = checked(ElasticNet::new().alpha(alpha).l1_ratio(l1_ratio).tol(1e-8));
        let model = parameters.fit_features(&features, y.view(), &Control::plain()).unwrap();
        let convergence = model.convergence();
        assert!(convergence.converged && convergence.iterations < 100, "{convergence:?}");
    }
}

#[test]
fn whole_weights_are_repeated_rows() {
    let table = Table::new(500, 30, 0, 1.0);
    let (weights, repeated) = whole_weights(500, 3);
    let codes: Vec<Vec<u32>> =
        table.codes.iter().map(|codes| repeated.iter().map(|row| codes[*row]).collect()).collect();
    let dense = table.dense.select(Axis(0), &repeated);
    let (y, repeated) = (table.target(), table.target().select(Axis(0), &repeated));
    let again = Table { dense, codes, ..Table::new(1, 30, 0, 1.0) };
    for l1_ratio in [0.5, 0.9] {
        let parameters = checked(ElasticNet::new().alpha(0.01).l1_ratio(l1_ratio).tol(1e-10));
        let control = Control::weighted(&weights);
        let weighted = parameters.fit_features(&table.features(), y.view(), &control).unwrap();
        let control = Control::plain();
        let plain = parameters.fit_features(&again.features(), repeated.view(), &control).unwrap();
        assert_close(weighted.coefficients(), &plain.coefficients().to_vec(), 1e-8);
    }
}

#[test]
fn trainings_on_codes_are_stopped_and_cut_short() {
    let table = Table::new(2000, 200, 0, 1.0);
    let (features, y) = (table.features(), table.target());
    let parameters = checked(ElasticNet::new().alpha(1e-4).max_iter(1).tol(1e-12));
    let model = parameters.fit_features(&features, y.view(), &Control::plain()).unwrap();
    assert!(!model.convergence().converged);
    let stopped = Control { weights: None, stop: &|| true };
    let refused = parameters.fit_features(&features, y.view(), &stopped);
    assert!(matches!(refused, Err(Error::Stopped)));
    let codes: Vec<u32> = y.iter().map(|value| u32::from(*value > 5.0)).collect();
    let parameters = checked(LogisticRegression::new().penalty(Penalty::L1).max_iter(1));
    let model = parameters.fit_features(&features, &codes, 2, &Control::plain()).unwrap();
    assert!(!model.convergence().converged);
    let refused = parameters.fit_features(&features, &codes, 2, &stopped);
    assert!(matches!(refused, Err(Error::Stopped)));
}

#[test]
fn logistic_regression_that_leaves_columns_out_is_that_of_the_columns_written_out() {
    for (rows, levels, first, classes, scale) in
        [(400, 8, 0, 2, 1.0), (600, 50, 0, 2, 2.5), (600, 30, 1, 3, 1.0), (500, 12, 0, 3, 2.5)]
    {
        let table = Table::new(rows, levels, first, scale);
        let (features, written) = (table.features(), table.written.view());
        let codes: Vec<u32> =
            table.target().iter().map(|value| (*value * 0.3) as u32 % classes as u32).collect();
        let weights = weights(rows);
        for (l1_ratio, fit_intercept) in [(1.0, true), (0.5, true), (0.5, false)] {
            let parameters = LogisticRegression::new().penalty(Penalty::ElasticNet);
            let parameters = parameters.l1_ratio(l1_ratio).c(0.3).fit_intercept(fit_intercept);
            let parameters = checked(parameters.tol(1e-9).max_iter(1000));
            for control in [Control::plain(), Control::weighted(&weights)] {
                let model = parameters.fit_features(&features, &codes, classes, &control).unwrap();
                let expected = parameters.fit_rows(written, &codes, classes, &control).unwrap();
                assert!(model.convergence().converged && expected.convergence().converged);
                let probabilities = expected.predict_probabilities(written);
                let found = model.probabilities_of(&features);
                assert_close(&found, &probabilities.iter().copied().collect::<Vec<_>>(), 1e-6);
                if l1_ratio < 1.0 {
                    let expected: Vec<f64> = expected.coefficients().iter().copied().collect();
                    assert_close(model.coefficients(), &expected, 1e-5);
                }
            }
        }
    }
}

/// Bit for bit where every column has a value in every row, and else but for the order of sums.
#[test]
fn follow_the_leader_is_that_of_the_columns_written_out() {
    for (rows, levels, first, classes, scale) in
        [(400, 8, 0, 2, 1.0), (300, 30, 1, 3, 2.5), (300, 12, 0, 3, 1.0)]
    {
        let table = Table::new(rows, levels, first, scale);
        let (features, written) = (table.features(), table.written.view());
        let codes: Vec<u32> =
            table.target().iter().map(|value| (*value * 0.3) as u32 % classes as u32).collect();
        let parameters = checked(Ftrl::new().alpha(0.1).max_iter(20));
        let control = Control::plain();
        let model = parameters.fit_features(&features, &codes, classes, &control).unwrap();
        let expected = parameters.fit_rows(written, &codes, classes, &control).unwrap();
        assert_eq!(model.convergence().iterations, expected.convergence().iterations);
        let coefficients: Vec<f64> = expected.coefficients().iter().copied().collect();
        if scale == 1.0 {
            assert_close(&model.coefficients(), &coefficients, 1e-10);
        } else {
            assert_eq!(model, expected);
        }
        let probabilities: Vec<f64> =
            expected.predict_probabilities(written).iter().copied().collect();
        assert_close(&model.probabilities_of(&features), &probabilities, 1e-10);
        assert_eq!(model.predict_features(&features), expected.predict_rows(written));
    }
}

#[test]
fn generalized_linear_models_are_those_of_the_columns_written_out() {
    // Few columns are written out, many are not.
    for (rows, levels) in [(400, 8), (3000, 300)] {
        let table = Table::new(rows, levels, 0, 2.5);
        let (features, y) = (table.features(), table.target().mapv(|value| value.abs() + 0.1));
        let weights = weights(rows);
        for (power, link, fit_intercept) in [
            (0.0, Link::Auto, true),
            (0.0, Link::Log, true),
            (1.0, Link::Auto, true),
            (1.5, Link::Auto, false),
            (2.0, Link::Auto, true),
        ] {
            let parameters = checked(
                GeneralizedLinear::new()
                    .power(power)
                    .link(link)
                    .alpha(0.01)
                    .fit_intercept(fit_intercept)
                    .tol(1e-10)
                    .max_iter(5000),
            );
            for control in [Control::plain(), Control::weighted(&weights)] {
                let model = parameters.fit_features(&features, y.view(), &control).unwrap();
                let written = table.written.view();
                let expected = parameters.fit_rows(written, y.view(), &control).unwrap();
                assert!(model.convergence().converged && expected.convergence().converged);
                let predicted = expected.predict_rows(written).to_vec();
                assert_close(&model.predict_features(&features), &predicted, 1e-7);
                assert_close(
                    &model.predict_rows(written),
                    &model.predict_features(&features).to_vec(),
                    1e-10,
                );
            }
        }
    }
}

#[test]
fn linear_machines_are_those_of_the_columns_written_out() {
    for (scale, fit_intercept, classes) in [(1.0, true, 2), (2.5, true, 3), (2.5, false, 2)] {
        let table = Table::new(1500, 100, 0, scale);
        let (features, written, y) = (table.features(), table.written.view(), table.target());
        let codes: Vec<u32> =
            y.iter().map(|value| (*value * 0.3) as u32 % classes as u32).collect();
        let (zeros, whole) = (weights(1500), vec![2.5; 1500]);
        for control in [Control::plain(), Control::weighted(&zeros), Control::weighted(&whole)] {
            for loss in [ClassLoss::SquaredHinge, ClassLoss::Hinge] {
                let parameters = LinearSupportVectorClassifier::new().loss(loss).c(0.3);
                let parameters =
                    checked(parameters.fit_intercept(fit_intercept).tol(1e-9).max_iter(20));
                let model = parameters.fit_features(&features, &codes, classes, &control).unwrap();
                let expected = parameters.fit_rows(written, &codes, classes, &control).unwrap();
                let decisions: Vec<f64> = expected.decisions(written).iter().copied().collect();
                assert_close(&model.decisions(written), &decisions, 1e-9);
                let (answers, ranks) = model.answer_of(&features);
                let (same, equal) = model.answer(written);
                assert_eq!(answers, same);
                if let (Some(ranks), Some(equal)) = (ranks, equal) {
                    assert_close(&ranks, &equal.iter().copied().collect::<Vec<_>>(), 1e-10);
                }
            }
            for loss in [ValueLoss::SquaredEpsilonInsensitive, ValueLoss::EpsilonInsensitive] {
                let parameters = LinearSupportVectorRegressor::new().loss(loss).epsilon(0.2);
                let parameters =
                    checked(parameters.fit_intercept(fit_intercept).tol(1e-9).max_iter(20));
                let model = parameters.fit_features(&features, y.view(), &control).unwrap();
                let expected = parameters.fit_rows(written, y.view(), &control).unwrap();
                let predicted = expected.predict_rows(written).to_vec();
                assert_close(&model.predict_features(&features), &predicted, 1e-9);
            }
        }
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let table = Table::new(3000, 300, 0, 1.0);
    let (features, y) = (table.features(), table.target());
    let codes: Vec<u32> = y.iter().map(|value| u32::from(*value > 5.0)).collect();
    let control = Control::plain();
    assert_same_bits(|| {
        let model = checked(Ridge::new()).fit_features(&features, y.view(), &control).unwrap();
        model.coefficients().to_vec()
    });
    assert_same_bits(|| {
        let parameters = checked(ElasticNet::new().alpha(1e-3));
        let model = parameters.fit_features(&features, y.view(), &control).unwrap();
        model.coefficients().to_vec()
    });
    assert_same_bits(|| {
        let parameters = checked(LogisticRegression::new().penalty(Penalty::L1));
        let model = parameters.fit_features(&features, &codes, 2, &control).unwrap();
        model.coefficients().iter().copied().collect()
    });
    assert_same_bits(|| {
        let parameters = checked(LogisticRegression::new().max_iter(5));
        let model = parameters.fit_features(&features, &codes, 2, &control).unwrap();
        model.coefficients().iter().copied().collect()
    });
}

#[test]
fn refuses_what_does_not_fit_together() {
    let x = uniform(3, 1, 1);
    let on = Indicator { code: 1, on: 1.0, off: 0.0 };
    let with = |places: &[usize], codes: &[u32], columns: Vec<(usize, Indicator)>| {
        Features::mixed(x.view(), places, vec![Indicators { codes, levels: 2, columns }])
            .map(|_| ())
    };
    assert!(with(&[0], &[0, 1, 1], vec![(1, on)]).is_ok());
    assert!(matches!(with(&[1], &[0, 1, 1], vec![(1, on)]), Err(Error::Shape(_))));
    assert!(matches!(with(&[0], &[0, 1, 1], vec![(2, on)]), Err(Error::Shape(_))));
    assert!(matches!(with(&[0, 2], &[0, 1, 1], vec![(1, on)]), Err(Error::Shape(_))));
    assert!(matches!(with(&[0], &[0, 1], vec![(1, on)]), Err(Error::Shape(_))));
    assert!(matches!(with(&[0], &[0, 1, 2], vec![(1, on)]), Err(Error::Shape(_))));
    let code = Indicator { code: 2, ..on };
    assert!(matches!(with(&[0], &[0, 1, 1], vec![(1, code)]), Err(Error::Shape(_))));
    let infinite = Indicator { on: f64::INFINITY, ..on };
    let refused = with(&[0], &[0, 1, 1], vec![(1, infinite)]);
    assert!(matches!(refused, Err(Error::NotFinite { column: 1 })));
    let gap = ndarray::array![[1.0], [f64::NAN], [2.0]];
    let refused = Features::mixed(gap.view(), &[0], Vec::new()).map(|_| ());
    assert!(matches!(refused, Err(Error::NotFinite { column: 0 })));
}

#[test]
fn columns_that_would_have_to_be_written_out_are_refused_where_they_are_too_many() {
    let (rows, levels) = (40_000_u32, 20_000_u32);
    let codes: Vec<u32> = (0..rows).map(|row| row % levels).collect();
    let of = |block: u32| Indicators {
        codes: &codes,
        levels,
        columns: (0..levels)
            .map(|code| ((block * levels + code) as usize, Indicator { code, on: 1.0, off: 0.0 }))
            .collect(),
    };
    let none = Array2::zeros((rows as usize, 0));
    // Two blocks of the same codes depend on each other.
    let features = Features::mixed(none.view(), &[], vec![of(0), of(1)]).unwrap();
    let y: Array1<f64> = uniform(rows as usize, 1, 3).slice(s![.., 0]).to_owned();
    let control = Control::plain();
    let refused = checked(LinearRegression::new()).fit_features(&features, y.view(), &control);
    assert!(matches!(refused, Err(Error::Memory { bytes: 12_800_000_000, .. })));
}
