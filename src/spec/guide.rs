//! Answers what may stand at a route, from the same schema that specs are checked against.
//! What the data adds to it is left to whoever knows them: a place says which names it takes.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::catalogue::catalogues;
use super::names::{KEYS, Mark, NAMES};
use super::schema;
use crate::diagnostic::Segment;

static GUIDE: LazyLock<Guide> = LazyLock::new(Guide::new);

/// The schema, with its marks, as something to walk through.
#[derive(Debug)]
pub struct Guide {
    schema: Value,
    /// What stands beside a kind in lists, by its definition: `model.ridge`.
    notes: HashMap<String, String>,
}

/// What may stand at one place: parts that hold together, the outermost first.
#[derive(Clone, Debug)]
pub struct Place<'g> {
    guide: &'g Guide,
    parts: Vec<&'g Map<String, Value>>,
}

/// A value that may stand at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice<'g> {
    pub value: Value,
    /// Markdown.
    pub doc: Option<&'g str>,
}

impl Guide {
    pub fn get() -> &'static Self {
        &GUIDE
    }

    fn new() -> Self {
        let mut notes = HashMap::new();
        for family in catalogues() {
            for kind in family.kinds {
                notes.insert(format!("{}.{}", family.noun, kind.name), kind.note);
            }
        }
        Self { schema: schema::marked(), notes }
    }

    /// The place at a route; none where the language has nothing to say.
    pub fn at(&self, route: &[Segment]) -> Option<Place<'_>> {
        let mut place = self.place(&self.schema);
        for segment in route {
            place = match segment {
                Segment::Key(key) => place.under(key)?,
                Segment::Index(_) => place.item()?,
            };
        }
        Some(place)
    }

    fn place<'g>(&'g self, schema: &'g Value) -> Place<'g> {
        let mut place = Place { guide: self, parts: Vec::new() };
        place.add(schema);
        place
    }

    /// The rules between the parameters of a kind: what breaks one, and what is said then.
    fn rules_of_kind(&self, definition: &str) -> Vec<(&Value, &Value)> {
        let Some((noun, kind)) = definition.split_once('.') else { return Vec::new() };
        let family = self.schema["definitions"][format!("{noun}.rules")].as_object();
        let rules = family.into_iter().flat_map(rules_of);
        let [broken, told] = ["/if/not", "/else"].map(|at| format!("{at}/properties/{kind}"));
        rules.filter_map(|rule| Some((rule.pointer(&broken)?, rule.pointer(&told)?))).collect()
    }

    fn definition(&self, reference: &str) -> Option<&Value> {
        self.schema.pointer(reference.strip_prefix('#')?)
    }
}

impl<'g> Place<'g> {
    fn add(&mut self, schema: &'g Value) {
        let Some(part) = schema.as_object() else { return };
        self.parts.push(part);
        if let Some(target) = reference(part).and_then(|name| self.guide.definition(name)) {
            self.add(target);
        }
        for also in part.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            if also.get("if").is_none() {
                self.add(also);
            }
        }
        // Which type it has decides between the two; here it can have either.
        if part.get("if").is_some_and(|test| test.get("type").is_some()) {
            for branch in ["then", "else"] {
                if let Some(branch) = part.get(branch) {
                    self.add(branch);
                }
            }
        }
    }

    /// What may stand under a key.
    pub fn under(&self, key: &str) -> Option<Self> {
        let property = |part: &&'g Map<String, Value>| part.get("properties")?.get(key);
        let named = self.parts.iter().find_map(property).filter(|schema| schema.is_object());
        let other = |part: &&'g Map<String, Value>| {
            part.get("additionalProperties").filter(|schema| schema.is_object())
        };
        let schema = named.or_else(|| self.parts.iter().find_map(other))?;
        Some(self.guide.place(schema))
    }

    /// What an item of a list may be.
    pub fn item(&self) -> Option<Self> {
        let items = self.parts.iter().find_map(|part| part.get("items"))?;
        Some(self.guide.place(items))
    }

    /// The keys that the language has here, the required ones first.
    pub fn keys(&self) -> Vec<(&'g str, Self)> {
        let mut keys: Vec<(&str, Self)> = Vec::new();
        let all = self.parts.iter().filter_map(|part| part.get("properties")?.as_object());
        for (name, schema) in all.flatten() {
            if schema.is_object() && keys.iter().all(|(other, _)| other != name) {
                keys.push((name, self.guide.place(schema)));
            }
        }
        keys.sort_by_key(|(name, _)| !self.requires(name));
        keys
    }

    pub fn requires(&self, key: &str) -> bool {
        let required = |part: &&Map<String, Value>| {
            part.get("required")
                .and_then(Value::as_array)
                .is_some_and(|list| list.iter().any(|each| each == key))
        };
        self.parts.iter().any(required)
    }

    /// Whether a key may join others.
    pub fn admits(&self, key: &str, others: &[String]) -> bool {
        if self.is_single() && !others.is_empty() {
            return false;
        }
        let mut with: Vec<&str> = others.iter().map(String::as_str).collect();
        with.push(key);
        // What a key brings with it has to fit as well: `test` asks for `train`, which excludes `path`.
        self.brought(key, &with).is_some_and(|missing| {
            missing.iter().all(|missing| {
                let mut with = with.clone();
                with.push(missing);
                self.brought(missing, &with).is_some()
            })
        })
    }

    /// What else is required once a key is among others; none where it may not be.
    fn brought(&self, key: &str, with: &[&str]) -> Option<Vec<String>> {
        let own = self.parts.iter().flat_map(|part| rules_of(part));
        let own = own.filter_map(|rule| Some((rule.pointer("/if/not")?, rule.get("else")?)));
        let of_kind = self.definition().into_iter().flat_map(|kind| self.guide.rules_of_kind(kind));
        let mut missing = Vec::new();
        for (broken, told) in own.chain(of_kind) {
            missing.extend(brought(broken, told, key, with)?);
        }
        Some(missing)
    }

    /// Whether it is a map with one key, which names a kind.
    pub fn is_single(&self) -> bool {
        self.parts.iter().any(|part| part.get("maxProperties").is_some_and(|most| *most == 1))
    }

    /// What is said of the place, in markdown.
    pub fn doc(&self) -> Option<&'g str> {
        let text = |key: &str| self.parts.iter().find_map(|part| part.get(key)?.as_str());
        text("markdownDescription").or_else(|| text("description"))
    }

    /// A few words about a kind: its tasks, for example.
    pub fn note(&self) -> Option<&'g str> {
        let name = self.definition()?;
        self.guide.notes.get(name).map(String::as_str).filter(|note| !note.is_empty())
    }

    /// The kind that stands here: `model.ridge`; none where it is no kind.
    pub fn definition(&self) -> Option<&'g str> {
        let all = self.parts.first()?.get("allOf")?.as_array()?;
        let name = reference(all.first()?.as_object()?)?.strip_prefix("#/definitions/")?;
        self.guide.notes.contains_key(name).then_some(name)
    }

    /// The values that the language lists.
    pub fn choices(&self) -> Vec<Choice<'g>> {
        let mut choices: Vec<Choice<'g>> = Vec::new();
        for part in &self.parts {
            let docs = part.get("markdownEnumDescriptions").and_then(Value::as_array);
            let values = part.get("enum").and_then(Value::as_array);
            for (at, value) in values.into_iter().flatten().enumerate() {
                let doc = docs.and_then(|docs| docs.get(at)?.as_str());
                choices.push(Choice { value: value.clone(), doc });
            }
            choices
                .extend(part.get("const").map(|value| Choice { value: value.clone(), doc: None }));
        }
        if choices.is_empty() && self.types() == ["boolean"] {
            let both = [true, false];
            choices.extend(both.map(|value| Choice { value: Value::Bool(value), doc: None }));
        }
        choices
    }

    /// The value that stands for the place where nothing is written.
    pub fn default(&self) -> Option<&'g Value> {
        self.parts.iter().find_map(|part| part.get("default"))
    }

    pub fn example(&self) -> Option<&'g Value> {
        self.parts.iter().find_map(|part| part.get("examples")?.get(0))
    }

    /// The types of JSON that a value may have; none where all are allowed.
    pub fn types(&self) -> Vec<&'g str> {
        match self.parts.iter().find_map(|part| part.get("type")) {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    pub fn takes(&self, kind: &str) -> bool {
        let types = self.types();
        types.is_empty() || types.contains(&kind)
    }

    /// What text names here: a column, a class.
    pub fn names(&self) -> Option<Mark> {
        self.parts.iter().find_map(|part| part.get(NAMES)).map(Mark::read)
    }

    /// What the keys of the map name.
    pub fn names_of_keys(&self) -> Option<Mark> {
        self.parts.iter().find_map(|part| part.get(KEYS)).map(Mark::read)
    }
}

fn rules_of(part: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    part.get("allOf").and_then(Value::as_array).into_iter().flatten()
}

/// What a rule requires once a key is among others; none where it forbids that. Of rules about values
/// nothing is known before there are some.
fn brought(broken: &Value, told: &Value, key: &str, with: &[&str]) -> Option<Vec<String>> {
    let texts = |list: Option<&Value>| -> Vec<String> {
        let list = list.and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
    };
    let there = |name: &str| with.contains(&name);
    let needed = texts(broken.get("required"));
    let is_needed = needed.iter().any(|needed| needed == key);
    // What is refused by a name is so below the keys, beside some model.
    let is_needed = is_needed && reference_of(told).is_none();
    if !is_needed || broken.get("properties").is_some() || !needed.iter().all(|name| there(name)) {
        return Some(Vec::new());
    }
    // A key that is there already keeps the rule.
    let nots = std::iter::once(broken).chain(broken["allOf"].as_array().into_iter().flatten());
    let mut missing = nots.flat_map(|part| texts(part.pointer("/not/required")));
    if missing.any(|name| there(&name)) {
        return Some(Vec::new());
    }
    let wanted = texts(told.get("required"));
    if wanted.is_empty() { None } else { Some(wanted) }
}

fn reference(part: &Map<String, Value>) -> Option<&str> {
    part.get("$ref")?.as_str()
}

fn reference_of(schema: &Value) -> Option<&str> {
    reference(schema.as_object()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Route;

    fn place(route: &Route) -> Place<'static> {
        Guide::get().at(route.segments()).unwrap()
    }

    fn keys(route: &Route) -> Vec<&'static str> {
        place(route).keys().into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn the_root_lists_its_sections() {
        let root = keys(&Route::root());
        assert_eq!(
            root[..4],
            ["version", "data", "model", "thresholds"],
            "the required ones first"
        );
        assert!(root.contains(&"slices"));
        assert_eq!(place(&Route::root().key("version")).choices()[0].value, 1);
    }

    #[test]
    fn kinds_stand_in_maps_and_lists_and_inside_each_other() {
        let model = Route::root().key("model");
        assert!(keys(&model).contains(&"ridge"));
        assert!(place(&model).is_single());
        let alpha = place(&model.key("ridge").key("alpha"));
        assert_eq!(alpha.default(), Some(&Value::from(1)));
        assert!(alpha.doc().unwrap().contains("default `1`"));
        let member = model.key("voting").key("of").index(0).key("search").key("model");
        assert!(keys(&member.key("ridge")).contains(&"alpha"));
        let step = Route::root().key("prepare").index(3);
        assert!(keys(&step).contains(&"impute"));
        assert!(place(&step).choices().iter().any(|choice| choice.value == "impute"));
        assert_eq!(place(&model.key("ridge")).definition(), Some("model.ridge"));
        assert_eq!(place(&model.key("ridge")).note(), Some("regression"));
        assert_eq!(place(&alpha_route()).definition(), None);
    }

    fn alpha_route() -> Route {
        Route::root().key("model").key("ridge").key("alpha")
    }

    #[test]
    fn names_are_marked() {
        let data = Route::root().key("data");
        assert_eq!(place(&data.key("target")).names(), Some(Mark::Column));
        assert_eq!(place(&data.key("exclude").index(0)).names(), Some(Mark::Columns));
        assert_eq!(place(&data.key("types")).names_of_keys(), Some(Mark::FileColumn));
        assert_eq!(place(&data.key("positive")).names(), Some(Mark::Class));
        let f1 = Route::root().key("metrics").index(0).key("f1");
        assert_eq!(place(&f1.key("class")).names(), Some(Mark::Class));
        assert!(keys(&f1).contains(&"as"));
    }

    #[test]
    fn what_excludes_each_other_is_not_admitted() {
        let data = place(&Route::root().key("data"));
        let there = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(!data.admits("path", &there(&["train"])));
        assert!(!data.admits("train", &there(&["path"])));
        assert!(data.admits("test", &there(&["train"])));
        assert!(!data.admits("test", &there(&["path"])));
        assert!(data.admits("train", &there(&[])));
        let bound = place(&Route::root().key("thresholds").key("accuracy@part"));
        assert!(!bound.admits("min", &there(&["above"])));
        assert!(bound.admits("max", &there(&["above"])));
        assert!(bound.takes("array") && bound.item().unwrap().takes("string"));
        let model = place(&Route::root().key("model"));
        assert!(!model.admits("ridge", &there(&["lasso"])));
        let given = place(&Route::root().key("model").key("predictions"));
        assert!(!given.admits("value", &there(&["label"])));
        assert!(given.admits("probability", &there(&["label"])));
        // Which penalty there is, is not known before it is written.
        let logistic = place(&Route::root().key("model").key("logistic_regression"));
        assert!(logistic.admits("l1_ratio", &there(&["c"])));
    }

    #[test]
    fn nothing_is_said_of_free_places() {
        let at = |route: Route| Guide::get().at(route.segments()).is_some();
        assert!(!at(Route::root().key("x-mine")));
        assert!(!at(Route::root().key("data").key("path").key("none").index(0)));
    }
}
