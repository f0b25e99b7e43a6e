//! How much worse a trained model answers when one feature after the other is shuffled.

use mlspec_learn::Generator;
use ndarray::{Array2, ShapeBuilder};
use rayon::prelude::*;

use super::Fitted;
use crate::data::{Prediction, Rows};

/// What shuffling one feature takes from a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreLoss {
    /// The mean over the repeats.
    pub mean: f64,
    /// Their (population) standard deviation, as scikit-learn gives it.
    pub deviation: f64,
}

/// The permutation importance of every column (Breiman, 2001; scikit-learn's
/// `permutation_importance`): the score of the rows as they are, less that of rows in which the
/// column's values were put into another order, `repeats` times.
///
/// `score` is greater for better predictions; `None` where either it or all repeats have none. The
/// orders depend on the seed, the column and the repeat only. Each thread takes the memory of one
/// copy of the rows.
pub fn permutation(
    model: &dyn Fitted,
    x: Rows<'_>,
    score: &(dyn Fn(Prediction) -> Option<f64> + Sync),
    repeats: usize,
    seed: u64,
) -> Option<Vec<ScoreLoss>> {
    let whole = score(model.predict(x.reborrow()))?;
    let (rows, columns) = x.values.dim();
    let copy = || {
        let mut copy = Array2::zeros((rows, columns).f());
        copy.assign(&x.values);
        copy
    };
    (0..columns)
        .into_par_iter()
        .map_init(copy, |copy, column| {
            let losses: Option<Vec<f64>> = (0..repeats)
                .map(|repeat| {
                    let mut order: Vec<usize> = (0..rows).collect();
                    let draw = (column * repeats + repeat) as u64;
                    Generator::new(seed ^ draw.wrapping_mul(0x9E37_79B9_7F4A_7C15))
                        .shuffle(&mut order);
                    for (to, from) in order.into_iter().enumerate() {
                        copy[[to, column]] = x.values[[from, column]];
                    }
                    let shuffled = Rows { values: copy.view(), names: x.names, levels: x.levels };
                    score(model.predict(shuffled)).map(|score| whole - score)
                })
                .collect();
            copy.column_mut(column).assign(&x.values.column(column));
            losses.filter(|losses| !losses.is_empty()).map(|losses| summary(&losses))
        })
        .collect()
}

fn summary(losses: &[f64]) -> ScoreLoss {
    let count = losses.len() as f64;
    let mean = losses.iter().sum::<f64>() / count;
    let squares: f64 = losses.iter().map(|loss| (loss - mean).powi(2)).sum();
    ScoreLoss { mean, deviation: (squares / count).sqrt() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Answers its first column.
    struct First;

    impl Fitted for First {
        fn predict(&self, x: Rows<'_>) -> Prediction {
            Prediction::Values(x.values.column(0).to_vec())
        }
    }

    #[test]
    fn only_the_features_that_are_looked_at_count() {
        let values =
            Array2::from_shape_fn((200, 3).f(), |(row, column)| (row * (column + 1) % 17) as f64);
        let names: Vec<Arc<str>> = (0..3).map(|column| format!("x{column}").into()).collect();
        let x = Rows { values: values.view(), names: &names, levels: &[] };
        let truth = values.column(0).to_vec();
        let score = |prediction: Prediction| match prediction {
            Prediction::Values(values) => {
                let errors = values.iter().zip(&truth).map(|(a, b)| (a - b).abs());
                Some(-errors.sum::<f64>() / truth.len() as f64)
            }
            Prediction::Codes { .. } | Prediction::Clusters { .. } => None,
        };
        let run = |seed| permutation(&First, x, &score, 5, seed).unwrap();
        let found = run(0);
        // Two draws of 0 to 16 differ by 96 / 17 on average.
        assert!((found[0].mean - 96.0 / 17.0).abs() < 0.4 && found[0].deviation > 0.0);
        assert_eq!(&found[1..], [ScoreLoss { mean: 0.0, deviation: 0.0 }; 2]);
        for threads in [1, 2, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(|| run(0)), found);
        }
        assert_ne!(run(1), found);
        assert!(permutation(&First, x, &|_| None, 5, 0).is_none());
        assert!(permutation(&First, x, &score, 0, 0).is_none());
    }
}
