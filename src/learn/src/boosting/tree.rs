//! A grown tree, and the way of a row of bins to its leaf.

use crate::bins::MISSING;

/// Which bins go left.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rule {
    /// Bins up to this one, and the bin of missing values or not.
    Cut { bin: u8, missing_left: bool },
    /// The bins whose bits are set.
    Set(Box<[u64; 4]>),
}

impl Rule {
    pub(super) fn cut(bin: u8, missing_left: bool) -> Self {
        Self::Cut { bin, missing_left }
    }

    pub(super) fn set(bins: &[u8]) -> Self {
        let mut bits = Box::new([0; 4]);
        for bin in bins {
            bits[usize::from(bin >> 6)] |= 1 << (bin & 63);
        }
        Self::Set(bits)
    }

    /// 1 for every bin that goes left, else 0.
    pub(super) fn table(&self) -> [u8; 256] {
        std::array::from_fn(|bin| {
            let bin = bin as u8;
            match self {
                Self::Cut { bin: last, missing_left } => {
                    u8::from(if bin == MISSING { *missing_left } else { bin <= *last })
                }
                Self::Set(bits) => (bits[usize::from(bin >> 6)] >> (bin & 63)) as u8 & 1,
            }
        })
    }
}

/// A node: a split, or a leaf that leads to itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    column: u32,
    /// The left child, and the right one after it; the node itself for a leaf.
    next: u32,
    /// Where the set of bins stands among those of the tree, or [`NO_SET`].
    set: u32,
    bin: u8,
    /// 255 where missing values go left.
    missing: u8,
    /// 1 for splits.
    is_split: u8,
}

const NO_SET: u32 = u32::MAX;

/// A tree over bins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tree {
    steps: Vec<Step>,
    sets: Vec<[u64; 4]>,
    /// The value of every node that is a leaf, 0 for others.
    pub(super) values: Vec<f64>,
    pub(super) depth: usize,
}

impl Tree {
    /// A tree of one leaf.
    pub(super) fn leaf() -> Self {
        let mut tree = Self { steps: Vec::new(), sets: Vec::new(), values: Vec::new(), depth: 0 };
        tree.push_leaf();
        tree
    }

    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>()
            + size_of_val(&*self.steps)
            + size_of_val(&*self.sets)
            + size_of_val(&*self.values)
    }

    pub(super) fn shrink_to_fit(&mut self) {
        self.steps.shrink_to_fit();
        self.sets.shrink_to_fit();
        self.values.shrink_to_fit();
    }

    fn push_leaf(&mut self) {
        let next = self.steps.len() as u32;
        let leaf = Step { column: 0, next, set: NO_SET, bin: 255, missing: 255, is_split: 0 };
        self.steps.push(leaf);
        self.values.push(0.0);
    }

    pub(super) fn leaves(&self) -> usize {
        self.steps.len().div_ceil(2)
    }

    /// Splits a leaf and returns the place of its left child; the right one comes after it.
    pub(super) fn split(&mut self, node: usize, column: usize, rule: &Rule) -> usize {
        let left = self.steps.len();
        let (set, bin, missing) = match rule {
            Rule::Cut { bin, missing_left } => (NO_SET, *bin, u8::from(*missing_left) * 255),
            Rule::Set(bits) => {
                self.sets.push(**bits);
                (self.sets.len() as u32 - 1, 0, 0)
            }
        };
        let (column, next) = (column as u32, left as u32);
        self.steps[node] = Step { column, next, set, bin, missing, is_split: 1 };
        self.push_leaf();
        self.push_leaf();
        left
    }

    /// The node that a row's bins lead to from `node`.
    #[inline(always)]
    fn follow(&self, node: usize, bin: impl Fn(usize) -> u8) -> usize {
        let step = &self.steps[node];
        let bin = bin(step.column as usize);
        let left = if step.set == NO_SET {
            // No bin but that of missing values is 255.
            let known = u8::from(bin <= step.bin) & u8::from(bin != MISSING);
            known | u8::from(bin == MISSING) & step.missing & 1
        } else {
            let bits = &self.sets[step.set as usize];
            (bits[usize::from(bin >> 6)] >> (bin & 63)) as u8 & 1
        };
        step.next as usize + usize::from((left ^ 1) & step.is_split)
    }

    /// The leaf of a row of bins.
    #[inline(always)]
    pub(super) fn leaf_of(&self, bin: impl Fn(usize) -> u8) -> usize {
        let mut node = 0;
        while self.steps[node].is_split == 1 {
            node = self.follow(node, &bin);
        }
        node
    }

    /// Adds the values of the leaves of rows of bins, `columns` bytes a row, to `raw`.
    pub(super) fn add_to(&self, bins: &[u8], columns: usize, raw: &mut [f64]) {
        const ROWS: usize = 8;
        let mut blocks = raw.chunks_exact_mut(ROWS);
        let mut first = 0;
        for block in &mut blocks {
            // Several rows take a step each in turn, so that none waits for the memory of another.
            let mut nodes = [0; ROWS];
            let mut on_the_way = self.depth > 0;
            while on_the_way {
                let before = nodes;
                for (row, node) in nodes.iter_mut().enumerate() {
                    let bins = &bins[(first + row) * columns..][..columns];
                    *node = self.follow(*node, |column| bins[column]);
                }
                on_the_way = nodes != before;
            }
            for (raw, node) in block.iter_mut().zip(nodes) {
                *raw += self.values[node];
            }
            first += ROWS;
        }
        for raw in blocks.into_remainder() {
            let bins = &bins[first * columns..][..columns];
            *raw += self.values[self.leaf_of(|column| bins[column])];
            first += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_find_their_leaves() {
        let mut tree = Tree::leaf();
        let left = tree.split(0, 1, &Rule::cut(3, true));
        let deeper = tree.split(left + 1, 0, &Rule::set(&[1, MISSING]));
        tree.depth = 2;
        for (place, value) in [(left, 1.0), (deeper, 10.0), (deeper + 1, 100.0)] {
            tree.values[place] = value;
        }
        let rows = [[9, 3], [1, 4], [2, 4], [MISSING, 200], [7, MISSING]];
        let expected = [1.0, 10.0, 100.0, 10.0, 1.0];
        for repeats in [1, 2, 3] {
            let bins: Vec<u8> = rows.iter().cycle().take(5 * repeats).flatten().copied().collect();
            let mut raw = vec![0.0; 5 * repeats];
            tree.add_to(&bins, 2, &mut raw);
            assert!(raw.chunks(5).all(|raw| raw == expected));
        }
        assert_eq!(tree.leaves(), 3);
    }

    #[test]
    fn tables_and_steps_agree() {
        for rule in [Rule::cut(7, true), Rule::cut(254, false), Rule::set(&[0, 64, 254])] {
            let mut tree = Tree::leaf();
            let left = tree.split(0, 0, &rule);
            for (bin, goes_left) in rule.table().into_iter().enumerate() {
                let leaf = tree.leaf_of(|_| bin as u8);
                assert_eq!(leaf == left, goes_left == 1, "{rule:?} on {bin}");
            }
        }
    }
}
