//! What training came to, to bytes and back: words as JSON, numbers as they are, packed. Whether the bytes are
//! those that were written is for others to know; what makes no sense reads as nothing.

use std::fmt::Debug;
use std::path::PathBuf;

use ndarray::{Array2, ShapeBuilder};
use serde::{Deserialize, Serialize};

use super::{LARGEST, Trained, TrainedFold};
use crate::data::{MISSING, Prediction};
use crate::diagnostic::Diagnostic;
use crate::kinds::models::Tuning;
use crate::run::importances::Importance;
use crate::run::trace::TraceStep;

/// Fast rather than small: what comes out is a file of the user's own disk.
const LEVEL: i32 = 1;

/// Everything but the numbers.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    shown: Vec<PathBuf>,
    folds: Vec<FoldHead>,
}

#[derive(Debug, Serialize, Deserialize)]
struct FoldHead {
    rows: String,
    test: Shape,
    train: Option<Shape>,
    notes: Vec<Diagnostic>,
    importances: Vec<Importance>,
    tunings: Vec<Tuning>,
    steps: Vec<TraceStep>,
}

/// Which numbers a prediction is made of.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Shape {
    Values { rows: usize },
    Codes { rows: usize, probabilities: Option<Block> },
    Clusters { rows: usize, distances: bool },
}

/// Rows × columns of numbers. In which order they lie decides the last bits of their sums.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Block {
    columns: usize,
    order: Order,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Order {
    RowByRow,
    ColumnByColumn,
}

impl Trained {
    /// None where it would not read back as it is: JSON has no infinity, and not every path is text.
    pub fn packed(&self) -> Option<Vec<u8>> {
        let mut numbers = Vec::new();
        let mut folds = Vec::new();
        for fold in &self.folds {
            folds.push(FoldHead {
                rows: fold.rows.clone(),
                test: put(&fold.test, &mut numbers)?,
                train: match &fold.train {
                    Some(train) => Some(put(train, &mut numbers)?),
                    None => None,
                },
                notes: fold.notes.clone(),
                importances: fold.importances.clone(),
                tunings: fold.tunings.clone(),
                steps: fold.steps.clone(),
            });
        }
        let head = Head { shown: self.shown.clone(), folds };
        let text = serde_json::to_vec(&head).ok()?;
        let read: Head = serde_json::from_slice(&text).ok()?;
        if shown(&read) != shown(&head) {
            return None;
        }
        let packed = zstd::bulk::compress(&numbers, LEVEL).ok()?;
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend((numbers.len() as u64).to_le_bytes());
        bytes.extend(text);
        bytes.extend(packed);
        Some(bytes)
    }

    /// What was packed; none where it is something else.
    pub fn unpacked(bytes: &[u8]) -> Option<Self> {
        let (text, rest) = bytes.split_at_checked(8)?;
        let (size, rest) = rest.split_at_checked(8)?;
        let number =
            |bytes: &[u8]| usize::try_from(u64::from_le_bytes(bytes.try_into().ok()?)).ok();
        let (text, size) = (number(text)?, number(size)?);
        let (text, packed) = rest.split_at_checked(text)?;
        if size > LARGEST {
            return None;
        }
        let head: Head = serde_json::from_slice(text).ok()?;
        let numbers = zstd::bulk::decompress(packed, size).ok()?;
        let mut numbers = Numbers(&numbers);
        let mut folds = Vec::new();
        for fold in head.folds {
            folds.push(TrainedFold {
                rows: fold.rows,
                test: numbers.prediction(fold.test)?,
                train: match fold.train {
                    Some(train) => Some(numbers.prediction(train)?),
                    None => None,
                },
                notes: fold.notes,
                importances: fold.importances,
                tunings: fold.tunings,
                steps: fold.steps,
            });
        }
        numbers.0.is_empty().then_some(Self { shown: head.shown, folds })
    }
}

/// The form for debugging tells every two numbers apart.
fn shown(head: &dyn Debug) -> String {
    format!("{head:?}")
}

/// Adds the numbers of a prediction, and says which they are. None where they lie in an order of their own.
fn put(prediction: &Prediction, to: &mut Vec<u8>) -> Option<Shape> {
    Some(match prediction {
        Prediction::Values(values) => {
            put_numbers(values, to);
            Shape::Values { rows: values.len() }
        }
        Prediction::Codes { codes, probabilities } => {
            put_codes(codes.iter().copied(), to);
            let probabilities = match probabilities {
                Some(matrix) => Some(put_block(matrix, to)?),
                None => None,
            };
            Shape::Codes { rows: codes.len(), probabilities }
        }
        Prediction::Clusters { codes, squared_distances } => {
            put_codes(codes.iter().map(|code| code.unwrap_or(MISSING)), to);
            squared_distances.iter().for_each(|distances| put_numbers(distances, to));
            Shape::Clusters { rows: codes.len(), distances: squared_distances.is_some() }
        }
    })
}

fn put_block(matrix: &Array2<f64>, to: &mut Vec<u8>) -> Option<Block> {
    let turned = matrix.t();
    let (order, values) = match matrix.as_slice() {
        Some(values) => (Order::RowByRow, values),
        None => (Order::ColumnByColumn, turned.to_slice()?),
    };
    put_numbers(values, to);
    Some(Block { columns: matrix.ncols(), order })
}

fn put_codes(codes: impl Iterator<Item = u32>, to: &mut Vec<u8>) {
    codes.for_each(|code| to.extend_from_slice(&code.to_le_bytes()));
}

fn put_numbers(values: &[f64], to: &mut Vec<u8>) {
    values.iter().for_each(|value| to.extend_from_slice(&value.to_le_bytes()));
}

/// The numbers that are not read yet.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn prediction(&mut self, shape: Shape) -> Option<Prediction> {
        Some(match shape {
            Shape::Values { rows } => Prediction::Values(self.numbers(rows)?),
            Shape::Codes { rows, probabilities } => Prediction::Codes {
                codes: self.codes(rows)?,
                probabilities: match probabilities {
                    Some(block) => Some(self.block(rows, block)?),
                    None => None,
                },
            },
            Shape::Clusters { rows, distances } => Prediction::Clusters {
                codes: self
                    .codes(rows)?
                    .into_iter()
                    .map(|code| (code != MISSING).then_some(code))
                    .collect(),
                squared_distances: match distances {
                    true => Some(self.numbers(rows)?),
                    false => None,
                },
            },
        })
    }

    fn block(&mut self, rows: usize, Block { columns, order }: Block) -> Option<Array2<f64>> {
        let values = self.numbers(rows.checked_mul(columns)?)?;
        match order {
            Order::RowByRow => Array2::from_shape_vec((rows, columns), values),
            Order::ColumnByColumn => Array2::from_shape_vec((rows, columns).f(), values),
        }
        .ok()
    }

    fn codes(&mut self, count: usize) -> Option<Vec<u32>> {
        let (words, _) = self.take(count.checked_mul(4)?)?.as_chunks();
        Some(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }

    fn numbers(&mut self, count: usize) -> Option<Vec<f64>> {
        let (words, _) = self.take(count.checked_mul(8)?)?.as_chunks();
        Some(words.iter().map(|word| f64::from_le_bytes(*word)).collect())
    }

    fn take(&mut self, bytes: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn trained(predictions: Vec<(Prediction, Option<Prediction>)>) -> Trained {
        let fold = |(test, train)| TrainedFold {
            rows: "the rows".to_owned(),
            test,
            train,
            notes: Vec::new(),
            importances: Vec::new(),
            tunings: Vec::new(),
            steps: vec![TraceStep {
                action: "fit dummy".to_owned(),
                evaluation: "2 rows".to_owned(),
                result: "ok".to_owned(),
                duration: Duration::from_nanos(1_234_567_891),
            }],
        };
        Trained {
            shown: vec!["data.csv".into()],
            folds: predictions.into_iter().map(fold).collect(),
        }
    }

    fn every_kind() -> Trained {
        let values = Prediction::Values(vec![0.1, -0.0, 1e-320, f64::MAX]);
        let by_row =
            Array2::from_shape_fn((3, 2), |(row, column)| row as f64 + column as f64 / 3.0);
        let by_column = Array2::from_shape_fn((3, 2).f(), |(row, column)| (row * column) as f64);
        let codes = |probabilities| Prediction::Codes { codes: vec![0, 1, 1], probabilities };
        let clusters = |squared_distances| Prediction::Clusters {
            codes: vec![Some(0), None, Some(7)],
            squared_distances,
        };
        trained(vec![
            (values.clone(), None),
            (codes(Some(by_row)), Some(codes(Some(by_column)))),
            (codes(None), Some(values)),
            (clusters(None), Some(clusters(Some(vec![0.5, f64::NAN, 2.0])))),
            (Prediction::Values(Vec::new()), None),
        ])
    }

    #[test]
    fn every_kind_of_answer_reads_back_with_its_order_and_its_bits() {
        let trained = every_kind();
        let read = Trained::unpacked(&trained.packed().unwrap()).unwrap();
        // The form for debugging names strides and the sign of a zero.
        assert_eq!(format!("{trained:?}"), format!("{read:?}"));
    }

    #[test]
    fn what_is_no_whole_entry_reads_as_nothing() {
        let bytes = every_kind().packed().unwrap();
        for at in 0..bytes.len() {
            assert!(Trained::unpacked(&bytes[..at]).is_none(), "{at} bytes");
            // Which bytes are wrong is for the digest to tell: here nothing may go to pieces.
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x41;
            let _ = Trained::unpacked(&damaged);
        }
        assert!(Trained::unpacked(&[&bytes[..], &[0]].concat()).is_none());
    }

    #[test]
    fn rows_in_an_order_of_their_own_are_not_packed() {
        let wide = Array2::from_shape_fn((3, 4), |(row, column)| (row + column) as f64);
        let part = wide.slice_move(ndarray::s![.., ..2]);
        let odd = Prediction::Codes { codes: vec![0; 3], probabilities: Some(part) };
        assert!(trained(vec![(odd, None)]).packed().is_none());
    }
}
