//! Columns as plain vectors, in the order of the split, so that training rows come first.

use std::sync::Arc;

/// The code of a missing category.
pub const MISSING: u32 = u32::MAX;

/// The values of one column; every variant has one entry a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers; a missing one is NaN.
    Number(Vec<f64>),
    /// Codes into a dictionary that is sorted by code point; a missing one is [`MISSING`].
    Category { codes: Vec<u32>, dictionary: Arc<[Arc<str>]> },
    /// Truth values; a missing one is none.
    Bool(Vec<Option<bool>>),
    /// Numbers of which there are two, none missing.
    Indicator(Indicator),
}

/// One number in the rows of a code and another in all others: what one-hot encoding makes of a
/// category. Such columns share the codes, so that each takes next to no room.
#[derive(Clone, Debug, PartialEq)]
pub struct Indicator {
    /// One code a row.
    pub codes: Arc<[u32]>,
    /// All codes are below.
    pub levels: u32,
    pub code: u32,
    /// The number in the rows of the code.
    pub on: f64,
    /// The number in the other rows.
    pub off: f64,
}

impl Indicator {
    /// The numbers, one a row.
    pub fn numbers(&self) -> Vec<f64> {
        self.codes.iter().map(|code| if *code == self.code { self.on } else { self.off }).collect()
    }
}

/// A named column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub name: Arc<str>,
    pub values: Values,
}

impl Column {
    pub fn number(name: impl Into<Arc<str>>, values: Vec<f64>) -> Self {
        Self { name: name.into(), values: Values::Number(values) }
    }

    pub fn len(&self) -> usize {
        match &self.values {
            Values::Number(values) => values.len(),
            Values::Category { codes, .. } => codes.len(),
            Values::Bool(values) => values.len(),
            Values::Indicator(indicator) => indicator.codes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The column with its numbers written out, where it is an [`Indicator`].
    #[must_use]
    pub fn written_out(mut self) -> Self {
        if let Values::Indicator(indicator) = &self.values {
            self.values = Values::Number(indicator.numbers());
        }
        self
    }

    /// Puts the values from `start` on into the order of `order`, which counts from there.
    pub fn reorder(&mut self, start: usize, order: &[u32]) {
        let rows = start..start + order.len();
        match &mut self.values {
            Values::Number(values) => reordered(&mut values[rows], order),
            Values::Category { codes, .. } => reordered(&mut codes[rows], order),
            Values::Bool(values) => reordered(&mut values[rows], order),
            Values::Indicator(indicator) => {
                let mut numbers = indicator.numbers();
                reordered(&mut numbers[rows], order);
                self.values = Values::Number(numbers);
            }
        }
    }

    /// How many of the first `rows` entries are missing.
    pub fn missing(&self, rows: usize) -> usize {
        match &self.values {
            Values::Number(values) => values[..rows].iter().filter(|value| value.is_nan()).count(),
            Values::Category { codes, .. } => {
                codes[..rows].iter().filter(|code| **code == MISSING).count()
            }
            Values::Bool(values) => values[..rows].iter().filter(|value| value.is_none()).count(),
            Values::Indicator(_) => 0,
        }
    }

    /// What the values are, in words for a message.
    pub fn kind(&self) -> &'static str {
        match &self.values {
            Values::Number(_) | Values::Indicator(_) => "numbers",
            Values::Category { .. } => "categories",
            Values::Bool(_) => "truth values",
        }
    }
}

/// Columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: usize,
}

impl Table {
    /// How many columns are indicators.
    pub fn indicators(&self) -> usize {
        let is_one = |column: &&Column| matches!(column.values, Values::Indicator(_));
        self.columns.iter().filter(is_one).count()
    }

    /// Some rows, in the order of `order`.
    #[must_use]
    pub fn pick(&self, order: &[u32]) -> Self {
        let columns = self
            .columns
            .iter()
            .map(|column| Column {
                name: column.name.clone(),
                values: match &column.values {
                    Values::Number(values) => Values::Number(picked(values, order)),
                    Values::Category { codes, dictionary } => Values::Category {
                        codes: picked(codes, order),
                        dictionary: dictionary.clone(),
                    },
                    Values::Bool(values) => Values::Bool(picked(values, order)),
                    Values::Indicator(indicator) => {
                        Values::Number(picked(&indicator.numbers(), order))
                    }
                },
            })
            .collect();
        Self { columns, rows: order.len() }
    }

    /// The rows from `start` on. Indicators that share their codes do so afterwards.
    #[must_use]
    pub fn from_row(mut self, start: usize) -> Self {
        // The codes of the last indicator, before and after.
        let mut shared: Option<[Arc<[u32]>; 2]> = None;
        for column in &mut self.columns {
            match &mut column.values {
                Values::Number(values) => drop(values.drain(..start)),
                Values::Category { codes, .. } => drop(codes.drain(..start)),
                Values::Bool(values) => drop(values.drain(..start)),
                Values::Indicator(indicator) => {
                    let cut = match shared.take() {
                        Some([whole, cut]) if Arc::ptr_eq(&whole, &indicator.codes) => cut,
                        _ => indicator.codes[start..].into(),
                    };
                    let whole = std::mem::replace(&mut indicator.codes, cut.clone());
                    shared = Some([whole, cut]);
                }
            }
        }
        Self { rows: self.rows - start, ..self }
    }
}

fn reordered<T: Copy>(values: &mut [T], order: &[u32]) {
    let picked = picked(values, order);
    values.copy_from_slice(&picked);
}

fn picked<T: Copy>(values: &[T], order: &[u32]) -> Vec<T> {
    order.iter().map(|row| values[*row as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_the_same_codes_still_share_them_behind_a_row() {
        let codes: Arc<[u32]> = [0, 1, 2, 1].into();
        let of = |code| {
            let indicator = Indicator { codes: codes.clone(), levels: 3, code, on: 1.0, off: 0.0 };
            Column { name: "a".into(), values: Values::Indicator(indicator) }
        };
        let columns = vec![of(0), Column::number("b", vec![1.0, 2.0, 3.0, 4.0]), of(1)];
        let table = Table { columns, rows: 4 }.from_row(2);
        assert_eq!(table.rows, 2);
        assert_eq!(table.columns[1].values, Values::Number(vec![3.0, 4.0]));
        let [Values::Indicator(one), Values::Indicator(other)] =
            [&table.columns[0].values, &table.columns[2].values]
        else {
            panic!("indicators stay what they are");
        };
        assert!(Arc::ptr_eq(&one.codes, &other.codes));
        assert_eq!((one.numbers(), other.numbers()), (vec![0.0, 0.0], vec![0.0, 1.0]));
    }
}
