//! Tells the nearest centre of each row: products of matrices in `f32` where they can tell, distances in `f64`
//! where they cannot, and nothing at all for rows that no centre has come near to since.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;

use crate::Error;
use crate::dense::max_abs;
use crate::input::Columns;

/// Rows that are multiplied together.
const BLOCK: usize = 512;

/// Rows in a layout for distances: centred, and scaled by one power of two.
pub(super) struct Table {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Rows × columns.
    exact: Vec<f64>,
    /// Rows × (columns + 1), a one behind each row.
    single: Array2<f32>,
    /// Squared norms, rounded up.
    norms: Vec<f32>,
    /// The share of the norms that rounding cannot exceed.
    share: f32,
}

/// Since when which labels hold, by Hamerly (2010): a row keeps its centre until that and the others have
/// together moved as far as the second centre was farther than the first.
pub(super) struct Holds {
    /// What `moved` of the row's centre must stay below.
    until: Vec<f32>,
    /// For each centre its movements since the beginning, and the largest of another centre.
    moved: Vec<f64>,
}

impl Holds {
    pub(super) fn new(rows: usize, clusters: usize) -> Self {
        Self { until: vec![0.0; rows], moved: vec![0.0; clusters] }
    }

    /// Tells how far the centres have moved.
    pub(super) fn shift(&mut self, before: ArrayView2<'_, f64>, after: ArrayView2<'_, f64>) {
        let squared = |(a, b): (&f64, &f64)| (a - b) * (a - b);
        let steps: Vec<f64> = before
            .outer_iter()
            .zip(after.outer_iter())
            .map(|(a, b)| a.iter().zip(b).map(squared).sum::<f64>().sqrt())
            .collect();
        let (mut largest, mut second, mut which) = (0.0, 0.0, 0);
        for (cluster, &step) in steps.iter().enumerate() {
            if step > largest {
                (second, largest, which) = (largest, step, cluster);
            } else if step > second {
                second = step;
            }
        }
        for (cluster, (moved, step)) in self.moved.iter_mut().zip(&steps).enumerate() {
            *moved += step + if cluster == which { second } else { largest };
        }
    }
}

impl Table {
    /// Takes over rows × columns numbers, none above 2 in size.
    pub(super) fn new(exact: Vec<f64>, rows: usize, columns: usize) -> Self {
        let share = 4.0 * (columns as f32 + 16.0) * f32::EPSILON;
        let width = columns + 1;
        let mut single = vec![1.0_f32; rows * width];
        let mut norms = vec![0.0_f32; rows];
        let blocks = single.par_chunks_mut(BLOCK * width).zip(norms.par_chunks_mut(BLOCK));
        blocks.enumerate().for_each(|(block, (single, norms))| {
            for (place, (to, rounded)) in single.chunks_mut(width).zip(norms).enumerate() {
                let row = block * BLOCK + place;
                let mut norm = 0.0;
                for (to, value) in to.iter_mut().zip(&exact[row * columns..(row + 1) * columns]) {
                    norm += value * value;
                    *to = *value as f32;
                }
                *rounded = (norm as f32).next_up();
            }
        });
        let single = Array2::from_shape_vec((rows, width), single).unwrap_or_default();
        Self { rows, columns, exact, single, norms, share }
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.exact[row * self.columns..(row + 1) * self.columns]
    }

    pub(super) fn distance(&self, row: usize, centre: &[f64]) -> f64 {
        self.row(row).iter().zip(centre).map(|(a, b)| (a - b) * (a - b)).sum()
    }

    /// For each block of rows what `visit` makes of the first row, the labels that the rows had, and those
    /// of their nearest centres, of equally near ones the first. Labels are replaced.
    pub(super) fn assign<T: Send>(
        &self,
        centres: ArrayView2<'_, f64>,
        holds: &mut Holds,
        labels: &mut [u32],
        visit: impl Fn(usize, &[u32], &[u32]) -> T + Sync,
    ) -> Vec<T> {
        let centres = Centres::new(centres, self.share);
        let Holds { until, moved } = holds;
        let blocks = labels.par_chunks_mut(BLOCK).zip(until.par_chunks_mut(BLOCK));
        blocks
            .enumerate()
            .map_init(
                || Room::new(self.columns + 1, centres.count),
                |room, (block, (labels, until))| {
                    let start = block * BLOCK;
                    room.nearest.clear();
                    room.nearest.extend_from_slice(labels);
                    room.pending.clear();
                    for (place, (label, until)) in labels.iter().zip(&*until).enumerate() {
                        // A row that has no label yet has no time either.
                        if *until <= 0.0 || moved[*label as usize] >= f64::from(*until) {
                            room.pending.push(place);
                        }
                    }
                    self.decide(start, room, &centres, moved, until);
                    let answer = visit(start, labels, &room.nearest);
                    labels.copy_from_slice(&room.nearest);
                    answer
                },
            )
            .collect()
    }

    /// Finds the nearest centres of the pending rows, and until when that holds.
    fn decide(
        &self,
        start: usize,
        room: &mut Room,
        centres: &Centres,
        moved: &[f64],
        until: &mut [f32],
    ) {
        let Room { nearest, pending, left, products } = room;
        for pending in pending.chunks(products.nrows()) {
            for (place, mut to) in pending.iter().zip(left.rows_mut()) {
                to.assign(&self.single.row(start + place));
            }
            let left = left.slice(s![..pending.len(), ..]);
            let mut products = products.slice_mut(s![..pending.len(), ..]);
            general_mat_mul(1.0, &left, &centres.single, 0.0, &mut products);
            for (place, scores) in pending.iter().zip(products.outer_iter()) {
                let Some(scores) = scores.to_slice() else { continue };
                let norm = self.norms[start + place];
                let error = norm * self.share + centres.slack;
                let found = least_two(scores);
                if found.second - found.least > 2.0 * error {
                    nearest[*place] = found.index;
                    let apart = f64::from((norm + found.second - error).max(0.0)).sqrt()
                        - f64::from((norm + found.least + error).max(0.0)).sqrt();
                    let holds = (apart + moved[found.index as usize]) * (1.0 - 1e-6);
                    until[*place] = if apart > 0.0 { holds as f32 } else { 0.0 };
                } else {
                    let limit = (found.least + 2.0 * error).next_up();
                    nearest[*place] = self.nearest_of(start + place, scores, limit, centres);
                    until[*place] = 0.0;
                }
            }
        }
    }

    fn nearest_of(&self, row: usize, scores: &[f32], limit: f32, centres: &Centres) -> u32 {
        let mut best = (0, f64::INFINITY);
        for (cluster, score) in scores.iter().enumerate() {
            if *score <= limit {
                let centre = &centres.exact[cluster * self.columns..(cluster + 1) * self.columns];
                let distance = self.distance(row, centre);
                if distance < best.1 {
                    best = (cluster as u32, distance);
                }
            }
        }
        best.0
    }
}

/// Centres in the form that products need.
struct Centres {
    count: usize,
    exact: Vec<f64>,
    /// (Columns + 1) × centres: twice each, negative, and its squared norm.
    single: Array2<f32>,
    /// What rounding adds to a score on their account.
    slack: f32,
}

impl Centres {
    fn new(centres: ArrayView2<'_, f64>, share: f32) -> Self {
        let (count, columns) = centres.dim();
        let mut single = Array2::<f32>::zeros((columns + 1, count));
        let mut largest = 0.0_f64;
        for (cluster, centre) in centres.outer_iter().enumerate() {
            for (j, value) in centre.iter().enumerate() {
                single[[j, cluster]] = (-2.0 * value) as f32;
            }
            let norm: f64 = centre.iter().map(|value| value * value).sum();
            single[[columns, cluster]] = norm as f32;
            largest = largest.max(norm);
        }
        // The constant is for products below the normal numbers of f32.
        let slack = (largest as f32).next_up() * share + 1e-37;
        Self { count, exact: centres.iter().copied().collect(), single, slack }
    }
}

/// Room to work in.
struct Room {
    nearest: Vec<u32>,
    /// Places in the block that have to be looked at.
    pending: Vec<usize>,
    left: Array2<f32>,
    products: Array2<f32>,
}

impl Room {
    fn new(width: usize, centres: usize) -> Self {
        let rows = (BLOCK * 64 / centres.max(1)).clamp(16, BLOCK);
        Self {
            nearest: Vec::with_capacity(BLOCK),
            pending: Vec::with_capacity(BLOCK),
            left: Array2::zeros((rows, width)),
            products: Array2::zeros((rows, centres)),
        }
    }
}

/// The least score with its index, and the one after it.
struct LeastTwo {
    index: u32,
    least: f32,
    second: f32,
}

fn least_two(scores: &[f32]) -> LeastTwo {
    let mut found = LeastTwo { index: 0, least: f32::INFINITY, second: f32::INFINITY };
    for (index, &score) in scores.iter().enumerate() {
        let larger = if score < found.least { found.least } else { score };
        found.second = if larger < found.second { larger } else { found.second };
        if score < found.least {
            (found.index, found.least) = (index as u32, score);
        }
    }
    found
}

/// What to say of the column that reaches farthest when squared distances overflow.
pub(super) fn too_large(table: &Columns<'_>) -> Error {
    let reach = |j: usize| max_abs(table.column(j));
    let column = (0..table.len()).max_by(|a, b| reach(*a).total_cmp(&reach(*b))).unwrap_or(0);
    let message = "holds values so large that squared distances between rows cannot be computed";
    Error::Column { column, row: None, message: message.into() }
}
