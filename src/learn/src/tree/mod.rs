//! Decision trees for classes and for values.

mod absolute_error;
mod apart;
mod binned;
mod class_impurity;
mod criterion;
mod grow;
mod grown;
mod open;
mod partition;
mod poisson;
mod prune;
mod search;
mod settings;
mod shape;
mod squared_error;
mod table;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use crate::input::{self, Columns};
use crate::{ClassWeight, Control, Error};

pub(crate) use absolute_error::AbsoluteError;
pub(crate) use class_impurity::ClassImpurity;
pub(crate) use criterion::Criterion;
pub(crate) use grow::{asked, grow};
pub(crate) use poisson::{Poisson, check_counts};
pub use settings::{MaxFeatures, Splitter};
pub(crate) use settings::{Settings, Sharing};
pub(crate) use shape::{LEAF, Node, PREDICTED, Tree, transpose};
pub(crate) use squared_error::SquaredError;
pub(crate) use table::{Table, canonical_order};

/// What a split of classes decreases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClassCriterion {
    /// `1 - sum p²`.
    #[default]
    Gini,
    /// `-sum p log₂ p`; scikit-learn's `entropy` and `log_loss`.
    Entropy,
}

/// What a split of values decreases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ValueCriterion {
    /// The mean squared distance to the mean; leaves predict means.
    #[default]
    SquaredError,
    /// The mean absolute distance to the median; leaves predict medians.
    AbsoluteError,
    /// Half the Poisson deviance, for targets from 0 that are not all 0; leaves predict means.
    Poisson,
}

parameters! {
    /// A classification tree (CART; Breiman, Friedman, Olshen and Stone, 1984), with
    /// scikit-learn's rules.
    ///
    /// Every split is the best of all cuts between two different values of a column; the cut is
    /// their midpoint, and a row goes left where its value is at most that. Between equally good
    /// cuts the column of the lower index wins, then the lower cut, so that neither the order of
    /// the rows nor that of the threads has a say.
    DecisionTreeClassifier => CheckedDecisionTreeClassifier {
        /// The default is [`ClassCriterion::Gini`].
        criterion: ClassCriterion = ClassCriterion::Gini,
        /// Splits allowed above a leaf. The default is `None`: as many as it takes.
        max_depth: Option<usize> = None,
        /// Rows from which a node may be split, at least 2. The default is 2.
        min_samples_split: usize = 2,
        /// Rows every leaf keeps, at least 1. Rows are counted, whatever their weight. The
        /// default is 1.
        min_samples_leaf: usize = 1,
        /// Decrease of impurity, times the node's share of the weights, that a split must bring;
        /// from 0. The default is 0.
        min_impurity_decrease: f64 = 0.0,
        /// Leaves allowed, at least 2; the splits that decrease impurity most come first. The
        /// default is `None`: as many as it takes.
        max_leaf_nodes: Option<usize> = None,
        /// Columns drawn for every split; more are drawn while none of them can be cut. The
        /// default is [`MaxFeatures::All`].
        max_features: MaxFeatures = MaxFeatures::All,
        /// The default is [`Splitter::Best`].
        splitter: Splitter = Splitter::Best,
        /// Decrease of impurity, times the node's share of the weights, that every leaf beyond the
        /// first one of a branch must bring on average, or the branch is pruned; from 0. The
        /// default is 0: nothing is pruned.
        ccp_alpha: f64 = 0.0,
        /// Bins of every column, from 2 to 255, between which cuts are looked for; they hold about
        /// equally many rows, or one value each where there are no more of them. The default is
        /// `None`: cuts between any two values.
        max_bins: Option<usize> = None,
        /// The default is [`ClassWeight::None`].
        class_weight: ClassWeight = ClassWeight::None,
        /// Seed for drawing columns. The default is 0.
        seed: u64 = 0,
    }
}

parameters! {
    /// A regression tree (CART; Breiman, Friedman, Olshen and Stone, 1984), with scikit-learn's
    /// rules; splits and ties are as in [`DecisionTreeClassifier`].
    DecisionTreeRegressor => CheckedDecisionTreeRegressor {
        /// The default is [`ValueCriterion::SquaredError`].
        criterion: ValueCriterion = ValueCriterion::SquaredError,
        /// Splits allowed above a leaf. The default is `None`: as many as it takes.
        max_depth: Option<usize> = None,
        /// Rows from which a node may be split, at least 2. The default is 2.
        min_samples_split: usize = 2,
        /// Rows every leaf keeps, at least 1. Rows are counted, whatever their weight. The
        /// default is 1.
        min_samples_leaf: usize = 1,
        /// Decrease of impurity, times the node's share of the weights, that a split must bring,
        /// in (squared) target units; from 0. The default is 0.
        min_impurity_decrease: f64 = 0.0,
        /// Leaves allowed, at least 2; the splits that decrease impurity most come first. The
        /// default is `None`: as many as it takes.
        max_leaf_nodes: Option<usize> = None,
        /// Columns drawn for every split; more are drawn while none of them can be cut. The
        /// default is [`MaxFeatures::All`].
        max_features: MaxFeatures = MaxFeatures::All,
        /// The default is [`Splitter::Best`].
        splitter: Splitter = Splitter::Best,
        /// Decrease of impurity, times the node's share of the weights, that every leaf beyond the
        /// first one of a branch must bring on average, or the branch is pruned; from 0. The
        /// default is 0: nothing is pruned.
        ccp_alpha: f64 = 0.0,
        /// Bins of every column, from 2 to 255, between which cuts are looked for; they hold about
        /// equally many rows, or one value each where there are no more of them. The default is
        /// `None`: cuts between any two values.
        max_bins: Option<usize> = None,
        /// Seed for drawing columns. The default is 0.
        seed: u64 = 0,
    }
}

/// The parameters both trees share, as the growth of a tree needs them.
macro_rules! settings {
    ($parameters:expr) => {
        Settings {
            splitter: $parameters.splitter,
            max_depth: $parameters.max_depth.unwrap_or(usize::MAX),
            min_samples_split: $parameters.min_samples_split,
            min_samples_leaf: $parameters.min_samples_leaf,
            min_impurity_decrease: $parameters.min_impurity_decrease,
            max_leaf_nodes: $parameters.max_leaf_nodes,
            max_features: $parameters.max_features,
            ccp_alpha: $parameters.ccp_alpha,
            max_bins: $parameters.max_bins,
            sharing: Sharing::Columns,
            seed: $parameters.seed,
        }
    };
}

impl CheckedDecisionTreeClassifier {
    fn validate(&self) -> Result<(), Error> {
        self.class_weight.validate()?;
        settings!(self).validate()
    }

    /// Fits `x` (rows × columns) to class codes below `classes`. A class without rows (of a
    /// weight above 0) has probability 0 everywhere.
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, and when stopped.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedDecisionTreeClassifier, Error> {
        let columns = Columns::new(x)?;
        input::check_codes(codes, classes, columns.rows())?;
        let weights = input::weights(control, columns.rows())?;
        let weights = input::class_weights(codes, classes, weights, &self.class_weight)?;
        let order =
            canonical_order(columns.rows(), weights.as_deref(), |a, b| codes[a].cmp(&codes[b]));
        let criterion =
            ClassImpurity::new(self.criterion, codes, classes, weights.as_deref(), &order);
        let tree = grow_alone(
            &columns,
            &order,
            weights.as_deref(),
            &criterion,
            &settings!(self),
            control,
        )?;
        Ok(FittedDecisionTreeClassifier { tree, classes })
    }
}

impl CheckedDecisionTreeRegressor {
    fn validate(&self) -> Result<(), Error> {
        settings!(self).validate()
    }

    /// Fits `x` (rows × columns) to `y` (rows).
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, and when stopped.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedDecisionTreeRegressor, Error> {
        let columns = Columns::new(x)?;
        let y = input::values(y, columns.rows())?;
        let weights = input::weights(control, columns.rows())?;
        let order = canonical_order(columns.rows(), weights, |a, b| y[a].total_cmp(&y[b]));
        let settings = settings!(self);
        let tree = match self.criterion {
            ValueCriterion::SquaredError => {
                let criterion = SquaredError::new(&y, weights, &order);
                grow_alone(&columns, &order, weights, &criterion, &settings, control)?
            }
            ValueCriterion::AbsoluteError => {
                let criterion = AbsoluteError::new(&y, weights, &order);
                grow_alone(&columns, &order, weights, &criterion, &settings, control)?
            }
            ValueCriterion::Poisson => {
                check_counts(&y, weights)?;
                let criterion = Poisson::new(&y, weights, &order);
                grow_alone(&columns, &order, weights, &criterion, &settings, control)?
            }
        };
        Ok(FittedDecisionTreeRegressor { tree })
    }
}

/// Grows the only tree of a table.
fn grow_alone<C: Criterion>(
    columns: &Columns<'_>,
    canonical: &[u32],
    weights: Option<&[f64]>,
    criterion: &C,
    settings: &Settings,
    control: &Control<'_>,
) -> Result<Tree, Error> {
    control.poll()?;
    let mut table = Table::new(columns, canonical, weights, asked(settings, columns.len()));
    let orders = table.take_orders();
    grow(&table, (0..canonical.len() as u32).collect(), orders, criterion, settings, control)
}

/// What [`DecisionTreeClassifier`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedDecisionTreeClassifier {
    tree: Tree,
    classes: usize,
}

impl FittedDecisionTreeClassifier {
    /// The class with the greatest share of each row's leaf; the lower code of equal ones.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        let shares =
            Array2::from_shape_vec((self.tree.leaves(), self.classes), self.tree.values.clone())
                .expect("one share a leaf and class");
        let largest = crate::rows::largest(&shares);
        self.tree.leaves_of(x).into_iter().map(|leaf| largest[leaf as usize]).collect()
    }

    /// Probabilities (rows × classes): the shares of the classes in each row's leaf.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_probabilities(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let leaves = self.tree.leaves_of(x);
        let mut probabilities = Vec::with_capacity(leaves.len() * self.classes);
        for leaf in leaves {
            let start = leaf as usize * self.classes;
            probabilities.extend_from_slice(&self.tree.values[start..start + self.classes]);
        }
        Array2::from_shape_vec((x.nrows(), self.classes), probabilities)
            .expect("one share a row and class")
    }
}

/// What [`DecisionTreeRegressor`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedDecisionTreeRegressor {
    tree: Tree,
}

impl FittedDecisionTreeRegressor {
    /// The value of each row's leaf.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        let leaves = self.tree.leaves_of(x);
        leaves.into_iter().map(|leaf| self.tree.values[leaf as usize]).collect()
    }
}

/// What can be said about the shape of either tree.
macro_rules! shape {
    ($model:ty) => {
        impl $model {
            /// Splits above the deepest leaf; 0 for a tree of one leaf.
            #[must_use]
            pub fn depth(&self) -> usize {
                self.tree.depth
            }

            /// Number of leaves.
            #[must_use]
            pub fn leaves(&self) -> usize {
                self.tree.leaves()
            }

            /// Share of every column in the decrease of impurity over all splits; the shares sum
            /// to 1, or are all 0 where nothing decreased it.
            #[must_use]
            pub fn feature_importances(&self) -> &[f64] {
                &self.tree.importances
            }
        }
    };
}

shape!(FittedDecisionTreeClassifier);
shape!(FittedDecisionTreeRegressor);

linfa_classifier!(CheckedDecisionTreeClassifier, FittedDecisionTreeClassifier);
linfa_regressor!(CheckedDecisionTreeRegressor, FittedDecisionTreeRegressor);

#[cfg(test)]
mod apart_tests;
#[cfg(test)]
mod binned_tests;
#[cfg(test)]
mod tests;
