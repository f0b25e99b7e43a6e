//! The nodes of a tree while it grows.

use super::open::Open;
use super::shape::{LEAF, Node};

/// Nodes in the order in which they are divided depth first, as a tree has them.
pub(super) struct Grown {
    pub(super) nodes: Vec<Node>,
    pub(super) values: Vec<f64>,
    pub(super) depth: usize,
    /// The decrease of impurity times weight of every node; 0 for leaves.
    pub(super) decreases: Vec<f64>,
    /// What every node would predict as a leaf, if the tree is pruned.
    pub(super) replaced: Vec<f64>,
    width: usize,
}

impl Grown {
    /// A node that is not yet decided, whose leaves will have `width` values.
    pub(super) fn new(width: usize) -> Self {
        Self {
            nodes: vec![Node { threshold: 0.0, column: LEAF, next: 0 }],
            values: Vec::new(),
            depth: 0,
            decreases: vec![0.0],
            replaced: Vec::new(),
            width,
        }
    }

    /// Gives a node two children, the right one behind the left one that is told.
    pub(super) fn divide(
        &mut self,
        node: usize,
        column: u32,
        threshold: f64,
        decrease: f64,
    ) -> usize {
        let left = self.nodes.len();
        self.nodes[node] = Node { threshold, column, next: left as u32 };
        self.nodes.extend([Node { threshold: 0.0, column: LEAF, next: 0 }; 2]);
        self.decreases[node] = decrease;
        self.decreases.extend([0.0; 2]);
        left
    }

    /// Keeps what a node would predict as a leaf.
    pub(super) fn replace(&mut self, node: usize, values: &[f64]) {
        let least = (node + 1) * self.width;
        self.replaced.resize(self.replaced.len().max(least), 0.0);
        self.replaced[least - self.width..least].copy_from_slice(values);
    }

    /// Puts subtrees where some nodes are, which come in the order of growing depth first. What
    /// comes of it is what comes of growing without a break.
    pub(super) fn with(self, apart: &[Open], subtrees: Vec<Self>) -> Self {
        let mut whole = Self::new(self.width);
        whole.depth = self.depth;
        let mut subtrees = apart.iter().map(|open| open.node).zip(subtrees).peekable();
        let width = self.width;
        // Nodes of this tree, and where they stand in the whole.
        let mut stack = vec![(0, 0)];
        while let Some((node, place)) = stack.pop() {
            if let Some((_, subtree)) = subtrees.next_if(|(root, _)| *root == node) {
                whole.plant(place, &subtree);
                continue;
            }
            if !self.replaced.is_empty() {
                whole.replace(place, &self.replaced[node * width..][..width]);
            }
            let Node { threshold, column, next } = self.nodes[node];
            let next = next as usize;
            if column == LEAF {
                whole.nodes[place].next = (whole.values.len() / width) as u32;
                whole.values.extend_from_slice(&self.values[next * width..][..width]);
            } else {
                let left = whole.divide(place, column, threshold, self.decreases[node]);
                stack.extend([(next + 1, left + 1), (next, left)]);
            }
        }
        whole
    }

    /// Puts a subtree in the place of a node that is not yet decided.
    fn plant(&mut self, place: usize, subtree: &Self) {
        // All nodes but the root move by as much.
        let (nodes, leaves) = (self.nodes.len() - 1, self.values.len() / self.width);
        let mut moved = subtree.nodes.iter().map(|node| {
            let by = if node.column == LEAF { leaves } else { nodes };
            Node { next: node.next + by as u32, ..*node }
        });
        if let Some(root) = moved.next() {
            self.nodes[place] = root;
        }
        self.nodes.extend(moved);
        self.decreases[place] = subtree.decreases[0];
        self.decreases.extend_from_slice(&subtree.decreases[1..]);
        self.values.extend_from_slice(&subtree.values);
        self.depth = self.depth.max(subtree.depth);
        if !subtree.replaced.is_empty() {
            let (root, others) = subtree.replaced.split_at(self.width);
            self.replace(place, root);
            self.replaced.resize((nodes + 1) * self.width, 0.0);
            self.replaced.extend_from_slice(others);
        }
    }
}
