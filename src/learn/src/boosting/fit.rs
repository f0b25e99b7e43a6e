//! The boosting itself: one round of trees after the other.

use std::sync::atomic::{AtomicU32, Ordering};

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::binned::{Binned, PANEL};
use super::ensemble::Ensemble;
use super::grow::{Ground, Grower};
use super::histogram::{Sum, fits_one_word};
use super::loss::{Loss, log_totals};
use super::part::{PART, Part, Target};
use super::settings::{EarlyStopping, Settings};
use super::split::ColumnFacts;
use super::tree::Tree;
use crate::bins::{self, Binning, MISSING};
use crate::dense::max_abs;
use crate::seeded::{Generator, mix};
use crate::{Control, Error};

/// The most memory that one training may take.
const MOST_BYTES: u64 = 4 << 30;

/// Iterations whose trees tell how large all of them are.
const TELLING: usize = 8;

/// How many times the largest value a prediction may be.
const DIVERGED: f64 = 1e6;

/// Trains on the rows whose weight is above 0.
pub(super) fn fit(
    x: ArrayView2<'_, f64>,
    target: &Target<'_>,
    settings: &Settings<'_>,
    control: &Control<'_>,
) -> Result<Ensemble, Error> {
    control.poll()?;
    let rows: Vec<u32> = (0..x.nrows() as u32)
        .filter(|&row| target.weights.is_none_or(|weights| weights[row as usize] > 0.0))
        .collect();
    check_memory(rows.len(), x.ncols(), target)?;
    let (train, held_out) = hold_out(rows, target, settings)?;
    let Settings { categories, max_bins, seed, .. } = *settings;
    let binning = Binning::new(x, &train, target.weights, categories, max_bins, seed);
    control.poll()?;
    let y: Vec<f64> = train.iter().map(|&row| target.y[row as usize]).collect();
    let weights: Option<Vec<f64>> =
        target.weights.map(|weights| train.iter().map(|&row| weights[row as usize]).collect());
    let baseline = target.loss.baseline(&y, weights.as_deref(), target.outputs);
    let part = Part::new(x, target, &binning, &baseline, &train);
    control.poll()?;
    let held_out = held_out.map(|rows| Part::new(x, target, &binning, &baseline, &rows));
    let boosting = Boosting { target, settings, control, binning: &binning };
    let one_word =
        target.loss.has_constant_hessian() && target.weights.is_none() && fits_one_word(part.len());
    let (trees, mut importances) = if one_word {
        boosting.run::<1>(part, held_out)?
    } else {
        boosting.run::<2>(part, held_out)?
    };
    let sum: f64 = importances.iter().sum();
    if sum > 0.0 {
        for importance in &mut importances {
            *importance /= sum;
        }
    }
    let iterations = trees.len() / target.outputs;
    Ok(Ensemble { binning, baseline, trees, importances, iterations })
}

fn check_memory(rows: usize, columns: usize, target: &Target<'_>) -> Result<(), Error> {
    // Bins twice, then rows twice, leaves, targets, weights, sums, and raw predictions.
    let by_row = columns + columns.next_multiple_of(PANEL) + 12 + 16 + 24 + 8 * target.outputs;
    let bytes = (rows as u64).saturating_mul(by_row as u64);
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    Err(Error::memory(format!("gradient boosting on {rows} × {columns} values"), bytes))
}

/// Training rows and held-out rows; classes keep their shares.
fn hold_out(
    rows: Vec<u32>,
    target: &Target<'_>,
    settings: &Settings<'_>,
) -> Result<(Vec<u32>, Option<Vec<u32>>), Error> {
    let Some(early) = settings.early_stopping else { return Ok((rows, None)) };
    let groups: Vec<Vec<u32>> = match target.loss {
        Loss::Binary | Loss::Softmax => (0..target.outputs.max(2))
            .map(|class| {
                let of_class = |row: &&u32| target.y[**row as usize] == class as f64;
                rows.iter().filter(of_class).copied().collect()
            })
            .collect(),
        Loss::Squared | Loss::Absolute | Loss::Quantile(_) | Loss::Poisson | Loss::Gamma => {
            vec![rows]
        }
    };
    let mut generator = Generator::new(mix(settings.seed ^ 0x5E7A51DE));
    let (mut train, mut held_out) = (Vec::new(), Vec::new());
    for mut group in groups {
        generator.shuffle(&mut group);
        let wanted = (group.len() as f64 * early.validation_fraction).round() as usize;
        let kept = group.split_off(wanted.min(group.len().saturating_sub(1)));
        train.extend(kept);
        held_out.extend(group);
    }
    if held_out.is_empty() {
        let message = "leaves no row to measure the loss on";
        return Err(Error::parameter("validation_fraction", message));
    }
    train.sort_unstable();
    held_out.sort_unstable();
    Ok((train, Some(held_out)))
}

/// What stays the same over all rounds.
struct Boosting<'a> {
    target: &'a Target<'a>,
    settings: &'a Settings<'a>,
    control: &'a Control<'a>,
    binning: &'a Binning,
}

impl Boosting<'_> {
    fn run<const WORDS: usize>(
        &self,
        mut part: Part,
        mut held_out: Option<Part>,
    ) -> Result<(Vec<Tree>, Vec<f64>), Error> {
        let (settings, loss) = (self.settings, self.target.loss);
        let count = part.len();
        let facts = self.columns(&part.binned);
        let growth = settings.growth(facts.len(), unit(part.weights.as_deref()));
        let mut words: Vec<Sum<WORDS>> = vec![[0; WORDS]; count];
        let leaf_of: Vec<AtomicU32> = (0..count).map(|_| AtomicU32::new(0)).collect();
        let mut grower = Grower::<WORDS>::new();
        let mut gains = vec![0.0; facts.len()];
        let mut trees: Vec<Tree> = Vec::new();
        let mut bytes = 0;
        let mut losses: Vec<f64> = Vec::new();
        if let Some(held_out) = &held_out {
            losses.push(held_out.loss(loss));
        }
        for iteration in 0..settings.max_iter {
            self.control.poll()?;
            let seed = mix(settings.seed ^ mix(iteration as u64));
            let drawn = draw(&mut grower.rows, count, settings.subsample, seed);
            let order = if self.target.outputs > 1 { grower.rows.clone() } else { Vec::new() };
            let totals = match loss {
                Loss::Softmax => log_totals(&part.raw),
                _ => Vec::new(),
            };
            for output in 0..self.target.outputs {
                self.control.poll()?;
                if output > 0 {
                    grower.rows.copy_from_slice(&order);
                }
                let units = part.pack(loss, output, &totals, &mut words)?;
                let ground = Ground { binned: &part.binned, columns: &facts, growth: &growth };
                let seed = mix(seed.wrapping_add(output as u64));
                let mut grown =
                    grower.grow(&ground, &words, &units, seed, &mut gains, self.control)?;
                let tree = &mut grown.tree;
                match loss.leaf_quantile() {
                    None => {
                        for value in &mut tree.values {
                            *value = loss.step(*value);
                        }
                    }
                    Some(q) => {
                        let values: Vec<f64> = grown
                            .leaves
                            .par_iter()
                            .map(|leaf| part.residual(&grower.rows[leaf.start..leaf.end], q))
                            .collect();
                        for (leaf, value) in grown.leaves.iter().zip(values) {
                            tree.values[leaf.node] = value;
                        }
                    }
                }
                for value in &mut tree.values {
                    *value *= settings.learning_rate;
                }
                if drawn == Drawn::All {
                    grown.leaves.par_iter().for_each(|leaf| {
                        for &row in &grower.rows[leaf.start..leaf.end] {
                            leaf_of[row as usize].store(leaf.node as u32, Ordering::Relaxed);
                        }
                    });
                    let values = &tree.values;
                    part.raw[output].par_iter_mut().zip(&leaf_of).with_min_len(PART).for_each(
                        |(raw, leaf)| {
                            *raw += values[leaf.load(Ordering::Relaxed) as usize];
                        },
                    );
                } else {
                    part.add(tree, output);
                }
                if let Some(held_out) = &mut held_out {
                    held_out.add(tree, output);
                }
                grown.tree.shrink_to_fit();
                bytes += grown.tree.bytes() as u64;
                trees.push(grown.tree);
            }
            self.check_trees(bytes, iteration + 1)?;
            if let (Some(held_out), Some(early)) = (&held_out, settings.early_stopping) {
                losses.push(held_out.loss(loss));
                if is_done(&losses, early) {
                    break;
                }
            }
        }
        self.check_reach(&part)?;
        Ok((trees, gains))
    }

    /// Refuses steps so long that each overshoots the values more than the one before.
    fn check_reach(&self, part: &Part) -> Result<(), Error> {
        let follows_values = match self.target.loss {
            Loss::Squared | Loss::Absolute | Loss::Quantile(_) => true,
            Loss::Poisson | Loss::Gamma | Loss::Binary | Loss::Softmax => false,
        };
        let reach = part.raw.iter().map(|raw| max_abs(raw)).fold(0.0, f64::max);
        if follows_values && reach > DIVERGED * max_abs(&part.y) {
            let message = "makes the predictions diverge: lower it";
            return Err(Error::parameter("learning_rate", message));
        }
        Ok(())
    }

    /// Refuses more trees than memory is for: when those so far tell, or when they are that many.
    fn check_trees(&self, bytes: u64, iterations: usize) -> Result<(), Error> {
        let all = (bytes / iterations as u64).saturating_mul(self.settings.max_iter as u64);
        // Later trees may be smaller, and early stopping may leave them out.
        let tells = iterations >= TELLING && self.settings.early_stopping.is_none();
        if bytes <= MOST_BYTES && !(tells && all > 4 * MOST_BYTES) {
            return Ok(());
        }
        let count = self.settings.max_iter.saturating_mul(self.target.outputs);
        let what = format!("{count} trees as large as the first {iterations}");
        Err(Error::memory_of("max_iter", what, all))
    }

    fn columns(&self, binned: &Binned) -> Vec<ColumnFacts<'_>> {
        (0..self.binning.columns.len())
            .into_par_iter()
            .map(|column| ColumnFacts {
                bins: &self.binning.columns[column],
                has_missing: binned.columns[column].contains(&MISSING),
                monotonic: self.settings.monotonic_cst.get(column).copied().unwrap_or_default(),
            })
            .collect()
    }
}

/// Whether none of the last losses is lower than the one before them.
fn is_done(losses: &[f64], early: EarlyStopping) -> bool {
    let Some(before) = losses.len().checked_sub(early.n_iter_no_change + 1) else { return false };
    let wanted = losses[before] - early.tol;
    losses[before + 1..].iter().all(|loss| *loss >= wanted)
}

/// The weight that counts as one row.
fn unit(weights: Option<&[f64]>) -> f64 {
    let Some(weights) = weights else { return 1.0 };
    let least = weights.iter().copied().fold(f64::INFINITY, f64::min);
    let mean = weights.iter().sum::<f64>() / weights.len() as f64;
    least.max(mean / 1000.0).min(1.0)
}

/// Whether a tree grows on all rows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Drawn {
    All,
    Some,
}

/// The rows that a tree grows on, in rising order.
fn draw(rows: &mut Vec<u32>, count: usize, subsample: f64, seed: u64) -> Drawn {
    rows.clear();
    if subsample >= 1.0 {
        rows.extend(0..count as u32);
        return Drawn::All;
    }
    let wanted = ((subsample * count as f64) as usize).max(1);
    rows.extend(bins::draw(count, wanted, &mut Generator::new(seed)));
    Drawn::Some
}
