//! The kernels that support vector machines share, as a spec writes them.

use mlspec_learn::svm::{Gamma as LearnGamma, Kernel as LearnKernel};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kinds::Rule;

/// How alike two rows are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Kernel {
    /// `exp(−gamma · ‖x − z‖²)`.
    #[default]
    Rbf,
    /// `x · z`.
    Linear,
    /// `(gamma · x · z + coef0) ^ degree`.
    Poly,
    /// `tanh(gamma · x · z + coef0)`.
    Sigmoid,
}

impl Kernel {
    /// Its name in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rbf => "rbf",
            Self::Linear => "linear",
            Self::Poly => "poly",
            Self::Sigmoid => "sigmoid",
        }
    }
}

/// Parameters that some kernels have.
pub fn rules() -> Vec<Rule> {
    vec![
        Rule::only_with("gamma", "kernel", &["rbf", "poly", "sigmoid"]),
        Rule::only_with("degree", "kernel", &["poly"]),
        Rule::only_with("coef0", "kernel", &["poly", "sigmoid"]),
    ]
}

impl From<Kernel> for LearnKernel {
    fn from(kernel: Kernel) -> Self {
        match kernel {
            Kernel::Rbf => Self::Rbf,
            Kernel::Linear => Self::Linear,
            Kernel::Poly => Self::Poly,
            Kernel::Sigmoid => Self::Sigmoid,
        }
    }
}

/// The factor of a kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Gamma {
    /// By the number of features and the variance of their values.
    #[default]
    Scale,
    /// By the number of features.
    Auto,
    /// This number.
    Value(f64),
}

impl From<Gamma> for LearnGamma {
    fn from(gamma: Gamma) -> Self {
        match gamma {
            Gamma::Scale => Self::Scale,
            Gamma::Auto => Self::Auto,
            Gamma::Value(value) => Self::Value(value),
        }
    }
}

impl<'de> Deserialize<'de> for Gamma {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        match (value.as_str(), value.as_f64()) {
            (Some("scale"), _) => Ok(Self::Scale),
            (Some("auto"), _) => Ok(Self::Auto),
            (_, Some(gamma)) if gamma >= 0.0 => Ok(Self::Value(gamma)),
            _ => Err(serde::de::Error::custom(format!("{value} is no gamma"))),
        }
    }
}

impl Serialize for Gamma {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scale => serializer.serialize_str("scale"),
            Self::Auto => serializer.serialize_str("auto"),
            Self::Value(gamma) => serializer.serialize_f64(*gamma),
        }
    }
}

impl JsonSchema for Gamma {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Gamma".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["number", "string"],
            "minimum": 0,
            "pattern": "^(scale|auto)$",
            "patternErrorMessage": "Write scale, auto, or a number from 0.",
        })
    }
}
