//! Turns the rows of a table into facts about its columns: how many values there are, and which.
//! What a column is good for is left to `roles`.

use std::sync::Arc;

use crate::data::{ColumnInfo, ColumnKind, DeclaredType, Frame, Groups, LoadError, MISSING};

/// The values of a column are kept where there are no more of them.
const FEW: usize = 60;

/// Words that people write into a column of numbers where they have none.
const GAPS: [&str; 16] = [
    "?", "-", "--", ".", "*", "n/a", "N.A.", "na", "none", "None", "NULL", "nil", "missing",
    "unknown", "#N/A", "#DIV/0!",
];

/// What is known of a table.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub rows: usize,
    /// In the order of the file.
    pub columns: Vec<ColumnFacts>,
}

/// What is known of a column.
#[derive(Clone, Debug)]
pub struct ColumnFacts {
    pub name: Arc<str>,
    pub kind: ColumnKind,
    /// Rows without a value.
    pub missing: usize,
    pub distinct: usize,
    /// Each value with its rows, sorted by value; empty where there are many.
    pub values: Vec<(String, usize)>,
    /// The least and the greatest value.
    pub range: Option<(String, String)>,
    /// Whether each row counts on from the one before.
    pub running: bool,
    /// Whether all numbers are whole.
    pub whole: bool,
    /// Of text: how many rows are numbers all the same.
    pub numbers: usize,
    /// Of text: how many rows would be numbers with a point in the place of a comma.
    pub commas: usize,
    /// Of text: the first few words that are no numbers.
    pub words: Vec<String>,
    /// Of text: what times they look like.
    pub looks_like: Option<DeclaredType>,
    /// Whether each of its values goes with one value of the target, and the other way round.
    pub tells_target: bool,
}

impl Facts {
    pub fn column(&self, name: &str) -> Option<&ColumnFacts> {
        self.columns.iter().find(|column| *column.name == *name)
    }
}

impl ColumnFacts {
    /// Whether it holds numbers that a comma keeps from being read as such.
    pub fn has_decimal_commas(&self, rows: usize) -> bool {
        self.commas * 2 > self.present(rows)
    }

    pub fn present(&self, rows: usize) -> usize {
        rows.saturating_sub(self.missing)
    }
}

/// Looks at every value.
///
/// # Errors
/// A column that cannot be read, which would be a bug: the frame has it.
pub fn facts(frame: &Frame, target: Option<&str>) -> Result<Facts, LoadError> {
    let infos = frame.columns().infos;
    let is_known = |name: &&str| infos.iter().any(|info| *info.name == **name);
    let readable = |name: &&str| {
        infos.iter().any(|info| *info.name == **name && !matches!(info.kind, ColumnKind::Other(_)))
    };
    let answers = match target.filter(is_known).filter(readable) {
        Some(name) => Some((name, frame.groups(name)?)),
        None => None,
    };
    let columns = infos
        .iter()
        .map(|info| column(frame, info, answers.as_ref().map(|(name, groups)| (*name, groups))))
        .collect::<Result<_, _>>()?;
    Ok(Facts { rows: frame.rows(), columns })
}

fn column(
    frame: &Frame,
    info: &ColumnInfo,
    answers: Option<(&str, &Groups)>,
) -> Result<ColumnFacts, LoadError> {
    let rows = frame.rows();
    let mut facts = ColumnFacts {
        name: info.name.clone(),
        kind: info.kind.clone(),
        missing: 0,
        distinct: 0,
        values: Vec::new(),
        range: None,
        running: false,
        whole: false,
        numbers: 0,
        commas: 0,
        words: Vec::new(),
        looks_like: None,
        tells_target: false,
    };
    if matches!(info.kind, ColumnKind::Other(_)) {
        return Ok(facts);
    }
    let groups = frame.groups(&info.name)?;
    let mut counts = vec![0_usize; groups.distinct()];
    for code in groups.codes.iter().filter(|code| **code != MISSING) {
        counts[*code as usize] += 1;
    }
    facts.missing = rows - counts.iter().sum::<usize>();
    facts.distinct = counts.len();
    let shown = |code: usize| groups.shown(u32::try_from(code).unwrap_or(MISSING));
    if let Some(last) = counts.len().checked_sub(1) {
        facts.range = Some((shown(0), shown(last)));
    }
    if counts.len() <= FEW {
        facts.values = counts.iter().enumerate().map(|(at, count)| (shown(at), *count)).collect();
    }
    match info.kind {
        ColumnKind::Integer => {
            facts.whole = true;
            facts.running = is_running(&groups, facts.range.as_ref(), rows);
        }
        ColumnKind::Float => {
            let whole = |(value, _): &(String, usize)| !value.contains(['.', 'e']);
            facts.whole = !facts.values.is_empty() && facts.values.iter().all(whole);
        }
        ColumnKind::Text => of_text(&mut facts, &counts, shown),
        ColumnKind::Bool
        | ColumnKind::Date
        | ColumnKind::Datetime
        | ColumnKind::Empty
        | ColumnKind::Other(_) => {}
    }
    facts.tells_target = answers.is_some_and(|(target, answers)| {
        *target != *info.name && facts.distinct > 1 && go_together(&groups, answers)
    });
    Ok(facts)
}

fn is_running(groups: &Groups, range: Option<&(String, String)>, rows: usize) -> bool {
    let bounds = range
        .and_then(|(least, most)| Some((least.parse::<i64>().ok()?, most.parse::<i64>().ok()?)));
    let dense = bounds
        .and_then(|(least, most)| most.checked_sub(least))
        .is_some_and(|span| usize::try_from(span).is_ok_and(|span| span + 1 == rows));
    dense && groups.codes.iter().enumerate().all(|(row, code)| row == *code as usize)
}

fn of_text(facts: &mut ColumnFacts, counts: &[usize], shown: impl Fn(usize) -> String) {
    const WORDS: usize = 4;
    let (mut dates, mut moments) = (counts.len() > 1, counts.len() > 1);
    for (at, count) in counts.iter().enumerate() {
        let word = shown(at);
        if word.contains(',') && word.trim().replacen(',', ".", 1).parse::<f64>().is_ok() {
            facts.commas += count;
        }
        if word.trim().parse::<f64>().is_ok() {
            facts.numbers += count;
        } else if facts.words.len() < WORDS {
            facts.words.push(word.clone());
        }
        let (date, moment) = time_of(&word);
        dates &= date;
        moments &= moment;
    }
    facts.looks_like = match (dates, moments) {
        (true, _) => Some(DeclaredType::Date),
        (_, true) => Some(DeclaredType::Datetime),
        _ => None,
    };
}

/// Whether a text is shaped as `YYYY-MM-DD`, and as the same with a time behind it.
fn time_of(word: &str) -> (bool, bool) {
    let bytes = word.trim().as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let dashes = bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
    let day = digits(0..4) && digits(5..7) && digits(8..10) && dashes;
    let time = matches!(bytes.get(10), Some(b'T' | b' ')) && digits(11..13);
    (day && bytes.len() == 10, day && (bytes.len() == 10 || time))
}

/// Whether values and answers are the same thing in other words.
fn go_together(groups: &Groups, answers: &Groups) -> bool {
    const ROWS: usize = 20;
    let rows = groups.codes.len();
    let few = groups.distinct() <= FEW && groups.distinct() * 3 <= rows;
    if groups.distinct() != answers.distinct() || !few || rows < ROWS {
        return false;
    }
    let mut of: Vec<Option<u32>> = vec![None; groups.distinct()];
    let both = groups.codes.iter().zip(&answers.codes);
    for (value, answer) in both.filter(|(value, answer)| **value != MISSING && **answer != MISSING)
    {
        let known = *of[*value as usize].get_or_insert(*answer);
        if known != *answer {
            return false;
        }
    }
    let mut seen: Vec<u32> = of.into_iter().flatten().collect();
    seen.sort_unstable();
    seen.windows(2).all(|pair| pair[0] != pair[1])
}

/// The words that keep columns of numbers from being read as such, over all columns.
pub fn gap_words(facts: &Facts) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for column in &facts.columns {
        let present = column.present(facts.rows);
        let gaps = column.words.iter().all(|word| GAPS.contains(&word.trim()));
        if column.words.is_empty() || !gaps || column.numbers * 2 <= present {
            continue;
        }
        found.extend(column.words.iter().cloned());
    }
    found.sort();
    found.dedup();
    found
}

/// The columns of text that are times throughout.
pub fn moments(facts: &Facts) -> Vec<(Arc<str>, DeclaredType)> {
    let found = facts.columns.iter();
    found.filter_map(|column| Some((column.name.clone(), column.looks_like?))).collect()
}

/// The target as classes, where it has few numbers and not all of them are whole: a class is then what is
/// written, such as `0.50`, and not the number.
pub fn written_classes(facts: &Facts, target: &str) -> Option<(Arc<str>, DeclaredType)> {
    let column = facts.column(target)?;
    let few = column.kind == ColumnKind::Float && !column.values.is_empty();
    (few && !column.whole).then(|| (column.name.clone(), DeclaredType::Category))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_by_their_shape() {
        assert_eq!(time_of("2024-01-31"), (true, true));
        assert_eq!(time_of("2024-01-31T10:00"), (false, true));
        assert_eq!(time_of("2024-01-31 10:00:05.5+02:00"), (false, true));
        for word in
            ["2024-1-31", "31.01.2024", "2024/01/31", "2024-01-311", "", "2024-01-31x", "é24-01-31"]
        {
            assert_eq!(time_of(word), (false, false), "{word}");
        }
    }
}
