//! The passes over all active variables that a step of the optimisation makes.
//!
//! They go block by block without branches, so that compilers turn them into vector instructions; what a block
//! holds is looked at closely only where it is the best so far.

use super::solver::LEAST_CURVATURE;

const BLOCK: usize = 256;

const LANES: usize = 8;

/// The variables that would gain most from an increase and from a decrease.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extremes {
    /// The largest slope upwards, minus infinity where nothing can be increased.
    pub(super) highest: f64,
    pub(super) highest_at: usize,
    /// The smallest slope downwards.
    pub(super) lowest: f64,
}

impl Extremes {
    /// What is left between the two; not above the tolerance at the optimum.
    pub(super) fn gap(&self) -> f64 {
        self.highest - self.lowest
    }
}

fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The largest of `error + up` and the smallest of `error + down`.
pub(super) fn extremes(error: &[f64], up: &[f64], down: &[f64]) -> Extremes {
    let mut best = Extremes { highest: f64::NEG_INFINITY, highest_at: 0, lowest: f64::INFINITY };
    let mut block_at = 0;
    for (index, ((error, up), down)) in
        error.chunks(BLOCK).zip(up.chunks(BLOCK)).zip(down.chunks(BLOCK)).enumerate()
    {
        look(error, up, down, index, &mut best, &mut block_at);
    }
    best.highest_at = find(error, up, block_at, best.highest);
    best
}

/// Subtracts `factor * (row_i - row_j)` from the errors, and gives their extremes.
pub(super) fn subtract(
    factor: f64,
    row_i: &[f64],
    row_j: &[f64],
    error: &mut [f64],
    up: &[f64],
    down: &[f64],
) -> Extremes {
    let mut best = Extremes { highest: f64::NEG_INFINITY, highest_at: 0, lowest: f64::INFINITY };
    let mut block_at = 0;
    let rows = row_i.chunks(BLOCK).zip(row_j.chunks(BLOCK));
    let bounds = up.chunks(BLOCK).zip(down.chunks(BLOCK));
    for (index, ((error, (row_i, row_j)), (up, down))) in
        error.chunks_mut(BLOCK).zip(rows).zip(bounds).enumerate()
    {
        for ((error, i), j) in error.iter_mut().zip(row_i).zip(row_j) {
            *error -= factor * (i - j);
        }
        look(error, up, down, index, &mut best, &mut block_at);
    }
    best.highest_at = find(error, up, block_at, best.highest);
    best
}

fn look(
    error: &[f64],
    up: &[f64],
    down: &[f64],
    index: usize,
    best: &mut Extremes,
    block_at: &mut usize,
) {
    let mut highest = [f64::NEG_INFINITY; LANES];
    let mut lowest = [f64::INFINITY; LANES];
    let (errors, errors_rest) = error.as_chunks::<LANES>();
    let (ups, ups_rest) = up.as_chunks::<LANES>();
    let (downs, downs_rest) = down.as_chunks::<LANES>();
    for ((error, up), down) in errors.iter().zip(ups).zip(downs) {
        for lane in 0..LANES {
            highest[lane] = larger(error[lane] + up[lane], highest[lane]);
            lowest[lane] = smaller(error[lane] + down[lane], lowest[lane]);
        }
    }
    for ((error, up), down) in errors_rest.iter().zip(ups_rest).zip(downs_rest) {
        highest[0] = larger(error + up, highest[0]);
        lowest[0] = smaller(error + down, lowest[0]);
    }
    let highest = highest.into_iter().fold(f64::NEG_INFINITY, larger);
    best.lowest = lowest.into_iter().fold(best.lowest, smaller);
    if highest > best.highest {
        best.highest = highest;
        *block_at = index;
    }
}

/// The first place of a block with this sum.
fn find(error: &[f64], up: &[f64], block: usize, sum: f64) -> usize {
    let start = block * BLOCK;
    let end = error.len().min(start + BLOCK);
    (start..end).find(|&i| error[i] + up[i] == sum).unwrap_or(start)
}

/// The variable whose decrease, together with an increase of the one with `row`, lowers the
/// objective most: the first of equal ones.
pub(super) fn partner(
    highest: f64,
    diagonal_i: f64,
    error: &[f64],
    down: &[f64],
    diagonal: &[f64],
    row: &[f64],
) -> usize {
    let gain = |error: f64, down: f64, diagonal: f64, kernel: f64| {
        let slope = larger(highest - (error + down), 0.0);
        let curvature = larger(diagonal_i + diagonal - 2.0 * kernel, LEAST_CURVATURE);
        slope * slope / curvature
    };
    let (mut best, mut block_at) = (f64::NEG_INFINITY, 0);
    for (index, ((error, down), (diagonal, row))) in error
        .chunks(BLOCK)
        .zip(down.chunks(BLOCK))
        .zip(diagonal.chunks(BLOCK).zip(row.chunks(BLOCK)))
        .enumerate()
    {
        let mut highest = [f64::NEG_INFINITY; LANES];
        let (errors, errors_rest) = error.as_chunks::<LANES>();
        let (downs, downs_rest) = down.as_chunks::<LANES>();
        let (diagonals, diagonals_rest) = diagonal.as_chunks::<LANES>();
        let (rows, rows_rest) = row.as_chunks::<LANES>();
        for ((error, down), (diagonal, row)) in
            errors.iter().zip(downs).zip(diagonals.iter().zip(rows))
        {
            for lane in 0..LANES {
                let gain = gain(error[lane], down[lane], diagonal[lane], row[lane]);
                highest[lane] = larger(gain, highest[lane]);
            }
        }
        for ((error, down), (diagonal, row)) in
            errors_rest.iter().zip(downs_rest).zip(diagonals_rest.iter().zip(rows_rest))
        {
            highest[0] = larger(gain(*error, *down, *diagonal, *row), highest[0]);
        }
        let highest = highest.into_iter().fold(f64::NEG_INFINITY, larger);
        if highest > best {
            best = highest;
            block_at = index;
        }
    }
    if best <= 0.0 {
        // The squares of all slopes underflowed.
        let sum = |i: usize| error[i] + down[i];
        return (0..error.len()).min_by(|a, b| sum(*a).total_cmp(&sum(*b))).unwrap_or(0);
    }
    let start = block_at * BLOCK;
    let end = error.len().min(start + BLOCK);
    (start..end).find(|&i| gain(error[i], down[i], diagonal[i], row[i]) == best).unwrap_or(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Generator;

    #[test]
    fn blocks_find_what_a_plain_loop_finds() {
        let mut generator = Generator::new(9);
        for n in [1, 7, 8, 256, 257, 1000] {
            let mut draw =
                |low: f64| -> Vec<f64> { (0..n).map(|_| low + generator.unit()).collect() };
            let (error, diagonal, row) = (draw(-0.5), draw(1.0), draw(0.0));
            let up: Vec<f64> =
                draw(0.0).iter().map(|v| if *v < 0.3 { f64::NEG_INFINITY } else { 0.1 }).collect();
            let down: Vec<f64> =
                draw(0.0).iter().map(|v| if *v < 0.3 { f64::INFINITY } else { 0.2 }).collect();
            let found = extremes(&error, &up, &down);
            let sums: Vec<f64> = error.iter().zip(&up).map(|(a, b)| a + b).collect();
            let highest = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert_eq!(found.highest, highest);
            assert_eq!(sums[found.highest_at], highest);
            let j = partner(found.highest, 1.5, &error, &down, &diagonal, &row);
            let gain = |i: usize| {
                let slope = (found.highest - error[i] - down[i]).max(0.0);
                slope * slope / (1.5 + diagonal[i] - 2.0 * row[i]).max(LEAST_CURVATURE)
            };
            let best = (0..n).map(gain).fold(0.0, f64::max);
            assert!((gain(j) - best).abs() <= 1e-12 * best);
        }
    }
}
