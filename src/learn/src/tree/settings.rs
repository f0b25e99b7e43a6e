//! The parameters that limit the growth of a tree of any kind.

use crate::Error;

/// How many columns are drawn for every split.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum MaxFeatures {
    /// All of them: nothing is drawn.
    #[default]
    All,
    /// The square root of their number, rounded down.
    Sqrt,
    /// The logarithm to base 2 of their number, rounded down.
    Log2,
    /// A share of them above 0 and up to 1, rounded down.
    Share(f64),
    /// As many, at least 1; all where there are fewer.
    Count(usize),
}

impl MaxFeatures {
    /// How many of `columns` are drawn: at least one, `None` for all.
    pub(crate) fn of(self, columns: usize) -> Option<usize> {
        let count = match self {
            Self::All => columns,
            Self::Sqrt => columns.isqrt(),
            Self::Log2 => columns.max(1).ilog2() as usize,
            Self::Share(share) => (share * columns as f64) as usize,
            Self::Count(count) => count,
        };
        let count = count.max(1);
        (count < columns).then_some(count)
    }

    pub(crate) fn validate(self) -> Result<(), Error> {
        match self {
            Self::Share(share) if !(share > 0.0 && share <= 1.0) => Err(Error::parameter(
                "max_features",
                format!("is {share}, not above 0 and up to 1"),
            )),
            Self::Count(0) => Err(Error::parameter("max_features", "is 0, not at least 1")),
            Self::All | Self::Sqrt | Self::Log2 | Self::Share(_) | Self::Count(_) => Ok(()),
        }
    }
}

/// Which cut of a column a split may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Splitter {
    /// The best one.
    #[default]
    Best,
    /// One at random between the least and the greatest value of the node (Geurts, Ernst and
    /// Wehenkel, 2006); the best over the columns is taken.
    Random,
}

/// Who shares the work on one tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Threads share the columns of large nodes.
    Columns,
    /// One thread does it all: there are other trees for the others.
    Nothing,
}

/// The checked parameters of a tree.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) splitter: Splitter,
    pub(crate) max_depth: usize,
    pub(crate) min_samples_split: usize,
    pub(crate) min_samples_leaf: usize,
    pub(crate) min_impurity_decrease: f64,
    pub(crate) max_leaf_nodes: Option<usize>,
    pub(crate) max_features: MaxFeatures,
    pub(crate) ccp_alpha: f64,
    /// Without one, cuts may be between any two values.
    pub(crate) max_bins: Option<usize>,
    pub(crate) sharing: Sharing,
    pub(crate) seed: u64,
}

impl Settings {
    pub(crate) fn validate(&self) -> Result<(), Error> {
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
        self.max_features.validate()?;
        if let Some(bins) = self.max_bins
            && !(2..=255).contains(&bins)
        {
            return Err(Error::parameter("max_bins", format!("is {bins}, not from 2 to 255")));
        }
        for (name, value) in
            [("min_impurity_decrease", self.min_impurity_decrease), ("ccp_alpha", self.ccp_alpha)]
        {
            if !(value.is_finite() && value >= 0.0) {
                return Err(Error::parameter(name, format!("is {value}, not a number from 0")));
            }
        }
        Ok(())
    }

    /// The most leaves that a tree of so many rows can have.
    pub(crate) fn most_leaves(&self, rows: usize) -> usize {
        let by_rows = (rows / self.min_samples_leaf).max(1);
        let by_depth = 1_usize.checked_shl(self.max_depth.min(64) as u32).unwrap_or(usize::MAX);
        by_rows.min(self.max_leaf_nodes.unwrap_or(usize::MAX)).min(by_depth)
    }
}
