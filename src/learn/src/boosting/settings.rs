//! The parameters that classes and values share, and their ranges.

use super::grow::Growth;
use super::split::{Limits, Monotonic};
use crate::Error;

/// The parameters that classes and values share.
#[derive(Clone, Debug)]
pub(super) struct Settings<'a> {
    pub(super) learning_rate: f64,
    pub(super) max_iter: usize,
    pub(super) max_leaf_nodes: Option<usize>,
    pub(super) max_depth: Option<usize>,
    pub(super) min_samples_leaf: usize,
    pub(super) l2_regularization: f64,
    pub(super) max_features: f64,
    pub(super) max_bins: usize,
    pub(super) subsample: f64,
    pub(super) early_stopping: Option<EarlyStopping>,
    pub(super) categories: &'a [usize],
    pub(super) monotonic_cst: &'a [Monotonic],
    pub(super) seed: u64,
}

/// When a training ends before its last iteration: `patience` iterations in a row did not lower
/// the loss on held-out training rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStopping {
    /// The share of the training rows that is held out, above 0 and below 1.
    pub validation_fraction: f64,
    /// Iterations that may pass without a lower loss, at least 1.
    pub n_iter_no_change: usize,
    /// By how much the loss has to be lower, from 0.
    pub tol: f64,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        Self { validation_fraction: 0.1, n_iter_no_change: 10, tol: 1e-7 }
    }
}

impl Settings<'_> {
    pub(super) fn validate(&self) -> Result<(), Error> {
        let check = |name, holds: bool, message: String| {
            if holds { Ok(()) } else { Err(Error::parameter(name, message)) }
        };
        let positive = |name, value: f64| {
            let holds = value.is_finite() && value > 0.0;
            check(name, holds, format!("is {value}, not a number above 0"))
        };
        let share = |name, value: f64| {
            check(
                name,
                value > 0.0 && value <= 1.0,
                format!("is {value}, not above 0 and at most 1"),
            )
        };
        let from = |name, value: usize, least: usize| {
            check(name, value >= least, format!("is {value}, not at least {least}"))
        };
        positive("learning_rate", self.learning_rate)?;
        from("max_iter", self.max_iter, 1)?;
        from("max_leaf_nodes", self.max_leaf_nodes.unwrap_or(2), 2)?;
        from("max_depth", self.max_depth.unwrap_or(1), 1)?;
        from("min_samples_leaf", self.min_samples_leaf, 1)?;
        check(
            "l2_regularization",
            self.l2_regularization.is_finite() && self.l2_regularization >= 0.0,
            format!("is {}, not a number from 0", self.l2_regularization),
        )?;
        share("max_features", self.max_features)?;
        check(
            "max_bins",
            (2..=255).contains(&self.max_bins),
            format!("is {}, not from 2 to 255", self.max_bins),
        )?;
        share("subsample", self.subsample)?;
        if let Some(early) = self.early_stopping {
            let fraction = early.validation_fraction;
            check(
                "validation_fraction",
                fraction > 0.0 && fraction < 1.0,
                format!("is {fraction}, not above 0 and below 1"),
            )?;
            from("n_iter_no_change", early.n_iter_no_change, 1)?;
            let tol = early.tol;
            check("tol", tol.is_finite() && tol >= 0.0, format!("is {tol}, not a number from 0"))?;
        }
        Ok(())
    }

    /// The limits of trees over this many columns; `unit` is the weight of one row.
    pub(super) fn growth(&self, columns: usize, unit: f64) -> Growth {
        Growth {
            max_leaf_nodes: self.max_leaf_nodes.unwrap_or(usize::MAX),
            max_depth: self.max_depth.unwrap_or(usize::MAX),
            max_features: ((self.max_features * columns as f64).ceil() as usize)
                .clamp(1, columns.max(1)),
            limits: Limits {
                min_samples_leaf: u32::try_from(self.min_samples_leaf).unwrap_or(u32::MAX),
                l2_regularization: self.l2_regularization,
                unit,
            },
        }
    }
}
