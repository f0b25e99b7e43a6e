//! Coordinate descent over the rows, for many columns that nearly all take part: a few passes over
//! the rows cost less than the products of all columns with each other.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::design::Design;
use super::quadratic::Penalty;
use crate::{Control, Error};

/// Columns whose products with each other are known, so that the rows are looked at once for all
/// of them.
const WIDTH: usize = 32;

/// Rows that one thread works on, whatever the number of threads.
const PART: usize = 2048;

/// Rows that stay in the first cache while a block of columns passes by.
const NEAR: usize = 512;

/// Numbers that are summed side by side, and columns that share a look at the rows.
const LANES: usize = 8;
const ABREAST: usize = 4;

/// Steps along every column of a block before the next.
const SWEEPS: usize = 2;

/// Passes that may be made before the exact slopes are looked at again.
const STAGE: usize = 16;

/// By how much a stage may make the steps smaller: `f32` has two digits more.
const FINEST: f64 = 3e-5;

/// Columns with the digits of `f32`. Steps are worked out from exact slopes and from what was added
/// since, so that what is lost shrinks with the steps.
#[derive(Default)]
pub(super) struct Descent {
    blocks: Vec<Block>,
}

/// Up to [`WIDTH`] columns.
struct Block {
    /// Indices into the design's active columns.
    columns: Vec<usize>,
    /// By [`NEAR`] rows, and in them column by column, those that lack left 0.
    values: Vec<f32>,
    /// Products of the columns with each other, row by row.
    gram: Vec<f32>,
}

/// How a stage ended.
pub(super) struct Stage {
    pub(super) passes: usize,
    /// Whether the steps became as small as they were meant to.
    pub(super) reached: bool,
}

impl Block {
    fn new(design: &Design<'_>, columns: &[usize]) -> Self {
        let mut values = vec![0.0_f32; design.rows() * WIDTH];
        let mut near = [0.0; NEAR];
        for (k, &j) in columns.iter().enumerate() {
            for (index, values) in values.chunks_mut(NEAR * WIDTH).enumerate() {
                let (start, length) = (index * NEAR, values.len() / WIDTH);
                design.fill(j, start..start + length, &mut near[..length]);
                for (to, value) in values[k * length..].iter_mut().zip(&near[..length]) {
                    *to = *value as f32;
                }
            }
        }
        let mut gram = Array2::zeros((WIDTH, WIDTH));
        for values in values.chunks(NEAR * WIDTH) {
            let view = ArrayView2::from_shape((WIDTH, values.len() / WIDTH), values)
                .expect("WIDTH columns are of one length");
            general_mat_mul(1.0, &view, &view.t(), 1.0, &mut gram);
        }
        let gram = gram.into_iter().collect();
        Self { columns: columns.to_vec(), values, gram }
    }

    /// The best steps along the columns, one after the other; the largest.
    fn step(
        &self,
        slopes: &mut [f64; WIDTH],
        steps: &mut [f32; WIDTH],
        coefficients: &mut [f64],
        penalty: &Penalty,
    ) -> f64 {
        let mut before = [0.0; WIDTH];
        for (before, j) in before.iter_mut().zip(&self.columns) {
            *before = coefficients[*j];
        }
        for _ in 0..SWEEPS {
            for (k, (&j, row)) in self.columns.iter().zip(self.gram.chunks(WIDTH)).enumerate() {
                let length = f64::from(row[k]);
                let next = penalty.best(j, slopes[k] + length * coefficients[j], length);
                let change = next - coefficients[j];
                if change != 0.0 {
                    coefficients[j] = next;
                    for (slope, product) in slopes.iter_mut().zip(row) {
                        *slope -= change * f64::from(*product);
                    }
                }
            }
        }
        let mut largest = 0.0_f64;
        for ((step, before), &j) in steps.iter_mut().zip(before).zip(&self.columns) {
            let change = coefficients[j] - before;
            *step = change as f32;
            largest = largest.max(change.abs());
        }
        largest
    }
}

impl Descent {
    /// Columns that take part, by their indices into the design's active ones.
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> {
        self.blocks.iter().flat_map(|block| block.columns.iter().copied())
    }

    pub(super) fn add(
        &mut self,
        design: &Design<'_>,
        entering: &[usize],
        control: &Control<'_>,
    ) -> Result<(), Error> {
        let made: Vec<Block> = entering
            .par_chunks(WIDTH)
            .filter(|_| !(control.stop)())
            .map(|columns| Block::new(design, columns))
            .collect();
        control.poll()?;
        self.blocks.extend(made);
        Ok(())
    }

    /// Passes until the largest step is `aim` of that in the first one. `slopes` are exact where
    /// the coefficients are.
    pub(super) fn stage(
        &self,
        rows: usize,
        slopes: &[f64],
        coefficients: &mut [f64],
        penalty: &Penalty,
        (aim, most): (f64, usize),
        control: &Control<'_>,
    ) -> Result<Stage, Error> {
        let most = most.min(STAGE);
        let parts = rows.div_ceil(PART);
        // What the steps since the exact slopes add to the rows.
        let mut added = vec![0.0_f32; rows];
        let mut sums = vec![[0.0; WIDTH]; parts];
        let (mut steps, mut before) = ([0.0; WIDTH], None::<&Block>);
        let mut first = 0.0_f64;
        for pass in 1..=most {
            control.poll()?;
            let mut largest = 0.0_f64;
            for block in &self.blocks {
                let parts = added.par_chunks_mut(PART).zip(&mut sums).enumerate();
                parts.for_each(|(part, (added, sums))| {
                    if let Some(before) = before {
                        before.add(&steps, part, added);
                    }
                    *sums = block.products(part, added);
                });
                let mut own = [0.0; WIDTH];
                for (own, &j) in own.iter_mut().zip(&block.columns) {
                    *own = slopes[j];
                }
                for sums in &sums {
                    for (own, sum) in own.iter_mut().zip(sums) {
                        *own -= sum;
                    }
                }
                largest = largest.max(block.step(&mut own, &mut steps, coefficients, penalty));
                before = Some(block);
            }
            first = first.max(largest);
            if largest <= aim.max(FINEST) * first {
                return Ok(Stage { passes: pass, reached: true });
            }
        }
        Ok(Stage { passes: most, reached: false })
    }
}

impl Block {
    /// The values at a part of the rows, [`NEAR`] at a time.
    fn part(&self, part: usize) -> impl Iterator<Item = &[f32]> {
        self.values[part * PART * WIDTH..].chunks(NEAR * WIDTH)
    }

    /// Adds the columns times their steps.
    fn add(&self, steps: &[f32; WIDTH], part: usize, out: &mut [f32]) {
        for (values, out) in self.part(part).zip(out.chunks_mut(NEAR)) {
            let columns = values.chunks(ABREAST * out.len()).zip(steps.as_chunks().0);
            for (values, steps) in columns.take(self.columns.len().div_ceil(ABREAST)) {
                if *steps != [0.0; ABREAST] {
                    add(abreast(values, out.len()), steps, out);
                }
            }
        }
    }

    /// Products of the columns with what was added at a part of the rows.
    fn products(&self, part: usize, added: &[f32]) -> [f64; WIDTH] {
        let mut sums = [0.0; WIDTH];
        for (values, added) in self.part(part).zip(added.chunks(NEAR)) {
            let columns =
                values.chunks(ABREAST * added.len()).zip(sums.as_chunks_mut::<ABREAST>().0);
            for (values, sums) in columns.take(self.columns.len().div_ceil(ABREAST)) {
                let products = products(abreast(values, added.len()), added);
                for (sum, product) in sums.iter_mut().zip(products) {
                    *sum += product;
                }
            }
        }
        sums
    }
}

/// Columns next to each other.
fn abreast(values: &[f32], length: usize) -> [&[f32]; ABREAST] {
    std::array::from_fn(|k| &values[k * length..][..length])
}

fn add([a, b, c, d]: [&[f32]; ABREAST], steps: &[f32; ABREAST], out: &mut [f32]) {
    for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *out += (steps[0] * a + steps[1] * b) + (steps[2] * c + steps[3] * d);
    }
}

fn products(columns: [&[f32]; ABREAST], with: &[f32]) -> [f64; ABREAST] {
    let (blocks, ends) = with.as_chunks();
    let chunks = columns.map(|column| column.as_chunks());
    let lanes = lanes(chunks.map(|(blocks, _)| blocks), blocks);
    std::array::from_fn(|k| {
        let rest: f32 = chunks[k].1.iter().zip(ends).map(|(a, b)| a * b).sum();
        f64::from(lanes[k].iter().sum::<f32>() + rest)
    })
}

/// Sums of products by lanes. Apart from what follows, or the compiler would turn the lanes of
/// different columns into vectors.
#[inline(never)]
fn lanes(
    [a, b, c, d]: [&[[f32; LANES]]; ABREAST],
    with: &[[f32; LANES]],
) -> [[f32; LANES]; ABREAST] {
    let (mut sums_a, mut sums_b) = ([0.0; LANES], [0.0; LANES]);
    let (mut sums_c, mut sums_d) = ([0.0; LANES], [0.0; LANES]);
    for ((((with, a), b), c), d) in with.iter().zip(a).zip(b).zip(c).zip(d) {
        multiply(with, a, &mut sums_a);
        multiply(with, b, &mut sums_b);
        multiply(with, c, &mut sums_c);
        multiply(with, d, &mut sums_d);
    }
    [sums_a, sums_b, sums_c, sums_d]
}

#[inline]
fn multiply(a: &[f32; LANES], b: &[f32; LANES], sums: &mut [f32; LANES]) {
    for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
        *sum += a * b;
    }
}
