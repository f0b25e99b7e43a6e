//! The text of `mlspec.toml` to its profiles, with every mistake at its place.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{Form, KEYS, Key};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::text::{Period, nearest};

/// The profiles of a file, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    pub profiles: Vec<Profile>,
}

/// A named set of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    /// Where the name stands.
    pub span: Range<usize>,
    /// The profile whose values count where this one has none.
    pub inherits: Option<(String, Range<usize>)>,
    pub entries: Vec<Entry>,
}

/// A value of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: &'static str,
    /// As a flag would be given them.
    pub values: Vec<String>,
    /// Where the value stands.
    pub span: Range<usize>,
    /// The line, counted from 1.
    pub line: usize,
}

/// The one key of a profile that is no flag.
const INHERITS: &str = "inherits";

/// The profile that all others go back to.
pub(super) const DEFAULT: &str = "default";

/// Reads the file.
///
/// # Errors
/// All that is wrong with it, as places in its text.
pub fn read(text: &str) -> Result<File, Vec<Diagnostic>> {
    let table = DeTable::parse(text).map_err(|error| {
        let end = text.len();
        let range = error.span().unwrap_or(end..end);
        vec![
            wrong(range, format!("the file is not TOML: {}", error.message()))
                .label("read until here"),
        ]
    })?;
    let mut reader = Reader { text, found: Vec::new() };
    let file = reader.root(table.get_ref());
    reader.check_inheritance(&file);
    if reader.found.is_empty() {
        return Ok(file);
    }
    let start = |each: &Diagnostic| match &each.place {
        Place::Text { range } => range.start,
        Place::Spec { .. } | Place::Data { .. } | Place::File { .. } | Place::Flag { .. } => 0,
    };
    reader.found.sort_by_key(start);
    Err(reader.found)
}

fn wrong(range: Range<usize>, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::SettingsInvalid, Place::Text { range }, message)
}

struct Reader<'a> {
    text: &'a str,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn root(&mut self, table: &DeTable<'_>) -> File {
        let mut file = File::default();
        for (name, value) in in_order(table) {
            if name.get_ref() != "profile" {
                let is_key = Key::find(name.get_ref()).is_some();
                let unknown = self.unknown(name, ["profile"].into_iter());
                self.found.push(match is_key {
                    true => unknown.help(format!(
                        "values stand in a profile: write `[profile.default]` above `{}`",
                        name.get_ref()
                    )),
                    false => unknown
                        .help("the file is made of profiles: `[profile.default]`, `[profile.ci]`"),
                });
                continue;
            }
            let DeValue::Table(profiles) = value.get_ref() else {
                self.mismatch("profile", "a table of profiles, such as `[profile.default]`", value);
                continue;
            };
            for (name, value) in in_order(profiles) {
                match value.get_ref() {
                    DeValue::Table(values) => file.profiles.push(self.profile(name, values)),
                    _ if Key::find(name.get_ref()).is_some() => {
                        let diagnostic = wrong(
                            name.span(),
                            format!("`{}` stands in no profile", name.get_ref()),
                        );
                        self.found.push(
                            diagnostic.label("here").help("write `[profile.default]` above it"),
                        );
                    }
                    _ => self.mismatch(name.get_ref(), "a table of values, as each profile", value),
                }
            }
        }
        file
    }

    fn profile(&mut self, name: &Spanned<toml::de::DeString<'_>>, values: &DeTable<'_>) -> Profile {
        let mut profile = Profile {
            name: name.get_ref().to_string(),
            span: name.span(),
            inherits: None,
            entries: Vec::new(),
        };
        for (key, value) in in_order(values) {
            if key.get_ref() == INHERITS {
                match value.get_ref() {
                    DeValue::String(other) => {
                        profile.inherits = Some((other.to_string(), value.span()));
                    }
                    _ => self.mismatch(INHERITS, "the name of a profile", value),
                }
                continue;
            }
            let Some(known) = Key::find(key.get_ref()) else {
                let names = KEYS.iter().map(|key| key.name).chain([INHERITS]);
                let unknown = self.unknown(key, names);
                self.found.push(unknown.help(
                    "keys are the flags of `mlspec run`, and `paths`; `mlspec config` lists them",
                ));
                continue;
            };
            if let Some(values) = self.values(known, value) {
                let line = self.text[..value.span().start].matches('\n').count() + 1;
                profile.entries.push(Entry { key: known.name, values, span: value.span(), line });
            }
        }
        profile
    }

    /// The values as a flag would be given them.
    fn values(&mut self, key: &Key, value: &Spanned<DeValue<'_>>) -> Option<Vec<String>> {
        let expected = match key.form {
            Form::Switch => "true or false",
            Form::Whole => "a whole number",
            Form::Text => "a text",
            Form::Texts => "a text, or a list of texts",
            Form::Time => "a span of time as text, such as \"5m\"",
        };
        let values = match (key.form, value.get_ref()) {
            (Form::Switch, DeValue::Boolean(on)) => Some(vec![on.to_string()]),
            (Form::Whole, DeValue::Integer(number)) if number.radix() == 10 => {
                Some(vec![number.as_str().replace('_', "")])
            }
            (Form::Text | Form::Texts, DeValue::String(text)) => Some(vec![text.to_string()]),
            (Form::Texts, DeValue::Array(items)) => {
                let text = |item: &Spanned<DeValue<'_>>| item.get_ref().as_str().map(str::to_owned);
                items.iter().map(text).collect()
            }
            (Form::Time, DeValue::String(text)) => match text.parse::<Period>() {
                Ok(_) => Some(vec![text.to_string()]),
                Err(why) => {
                    self.found.push(wrong(value.span(), why).label("no span of time"));
                    return None;
                }
            },
            _ => None,
        };
        if values.is_none() {
            self.mismatch(key.name, expected, value);
        }
        values
    }

    fn unknown<'n>(
        &self,
        key: &Spanned<toml::de::DeString<'_>>,
        known: impl Iterator<Item = &'n str>,
    ) -> Diagnostic {
        let name = key.get_ref();
        let hint = match nearest(name, known) {
            Some(near) => near.question(),
            None => "no key of this file".to_owned(),
        };
        wrong(key.span(), format!("there is no setting `{name}`")).label(hint)
    }

    fn mismatch(&mut self, key: &str, expected: &str, value: &Spanned<DeValue<'_>>) {
        let message = format!("`{key}` is {expected}, not {}", kind(value.get_ref()));
        self.found.push(wrong(value.span(), message).label(format!("not {expected}")));
    }

    fn check_inheritance(&mut self, file: &File) {
        for profile in &file.profiles {
            let Some((name, span)) = &profile.inherits else { continue };
            if profile.name == DEFAULT {
                let message = "`default` is what all profiles inherit, and inherits nothing";
                self.found.push(wrong(span.clone(), message).label("not here"));
            } else if !file.knows(name) {
                self.found.push(no_profile(name, file, span.clone()));
            } else if file.chain(&profile.name).is_none() {
                let message = format!("`{}` inherits itself, by way of `{name}`", profile.name);
                self.found.push(wrong(span.clone(), message).label("a circle"));
            }
        }
    }
}

/// The diagnostic of a profile that is not there.
fn no_profile(name: &str, file: &File, span: Range<usize>) -> Diagnostic {
    let hint = match nearest(name, file.names()) {
        Some(near) => near.question(),
        None => "no profile".to_owned(),
    };
    wrong(span, format!("there is no profile `{name}`")).label(hint)
}

impl File {
    /// Names that can be asked for, whether or not the file has them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let built_in = [DEFAULT, super::layers::CI];
        let own = self.profiles.iter().map(|profile| profile.name.as_str());
        built_in.into_iter().chain(own.filter(move |name| !built_in.contains(name)))
    }

    pub fn knows(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// The profile, what it inherits, and so on to the default; none where that runs in a circle.
    pub fn chain(&self, name: &str) -> Option<Vec<&Profile>> {
        let mut chain: Vec<&Profile> = Vec::new();
        let mut next = Some(name);
        while let Some(name) = next {
            if chain.iter().any(|profile| profile.name == name) {
                return None;
            }
            let profile = self.profiles.iter().find(|profile| profile.name == name);
            let inherited = profile.and_then(|profile| Some(profile.inherits.as_ref()?.0.as_str()));
            chain.extend(profile);
            next = inherited.or((name != DEFAULT).then_some(DEFAULT));
        }
        Some(chain)
    }
}

/// The entries in the order of the file.
fn in_order<'t, 'i>(
    table: &'t DeTable<'i>,
) -> Vec<(&'t Spanned<toml::de::DeString<'i>>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "such a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> Vec<(String, String)> {
        let found = read(text).expect_err(text);
        let place = |each: &Diagnostic| match &each.place {
            Place::Text { range } => text[range.clone()].to_owned(),
            other => panic!("{other:?}"),
        };
        found.iter().map(|each| (place(each), each.message.clone())).collect()
    }

    #[test]
    fn profiles_are_read_in_order_with_their_lines() {
        let file = read("[profile.default]\npaths = [\"a\", \"b\"]\njobs = 1_0\n\n[profile.ci]\ntimeout = \"5m\"\nquiet = true\n").unwrap();
        let names: Vec<&str> = file.profiles.iter().map(|profile| profile.name.as_str()).collect();
        assert_eq!(names, ["default", "ci"]);
        let entry = |at: usize, of: usize| {
            let entry = &file.profiles[at].entries[of];
            (entry.key, entry.values.join(","), entry.line)
        };
        assert_eq!(entry(0, 0), ("paths", "a,b".to_owned(), 2));
        assert_eq!(entry(0, 1), ("jobs", "10".to_owned(), 3));
        assert_eq!(entry(1, 0), ("timeout", "5m".to_owned(), 6));
        assert_eq!(entry(1, 1), ("quiet", "true".to_owned(), 7));
    }

    #[test]
    fn profiles_go_back_to_the_default() {
        let file = read("[profile.a]\ninherits = \"b\"\n[profile.b]\n[profile.default]\n").unwrap();
        let chain = |name: &str| -> Vec<String> {
            file.chain(name).unwrap().iter().map(|profile| profile.name.clone()).collect()
        };
        assert_eq!(chain("a"), ["a", "b", "default"]);
        assert_eq!(chain("default"), ["default"]);
        assert_eq!(chain("ci"), ["default"], "built in, and not in the file");
    }

    #[test]
    fn every_mistake_has_its_place() {
        let all = "[profile.default]\njbos = 2\ntimeout = 5\nslow-after = \"5x\"\nquiet = \"yes\"\ntag = [1]\n";
        assert_eq!(
            mistakes(all),
            [
                ("jbos".to_owned(), "there is no setting `jbos`".to_owned()),
                ("5".to_owned(), "`timeout` is a span of time as text, such as \"5m\", not a whole number".to_owned()),
                ("\"5x\"".to_owned(), "`5x` is no span of time: write a number and a unit, such as `30s`, `5m` or `1.5h`".to_owned()),
                ("\"yes\"".to_owned(), "`quiet` is true or false, not a text".to_owned()),
                ("[1]".to_owned(), "`tag` is a text, or a list of texts, not such a list".to_owned()),
            ]
        );
        for (text, place, message) in [
            ("jobs = 2\n", "jobs", "there is no setting `jobs`"),
            (
                "profile = 2\n",
                "2",
                "`profile` is a table of profiles, such as `[profile.default]`, not a whole number",
            ),
            ("[profile]\njobs = 2\n", "jobs", "`jobs` stands in no profile"),
            ("[profile.a]\ninherits = \"c\"\n", "\"c\"", "there is no profile `c`"),
            ("[profile.a]\ninherits = \"a\"\n", "\"a\"", "`a` inherits itself, by way of `a`"),
            (
                "[profile.default]\ninherits = \"ci\"\n",
                "\"ci\"",
                "`default` is what all profiles inherit, and inherits nothing",
            ),
        ] {
            assert_eq!(mistakes(text), [(place.to_owned(), message.to_owned())], "{text}");
        }
        assert!(mistakes("[profile.a\n")[0].1.starts_with("the file is not TOML: "));
    }
}
