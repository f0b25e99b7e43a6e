//! Transforms: the steps of `prepare`, fitted on the training rows and applied to all.

mod bin;
mod clip;
mod cross_folds;
mod drop_constant;
mod impute;
mod log1p;
mod max_abs;
mod min_max;
mod normalize;
mod numbers;
mod one_hot;
mod ordinal;
mod pca;
mod polynomial;
mod robust;
mod standardize;
mod target_encode;
#[cfg(test)]
mod target_encode_tests;

#[cfg(test)]
mod property_tests;

use crate::data::{Column, ColumnKind, ColumnSelector, Truth};
use crate::diagnostic::Problem;
use crate::kinds::Rule;

pub use bin::{Bin, BinStrategy};
pub use clip::Clip;
pub use drop_constant::DropConstant;
pub use impute::{Impute, ImputeCategory, ImputeNumber};
pub use log1p::Log1p;
pub use max_abs::MaxAbs;
pub use min_max::MinMax;
pub use normalize::{Norm, Normalize};
pub use one_hot::{DropCategory, OneHot};
pub use ordinal::Ordinal;
pub use pca::Pca;
pub use polynomial::Polynomial;
pub use robust::Robust;
pub use standardize::Standardize;
pub use target_encode::{Smooth, TargetEncode};

/// What is known of a step before it is fitted.
pub struct About<'a> {
    /// The columns that the author picked; none: every column that suits.
    pub columns: Option<&'a ColumnSelector>,
    /// Whether the step can work on columns of a type.
    pub suits: fn(&ColumnKind) -> bool,
    pub makes: Makes,
    /// What the step does, for the plan and the trace.
    pub description: String,
}

/// What takes the place of the columns that a step works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Makes {
    /// The same columns with other values.
    SameColumns,
    /// The same columns, as numbers.
    Numbers,
    /// Some of the same columns; only the rows tell which.
    SomeColumns,
    /// The same columns, and products of them that are named after their factors, as `a^2` and
    /// `a b`.
    AndProducts,
    /// Columns named after the old ones, with `_` and something that only the rows tell.
    PrefixedColumns,
    /// The same columns, as means of the target; with more than two classes, columns named after
    /// the old ones, with `_` and the class. There has to be a target.
    TargetMeans,
    /// In place of all of them, columns with this name and a number from 0.
    NumberedColumns(&'static str),
}

/// The training rows of a table: they come first, and their answers are known.
#[derive(Clone, Copy, Debug)]
pub struct Training<'a> {
    /// How many rows train; at least one.
    pub rows: usize,
    /// Their answers, one a training row; [`Truth::None`] for clustering.
    pub truth: Truth<'a>,
}

impl Training<'_> {
    /// Training rows without answers.
    pub fn unlabelled(rows: usize) -> Self {
        Self { rows, truth: Truth::None }
    }
}

/// What every step does.
pub trait Transform {
    fn about(&self) -> About<'_>;

    /// Problems of the parameters, all at once.
    fn check(&self) -> Vec<Problem>;

    /// Learns from the first `training.rows` entries of each column; the others are only counted.
    ///
    /// # Errors
    /// What keeps the step from being fitted.
    fn fit(&self, columns: &[&Column], training: &Training<'_>) -> Result<FittedStep, Problem>;

    /// What may not come together among the parameters: the schema and the decoder hold to it, so that
    /// no kind that breaks one is ever made from a spec.
    fn rules() -> Vec<Rule>
    where
        Self: Sized,
    {
        Vec::new()
    }
}

/// A fitted step, and what it learned in a few words.
pub struct FittedStep {
    pub apply: Box<dyn Apply>,
    pub summary: String,
}

/// Turns columns into prepared columns.
pub trait Apply {
    /// For each of the columns that the step was fitted on, in the same order, what takes its
    /// place.
    fn apply(self: Box<Self>, columns: Vec<Column>) -> Vec<Vec<Column>>;
}

kinds! {
    /// A step with its parameters.
    pub enum AnyTransform: dyn Transform, "step", "transforms" {
        "impute" => Impute(Impute),
        "one_hot" => OneHot(OneHot),
        "ordinal" => Ordinal(Ordinal),
        "target_encode" => TargetEncode(TargetEncode),
        "standardize" => Standardize(Standardize),
        "min_max" => MinMax(MinMax),
        "max_abs" => MaxAbs(MaxAbs),
        "robust" => Robust(Robust),
        "normalize" => Normalize(Normalize),
        "log1p" => Log1p(Log1p),
        "clip" => Clip(Clip),
        "bin" => Bin(Bin),
        "polynomial" => Polynomial(Polynomial),
        "pca" => Pca(Pca),
        "drop_constant" => DropConstant(DropConstant),
    }
}

impl AnyTransform {
    /// Whether the step works on columns of two numbers as they are (see [`Indicator`](crate::data::Indicator)); others get
    /// them written out.
    pub fn takes_indicators(&self) -> bool {
        matches!(self, Self::Standardize(_) | Self::DropConstant(_) | Self::Impute(_))
    }
}
