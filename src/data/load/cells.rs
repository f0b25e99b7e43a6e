//! The values of one column as plain vectors, and the operations that all types share.
//! Where the values come from is left to `infer` (text) and `parquet`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::data::moment::Calendar;
use crate::data::{ColumnKind, MISSING, Values};

/// One column of a frame; every variant has one entry a row.
#[derive(Clone, Debug)]
pub(super) enum Cells {
    /// That many rows without any value.
    Empty(usize),
    Integer(Integers),
    /// Numbers; a missing one is NaN.
    Float(Vec<f64>),
    Bool(Vec<Option<bool>>),
    Text(Texts),
    /// Microseconds since 1970; those of days are at midnight.
    Moment(Integers, Calendar),
    /// That many rows of a type that is not read, with its name.
    Other(String, usize),
}

/// Whole numbers, kept exact for class labels.
#[derive(Clone, Debug, Default)]
pub(super) struct Integers {
    values: Vec<i64>,
    /// Empty where nothing is missing, else one entry a row.
    missing: Vec<bool>,
}

impl Integers {
    pub(super) fn push(&mut self, value: Option<i64>) {
        if value.is_none() && self.missing.is_empty() {
            self.missing.resize(self.values.len(), false);
        }
        self.values.push(value.unwrap_or(0));
        if value.is_none() || !self.missing.is_empty() {
            self.missing.push(value.is_none());
        }
    }

    pub(super) fn reserve(&mut self, rows: usize) {
        self.values.reserve(rows);
    }

    fn append(&mut self, more: &Self) {
        if self.missing.is_empty() && more.missing.is_empty() {
            self.values.extend_from_slice(&more.values);
            return;
        }
        more.iter().for_each(|value| self.push(value));
    }

    pub(super) fn all_missing(rows: usize) -> Self {
        Self { values: vec![0; rows], missing: vec![true; rows] }
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn get(&self, row: usize) -> Option<i64> {
        match self.missing.get(row) {
            Some(true) => None,
            _ => Some(self.values[row]),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Option<i64>> + '_ {
        (0..self.values.len()).map(|row| self.get(row))
    }

    pub(super) fn to_floats(&self) -> Vec<f64> {
        self.iter().map(|value| value.map_or(f64::NAN, |value| value as f64)).collect()
    }
}

impl FromIterator<Option<i64>> for Integers {
    fn from_iter<I: IntoIterator<Item = Option<i64>>>(values: I) -> Self {
        let mut all = Self::default();
        for value in values {
            all.push(value);
        }
        all
    }
}

/// Text as codes into its distinct values, in the order in which they were first seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    codes: Vec<u32>,
    dictionary: Vec<Arc<str>>,
    known: HashMap<Arc<str>, u32>,
}

impl Texts {
    pub(super) fn push(&mut self, value: Option<&str>) {
        let code = value.map_or(MISSING, |value| self.intern(value));
        self.codes.push(code);
    }

    pub(super) fn all_missing(rows: usize) -> Self {
        Self { codes: vec![MISSING; rows], ..Self::default() }
    }

    fn intern(&mut self, value: &str) -> u32 {
        if let Some(code) = self.known.get(value) {
            return *code;
        }
        let value: Arc<str> = value.into();
        let code = u32::try_from(self.dictionary.len()).expect("fewer values than u32::MAX rows");
        self.dictionary.push(value.clone());
        self.known.insert(value, code);
        code
    }

    pub(super) fn get(&self, row: usize) -> Option<&Arc<str>> {
        self.dictionary.get(self.codes[row] as usize)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Option<&Arc<str>>> + '_ {
        (0..self.codes.len()).map(|row| self.get(row))
    }

    fn append(&mut self, other: &Self) {
        let codes: Vec<u32> = other.dictionary.iter().map(|value| self.intern(value)).collect();
        let code = |code: &u32| codes.get(*code as usize).copied().unwrap_or(MISSING);
        self.codes.extend(other.codes.iter().map(code));
    }

    /// The codes of all rows, into a dictionary of what occurs, sorted.
    pub(super) fn sorted_all(&self) -> (Vec<u32>, Arc<[Arc<str>]>) {
        let rows: Vec<u32> = (0..self.codes.len() as u32).collect();
        self.sorted(&rows)
    }

    /// The codes in the order of `order`, into a dictionary of what occurs there, sorted.
    fn sorted(&self, order: &[u32]) -> (Vec<u32>, Arc<[Arc<str>]>) {
        let mut used = vec![false; self.dictionary.len()];
        let picked: Vec<u32> = order.iter().map(|row| self.codes[*row as usize]).collect();
        for code in &picked {
            if let Some(used) = used.get_mut(*code as usize) {
                *used = true;
            }
        }
        let mut ranked: Vec<usize> = (0..used.len()).filter(|code| used[*code]).collect();
        ranked.sort_by(|a, b| self.dictionary[*a].cmp(&self.dictionary[*b]));
        let mut rank = vec![MISSING; used.len()];
        for (at, code) in (0..).zip(&ranked) {
            rank[*code] = at;
        }
        let codes = picked.iter().map(|code| rank.get(*code as usize).copied().unwrap_or(MISSING));
        let dictionary = ranked.iter().map(|code| self.dictionary[*code].clone()).collect();
        (codes.collect(), dictionary)
    }
}

impl<'a> FromIterator<Option<&'a str>> for Texts {
    fn from_iter<I: IntoIterator<Item = Option<&'a str>>>(values: I) -> Self {
        let mut all = Self::default();
        for value in values {
            all.push(value);
        }
        all
    }
}

impl Cells {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Empty(rows) | Self::Other(_, rows) => *rows,
            Self::Integer(integers) | Self::Moment(integers, _) => integers.values.len(),
            Self::Float(values) => values.len(),
            Self::Bool(values) => values.len(),
            Self::Text(texts) => texts.codes.len(),
        }
    }

    pub(super) fn kind(&self) -> ColumnKind {
        match self {
            Self::Empty(_) => ColumnKind::Empty,
            Self::Integer(_) => ColumnKind::Integer,
            Self::Float(_) => ColumnKind::Float,
            Self::Bool(_) => ColumnKind::Bool,
            Self::Text(_) => ColumnKind::Text,
            Self::Moment(_, Calendar::Date) => ColumnKind::Date,
            Self::Moment(_, Calendar::Datetime) => ColumnKind::Datetime,
            Self::Other(name, _) => ColumnKind::Other(name.clone()),
        }
    }

    /// How many rows have no value; unknown where the values are not read.
    pub(super) fn missing(&self) -> Option<usize> {
        Some(match self {
            Self::Empty(rows) => *rows,
            Self::Integer(integers) | Self::Moment(integers, _) => {
                integers.missing.iter().filter(|missing| **missing).count()
            }
            Self::Float(values) => values.iter().filter(|value| value.is_nan()).count(),
            Self::Bool(values) => values.iter().filter(|value| value.is_none()).count(),
            Self::Text(texts) => texts.codes.iter().filter(|code| **code == MISSING).count(),
            Self::Other(..) => return None,
        })
    }

    /// That many missing values of a kind.
    pub(super) fn all_missing(kind: &ColumnKind, rows: usize) -> Self {
        match kind {
            ColumnKind::Empty => Self::Empty(rows),
            ColumnKind::Integer => Self::Integer(Integers::all_missing(rows)),
            ColumnKind::Float => Self::Float(vec![f64::NAN; rows]),
            ColumnKind::Bool => Self::Bool(vec![None; rows]),
            ColumnKind::Text => Self::Text(Texts::all_missing(rows)),
            ColumnKind::Date => Self::Moment(Integers::all_missing(rows), Calendar::Date),
            ColumnKind::Datetime => Self::Moment(Integers::all_missing(rows), Calendar::Datetime),
            ColumnKind::Other(name) => Self::Other(name.clone(), rows),
        }
    }

    /// The rows of all pieces, `rows` together, as [`Cells::append`] joins them.
    /// About how much memory the cells take.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Empty(_) | Self::Other(..) => 0,
            Self::Integer(integers) | Self::Moment(integers, _) => {
                8 * integers.values.len() + integers.missing.len()
            }
            Self::Float(values) => 8 * values.len(),
            Self::Bool(values) => values.len(),
            Self::Text(texts) => {
                let words = texts.dictionary.iter().map(|word| word.len() + 64).sum::<usize>();
                4 * texts.codes.len() + words
            }
        }
    }

    pub(super) fn concat(mut pieces: Vec<Self>, rows: usize) -> Self {
        if pieces.len() == 1 {
            return pieces.remove(0);
        }
        let mut all = Self::Empty(0);
        for piece in &pieces {
            all.append(Self::all_missing(&piece.kind(), 0));
        }
        match &mut all {
            Self::Empty(_) | Self::Other(..) => {}
            Self::Integer(integers) | Self::Moment(integers, _) => {
                integers.values.reserve_exact(rows);
            }
            Self::Float(values) => values.reserve_exact(rows),
            Self::Bool(values) => values.reserve_exact(rows),
            Self::Text(texts) => texts.codes.reserve_exact(rows),
        }
        for piece in pieces {
            all.append(piece);
        }
        if let Self::Text(texts) = &mut all {
            texts.known = HashMap::new();
        }
        all
    }

    /// Adds the rows of `other`. Both have one kind, but for whole numbers that join others, and
    /// for rows without a value, which join everything.
    pub(super) fn append(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Empty(rows), Self::Empty(more)) => *rows += more,
            (Self::Empty(rows), other) => {
                let mut all = Self::all_missing(&other.kind(), *rows);
                all.append(other);
                *self = all;
            }
            (Self::Integer(integers), other @ Self::Float(_)) => {
                *self = Self::Float(integers.to_floats());
                self.append(other);
            }
            (_, Self::Empty(more)) => {
                let kind = self.kind();
                self.append(Self::all_missing(&kind, more));
            }
            (Self::Float(values), Self::Integer(more)) => values.extend(more.to_floats()),
            (Self::Float(values), Self::Float(more)) => values.extend(more),
            (Self::Integer(integers), Self::Integer(more)) => integers.append(&more),
            (Self::Moment(moments, calendar), Self::Moment(more, other)) if *calendar == other => {
                moments.append(&more);
            }
            (Self::Bool(values), Self::Bool(more)) => values.extend(more),
            (Self::Text(texts), Self::Text(more)) => texts.append(&more),
            (Self::Other(_, rows), Self::Other(_, more)) => *rows += more,
            (cells, other) => {
                unreachable!("pieces of a column are {} and {}", cells.kind(), other.kind())
            }
        }
    }

    /// The rows for which `mask` is true.
    pub(super) fn keep(self, mask: &[bool]) -> Self {
        fn kept<T: Copy>(values: Vec<T>, mask: &[bool]) -> Vec<T> {
            values
                .into_iter()
                .zip(mask)
                .filter(|(_, keep)| **keep)
                .map(|(value, _)| value)
                .collect()
        }
        fn whole(integers: Integers, mask: &[bool]) -> Integers {
            Integers { values: kept(integers.values, mask), missing: kept(integers.missing, mask) }
        }
        let rows = || mask.iter().filter(|keep| **keep).count();
        match self {
            Self::Empty(_) => Self::Empty(rows()),
            Self::Other(name, _) => Self::Other(name, rows()),
            Self::Integer(integers) => Self::Integer(whole(integers, mask)),
            Self::Moment(moments, calendar) => Self::Moment(whole(moments, mask), calendar),
            Self::Float(values) => Self::Float(kept(values, mask)),
            Self::Bool(values) => Self::Bool(kept(values, mask)),
            Self::Text(texts) => Self::Text(Texts { codes: kept(texts.codes, mask), ..texts }),
        }
    }

    /// The rows in the order of `order`, still as cells.
    pub(super) fn gather(self, order: &[u32]) -> Self {
        fn gathered<T: Copy>(values: &[T], order: &[u32]) -> Vec<T> {
            if values.is_empty() {
                return Vec::new();
            }
            order.iter().map(|row| values[*row as usize]).collect()
        }
        match self {
            Self::Empty(_) => Self::Empty(order.len()),
            Self::Other(name, _) => Self::Other(name, order.len()),
            Self::Integer(integers) => Self::Integer(Integers {
                values: gathered(&integers.values, order),
                missing: gathered(&integers.missing, order),
            }),
            Self::Moment(moments, calendar) => Self::Moment(
                Integers {
                    values: gathered(&moments.values, order),
                    missing: gathered(&moments.missing, order),
                },
                calendar,
            ),
            Self::Float(values) => Self::Float(gathered(&values, order)),
            Self::Bool(values) => Self::Bool(gathered(&values, order)),
            Self::Text(texts) => {
                Self::Text(Texts { codes: gathered(&texts.codes, order), ..texts })
            }
        }
    }

    /// The rows in the order of `order` as a column of a table; none where no
    /// table holds such values.
    pub(super) fn ordered(&self, order: &[u32]) -> Option<Values> {
        Some(match self {
            Self::Empty(_) => Values::Number(vec![f64::NAN; order.len()]),
            Self::Integer(integers) => {
                let number = |row: &u32| integers.get(*row as usize).map_or(f64::NAN, |v| v as f64);
                Values::Number(order.iter().map(number).collect())
            }
            Self::Float(values) => {
                Values::Number(order.iter().map(|row| values[*row as usize]).collect())
            }
            Self::Bool(values) => {
                Values::Bool(order.iter().map(|row| values[*row as usize]).collect())
            }
            Self::Text(texts) => {
                let (codes, dictionary) = texts.sorted(order);
                Values::Category { codes, dictionary }
            }
            Self::Moment(..) | Self::Other(..) => return None,
        })
    }
}
