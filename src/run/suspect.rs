//! Looks for columns of text that were hardly meant to be text.

use std::collections::HashSet;

use crate::data::{MISSING, Table, Values};
use crate::diagnostic::{Code, Diagnostic, Place, counted};
use crate::plan::BoundPlan;

/// Fewer rows than this say nothing about a column.
const ROWS: usize = 20;

/// Warnings for features that turn numbers or identifiers into categories. Columns whose type is
/// declared are what the author wants.
pub fn suspects(bound: &BoundPlan, table: &Table, row: &dyn Fn(usize) -> u64) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for column in &table.columns {
        let Values::Category { codes, dictionary } = &column.values else { continue };
        let declared = bound.plan.types.iter().any(|(name, _)| **name == *column.name)
            || bound.plan.is_derived(&column.name);
        let present = codes.iter().filter(|code| **code != MISSING).count();
        if declared || present < ROWS {
            continue;
        }
        let numeric: Vec<bool> = dictionary.iter().map(|word| is_number(word)).collect();
        let numbers = codes.iter().filter(|code| **code != MISSING && numeric[**code as usize]);
        let numbers = numbers.count();
        let odd = codes.iter().position(|code| *code != MISSING && !numeric[*code as usize]);
        let distinct: HashSet<u32> =
            codes.iter().copied().filter(|code| *code != MISSING).collect();
        let name = &column.name;
        let (message, help) = match odd {
            Some(at) if numbers * 2 > present => {
                let word = &dictionary[codes[at] as usize];
                (
                    format!(
                        "`{name}` is text because of values such as `{word}` in row {}; {numbers} of {present} are numbers",
                        row(at)
                    ),
                    format!(
                        "if `{word}` means a gap, list it in `null_values` under `csv`; else declare `{name}` in `types`"
                    ),
                )
            }
            None => (
                format!(
                    "`{name}` holds numbers that are written as text, such as `{}`",
                    dictionary[0]
                ),
                format!(
                    "write them with a decimal point in the data, or declare `{name}: category` in `types`"
                ),
            ),
            Some(_) if distinct.len() * 10 > present * 9 => (
                format!(
                    "`{name}` has {} in {}: an identifier?",
                    counted(distinct.len(), "value"),
                    counted(present, "row")
                ),
                format!(
                    "write `exclude: [{name}]` in `data`, or declare `{name}: category` in `types`"
                ),
            ),
            Some(_) => continue,
        };
        warnings.push(
            Diagnostic::warning(
                Code::SuspectText,
                Place::value(bound.plan.source.route.clone()),
                message,
            )
            .label("holds this column")
            .help(help),
        );
    }
    warnings
}

/// Whether text is a number, with a decimal comma or a percent sign as well.
fn is_number(text: &str) -> bool {
    let text = text.trim().trim_end_matches('%');
    text.parse::<f64>().is_ok() || text.replace(',', ".").parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_seen_behind_commas_and_signs() {
        assert!(["1", "-2.5", "0,126", "1.3%", " 7 "].iter().all(|text| is_number(text)));
        assert!(!["", "?", "red", "12 cm", "1,2,3"].iter().any(|text| is_number(text)));
    }
}
