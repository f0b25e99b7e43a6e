//! Features of which some columns take two values only, as one-hot encoding makes them: a code a
//! row stands for all columns that came of one, and sums over the rows cost as much as that one.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, ShapeBuilder};
use rayon::prelude::*;

use crate::dense::{Spread, spread};
use crate::input::Columns;
use crate::rows;
use crate::{Control, Error};

/// Bytes that columns may take where they have to be written out.
const LARGEST: u64 = 4 << 30;

/// A column that has one value in the rows of a code, and another in all others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Indicator {
    /// The code.
    pub code: u32,
    /// The value in the rows of the code.
    pub on: f64,
    /// The value in the other rows.
    pub off: f64,
}

/// Columns that follow from one code a row.
#[derive(Clone, Debug)]
pub struct Indicators<'a> {
    /// One code a row.
    pub codes: &'a [u32],
    /// All codes are below.
    pub levels: u32,
    /// The columns, with their places among all features.
    pub columns: Vec<(usize, Indicator)>,
}

/// Rows of features: dense columns, and others that follow from codes.
pub struct Features<'a> {
    columns: Columns<'a>,
    blocks: Vec<Block<'a>>,
    sources: Vec<Source>,
}

/// The codes of a block.
struct Block<'a> {
    codes: &'a [u32],
    levels: usize,
    /// Where the sums of its codes begin among those of all blocks.
    first: usize,
}

/// Where a column comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Source {
    /// The dense column with this index.
    Dense(usize),
    Indicator {
        block: usize,
        indicator: Indicator,
    },
}

impl<'a> Features<'a> {
    /// Dense columns alone (rows × columns).
    ///
    /// # Errors
    /// As [`Features::mixed`].
    pub fn dense(x: ArrayView2<'a, f64>) -> Result<Self, Error> {
        Self::mixed(x, &(0..x.ncols()).collect::<Vec<_>>(), Vec::new())
    }

    /// Dense columns (rows × columns) with their places among all features, and others.
    ///
    /// # Errors
    /// [`Error::Shape`] where lengths or places do not fit together, or there are no rows, and
    /// [`Error::NotFinite`].
    pub fn mixed(
        x: ArrayView2<'a, f64>,
        places: &[usize],
        indicators: Vec<Indicators<'a>>,
    ) -> Result<Self, Error> {
        let width =
            places.len() + indicators.iter().map(|block| block.columns.len()).sum::<usize>();
        let columns = Columns::new(x).map_err(|error| match error {
            Error::NotFinite { column } => {
                Error::NotFinite { column: places.get(column).copied().unwrap_or(column) }
            }
            other => other,
        })?;
        let mut sources: Vec<Option<Source>> = vec![None; width];
        let dense = places.iter().enumerate().map(|(index, place)| (*place, Source::Dense(index)));
        let others = indicators.iter().enumerate().flat_map(|(block, indicators)| {
            let of = move |(place, indicator): &(usize, Indicator)| {
                (*place, Source::Indicator { block, indicator: *indicator })
            };
            indicators.columns.iter().map(of)
        });
        for (place, source) in dense.chain(others) {
            if let Source::Indicator { indicator, .. } = source
                && !(indicator.on.is_finite() && indicator.off.is_finite())
            {
                return Err(Error::NotFinite { column: place });
            }
            match sources.get_mut(place) {
                Some(free @ None) => *free = Some(source),
                _ => return Err(Error::Shape(format!("{place} is not the place of one column"))),
            }
        }
        let mut first = 0;
        let mut blocks = Vec::with_capacity(indicators.len());
        for Indicators { codes, levels, columns: made } in indicators {
            let beyond = made.iter().any(|(_, indicator)| indicator.code >= levels)
                || codes.par_iter().any(|code| *code >= levels);
            if codes.len() != columns.rows() || beyond {
                let rows = columns.rows();
                let message = format!("{} codes, below {levels}, for {rows} rows", codes.len());
                return Err(Error::Shape(message));
            }
            blocks.push(Block { codes, levels: levels as usize, first });
            first += levels as usize;
        }
        match sources.into_iter().collect() {
            Some(sources) if places.len() == x.ncols() => Ok(Self { columns, blocks, sources }),
            _ => Err(Error::Shape(format!("{} places for {} columns", places.len(), x.ncols()))),
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.columns.rows()
    }

    /// How many columns there are.
    pub(crate) fn len(&self) -> usize {
        self.sources.len()
    }

    /// The values of a dense column.
    pub(crate) fn values(&self, index: usize) -> &[f64] {
        self.columns.column(index)
    }

    pub(crate) fn source(&self, j: usize) -> Source {
        self.sources[j]
    }

    pub(crate) fn has_blocks(&self) -> bool {
        !self.blocks.is_empty()
    }

    pub(crate) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// How many codes there are in all blocks.
    pub(crate) fn codes(&self) -> usize {
        self.blocks.last().map_or(0, |block| block.first + block.levels)
    }

    /// Where the sum of an indicator's code stands among those of all.
    pub(crate) fn place(&self, block: usize, indicator: Indicator) -> usize {
        self.blocks[block].first + indicator.code as usize
    }

    /// The values of a column at some rows.
    pub(crate) fn fill(&self, j: usize, range: Range<usize>, out: &mut [f64]) {
        match self.sources[j] {
            Source::Dense(index) => out.copy_from_slice(&self.columns.column(index)[range]),
            Source::Indicator { block, indicator: Indicator { code, on, off } } => {
                for (out, own) in out.iter_mut().zip(&self.blocks[block].codes[range]) {
                    *out = if *own == code { on } else { off };
                }
            }
        }
    }

    /// Adds one number for each code of a row, as they stand in `numbers`, to the row.
    pub(crate) fn spread_out(&self, numbers: &[f64], range: &Range<usize>, out: &mut [f64]) {
        for block in &self.blocks {
            let numbers = &numbers[block.first..][..block.levels];
            for (out, code) in out.iter_mut().zip(&block.codes[range.clone()]) {
                *out += numbers[*code as usize];
            }
        }
    }

    /// Adds a number a row to the sums of its codes.
    pub(crate) fn gather(&self, numbers: &[f64], range: &Range<usize>, sums: &mut [f64]) {
        for block in &self.blocks {
            let sums = &mut sums[block.first..][..block.levels];
            for (number, code) in numbers.iter().zip(&block.codes[range.clone()]) {
                sums[*code as usize] += number;
            }
        }
    }

    /// The weight of the rows of each code.
    pub(crate) fn totals(&self, weights: Option<&[f64]>) -> Vec<f64> {
        rows::sum(self.rows(), self.codes(), |range, sums| {
            for range in rows::blocks(range) {
                match weights {
                    Some(weights) => self.gather(&weights[range.clone()], &range, sums),
                    None => self.gather(&[1.0; rows::BLOCK][..range.len()], &range, sums),
                }
            }
        })
    }

    /// The codes of a block, one a row.
    pub(crate) fn block(&self, block: usize) -> &[u32] {
        self.blocks[block].codes
    }

    /// How many codes a block has.
    pub(crate) fn levels(&self, block: usize) -> usize {
        self.blocks[block].levels
    }

    /// Spreads of all columns, about the weighted means or about 0.
    pub(crate) fn spreads(&self, weights: Option<&[f64]>, centre: bool) -> Vec<Spread> {
        let of_codes = self.code_spreads(weights, centre);
        let of = |(source, of_codes): (&Source, Option<Spread>)| match (*source, of_codes) {
            (Source::Indicator { .. }, Some(spread)) => spread,
            (Source::Dense(index), _) => spread(self.columns.column(index), weights, centre),
            (Source::Indicator { .. }, None) => unreachable!("codes have spreads"),
        };
        self.sources.par_iter().zip(of_codes).map(of).collect()
    }

    /// Spreads of the columns that follow from codes.
    pub(crate) fn code_spreads(
        &self,
        weights: Option<&[f64]>,
        centre: bool,
    ) -> Vec<Option<Spread>> {
        let totals = self.totals(weights);
        let total = weights.map_or(self.rows() as f64, |weights| weights.iter().sum());
        let of = |source: &Source| match *source {
            Source::Dense(_) => None,
            Source::Indicator { block, indicator } => {
                let share = totals[self.place(block, indicator)] / total;
                Some(two_values(indicator, share.clamp(0.0, 1.0), centre))
            }
        };
        self.sources.iter().map(of).collect()
    }

    /// All columns as numbers.
    ///
    /// # Errors
    /// [`Error::Memory`] where they are too many.
    pub(crate) fn written_out(&self, control: &Control<'_>) -> Result<Array2<f64>, Error> {
        let (rows, width) = (self.rows(), self.len());
        self.check_memory()?;
        control.poll()?;
        let mut flat = vec![0.0; rows * width];
        flat.par_chunks_mut(rows).enumerate().for_each(|(j, out)| self.fill(j, 0..rows, out));
        let shape = (rows, width).f();
        Ok(Array2::from_shape_vec(shape, flat).expect("one value a row and column"))
    }

    /// Whether all columns as numbers would fit the memory.
    ///
    /// # Errors
    /// [`Error::Memory`] where they would not.
    pub(crate) fn check_memory(&self) -> Result<(), Error> {
        let (rows, width) = (self.rows(), self.len());
        let bytes = 8 * (rows as u64).saturating_mul(width as u64);
        if self.has_blocks() && bytes > LARGEST {
            let what = format!("{width} columns of numbers for {rows} rows");
            return Err(Error::Memory { parameter: None, what, bytes });
        }
        Ok(())
    }
}

/// The spread of a column that is on in a share of the rows.
fn two_values(indicator: Indicator, share: f64, centre: bool) -> Spread {
    let Indicator { on, off, .. } = indicator;
    let is_constant = share == 0.0 || share == 1.0 || on == off;
    if !centre {
        let squares = share * on * on + (1.0 - share) * off * off;
        return Spread { mean: 0.0, rest: 0.0, deviation: squares.sqrt() };
    }
    if is_constant {
        let mean = if share == 1.0 { on } else { off };
        return Spread { mean, rest: 0.0, deviation: 0.0 };
    }
    let deviation = (on - off).abs() * (share * (1.0 - share)).sqrt();
    Spread { mean: off + (on - off) * share, rest: 0.0, deviation }
}
