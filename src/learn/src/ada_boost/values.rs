//! AdaBoost for values: the weighted median of trees on drawn rows.

use ndarray::{Array1, ArrayView1, ArrayView2};
use rayon::prelude::*;

use super::stage::{Stage, renew, shares, sum};
use super::{CheckedAdaBoostRegressor, Loss};
use crate::dense::{max_abs, power_of_two};
use crate::forest::Bag;
use crate::input::{self, Columns};
use crate::seeded::mix;
use crate::tree::{PREDICTED, SquaredError, Tree, canonical_order, transpose};
use crate::{Control, Error};

/// Answers of all trees that one thread keeps at a time.
const ANSWERS: usize = 1 << 17;

impl CheckedAdaBoostRegressor {
    /// Fits `x` (rows × columns) to `y` (rows).
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, more trees than
    /// memory is for, and when stopped.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedAdaBoostRegressor, Error> {
        let columns = Columns::new(x)?;
        let rows = columns.rows();
        let y = &*input::values(y, rows)?;
        let weights = input::weights(control, rows)?;
        control.poll()?;
        let canonical = canonical_order(rows, weights, |a, b| y[a].total_cmp(&y[b]));
        let mut stage = Stage::new(&columns, &canonical, self.max_depth, self.n_estimators);
        let mut shares = shares(rows, weights);
        let unit = power_of_two(max_abs(y));
        for round in 0..self.n_estimators {
            let bag = Bag::new(rows, Some(&shares), canonical.len(), None)?;
            let seed =
                self.seed.wrapping_add((round as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let counts = bag.draw(mix(seed), control)?;
            let drawn: Vec<f64> = counts.iter().map(|count| f64::from(*count)).collect();
            let criterion = SquaredError::new(y, Some(&drawn), &canonical);
            let tree = stage.grow(&criterion, Some(&counts), control)?;
            let leaves = stage.leaves(&tree);
            let missed = |row: usize| match weights.is_none_or(|weights| weights[row] > 0.0) {
                true => (tree.values[leaves[row] as usize] / unit - y[row] / unit).abs(),
                false => 0.0,
            };
            let mut losses: Vec<f64> = (0..rows).into_par_iter().map(missed).collect();
            let worst = max_abs(&losses);
            if worst > 0.0 {
                losses.par_iter_mut().for_each(|loss| *loss = self.loss.of(*loss / worst));
            }
            let error = sum(rows, |row| shares[row] * losses[row]);
            if error <= 0.0 {
                stage.take(tree, 1.0)?;
                break;
            }
            if error >= 0.5 {
                if round == 0 {
                    stage.take(tree, 1.0)?;
                }
                break;
            }
            let odds = error / (1.0 - error);
            stage.take(tree, self.learning_rate * -odds.ln())?;
            shares
                .par_iter_mut()
                .zip(&losses)
                .for_each(|(share, loss)| *share *= odds.powf((1.0 - loss) * self.learning_rate));
            if !renew(&mut shares, weights) {
                break;
            }
        }
        let importances = stage.importances();
        Ok(FittedAdaBoostRegressor { trees: stage.trees, says: stage.says, importances })
    }
}

impl Loss {
    /// The loss of an error that is this share of the greatest one.
    fn of(self, share: f64) -> f64 {
        match self {
            Self::Linear => share,
            Self::Square => share * share,
            Self::Exponential => -(-share).exp_m1(),
        }
    }
}

/// What [`AdaBoostRegressor`](super::AdaBoostRegressor) learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedAdaBoostRegressor {
    trees: Vec<Tree>,
    /// How much each tree has to say.
    says: Vec<f64>,
    importances: Vec<f64>,
}

impl FittedAdaBoostRegressor {
    /// The weighted median of the trees' values: the least one up to which the trees have at least
    /// half of all to say.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        assert_eq!(x.ncols(), self.trees[0].columns, "columns differ from those trained on");
        let count = self.trees.len();
        let block = (ANSWERS / count).clamp(1, PREDICTED);
        let mut medians = vec![0.0; x.nrows()];
        medians.par_chunks_mut(block).enumerate().for_each_init(
            Default::default,
            |buffers, (index, medians)| {
                let (rows, leaves, answers): &mut (Vec<f64>, Vec<u32>, Vec<(f64, f64)>) = buffers;
                let start = index * block;
                transpose(x, start..start + medians.len(), rows);
                leaves.resize(medians.len(), 0);
                answers.clear();
                answers.resize(count * medians.len(), (0.0, 0.0));
                for (place, (tree, say)) in self.trees.iter().zip(&self.says).enumerate() {
                    tree.leaves_of_block(rows, leaves);
                    for (i, leaf) in leaves.iter().enumerate() {
                        answers[i * count + place] = (tree.values[*leaf as usize], *say);
                    }
                }
                for (median, answers) in medians.iter_mut().zip(answers.chunks_exact_mut(count)) {
                    *median = weighted_median(answers);
                }
            },
        );
        Array1::from(medians)
    }

    /// Number of trees.
    #[must_use]
    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    /// Splits above the deepest leaf of all trees.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.trees.iter().map(|tree| tree.depth).max().unwrap_or(0)
    }

    /// Number of leaves of all trees.
    #[must_use]
    pub fn leaves(&self) -> usize {
        self.trees.iter().map(Tree::leaves).sum()
    }

    /// The mean of the trees' shares of every column in the decrease of impurity, by what they have
    /// to say; they sum to 1, or are all 0 where nothing decreased it.
    #[must_use]
    pub fn feature_importances(&self) -> &[f64] {
        &self.importances
    }
}

/// The least value up to which there is half of the weight.
pub(super) fn weighted_median(answers: &mut [(f64, f64)]) -> f64 {
    answers.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = answers.iter().map(|answer| answer.1).sum();
    let mut sum = 0.0;
    for (value, weight) in answers.iter() {
        sum += weight;
        if sum >= 0.5 * total {
            return *value;
        }
    }
    answers.last().map_or(f64::NAN, |answer| answer.0)
}
