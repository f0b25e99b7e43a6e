//! What near means, and how neighbours are looked for: for all models that ask for neighbours.

use mlspec_learn::neighbors::{Algorithm as LearnAlgorithm, Metric as LearnMetric};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far apart two rows are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Metric {
    /// The root of the sum of squared differences.
    #[default]
    Euclidean,
    /// The sum of absolute differences.
    Manhattan,
    /// The largest absolute difference.
    Chebyshev,
}

impl Metric {
    pub fn name(self) -> &'static str {
        match self {
            Self::Euclidean => "euclidean",
            Self::Manhattan => "manhattan",
            Self::Chebyshev => "chebyshev",
        }
    }
}

impl From<Metric> for LearnMetric {
    fn from(metric: Metric) -> Self {
        match metric {
            Metric::Euclidean => Self::Euclidean,
            Metric::Manhattan => Self::Manhattan,
            Metric::Chebyshev => Self::Chebyshev,
        }
    }
}

/// How neighbours are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Algorithm {
    /// A k-d tree for few columns and many rows, otherwise all pairs.
    #[default]
    Auto,
    /// All pairs are compared.
    Brute,
    /// A tree of boxes, for few columns.
    KdTree,
    /// A tree of balls, for few columns.
    BallTree,
}

impl From<Algorithm> for LearnAlgorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Auto => Self::Auto,
            Algorithm::Brute => Self::Brute,
            Algorithm::KdTree => Self::KdTree,
            Algorithm::BallTree => Self::BallTree,
        }
    }
}
