//! A metric in a spec: a kind, and the name that thresholds use for it.

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::kinds::metrics::AnyMetric;
use crate::kinds::{Family, Parameters};

/// A metric with its parameters and, under `as`, a name of the author's.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    pub kind: AnyMetric,
    pub alias: Option<String>,
}

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MetricVisitor)
    }
}

struct MetricVisitor;

impl<'de> Visitor<'de> for MetricVisitor {
    type Value = Metric;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the name of a metric, or a map with the metric as its one key")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Metric, E> {
        let kind = AnyMetric::build(name, Parameters(Map::new())).map_err(E::custom)?;
        Ok(Metric { kind, alias: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metric, A::Error> {
        let Some((name, value)) = map.next_entry::<String, Option<Map<String, Value>>>()? else {
            return Err(de::Error::invalid_length(0, &self));
        };
        let mut parameters = value.unwrap_or_default();
        let alias = match parameters.remove("as") {
            None => None,
            Some(Value::String(alias)) => Some(alias),
            Some(other) => return Err(de::Error::custom(format!("{other} is not a name"))),
        };
        if map.next_key::<String>()?.is_some() {
            return Err(de::Error::invalid_length(2, &"a map with one key"));
        }
        let kind = AnyMetric::build(&name, Parameters(parameters)).map_err(de::Error::custom)?;
        Ok(Metric { kind, alias })
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = serde_json::to_value(&self.kind).map_err(serde::ser::Error::custom)?;
        if let (Some(alias), Some(parameters)) =
            (&self.alias, value.get_mut(self.kind.name()).and_then(Value::as_object_mut))
        {
            parameters.insert("as".to_owned(), Value::String(alias.clone()));
        }
        value.serialize(serializer)
    }
}
