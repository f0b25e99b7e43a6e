//! Householder QR with column pivoting, and the solutions of shortest length built on it.

use rayon::prelude::*;

use crate::dense::{add_scaled, dot, max_abs, norm, power_of_two};
use crate::{Control, Error};

/// Elements of a trailing matrix from which threads share its columns.
const PARALLEL_FROM: usize = 1 << 15;

/// `A P = Q R` of a matrix stored column by column, by the algorithm of Businger and Golub (1965)
/// with LAPACK's safeguarded update of the column norms.
pub(crate) struct PivotedQr {
    rows: usize,
    columns: usize,
    /// R above and on the diagonal, reflectors (first element 1, not stored) below.
    packed: Vec<f64>,
    factors: Vec<f64>,
    /// `pivots[k]` is the original index of the column now at `k`.
    pub(crate) pivots: Vec<usize>,
    pub(crate) rank: usize,
}

impl PivotedQr {
    /// Factors until the largest remaining column is at most `tolerance` times the first pivot.
    pub(crate) fn new(
        mut packed: Vec<f64>,
        rows: usize,
        columns: usize,
        tolerance: f64,
        control: &Control<'_>,
    ) -> Result<Self, Error> {
        let mut pivots: Vec<usize> = (0..columns).collect();
        let mut norms: Vec<f64> = packed.chunks(rows.max(1)).map(norm).collect();
        norms.resize(columns, 0.0);
        let mut exact = norms.clone();
        let mut factors = Vec::new();
        let mut first_pivot = 0.0;
        let mut rank = 0;
        while rank < rows.min(columns) {
            control.poll()?;
            let k = rank;
            let mut largest = k;
            for j in k + 1..columns {
                if norms[j] > norms[largest] {
                    largest = j;
                }
            }
            if k == 0 {
                first_pivot = norms[largest];
            }
            let is_large = norms[largest] > tolerance * first_pivot;
            if !is_large {
                break;
            }
            if largest != k {
                let (left, right) = packed.split_at_mut(largest * rows);
                left[k * rows..(k + 1) * rows].swap_with_slice(&mut right[..rows]);
                pivots.swap(k, largest);
                norms[largest] = norms[k];
                exact[largest] = exact[k];
            }
            let (head, tail) = packed.split_at_mut((k + 1) * rows);
            let reflector = &mut head[k * rows + k..];
            let factor = reflect(reflector);
            factors.push(factor);
            let vector = &reflector[1..];
            let update = |(column, (norm_of, exact_of)): (&mut [f64], (&mut f64, &mut f64))| {
                let column = &mut column[k..];
                let product = factor * (column[0] + dot(vector, &column[1..]));
                column[0] -= product;
                add_scaled(&mut column[1..], -product, vector);
                downdate(column, norm_of, exact_of);
            };
            let norms_after = norms[k + 1..].iter_mut().zip(exact[k + 1..].iter_mut());
            if (rows - k) * (columns - k) >= PARALLEL_FROM {
                let norms_after: Vec<_> = norms_after.collect();
                tail.par_chunks_mut(rows).zip(norms_after).for_each(update);
            } else {
                tail.chunks_mut(rows).zip(norms_after).for_each(update);
            }
            rank += 1;
        }
        Ok(Self { rows, columns, packed, factors, pivots, rank })
    }

    /// `R[i, j]` for `i <= j`.
    fn upper(&self, i: usize, j: usize) -> f64 {
        self.packed[j * self.rows + i]
    }

    /// Replaces `b` by `Qᵀ b`.
    pub(crate) fn multiply_transposed(&self, b: &mut [f64]) {
        for k in 0..self.rank {
            self.apply_reflector(k, b);
        }
    }

    /// Replaces `b` by `Q b`.
    pub(crate) fn multiply(&self, b: &mut [f64]) {
        for k in (0..self.rank).rev() {
            self.apply_reflector(k, b);
        }
    }

    fn apply_reflector(&self, k: usize, b: &mut [f64]) {
        let vector = &self.packed[k * self.rows + k + 1..(k + 1) * self.rows];
        let b = &mut b[k..];
        let product = self.factors[k] * (b[0] + dot(vector, &b[1..]));
        b[0] -= product;
        add_scaled(&mut b[1..], -product, vector);
    }

    /// Solves `R₁₁ s = b` in the first `rank` elements.
    fn solve_upper(&self, b: &mut [f64]) {
        for i in (0..self.rank).rev() {
            let column = &self.packed[i * self.rows..];
            let value = b[i] / column[i];
            b[i] = value;
            add_scaled(&mut b[..i], -value, &column[..i]);
        }
    }

    /// Solves `R₁₁ᵀ s = b` in the first `rank` elements.
    fn solve_upper_transposed(&self, b: &mut [f64]) {
        for i in 0..self.rank {
            let column = &self.packed[i * self.rows..];
            b[i] = (b[i] - dot(&column[..i], &b[..i])) / column[i];
        }
    }

    /// Minimises `|A z - b|`, among all minimisers the one for which `scales * z` is shortest;
    /// returns `scales * z`. (`A` had its columns multiplied by `scales`.)
    pub(crate) fn least_squares(
        &self,
        b: &[f64],
        scales: &[f64],
        control: &Control<'_>,
    ) -> Result<Vec<f64>, Error> {
        let (rank, columns) = (self.rank, self.columns);
        let mut right = b.to_vec();
        self.multiply_transposed(&mut right);
        if columns - rank > rank {
            return self.shortest_of_few_rows(&right[..rank], scales, control);
        }
        self.solve_upper(&mut right);
        let mut solution = vec![0.0; columns];
        for k in 0..rank {
            solution[self.pivots[k]] = right[k] * scales[self.pivots[k]];
        }
        if rank < columns {
            self.shorten(&mut solution, scales, control)?;
        }
        Ok(solution)
    }

    /// Takes from a solution its part in the null space, whose basis is `[-R₁₁⁻¹ R₁₂; I]` up to
    /// pivots and scales. Used while the null space is the smaller half.
    fn shorten(
        &self,
        solution: &mut [f64],
        scales: &[f64],
        control: &Control<'_>,
    ) -> Result<(), Error> {
        let (rank, columns) = (self.rank, self.columns);
        let mut basis = vec![0.0; columns * (columns - rank)];
        let unit = power_of_two(max_abs(scales));
        let mut part = vec![0.0; rank];
        for (free, vector) in (rank..columns).zip(basis.chunks_mut(columns)) {
            for (i, value) in part.iter_mut().enumerate() {
                *value = -self.upper(i, free);
            }
            self.solve_upper(&mut part);
            let noise = 1e-13 * max_abs(&part).max(1.0);
            for (k, value) in part.iter().enumerate() {
                // Rounding in a column that takes no part would be magnified by its scale.
                if value.abs() > noise {
                    vector[self.pivots[k]] = value * (scales[self.pivots[k]] / unit);
                }
            }
            vector[self.pivots[free]] = scales[self.pivots[free]] / unit;
        }
        let null = Self::new(basis, columns, columns - rank, 0.0, control)?;
        null.multiply_transposed(solution);
        solution[..null.rank].fill(0.0);
        null.multiply(solution);
        Ok(())
    }

    /// The shortest `w` with `[R₁₁ R₁₂] Pᵀ (w / scales) = right`.
    fn shortest_of_few_rows(
        &self,
        right: &[f64],
        scales: &[f64],
        control: &Control<'_>,
    ) -> Result<Vec<f64>, Error> {
        let (rank, columns) = (self.rank, self.columns);
        let smallest = scales.iter().copied().fold(f64::INFINITY, f64::min);
        let unit = power_of_two(smallest);
        let mut transposed = vec![0.0; columns * rank];
        for k in 0..columns {
            let factor = unit / scales[self.pivots[k]];
            for i in 0..rank.min(k + 1) {
                transposed[i * columns + self.pivots[k]] = self.upper(i, k) * factor;
            }
        }
        let mut solution = minimum_norm(transposed, columns, right, control)?;
        for value in &mut solution {
            *value *= unit;
        }
        Ok(solution)
    }
}

/// The shortest `w` with `B w = right`, for a `B` of full row rank given as its transpose, whose
/// `length` rows are put into falling order of size: with pivoting that makes the factorisation
/// accurate row by row (Cox and Higham, 1998), so that scales may differ widely.
pub(crate) fn minimum_norm(
    transposed: Vec<f64>,
    length: usize,
    right: &[f64],
    control: &Control<'_>,
) -> Result<Vec<f64>, Error> {
    let columns = right.len();
    let mut sizes = vec![0.0_f64; length];
    for column in transposed.chunks(length.max(1)) {
        for (size, value) in sizes.iter_mut().zip(column) {
            *size = size.max(value.abs());
        }
    }
    let mut order: Vec<usize> = (0..length).collect();
    order.sort_by(|a, b| sizes[*b].total_cmp(&sizes[*a]).then(a.cmp(b)));
    let sorted: Vec<f64> = transposed
        .chunks(length.max(1))
        .flat_map(|column| order.iter().map(|&row| column[row]))
        .collect();
    drop(transposed);
    let qr = PivotedQr::new(sorted, length, columns, 0.0, control)?;
    let mut image = vec![0.0; length];
    for k in 0..qr.rank {
        image[k] = right[qr.pivots[k]];
    }
    qr.solve_upper_transposed(&mut image);
    qr.multiply(&mut image);
    let mut solution = vec![0.0; length];
    for (k, &row) in order.iter().enumerate() {
        solution[row] = image[k];
    }
    Ok(solution)
}

/// Turns a vector into a reflector that maps it onto its first axis: afterwards the first element
/// is the image, the others are the reflector's. Returns its factor.
fn reflect(vector: &mut [f64]) -> f64 {
    let rest = norm(&vector[1..]);
    if rest == 0.0 {
        return 0.0;
    }
    let first = vector[0];
    let image = -first.hypot(rest).copysign(first);
    let divisor = first - image;
    for value in &mut vector[1..] {
        *value /= divisor;
    }
    vector[0] = image;
    (image - first) / image
}

/// The norm of `column[1..]` from that of `column`, recomputed where cancellation would spoil it.
fn downdate(column: &[f64], norm_of: &mut f64, exact: &mut f64) {
    if *norm_of == 0.0 {
        return;
    }
    let ratio = column[0].abs() / *norm_of;
    let left = ((1.0 - ratio) * (1.0 + ratio)).max(0.0);
    if left * (*norm_of / *exact).powi(2) <= f64::EPSILON.sqrt() {
        *norm_of = norm(&column[1..]);
        *exact = *norm_of;
    } else {
        *norm_of *= left.sqrt();
    }
}
