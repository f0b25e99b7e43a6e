//! Turns facts about columns into what each is used for: a feature, a key, a time, or nothing.
//! Names only count together with what the values show.

use super::facts::{ColumnFacts, Facts};
use crate::data::ColumnKind;
use crate::diagnostic::counted;

/// What a column is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    Target,
    Feature,
    /// It names each row.
    Id,
    /// It says when: a split can go by it.
    Time,
    /// It says what belongs together: a split can keep it on one side.
    Group,
    /// It is left out, for this reason.
    Left(String),
}

/// More categories than this would become too many columns.
const CATEGORIES: usize = 60;

/// Fewer groups or times than this are too few for a split to go by.
pub(super) const PARTS: usize = 10;

/// So many rows without a value leave too little to learn from.
const MOSTLY: f64 = 0.9;

/// The role of each column.
pub fn roles(facts: &Facts, target: Option<&str>) -> Vec<Role> {
    let mut roles: Vec<Role> = facts
        .columns
        .iter()
        .map(|column| match target {
            Some(target) if *target == *column.name => Role::Target,
            _ => role(column, facts.rows, target),
        })
        .collect();
    // A spec has one key, and a split one column.
    for (role, reason) in [
        (Role::Id, "a key as well: it says nothing of other rows"),
        (Role::Time, "a time as well; `derive` can make numbers of it"),
        (Role::Group, "a key: the model would learn it by heart"),
    ] {
        let further = roles.iter_mut().filter(|other| **other == role).skip(1);
        further.for_each(|other| *other = Role::Left(reason.to_owned()));
    }
    roles
}

fn role(column: &ColumnFacts, rows: usize, target: Option<&str>) -> Role {
    let ColumnFacts { kind, missing, distinct, .. } = column;
    let (missing, distinct) = (*missing, *distinct);
    let present = column.present(rows);
    let whole = missing == 0;
    let name = words(&column.name);
    let left = |reason: String| Role::Left(reason);
    if let ColumnKind::Other(kind) = kind {
        return left(format!("of type {kind}, which no model takes"));
    }
    if present == 0 {
        return left("no value at all".to_owned());
    }
    if distinct == 1 && missing == 0 {
        return left("the same value in every row".to_owned());
    }
    if column.tells_target {
        let target = target.unwrap_or("the target");
        return left(format!("another word for `{target}`: each value goes with one of its"));
    }
    if missing as f64 > MOSTLY * rows as f64 {
        return left(format!("no value in {missing} of {rows} rows"));
    }
    if kind.is_moment() {
        let of_birth =
            name.iter().any(|word| matches!(word.as_str(), "birth" | "birthday" | "dob" | "born"));
        return match whole && distinct >= PARTS && !of_birth {
            true => Role::Time,
            false => left("a time; `derive` can make numbers of it".to_owned()),
        };
    }
    let counts = matches!(kind, ColumnKind::Integer | ColumnKind::Text);
    let timed = name.iter().any(|word| TIMES.contains(&word.as_str()));
    if *kind == ColumnKind::Integer && whole && distinct >= PARTS && is_time(&name) {
        return Role::Time;
    }
    if distinct == present && present > 1 && counts {
        let key = is_key(&name, &column.name) || is_entity(&name);
        let names_rows = key || (column.running && !timed && rows >= 20);
        if names_rows && whole {
            return Role::Id;
        }
        if names_rows {
            return left("a key: it says nothing of other rows".to_owned());
        }
    }
    let repeats = distinct * 3 <= present * 2;
    if counts && repeats && is_entity(&name) {
        return match whole && distinct >= PARTS {
            true => Role::Group,
            // A handful of known groups is a category like any other.
            false if distinct <= CATEGORIES && *kind == ColumnKind::Text => Role::Feature,
            false => left("a key: the model would learn it by heart".to_owned()),
        };
    }
    if *kind == ColumnKind::Text {
        if column.has_decimal_commas(rows) {
            return left("numbers with a comma are text here: write a point".to_owned());
        }
        if distinct * 2 > present && present > 10 {
            let values = counted(distinct, "value");
            return left(format!("{values} in {present} rows: names or free text"));
        }
        if distinct > CATEGORIES {
            return left(format!(
                "{distinct} values: too many for a column each; `target_encode` could use them"
            ));
        }
    }
    Role::Feature
}

/// Words of names that count on without naming rows.
const TIMES: [&str; 16] = [
    "year",
    "month",
    "week",
    "day",
    "hour",
    "minute",
    "second",
    "time",
    "date",
    "timestamp",
    "epoch",
    "period",
    "quarter",
    "step",
    "t",
    "age",
];

/// Words for what has several rows of its own.
const ENTITIES: [&str; 27] = [
    "account",
    "animal",
    "batch",
    "child",
    "client",
    "company",
    "customer",
    "device",
    "employee",
    "household",
    "machine",
    "member",
    "owner",
    "participant",
    "patient",
    "person",
    "player",
    "respondent",
    "school",
    "seller",
    "sensor",
    "session",
    "store",
    "student",
    "subject",
    "user",
    "vehicle",
];

fn is_time(name: &[String]) -> bool {
    matches!(name, [only] if matches!(only.as_str(), "year" | "timestamp" | "epoch" | "unixtime" | "ts"))
}

fn is_id_word(word: &str) -> bool {
    matches!(word, "id" | "uuid" | "guid")
}

/// Whether a name says that its values are keys.
fn is_key(name: &[String], written: &str) -> bool {
    let last = |word: &String| {
        is_id_word(word)
            || matches!(word.as_str(), "key" | "index" | "idx" | "nr" | "no" | "number")
    };
    written.trim().is_empty()
        || name.last().is_some_and(last)
        || name.first().is_some_and(|word| is_id_word(word) || word == "unnamed")
        || written == "column_1"
}

/// Whether a name says that its values are those of something with several rows.
fn is_entity(name: &[String]) -> bool {
    let is_noun = |word: &String| ENTITIES.contains(&word.as_str());
    match name {
        [only] => is_noun(only),
        [.., last] => {
            let noun = matches!(last.as_str(), "nr" | "no" | "number" | "key" | "name");
            is_id_word(last) || (noun && name.iter().any(is_noun))
        }
        [] => false,
    }
}

/// The words of a name, in lower case: `customerID` and `customer_id` are two.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_alphanumeric() {
            let begins = !before.is_alphanumeric() || (before.is_lowercase() && c.is_uppercase());
            if begins || words.is_empty() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        for (name, expected) in [
            ("customerID", vec!["customer", "id"]),
            ("customer_id", vec!["customer", "id"]),
            ("ID", vec!["id"]),
            ("Größe (cm)", vec!["größe", "cm"]),
            ("", vec![]),
        ] {
            assert_eq!(words(name), expected, "{name}");
        }
        assert!(is_key(&words("PassengerId"), "PassengerId"));
        assert!(is_key(&words("Unnamed: 0"), "Unnamed: 0"));
        assert!(!is_key(&words("Idaho"), "Idaho"));
        assert!(is_entity(&words("patient")) && is_entity(&words("store_id")));
        assert!(!is_entity(&words("session_length")) && !is_entity(&words("age")));
    }
}
