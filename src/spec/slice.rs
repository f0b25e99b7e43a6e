//! Slices: parts of the judged rows that are measured on their own.

use schemars::JsonSchema;
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Text;
use crate::data::{ClassName, ColumnName};

/// A part of the judged rows, or one part for each value of a column.
///
/// A value of `by` with few rows is skipped; one that `expect` or a threshold names is an error
/// there, and so is a small slice of `where`. A slice never changes what the model learns from.
///
/// ```yaml
/// slices:
///   island: { by: island, expect: [Biscoe, Dream] }
///   mass: { by: body_mass_g, bins: [4500], min_rows: 20 }
///   heavy: { where: "body_mass_g > 4500", min_rows: 20 }
/// thresholds:
///   accuracy@island: { min: 0.9 }
///   accuracy@island=Dream: { min: 0.95 }
///   accuracy@mass: { min: 0.9 }
///   accuracy@heavy: { min: 0.9 }
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// The column whose values are measured one by one; or several columns, whose combinations are.
    #[serde(default)]
    #[schemars(schema_with = "super::schema::slice_by")]
    pub by: Option<By>,
    /// How numbers become ranges: how many ranges of about as many rows each, or the edges between
    /// them. `[18, 65]` makes `< 18`, `[18, 65)` and `>= 65`.
    #[serde(default)]
    #[schemars(schema_with = "super::schema::slice_bins")]
    pub bins: Option<Bins>,
    /// Values that must be there with enough rows; without one of them the spec cannot pass.
    #[serde(default)]
    #[schemars(schema_with = "super::schema::slice_values", example = ["Biscoe"])]
    pub expect: Vec<ClassName>,
    /// A slice of the rows for which this SQL predicate is true.
    #[serde(default, rename = "where")]
    #[schemars(example = &"body_mass_g > 5000")]
    pub predicate: Option<Text>,
    /// A value with fewer judged rows than this is not measured, and listed as skipped.
    #[serde(default = "Slice::default_min_rows")]
    #[schemars(range(min = 1))]
    pub min_rows: usize,
}

impl Slice {
    fn default_min_rows() -> usize {
        30
    }
}

/// The columns of a slice, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By(pub Vec<ColumnName>);

impl<'de> Deserialize<'de> for By {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = |value: &Value| ColumnName::deserialize(value).map_err(de::Error::custom);
        match &value {
            Value::Array(items) => items.iter().map(text).collect::<Result<_, _>>().map(Self),
            one => Ok(Self(vec![text(one)?])),
        }
    }
}

impl Serialize for By {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// How the numbers of a slice's columns become ranges.
#[derive(Clone, Debug, PartialEq)]
pub enum Bins {
    /// So many ranges of about as many rows each.
    Count(usize),
    /// The edges between ranges; each belongs to the range above it.
    Edges(Vec<f64>),
}

impl<'de> Deserialize<'de> for Bins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Array(items) => {
                let edge = |item: &Value| {
                    item.as_f64().ok_or_else(|| de::Error::custom(format!("{item} is no number")))
                };
                items.iter().map(edge).collect::<Result<_, _>>().map(Self::Edges)
            }
            other => usize::deserialize(other).map(Self::Count).map_err(de::Error::custom),
        }
    }
}

impl Serialize for Bins {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => count.serialize(serializer),
            Self::Edges(edges) => edges.serialize(serializer),
        }
    }
}
