//! Turns the rows of a table into what editors tell of each column: values that it has, and how they spread.

use crate::data::{Frame, Groups, MISSING};

/// So many values of a column are kept; an editor offers them, a hover shows the first few.
const MOST_VALUES: usize = 50;

/// So many values are named with their shares.
const MOST_SHARES: usize = 4;

/// With more distinct values than this, numbers are a range rather than categories.
const MOST_CODES: usize = 10;

/// What is known of a column from all of its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    pub missing: usize,
    /// The most frequent first.
    pub values: Vec<String>,
    /// One line; none where there are no values.
    pub distribution: Option<String>,
}

/// The summary of a column; none where its type is one that nothing reads.
pub(super) fn summary(frame: &Frame, column: &str) -> Option<Summary> {
    let groups = frame.groups(column).ok()?;
    let mut counts = vec![0_usize; groups.distinct()];
    let mut missing = 0;
    for code in &groups.codes {
        match counts.get_mut(*code as usize).filter(|_| *code != MISSING) {
            Some(count) => *count += 1,
            None => missing += 1,
        }
    }
    let mut order: Vec<u32> =
        (0..).take(counts.len()).filter(|code| counts[*code as usize] > 0).collect();
    let is_range = is_ordered(frame, column) && order.len() > MOST_CODES;
    let distribution = match (order.first(), order.last()) {
        (Some(first), Some(last)) if is_range => {
            Some(range(frame, column, &groups, (*first, *last), order.len()))
        }
        _ => None,
    };
    // Sorted by frequency, equal ones in their own order.
    order.sort_by_key(|code| std::cmp::Reverse(counts[*code as usize]));
    let values = order.iter().take(MOST_VALUES).map(|code| groups.shown(*code)).collect();
    let shares = || shares(&groups, &counts, &order);
    Some(Summary { missing, values, distribution: distribution.or_else(shares) })
}

/// Whether the values of a column lie on a line: numbers, days, moments.
fn is_ordered(frame: &Frame, column: &str) -> bool {
    let columns = frame.columns();
    columns.get(column).is_some_and(|info| info.kind.is_number() || info.kind.is_moment())
}

/// `from 2700 to 6300, median 4050, mean 4201.75; 94 distinct values`
fn range(
    frame: &Frame,
    column: &str,
    groups: &Groups,
    (first, last): (u32, u32),
    distinct: usize,
) -> String {
    let ends = format!("from {} to {}", groups.shown(first), groups.shown(last));
    let numbers = frame.numbers(column).unwrap_or_default();
    let mut numbers: Vec<f64> = numbers.into_iter().filter(|value| !value.is_nan()).collect();
    if numbers.is_empty() {
        return format!("{ends}; {distinct} distinct values");
    }
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let median = match numbers.len() % 2 {
        0 => numbers[middle - 1] / 2.0 + numbers[middle] / 2.0,
        _ => numbers[middle],
    };
    let count = numbers.len() as f64;
    let mean: f64 = numbers.iter().map(|value| value / count).sum();
    format!("{ends}, median {}, mean {}; {distinct} distinct values", short(median), short(mean))
}

/// `Adelie 44%, Gentoo 36%, Chinstrap 20%`
fn shares(groups: &Groups, counts: &[usize], order: &[u32]) -> Option<String> {
    let all: usize = counts.iter().sum();
    if all == 0 {
        return None;
    }
    let share = |code: &u32| {
        let share = counts[*code as usize] as f64 / all as f64 * 100.0;
        let share = if share < 1.0 { "under 1".to_owned() } else { format!("{share:.0}") };
        format!("{} {share}%", groups.shown(*code))
    };
    let named: Vec<String> = order.iter().take(MOST_SHARES).map(share).collect();
    let others = order.len().saturating_sub(MOST_SHARES);
    let rest = if others == 0 { String::new() } else { format!(" and {others} more values") };
    Some(format!("{}{rest}", named.join(", ")))
}

/// A number with a few digits, for reading.
fn short(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-3..1e9).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let before = if magnitude < 1.0 { 0 } else { magnitude.log10() as usize };
    let text = format!("{value:.*}", 3_usize.saturating_sub(before).max(usize::from(before < 4)));
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::data::{CsvOptions, Format, Request, load};

    fn frame(text: &str) -> Frame {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, text).unwrap();
        let format = Format::Csv(CsvOptions::default());
        let request = Request {
            path: &path,
            format: &format,
            columns: None,
            types: &[],
            derived: &[],
            predicate: None,
        };
        load(&request).unwrap()
    }

    #[test]
    fn categories_have_shares_and_numbers_a_range() {
        let rows: String =
            (1..=12).map(|n| format!("{},{}\n", if n < 10 { "a" } else { "b" }, n * 100)).collect();
        let frame = frame(&format!("k,n\n{rows},\n"));
        let k = summary(&frame, "k").unwrap();
        assert_eq!(k.missing, 1);
        assert_eq!(k.values, ["a", "b"]);
        assert_eq!(k.distribution.as_deref(), Some("a 75%, b 25%"));
        let n = summary(&frame, "n").unwrap();
        assert_eq!(
            n.distribution.as_deref(),
            Some("from 100 to 1200, median 650, mean 650; 12 distinct values")
        );
        assert_eq!(summary(&frame, "none"), None);
    }

    #[test]
    fn numbers_are_short() {
        let texts = [0.0, 0.12345, 4050.0, 4201.754, 1.5, 123_456.7, 1e-7, 2e12].map(short);
        assert_eq!(
            texts,
            ["0", "0.123", "4050", "4201.8", "1.5", "123457", "1.000e-7", "2.000e12"]
        );
    }
}
