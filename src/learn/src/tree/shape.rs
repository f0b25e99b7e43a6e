//! A grown tree: its splits, the values of its leaves, and the way of rows through it.

use std::ops::Range;

use ndarray::{ArrayView2, Axis, Slice};
use rayon::prelude::*;

/// Rows that one thread predicts at a time.
pub(crate) const PREDICTED: usize = 1024;

/// Rows that go down a tree side by side.
const ABREAST: usize = 8;

/// No column has this index.
pub(crate) const LEAF: u32 = u32::MAX;

/// The splits of a tree and the values of its leaves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    /// `width` values a leaf.
    pub(crate) values: Vec<f64>,
    pub(crate) width: usize,
    pub(crate) columns: usize,
    pub(crate) depth: usize,
    pub(crate) importances: Vec<f64>,
}

/// A split, or a leaf where `column` is [`LEAF`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) threshold: f64,
    pub(crate) column: u32,
    /// The left child, with the right one behind it; of a leaf, its index among leaves.
    pub(crate) next: u32,
}

impl Tree {
    pub(crate) fn leaves(&self) -> usize {
        self.nodes.len().div_ceil(2)
    }

    /// The share of every column in the decreases of impurity of the nodes.
    pub(super) fn shares(&self, decreases: &[f64]) -> Vec<f64> {
        let mut shares = vec![0.0; self.columns];
        for (node, decrease) in self.nodes.iter().zip(decreases) {
            if node.column != LEAF {
                shares[node.column as usize] += decrease.max(0.0);
            }
        }
        let sum: f64 = shares.iter().sum();
        if sum > 0.0 {
            for share in &mut shares {
                *share /= sum;
            }
        }
        shares
    }

    /// The values of a leaf.
    pub(crate) fn values_of(&self, leaf: u32) -> &[f64] {
        &self.values[leaf as usize * self.width..][..self.width]
    }

    /// The leaves that rows fall into, which stand one behind the other. A NaN goes right.
    pub(crate) fn leaves_of_block(&self, rows: &[f64], leaves: &mut [u32]) {
        if self.columns == 0 {
            leaves.fill(self.nodes[0].next);
            return;
        }
        let groups = rows.chunks(ABREAST * self.columns).zip(leaves.chunks_mut(ABREAST));
        for (rows, leaves) in groups {
            leaves.fill(0);
            let mut moved = true;
            while moved {
                moved = false;
                for (row, place) in rows.chunks_exact(self.columns).zip(leaves.iter_mut()) {
                    let node = &self.nodes[*place as usize];
                    if node.column != LEAF {
                        let left = row[node.column as usize] <= node.threshold;
                        *place = node.next + u32::from(!left);
                        moved = true;
                    }
                }
            }
            for place in leaves {
                *place = self.nodes[*place as usize].next;
            }
        }
    }

    /// The leaf of one row, whose value in a column is asked for where a split needs it. For few
    /// splits that is cheaper than putting all columns of a row together.
    pub(crate) fn leaf_by(&self, value: impl Fn(usize) -> f64) -> u32 {
        let mut node = &self.nodes[0];
        while node.column != LEAF {
            let left = value(node.column as usize) <= node.threshold;
            node = &self.nodes[node.next as usize + usize::from(!left)];
        }
        node.next
    }

    /// The leaves of all rows.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    pub(crate) fn leaves_of(&self, x: ArrayView2<'_, f64>) -> Vec<u32> {
        assert_eq!(x.ncols(), self.columns, "columns differ from those trained on");
        let mut leaves = vec![0; x.nrows()];
        leaves.par_chunks_mut(PREDICTED).enumerate().for_each_init(
            Vec::new,
            |buffer, (index, leaves)| {
                let start = index * PREDICTED;
                transpose(x, start..start + leaves.len(), buffer);
                self.leaves_of_block(buffer, leaves);
            },
        );
        leaves
    }
}

/// Puts a range of rows one behind the other.
pub(crate) fn transpose(x: ArrayView2<'_, f64>, range: Range<usize>, buffer: &mut Vec<f64>) {
    let columns = x.ncols();
    buffer.resize(range.len() * columns, 0.0);
    let block = x.slice_axis(Axis(0), Slice::from(range));
    for (j, column) in block.axis_iter(Axis(1)).enumerate() {
        for (i, value) in column.iter().enumerate() {
            buffer[i * columns + j] = *value;
        }
    }
}
