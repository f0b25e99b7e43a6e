//! The mean answer of all trees of a forest.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::dense::{max_abs, power_of_two};
use crate::tree::{PREDICTED, Tree, transpose};
use crate::{Control, Error};

/// Trees that answer together; at least one, all of the same width and columns.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Forest {
    pub(crate) trees: Vec<Tree>,
    /// A power of two by which answers are divided, so that their sum does not overflow.
    unit: f64,
}

/// The rows and leaves of a block.
type Buffers = (Vec<f64>, Vec<u32>);

/// The sums and voters of a block.
type Block<'a> = (&'a mut [f64], &'a mut [u32]);

impl Forest {
    pub(crate) fn new(trees: Vec<Tree>) -> Self {
        let largest = trees.iter().map(|tree| max_abs(&tree.values)).fold(0.0, f64::max);
        let safe = largest < f64::MAX / 2.0 / trees.len().max(1) as f64;
        Self { trees, unit: if safe { 1.0 } else { power_of_two(largest) } }
    }

    fn width(&self) -> usize {
        self.trees[0].width
    }

    /// The mean answers (rows × width).
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    pub(crate) fn means(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let (means, _) =
            self.means_of(x, |_, _| true, &Control::plain()).expect("nothing stops a prediction");
        means
    }

    /// The mean answers of the trees that have a say about a row, 0 where none has, and how many
    /// they are. `has_say` gets a tree and a row.
    ///
    /// # Errors
    /// Only if stopped.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    pub(crate) fn means_of(
        &self,
        x: ArrayView2<'_, f64>,
        has_say: impl Fn(usize, usize) -> bool + Sync,
        control: &Control<'_>,
    ) -> Result<(Array2<f64>, Vec<u32>), Error> {
        assert_eq!(x.ncols(), self.trees[0].columns, "columns differ from those trained on");
        let width = self.width();
        let mut means = vec![0.0; x.nrows() * width];
        let mut voters = vec![0; x.nrows()];
        let blocks = means.par_chunks_mut(PREDICTED * width).zip(voters.par_chunks_mut(PREDICTED));
        let fill = |(rows, leaves): &mut Buffers, (index, block): (usize, Block<'_>)| {
            let (means, voters) = block;
            let start = index * PREDICTED;
            transpose(x, start..start + voters.len(), rows);
            leaves.resize(voters.len(), 0);
            for (index, tree) in self.trees.iter().enumerate() {
                control.poll()?;
                tree.leaves_of_block(rows, leaves);
                for (i, leaf) in leaves.iter().enumerate() {
                    if has_say(index, start + i) {
                        voters[i] += 1;
                        let sums = &mut means[i * width..][..width];
                        for (sum, value) in sums.iter_mut().zip(tree.values_of(*leaf)) {
                            *sum += value / self.unit;
                        }
                    }
                }
            }
            for (sums, voters) in means.chunks_exact_mut(width).zip(voters.iter()) {
                let count = f64::from((*voters).max(1));
                for sum in sums {
                    *sum = *sum / count * self.unit;
                }
            }
            Ok::<(), Error>(())
        };
        blocks.enumerate().try_for_each_init(Buffers::default, fill)?;
        let means = Array2::from_shape_vec((x.nrows(), width), means)
            .expect("as many answers as a tree is wide for every row");
        Ok((means, voters))
    }

    /// The mean of the trees' importances, over those that split anything; they sum to 1, or are
    /// all 0.
    pub(crate) fn importances(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.trees[0].columns];
        for tree in &self.trees {
            for (sum, importance) in sums.iter_mut().zip(&tree.importances) {
                *sum += importance;
            }
        }
        let total: f64 = sums.iter().sum();
        if total > 0.0 {
            for sum in &mut sums {
                *sum /= total;
            }
        }
        sums
    }
}
