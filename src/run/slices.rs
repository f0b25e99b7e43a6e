//! Which rows belong to which value of a slice.

use std::collections::HashMap;
use std::sync::Arc;

use super::fit::unreadable;
use crate::data::{Frame, LoadError, MISSING};
use crate::diagnostic::{Code, Diagnostic, Place, counted};
use crate::plan::{Bins, BoundPlan, Slice, SliceRows};

/// The values of a slice, and which of them each row of the frame has.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The position of the slice in the plan.
    pub slice: usize,
    /// The values of a `by` slice; a single none for a `where` slice.
    pub values: Vec<Option<Arc<str>>>,
    /// Whether the spec expects each of the values.
    pub expected: Vec<bool>,
    /// One entry a row: a position in `values`, or [`MISSING`].
    pub codes: Vec<u32>,
}

impl Membership {
    /// How many different rows each value has among those of all folds: with repeats a row is judged
    /// more than once, which makes it no better sample.
    pub fn count<'a>(&self, folds: impl Iterator<Item = &'a [u32]>) -> Vec<usize> {
        let mut counts = vec![0; self.values.len()];
        let mut seen = vec![false; self.codes.len()];
        for row in folds.flatten().map(|row| *row as usize) {
            let first = !std::mem::replace(&mut seen[row], true);
            if let (true, Some(count)) = (first, counts.get_mut(self.codes[row] as usize)) {
                *count += 1;
            }
        }
        counts
    }
}

/// One membership a slice, in the order of the plan.
///
/// # Errors
/// A column that cannot be read, at the slice.
pub fn memberships(bound: &BoundPlan, frame: &Frame) -> Result<Vec<Membership>, Diagnostic> {
    let slices = bound.plan.slices.iter().enumerate();
    slices.map(|(at, slice)| membership(bound, at, slice, frame)).collect()
}

fn membership(
    bound: &BoundPlan,
    at: usize,
    slice: &Slice,
    frame: &Frame,
) -> Result<Membership, Diagnostic> {
    let unreadable = |error: LoadError| unreadable(bound, error);
    match &slice.rows {
        SliceRows::Where(predicate) => {
            let matches = frame.matches(predicate.value()).map_err(|error| {
                let place = Place::value(slice.route.key("where"));
                Diagnostic::error(Code::BadSql, place, error.message).label("in this SQL")
            })?;
            let codes = matches.into_iter().map(|matches| if matches { 0 } else { MISSING });
            Ok(Membership {
                slice: at,
                values: vec![None],
                expected: vec![true],
                codes: codes.collect(),
            })
        }
        SliceRows::By { columns, bins, expect } => {
            let mut named = Vec::new();
            for column in columns {
                named.push(values_of(frame, column.value(), bins.as_ref()).map_err(unreadable)?);
            }
            let (values, codes) = combined(named, frame.rows());
            let expected = values
                .iter()
                .map(|value| expect.iter().any(|name| name.value() == &**value))
                .collect();
            let values = values.into_iter().map(Some).collect();
            Ok(Membership { slice: at, values, expected, codes })
        }
    }
}

/// The values of one column as text, sorted, and the value of each row. A missing value comes last,
/// as `(missing)`.
type Named = (Vec<Arc<str>>, Vec<u32>);

fn values_of(frame: &Frame, column: &str, bins: Option<&Bins>) -> Result<Named, LoadError> {
    let numeric = frame.is_number(column);
    let (mut values, mut codes): Named = match bins {
        Some(bins) if numeric => {
            let numbers = frame.numbers(column)?;
            let edges = match bins {
                Bins::Edges(edges) => edges.clone(),
                Bins::Count(count) => quantiles(&numbers, *count),
            };
            let code = |number: &f64| match number.is_nan() {
                true => MISSING,
                false => edges.partition_point(|edge| edge <= number) as u32,
            };
            (ranges(&edges), numbers.iter().map(code).collect())
        }
        _ => {
            let groups = frame.groups(column)?;
            let names = (0..groups.distinct() as u32).map(|code| groups.shown(code).into());
            (names.collect(), groups.codes)
        }
    };
    if codes.contains(&MISSING) {
        let missing = values.len() as u32;
        values.push("(missing)".into());
        codes.iter_mut().filter(|code| **code == MISSING).for_each(|code| *code = missing);
    }
    Ok((values, codes))
}

/// The names of the ranges between edges: `< 18`, `[18, 65)`, `>= 65`.
fn ranges(edges: &[f64]) -> Vec<Arc<str>> {
    let first = edges.first().map(|edge| format!("< {edge}"));
    let between = edges.windows(2).map(|pair| format!("[{}, {})", pair[0], pair[1]));
    let last = edges.last().map(|edge| format!(">= {edge}"));
    match first {
        Some(first) => std::iter::once(first).chain(between).chain(last).map(Into::into).collect(),
        None => vec!["all".into()],
    }
}

/// Edges that leave about as many values in each of `count` ranges; fewer where values repeat.
fn quantiles(numbers: &[f64], count: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = numbers.iter().copied().filter(|number| !number.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut edges: Vec<f64> =
        (1..count).filter_map(|at| sorted.get(at * sorted.len() / count).copied()).collect();
    edges.dedup();
    edges.retain(|edge| sorted.first().is_some_and(|least| edge > least));
    edges
}

/// The combinations of values that occur, in the order of the columns' values.
fn combined(mut columns: Vec<Named>, rows: usize) -> Named {
    if columns.len() == 1 {
        return columns.remove(0);
    }
    let key = |row: usize| -> Vec<u32> { columns.iter().map(|(_, codes)| codes[row]).collect() };
    let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
    (0..rows).for_each(|row| {
        known.insert(key(row), 0);
    });
    let mut keys: Vec<Vec<u32>> = known.keys().cloned().collect();
    keys.sort_unstable();
    for (at, key) in (0..).zip(&keys) {
        known.insert(key.clone(), at);
    }
    let name = |key: &Vec<u32>| -> Arc<str> {
        let parts: Vec<&str> =
            key.iter().zip(&columns).map(|(code, (values, _))| &*values[*code as usize]).collect();
        parts.join(", ").into()
    };
    (keys.iter().map(name).collect(), (0..rows).map(|row| known[&key(row)]).collect())
}

/// Values that a slice expects and no row has, or too few, on their place in the spec; those that a
/// threshold speaks of are left to its verdict.
pub fn missing(bound: &BoundPlan, members: &[Membership], rows: &[Vec<u32>]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for membership in members {
        let slice = &bound.plan.slices[membership.slice];
        let SliceRows::By { expect, .. } = &slice.rows else { continue };
        let counts = membership.count(rows.iter().map(|rows| &**rows));
        for (at, name) in expect.iter().enumerate() {
            let position =
                membership.values.iter().position(|value| value.as_deref() == Some(name.value()));
            let judged =
                bound.plan.thresholds.iter().filter_map(|each| each.on.as_ref()).any(|on| {
                    on.slice == membership.slice
                        && on.value.as_deref().is_none_or(|value| value == name.value())
                });
            let message = match position.map(|code| counts[code]) {
                Some(count) if count >= slice.min_rows => continue,
                Some(_) if judged => continue,
                Some(count) => format!(
                    "`{}` expects {} with `{name}`, and {count} of the judged rows have it",
                    slice.name,
                    counted(slice.min_rows, "row")
                ),
                None => format!("`{}` expects `{name}`, which no row has", slice.name),
            };
            let values: Vec<&str> =
                membership.values.iter().flatten().take(8).map(|value| &**value).collect();
            found.push(
                Diagnostic::error(
                    Code::SliceMissing,
                    Place::value(slice.route.key("expect").index(at)),
                    message,
                )
                .label("expected here")
                .help(format!("the values are {}", values.join(", "))),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_name_their_ranges() {
        let names: Vec<String> = ranges(&[18.0, 65.0]).iter().map(ToString::to_string).collect();
        assert_eq!(names, ["< 18", "[18, 65)", ">= 65"]);
    }

    #[test]
    fn quantiles_leave_no_range_empty() {
        assert_eq!(quantiles(&[1.0, 2.0, 3.0, 4.0], 2), [3.0]);
        assert_eq!(quantiles(&[1.0, 1.0, 1.0, 1.0, 5.0], 4), [5.0; 0]);
        assert_eq!(quantiles(&[f64::NAN], 3), [0.0; 0]);
    }

    #[test]
    fn a_row_that_is_judged_twice_counts_once() {
        let membership = Membership {
            slice: 0,
            values: vec![Some("x".into()), Some("y".into())],
            expected: vec![false, false],
            codes: vec![0, 1, 0, MISSING],
        };
        let folds: [&[u32]; 3] = [&[0, 1], &[2, 3], &[0, 2]];
        assert_eq!(membership.count(folds.into_iter()), [2, 1]);
    }

    #[test]
    fn only_combinations_that_occur_are_values() {
        let a: Named = (vec!["x".into(), "y".into()], vec![0, 1, 0]);
        let b: Named = (vec!["1".into(), "2".into()], vec![1, 0, 1]);
        let (values, codes) = combined(vec![a, b], 3);
        assert_eq!(values.iter().map(|v| &**v).collect::<Vec<_>>(), ["x, 2", "y, 1"]);
        assert_eq!(codes, [0, 1, 0]);
    }
}
