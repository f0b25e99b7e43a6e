//! Turns one list a family into its enum, its decoding, its schema and its catalogue.

use std::fmt;
use std::marker::PhantomData;

use schemars::{Schema, SchemaGenerator};
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value, json};

use super::Rule;

/// One kind of a family: its name in specs, the schema of its parameters, and the rules between them.
#[derive(Clone, Copy)]
pub struct Entry {
    pub name: &'static str,
    parameters: fn(&mut SchemaGenerator) -> Schema,
    rules: fn() -> Vec<Rule>,
}

impl Entry {
    pub const fn new(
        name: &'static str,
        parameters: fn(&mut SchemaGenerator) -> Schema,
        rules: fn() -> Vec<Rule>,
    ) -> Self {
        Self { name, parameters, rules }
    }

    /// What may not come together among the parameters.
    pub fn rules(&self) -> Vec<Rule> {
        (self.rules)()
    }

    /// The rules that the kind breaks without parameters; none where it can stand so.
    pub fn wants(&self) -> Vec<Rule> {
        self.rules().into_iter().filter(Rule::wants_keys).collect()
    }

    /// The schema of the parameters, `{"type": "object", "properties": …}` with the description.
    pub fn parameters(&self, generator: &mut SchemaGenerator) -> Value {
        let mut schema = (self.parameters)(generator).to_value();
        if let Some(object) = schema.as_object_mut() {
            object.remove("title");
        }
        schema
    }

    /// The kind's doc comment, in markdown.
    pub fn doc(&self) -> String {
        let schema = self.parameters(&mut SchemaGenerator::default());
        schema["description"].as_str().unwrap_or_default().to_owned()
    }

    /// The first paragraph of the doc comment, on one line.
    pub fn summary(&self) -> String {
        first_paragraph(&self.doc())
    }

    /// The first fenced YAML block of the doc comment.
    pub fn example(&self) -> Option<String> {
        let doc = self.doc();
        let (_, rest) = doc.split_once("```yaml\n")?;
        let (example, _) = rest.split_once("```")?;
        Some(example.to_owned())
    }
}

/// The text before the first blank line, with its line breaks as spaces.
pub fn first_paragraph(doc: &str) -> String {
    let paragraph = doc.split("\n\n").next().unwrap_or_default();
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An enum that `kinds!` wrote.
pub trait Family: Sized + 'static {
    /// What one of the family is called in messages: `model`.
    const NOUN: &'static str;
    /// What `mlspec list` calls the family: `models`.
    const PLURAL: &'static str;
    /// Every kind, in the order of the catalogue.
    const ALL: &'static [Entry];

    /// Builds the kind called `name`, taking its parameters from `value`; null and absence mean
    /// the defaults.
    ///
    /// # Errors
    /// An unknown name, or parameters that do not fit.
    fn build<'de, S: ParameterSource<'de>>(name: &str, value: S) -> Result<Self, S::Error>;

    /// Decodes a bare name, or a map with one key.
    ///
    /// # Errors
    /// Anything else, an unknown name, or parameters that do not fit.
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FamilyVisitor(PhantomData))
    }
}

/// Where `Family::build` takes parameters from: the rest of a map, or nothing.
pub trait ParameterSource<'de> {
    type Error: de::Error;

    /// Reads the parameters; null is none.
    ///
    /// # Errors
    /// Parameters that do not fit `T`.
    fn take<T: de::Deserialize<'de>>(self) -> Result<Option<T>, Self::Error>;
}

struct NoParameters<E>(PhantomData<E>);

impl<'de, E: de::Error> ParameterSource<'de> for NoParameters<E> {
    type Error = E;

    fn take<T: de::Deserialize<'de>>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
}

struct MapValue<'a, A>(&'a mut A);

impl<'de, A: MapAccess<'de>> ParameterSource<'de> for MapValue<'_, A> {
    type Error = A::Error;

    fn take<T: de::Deserialize<'de>>(self) -> Result<Option<T>, A::Error> {
        self.0.next_value::<Option<T>>()
    }
}

/// Parameters that were taken apart before, such as a metric's without its `as`.
pub struct Parameters(pub Map<String, Value>);

impl<'de> ParameterSource<'de> for Parameters {
    type Error = serde_json::Error;

    fn take<T: de::Deserialize<'de>>(self) -> Result<Option<T>, serde_json::Error> {
        T::deserialize(Value::Object(self.0)).map(Some)
    }
}

/// The parameters of a kind whose value is empty.
///
/// # Errors
/// A kind with a required parameter.
pub fn defaults<'de, T: de::Deserialize<'de>, E: de::Error>() -> Result<T, E> {
    let empty: [((), ()); 0] = [];
    T::deserialize(de::value::MapDeserializer::new(empty.into_iter().map(|_: ((), ())| ("", ""))))
}

struct FamilyVisitor<F>(PhantomData<F>);

impl<'de, F: Family> Visitor<'de> for FamilyVisitor<F> {
    type Value = F;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name of a {0}, or a map with the {0} as its one key", F::NOUN)
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<F, E> {
        F::build(name, NoParameters(PhantomData))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<F, A::Error> {
        let Some(name) = map.next_key::<String>()? else {
            return Err(de::Error::invalid_length(0, &self));
        };
        let kind = F::build(&name, MapValue(&mut map))?;
        match map.next_key::<String>()? {
            None => Ok(kind),
            Some(_) => Err(de::Error::invalid_length(2, &"a map with one key")),
        }
    }
}

/// The schema of a family as `{"properties": {kind: …}, "additionalProperties": false}`, in the
/// patterns that editors complete well. `adjust` may add what all kinds of the family take.
pub fn family_schema<F: Family>(generator: &mut SchemaGenerator, adjust: fn(&mut Value)) -> Schema {
    let mut properties = Map::new();
    for entry in F::ALL {
        let mut parameters = entry.parameters(generator);
        let doc = parameters["description"].as_str().unwrap_or_default().to_owned();
        if let Some(object) = parameters.as_object_mut() {
            // With a type of their own the parameters would refuse null, which means the defaults.
            object.remove("description");
            object.remove("type");
        }
        adjust(&mut parameters);
        let definition = format!("{}.{}", F::NOUN, entry.name);
        generator.definitions_mut().insert(definition.clone(), parameters);
        let property = kind_property(entry, &doc, &definition);
        properties.insert(entry.name.to_owned(), property);
    }
    let schema = json!({ "properties": properties, "additionalProperties": false });
    Schema::try_from(schema).expect("an object is a schema")
}

/// The schema of a key that names a kind, its parameters in a definition of their own.
pub fn kind_property(entry: &Entry, doc: &str, definition: &str) -> Value {
    let name = entry.name;
    let (kind, wrong) = match entry.wants().is_empty() {
        true => (json!(["object", "null"]), "The parameters of {} are a map, or nothing."),
        false => (json!("object"), "The parameters of {} are a map."),
    };
    json!({
        "title": name,
        "description": first_paragraph(doc).replace('`', ""),
        "markdownDescription": doc,
        "type": kind,
        "errorMessage": wrong.replace("{}", name),
        "allOf": [{ "$ref": format!("#/definitions/{definition}") }],
    })
}

/// A reference to the rules between the parameters of a family's kinds, for a map that names one: they
/// stand beside the family, because a search tries what a rule may forbid together.
pub fn rules_ref<F: Family>() -> Value {
    json!({ "$ref": format!("#/definitions/{}", rules_definition::<F>()) })
}

pub fn rules_definition<F: Family>() -> String {
    format!("{}.rules", F::NOUN)
}

/// The names that can stand alone in a list: of kinds that need no parameters.
pub fn bare_names<F: Family>() -> impl Iterator<Item = &'static Entry> {
    F::ALL.iter().filter(|entry| entry.wants().is_empty())
}

/// Writes a family: the enum, its names, its dispatch to the family's trait, its decoding from
/// specs, its schema and its list. Adding a kind is one line here and one file.
macro_rules! kinds {
    (
        $(#[$meta:meta])*
        pub enum $family:ident: dyn $behaviour:ident, $noun:literal, $plural:literal {
            $($name:literal => $variant:ident($parameters:ty)),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $family { $($variant($parameters)),* }

        impl $family {
            /// The kind's name in specs.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name),* }
            }

            /// The kind's behaviour.
            pub fn kind(&self) -> &dyn $behaviour {
                match self { $(Self::$variant(parameters) => parameters),* }
            }
        }

        impl $crate::kinds::Family for $family {
            const NOUN: &'static str = $noun;
            const PLURAL: &'static str = $plural;
            const ALL: &'static [$crate::kinds::Entry] = &[$(
                $crate::kinds::Entry::new(
                    $name,
                    <$parameters as schemars::JsonSchema>::json_schema,
                    <$parameters as $behaviour>::rules,
                )
            ),*];

            fn build<'de, S: $crate::kinds::family::ParameterSource<'de>>(
                name: &str,
                value: S,
            ) -> Result<Self, S::Error> {
                match name {
                    $($name => {
                        let parameters = match value.take::<$parameters>()? {
                            Some(parameters) => parameters,
                            None => $crate::kinds::family::defaults()?,
                        };
                        Ok(Self::$variant(parameters))
                    })*
                    _ => Err(serde::de::Error::unknown_variant(name, &[$($name),*])),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $family {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::kinds::Family::decode(deserializer)
            }
        }

        impl serde::Serialize for $family {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let mut map = serializer.serialize_map(Some(1))?;
                match self {
                    $(Self::$variant(parameters) => map.serialize_entry($name, parameters)?),*
                }
                map.end()
            }
        }

        impl schemars::JsonSchema for $family {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $noun.into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::kinds::family::family_schema::<Self>(generator, |_| {})
            }
        }
    };
}
