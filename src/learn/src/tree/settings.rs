//! The parameters that limit the growth of either tree.

use crate::Error;

/// The checked parameters of a tree.
pub(super) struct Settings {
    pub(super) max_depth: usize,
    pub(super) min_samples_split: usize,
    pub(super) min_samples_leaf: usize,
    pub(super) min_impurity_decrease: f64,
    pub(super) max_leaf_nodes: Option<usize>,
    pub(super) max_features: Option<usize>,
    pub(super) seed: u64,
}

impl Settings {
    pub(super) fn validate(&self) -> Result<(), Error> {
        let at_least = |name, value: usize, least: usize| {
            if value >= least {
                Ok(())
            } else {
                Err(Error::parameter(name, format!("is {value}, not at least {least}")))
            }
        };
        at_least("min_samples_split", self.min_samples_split, 2)?;
        at_least("min_samples_leaf", self.min_samples_leaf, 1)?;
        at_least("max_leaf_nodes", self.max_leaf_nodes.unwrap_or(2), 2)?;
        at_least("max_features", self.max_features.unwrap_or(1), 1)?;
        if !(self.min_impurity_decrease.is_finite() && self.min_impurity_decrease >= 0.0) {
            return Err(Error::parameter(
                "min_impurity_decrease",
                format!("is {}, not a number from 0", self.min_impurity_decrease),
            ));
        }
        Ok(())
    }
}
