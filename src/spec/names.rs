//! Turns the schema of all specs into that of the specs of one table: where a column, a class or a
//! slice is named, the names that there are become choices.
//!
//! The types mark such places: `x-names` says what text names, `x-keys` what the keys of a map
//! name. No schema that is printed has a mark.

use serde_json::{Map, Value, json};

use crate::data::{Classes, Columns, Label};

pub(super) const NAMES: &str = "x-names";
pub(super) const KEYS: &str = "x-keys";

/// Longer lists are of no help to whoever types, and a burden to editors.
const MOST: usize = 1000;

/// The names that a spec of some data can use.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The columns of the file.
    pub file: Columns,
    /// The same with the derived ones.
    pub columns: Columns,
    /// Where the predictions are: the same columns, those of another file, or none if that file
    /// cannot be read.
    pub predictions: Option<Columns>,
    /// The classes of the target, where they are known.
    pub classes: Option<Classes>,
    /// What thresholds can speak of: the name, and the metric that it stands for.
    pub measured: Vec<(String, String)>,
    pub slices: Vec<String>,
}

/// What a marked place names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Column,
    /// Columns, also by globs.
    Columns,
    /// A column of the file, which declares types of no others.
    FileColumn,
    Prediction,
    /// A column that the data and the predictions share.
    Key,
    Class,
}

impl Mark {
    const ALL: [(&'static str, Self); 6] = [
        ("column", Self::Column),
        ("columns", Self::Columns),
        ("column of the file", Self::FileColumn),
        ("prediction", Self::Prediction),
        ("key", Self::Key),
        ("class", Self::Class),
    ];

    pub(super) fn read(mark: &Value) -> Self {
        let found = Self::ALL.into_iter().find(|(name, _)| mark == name);
        found.map(|(_, mark)| mark).expect("a test reads every mark of the schema")
    }

    /// The definition that lists the names.
    fn definition(self) -> &'static str {
        match self {
            Self::Column | Self::Columns => "column",
            Self::FileColumn => "file_column",
            Self::Prediction => "prediction",
            Self::Key => "key_column",
            Self::Class => "class",
        }
    }

    /// Text that is no name and allowed all the same: with variables, or a glob.
    fn free_text(self) -> &'static str {
        match self {
            Self::Columns => r"[*?]|\$\{",
            Self::Column | Self::FileColumn | Self::Prediction | Self::Key | Self::Class => r"\$\{",
        }
    }
}

/// The names of one definition.
struct Choices {
    /// As a map has them for keys, with what is said of each.
    keys: Vec<(String, String)>,
    schema: Value,
}

impl Choices {
    fn of_columns(columns: &Columns, wrong: &str) -> Option<Self> {
        let keys: Vec<(String, String)> = columns
            .infos
            .iter()
            .map(|info| (info.name.to_string(), info.kind.to_string()))
            .collect();
        let (names, docs): (Vec<&str>, Vec<&str>) =
            keys.iter().map(|(name, doc)| (name.as_str(), doc.as_str())).unzip();
        let schema = json!({
            "type": "string",
            "enum": names,
            "markdownEnumDescriptions": docs,
            "errorMessage": wrong,
        });
        (1..=MOST).contains(&keys.len()).then_some(Self { keys, schema })
    }

    fn of_classes(classes: &Classes) -> Option<Self> {
        let keys: Vec<(String, String)> =
            classes.labels().iter().map(|label| (label.to_string(), String::new())).collect();
        let names: Vec<Value> = classes.labels().iter().flat_map(spellings).collect();
        // Text comes first: then editors write the quotes of `"6"`.
        let mut types = vec!["string"];
        for kind in names.iter().map(type_of) {
            if !types.contains(&kind) {
                types.push(kind);
            }
        }
        let schema = json!({
            "type": types,
            "enum": names,
            "errorMessage": "The target has no such class.",
        });
        (1..=MOST).contains(&keys.len()).then_some(Self { keys, schema })
    }
}

/// A class as specs write it: `6` and `"6"` are the same one.
fn spellings(label: &Label) -> Vec<Value> {
    let text = label.to_string();
    let bare = serde_json::from_str::<Value>(&text)
        .ok()
        .filter(|value| value.is_number() || value.is_boolean())
        .filter(|value| format!("{value}") == text);
    bare.into_iter().chain([Value::String(text)]).collect()
}

fn type_of(name: &Value) -> &'static str {
    match name {
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => "string",
    }
}

/// Removes the marks.
pub fn strip(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.shift_remove(NAMES);
            object.shift_remove(KEYS);
            object.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Names {
    /// Puts the names in the places of the marks.
    pub fn fill_in(&self, schema: &mut Value) {
        let mut lists: Vec<(&str, Choices)> = Vec::new();
        for (_, mark) in Mark::ALL {
            let name = mark.definition();
            if lists.iter().all(|(other, _)| *other != name)
                && let Some(choices) = self.choices(mark)
            {
                lists.push((name, choices));
            }
        }
        let mut places = Places { lists, values: Vec::new() };
        places.fill(schema);
        self.add_thresholds(schema);
        let Places { lists, values } = places;
        if let Some(definitions) = schema.get_mut("definitions").and_then(Value::as_object_mut) {
            let lists = lists.into_iter().map(|(name, choices)| (name.to_owned(), choices.schema));
            definitions.extend(lists);
            let values = values.into_iter().enumerate();
            definitions.extend(values.map(|(at, value)| (value_definition(at), value)));
        }
    }

    fn choices(&self, mark: Mark) -> Option<Choices> {
        match mark {
            Mark::Column | Mark::Columns => {
                Choices::of_columns(&self.columns, "The data has no such column.")
            }
            Mark::FileColumn => Choices::of_columns(&self.file, "The file has no such column."),
            Mark::Prediction => Choices::of_columns(
                self.predictions.as_ref()?,
                "The predictions have no such column.",
            ),
            Mark::Key => {
                let mut shared = self.predictions.clone()?;
                shared.infos.retain(|info| self.columns.get(&info.name).is_some());
                Choices::of_columns(&shared, "The data and the predictions share no such column.")
            }
            Mark::Class => Choices::of_classes(self.classes.as_ref()?),
        }
    }

    /// Offers the spec's own names for thresholds, and each metric of the spec on each slice.
    fn add_thresholds(&self, schema: &mut Value) {
        let at = "/properties/thresholds/properties";
        let Some(properties) = schema.pointer_mut(at).and_then(Value::as_object_mut) else {
            return;
        };
        let mut more = Map::new();
        for (name, metric) in &self.measured {
            let Some(threshold) = properties.get(metric) else { continue };
            if !properties.contains_key(name) {
                more.insert(name.clone(), threshold.clone());
            }
            for slice in &self.slices {
                more.insert(format!("{name}@{slice}"), threshold.clone());
            }
        }
        properties.extend(more.into_iter().take(MOST));
    }
}

fn value_definition(at: usize) -> String {
    format!("value_{}", at + 1)
}

/// The names by definition, and what is found on the way.
struct Places {
    lists: Vec<(&'static str, Choices)>,
    /// What the values of maps must be whose keys are names: definitions, so that a map of many
    /// names stays short.
    values: Vec<Value>,
}

impl Places {
    /// Fills in what is below, and says whether this place itself names something.
    fn fill(&mut self, schema: &mut Value) -> bool {
        match schema {
            Value::Object(object) => self.fill_object(object),
            Value::Array(items) => {
                for item in items {
                    self.fill(item);
                }
                false
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }

    fn fill_object(&mut self, object: &mut Map<String, Value>) -> bool {
        let names = object.shift_remove(NAMES).map(|mark| Mark::read(&mark));
        let keys = object.shift_remove(KEYS).map(|mark| Mark::read(&mark));
        let mut of_parts = false;
        for (key, value) in object.iter_mut() {
            match (key.as_str(), value) {
                ("properties", Value::Object(properties)) => {
                    for property in properties.values_mut() {
                        of_parts |= self.fill(property);
                    }
                }
                ("items", items) => of_parts |= self.fill(items),
                (_, value) => {
                    self.fill(value);
                }
            }
        }
        let known = |mark: Mark| self.lists.iter().find(|(name, _)| *name == mark.definition());
        let named = names.filter(|mark| known(*mark).is_some());
        let keyed = keys.and_then(known).map(|(_, choices)| &choices.keys);
        if named.is_some() || keyed.is_some() || of_parts {
            // An example of other data would be offered beside the names of this.
            object.shift_remove("examples");
        }
        if let Some(keys) = keyed
            && let Some(value) = object.insert("additionalProperties".to_owned(), json!(false))
        {
            let reference = format!("#/definitions/{}", value_definition(self.values.len()));
            let property = |(name, doc): &(String, String)| {
                let mut property = json!({ "$ref": reference });
                if !doc.is_empty() {
                    property["description"] = json!(doc);
                }
                (name.clone(), property)
            };
            let properties: Map<String, Value> = keys.iter().map(property).collect();
            object.insert("properties".to_owned(), Value::Object(properties));
            self.values.push(value);
        }
        if let Some(mark) = named {
            choose(object, mark);
        }
        named.is_some()
    }
}

/// Text that is one of the names, or free; a list beside it stays as it is.
fn choose(object: &mut Map<String, Value>, mark: Mark) {
    let mut branches = vec![
        json!({ "$ref": format!("#/definitions/{}", mark.definition()) }),
        json!({ "type": "string", "pattern": mark.free_text() }),
    ];
    let also_lists = object
        .get("type")
        .and_then(Value::as_array)
        .is_some_and(|types| types.contains(&json!("array")));
    if also_lists {
        branches.push(json!({ "type": "array" }));
    }
    if mark == Mark::Class {
        // The types of the classes are those of their list.
        object.shift_remove("type");
    }
    object.insert("anyOf".to_owned(), Value::Array(branches));
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;
    use crate::data::{ColumnInfo, ColumnKind};

    fn columns(names: &[&str]) -> Columns {
        let info = |name: &&str| ColumnInfo {
            name: (*name).into(),
            kind: ColumnKind::Float,
            missing: None,
        };
        Columns { infos: names.iter().map(info).collect(), rows: None }
    }

    fn names() -> Names {
        Names {
            file: columns(&["a", "x*"]),
            columns: columns(&["a", "x*", "derived"]),
            predictions: Some(columns(&["a", "p"])),
            classes: Some(Classes::new([1, 2].map(Label::Integer).to_vec())),
            measured: vec![("mine".to_owned(), "recall".to_owned())],
            slices: vec!["part".to_owned()],
        }
    }

    #[test]
    fn each_mark_lists_what_it_may_name() {
        let schema = schema::generate_for(&names());
        let listed = |name: &str| schema["definitions"][name]["enum"].clone();
        assert_eq!(listed("column"), json!(["a", "x*", "derived"]));
        assert_eq!(listed("file_column"), json!(["a", "x*"]));
        assert_eq!(listed("prediction"), json!(["a", "p"]));
        assert_eq!(listed("key_column"), json!(["a"]));
        assert_eq!(listed("class"), json!([1, "1", 2, "2"]));
    }

    #[test]
    fn weights_of_classes_have_the_classes_as_keys() {
        let schema = schema::generate_for(&names());
        let weight = &schema["definitions"]["model.svm"]["properties"]["class_weight"];
        let keys: Vec<&String> = weight["then"]["properties"].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["1", "2"]);
        assert_eq!(weight["then"]["additionalProperties"], json!(false));
    }

    #[test]
    fn what_is_not_known_stays_as_it_was() {
        let nothing = Names::default();
        assert_eq!(schema::generate_for(&nothing), schema::generate());
        let wide: Vec<String> = (0..=MOST).map(|at| at.to_string()).collect();
        let wide = columns(&wide.iter().map(String::as_str).collect::<Vec<_>>());
        let wide = Names { file: wide.clone(), columns: wide, ..Names::default() };
        assert_eq!(schema::generate_for(&wide), schema::generate());
    }

    #[test]
    fn a_class_has_each_spelling_that_a_spec_may_use() {
        let text = |text: &str| spellings(&Label::Text(text.into()));
        assert_eq!(text("6"), [json!(6), json!("6")]);
        assert_eq!(text("true"), [json!(true), json!("true")]);
        assert_eq!(text("1.5"), [json!(1.5), json!("1.5")]);
        assert_eq!(text("06"), [json!("06")]);
        assert_eq!(text("null"), [json!("null")]);
        assert_eq!(text("[1]"), [json!("[1]")]);
        assert_eq!(spellings(&Label::Bool(false)), [json!(false), json!("false")]);
    }
}
