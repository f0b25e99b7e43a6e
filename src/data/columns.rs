//! What is known of a table before its rows are used: names, types, and how specs select them.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::written::Text;

/// The type of a column as a spec sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    Integer,
    Float,
    Bool,
    Text,
    /// Days, without a time.
    Date,
    /// Moments in UTC, or without a time zone.
    Datetime,
    /// Nothing but missing values so far.
    Empty,
    /// A type that no step and no model takes, in the words of the file format.
    Other(String),
}

impl ColumnKind {
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Integer | Self::Float)
    }

    /// Whether these are days or moments, which SQL compares and no model takes.
    pub fn is_moment(&self) -> bool {
        matches!(self, Self::Date | Self::Datetime)
    }
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Text => "text",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Empty => "empty",
            Self::Other(name) => name,
        })
    }
}

/// A type that a spec declares for a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclaredType {
    Int,
    Float,
    String,
    Bool,
    Category,
    Date,
    Datetime,
}

impl DeclaredType {
    /// Name and meaning of each type, in the order of the schema.
    pub const ALL: [(&'static str, &'static str); 7] = [
        ("int", "Whole numbers."),
        ("float", "Numbers with a fraction."),
        ("string", "Text; the same as `category`."),
        ("bool", "`true` and `false`."),
        ("category", "One of a set of values, also where they look like numbers."),
        ("date", "Days, written `YYYY-MM-DD`."),
        (
            "datetime",
            "Moments, written `YYYY-MM-DDTHH:MM:SS`, the same with `Z` or `+02:00` behind it, or a bare date. Seconds may be left out or have a fraction.",
        ),
    ];

    pub fn kind(self) -> ColumnKind {
        match self {
            Self::Int => ColumnKind::Integer,
            Self::Float => ColumnKind::Float,
            Self::Bool => ColumnKind::Bool,
            Self::String | Self::Category => ColumnKind::Text,
            Self::Date => ColumnKind::Date,
            Self::Datetime => ColumnKind::Datetime,
        }
    }
}

impl JsonSchema for DeclaredType {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DeclaredType".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let (names, docs): (Vec<_>, Vec<_>) = Self::ALL.into_iter().unzip();
        json_schema!({ "type": "string", "enum": names, "markdownEnumDescriptions": docs })
    }
}

/// Name, type and missing values of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnInfo {
    pub name: Arc<str>,
    pub kind: ColumnKind,
    /// Rows without a value, when all rows have been looked at.
    pub missing: Option<usize>,
}

/// The columns of a table, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    pub infos: Vec<ColumnInfo>,
    /// How many rows there are, when all have been looked at.
    pub rows: Option<usize>,
}

impl Columns {
    pub fn get(&self, name: &str) -> Option<&ColumnInfo> {
        self.infos.iter().find(|info| &*info.name == name)
    }

    /// These columns, with what `seen` knows better about some of them.
    #[must_use]
    pub fn overlay(&self, seen: &Columns) -> Self {
        let better = |info: &ColumnInfo| seen.get(&info.name).unwrap_or(info).clone();
        Self { infos: self.infos.iter().map(better).collect(), rows: seen.rows }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.infos.iter().map(|info| &*info.name)
    }
}

/// The name of a column in a spec.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ColumnName(Text);

impl ColumnName {
    /// A name without variables.
    pub fn plain(name: impl Into<Arc<str>>) -> Self {
        Self(Text::plain(name))
    }
}

impl Deref for ColumnName {
    type Target = Text;

    fn deref(&self) -> &Text {
        &self.0
    }
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl JsonSchema for ColumnName {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ColumnName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-names": "column" })
    }
}

/// Names and globs (`*`, `?`) that pick columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ColumnSelector(Vec<Text>);

impl JsonSchema for ColumnSelector {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ColumnSelector".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": { "type": "string", "x-names": "columns" } })
    }
}

impl ColumnSelector {
    pub fn items(&self) -> &[Text] {
        &self.0
    }

    /// For each column, whether it is picked; and the positions of the items that pick nothing.
    pub fn bind<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> (Vec<bool>, Vec<usize>) {
        let mut used = vec![false; self.0.len()];
        let names: Vec<&str> = names.into_iter().collect();
        let mut picked = vec![false; names.len()];
        for (at, item) in self.0.iter().enumerate() {
            let exact = names.iter().position(|name| *name == item.value());
            match exact {
                Some(column) => {
                    picked[column] = true;
                    used[at] = true;
                }
                None => {
                    for (column, name) in names.iter().enumerate() {
                        if glob_matches(item.value(), name) {
                            picked[column] = true;
                            used[at] = true;
                        }
                    }
                }
            }
        }
        let unused = (0..used.len()).filter(|at| !used[*at]).collect();
        (picked, unused)
    }
}

/// Whether `pattern` matches all of `name`: `*` is any run of characters, `?` any single one.
/// Everything else is itself, because column names are full of brackets and braces.
pub fn glob_matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_names() {
        for (pattern, name, matches) in [
            ("bill_*", "bill_depth_mm", true),
            ("*_mm", "bill_depth_mm", true),
            ("x?", "x1", true),
            ("x?", "x12", false),
            ("*", "", true),
            ("a*b*c", "aXbXbc", true),
            ("x[1]", "x[1]", true),
            ("", "a", false),
        ] {
            assert_eq!(glob_matches(pattern, name), matches, "{pattern} on {name}");
        }
    }

    #[test]
    fn exact_names_win_over_globs() {
        let selector = ColumnSelector(vec![Text::plain("a*"), Text::plain("zz")]);
        assert_eq!(selector.bind(["a*", "ab"]), (vec![true, false], vec![1]));
    }
}
