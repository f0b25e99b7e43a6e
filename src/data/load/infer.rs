//! Turns the fields of a text column into cells: by the type that a spec declares, or by the type
//! that all of the column's values share.

use crate::data::DeclaredType;
use crate::data::moment::{Calendar, Offset, parse_date, parse_datetime};

use super::cells::{Cells, Integers, Texts};

/// How the fields of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As whole numbers, numbers, truth values or text, whatever suits all of them.
    Inferred,
    Text,
    Declared(DeclaredType),
}

/// The cells of a column so far.
#[derive(Clone, Debug)]
pub(super) struct Builder<'a> {
    reading: Reading,
    /// Text that means a missing value, whatever the type.
    null_values: &'a [String],
    cells: Cells,
    /// Whether a word such as `NA` was taken as missing, which it is not in a text column.
    words: bool,
    /// How the first time of a column of moments is written: its row, its offset, its text.
    first: Option<(usize, Offset, String)>,
    /// The column turned out to be text after values had been read as something else.
    lost: bool,
}

/// A field does not have the declared type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Misfit;

enum Field {
    Integer(i64),
    Float(f64),
    Bool(bool),
    Missing,
    Text,
}

impl<'a> Builder<'a> {
    pub(super) fn new(reading: Reading, null_values: &'a [String]) -> Self {
        let cells = match reading {
            Reading::Inferred => Cells::Empty(0),
            Reading::Text => Cells::Text(Texts::default()),
            Reading::Declared(declared) => Cells::all_missing(&declared.kind(), 0),
        };
        Self { reading, null_values, cells, words: false, first: None, lost: false }
    }

    /// Makes room for so many rows.
    pub(super) fn reserve(&mut self, rows: usize) {
        let rows = rows.saturating_sub(self.cells.len());
        match &mut self.cells {
            Cells::Float(values) => values.reserve(rows),
            Cells::Integer(integers) => integers.reserve(rows),
            Cells::Empty(_)
            | Cells::Bool(_)
            | Cells::Text(_)
            | Cells::Moment(..)
            | Cells::Other(..) => {}
        }
    }

    /// Adds the next row.
    ///
    /// # Errors
    /// The field does not have the declared type.
    pub(super) fn push(&mut self, field: &str) -> Result<(), Misfit> {
        if self.lost {
            return Ok(());
        }
        let missing = field.is_empty() || self.null_values.iter().any(|null| null == field);
        match &mut self.cells {
            Cells::Text(texts) => texts.push((!missing).then_some(field)),
            _ if missing => self.push_missing(),
            cells => match (cells, self.reading) {
                // The type that the column has so far is tried first: it nearly always fits.
                (Cells::Integer(integers), _) if let Some(value) = integer(field) => {
                    integers.push(Some(value));
                }
                (Cells::Float(values), _) if let Some(value) = float(field) => values.push(value),
                (Cells::Bool(values), _) if let Some(value) = truth(field) => {
                    values.push(Some(value));
                }
                (_, Reading::Declared(declared)) => return self.push_declared(declared, field),
                _ => self.push_inferred(field),
            },
        }
        Ok(())
    }

    fn push_missing(&mut self) {
        match &mut self.cells {
            Cells::Empty(rows) | Cells::Other(_, rows) => *rows += 1,
            Cells::Integer(integers) | Cells::Moment(integers, _) => integers.push(None),
            Cells::Float(values) => values.push(f64::NAN),
            Cells::Bool(values) => values.push(None),
            Cells::Text(texts) => texts.push(None),
        }
    }

    fn push_declared(&mut self, declared: DeclaredType, field: &str) -> Result<(), Misfit> {
        let rows = self.cells.len();
        match (&mut self.cells, classify(field), declared) {
            (_, Field::Missing, _) => self.push_missing(),
            (Cells::Integer(integers), Field::Float(value), DeclaredType::Int) => {
                integers.push(Some(whole(value).ok_or(Misfit)?));
            }
            (Cells::Moment(moments, Calendar::Date), _, _) => {
                moments.push(Some(parse_date(trim(field)).ok_or(Misfit)?));
            }
            (Cells::Moment(moments, Calendar::Datetime), _, _) => {
                let (moment, offset) = parse_datetime(trim(field)).ok_or(Misfit)?;
                let first = self.first.get_or_insert_with(|| (rows, offset, field.to_owned()));
                // Without an offset nobody knows which of the two comes first.
                if first.1 != offset {
                    return Err(Misfit);
                }
                moments.push(Some(moment));
            }
            _ => return Err(Misfit),
        }
        Ok(())
    }

    fn push_inferred(&mut self, field: &str) {
        match (&mut self.cells, classify(field)) {
            (_, Field::Missing) => {
                self.words = true;
                self.push_missing();
            }
            (Cells::Empty(rows), Field::Text) if !self.words => {
                let mut texts = Texts::all_missing(*rows);
                texts.push(Some(field));
                self.cells = Cells::Text(texts);
            }
            (Cells::Empty(_) | Cells::Integer(_) | Cells::Float(_), Field::Integer(value)) => {
                self.cells.append(Cells::Integer([Some(value)].into_iter().collect::<Integers>()));
            }
            (Cells::Empty(_) | Cells::Integer(_) | Cells::Float(_), Field::Float(value)) => {
                self.cells.append(Cells::Float(vec![value]));
            }
            (Cells::Empty(_) | Cells::Bool(_), Field::Bool(value)) => {
                self.cells.append(Cells::Bool(vec![Some(value)]));
            }
            _ => {
                self.lost = true;
                self.cells = Cells::Empty(0);
            }
        }
    }

    /// Whether some of these rows are text, whatever the others are.
    pub(super) fn is_text(&self) -> bool {
        self.lost || matches!(self.cells, Cells::Text(_))
    }

    /// Whether the rows would come out otherwise had they been read as text.
    fn differs_from_text(&self) -> bool {
        self.lost || self.words || !matches!(self.cells, Cells::Text(_) | Cells::Empty(_))
    }

    /// Whether the pieces of a column make up a text column and have to be read again as such.
    pub(super) fn must_reread(pieces: &[Self]) -> bool {
        let any = |is: fn(&Cells) -> bool| pieces.iter().any(|piece| is(&piece.cells));
        let truths = any(|cells| matches!(cells, Cells::Bool(_)));
        let numbers = any(|cells| matches!(cells, Cells::Integer(_) | Cells::Float(_)));
        let text = pieces.iter().any(Self::is_text) || truths && numbers;
        text && pieces.iter().any(Self::differs_from_text)
    }

    /// The first value that is written with an offset from UTC where the pieces before have none,
    /// or the other way round: its piece, its row there, its text.
    pub(super) fn other_offset(pieces: &[Self]) -> Option<(usize, usize, &str)> {
        let mut firsts = pieces.iter().enumerate().filter_map(|(at, piece)| {
            piece.first.as_ref().map(|(row, offset, text)| (at, *row, *offset, text.as_str()))
        });
        let (_, _, expected, _) = firsts.next()?;
        firsts
            .find(|(_, _, offset, _)| *offset != expected)
            .map(|(at, row, _, text)| (at, row, text))
    }

    pub(super) fn into_cells(self) -> Cells {
        self.cells
    }
}

/// What a field of a column without a type can be.
fn classify(field: &str) -> Field {
    let trimmed = trim(field);
    if trimmed.is_empty() || is_missing_word(trimmed) {
        return Field::Missing;
    }
    if let Some(value) = integer(trimmed) {
        return Field::Integer(value);
    }
    if let Some(value) = float(trimmed) {
        return Field::Float(value);
    }
    truth(trimmed).map_or(Field::Text, Field::Bool)
}

/// The words that mean a missing value among numbers and truth values. Programs that print numbers
/// spell NaN in every case; the others have one spelling.
fn is_missing_word(field: &str) -> bool {
    matches!(field, "NA" | "N/A" | "null")
        || field.trim_start_matches(['+', '-']).eq_ignore_ascii_case("nan")
}

/// Blanks around a number are no part of it.
fn trim(field: &str) -> &str {
    let blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    if blank(field.as_bytes().first()) || blank(field.as_bytes().last()) {
        field.trim_matches([' ', '\t'])
    } else {
        field
    }
}

pub(super) fn integer(field: &str) -> Option<i64> {
    trim(field).parse().ok()
}

/// A number; never NaN, which is a missing one, and never -0, which a whole number cannot be.
fn float(field: &str) -> Option<f64> {
    let field = trim(field);
    let value: f64 = match decimal(field.as_bytes()) {
        Some(value) => value,
        None => field.parse().ok()?,
    };
    (!value.is_nan()).then_some(value + 0.0)
}

/// A number as most are written, up to 15 digits with a point somewhere: the digits and the power of
/// ten are exact, so their quotient is rounded once (Clinger, 1990).
fn decimal(field: &[u8]) -> Option<f64> {
    const POWERS: [f64; 16] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (sign, field) = match field {
        [b'-', rest @ ..] => (-1.0, rest),
        all => (1.0, all),
    };
    if field.len() > POWERS.len() {
        return None;
    }
    let (mut digits, mut whole, mut places) = (0_u64, 0, None);
    for byte in field {
        match byte {
            b'0'..=b'9' => {
                digits = 10 * digits + u64::from(byte - b'0');
                whole += 1;
            }
            b'.' if places.is_none() => places = Some(whole),
            _ => return None,
        }
    }
    let behind = places.map_or(0, |before| whole - before);
    (0 < whole && whole < POWERS.len()).then(|| sign * digits as f64 / POWERS[behind])
}

/// `true` and `false` in any case.
fn truth(field: &str) -> Option<bool> {
    let field = trim(field);
    if field.eq_ignore_ascii_case("true") {
        Some(true)
    } else if field.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// The whole number that `value` is.
pub(super) fn whole(value: f64) -> Option<i64> {
    // The bounds are -2^63 and 2^63, both exact in f64; the upper one is beyond i64.
    let in_range = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value);
    (in_range && value.fract() == 0.0).then_some(value as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn short_numbers_are_those_of_the_standard_library(field in "-?[0-9]{0,9}\\.?[0-9]{0,9}") {
            let expected = field.parse::<f64>().ok();
            if let Some(value) = decimal(field.as_bytes()) {
                prop_assert_eq!(Some(value.to_bits()), expected.map(f64::to_bits));
            }
            prop_assert_eq!(float(&field), expected.map(|value| value + 0.0));
        }
    }

    #[test]
    fn most_numbers_are_short() {
        for (field, value) in
            [("0.1", 0.1), ("-12.50", -12.5), (".5", 0.5), ("5.", 5.0), ("7", 7.0)]
        {
            assert_eq!(decimal(field.as_bytes()), Some(value));
        }
        for field in ["", "-", ".", "-.", "1e5", "+1", "1.2.3", "1234567890123456", "nan"] {
            assert_eq!(decimal(field.as_bytes()), None, "{field}");
        }
    }
}
