//! Columns of JSON values: their types as they are met, and their cells.
//! What a line says is left to `record`.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use crate::data::{ColumnKind, DeclaredType};

use super::cells::{Cells, Texts};
use super::error::{LoadError, LoadProblem};
use super::infer::{Builder, Misfit, Reading};

/// Every key is a column, and nobody means to have more.
pub(super) const MOST_KEYS: usize = 10_000;

/// What is kept of the lines.
pub(super) enum Wanted<'a> {
    Types,
    Cells {
        /// None: all columns.
        needed: Option<&'a HashSet<&'a str>>,
        types: &'a HashMap<&'a str, DeclaredType>,
    },
}

/// What is wrong with a line.
pub(super) enum Wrong {
    Syntax(String),
    NotObject(&'static str),
    Twice(String),
    TooManyKeys,
    Misfit { column: String, declared: DeclaredType, value: String },
}

/// The columns of some lines.
#[derive(Default)]
pub(super) struct Lines {
    pub rows: usize,
    /// In the order in which their keys were first seen.
    pub slots: Vec<Slot>,
    known: HashMap<Arc<str>, usize>,
}

/// The column of one key.
pub(super) struct Slot {
    pub name: Arc<str>,
    pub types: Types,
    /// The cells of finished chunks; none where they are not wanted.
    pub pieces: Option<Vec<Cells>>,
    /// One more than the last row that has the key.
    met: usize,
    /// How many rows are stored.
    stored: usize,
    store: Option<Store>,
    declared: Option<DeclaredType>,
}

/// The type of a value as JSON says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Integer,
    Float,
    Bool,
    Text,
    Object,
    List,
}

/// The types that a column has had so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Types {
    first: Option<(Seen, usize)>,
    /// The first value that does not join the first one, with its row.
    pub clash: Option<(Seen, usize)>,
    /// How many rows have a value.
    pub present: usize,
}

enum Store {
    Scalars(Builder<'static>),
    Texts(Texts),
    /// Nested values, or values of several types.
    Nothing,
}

/// One value of a line.
pub(super) enum Value<'a> {
    Null,
    /// As it is written.
    Scalar(Seen, &'a str),
    Text(Cow<'a, str>),
    Nested(Seen, &'a str),
}

/// A column holds values of two types.
pub(super) struct Clash {
    column: Arc<str>,
    first: (Seen, usize),
    other: (Seen, usize),
}

impl Clash {
    pub(super) fn in_words(&self, path: &Path) -> LoadError {
        let (column, (first, at), (other, row)) = (&self.column, self.first, self.other);
        let message = format!(
            "column `{column}` of `{}` is {} in row {} and {} in row {}",
            path.display(),
            first.kind(),
            at + 1,
            other.kind(),
            row + 1
        );
        let help = format!(
            "repair the data, or declare what the column is meant to be, such as `types: {{ {column}: string }}`"
        );
        LoadError::new(LoadProblem::Type, message).help(help).row(row as u64 + 1).column(column)
    }
}

impl Seen {
    fn kind(self) -> ColumnKind {
        match self {
            Self::Integer => ColumnKind::Integer,
            Self::Float => ColumnKind::Float,
            Self::Bool => ColumnKind::Bool,
            Self::Text => ColumnKind::Text,
            Self::Object => ColumnKind::Other("object".to_owned()),
            Self::List => ColumnKind::Other("list".to_owned()),
        }
    }
}

impl Types {
    fn note(&mut self, seen: Seen, row: usize) {
        let is_number = |seen| matches!(seen, Seen::Integer | Seen::Float);
        match &mut self.first {
            None => self.first = Some((seen, row)),
            Some((first, _)) if *first == seen => {}
            Some((first, _)) if is_number(*first) && is_number(seen) => *first = Seen::Float,
            Some(_) => self.clash = self.clash.or(Some((seen, row))),
        }
    }

    /// Adds what later rows have, which begin at row `rows`.
    fn append(&mut self, later: &Self, rows: usize) {
        for (seen, row) in [later.first, later.clash].into_iter().flatten() {
            self.note(seen, rows + row);
        }
        self.present += later.present;
    }

    pub(super) fn kind(&self) -> ColumnKind {
        match (self.first, self.clash) {
            (None, _) => ColumnKind::Empty,
            (Some((seen, _)), None) => seen.kind(),
            (Some((first, at)), Some((other, row))) => ColumnKind::Other(format!(
                "{} in row {} and {} in row {}",
                first.kind(),
                at + 1,
                other.kind(),
                row + 1
            )),
        }
    }
}

impl Lines {
    /// The position of a key's column, which is often `at`.
    pub(super) fn slot(
        &mut self,
        at: usize,
        key: &str,
        wanted: &Wanted<'_>,
    ) -> Result<usize, Wrong> {
        // Most lines have their keys in one order.
        if self.slots.get(at).is_some_and(|slot| *slot.name == *key) {
            return Ok(at);
        }
        if let Some(known) = self.known.get(key) {
            return Ok(*known);
        }
        if self.slots.len() == MOST_KEYS {
            return Err(Wrong::TooManyKeys);
        }
        let (declared, store) = match wanted {
            Wanted::Types => (None, None),
            Wanted::Cells { needed, .. } if needed.is_some_and(|needed| !needed.contains(key)) => {
                (None, None)
            }
            Wanted::Cells { types, .. } => {
                let declared = types.get(key).copied();
                (declared, Some(Store::new(declared)))
            }
        };
        let name: Arc<str> = key.into();
        self.known.insert(name.clone(), self.slots.len());
        self.slots.push(Slot {
            name,
            types: Types::default(),
            pieces: None,
            met: 0,
            stored: 0,
            store,
            declared,
        });
        Ok(self.slots.len() - 1)
    }

    /// Gives every column all rows, once all lines have been read.
    pub(super) fn pad(&mut self) {
        for slot in &mut self.slots {
            slot.pad(self.rows);
            let kind = slot.types.kind();
            slot.pieces = slot.store.take().map(|store| vec![store.into_cells(&kind, self.rows)]);
        }
    }

    /// Adds the lines of the next chunk.
    pub(super) fn append(&mut self, later: Self) -> Result<(), Clash> {
        let (before, after) = (self.rows, self.rows + later.rows);
        for slot in later.slots {
            let at = match self.known.get(&slot.name) {
                Some(known) => *known,
                None => {
                    let at = self.slots.len();
                    self.known.insert(slot.name.clone(), at);
                    let pieces = slot.pieces.is_some().then(|| vec![Cells::Empty(before)]);
                    self.slots.push(Slot {
                        name: slot.name.clone(),
                        types: Types::default(),
                        pieces,
                        met: 0,
                        stored: before,
                        store: None,
                        declared: slot.declared,
                    });
                    at
                }
            };
            let mine = &mut self.slots[at];
            mine.types.append(&slot.types, before);
            if let (Some(pieces), Some(more)) = (&mut mine.pieces, slot.pieces) {
                if let (None, Some(first), Some(other)) =
                    (mine.declared, mine.types.first, mine.types.clash)
                {
                    return Err(Clash { column: slot.name, first, other });
                }
                if mine.stored < before {
                    pieces.push(Cells::Empty(before - mine.stored));
                }
                pieces.extend(more);
                mine.stored = after;
            }
        }
        self.rows = after;
        Ok(())
    }

    /// Gives the columns that the last chunks lack their rows.
    pub(super) fn finish(&mut self) {
        for slot in &mut self.slots {
            if let Some(pieces) = &mut slot.pieces
                && slot.stored < self.rows
            {
                pieces.push(Cells::Empty(self.rows - slot.stored));
            }
        }
    }
}

impl Slot {
    fn pad(&mut self, rows: usize) {
        if let Some(store) = &mut self.store {
            for _ in self.stored..rows {
                store.push_missing();
            }
            self.stored = rows;
        }
    }

    /// Notes that a row has the key, and gives whether no part of the line had it before.
    pub(super) fn meet(&mut self, row: usize) -> bool {
        let first = self.met != row + 1;
        self.met = row + 1;
        first
    }

    pub(super) fn is_stored(&self) -> bool {
        self.store.is_some()
    }

    /// Adds the value of a row; of columns that are not stored only its type.
    pub(super) fn push(&mut self, row: usize, value: &Value<'_>) -> Result<(), Wrong> {
        let seen = match value {
            Value::Null => None,
            Value::Scalar(seen, _) | Value::Nested(seen, _) => Some(*seen),
            Value::Text(_) => Some(Seen::Text),
        };
        if let Some(seen) = seen {
            self.types.note(seen, row);
            self.types.present += 1;
        }
        self.pad(row);
        let Some(store) = &mut self.store else { return Ok(()) };
        self.stored = row + 1;
        match self.declared {
            Some(declared) => store.push_declared(value).map_err(|text| Wrong::Misfit {
                column: self.name.to_string(),
                declared,
                value: text,
            }),
            None => {
                store.push(row, value, self.types.clash.is_some());
                Ok(())
            }
        }
    }
}

impl Store {
    fn new(declared: Option<DeclaredType>) -> Self {
        match declared {
            None => Self::Scalars(Builder::new(Reading::Inferred, &[])),
            Some(declared) if declared.kind() == ColumnKind::Text => Self::Texts(Texts::default()),
            Some(declared) => Self::Scalars(Builder::new(Reading::Declared(declared), &[])),
        }
    }

    fn push_missing(&mut self) {
        match self {
            Self::Scalars(builder) => {
                // An empty field is missing whatever the type.
                let _ = builder.push("");
            }
            Self::Texts(texts) => texts.push(None),
            Self::Nothing => {}
        }
    }

    /// Adds a value to a column that has the type of its values.
    fn push(&mut self, row: usize, value: &Value<'_>, clash: bool) {
        match (&mut *self, value) {
            _ if clash => *self = Self::Nothing,
            (_, Value::Null) => self.push_missing(),
            (Self::Scalars(builder), Value::Scalar(_, text)) => {
                // What does not fit is a clash.
                let _ = builder.push(text);
            }
            (Self::Texts(texts), Value::Text(text)) => texts.push(Some(text)),
            (Self::Scalars(_), Value::Text(text)) => {
                let mut texts = Texts::all_missing(row);
                texts.push(Some(text));
                *self = Self::Texts(texts);
            }
            (_, Value::Nested(..)) | (Self::Texts(_) | Self::Nothing, _) => *self = Self::Nothing,
        }
    }

    /// Adds a value to a column of a declared type; fails with a value that does not have it.
    fn push_declared(&mut self, value: &Value<'_>) -> Result<(), String> {
        let text = match value {
            Value::Null => {
                self.push_missing();
                return Ok(());
            }
            Value::Nested(_, text) => return Err((*text).to_owned()),
            Value::Scalar(_, text) => text,
            Value::Text(text) => &**text,
        };
        match self {
            Self::Scalars(builder) => builder.push(text).map_err(|Misfit| text.to_owned()),
            Self::Texts(texts) => {
                texts.push(Some(text));
                Ok(())
            }
            Self::Nothing => Ok(()),
        }
    }

    fn into_cells(self, kind: &ColumnKind, rows: usize) -> Cells {
        match self {
            Self::Scalars(builder) => builder.into_cells(),
            Self::Texts(texts) => Cells::Text(texts),
            Self::Nothing => Cells::all_missing(kind, rows),
        }
    }
}
