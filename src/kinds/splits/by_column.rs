//! The data says itself which rows train and which judge.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{About, ColumnRole, Fold, Keys, Split, SplitRows, column};
use crate::data::{ClassName, ColumnName, Task};
use crate::diagnostic::{Code, Near, Part, Problem, Route};
use crate::kinds::Rule;

const EXAMPLE: &str = "column: year, train: [2007, 2008], test: 2009";

/// Takes the rows with some values of a column to train and those with others to judge.
///
/// Values are compared as they are written: `3` and `"3"` name the same one. **Rows with any other
/// value are left out**: they neither train nor judge, and the run prints how many rows do. Each
/// value has to be in the data, and none may be on both sides. Rows keep the order of the file, and
/// nothing is drawn at random. The column is no feature, and no row may lack its value.
///
/// ```yaml
/// data:
///   split:
///     by_column: { column: year, train: [2007, 2008], test: 2009 }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ByColumn {
    /// The column that says where a row goes. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ColumnName", example = &"year")]
    pub column: Option<ColumnName>,
    /// The value or values whose rows train. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ColumnValues", example = [1, 2])]
    pub train: Option<ColumnValues>,
    /// The value or values whose rows judge. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ColumnValues", example = 3)]
    pub test: Option<ColumnValues>,
}

/// A value of a column, or a list of values.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnValues {
    One(ClassName),
    List(Vec<ClassName>),
}

impl ColumnValues {
    fn as_slice(&self) -> &[ClassName] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::List(values) => values,
        }
    }

    fn listing(&self) -> String {
        let values = self.as_slice();
        let more = values.len().saturating_sub(SHOWN);
        let shown: Vec<String> = values.iter().take(SHOWN).map(ToString::to_string).collect();
        with_more(&shown, more)
    }
}

/// How many values a message lists.
const SHOWN: usize = 8;

fn with_more(shown: &[String], more: usize) -> String {
    match more {
        0 => shown.join(", "),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}

impl Split for ByColumn {
    fn about(&self) -> About<'_> {
        column::about(self.column.as_ref(), ColumnRole::Groups, 1)
    }

    fn rules() -> Vec<Rule> {
        let example = format!("by_column: {{ {EXAMPLE} }}");
        let names = ["column", "train", "test"];
        names.map(|name| Rule::required("by_column", name, &example)).into()
    }

    fn check(&self, _: Option<Task>) -> Vec<Problem> {
        let mut problems = Vec::new();
        let (train, test) = self.sides();
        for (route, value) in test {
            if train.iter().any(|(_, other)| other.value() == value.value()) {
                let message = format!("`{value}` is on both sides");
                let problem = Problem::of_parameter(Code::SplitImpossible, "test", message)
                    .label("stands under `train` too")
                    .help("a row trains or judges: keep the value on one side");
                problems.push(Problem { route, ..problem });
            }
        }
        problems
    }

    fn split(&self, rows: &SplitRows<'_>) -> Result<Vec<Fold>, Problem> {
        let keys = column::keys(rows)?;
        let sizes = column::counts(&keys);
        let (train, test) = self.sides();
        let side_of_value: BTreeMap<&str, Side> =
            (train.iter().map(|(_, value)| (value.value(), Side::Train)))
                .chain(test.iter().map(|(_, value)| (value.value(), Side::Test)))
                .collect();
        let mut found = BTreeSet::new();
        let mut side_of = vec![Side::LeftOut; keys.distinct];
        for code in (0..keys.distinct as u32).filter(|code| sizes[*code as usize] > 0) {
            let shown = (keys.shown)(code);
            if let Some((value, side)) = side_of_value.get_key_value(shown.as_str()) {
                found.insert(*value);
                side_of[code as usize] = *side;
            }
        }
        let absent =
            train.into_iter().chain(test).find(|(_, value)| !found.contains(value.value()));
        if let Some((route, value)) = absent {
            return Err(self.unknown(route, value, &keys, &sizes));
        }
        let rows_of = |side: Side| -> Vec<u32> {
            let on_side = |row: &u32| side_of[keys.codes[*row as usize] as usize] == side;
            (0..keys.codes.len() as u32).filter(on_side).collect()
        };
        Ok(vec![Fold { train: rows_of(Side::Train), test: rows_of(Side::Test) }])
    }

    fn describe(&self, _: Task) -> String {
        let listing = |values: Option<&ColumnValues>| {
            values.map_or_else(|| "?".to_owned(), ColumnValues::listing)
        };
        format!(
            "by `{}`: train on {}, judge on {}, leave other rows out",
            column::name(self.column.as_ref()),
            listing(self.train.as_ref()),
            listing(self.test.as_ref())
        )
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Train,
    Test,
    LeftOut,
}

/// The values of one side, each with its route.
type Values<'a> = Vec<(Route, &'a ClassName)>;

fn named<'a>(values: Option<&'a ColumnValues>, parameter: &str) -> Values<'a> {
    let route = Route::root().key(parameter);
    match values {
        None => Vec::new(),
        Some(ColumnValues::One(value)) => vec![(route, value)],
        Some(ColumnValues::List(values)) => {
            values.iter().enumerate().map(|(at, value)| (route.index(at), value)).collect()
        }
    }
}

impl ByColumn {
    /// The values that train, and those that judge.
    fn sides(&self) -> (Values<'_>, Values<'_>) {
        (named(self.train.as_ref(), "train"), named(self.test.as_ref(), "test"))
    }

    /// A value that no row has.
    fn unknown(
        &self,
        route: Route,
        value: &ClassName,
        keys: &Keys<'_>,
        sizes: &[usize],
    ) -> Problem {
        let column = column::name(self.column.as_ref());
        let present: Vec<u32> =
            (0..keys.distinct as u32).filter(|code| sizes[*code as usize] > 0).collect();
        let shown: Vec<String> =
            present.iter().take(SHOWN).map(|code| (keys.shown)(*code)).collect();
        let listing = with_more(&shown, present.len() - shown.len());
        // Numbers and the names of many things are near to each other by chance.
        let names = present.iter().take(1000).map(|code| (keys.shown)(*code));
        let near = Near::likest(&value.to_string(), names);
        let message = format!("no row has `{value}` in `{column}`");
        let problem = Problem {
            route,
            part: Part::Value,
            ..Problem::of_kind(Code::SplitImpossible, message).label("no such value")
        };
        match near {
            Some(near) => problem
                .help(format!("{} The values are {listing}", near.question()))
                .instead(&value.to_string(), &near),
            None => problem.help(format!("the values are {listing}")),
        }
    }
}

impl<'de> Deserialize<'de> for ColumnValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let one = |value| ClassName::deserialize(value).map_err(de::Error::custom);
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Array(values) => {
                Ok(Self::List(values.into_iter().map(one).collect::<Result<_, _>>()?))
            }
            value => Ok(Self::One(one(value)?)),
        }
    }
}

impl Serialize for ColumnValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(value) => value.serialize(serializer),
            Self::List(values) => values.serialize(serializer),
        }
    }
}

impl JsonSchema for ColumnValues {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ColumnValues".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let item = ClassName::any_value();
        json_schema!({
            "type": ["string", "integer", "number", "boolean", "array"],
            // Beside `type`, `items` would make editors insert a list for a single value.
            "allOf": [{ "items": item, "minItems": 1, "uniqueItems": true }],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Rows, problems, split_of};
    use crate::data::Task;
    use crate::diagnostic::Route;
    use serde_json::{Value, json};

    fn with(train: &Value, test: &Value) -> Value {
        json!({ "by_column": { "column": "day", "train": train, "test": test } })
    }

    #[test]
    fn values_name_sides_and_the_others_are_left_out() {
        let rows = Rows::of_values(&["1", "2", "3", "4", "1", "3"]);
        let folds = rows.split(&with(&json!([1, "2"]), &json!(3))).unwrap();
        assert_eq!((&*folds[0].train, &*folds[0].test), (&[0, 1, 4][..], &[2, 5][..]));
        let rows = Rows::of_values(&["true", "false", "true"]);
        let folds = rows.split(&with(&json!(true), &json!("false"))).unwrap();
        assert_eq!((&*folds[0].train, &*folds[0].test), (&[0, 2][..], &[1][..]));
    }

    #[test]
    fn a_value_that_no_row_has_is_refused() {
        let rows = Rows::of_values(&["spring", "summer", "autumn"]);
        let problem = rows.split(&with(&json!(["spring", "sumer"]), &json!("autumn"))).unwrap_err();
        assert_eq!(problem.route, Route::root().key("train").index(1));
        assert_eq!(problem.message, "no row has `sumer` in `day`");
        assert_eq!(
            problem.help.as_deref(),
            Some("did you mean `summer`? The values are autumn, spring, summer")
        );
        let problem = rows.split(&with(&json!("spring"), &json!(2))).unwrap_err();
        assert_eq!(problem.route, Route::root().key("test"));
        assert_eq!(problem.help.as_deref(), Some("the values are autumn, spring, summer"));
    }

    #[test]
    fn one_value_on_both_sides_is_found_before_the_rows_are_read() {
        let found = problems(&with(&json!([1, 2]), &json!([3, "2"])), Task::Regression);
        let [problem] = &found[..] else { panic!("{found:?}") };
        assert_eq!(problem.route, Route::root().key("test").index(1));
        assert_eq!(problem.message, "`2` is on both sides");
    }

    #[test]
    fn the_plan_says_what_is_left_out() {
        let split = split_of(&with(&json!([1, 2]), &json!(3)));
        assert_eq!(
            split.kind().describe(Task::Regression),
            "by `day`: train on 1, 2, judge on 3, leave other rows out"
        );
        let written = serde_json::to_value(&split).unwrap();
        assert_eq!(written["by_column"]["train"], json!(["1", "2"]));
        assert_eq!(split_of(&written), split);
    }
}
