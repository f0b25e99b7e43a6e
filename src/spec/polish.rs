//! Turns the schema that schemars writes into one that editors show well.
//! Which schema there is at all is left to `schema`.

use serde_json::{Map, Value, json};

use crate::kinds::family;

/// Turns what schemars writes into what editors show well: enums inline, no null for optional
/// values, and defaults and ranges in the hover text.
pub fn polish(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            drop_null_branch(object);
            inline_enum(object);
            bound_integers(object);
            for (key, value) in object.iter_mut() {
                // These hold schemas under names of their own, which may be any word.
                match key.as_str() {
                    "properties" | "definitions" | "patternProperties" => {
                        let schemas = value.as_object_mut().into_iter().flatten();
                        schemas.for_each(|(_, each)| polish(each));
                    }
                    // A map among these is a value of the author's, not a schema.
                    "default" | "examples" | "enum" | "const" if !value.is_number() => {}
                    _ => polish(value),
                }
            }
            if let Some(Value::Object(properties)) = object.get_mut("properties") {
                properties.values_mut().for_each(polish_property);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(polish),
        Value::Number(number) => {
            // Whole limits read as whole numbers, whatever their type in the code.
            if let Some(whole) = number.as_f64().filter(|value| value.fract() == 0.0)
                && number.is_f64()
                && whole.abs() < 1e15
            {
                *schema = json!(whole as i64);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Descriptions and defaults of one property, or of the whole.
pub fn polish_property(property: &mut Value) {
    let Some(object) = property.as_object_mut() else { return };
    let is_kind = object.contains_key("allOf");
    if !is_kind && let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let says_nothing =
        |default: &Value| default.is_null() || *default == json!([]) || *default == json!({});
    if object.get("default").is_some_and(says_nothing) {
        object.remove("default");
    }
    // With both, editors insert neither.
    if object.contains_key("default") {
        object.remove("examples");
    }
    if let Some(description) = object.get("description").and_then(Value::as_str) {
        let text = description.to_owned();
        // Lines of an example stay lines.
        let on_one_line = |paragraph: &str| match paragraph.starts_with("```") {
            true => paragraph.to_owned(),
            false => family::first_paragraph(paragraph),
        };
        let paragraphs: Vec<String> = text.split("\n\n").map(on_one_line).collect();
        if !object.contains_key("markdownDescription") {
            let mut markdown = paragraphs.join("\n\n");
            if let Some(facts) = facts(object) {
                markdown.push_str(&format!("\n\n_{facts}_"));
            }
            object.insert("markdownDescription".to_owned(), Value::String(markdown));
        }
        let plain = paragraphs.first().cloned().unwrap_or_default().replace('`', "");
        object.insert("description".to_owned(), Value::String(plain));
    }
}

/// A type of JSON in the words of the diagnostics.
fn type_words(name: &str) -> &str {
    match name {
        "string" => "text",
        "integer" => "whole number",
        "boolean" => "true or false",
        "array" => "list",
        "object" => "map",
        other => other,
    }
}

/// Type, range and default on one line.
fn facts(object: &Map<String, Value>) -> Option<String> {
    let mut facts = Vec::new();
    match object.get("type") {
        Some(Value::String(name)) if name != "object" => facts.push(type_words(name).to_owned()),
        Some(Value::Array(names)) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).map(type_words).collect();
            facts.push(names.join(" or "));
        }
        _ => {}
    }
    for (key, sign) in
        [("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<")]
    {
        let of_the_type =
            |limit: &Value| limit.as_f64().is_some_and(|end| end.abs() >= i32::MAX.into());
        if let Some(limit) = object.get(key).filter(|limit| !of_the_type(limit)) {
            facts.push(format!("{sign} {limit}"));
        }
    }
    match object.get("default") {
        Some(default) => facts.push(format!("default `{default}`")),
        None => {
            if let Some(example) = object.get("examples").and_then(|list| list.get(0)) {
                facts.push(format!("for example `{example}`"));
            }
        }
    }
    (!facts.is_empty()).then(|| facts.join(", "))
}

/// A number that the code cannot hold is out of range for the author, too. Seeds end where JSON
/// numbers stop being exact.
fn bound_integers(object: &mut Map<String, Value>) {
    let exact = (1_i64 << 53) - 1;
    let (least, largest) = match object.remove("format").as_ref().and_then(Value::as_str) {
        Some("uint32") => (None, u32::MAX.into()),
        Some("uint64" | "uint") => (None, exact),
        Some("int32") => (Some(i32::MIN.into()), i32::MAX.into()),
        Some("int64" | "int") => (Some(-exact), exact),
        _ => return,
    };
    if let Some(least) = least {
        object.entry("minimum").or_insert_with(|| json!(least));
    }
    object.entry("maximum").or_insert_with(|| json!(largest));
}

/// `anyOf` of something and null, which is how an optional value comes out, is that something.
fn drop_null_branch(object: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = object.get_mut("anyOf") else { return };
    branches.retain(|branch| branch.get("type") != Some(&json!("null")));
    if let [Value::Object(only)] = branches.as_mut_slice() {
        let only = std::mem::take(only);
        object.remove("anyOf");
        for (key, value) in only {
            object.entry(key).or_insert(value);
        }
    }
}

/// `oneOf` of documented constants becomes `enum` with a list of descriptions.
fn inline_enum(object: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = object.get("oneOf") else { return };
    let constants: Option<Vec<(Value, String)>> = branches
        .iter()
        .map(|branch| {
            let constant = branch.get("const")?.clone();
            let doc = branch.get("description").and_then(Value::as_str).unwrap_or_default();
            Some((constant, family::first_paragraph(doc)))
        })
        .collect();
    if let Some(constants) = constants {
        let (names, docs): (Vec<Value>, Vec<String>) = constants.into_iter().unzip();
        object.remove("oneOf");
        object.insert("type".to_owned(), json!("string"));
        object.insert("enum".to_owned(), Value::Array(names));
        object.insert("markdownEnumDescriptions".to_owned(), json!(docs));
    }
}
