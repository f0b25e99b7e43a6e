//! AdaBoost for classes: weighted votes of trees.

use ndarray::{Array1, Array2, ArrayView2};

use super::CheckedAdaBoostClassifier;
use super::stage::{Stage, renew, shares, sum};
use crate::forest::Forest;
use crate::input::{self, Columns};
use crate::tree::{ClassCriterion, ClassImpurity, Tree, canonical_order};
use crate::{Control, Error};

impl CheckedAdaBoostClassifier {
    /// Fits `x` (rows × columns) to class codes below `classes`. A class without rows (of a
    /// weight above 0) has probability 0 everywhere.
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, columns of which no
    /// split is better than guessing, more trees than memory is for, and when stopped.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedAdaBoostClassifier, Error> {
        let columns = Columns::new(x)?;
        let rows = columns.rows();
        input::check_codes(codes, classes, rows)?;
        let weights = input::weights(control, rows)?;
        control.poll()?;
        let totals = input::class_totals(codes, classes, weights);
        let present: Vec<bool> = totals.iter().map(|total| *total > 0.0).collect();
        let count = present.iter().filter(|present| **present).count() as f64;
        let canonical = canonical_order(rows, weights, |a, b| codes[a].cmp(&codes[b]));
        let mut stage = Stage::new(&columns, &canonical, self.max_depth, self.n_estimators);
        let mut shares = shares(rows, weights);
        for round in 0..self.n_estimators {
            control.poll()?;
            let criterion =
                ClassImpurity::new(ClassCriterion::Gini, codes, classes, Some(&shares), &canonical);
            let tree = stage.grow(&criterion, None, control)?;
            let votes = votes(&tree);
            let leaves = stage.leaves(&tree);
            let is_missed = |row: usize| votes[leaves[row] as usize] != codes[row];
            let weight = |row: usize| if is_missed(row) { shares[row] } else { 0.0 };
            let error = sum(rows, weight) / sum(rows, |row| shares[row]);
            if error <= 0.0 {
                stage.take(tree, 1.0)?;
                break;
            }
            let step = ((1.0 - error) / error).ln() + (count - 1.0).ln();
            if error >= 1.0 - 1.0 / count || step <= 0.0 {
                if round == 0 {
                    let message = format!(
                        "no tree of depth {} tells the classes apart better than guessing does, so \
                         that there is nothing to boost",
                        self.max_depth
                    );
                    return Err(Error::Degenerate(message));
                }
                break;
            }
            let say = self.learning_rate * step;
            stage.take(tree, say)?;
            // Only ratios count: less for the rows that are right does not overflow.
            let factor = (-say).exp();
            for (row, share) in shares.iter_mut().enumerate() {
                if !is_missed(row) {
                    *share *= factor;
                }
            }
            if !renew(&mut shares, weights) {
                break;
            }
        }
        let importances = stage.importances();
        let forest = of_votes(stage.trees, &stage.says);
        Ok(FittedAdaBoostClassifier { forest, present, importances })
    }
}

/// The class with the greatest share of every leaf; the lower code of equal ones.
fn votes(tree: &Tree) -> Vec<u32> {
    let shares = Array2::from_shape_vec((tree.leaves(), tree.width), tree.values.clone())
        .expect("one share a leaf and class");
    crate::rows::largest(&shares).to_vec()
}

/// Trees that answer with their votes, as large as their part in what all have to say: the mean
/// over the trees is the share of the votes.
fn of_votes(mut trees: Vec<Tree>, says: &[f64]) -> Forest {
    let mean = says.iter().sum::<f64>() / says.len() as f64;
    for (tree, say) in trees.iter_mut().zip(says) {
        let votes = votes(tree);
        for (values, vote) in tree.values.chunks_exact_mut(tree.width).zip(votes) {
            values.fill(0.0);
            values[vote as usize] = say / mean;
        }
    }
    Forest::new(trees)
}

/// What [`AdaBoostClassifier`](super::AdaBoostClassifier) learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedAdaBoostClassifier {
    forest: Forest,
    /// Whether the training rows had a class.
    present: Vec<bool>,
    importances: Vec<f64>,
}

impl FittedAdaBoostClassifier {
    /// The class with the most votes; the lower code of equal ones.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        crate::rows::largest(&self.forest.means(x))
    }

    /// Probabilities (rows × classes): the exponentials of `(K s - 1) / (K - 1)²`, where `s` is the
    /// share of a class in the votes and `K` the number of classes that had rows, over their sum.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_probabilities(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        self.predict_classes_and_probabilities(x).1
    }

    /// Both of the above from one pass through the trees.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_classes_and_probabilities(
        &self,
        x: ArrayView2<'_, f64>,
    ) -> (Array1<u32>, Array2<f64>) {
        let mut values = self.forest.means(x);
        let answers = crate::rows::largest(&values);
        let count = self.present.iter().filter(|present| **present).count() as f64;
        let others = (count - 1.0).max(1.0);
        for mut row in values.rows_mut() {
            for (value, present) in row.iter_mut().zip(&self.present) {
                let decision = (count * *value - 1.0) / others;
                *value = if *present { decision / others } else { f64::NEG_INFINITY };
            }
        }
        crate::rows::normalize_logs(&mut values);
        (answers, values)
    }

    /// Number of trees.
    #[must_use]
    pub fn trees(&self) -> usize {
        self.forest.trees.len()
    }

    /// Splits above the deepest leaf of all trees.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.forest.trees.iter().map(|tree| tree.depth).max().unwrap_or(0)
    }

    /// Number of leaves of all trees.
    #[must_use]
    pub fn leaves(&self) -> usize {
        self.forest.trees.iter().map(Tree::leaves).sum()
    }

    /// The mean of the trees' shares of every column in the decrease of impurity, by what they have
    /// to say; they sum to 1, or are all 0 where nothing decreased it.
    #[must_use]
    pub fn feature_importances(&self) -> &[f64] {
        &self.importances
    }
}
