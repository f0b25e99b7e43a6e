//! Scores of rows to probabilities, losses and residuals.

use std::ops::Range;

use super::super::block::Block;
use super::Objective;
use crate::rows;

impl Objective<'_> {
    fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// Turns scores into probabilities of the higher class and writes residuals; the sum of the
    /// losses.
    pub(super) fn two_classes(&self, range: Range<usize>, block: &mut Block) -> f64 {
        let mut losses = 0.0;
        for (i, row) in range.enumerate() {
            let (score, weight) = (block.scores[i], self.weight(row));
            let small = (-score.abs()).exp();
            let (near, far) = (1.0 / (1.0 + small), small / (1.0 + small));
            let higher = self.classes[row] == 1;
            let right_side = higher == (score > 0.0);
            let missed = if right_side { far } else { near };
            let loss = small.ln_1p() + if right_side { 0.0 } else { score.abs() };
            losses += weight * loss;
            block.residuals[i] = weight * if higher { -missed } else { missed };
            block.counted[i] = weight * near * far;
        }
        losses
    }

    /// Turns scores into probabilities and writes residuals; the sum of the losses.
    pub(super) fn many_classes(&self, range: Range<usize>, block: &mut Block) -> f64 {
        let mut losses = 0.0;
        for (i, row) in range.enumerate() {
            let at = |head: usize| head * rows::BLOCK + i;
            let weight = self.weight(row);
            let class = self.classes[row] as usize;
            let mut largest = f64::NEG_INFINITY;
            for head in 0..self.heads {
                largest = largest.max(block.scores[at(head)]);
            }
            let own = block.scores[at(class)] - largest;
            let mut sum = 0.0;
            for head in 0..self.heads {
                let power = (block.scores[at(head)] - largest).exp();
                block.scores[at(head)] = power;
                sum += power;
            }
            losses += weight * (sum.ln() - own);
            let mut others = 0.0;
            for head in 0..self.heads {
                block.scores[at(head)] /= sum;
                if head != class {
                    others += block.scores[at(head)];
                }
                block.residuals[at(head)] = weight * block.scores[at(head)];
            }
            // 1 - p would lose the digits of a p near 1.
            block.residuals[at(class)] = -weight * others;
            block.counted[i] = weight;
        }
        losses
    }

    /// The weights of the rows in one block of the Hessian.
    pub(super) fn curvatures(&self, head: usize, other: usize, length: usize, block: &mut Block) {
        let Block { curvatures: out, scores: probabilities, counted, .. } = block;
        if self.heads == 1 {
            out[..length].copy_from_slice(&counted[..length]);
            return;
        }
        let of = &probabilities[head * rows::BLOCK..][..length];
        let with = &probabilities[other * rows::BLOCK..][..length];
        for (i, out) in out[..length].iter_mut().enumerate() {
            let own = if head == other { 1.0 } else { 0.0 };
            *out = counted[i] * of[i] * (own - with[i]);
        }
    }
}
