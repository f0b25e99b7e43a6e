//! Forests of decision trees for classes and for values.

mod bag;
mod class_weight;
mod out_of_bag;
mod plant;
mod votes;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use crate::input::{self, Columns};
use crate::tree::{
    AbsoluteError, ClassCriterion, ClassImpurity, MaxFeatures, Poisson, Settings, Sharing,
    Splitter, SquaredError, ValueCriterion, canonical_order, check_counts,
};
use crate::{Control, Error};
pub(crate) use bag::Bag;
pub use bag::MaxSamples;
pub use class_weight::ForestClassWeight;
use out_of_bag::OutOfBag;
use plant::Plot;
pub(crate) use votes::Forest;

parameters! {
    /// A forest of classification trees that answers with the mean of their shares (random forests;
    /// Breiman, 2001). With [`Splitter::Random`] and without `bootstrap` it is an ensemble of
    /// extremely randomized trees (Geurts, Ernst and Wehenkel, 2006).
    ///
    /// Rows are drawn as likely as they weigh, as in scikit-learn 1.9; within a tree a row counts
    /// as often as it was drawn. The trees follow [`DecisionTreeClassifier`](crate::DecisionTreeClassifier).
    RandomForestClassifier => CheckedRandomForestClassifier {
        /// Trees, at least 1. The default is 100.
        n_estimators: usize = 100,
        /// The default is [`ClassCriterion::Gini`].
        criterion: ClassCriterion = ClassCriterion::Gini,
        /// The default is [`Splitter::Best`].
        splitter: Splitter = Splitter::Best,
        /// Splits allowed above a leaf. The default is `None`: as many as it takes.
        max_depth: Option<usize> = None,
        /// Rows from which a node may be split, at least 2. The default is 2.
        min_samples_split: usize = 2,
        /// Different rows every leaf keeps, at least 1. The default is 1.
        min_samples_leaf: usize = 1,
        /// Decrease of impurity, times the node's share of the weights, that a split must bring;
        /// from 0. The default is 0.
        min_impurity_decrease: f64 = 0.0,
        /// Leaves allowed in a tree, at least 2. The default is `None`: as many as it takes.
        max_leaf_nodes: Option<usize> = None,
        /// Columns drawn for every split. The default is [`MaxFeatures::Sqrt`].
        max_features: MaxFeatures = MaxFeatures::Sqrt,
        /// Whether every tree draws its rows with replacement. The default is `true`.
        bootstrap: bool = true,
        /// Rows drawn for every tree. The default is `None`: as many as have a weight above 0.
        max_samples: Option<MaxSamples> = None,
        /// The default is [`ForestClassWeight::None`].
        class_weight: ForestClassWeight = ForestClassWeight::None,
        /// The pruning of every tree, from 0. The default is 0.
        ccp_alpha: f64 = 0.0,
        /// As in a [decision tree](crate::DecisionTreeClassifier). The default is `None`.
        max_bins: Option<usize> = None,
        /// Whether rows are judged by the trees that did not draw them. The default is `false`.
        oob_score: bool = false,
        /// Seed for drawing rows, columns and cuts. The default is 0.
        seed: u64 = 0,
    }
}

parameters! {
    /// A forest of regression trees that answers with their mean; drawing is as in
    /// [`RandomForestClassifier`].
    RandomForestRegressor => CheckedRandomForestRegressor {
        /// Trees, at least 1. The default is 100.
        n_estimators: usize = 100,
        /// The default is [`ValueCriterion::SquaredError`].
        criterion: ValueCriterion = ValueCriterion::SquaredError,
        /// The default is [`Splitter::Best`].
        splitter: Splitter = Splitter::Best,
        /// Splits allowed above a leaf. The default is `None`: as many as it takes.
        max_depth: Option<usize> = None,
        /// Rows from which a node may be split, at least 2. The default is 2.
        min_samples_split: usize = 2,
        /// Different rows every leaf keeps, at least 1. The default is 1.
        min_samples_leaf: usize = 1,
        /// Decrease of impurity, times the node's share of the weights, that a split must bring;
        /// from 0. The default is 0.
        min_impurity_decrease: f64 = 0.0,
        /// Leaves allowed in a tree, at least 2. The default is `None`: as many as it takes.
        max_leaf_nodes: Option<usize> = None,
        /// Columns drawn for every split. The default is [`MaxFeatures::All`].
        max_features: MaxFeatures = MaxFeatures::All,
        /// Whether every tree draws its rows with replacement. The default is `true`.
        bootstrap: bool = true,
        /// Rows drawn for every tree. The default is `None`: as many as have a weight above 0.
        max_samples: Option<MaxSamples> = None,
        /// The pruning of every tree, from 0. The default is 0.
        ccp_alpha: f64 = 0.0,
        /// As in a [decision tree](crate::DecisionTreeClassifier). The default is `None`.
        max_bins: Option<usize> = None,
        /// Whether rows are judged by the trees that did not draw them. The default is `false`.
        oob_score: bool = false,
        /// Seed for drawing rows, columns and cuts. The default is 0.
        seed: u64 = 0,
    }
}

/// The parameters of the trees.
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
            sharing: Sharing::Nothing,
            seed: $parameters.seed,
        }
    };
}

/// What both forests check of their parameters.
macro_rules! validate {
    ($parameters:expr) => {{
        settings!($parameters).validate()?;
        if $parameters.n_estimators == 0 {
            return Err(Error::parameter("n_estimators", "is 0, not at least 1"));
        }
        match ($parameters.bootstrap, $parameters.max_samples) {
            (true, Some(size)) => size.validate()?,
            (false, Some(_)) => {
                let message = "is of the rows that are drawn, and without `bootstrap` none are";
                return Err(Error::parameter("max_samples", message));
            }
            (_, None) => {}
        }
        if $parameters.oob_score && !$parameters.bootstrap {
            let message = "needs rows that are not drawn, and without `bootstrap` all are taken";
            return Err(Error::parameter("oob_score", message));
        }
        Ok::<(), Error>(())
    }};
}

impl CheckedRandomForestClassifier {
    fn validate(&self) -> Result<(), Error> {
        validate!(self)?;
        self.class_weight.validate(self.bootstrap)
    }

    /// Fits `x` (rows × columns) to class codes below `classes`. A class without rows (of a
    /// weight above 0) has probability 0 everywhere.
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, more trees than
    /// memory is for, and when stopped.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedRandomForestClassifier, Error> {
        let columns = Columns::new(x)?;
        input::check_codes(codes, classes, columns.rows())?;
        let own = input::weights(control, columns.rows())?;
        let weights = input::class_weights(codes, classes, own, &self.class_weight.of_rows())?;
        let weights = weights.as_deref();
        let canonical = canonical_order(columns.rows(), weights, |a, b| codes[a].cmp(&codes[b]));
        let bag = self
            .bootstrap
            .then(|| Bag::new(columns.rows(), weights, canonical.len(), self.max_samples))
            .transpose()?;
        let criterion = |counts: Option<&[u32]>| {
            let drawn = counts.map(|counts| {
                let counts: Vec<f64> = counts.iter().map(|count| f64::from(*count)).collect();
                self.class_weight.of_drawn(counts, codes, classes)
            });
            let weights = drawn.as_deref().or(weights);
            ClassImpurity::new(self.criterion, codes, classes, weights, &canonical)
        };
        let settings = settings!(self);
        let plot = Plot {
            columns: &columns,
            canonical: &canonical,
            weights,
            bag: bag.as_ref(),
            trees: self.n_estimators,
            settings: &settings,
        };
        let forest = plot.plant(criterion, control)?;
        let out_of_bag = self
            .oob_score
            .then(|| OutOfBag::new(&forest, &plot, x, control))
            .transpose()?
            .and_then(|votes| votes.accuracy(codes, own));
        Ok(FittedRandomForestClassifier { importances: forest.importances(), forest, out_of_bag })
    }
}

impl CheckedRandomForestRegressor {
    fn validate(&self) -> Result<(), Error> {
        validate!(self)
    }

    /// Fits `x` (rows × columns) to `y` (rows).
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, targets that the
    /// criterion cannot take, more trees than memory is for, and when stopped.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedRandomForestRegressor, Error> {
        let columns = Columns::new(x)?;
        let y = &*input::values(y, columns.rows())?;
        let weights = input::weights(control, columns.rows())?;
        if self.criterion == ValueCriterion::Poisson {
            check_counts(y, weights)?;
        }
        let canonical = &*canonical_order(columns.rows(), weights, |a, b| y[a].total_cmp(&y[b]));
        let bag = self
            .bootstrap
            .then(|| Bag::new(columns.rows(), weights, canonical.len(), self.max_samples))
            .transpose()?;
        let settings = settings!(self);
        let plot = Plot {
            columns: &columns,
            canonical,
            weights,
            bag: bag.as_ref(),
            trees: self.n_estimators,
            settings: &settings,
        };
        let drawn = |counts: Option<&[u32]>| -> Option<Vec<f64>> {
            counts.map(|counts| counts.iter().map(|count| f64::from(*count)).collect())
        };
        macro_rules! plant {
            ($criterion:ident) => {
                plot.plant(
                    |counts| {
                        let drawn = drawn(counts);
                        $criterion::new(y, drawn.as_deref().or(weights), canonical)
                    },
                    control,
                )?
            };
        }
        let forest = match self.criterion {
            ValueCriterion::SquaredError => plant!(SquaredError),
            ValueCriterion::AbsoluteError => plant!(AbsoluteError),
            ValueCriterion::Poisson => plant!(Poisson),
        };
        let out_of_bag = self
            .oob_score
            .then(|| OutOfBag::new(&forest, &plot, x, control))
            .transpose()?
            .and_then(|votes| votes.r2(y, weights));
        Ok(FittedRandomForestRegressor { importances: forest.importances(), forest, out_of_bag })
    }
}

/// What [`RandomForestClassifier`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedRandomForestClassifier {
    forest: Forest,
    importances: Vec<f64>,
    out_of_bag: Option<f64>,
}

impl FittedRandomForestClassifier {
    /// The class with the greatest probability; the lower code of equal ones.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        self.predict_classes_and_probabilities(x).0
    }

    /// Probabilities (rows × classes): the mean over the trees of the shares in each row's leaf.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_probabilities(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        self.forest.means(x)
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
        let probabilities = self.forest.means(x);
        (crate::rows::largest(&probabilities), probabilities)
    }
}

/// What [`RandomForestRegressor`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedRandomForestRegressor {
    forest: Forest,
    importances: Vec<f64>,
    out_of_bag: Option<f64>,
}

impl FittedRandomForestRegressor {
    /// The mean of the trees' values.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        self.forest.means(x).index_axis_move(Axis(1), 0)
    }
}

/// What can be said about either forest.
macro_rules! shape {
    ($model:ty) => {
        impl $model {
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
                self.forest.trees.iter().map(crate::tree::Tree::leaves).sum()
            }

            /// The mean of the trees' shares of every column in the decrease of impurity; they sum
            /// to 1, or are all 0 where nothing decreased it.
            #[must_use]
            pub fn feature_importances(&self) -> &[f64] {
                &self.importances
            }

            /// The accuracy, or R², of the rows as the trees see them that did not draw them; rows
            /// that all trees drew are left out. `None` if it was not asked for, or no row is left,
            /// or (for R²) they are all equal.
            #[must_use]
            pub fn out_of_bag_score(&self) -> Option<f64> {
                self.out_of_bag
            }
        }
    };
}

shape!(FittedRandomForestClassifier);
shape!(FittedRandomForestRegressor);

linfa_classifier!(CheckedRandomForestClassifier, FittedRandomForestClassifier);
linfa_regressor!(CheckedRandomForestRegressor, FittedRandomForestRegressor);

#[cfg(test)]
mod tests;
