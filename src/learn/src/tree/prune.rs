//! Minimal cost-complexity pruning (Breiman, Friedman, Olshen and Stone, 1984, chapter 3): turns the
//! branches that decrease the impurity by less than `alpha` a leaf into leaves.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::shape::{LEAF, Node, Tree};
use crate::{Control, Error};

/// Branches cut between two looks at the stop flag.
const POLLED: usize = 256;

/// A branch and what each leaf beyond the first one brings; the least comes first, then the first.
#[derive(PartialEq)]
struct Weakest {
    strength: f64,
    node: usize,
    /// Leaves of the branch when it was put in; it has fewer if it was pruned since.
    leaves: u32,
}

impl Eq for Weakest {}

impl Ord for Weakest {
    fn cmp(&self, other: &Self) -> Ordering {
        self.strength.total_cmp(&other.strength).then(self.node.cmp(&other.node))
    }
}

impl PartialOrd for Weakest {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Prunes a tree whose nodes have these decreases of impurity times weight, and would predict the
/// values in `replaced` as leaves. Gives the decreases of the nodes that are left.
pub(super) fn prune(
    tree: &mut Tree,
    decreases: &[f64],
    replaced: &[f64],
    alpha: f64,
    control: &Control<'_>,
) -> Result<Vec<f64>, Error> {
    let count = tree.nodes.len();
    let mut branches = Branches {
        nodes: &tree.nodes,
        decreases,
        sums: decreases.to_vec(),
        leaves: vec![1; count],
    };
    let mut parents = vec![usize::MAX; count];
    // Children stand behind their parents.
    for index in (0..count).rev() {
        if let Some(children) = branches.children(index) {
            parents[children[0]] = index;
            parents[children[1]] = index;
            branches.update(index, children);
        }
    }
    let mut weakest: BinaryHeap<_> =
        (0..count).filter_map(|index| branches.weakest(index)).map(Reverse).collect();
    let mut pruned = 0;
    while let Some(Reverse(Weakest { strength, node, leaves })) = weakest.pop() {
        if strength > alpha {
            break;
        }
        if branches.leaves[node] != leaves {
            continue;
        }
        (branches.leaves[node], branches.sums[node]) = (1, 0.0);
        let mut below = vec![node];
        while let Some(index) = below.pop() {
            for child in branches.children(index).into_iter().flatten() {
                if branches.leaves[child] > 0 {
                    branches.leaves[child] = 0;
                    below.push(child);
                }
            }
        }
        let mut above = parents[node];
        while above != usize::MAX {
            if let Some(children) = branches.children(above) {
                branches.update(above, children);
            }
            weakest.extend(branches.weakest(above).map(Reverse));
            above = parents[above];
        }
        pruned += 1;
        if pruned % POLLED == 0 {
            control.poll()?;
        }
    }
    let leaves = branches.leaves;
    Ok(rebuild(tree, &leaves, decreases, replaced))
}

/// Sums over branches.
struct Branches<'a> {
    nodes: &'a [Node],
    decreases: &'a [f64],
    /// Decreases of all splits of a branch.
    sums: Vec<f64>,
    /// 0 for what is cut off.
    leaves: Vec<u32>,
}

impl Branches<'_> {
    fn children(&self, index: usize) -> Option<[usize; 2]> {
        let node = self.nodes[index];
        (node.column != LEAF).then_some([node.next as usize, node.next as usize + 1])
    }

    fn update(&mut self, index: usize, [left, right]: [usize; 2]) {
        self.leaves[index] = self.leaves[left] + self.leaves[right];
        self.sums[index] = self.decreases[index] + self.sums[left] + self.sums[right];
    }

    fn weakest(&self, node: usize) -> Option<Weakest> {
        let leaves = self.leaves[node];
        (leaves > 1).then(|| Weakest {
            strength: self.sums[node] / f64::from(leaves - 1),
            node,
            leaves,
        })
    }
}

/// Keeps the nodes that are not cut off; those of one leaf become leaves.
fn rebuild(tree: &mut Tree, leaves: &[u32], decreases: &[f64], replaced: &[f64]) -> Vec<f64> {
    let width = tree.width;
    let leaf = Node { threshold: 0.0, column: LEAF, next: 0 };
    let (mut nodes, mut values, mut kept) = (vec![leaf], Vec::new(), vec![0.0]);
    let mut stack = vec![(0, 0, 0)];
    let mut deepest = 0;
    while let Some((old, new, depth)) = stack.pop() {
        deepest = deepest.max(depth);
        let node = tree.nodes[old];
        if leaves[old] == 1 {
            nodes[new].next = (values.len() / width) as u32;
            values.extend_from_slice(&replaced[old * width..][..width]);
            continue;
        }
        let next = nodes.len();
        nodes[new] = Node { next: next as u32, ..node };
        kept[new] = decreases[old];
        nodes.extend([leaf; 2]);
        kept.extend([0.0; 2]);
        stack.push((node.next as usize + 1, next + 1, depth + 1));
        stack.push((node.next as usize, next, depth + 1));
    }
    (tree.nodes, tree.values, tree.depth) = (nodes, values, deepest);
    kept
}
