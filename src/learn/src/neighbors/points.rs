//! Turns columns into rows laid out for distances, and pairs of rows into distances.

use std::cmp::Ordering;
use std::ops::Range;

use ndarray::{ArrayView2, Axis};

use crate::dense::{max_abs, power_of_two};
use crate::input::Columns;

/// Coordinates of a query, in units of the training rows, beyond which all of those are equally far.
const FARTHEST: f64 = 1e100;

/// How far apart two rows are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Metric {
    /// The root of the sum of squared differences.
    #[default]
    Euclidean,
    /// The sum of absolute differences.
    Manhattan,
    /// The largest absolute difference.
    Chebyshev,
}

impl Metric {
    /// A number that orders pairs of rows like their distance: for the Euclidean its square.
    ///
    /// Terms are added in the order of the columns, as in scikit-learn's trees.
    #[inline]
    pub(crate) fn rank(self, a: &[f64], b: &[f64]) -> f64 {
        let differences = a.iter().zip(b).map(|(a, b)| a - b);
        match self {
            Self::Euclidean => differences.fold(0.0, |sum, by| sum + by * by),
            Self::Manhattan => differences.fold(0.0, |sum, by| sum + by.abs()),
            Self::Chebyshev => differences.fold(0.0, |largest, by| by.abs().max(largest)),
        }
    }

    /// The distance that a rank stands for.
    pub(crate) fn distance(self, rank: f64) -> f64 {
        match self {
            Self::Euclidean => rank.sqrt(),
            Self::Manhattan | Self::Chebyshev => rank,
        }
    }

    /// The rank that a distance comes from.
    pub(crate) fn rank_of(self, distance: f64) -> f64 {
        match self {
            Self::Euclidean => distance * distance,
            Self::Manhattan | Self::Chebyshev => distance,
        }
    }
}

/// Rows laid out one after the other, scaled by one power of two so that no square overflows.
#[derive(Clone, Debug)]
pub(crate) struct Points {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    values: Vec<f64>,
    /// What values of the table are multiplied by.
    pub(crate) factor: f64,
}

impl Points {
    pub(crate) fn new(table: &Columns<'_>) -> Self {
        let (rows, columns) = (table.rows(), table.len());
        let largest = (0..columns).map(|j| max_abs(table.column(j))).fold(0.0, f64::max);
        let factor = 1.0 / power_of_two(largest);
        let mut values = vec![0.0; rows * columns];
        for j in 0..columns {
            for (row, value) in table.column(j).iter().enumerate() {
                values[row * columns + j] = value * factor;
            }
        }
        Self { rows, columns, values, factor }
    }

    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    /// A range of other rows in the same layout and units, into `block`.
    pub(crate) fn gather(&self, x: ArrayView2<'_, f64>, rows: Range<usize>, block: &mut Vec<f64>) {
        let (start, columns) = (rows.start, self.columns);
        block.clear();
        block.resize(rows.len() * columns, 0.0);
        for (j, column) in x.axis_iter(Axis(1)).enumerate() {
            for row in rows.clone() {
                let value = (column[row] * self.factor).clamp(-FARTHEST, FARTHEST);
                block[(row - start) * columns + j] = value;
            }
        }
    }
}

/// The nearest rows found so far, at most a given number, ordered by rank and then by row.
///
/// Few are kept in order. Many are collected up to half as many again, and then the farthest are left out:
/// a place for each in an order of thousands would take longer than to find it.
#[derive(Debug)]
pub(crate) struct Nearest {
    wanted: usize,
    found: Vec<(f64, u32)>,
    /// The farthest of `wanted` rows that were found; none while there are fewer.
    farthest: Option<(f64, u32)>,
}

/// Rows up to which they are kept in order.
const FEW: usize = 128;

fn nearer(a: &(f64, u32), b: &(f64, u32)) -> Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

impl Nearest {
    pub(crate) fn new(wanted: usize) -> Self {
        let room = if wanted <= FEW { wanted + 1 } else { 0 };
        Self { wanted, found: Vec::with_capacity(room), farthest: None }
    }

    /// The rank beyond which a row is not among the nearest.
    #[inline]
    pub(crate) fn worst(&self) -> f64 {
        self.farthest.map_or(f64::INFINITY, |(rank, _)| rank)
    }

    #[inline]
    pub(crate) fn offer(&mut self, rank: f64, row: u32) {
        if self.farthest.is_some_and(|farthest| farthest < (rank, row)) {
            return;
        }
        if self.wanted > FEW {
            self.collect(rank, row);
            return;
        }
        let before = |other: &(f64, u32)| *other < (rank, row);
        let place = self.found.partition_point(before);
        self.found.insert(place, (rank, row));
        self.found.truncate(self.wanted);
        if self.found.len() == self.wanted {
            self.farthest = self.found.last().copied();
        }
    }

    fn collect(&mut self, rank: f64, row: u32) {
        self.found.push((rank, row));
        if self.found.len() > self.wanted + self.wanted / 2 {
            self.leave_out();
        }
    }

    fn leave_out(&mut self) {
        if self.found.len() > self.wanted {
            self.found.select_nth_unstable_by(self.wanted - 1, nearer);
            self.found.truncate(self.wanted);
            self.farthest = self.found.last().copied();
        }
    }

    /// Ranks and rows, the nearest first.
    pub(crate) fn sorted(mut self) -> Vec<(f64, u32)> {
        if self.wanted > FEW {
            self.leave_out();
            self.found.sort_unstable_by(nearer);
        }
        self.found
    }
}
