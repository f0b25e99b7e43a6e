//! Rows of features one after the other, those that follow from codes made as they are asked for.

use crate::dense::dot;
use crate::features::{Features, Source};
use crate::{Control, Error, Indicator};

/// Values beyond this have gradients whose squares leave the range of `f64`.
const LARGEST: f64 = 1e100;

/// Bytes that the copy of the rows may take.
const MOST_BYTES: u64 = 4 << 30;

/// Features row by row.
pub(super) struct Table<'a> {
    width: usize,
    /// The columns that are at hand, and their values row by row.
    held: Vec<usize>,
    values: Vec<f64>,
    blocks: Vec<Block<'a>>,
    /// The value of each column in the rows that have another code, if one of them is not 0.
    off: Option<Vec<f64>>,
}

/// The codes of the rows, and for each code the columns that are on, with their values.
struct Block<'a> {
    codes: &'a [u32],
    on: Vec<Vec<(usize, f64)>>,
}

/// One row.
pub(super) enum Row<'a> {
    /// All values.
    Whole(&'a [f64]),
    /// Those that are not 0, by their columns.
    Sparse(&'a [(usize, f64)]),
}

/// What a row is made in.
pub(super) struct Scratch {
    whole: Vec<f64>,
    sparse: Vec<(usize, f64)>,
}

impl<'a> Table<'a> {
    pub(super) fn new(features: &'a Features<'a>, control: &Control<'_>) -> Result<Self, Error> {
        let (rows, width) = (features.rows(), features.len());
        let mut blocks: Vec<Block<'_>> = (0..features.blocks())
            .map(|block| Block {
                codes: features.block(block),
                on: vec![Vec::new(); features.levels(block)],
            })
            .collect();
        let (mut held, mut off) = (Vec::new(), vec![0.0; width]);
        for (j, off) in off.iter_mut().enumerate() {
            match features.source(j) {
                Source::Dense(index) => {
                    let values = features.values(index);
                    if let Some(row) = values.iter().position(|value| value.abs() > LARGEST) {
                        return Err(too_far(j, row, values[row]));
                    }
                    held.push((j, index));
                }
                Source::Indicator { block, indicator } => {
                    let Indicator { code, on, off: other } = indicator;
                    for value in [on, other].into_iter().filter(|value| value.abs() > LARGEST) {
                        let is_far = |own: &u32| (*own == code) == (value == on);
                        if let Some(row) = blocks[block].codes.iter().position(is_far) {
                            return Err(too_far(j, row, value));
                        }
                    }
                    *off = indicator.off;
                    blocks[block].on[indicator.code as usize].push((j, indicator.on));
                }
            }
        }
        let bytes = 8 * rows as u64 * held.len() as u64;
        if bytes > MOST_BYTES {
            let what = format!("a copy of {rows} rows × {} columns", held.len());
            return Err(Error::memory(what, bytes));
        }
        control.poll()?;
        let mut values = vec![0.0; rows * held.len()];
        for (place, (_, index)) in held.iter().enumerate() {
            let places = values.iter_mut().skip(place).step_by(held.len());
            places.zip(features.values(*index)).for_each(|(to, value)| *to = *value);
        }
        let held = held.into_iter().map(|(j, _)| j).collect();
        let off = off.iter().any(|value| *value != 0.0).then_some(off);
        Ok(Self { width, held, values, blocks, off })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn scratch(&self) -> Scratch {
        Scratch { whole: self.off.clone().unwrap_or_default(), sparse: Vec::new() }
    }

    /// One row, given a scratch that no other table has used.
    pub(super) fn row<'b>(&'b self, row: usize, scratch: &'b mut Scratch) -> Row<'b> {
        let values = &self.values[row * self.held.len()..][..self.held.len()];
        if self.blocks.is_empty() {
            return Row::Whole(values);
        }
        let on = self.blocks.iter().flat_map(|block| &block.on[block.codes[row] as usize]);
        let held = self.held.iter().copied().zip(values.iter().copied());
        let Some(off) = &self.off else {
            scratch.sparse.clear();
            scratch.sparse.extend(held.chain(on.copied()));
            return Row::Sparse(&scratch.sparse);
        };
        // What the row before left is as before the first.
        scratch.sparse.drain(..).for_each(|(j, _)| scratch.whole[j] = off[j]);
        scratch.sparse.extend(on.copied());
        for (j, value) in held.chain(scratch.sparse.iter().copied()) {
            scratch.whole[j] = value;
        }
        Row::Whole(&scratch.whole)
    }
}

impl Row<'_> {
    /// The sum of the values, each times its number.
    pub(super) fn product(&self, numbers: &[f64]) -> f64 {
        match self {
            Row::Whole(values) => dot(values, numbers),
            Row::Sparse(values) => values.iter().map(|(j, value)| value * numbers[*j]).sum(),
        }
    }
}

fn too_far(column: usize, row: usize, value: f64) -> Error {
    let message = format!("holds {value:e}, too far out to learn from");
    Error::Column { column, row: Some(row), message }
}
