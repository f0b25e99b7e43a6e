//! A chunk of a text table to its records: lines cut at the separator where nothing in the chunk
//! needs a parser, and what `csv` makes of it elsewhere.

use csv::StringRecord;
use memchr::Memchr2;

use crate::data::CsvOptions;

/// The records of a chunk, one at a time.
pub(super) enum Records<'a> {
    Lines(Lines<'a>),
    Parsed { reader: Box<csv::Reader<&'a [u8]>>, record: StringRecord, start: u64 },
}

/// A record is not UTF-8.
pub(super) struct NotText;

impl Records<'_> {
    /// Goes to the next record; false where there is none.
    pub(super) fn next(&mut self) -> Result<bool, NotText> {
        match self {
            Self::Lines(lines) => Ok(lines.next()),
            Self::Parsed { reader, record, start } => {
                *start = reader.position().byte();
                reader.read_record(record).map_err(|_| NotText)
            }
        }
    }

    /// Where the record starts in the chunk, or blank lines and comments before it.
    pub(super) fn start(&self) -> u64 {
        match self {
            Self::Lines(lines) => lines.start as u64,
            Self::Parsed { start, .. } => *start,
        }
    }

    /// What has been read of the chunk.
    pub(super) fn position(&self) -> u64 {
        match self {
            Self::Lines(lines) => lines.next as u64,
            Self::Parsed { reader, .. } => reader.position().byte(),
        }
    }

    /// How many fields the record has.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.ends.len(),
            Self::Parsed { record, .. } => record.len(),
        }
    }

    pub(super) fn get(&self, field: usize) -> Option<&str> {
        match self {
            Self::Lines(lines) => lines.get(field),
            Self::Parsed { record, .. } => record.get(field),
        }
    }
}

/// Lines that are not blank, without quotes, comments and carriage returns.
pub(super) struct Lines<'a> {
    text: &'a str,
    separator: u8,
    /// Separators and ends of lines.
    marks: Memchr2<'a>,
    /// Where the line starts, and the one after it.
    start: usize,
    next: usize,
    /// Where each field of the line ends.
    ends: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// None where a parser is needed.
    pub(super) fn of(bytes: &'a [u8], options: &CsvOptions) -> Option<Self> {
        let separator = options.separator;
        let usual = separator.is_ascii() && !matches!(separator, b'\r' | b'\n');
        let special = memchr::memchr2(b'\r', options.quote.unwrap_or(b'\r'), bytes);
        if !usual || options.comment.is_some() || special.is_some() || bytes.starts_with(&[0xEF]) {
            return None;
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let marks = memchr::memchr2_iter(separator, b'\n', bytes);
        Some(Self { text, separator, marks, start: 0, next: 0, ends: Vec::new() })
    }

    fn next(&mut self) -> bool {
        self.ends.clear();
        self.start = self.next;
        loop {
            let Some(mark) = self.marks.next() else {
                self.next = self.text.len();
                let some = self.start < self.next || !self.ends.is_empty();
                if some {
                    self.ends.push(self.next);
                }
                return some;
            };
            if self.text.as_bytes()[mark] == self.separator {
                self.ends.push(mark);
                continue;
            }
            self.next = mark + 1;
            if self.start < mark {
                self.ends.push(mark);
                return true;
            }
            self.start = self.next;
        }
    }

    fn get(&self, field: usize) -> Option<&str> {
        let end = *self.ends.get(field)?;
        let start = field.checked_sub(1).map_or(self.start, |before| self.ends[before] + 1);
        self.text.get(start..end)
    }
}

#[cfg(test)]
mod tests {
    use csv::ReaderBuilder;
    use proptest::prelude::*;

    use super::*;

    fn all(mut records: Records<'_>) -> Vec<(u64, Vec<String>)> {
        let mut all = Vec::new();
        while let Ok(true) = records.next() {
            let fields = (0..records.len()).filter_map(|field| records.get(field));
            all.push((records.position(), fields.map(str::to_owned).collect()));
        }
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn lines_are_what_the_parser_makes_of_them(text in "[a1.é ,;\n]{0,60}") {
            let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let parsed = Records::Parsed { reader: reader.into(), record: StringRecord::new(), start: 0 };
            let lines = Lines::of(text.as_bytes(), &CsvOptions::default()).expect("plain text");
            let fields = |records: Vec<(u64, Vec<String>)>| -> Vec<Vec<String>> {
                records.into_iter().map(|(_, fields)| fields).collect()
            };
            prop_assert_eq!(fields(all(Records::Lines(lines))), fields(all(parsed)));
        }
    }

    #[test]
    fn what_needs_a_parser_is_left_to_it() {
        let plain = |text: &str, change: fn(&mut CsvOptions)| {
            let mut options = CsvOptions::default();
            change(&mut options);
            Lines::of(text.as_bytes(), &options).is_some()
        };
        assert!(plain("a,b\n1,2\n", |_| ()));
        assert!(!plain("a,\"b\"\n", |_| ()));
        assert!(plain("a,\"b\"\n", |options| options.quote = None));
        assert!(!plain("a,b\r\n", |_| ()));
        assert!(!plain("a,b\n", |options| options.comment = Some(b'#')));
        assert!(Lines::of(b"a,\xFF\n", &CsvOptions::default()).is_none());
    }
}
