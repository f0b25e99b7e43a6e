//! How long trees take that look at every cut, and those on 255 bins, on large tables:
//! `cargo bench -p mlspec-learn --bench bins`.

use divan::Bencher;
use linfa::ParamGuard;
use mlspec_learn::tree::Splitter;
use mlspec_learn::{
    Control, DecisionTreeClassifier, DecisionTreeRegressor, Generator, RandomForestClassifier,
    RandomForestRegressor,
};
use ndarray::{Array1, Array2, ShapeBuilder};

const ROWS: [usize; 2] = [100_000, 1_000_000];
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

/// A benchmark for each of classes and values, exact and on bins.
macro_rules! fits {
    ($($name:ident: $rows:expr, $classifier:expr, $regressor:expr;)*) => {
        $(
            mod $name {
                use super::*;

                #[divan::bench(args = $rows, consts = [0, 255], sample_count = 3)]
                fn classes<const BINS: usize>(bencher: Bencher<'_, '_>, rows: usize) {
                    let table = Table::new(rows);
                    let bins = (BINS > 0).then_some(BINS);
                    let parameters = $classifier.max_bins(bins).check().expect("in range");
                    bencher.bench(|| {
                        parameters.fit_rows(table.x.view(), &table.codes, 2, &Control::plain())
                    });
                }

                #[divan::bench(args = $rows, consts = [0, 255], sample_count = 3)]
                fn values<const BINS: usize>(bencher: Bencher<'_, '_>, rows: usize) {
                    let table = Table::new(rows);
                    let bins = (BINS > 0).then_some(BINS);
                    let parameters = $regressor.max_bins(bins).check().expect("in range");
                    bencher.bench(|| {
                        parameters.fit_rows(table.x.view(), table.values.view(), &Control::plain())
                    });
                }
            }
        )*
    };
}

fits! {
    depth_8: ROWS,
        DecisionTreeClassifier::new().max_depth(Some(8)),
        DecisionTreeRegressor::new().max_depth(Some(8));
    whole_tree: ROWS, DecisionTreeClassifier::new(), DecisionTreeRegressor::new();
    forest_of_10: [100_000],
        RandomForestClassifier::new().n_estimators(10),
        RandomForestRegressor::new().n_estimators(10);
    extra_trees_of_10: [100_000],
        RandomForestClassifier::new().n_estimators(10).splitter(Splitter::Random),
        RandomForestRegressor::new().n_estimators(10).splitter(Splitter::Random);
}
