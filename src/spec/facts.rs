//! A Document to the words by which one selects specs, whether or not the spec is valid.

use serde::Deserialize;
use serde_json::Value;

use super::nested::{self, Holds};
use crate::data::Text;
use crate::text::Document;

/// What a spec says of itself, as far as it can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its name as reports print it; none where it has no name of its own.
    pub name: Option<String>,
    pub tags: Vec<String>,
    /// The kind of its model, and of those that stand inside it.
    pub models: Vec<String>,
    /// What it measures: kinds of metrics, and names given with `as`.
    pub metrics: Vec<String>,
}

/// Reads what there is; nothing is judged.
pub fn facts(document: &Document) -> Facts {
    let root = document.resolved();
    let tags = root["tags"].as_array().into_iter().flatten();
    let mut facts = Facts {
        name: Text::deserialize(&root["name"]).ok().map(|name| name.written().to_owned()),
        tags: tags.filter_map(text).collect(),
        ..Facts::default()
    };
    facts.name = facts.name.filter(|name| !name.is_empty());
    for route in document.routes() {
        let Some(holds) = nested::at(route.segments()) else { continue };
        let pointer = route.segments().iter().try_fold(&root, |value, segment| match segment {
            crate::diagnostic::Segment::Key(key) => value.get(&**key),
            crate::diagnostic::Segment::Index(index) => value.get(index),
        });
        let Some(kind) = pointer.and_then(kind) else { continue };
        match holds {
            Holds::Model => facts.models.push(kind),
            Holds::Metric => facts.metrics.push(kind),
        }
    }
    for metric in root["metrics"].as_array().into_iter().flatten() {
        facts.metrics.extend(kind(metric));
        let parameters = metric.as_object().and_then(|map| map.values().next());
        facts.metrics.extend(parameters.and_then(|map| text(map.get("as")?)));
    }
    for key in root["thresholds"].as_object().into_iter().flat_map(|map| map.keys()) {
        let name = key.split_once('@').map_or(key.as_str(), |(name, _)| name);
        facts.metrics.push(name.to_owned());
    }
    facts.metrics.sort();
    facts.metrics.dedup();
    facts
}

/// The name of a kind: a bare word, or the only key.
fn kind(value: &Value) -> Option<String> {
    match value.as_object() {
        Some(map) => map.keys().next().cloned(),
        None => text(value),
    }
}

fn text(value: &Value) -> Option<String> {
    Text::deserialize(value).ok().map(|text| text.value().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Source;

    fn of(text: &str) -> Facts {
        facts(&Document::parse(Source::new("a.yaml", text), &|_: &str| None).0)
    }

    #[test]
    fn models_inside_models_and_names_of_metrics_are_facts() {
        let facts = of(
            "name: Churn\ntags: [smoke, 7]\nmodel:\n  search:\n    metric: f1\n    model: { ridge: { alpha: 1 } }\n\
             metrics:\n  - recall: { as: found }\n  - accuracy\nthresholds:\n  roc_auc@by_age=young: 0.8\n",
        );
        assert_eq!(facts.name.as_deref(), Some("Churn"));
        assert_eq!(facts.tags, ["smoke"]);
        assert_eq!(facts.models, ["search", "ridge"]);
        assert_eq!(facts.metrics, ["accuracy", "f1", "found", "recall", "roc_auc"]);
    }

    #[test]
    fn what_is_wrong_has_fewer_facts() {
        assert_eq!(of("[1, 2]"), Facts::default());
        assert_eq!(of("name: 3\nmodel: []\nmetrics: 3\nthresholds: [1]\n"), Facts::default());
    }
}
