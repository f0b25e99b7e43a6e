//! The values of a run, from the layers in which they can be set: the environment, the profile, those that
//! it inherits, and what is built in. Flags lie above them all.

use super::file::File;
use super::keys::{Form, Key, variable};
use crate::text::Environment;

/// The profile for runs that nobody watches.
pub(super) const CI: &str = "ci";

/// What counts where nobody says otherwise.
const BUILT_IN: &[(&str, &str)] = &[("slow-after", "60s")];

/// As [`BUILT_IN`], in the profile [`CI`].
const BUILT_IN_CI: &[(&str, &str)] = &[("retries", "2")];

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag of this command.
    Flag,
    /// A variable of the environment.
    Variable(String),
    /// A line of the file of settings, in one of its profiles.
    File {
        line: usize,
        profile: String,
        span: std::ops::Range<usize>,
    },
    /// The program, in a profile that it knows.
    BuiltInProfile(&'static str),
    BuiltIn,
}

/// Values as a flag would be given them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pub values: Vec<String>,
    pub origin: Origin,
}

impl Value {
    /// Whether it is a switch that is on.
    fn is_on(&self) -> bool {
        self.values == ["true"]
    }
}

/// All layers below the flags.
#[derive(Debug)]
pub struct Layers<'a> {
    pub environment: &'a dyn LookUp,
    pub file: &'a File,
    pub profile: String,
}

/// An environment that can be shown.
pub trait LookUp: Environment + std::fmt::Debug {}

impl<E: Environment + std::fmt::Debug> LookUp for E {}

/// Switches that say the opposite of each other.
const OPPOSITES: [&str; 2] = ["quiet", "verbose"];

impl Layers<'_> {
    /// The value that counts where no flag is given; none where the flag is not set anywhere, or a higher layer
    /// sets its opposite.
    pub fn value(&self, key: &Key) -> Option<Value> {
        let value = self.found(key)?;
        let opposite =
            OPPOSITES.iter().find(|name| OPPOSITES.contains(&key.name) && **name != key.name);
        let opposite = opposite.and_then(|name| self.found(Key::find(name)?)).filter(Value::is_on);
        let outweighed =
            opposite.is_some_and(|it| self.height(&it.origin) > self.height(&value.origin));
        (!outweighed || !value.is_on()).then_some(value)
    }

    /// How high a layer lies: what is higher counts more.
    fn height(&self, origin: &Origin) -> usize {
        let chain = self.file.chain(&self.profile).unwrap_or_default();
        match origin {
            Origin::Flag => usize::MAX,
            Origin::Variable(_) => usize::MAX - 1,
            Origin::File { profile, .. } => {
                let below = chain.iter().position(|each| each.name == *profile);
                below.map_or(2, |below| 2 + chain.len() - below)
            }
            Origin::BuiltInProfile(_) => 1,
            Origin::BuiltIn => 0,
        }
    }

    /// The two of a layer that say the opposite of each other, where they do.
    pub fn opposites(&self) -> Option<[(&'static Key, Value); 2]> {
        let on = |name: &str| {
            let key = Key::find(name)?;
            Some((key, self.value(key).filter(Value::is_on)?))
        };
        Some([on(OPPOSITES[0])?, on(OPPOSITES[1])?])
    }

    fn found(&self, key: &Key) -> Option<Value> {
        let built_in = |list: &[(&str, &str)]| {
            let found = list.iter().find(|(name, _)| *name == key.name)?;
            Some(vec![found.1.to_owned()])
        };
        let of_variable = || {
            let name = variable(key.name);
            // An empty variable is how many systems write one that is not set.
            let text = self.environment.get(&name).filter(|text| !text.trim().is_empty())?;
            Some(Value { values: split(key, &text), origin: Origin::Variable(name) })
        };
        let of_file = || {
            let chain = self.file.chain(&self.profile)?;
            chain.into_iter().find_map(|profile| {
                let entry = profile.entries.iter().find(|entry| entry.key == key.name)?;
                let origin = Origin::File {
                    line: entry.line,
                    profile: profile.name.clone(),
                    span: entry.span.clone(),
                };
                Some(Value { values: entry.values.clone(), origin })
            })
        };
        let of_ci = || {
            let values = built_in(BUILT_IN_CI).filter(|_| self.profile == CI)?;
            Some(Value { values, origin: Origin::BuiltInProfile(CI) })
        };
        let of_all = || Some(Value { values: built_in(BUILT_IN)?, origin: Origin::BuiltIn });
        of_variable().or_else(of_file).or_else(of_ci).or_else(of_all)
    }
}

/// A variable holds one text; several values are parted by commas, but an expression is one.
fn split(key: &Key, text: &str) -> Vec<String> {
    match key.form {
        Form::Texts if key.name != "filter" => text
            .split(',')
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
            .collect(),
        Form::Switch => {
            let on = match text.trim().to_lowercase().as_str() {
                "1" | "true" | "yes" | "on" => "true".to_owned(),
                "0" | "false" | "no" | "off" => "false".to_owned(),
                _ => text.to_owned(),
            };
            vec![on]
        }
        Form::Texts | Form::Text | Form::Whole | Form::Time => vec![text.trim().to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::read;
    use super::*;

    #[derive(Debug)]
    struct Variables(&'static [(&'static str, &'static str)]);

    impl Environment for Variables {
        fn get(&self, name: &str) -> Option<String> {
            self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        }
    }

    fn value(
        key: &str,
        profile: &str,
        variables: &'static [(&str, &str)],
    ) -> Option<(String, Origin)> {
        let file = read(
            "[profile.default]\njobs = 2\ntag = [\"a\", \"b\"]\n[profile.ci]\njobs = 4\n[profile.night]\ninherits = \"ci\"\nretries = 5\n",
        )
        .unwrap();
        let environment = Variables(variables);
        let layers = Layers { environment: &environment, file: &file, profile: profile.to_owned() };
        let value = layers.value(Key::find(key).unwrap())?;
        Some((value.values.join("|"), value.origin))
    }

    #[test]
    fn higher_layers_count_before_lower_ones() {
        let line = |key: &str, profile: &str, variables| match value(key, profile, variables) {
            Some((value, Origin::File { line, profile, .. })) => {
                format!("{value} {profile}:{line}")
            }
            other => format!("{other:?}"),
        };
        assert_eq!(line("jobs", "default", &[]), "2 default:2");
        assert_eq!(line("jobs", "ci", &[]), "4 ci:5");
        assert_eq!(line("jobs", "night", &[]), "4 ci:5");
        assert_eq!(line("tag", "night", &[]), "a|b default:3");
        assert_eq!(line("jobs", "ci", &[("MLSPEC_JOBS", " ")]), "4 ci:5");
        let of_variable = |name: &str| Origin::Variable(name.to_owned());
        let jobs = value("jobs", "ci", &[("MLSPEC_JOBS", "8")]);
        assert_eq!(jobs, Some(("8".to_owned(), of_variable("MLSPEC_JOBS"))));
        let tags = value("tag", "ci", &[("MLSPEC_TAG", "x, y,")]);
        assert_eq!(tags, Some(("x|y".to_owned(), of_variable("MLSPEC_TAG"))));
        let filter = value("filter", "ci", &[("MLSPEC_FILTER", "name(a, b)")]);
        assert_eq!(filter, Some(("name(a, b)".to_owned(), of_variable("MLSPEC_FILTER"))));
        let quiet = value("quiet", "ci", &[("MLSPEC_QUIET", "1")]);
        assert_eq!(quiet, Some(("true".to_owned(), of_variable("MLSPEC_QUIET"))));
    }

    #[test]
    fn of_two_opposites_the_one_of_the_higher_layer_counts() {
        let file =
            read("[profile.default]\nquiet = true\n[profile.ci]\nverbose = true\n[profile.both]\nquiet = true\nverbose = true\n")
                .unwrap();
        let of = |profile: &str, variables| {
            let environment = Variables(variables);
            let profile = profile.to_owned();
            let layers = Layers { environment: &environment, file: &file, profile };
            let on = |name| layers.value(Key::find(name).unwrap()).is_some_and(|it| it.is_on());
            (on("quiet"), on("verbose"), layers.opposites().is_some())
        };
        assert_eq!(of("default", &[]), (true, false, false));
        assert_eq!(of("ci", &[]), (false, true, false));
        assert_eq!(of("default", &[("MLSPEC_VERBOSE", "1")]), (false, true, false));
        assert_eq!(of("ci", &[("MLSPEC_QUIET", "1")]), (true, false, false));
        assert_eq!(of("default", &[("MLSPEC_VERBOSE", "0")]), (true, false, false));
        assert_eq!(of("both", &[]), (true, true, true));
    }

    #[test]
    fn what_is_built_in_comes_last() {
        let built_in = Some(("60s".to_owned(), Origin::BuiltIn));
        assert_eq!(value("slow-after", "default", &[]), built_in);
        assert_eq!(value("retries", "default", &[]), None);
        assert_eq!(value("retries", "ci", &[]), Some(("2".to_owned(), Origin::BuiltInProfile(CI))));
        assert!(matches!(value("retries", "night", &[]), Some((_, Origin::File { .. }))));
    }
}
