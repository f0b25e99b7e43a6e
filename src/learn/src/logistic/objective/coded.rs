//! The Hessian along columns of which some follow from codes, and the directions that change no score.

use std::ops::Range;

use rayon::prelude::*;

use super::super::block::Block;
use super::super::subset::Subset;
use super::{Along, Objective};
use crate::dense::add_scaled;
use crate::elastic_net::flat::Direction;
use crate::mixed::Shares;
use crate::products::add_products;
use crate::smooth::Value;
use crate::{Control, Error, rows};

/// What the curvature of a row is made of: its weight, for two classes times its variance, and for more the
/// probabilities of the classes.
struct Curvature {
    counted: Vec<f64>,
    probabilities: Vec<Vec<f64>>,
}

impl Objective<'_> {
    /// The objective at one point, and its Hessian row by row over a subset.
    pub(in super::super) fn curved(
        &self,
        point: &[f64],
        subset: &Subset,
        control: &Control<'_>,
    ) -> Result<Value, Error> {
        if !self.features.has_blocks() {
            return Ok(self.along(point, Along::Curvature(subset)));
        }
        let mut value = self.along(point, Along::Nothing);
        let curvature = self.curvature(point);
        let mut tiles = Vec::with_capacity(subset.len() * subset.len());
        for (head, own) in subset.columns.iter().enumerate() {
            for (other, with) in subset.columns[..=head].iter().enumerate() {
                let factors = curvature.factors(head, other);
                tiles.extend(self.tile((own, with), &factors, control)?);
            }
        }
        tiles.iter_mut().for_each(|product| *product /= self.total);
        value.hessian = subset.assembled(&tiles);
        self.complete(subset, &mut value.hessian);
        Ok(value)
    }

    /// Directions of the parameters of a subset that change no score, by places in the subset; none where the
    /// columns are not centred.
    pub(in super::super) fn flat(&self, subset: &Subset) -> Vec<Direction> {
        if !(self.features.has_blocks() && self.fit_intercept) {
            return Vec::new();
        }
        let width = self.width();
        let dependent = self.mixed.dependent(self.weights.as_deref());
        let place = |parameter: usize| subset.parameters.binary_search(&parameter).ok();
        let directions = dependent.iter().flat_map(|direction| {
            (0..self.heads).map(move |head| {
                let part = |(j, part): &(usize, f64)| Some((place(head * width + j)?, *part));
                direction.iter().map(part).collect::<Option<Direction>>()
            })
        });
        directions.flatten().collect()
    }

    /// Curvature of the penalty along a parameter.
    pub(in super::super) fn square(&self, parameter: usize) -> f64 {
        self.penalties[parameter % self.width()]
    }

    /// Whether some columns follow from codes.
    pub(in super::super) fn is_coded(&self) -> bool {
        self.features.has_blocks()
    }

    fn curvature(&self, point: &[f64]) -> Curvature {
        let rows = self.features.rows();
        let shares: Vec<Shares> =
            point.chunks(self.width()).map(|head| self.mixed.shares(head)).collect();
        let kept = if self.heads == 1 { 0 } else { self.heads };
        let of_block = |range: Range<usize>| {
            let mut block = Block::new(self.held.len(), self.heads);
            self.scores(&mut block, &range, (point, &shares));
            let length = range.len();
            if self.heads == 1 {
                self.two_classes(range, &mut block);
            } else {
                self.many_classes(range, &mut block);
            }
            block.counted.truncate(length);
            (block.counted, block.scores)
        };
        let blocks: Vec<(Vec<f64>, Vec<f64>)> =
            rows::blocks(0..rows).collect::<Vec<_>>().into_par_iter().map(of_block).collect();
        let mut curvature = Curvature {
            counted: Vec::with_capacity(rows),
            probabilities: vec![Vec::with_capacity(rows); kept],
        };
        for (counted, scores) in blocks {
            let of_heads = curvature.probabilities.iter_mut().zip(scores.chunks(rows::BLOCK));
            of_heads.for_each(|(all, scores)| all.extend_from_slice(&scores[..counted.len()]));
            curvature.counted.extend(counted);
        }
        curvature
    }

    /// The products of some columns with others, row by row.
    fn tile(
        &self,
        (own, with): (&[usize], &[usize]),
        factors: &[f64],
        control: &Control<'_>,
    ) -> Result<Vec<f64>, Error> {
        let mut tile = vec![0.0; own.len() * with.len()];
        let held = |columns: &[usize]| -> Vec<usize> {
            (0..columns.len()).filter(|place| self.mixed.is_held(columns[*place])).collect()
        };
        let (left, right) = (held(own), held(with));
        let sums = rows::sum(self.features.rows(), left.len() * right.len(), |range, sums| {
            let mut columns = vec![0.0; (left.len() + right.len()) * rows::BLOCK];
            let (curved, plain) = columns.split_at_mut(left.len() * rows::BLOCK);
            for range in rows::blocks(range) {
                let length = range.len();
                for (place, out) in left.iter().zip(curved.chunks_mut(rows::BLOCK)) {
                    self.fill_curved(own[*place], range.clone(), factors, &mut out[..length]);
                }
                for (place, out) in right.iter().zip(plain.chunks_mut(rows::BLOCK)) {
                    self.fill_one(with[*place], range.clone(), &mut out[..length]);
                }
                if !sums.is_empty() {
                    add_products((curved, left.len()), (plain, right.len()), length, sums);
                }
            }
        });
        for (i, sums) in left.iter().zip(sums.chunks(right.len().max(1))) {
            for (j, sum) in right.iter().zip(sums) {
                tile[i * with.len() + j] = *sum;
            }
        }
        let fill = |j: usize, range: Range<usize>, out: &mut [f64]| {
            self.fill_curved(j, range, factors, out);
        };
        self.mixed.add_pairs((own, with), Some(factors), &fill, control, &mut tile)?;
        Ok(tile)
    }

    fn fill_curved(&self, j: usize, range: Range<usize>, factors: &[f64], out: &mut [f64]) {
        self.fill_one(j, range.clone(), out);
        out.iter_mut().zip(&factors[range]).for_each(|(value, factor)| *value *= factor);
    }

    /// The scores of a block of rows, and the columns that are at hand.
    pub(super) fn scores(
        &self,
        block: &mut Block,
        range: &Range<usize>,
        (point, shares): (&[f64], &[Shares]),
    ) {
        let (width, length) = (self.width(), range.len());
        self.fill(range.clone(), &mut block.columns);
        for (head, scores) in block.scores.chunks_mut(rows::BLOCK).enumerate() {
            let scores = &mut scores[..length];
            match shares.get(head) {
                Some(shares) => self.mixed.spread_out(shares, range, scores),
                None => scores.fill(0.0),
            }
            for (j, column) in self.held.iter().zip(block.columns.chunks(rows::BLOCK)) {
                add_scaled(scores, point[head * width + j], &column[..length]);
            }
        }
    }
}

impl Curvature {
    /// The weights of the rows in the products of the columns of two heads.
    fn factors(&self, head: usize, other: usize) -> Vec<f64> {
        let (Some(of), Some(with)) = (self.probabilities.get(head), self.probabilities.get(other))
        else {
            return self.counted.clone();
        };
        let own = if head == other { 1.0 } else { 0.0 };
        let factor = |((weight, of), with): ((&f64, &f64), &f64)| weight * of * (own - with);
        self.counted.iter().zip(of).zip(with).map(factor).collect()
    }
}
