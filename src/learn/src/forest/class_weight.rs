//! How much the classes count in a forest.

use crate::{ClassWeight, Error, input};

/// How much the classes count in a forest.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ForestClassWeight {
    /// By their rows.
    #[default]
    None,
    /// All the same, by the rows of the training.
    Balanced,
    /// All the same, by the rows that were drawn for each tree.
    BalancedSubsample,
    /// Each by a factor, as [`ClassWeight::Each`].
    Each(Vec<f64>),
}

impl ForestClassWeight {
    pub(super) fn validate(&self, bootstrap: bool) -> Result<(), Error> {
        if *self == Self::BalancedSubsample && !bootstrap {
            let message = "is of the rows that are drawn, and without `bootstrap` none are";
            return Err(Error::parameter("class_weight", message));
        }
        self.of_rows().validate()
    }

    /// How much the rows of the training count.
    pub(super) fn of_rows(&self) -> ClassWeight {
        match self {
            Self::None | Self::BalancedSubsample => ClassWeight::None,
            Self::Balanced => ClassWeight::Balanced,
            Self::Each(factors) => ClassWeight::Each(factors.clone()),
        }
    }

    /// How much the rows count that were drawn so many times for a tree.
    pub(super) fn of_drawn(&self, counts: Vec<f64>, codes: &[u32], classes: usize) -> Vec<f64> {
        match self {
            Self::None | Self::Balanced | Self::Each(_) => counts,
            Self::BalancedSubsample => {
                let weights =
                    input::class_weights(codes, classes, Some(&counts), &ClassWeight::Balanced);
                weights.ok().flatten().unwrap_or(counts)
            }
        }
    }
}
