//! What editors put in besides names, and the examples that they show with the large keys of a spec.

use serde_json::{Value, json};

use crate::kinds::family::bare_names;
use crate::kinds::models::AnyModel;

/// Adds them to a schema that is complete otherwise.
pub fn add(schema: &mut Value) {
    let models: Vec<&str> = bare_names::<AnyModel>().map(|entry| entry.name).collect();
    let model = |tabstop: u8| format!("${{{tabstop}|{}|}}", models.join(","));
    let snippet = |label: &str, description: &str, body: Value| json!([{ "label": label, "description": description, "body": body }]);
    let whole = json!({
        "version": 1,
        "data": { "path": "${1:data.csv}", "target": "${2:target}" },
        "model": { model(3): "{}" },
        "thresholds": { "${4:accuracy}": "\"> ${5:0.8}\"" },
    });
    let data = json!({ "path": "${1:data.csv}", "target": "${2:target}" });
    let bound = json!({ "min": "${2:0.8}", "because": "${3:what depends on it}" });
    let snippets = [
        ("", snippet("new spec", "A whole spec to fill in.", whole)),
        ("/properties/data", snippet("new data", "A file and the column to predict.", data)),
        (
            "/properties/model",
            snippet("new model", "A model of the catalogue.", json!({ model(1): "{}" })),
        ),
        (
            "/properties/thresholds",
            snippet("new threshold", "A bound with its reason.", json!({ "${1:accuracy}": bound })),
        ),
    ];
    for (place, snippets) in snippets {
        if let Some(place) = schema.pointer_mut(place) {
            place["defaultSnippets"] = snippets;
        }
    }
    for (place, example) in EXAMPLES {
        let text = schema.pointer_mut(place).and_then(|place| place.get_mut("markdownDescription"));
        if let Some(Value::String(text)) = text {
            text.push_str(&format!("\n\n```yaml\n{example}\n```"));
        }
    }
}

/// What a hover over a map or list of the spec shows. Parameters have their default or their
/// example instead.
const EXAMPLES: [(&str, &str); 11] = [
    ("/properties/data", "data:\n  path: data/penguins.csv\n  target: species"),
    (
        "/definitions/data/properties/derive",
        "derive: { bill_shape: bill_length_mm / bill_depth_mm }",
    ),
    ("/definitions/data/properties/types", "types: { year: category }"),
    ("/definitions/data/properties/split", "split: { k_fold: { folds: 5 } }"),
    ("/properties/prepare", "prepare:\n  - impute: { numeric: mean }\n  - standardize"),
    ("/properties/model", "model: { random_forest: { n_estimators: 200 } }"),
    ("/properties/importance", "importance: { permutation: { repeats: 10 } }"),
    (
        "/properties/importance/properties/permutation",
        "permutation: { metric: roc_auc, repeats: 10 }",
    ),
    ("/properties/metrics", "metrics:\n  - accuracy\n  - f1: { average: macro }"),
    ("/properties/slices", "slices:\n  by_island: { by: island }"),
    (
        "/properties/thresholds",
        "thresholds:\n  accuracy: \"> 0.9\"\n  accuracy@by_island: { min: 0.85 }",
    ),
];

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    #[test]
    fn every_place_is_there() {
        let schema = schema::generate();
        for (place, example) in EXAMPLES {
            let text =
                schema.pointer(place).and_then(|place| place["markdownDescription"].as_str());
            assert!(text.is_some_and(|text| text.contains(example)), "{place}");
        }
        for place in ["", "/properties/data", "/properties/model", "/properties/thresholds"] {
            assert!(schema.pointer(place).is_some_and(|place| place["defaultSnippets"].is_array()));
        }
    }
}
