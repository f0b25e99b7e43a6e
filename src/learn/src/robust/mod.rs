//! Linear models that rows far from the others do not pull along.

mod huber;
mod interior_point;
mod newton;
mod quantile_regression;
mod table;

pub use huber::{CheckedHuber, FittedHuber, Huber};
pub use quantile_regression::{
    CheckedQuantileRegression, FittedQuantileRegression, QuantileRegression,
};
