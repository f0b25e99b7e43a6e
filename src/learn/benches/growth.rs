//! How the time of training grows with rows and with columns: `cargo bench -p mlspec-learn --bench growth`.

use divan::Bencher;
use linfa::ParamGuard;
use mlspec_learn::{
    Control, DecisionTreeClassifier, DecisionTreeRegressor, Generator, GradientBoostingClassifier,
    GradientBoostingRegressor,
};
use ndarray::{Array1, Array2, ShapeBuilder};

/// Rows and columns.
const SHAPES: [(usize, usize); 5] =
    [(10_000, 20), (100_000, 20), (1_000_000, 20), (10_000, 100), (10_000, 1000)];

fn main() {
    divan::main();
}

/// Rows of noise, a number that half of the columns make up, and two classes of it.
fn table(rows: usize, columns: usize) -> (Array2<f64>, Array1<f64>, Vec<u32>) {
    let mut generator = Generator::new(1);
    let mut noise = || (0..6).map(|_| generator.unit() - 0.5).sum::<f64>();
    let x = Array2::from_shape_simple_fn((rows, columns).f(), &mut noise);
    let values: Array1<f64> =
        x.outer_iter().map(|row| row.iter().step_by(2).sum::<f64>() + noise()).collect();
    let codes = values.iter().map(|value| u32::from(*value > 0.0)).collect();
    (x, values, codes)
}

macro_rules! grows {
    (
        classes { $($class:ident = $classifier:expr;)* }
        values { $($value:ident = $regressor:expr;)* }
    ) => {
        $(
            #[divan::bench(args = SHAPES, sample_count = 3, sample_size = 1)]
            fn $class(bencher: Bencher<'_, '_>, (rows, columns): (usize, usize)) {
                let (x, _, codes) = table(rows, columns);
                let parameters = $classifier.check().expect("parameters in range");
                bencher.bench(|| parameters.fit_rows(x.view(), &codes, 2, &Control::plain()));
            }
        )*
        $(
            #[divan::bench(args = SHAPES, sample_count = 3, sample_size = 1)]
            fn $value(bencher: Bencher<'_, '_>, (rows, columns): (usize, usize)) {
                let (x, values, _) = table(rows, columns);
                let parameters = $regressor.check().expect("parameters in range");
                bencher.bench(|| parameters.fit_rows(x.view(), values.view(), &Control::plain()));
            }
        )*
    };
}

grows! {
    classes {
        decision_tree_8_classifier = DecisionTreeClassifier::new().max_depth(Some(8));
        gradient_boosting_classifier = GradientBoostingClassifier::new();
    }
    values {
        decision_tree_8_regressor = DecisionTreeRegressor::new().max_depth(Some(8));
        gradient_boosting_regressor = GradientBoostingRegressor::new();
    }
}
