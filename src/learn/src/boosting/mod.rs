//! Gradient boosting of trees on histograms, for classes and for values.

mod admissible;
mod binned;
mod ensemble;
mod fit;
mod grow;
mod histogram;
mod loss;
mod open;
mod part;
mod quantile;
mod search;
mod settings;
mod split;
mod tree;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use crate::dense::{max_abs, power_of_two};
use crate::input;
use crate::{ClassWeight, Control, Error, rows};
use admissible::{check_domain, check_table};
use ensemble::Ensemble;
use loss::Loss;
use part::Target;
use settings::Settings;

pub use settings::EarlyStopping;
pub use split::Monotonic;

/// What boosting of values decreases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ValueLoss {
    /// Half the squared distance; predicts means.
    #[default]
    SquaredError,
    /// The distance; predicts medians.
    AbsoluteError,
    /// The pinball loss; predicts the quantile asked for.
    Quantile,
    /// The deviance of counts (values from 0), over the logarithm of the prediction.
    Poisson,
    /// The deviance of values above 0, over the logarithm of the prediction.
    Gamma,
}

parameters! {
    /// Gradient boosting for classes, with scikit-learn's rules (`HistGradientBoostingClassifier`).
    ///
    /// Every round adds a tree to the raw prediction of each class (of the second class, where
    /// there are two), that follows the negative gradient of the cross-entropy by Newton steps.
    /// Values are put into at most `max_bins` bins a column before; NaN is a missing value, has a
    /// bin of its own, and goes to the side of each split that decreases the loss more.
    GradientBoostingClassifier => CheckedGradientBoostingClassifier {
        /// Factor of every tree, above 0. The default is 0.1.
        learning_rate: f64 = 0.1,
        /// Rounds at most, at least 1. The default is 100.
        max_iter: usize = 100,
        /// Leaves of a tree at most, at least 2; the splits that decrease the loss most come
        /// first. The default is 31; `None` is as many as it takes.
        max_leaf_nodes: Option<usize> = Some(31),
        /// Splits allowed above a leaf, at least 1. The default is `None`: as many as it takes.
        max_depth: Option<usize> = None,
        /// Rows that every leaf keeps, at least 1, whatever their weight. The default is 20.
        min_samples_leaf: usize = 20,
        /// Penalty of the squares of leaf values, from 0. The default is 0.
        l2_regularization: f64 = 0.0,
        /// Share of the columns drawn for every split, above 0 and at most 1. The default is 1.
        max_features: f64 = 1.0,
        /// Bins of a column besides that of missing values, from 2 to 255. The default is 255.
        max_bins: usize = 255,
        /// Share of the rows drawn for every round, above 0 and at most 1. The default is 1.
        subsample: f64 = 1.0,
        /// When to end before the last round. The default is `None`: never.
        early_stopping: Option<EarlyStopping> = None,
        /// For every column whose values are codes of categories, how many there are; 0 for
        /// numbers. Columns beyond the list are numbers. A code from there on is a missing value,
        /// and so are all but the `max_bins` most frequent.
        categories: Vec<usize> = Vec::new(),
        /// How the probability of the second of two classes may change with each column. Columns
        /// beyond the list are free.
        monotonic_cst: Vec<Monotonic> = Vec::new(),
        /// The default is [`ClassWeight::None`].
        class_weight: ClassWeight = ClassWeight::None,
        /// Seed for every draw. The default is 0.
        seed: u64 = 0,
    }
}

parameters! {
    /// Gradient boosting for values, with scikit-learn's rules (`HistGradientBoostingRegressor`);
    /// see [`GradientBoostingClassifier`] for the trees.
    ///
    /// With [`ValueLoss::Poisson`] and [`ValueLoss::Gamma`] a leaf changes the logarithm of a
    /// prediction by at most 20 times the learning rate; scikit-learn has no such limit and may
    /// predict an infinity.
    GradientBoostingRegressor => CheckedGradientBoostingRegressor {
        /// The default is [`ValueLoss::SquaredError`].
        loss: ValueLoss = ValueLoss::SquaredError,
        /// The quantile that [`ValueLoss::Quantile`] predicts, above 0 and below 1. The default is
        /// one half; other losses do not look at it.
        quantile: f64 = 0.5,
        /// Factor of every tree, above 0. The default is 0.1.
        learning_rate: f64 = 0.1,
        /// Rounds at most, at least 1. The default is 100.
        max_iter: usize = 100,
        /// Leaves of a tree at most, at least 2; the splits that decrease the loss most come
        /// first. The default is 31; `None` is as many as it takes.
        max_leaf_nodes: Option<usize> = Some(31),
        /// Splits allowed above a leaf, at least 1. The default is `None`: as many as it takes.
        max_depth: Option<usize> = None,
        /// Rows that every leaf keeps, at least 1, whatever their weight. The default is 20.
        min_samples_leaf: usize = 20,
        /// Penalty of the squares of leaf values, from 0. The default is 0.
        l2_regularization: f64 = 0.0,
        /// Share of the columns drawn for every split, above 0 and at most 1. The default is 1.
        max_features: f64 = 1.0,
        /// Bins of a column besides that of missing values, from 2 to 255. The default is 255.
        max_bins: usize = 255,
        /// Share of the rows drawn for every round, above 0 and at most 1. The default is 1.
        subsample: f64 = 1.0,
        /// When to end before the last round. The default is `None`: never.
        early_stopping: Option<EarlyStopping> = None,
        /// For every column whose values are codes of categories, how many there are; 0 for
        /// numbers. Columns beyond the list are numbers. A code from there on is a missing value,
        /// and so are all but the `max_bins` most frequent.
        categories: Vec<usize> = Vec::new(),
        /// How predictions may change with each column; not with losses whose leaves are
        /// quantiles. Columns beyond the list are free.
        monotonic_cst: Vec<Monotonic> = Vec::new(),
        /// Seed for every draw. The default is 0.
        seed: u64 = 0,
    }
}

/// The parameters both share.
macro_rules! settings {
    ($parameters:expr) => {
        Settings {
            learning_rate: $parameters.learning_rate,
            max_iter: $parameters.max_iter,
            max_leaf_nodes: $parameters.max_leaf_nodes,
            max_depth: $parameters.max_depth,
            min_samples_leaf: $parameters.min_samples_leaf,
            l2_regularization: $parameters.l2_regularization,
            max_features: $parameters.max_features,
            max_bins: $parameters.max_bins,
            subsample: $parameters.subsample,
            early_stopping: $parameters.early_stopping,
            categories: &$parameters.categories,
            monotonic_cst: &$parameters.monotonic_cst,
            seed: $parameters.seed,
        }
    };
}

impl CheckedGradientBoostingClassifier {
    fn validate(&self) -> Result<(), Error> {
        self.class_weight.validate()?;
        settings!(self).validate()
    }

    /// Fits `x` (rows × columns) to class codes below `classes`. A class without rows (of a
    /// weight above 0) has probability 0 everywhere.
    ///
    /// # Errors
    /// On shapes that do not fit, infinite values, unsound weights, when stopped, and where
    /// `monotonic_cst` is given for other than two classes.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedGradientBoostingClassifier, Error> {
        let settings = settings!(self);
        check_table(x, &settings)?;
        input::check_codes(codes, classes, x.nrows())?;
        let monotonic = self.monotonic_cst.iter().any(|each| *each != Monotonic::Free);
        if monotonic && classes > 2 {
            let message = format!("is for two classes, and there are {classes}");
            return Err(Error::parameter("monotonic_cst", message));
        }
        let weights = input::weights(control, x.nrows())?;
        let weights = input::class_weights(codes, classes, weights, &self.class_weight)?;
        let totals = input::class_totals(codes, classes, weights.as_deref());
        let present: Vec<u32> =
            (0..classes as u32).filter(|code| totals[*code as usize] > 0.0).collect();
        let place: Vec<f64> = (0..classes as u32)
            .map(|code| present.binary_search(&code).unwrap_or_default() as f64)
            .collect();
        let y: Vec<f64> = codes.iter().map(|&code| place[code as usize]).collect();
        let (loss, outputs) =
            if present.len() > 2 { (Loss::Softmax, present.len()) } else { (Loss::Binary, 1) };
        let target = Target { loss, outputs, y: &y, weights: weights.as_deref() };
        let ensemble =
            if present.len() == 1 { None } else { Some(fit::fit(x, &target, &settings, control)?) };
        Ok(FittedGradientBoostingClassifier { ensemble, classes, present, columns: x.ncols() })
    }
}

impl CheckedGradientBoostingRegressor {
    fn validate(&self) -> Result<(), Error> {
        settings!(self).validate()?;
        if !(self.quantile > 0.0 && self.quantile < 1.0) {
            let message = format!("is {}, not above 0 and below 1", self.quantile);
            return Err(Error::parameter("quantile", message));
        }
        let monotonic = self.monotonic_cst.iter().any(|each| *each != Monotonic::Free);
        if monotonic && self.internal().leaf_quantile().is_some() {
            let message = "cannot be kept where leaves are quantiles";
            return Err(Error::parameter("monotonic_cst", message));
        }
        Ok(())
    }

    fn internal(&self) -> Loss {
        match self.loss {
            ValueLoss::SquaredError => Loss::Squared,
            ValueLoss::AbsoluteError => Loss::Absolute,
            ValueLoss::Quantile => Loss::Quantile(self.quantile),
            ValueLoss::Poisson => Loss::Poisson,
            ValueLoss::Gamma => Loss::Gamma,
        }
    }

    /// Fits `x` (rows × columns) to `y` (rows).
    ///
    /// # Errors
    /// On shapes that do not fit, infinite values, unsound weights, when stopped, and
    /// [`Error::Target`] for values that the loss is not made for.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedGradientBoostingRegressor, Error> {
        let settings = settings!(self);
        check_table(x, &settings)?;
        let y = input::values(y, x.nrows())?;
        let weights = input::weights(control, x.nrows())?;
        let loss = self.internal();
        check_domain(loss, &y, weights)?;
        // A power of two leaves all digits as they are, and keeps squares finite.
        let counted = |row: usize| weights.is_none_or(|weights| weights[row] > 0.0);
        let known: Vec<f64> =
            y.iter().enumerate().map(|(row, y)| if counted(row) { *y } else { 0.0 }).collect();
        let scale = power_of_two(max_abs(&known));
        let y: Vec<f64> = known.iter().map(|y| y / scale).collect();
        let target = Target { loss, outputs: 1, y: &y, weights };
        let ensemble = fit::fit(x, &target, &settings, control)?;
        Ok(FittedGradientBoostingRegressor { ensemble, loss, scale })
    }
}

/// What [`GradientBoostingClassifier`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedGradientBoostingClassifier {
    /// `None` where only one class has rows.
    ensemble: Option<Ensemble>,
    classes: usize,
    present: Vec<u32>,
    columns: usize,
}

impl FittedGradientBoostingClassifier {
    /// The most probable class of every row; the lower code where two are equally probable.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        self.largest(&self.logs(x))
    }

    fn largest(&self, logs: &Array2<f64>) -> Array1<u32> {
        rows::largest(logs).mapv(|index| self.present[index as usize])
    }

    /// The most probable class of every row, and the probabilities (rows × classes), for the work
    /// of one of them.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_both(&self, x: ArrayView2<'_, f64>) -> (Array1<u32>, Array2<f64>) {
        let logs = self.logs(x);
        (self.largest(&logs), self.probabilities(logs))
    }

    /// Probabilities (rows × classes).
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_probabilities(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        self.probabilities(self.logs(x))
    }

    fn probabilities(&self, mut logs: Array2<f64>) -> Array2<f64> {
        rows::normalize_logs(&mut logs);
        if self.present.len() == self.classes {
            return logs;
        }
        let mut probabilities = Array2::zeros((logs.nrows(), self.classes));
        for (column, &code) in logs.columns().into_iter().zip(&self.present) {
            probabilities.column_mut(code as usize).assign(&column);
        }
        probabilities
    }

    /// Rows × classes sums of the trees, that of the lower of two being 0; none where not all
    /// classes were present in the training. As scikit-learn's `decision_function`.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn margins(&self, x: ArrayView2<'_, f64>) -> Option<Array2<f64>> {
        (self.present.len() == self.classes).then(|| self.logs(x))
    }

    /// Log probabilities of the present classes, each row up to a constant.
    fn logs(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        assert_eq!(x.ncols(), self.columns, "columns differ from those trained on");
        let mut logs = Array2::zeros((x.nrows(), self.present.len()));
        let raw = self.ensemble.as_ref().map(|ensemble| ensemble.raw(x)).unwrap_or_default();
        let first = self.present.len() - raw.len();
        for (output, raw) in raw.into_iter().enumerate() {
            logs.column_mut(first + output).assign(&Array1::from(raw));
        }
        logs
    }

    /// How many trees there are, over all rounds.
    #[must_use]
    pub fn trees(&self) -> usize {
        self.ensemble.as_ref().map_or(0, |ensemble| ensemble.trees.len())
    }

    /// Rounds of trees.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.ensemble.as_ref().map_or(0, |ensemble| ensemble.iterations)
    }

    /// Share of every column in the decrease of the loss over all splits; the shares sum to 1, or
    /// are all 0 where nothing decreased it.
    #[must_use]
    pub fn feature_importances(&self) -> Vec<f64> {
        match &self.ensemble {
            Some(ensemble) => ensemble.importances.clone(),
            None => vec![0.0; self.columns],
        }
    }
}

/// What [`GradientBoostingRegressor`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedGradientBoostingRegressor {
    ensemble: Ensemble,
    loss: Loss,
    /// The unit of the target that the trees were grown in.
    scale: f64,
}

impl FittedGradientBoostingRegressor {
    /// The prediction for every row.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        let raw = self.ensemble.raw(x).into_iter().next().unwrap_or_default();
        let value = |raw: f64| (self.loss.predicted(raw) * self.scale).clamp(-f64::MAX, f64::MAX);
        raw.into_iter().map(value).collect()
    }

    /// Rounds of trees.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.ensemble.iterations
    }

    /// Share of every column in the decrease of the loss over all splits; the shares sum to 1, or
    /// are all 0 where nothing decreased it.
    #[must_use]
    pub fn feature_importances(&self) -> Vec<f64> {
        self.ensemble.importances.clone()
    }
}

linfa_classifier!(CheckedGradientBoostingClassifier, FittedGradientBoostingClassifier);
linfa_regressor!(CheckedGradientBoostingRegressor, FittedGradientBoostingRegressor);

#[cfg(test)]
mod tests;
