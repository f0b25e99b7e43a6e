//! Properties of documents and decoding over specs that are generated from the schema.
//! Spans of aliases, block scalars and multi-byte text are tested where they are found, in `text`.

use std::cell::Cell;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use jsonschema::Validator;
use mlspec::data::{Classes, ColumnInfo, ColumnKind, Columns, Label};
use mlspec::diagnostic::{Code, Diagnostic, Part, Place, Route, Segment};
use mlspec::plan::{Known, bind, lower};
use mlspec::session::schema_text;
use mlspec::spec::catalogue::catalogues;
use mlspec::spec::{BoundText, Period, decode};
use mlspec::text::{Document, Source};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Map, Value, json};

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&schema_text()).expect("the schema is JSON"));

static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft7::new(&SCHEMA).expect("the schema is valid"));

/// Numbers that a generator chooses by. When they run out it takes the first choice each time, so
/// that fewer and smaller numbers mean a smaller spec.
struct Choices<'t> {
    tape: &'t [u32],
    at: usize,
}

impl<'t> Choices<'t> {
    fn new(tape: &'t [u32]) -> Self {
        Self { tape, at: 0 }
    }

    fn next(&mut self) -> u32 {
        let next = self.tape.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        next
    }

    /// A number below `count`.
    fn below(&mut self, count: usize) -> usize {
        self.next() as usize % count.max(1)
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// True once in so many times.
    fn rarely(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }
}

fn tape() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), 0..160)
}

// Specs from the schema.

const TEXTS: &[&str] = &[
    "species",
    "a",
    "bill_*",
    "island",
    "data/penguins.csv",
    "mass > 4000",
    "${HOME}",
    "${HOME:-b}/x.csv",
    "$${HOME}",
    "a ${HOME} é",
    "no",
    "1",
    "1.50",
    "null",
    "~",
    "",
    " ",
    "- a",
    "a: b",
    "# a",
    "a #b",
    "é😀",
    "\u{feff}",
    "two\nlines\n",
    "\ttab",
    "'",
    "\"",
    "\\",
    "*a",
    "&a",
    "!a",
    "%a",
    "@a",
    "`a`",
    "{",
    "[",
    "> 0.8",
    "|",
    ">",
    "?",
    "0x1F",
    "1e3",
    ".inf",
    "2026-01-01",
    "<<",
    "$written",
    "count(*) > 1",
    "https://example.org/a.csv",
    "x.tsv",
    "x.parquet",
    "../x",
];
const NAMES: &[&str] = &["f1", "accuracy", "mae", "my_recall", "a", "z9_", "gentoo_recall", "no"];
const NUMBERS: &[&str] =
    &["0.8", "0", "1", "-1", "+.5", "12", "1e-3", "1E+2", "0.95", "007", "1e30"];
const KEYS: &[&str] =
    &["species", "mass", "a b", "$written", "$value", "1", "no", "é", "${HOME}", "yes"];

/// A value for a schema; most of the time one that it accepts.
fn value(schema: &Value, choices: &mut Choices<'_>) -> Value {
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    let schema = resolved(schema);
    if schema.get("if") == Some(&json!({ "type": "object" })) {
        let branch = if choices.rarely(2) { "then" } else { "else" };
        return value(&schema[branch], choices);
    }
    if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
        return value(choices.one(branches), choices);
    }
    if let Some(names) = schema.get("enum").and_then(Value::as_array) {
        return choices.one(names).clone();
    }
    let kind = match schema.get("type") {
        Some(Value::String(one)) => one.clone(),
        Some(Value::Array(many)) => choices.one(many).as_str().unwrap_or("null").to_owned(),
        _ => "object".to_owned(),
    };
    match kind.as_str() {
        "string" => Value::String(text(schema, choices)),
        "integer" => integer(schema, choices),
        "number" => number(schema, choices),
        "boolean" => Value::Bool(choices.rarely(2)),
        "array" => {
            let items = find(schema, "items").unwrap_or(&Value::Null);
            let least = find(schema, "minItems").and_then(Value::as_u64).unwrap_or(0);
            let count = least as usize + choices.below(4);
            (0..count).map(|_| value(items, choices)).collect()
        }
        "object" => object(schema, choices),
        _ => Value::Null,
    }
}

/// A keyword of a schema, or of what it refers to.
fn find<'s>(schema: &'s Value, key: &str) -> Option<&'s Value> {
    let branches = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    schema.get(key).or_else(|| branches.map(resolved).find_map(|branch| find(branch, key)))
}

fn resolved(schema: &Value) -> &Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(target) => SCHEMA.pointer(target.trim_start_matches('#')).expect("a definition"),
        None => schema,
    }
}

fn size(schema: &Value, key: &str) -> Option<usize> {
    schema.get(key)?.as_u64().and_then(|size| usize::try_from(size).ok())
}

fn text(schema: &Value, choices: &mut Choices<'_>) -> String {
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
        return match pattern {
            rule if rule.contains("worst") => {
                (*choices.one(&["mean", "worst", "pooled", "4 of 5", "5 of 5"])).to_owned()
            }
            bound if *bound == BoundText::pattern() => bound_text(choices),
            Period::PATTERN => {
                (*choices.one(&["30s", "1.5h", "200ms", "999999999h", "0.01ms"])).to_owned()
            }
            one if one.contains("x7f") => (*choices.one(&[";", "|", "\t"])).to_owned(),
            _ => (*choices.one(NAMES)).to_owned(),
        };
    }
    let most = size(schema, "maxLength").unwrap_or(usize::MAX);
    let least = size(schema, "minLength").unwrap_or(0);
    let fitting: Vec<&str> = TEXTS
        .iter()
        .copied()
        .filter(|text| (least..=most).contains(&text.chars().count()))
        .collect();
    (*choices.one(&fitting)).to_owned()
}

fn bound_text(choices: &mut Choices<'_>) -> String {
    let [a, b] = [*choices.one(NUMBERS), *choices.one(NUMBERS)];
    let blank = *choices.one(&[" ", "", "  "]);
    match choices.below(7) {
        0 => format!("> {a}"),
        1 => format!(">={blank}{a}"),
        2 => format!("<{blank}{a}"),
        3 => format!("<= {a}"),
        4 => format!("{a}{blank}..{blank}{b}"),
        5 => format!("{a} .."),
        _ => format!("..{blank}{a}"),
    }
}

fn limit(schema: &Value, key: &str) -> Option<f64> {
    schema.get(key).and_then(Value::as_f64)
}

fn integer(schema: &Value, choices: &mut Choices<'_>) -> Value {
    let candidates = [
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(7),
        json!(100),
        json!(1000),
        json!(1_000_000),
        json!(u32::MAX),
        json!(1_u64 << 32),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(5.0),
        json!(-1),
        json!(1e15),
        json!(1e19),
        json!(1e30),
        schema["minimum"].clone(),
        schema["maximum"].clone(),
        schema["default"].clone(),
    ];
    pick(schema, &candidates, choices)
}

fn number(schema: &Value, choices: &mut Choices<'_>) -> Value {
    let next = |key, up: bool| {
        limit(schema, key).map_or(Value::Null, |limit: f64| {
            json!(if up { limit.next_up() } else { limit.next_down() })
        })
    };
    let candidates = [
        json!(0),
        json!(0.5),
        json!(1),
        json!(1.0),
        json!(0.25),
        json!(-0.5),
        json!(-0.0),
        json!(5e-324),
        json!(f64::MAX),
        json!(1e-9),
        json!(12),
        json!(u64::MAX),
        json!(i64::MIN),
        schema["minimum"].clone(),
        schema["maximum"].clone(),
        next("exclusiveMinimum", true),
        next("exclusiveMaximum", false),
        schema["default"].clone(),
    ];
    pick(schema, &candidates, choices)
}

/// One of the numbers that lie in the range of the schema.
fn pick(schema: &Value, candidates: &[Value], choices: &mut Choices<'_>) -> Value {
    let fits = |value: &&Value| {
        value.as_f64().is_some_and(|number| {
            limit(schema, "minimum").is_none_or(|limit| number >= limit)
                && limit(schema, "maximum").is_none_or(|limit| number <= limit)
                && limit(schema, "exclusiveMinimum").is_none_or(|limit| number > limit)
                && limit(schema, "exclusiveMaximum").is_none_or(|limit| number < limit)
        })
    };
    let fitting: Vec<&Value> = candidates.iter().filter(fits).collect();
    (*choices.one(&fitting)).clone()
}

/// What several schemas say together of one map.
#[derive(Default)]
struct Shape<'s> {
    properties: Vec<(&'s str, &'s Value)>,
    required: Vec<&'s str>,
    others: Option<&'s Value>,
    names: bool,
    least: usize,
    most: Option<usize>,
}

impl<'s> Shape<'s> {
    fn add(&mut self, schema: &'s Value) {
        let schema = resolved(schema);
        let properties = schema.get("properties").and_then(Value::as_object);
        self.properties
            .extend(properties.into_iter().flatten().map(|(name, inner)| (name.as_str(), inner)));
        let required = schema.get("required").and_then(Value::as_array);
        self.required.extend(required.into_iter().flatten().filter_map(Value::as_str));
        self.others = self.others.or(schema.get("additionalProperties").filter(|s| s.is_object()));
        self.names |= schema.get("propertyNames").is_some();
        self.least = self.least.max(size(schema, "minProperties").unwrap_or(0));
        self.most = self.most.or(size(schema, "maxProperties"));
        for branch in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.add(branch);
        }
    }
}

fn object(schema: &Value, choices: &mut Choices<'_>) -> Value {
    let mut shape = Shape::default();
    shape.add(schema);
    let mut map = Map::new();
    for (name, inner) in &shape.properties {
        if shape.required.contains(name) && **inner != false {
            map.insert((*name).to_owned(), value(inner, choices));
        }
    }
    let known: Vec<_> = shape.properties.iter().filter(|(_, inner)| **inner != false).collect();
    let more = shape.least + choices.below(4);
    for _ in 0..more {
        if shape.most.is_some_and(|most| map.len() >= most) {
            break;
        }
        match shape.others {
            Some(others) if known.is_empty() || choices.rarely(4) => {
                let key = *choices.one(if shape.names { NAMES } else { KEYS });
                map.insert(key.to_owned(), value(others, choices));
            }
            _ if known.is_empty() => {}
            _ => {
                let (name, inner) = choices.one(&known);
                map.insert((*name).to_owned(), value(inner, choices));
            }
        }
    }
    Value::Object(map)
}

/// What the schema says of a spec.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Fits,
    /// It decodes, but something in it does not go with the model or the task, which `plan` tells.
    DoesNotGo,
    Refused,
}

fn verdict(spec: &Value) -> Verdict {
    let mut verdict = Verdict::Fits;
    for error in VALIDATOR.iter_errors(spec) {
        match error.schema_path().as_str().starts_with("/definitions/refused.") {
            true => verdict = Verdict::DoesNotGo,
            false => return Verdict::Refused,
        }
    }
    verdict
}

/// Removes what is at fault where a rule between keys is broken, or adds what is missing.
fn hold_rules(spec: &mut Value, choices: &mut Choices<'_>) {
    for _ in 0..8 {
        let mut faults: Vec<(String, Option<Value>)> = Vec::new();
        for error in VALIDATOR.iter_errors(spec) {
            let path = error.schema_path().as_str();
            let Some((definition, rest)) = path.split_once("/allOf/") else { continue };
            let at = error.instance_path().as_str();
            if let Some(rest) = rest.strip_suffix("/required").filter(|rest| rest.contains("/else"))
            {
                let properties = match (definition.strip_suffix(".rules"), rest.rsplit('/').next())
                {
                    (Some(family), Some(kind)) => format!("{family}.{kind}/properties"),
                    _ => format!("{definition}/properties"),
                };
                let found = error.to_string();
                let key = found.split('"').nth(1).unwrap_or_default();
                let schema = SCHEMA.pointer(&format!("{properties}/{key}"));
                let missing = schema.map(|schema| value(schema, choices));
                faults.push((format!("{at}/{key}"), missing));
            } else if rest.contains("/else/properties/") {
                faults.push((at.to_owned(), None));
            }
        }
        if faults.is_empty() {
            return;
        }
        for (at, new) in faults {
            let Some((map, key)) = at.rsplit_once('/') else { continue };
            let Some(map) = spec.pointer_mut(map).and_then(Value::as_object_mut) else { continue };
            match new {
                Some(new) => map.insert(key.to_owned(), new),
                None => map.shift_remove(key),
            };
        }
    }
}

fn spec(choices: &mut Choices<'_>) -> Value {
    let mut spec = object(&SCHEMA, choices);
    hold_rules(&mut spec, choices);
    if choices.rarely(2) {
        suit(&mut spec, choices);
    }
    if choices.rarely(4) {
        spec["x-free"] = json!({ "a": [1, "${HOME}", null] });
    }
    spec
}

/// Makes data and thresholds suit the model, so that the spec gets further than its decoding.
fn suit(spec: &mut Value, choices: &mut Choices<'_>) {
    let model = spec["model"].as_object().and_then(|model| model.keys().next()).cloned();
    let (target, metrics): (_, &[&str]) = match model.as_deref() {
        Some("k_means") => (None, &["silhouette", "inertia"]),
        Some(
            "linear_regression"
            | "ridge"
            | "lasso"
            | "elastic_net"
            | "huber"
            | "quantile_regression",
        ) => (Some("bill_length"), &["mae", "r2", "rmse"]),
        _ => (Some("species"), &["accuracy", "matthews", "balanced_accuracy"]),
    };
    let Some(data) = spec["data"].as_object_mut() else { return };
    data.retain(|key, _| matches!(key.as_str(), "split" | "missing_target"));
    data.insert("path".to_owned(), json!("x.csv"));
    data.insert("exclude".to_owned(), json!(["no", "é😀", "species"]));
    if let Some(target) = target {
        data.insert("target".to_owned(), json!(target));
    }
    spec["thresholds"] = json!({ *choices.one(metrics): *choices.one(&["> 0.3", "0.1 .. 0.5"]) });
    if let Some(spec) = spec.as_object_mut() {
        spec.shift_remove("metrics");
        if choices.rarely(2) {
            spec.shift_remove("prepare");
        }
    }
}

fn yaml(spec: &Value) -> String {
    yaml_serde::to_string(spec).expect("JSON can be written as YAML")
}

fn parse(text: &str) -> (Document, Vec<Diagnostic>) {
    let environment = |name: &str| (name == "HOME").then(|| "/home/ann".to_owned());
    Document::parse(Source::new("spec.mlspec.yaml", text), &environment)
}

/// Whole numbers written with a fraction count as whole.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            let float = number.as_f64().unwrap_or_default();
            let whole = (float.fract() == 0.0).then_some(float as i128);
            let signed = whole.and_then(|whole| i64::try_from(whole).ok()).map(Value::from);
            let large = || whole.and_then(|whole| u64::try_from(whole).ok()).map(Value::from);
            signed.or_else(large).unwrap_or_else(|| value.clone())
        }
        Value::Array(items) => items.iter().map(canonical).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), canonical(value))).collect()
        }
        _ => value.clone(),
    }
}

fn columns() -> Columns {
    let info =
        |(name, kind): (&str, ColumnKind)| ColumnInfo { name: name.into(), kind, missing: None };
    let infos = [
        ("species", ColumnKind::Text),
        ("island", ColumnKind::Text),
        ("bill_length", ColumnKind::Float),
        ("mass", ColumnKind::Integer),
        ("a", ColumnKind::Bool),
        ("no", ColumnKind::Empty),
        ("é😀", ColumnKind::Other("list".into())),
    ];
    Columns { infos: infos.map(info).to_vec(), rows: None }
}

fn classes() -> Classes {
    Classes::new(["a", "no", "1"].map(|name| Label::Text(Arc::from(name))).to_vec())
}

/// Every place lies in the text, and nothing is the program's own fault.
fn sound(document: &Document, found: &[Diagnostic]) -> Result<(), TestCaseError> {
    let text = document.source().text();
    for diagnostic in found {
        prop_assert!(diagnostic.code != Code::Internal, "{diagnostic:?}\n{text}");
        let related = diagnostic.related.iter().map(|related| &related.place);
        for place in related.chain([&diagnostic.place]) {
            let located = document.locate_place(place);
            prop_assert!(located.is_some(), "{diagnostic:?}\n{text}");
            for span in located.into_iter().flat_map(|it| it.via.into_iter().chain([it.span])) {
                prop_assert!(text.get(span).is_some(), "{diagnostic:?}\n{text}");
            }
        }
    }
    Ok(())
}

/// How far a spec got.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Reached {
    Nothing,
    Decoded,
    Lowered,
    Bound,
}

/// Takes a text through all that can be known without data.
fn go(text: &str) -> Result<(Document, Vec<Diagnostic>, Reached), TestCaseError> {
    let (document, found) = parse(text);
    sound(&document, &found)?;
    let reached = match decode(&document) {
        Err(found) => {
            sound(&document, &found)?;
            return Ok((document, found, Reached::Nothing));
        }
        Ok(spec) => match lower(spec, Path::new("specs")) {
            Err(found) => {
                sound(&document, &found)?;
                Reached::Decoded
            }
            Ok(plan) => {
                let mut reached = Reached::Lowered;
                for classes in [None, Some(classes())] {
                    let columns = columns();
                    let known =
                        Known { columns: &columns, predictions: None, classes: classes.as_ref() };
                    match bind(plan.clone(), known) {
                        Err(found) => sound(&document, &found)?,
                        Ok(_) => reached = Reached::Bound,
                    }
                }
                reached
            }
        },
    };
    Ok((document, found, reached))
}

/// Whether it is about what a search tries, or about rules that the model of a search breaks whatever is
/// tried, which no schema can know: then the schema refuses the model with some of what is tried.
fn is_tried(found: &Diagnostic, spec: &Value) -> bool {
    let Place::Spec { route, .. } = &found.place else { return false };
    let segments = route.segments();
    let is = |segment: &Segment, key: &str| *segment == Segment::Key(key.into());
    // The outermost search refuses what those inside it do.
    let searches = segments.windows(2).enumerate().filter(|(_, pair)| {
        is(&pair[0], "search") && (is(&pair[1], "over") || is(&pair[1], "model"))
    });
    searches.into_iter().any(|(at, _)| {
        let pointer: String = segments[..=at]
            .iter()
            .map(|segment| match segment {
                Segment::Key(key) => format!("/{key}"),
                Segment::Index(index) => format!("/{index}"),
            })
            .collect();
        spec.pointer(&pointer).is_some_and(some_is_refused)
    })
}

/// Whether the schema refuses the model of a search, alone or with values that are tried.
fn some_is_refused(search: &Value) -> bool {
    let (kind, own) = match &search["model"] {
        Value::String(kind) => (kind.clone(), Map::new()),
        Value::Object(map) => match map.iter().next() {
            Some((kind, own)) => (kind.clone(), own.as_object().cloned().unwrap_or_default()),
            None => return false,
        },
        _ => return false,
    };
    let refused = |parameters: &Map<String, Value>| {
        let spec = json!({ "version": 1, "data": { "path": "a", "target": "b" },
            "model": { kind.as_str(): parameters }, "thresholds": { "a_name": "> 1" } });
        verdict(&spec) == Verdict::Refused
    };
    let mut all = vec![own.clone()];
    for (name, choices) in search["over"].as_object().into_iter().flatten() {
        let values = match choices {
            Value::Array(list) => list.clone(),
            range => {
                let [min, max] = ["min", "max"].map(|key| range[key].as_f64().unwrap_or(0.0));
                let between = json!(min + (max - min) * 0.4142);
                vec![range["min"].clone(), range["max"].clone(), between]
            }
        };
        let with = |map: &Map<String, Value>, value: &Value| {
            let mut map = map.clone();
            map.insert(name.clone(), value.clone());
            map
        };
        let more: Vec<_> = values.iter().flat_map(|value| [with(&own, value)]).collect();
        let all_with = all.iter().flat_map(|map| values.iter().map(move |value| with(map, value)));
        all = all_with.chain(more).take(200).collect();
    }
    all.push(own);
    all.iter().any(refused)
}

fn only_tried(found: &[Diagnostic], spec: &Value) -> bool {
    !found.is_empty() && found.iter().all(|each| is_tried(each, spec))
}

/// So many cases, or as many as `PROPTEST_CASES` says.
fn config(cases: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    Config {
        cases: asked.unwrap_or(cases),
        failure_persistence: None,
        max_global_rejects: u32::MAX,
        ..Config::default()
    }
}

#[test]
fn what_the_schema_accepts_decodes() {
    let [accepted, lowered, bound, cases] = [const { Cell::new(0_u32) }; 4];
    let add = |to: &Cell<u32>, is: bool| to.set(to.get() + u32::from(is));
    let result = TestRunner::new(config(1500)).run(&(tape(), any::<bool>()), |(tape, json)| {
        let spec = spec(&mut Choices::new(&tape));
        let text = if json { spec.to_string() } else { yaml(&spec) };
        let (document, found) = parse(&text);
        prop_assert!(found.is_empty(), "{found:?}\n{text}");
        prop_assert_eq!(document.written(), &canonical(&spec), "{}", text);
        let (_, found, reached) = go(&text)?;
        let verdict = verdict(document.written());
        let valid = verdict != Verdict::Refused && !only_tried(&found, document.written());
        prop_assert_eq!(reached >= Reached::Decoded, valid, "{:?}\n{}", found, text);
        let goes = verdict == Verdict::Fits || reached < Reached::Bound;
        prop_assert!(goes, "{text}");
        add(&cases, true);
        add(&accepted, valid);
        add(&lowered, reached >= Reached::Lowered);
        add(&bound, reached == Reached::Bound);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    // So that the property does not come to hold for want of specs that reach it.
    let share = |of: Cell<u32>| f64::from(of.get()) / f64::from(cases.get());
    let [accepted, lowered, bound] = [share(accepted), share(lowered), share(bound)];
    assert!(accepted > 0.9, "accepted by the schema: {accepted}");
    assert!(lowered > 0.15 && bound > 0.1, "lowered: {lowered}, bound: {bound}");
}

// Specs that are wrong in one place.

/// What was done to a spec, and where.
#[derive(Debug)]
struct Mutation {
    /// The node that was put in place, or that is no longer there.
    route: Route,
    parent: Route,
}

fn mutate(spec: &mut Value, choices: &mut Choices<'_>) -> Option<Mutation> {
    let mut routes = Vec::new();
    collect(spec, &Route::root(), &mut routes);
    let route = choices.one(&routes).clone();
    let parent = route.parent()?;
    let holder = at_mut(spec, &parent)?;
    let last = route.segments().last()?;
    let what = choices.below(3);
    let route = match (holder, last, what) {
        (Value::Object(map), Segment::Key(key), 0) => {
            map.shift_remove(&**key);
            route.clone()
        }
        (Value::Array(items), Segment::Index(at), 0) => {
            items.remove(*at);
            route.clone()
        }
        (Value::Object(map), Segment::Key(key), 1) => {
            let new = misspelt(key, choices);
            if map.contains_key(&new) {
                return None;
            }
            let renamed = map.iter().map(|(name, value)| {
                (if **name == **key { new.clone() } else { name.clone() }, value.clone())
            });
            *map = renamed.collect();
            parent.key(&new)
        }
        (holder, last, _) => {
            let new = choices.one(REPLACEMENTS.as_slice()).clone();
            match (holder, last) {
                (Value::Object(map), Segment::Key(key)) => map.insert((**key).to_owned(), new),
                (Value::Array(items), Segment::Index(at)) => {
                    Some(std::mem::replace(&mut items[*at], new))
                }
                _ => return None,
            };
            route.clone()
        }
    };
    Some(Mutation { route, parent })
}

static REPLACEMENTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(2),
        json!(0.5),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!("accuracy"),
        json!("> 0.8"),
        json!("0.8"),
        json!("80%"),
        json!("${HOME}"),
        json!("${UNSET}"),
        json!([]),
        json!([null]),
        json!(["a", "a"]),
        json!([[]]),
        json!({}),
        json!({ "a": 1 }),
        json!({ "min": 1, "above": 2 }),
        json!({ "impute": {}, "one_hot": {} }),
        json!({ "f1": { "averag": "macro" } }),
        json!({ "$written": "a", "$value": "b" }),
        json!("k_fold"),
        json!("*"),
        json!("impute"),
    ]
});

fn misspelt(key: &str, choices: &mut Choices<'_>) -> String {
    let mut chars: Vec<char> = key.chars().collect();
    let at = choices.below(chars.len());
    match choices.below(6) {
        0 if chars.len() > 1 => drop(chars.remove(at)),
        1 => chars.insert(at, 'é'),
        2 => chars.push('s'),
        3 => return (*choices.one(&["baseline", "slices", "accuracy@by_island", "x-key"])).into(),
        4 => return (*choices.one(&["min", "max", "above", "below", "confidence"])).into(),
        _ => return key.to_uppercase(),
    }
    chars.into_iter().collect()
}

fn collect(value: &Value, route: &Route, routes: &mut Vec<Route>) {
    if !route.segments().is_empty() {
        routes.push(route.clone());
    }
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| collect(value, &route.key(key), routes));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| collect(item, &route.index(at), routes));
        }
        _ => {}
    }
}

fn at_mut<'v>(value: &'v mut Value, route: &Route) -> Option<&'v mut Value> {
    route.segments().iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get_mut(&**key),
        Segment::Index(at) => value.get_mut(*at),
    })
}

fn at<'v>(value: &'v Value, route: &Route) -> Option<&'v Value> {
    route.segments().iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get(&**key),
        Segment::Index(at) => value.get(*at),
    })
}

/// A diagnostic is about the changed node, something in it, or the map or list around it; and its
/// bytes are exactly those of the key or value that it names. The text is JSON, which tells them.
fn is_exact(
    document: &Document,
    diagnostic: &Diagnostic,
    mutation: &Mutation,
) -> Result<(), TestCaseError> {
    let text = document.source().text();
    let related = diagnostic.related.iter().map(|related| &related.place);
    let mut near = false;
    for place in related.chain([&diagnostic.place]) {
        let Place::Spec { route, part, .. } = place else {
            return Err(TestCaseError::fail(format!("{diagnostic:?}\n{text}")));
        };
        near |= route.segments().starts_with(mutation.route.segments())
            || *route == mutation.parent
            // A key that only the changed one gave a meaning.
            || route.parent().as_ref() == Some(&mutation.parent);
        let span = document.locate(route, *part, None).span;
        let slice = &text[span];
        match (part, route.segments().last()) {
            (Part::Key, Some(Segment::Key(key))) => {
                prop_assert_eq!(slice, json!(&**key).to_string(), "{:?}\n{}", diagnostic, text);
            }
            (Part::Key, None) => prop_assert!(slice.is_empty()),
            _ => {
                let found: Option<Value> = serde_json::from_str(slice).ok();
                let found = found.as_ref().map(canonical);
                let meant = at(document.written(), route).cloned();
                prop_assert_eq!(found, meant, "{:?}\n{}", diagnostic, text);
            }
        }
    }
    prop_assert!(near, "{diagnostic:?}\nafter {mutation:?}\n{text}");
    Ok(())
}

#[test]
fn a_mistake_is_reported_where_it_was_made() {
    let [refused, cases] = [const { Cell::new(0_u32) }; 2];
    let result = TestRunner::new(config(2000)).run(&(tape(), tape()), |(tape, change)| {
        let mut spec = spec(&mut Choices::new(&tape));
        prop_assume!(verdict(&canonical(&spec)) != Verdict::Refused);
        let Some(mutation) = mutate(&mut spec, &mut Choices::new(&change)) else {
            return Ok(());
        };
        let (document, found, reached) = go(&spec.to_string())?;
        cases.set(cases.get() + 1);
        if reached == Reached::Nothing {
            prop_assert!(!found.is_empty());
            refused.set(refused.get() + 1);
            for diagnostic in found.iter().filter(|found| !is_tried(found, document.written())) {
                is_exact(&document, diagnostic, &mutation)?;
            }
        }
        // The same mistake in block style.
        go(&yaml(&spec))?;
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let share = f64::from(refused.get()) / f64::from(cases.get());
    assert!(share > 0.4, "refused: {share}");
}

#[test]
fn several_mistakes_are_reported_together() {
    let strategy = (tape(), prop::collection::vec(tape(), 2..5));
    let result = TestRunner::new(config(500)).run(&strategy, |(tape, changes)| {
        let mut spec = spec(&mut Choices::new(&tape));
        for change in &changes {
            let _ = mutate(&mut spec, &mut Choices::new(change));
        }
        for text in [spec.to_string(), yaml(&spec)] {
            let (document, found, reached) = go(&text)?;
            let refused = verdict(document.written()) == Verdict::Refused;
            let valid = !refused && !only_tried(&found, document.written());
            prop_assert_eq!(reached >= Reached::Decoded, valid, "{}", text);
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Whether the schema's pattern takes a text for a bound.
fn is_bound(text: &str) -> bool {
    static PATTERN: LazyLock<Validator> = LazyLock::new(|| {
        let schema = json!({ "type": "string", "pattern": BoundText::pattern() });
        jsonschema::draft7::new(&schema).expect("a pattern is a schema")
    });
    PATTERN.is_valid(&json!(text))
}

/// Too rare a mistake for chance to find in every kind.
#[test]
fn an_unknown_parameter_is_reported_on_its_key_in_every_kind() {
    for family in catalogues() {
        for kind in &family.kinds {
            let mut spec = json!({
                "version": 1,
                "data": { "path": { "path": "x.csv" } },
                "model": { "ridge": null },
                "thresholds": { "mae": "< 1" },
            });
            let data = Route::root().key("data");
            let item = json!({ kind.name: { "nope": 1 } });
            let route = match family.plural {
                "sources" => {
                    spec["data"]["path"][kind.name] = json!({ "nope": 1 });
                    data.key("path")
                }
                "splits" => {
                    spec["data"]["split"] = item;
                    data.key("split")
                }
                "models" => {
                    spec["model"] = item;
                    Route::root().key("model")
                }
                "transforms" => {
                    spec["prepare"] = json!([item]);
                    Route::root().key("prepare").index(0)
                }
                "metrics" => {
                    spec["metrics"] = json!([item]);
                    Route::root().key("metrics").index(0)
                }
                other => panic!("where do {other} stand?"),
            };
            let (document, _) = parse(&spec.to_string());
            let found = decode(&document).expect_err(kind.name);
            let [only] = found.as_slice() else { panic!("{}: {found:?}", kind.name) };
            assert_eq!(only.code, Code::UnknownKey, "{only:?}");
            assert_eq!(only.place, Place::key(route.key(kind.name).key("nope")), "{only:?}");
        }
    }
}

/// Texts that are bounds, or nearly.
fn near_bounds(blank: &str, exponent: &str) -> impl Strategy<Value = String> {
    let number = "[-+]?[0-9.٣_]{0,4}(inf|nan|%|)";
    let range = "(\\.\\.)?";
    let text = format!(
        "{blank}(>|>=|<|<=|=|){blank}{number}{exponent}{blank}{range}{blank}{number}{blank}"
    );
    prop::string::string_regex(&text).expect("a regular expression")
}

proptest! {
    #![proptest_config(config(4000))]

    #[test]
    fn bounds_that_the_schema_accepts_parse(text in near_bounds("[ \t\u{a0}\u{85}\u{feff}\n]?", "([eE][-+]?[0-9]{1,4})?")) {
        prop_assert!(!is_bound(&text) || BoundText::parse(&text).is_some(), "{text:?}");
    }

    #[test]
    fn bounds_that_parse_are_accepted_by_the_schema(text in near_bounds("[ \t\n]?", "([eE][-+]?[0-9]{1,2})?")) {
        prop_assert!(is_bound(&text) || BoundText::parse(&text).is_none(), "{text:?}");
    }

    #[test]
    fn bounds_with_many_digits_parse(
        text in "> [0-9]{0,400}(\\.[0-9]{1,40})?([eE][0-9]{1,3})?",
    ) {
        prop_assert!(!is_bound(&text) || BoundText::parse(&text).is_some(), "{text:?}");
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "([a-z: \n>|*&!{}\\[\\],'\"#$é-]|\\PC){0,80}") {
        go(&text)?;
    }
}
