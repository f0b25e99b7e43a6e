//! Rules between keys, as data: what may not come together, and what is said where it does.
//! What a schema makes of them is left to `spec`.

use serde_json::Value;

use crate::diagnostic::{Code, Part, Problem, Route};

/// What may not come together in a map. A key that is not there has its default, and a key that holds
/// its default is not counted as given.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The rule is broken where all of these hold.
    pub when: Vec<Condition>,
    pub fault: Fault,
    pub code: Code,
    pub message: String,
    pub label: String,
    pub help: String,
    /// Another key that explains the finding.
    pub related: Option<(&'static str, &'static str)>,
    /// A key that would mend it.
    pub wanted: Option<&'static str>,
    /// A value for it, as YAML; without one, the example that the schema has of the key.
    pub example: Option<String>,
}

/// How the other one of two keys is called that exclude each other.
pub const THE_OTHER: &str = "the other one";

/// What a rule looks at: a key, or one below others, as in `data.split`.
#[derive(Clone, Debug)]
pub struct Condition {
    pub key: &'static str,
    pub test: Test,
}

#[derive(Clone, Debug)]
pub enum Test {
    Given,
    Missing,
    OneOf(Vec<Value>),
    NoneOf(Vec<Value>),
    /// A number between these, without them.
    Between(f64, f64),
}

/// Where a broken rule is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// At a key that is there whenever the rule is broken.
    At(&'static str, Part),
    /// At the map, because a key is missing: the first one that the rule wants.
    Map,
}

fn given(key: &'static str) -> Condition {
    Condition { key, test: Test::Given }
}

fn missing(key: &'static str) -> Condition {
    Condition { key, test: Test::Missing }
}

fn values<T: Into<Value> + Clone>(values: &[T]) -> Vec<Value> {
    values.iter().cloned().map(Into::into).collect()
}

/// What stands behind a key in the brackets of an example.
fn value_in(example: &str, key: &str) -> Option<String> {
    let key = format!("{key}: ");
    let begins = |at: &usize| !example[..*at].ends_with(|c: char| c == '_' || c.is_alphanumeric());
    let at = example.match_indices(&key).map(|(at, _)| at).find(begins)?;
    let rest = &example[at + key.len()..];
    let mut depth = 0;
    let end = rest.char_indices().find(|(_, c)| {
        depth += i32::from(matches!(c, '{' | '[')) - i32::from(matches!(c, '}' | ']'));
        depth < 0 || (depth == 0 && *c == ',')
    });
    let value = rest[..end.map_or(rest.len(), |(at, _)| at)].trim();
    (!value.is_empty()).then(|| value.to_owned())
}

impl Rule {
    fn new(when: Vec<Condition>, fault: Fault, code: Code, message: impl Into<String>) -> Self {
        Self {
            when,
            fault,
            code,
            message: message.into(),
            label: String::new(),
            help: String::new(),
            related: None,
            wanted: None,
            example: None,
        }
    }

    /// A parameter that has no default; `kind` says of what, and `example` is the whole of it.
    pub fn required(kind: &str, key: &'static str, example: &str) -> Self {
        let message = format!("`{kind}` has no `{key}`");
        let rule = Self::any_of(&[key], &message)
            .label(format!("`{key}` is missing"))
            .help(format!("write for example `{example}`"));
        Self { example: value_in(example, key), ..rule }
    }

    /// At least one of several keys is there.
    pub fn any_of(keys: &[&'static str], message: &str) -> Self {
        let when = keys.iter().copied().map(missing).collect();
        let rule = Self::new(when, Fault::Map, Code::MissingKey, message);
        Self { wanted: keys.first().copied(), ..rule }
    }

    /// Two keys that exclude each other; the second is the one too many.
    pub fn excludes(first: &'static str, second: &'static str) -> Self {
        let when = vec![given(first), given(second)];
        let message = format!("`{second}` and `{first}` exclude each other");
        Self::new(when, Fault::At(second, Part::Key), Code::Exclusive, message)
            .label(format!("there is `{first}` already"))
            .help(format!("keep the one of `{first}` and `{second}` that you mean"))
            .related(first, THE_OTHER)
    }

    /// A key that has an effect with some values of another one only: all are named, the first is advised.
    pub fn only_with<T: Into<Value> + Clone>(
        key: &'static str,
        other: &'static str,
        allowed: &[T],
    ) -> Self {
        let allowed = values(allowed);
        let mut words = allowed.iter().map(|value| match value {
            Value::String(word) => word.clone(),
            value => value.to_string(),
        });
        let with = words.next().map_or(other.to_owned(), |word| format!("{other}: {word}"));
        let mut all = format!("`{with}`");
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            let between = if words.peek().is_some() { ", " } else { " or " };
            all.push_str(&format!("{between}`{word}`"));
        }
        let when = vec![given(key), Condition { key: other, test: Test::NoneOf(allowed) }];
        let message = format!("`{key}` has no effect without {all}");
        Self::new(when, Fault::At(key, Part::Value), Code::Exclusive, message)
            .label("not used")
            .help(format!("remove it, or write `{with}`"))
    }

    /// A value that does not go with something else, told where the value stands. What it does not go
    /// with is added by [`Rule::beside`] and the like.
    pub fn refuses<T: Into<Value> + Clone>(
        key: &'static str,
        refused: &[T],
        message: impl Into<String>,
    ) -> Self {
        let when = vec![Condition { key, test: Test::OneOf(values(refused)) }];
        Self::new(when, Fault::At(key, Part::Value), Code::Exclusive, message)
    }

    /// Numbers between two, without them, told where the value stands.
    pub fn refuses_between(
        key: &'static str,
        (least, most): (f64, f64),
        message: impl Into<String>,
    ) -> Self {
        let when = vec![Condition { key, test: Test::Between(least, most) }];
        Self::new(when, Fault::At(key, Part::Value), Code::ModelParameter, message)
    }

    /// A key that does not go with something else, told at the key's value.
    pub fn refuses_given(key: &'static str, message: impl Into<String>) -> Self {
        Self::new(vec![given(key)], Fault::At(key, Part::Value), Code::Exclusive, message)
    }

    /// Only while a key has one of these values.
    #[must_use]
    pub fn beside<T: Into<Value> + Clone>(mut self, key: &'static str, having: &[T]) -> Self {
        self.when.push(Condition { key, test: Test::OneOf(values(having)) });
        self
    }

    /// Only while a key has none of these values.
    #[must_use]
    pub fn without<T: Into<Value> + Clone>(mut self, key: &'static str, having: &[T]) -> Self {
        self.when.push(Condition { key, test: Test::NoneOf(values(having)) });
        self
    }

    /// Only while a key is given.
    #[must_use]
    pub fn beside_given(mut self, key: &'static str) -> Self {
        self.when.push(given(key));
        self
    }

    /// Only while a key is not given.
    #[must_use]
    pub fn unless_given(mut self, key: &'static str) -> Self {
        self.when.push(missing(key));
        self
    }

    /// Only while a key is not given that would mend it.
    #[must_use]
    pub fn needs(self, key: &'static str) -> Self {
        Self { wanted: Some(key), ..self.unless_given(key) }
    }

    /// What the key might hold that is missing.
    #[must_use]
    pub fn example(mut self, yaml: &str) -> Self {
        self.example = Some(yaml.to_owned());
        self
    }

    /// Only while a number is above this.
    #[must_use]
    pub fn above(mut self, key: &'static str, least: f64) -> Self {
        self.when.push(Condition { key, test: Test::Between(least, f64::INFINITY) });
        self
    }

    #[must_use]
    pub fn code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    #[must_use]
    pub fn related(mut self, key: &'static str, label: &'static str) -> Self {
        self.related = Some((key, label));
        self
    }

    /// Tells it at the key, and not at its value.
    #[must_use]
    pub fn at_key(mut self) -> Self {
        if let Fault::At(key, _) = self.fault {
            self.fault = Fault::At(key, Part::Key);
        }
        self
    }

    /// What is said of a kind that breaks it.
    pub fn problem(&self) -> Problem {
        let (route, part) = match self.fault {
            Fault::Map => (Route::root(), Part::Key),
            Fault::At(key, part) => {
                (key.split('.').fold(Route::root(), |route, key| route.key(key)), part)
            }
        };
        let problem = Problem::of_kind(self.code, &self.message).label(&self.label);
        let problem = Problem { route, part, ..problem };
        match self.help.is_empty() {
            true => problem,
            false => problem.help(&self.help),
        }
    }

    /// Whether an empty map breaks it: then the kind cannot stand without parameters.
    pub fn wants_keys(&self) -> bool {
        self.when.iter().all(|condition| matches!(condition.test, Test::Missing))
    }

    /// The keys of the map that it looks at.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.when.iter().map(|condition| condition.key)
    }
}
