//! How long each estimator trains on tables of growing size: `cargo bench -p mlspec-learn`.
//! A name narrows it: `cargo bench -p mlspec-learn -- ridge`.

use divan::Bencher;
use linfa::ParamGuard;
use mlspec_learn::{
    Control, DecisionTreeClassifier, DecisionTreeRegressor, GaussianNaiveBayes, Generator,
    GradientBoostingClassifier, GradientBoostingRegressor, LinearRegression, LogisticRegression,
    Ridge,
};
use ndarray::{Array1, Array2, ShapeBuilder};

const ROWS: [usize; 2] = [1_000, 20_000];
const COLUMNS: usize = 20;

fn main() {
    divan::main();
}

/// Rows of noise, a number that half of the columns make up, and two classes of it.
struct Table {
    x: Array2<f64>,
    values: Array1<f64>,
    codes: Vec<u32>,
}

impl Table {
    fn new(rows: usize) -> Self {
        let mut generator = Generator::new(1);
        let mut noise = || (0..6).map(|_| generator.unit() - 0.5).sum::<f64>();
        let x = Array2::from_shape_simple_fn((rows, COLUMNS).f(), &mut noise);
        let values: Array1<f64> =
            x.outer_iter().map(|row| row.iter().step_by(2).sum::<f64>() + noise()).collect();
        let codes = values.iter().map(|value| u32::from(*value > 0.0)).collect();
        Self { x, values, codes }
    }
}

/// One benchmark of a classifier or of a regressor, by the parameters of its estimator.
macro_rules! fits {
    (
        classes { $($class:ident = $classifier:expr;)* }
        values { $($value:ident = $regressor:expr;)* }
    ) => {
        $(
            #[divan::bench(args = ROWS, sample_count = 20)]
            fn $class(bencher: Bencher<'_, '_>, rows: usize) {
                let table = Table::new(rows);
                let parameters = $classifier.check().expect("parameters in range");
                bencher.bench(|| {
                    parameters.fit_rows(table.x.view(), &table.codes, 2, &Control::plain())
                });
            }
        )*
        $(
            #[divan::bench(args = ROWS, sample_count = 20)]
            fn $value(bencher: Bencher<'_, '_>, rows: usize) {
                let table = Table::new(rows);
                let parameters = $regressor.check().expect("parameters in range");
                bencher.bench(|| {
                    parameters.fit_rows(table.x.view(), table.values.view(), &Control::plain())
                });
            }
        )*
    };
}

fits! {
    classes {
        decision_tree_classifier = DecisionTreeClassifier::new();
        gradient_boosting_classifier = GradientBoostingClassifier::new();
        gaussian_naive_bayes = GaussianNaiveBayes::new();
        logistic_regression = LogisticRegression::new();
    }
    values {
        decision_tree_regressor = DecisionTreeRegressor::new();
        gradient_boosting_regressor = GradientBoostingRegressor::new();
        linear_regression = LinearRegression::new();
        ridge = Ridge::new();
    }
}
