//! The boosting itself: one round of trees after the other.

use std::sync::atomic::{AtomicU32, Ordering};

use ndarray::{ArrayView2, Axis, Slice};
use rayon::prelude::*;

use super::bins::{self, Binned, Binning, MISSING};
use super::grow::{Ground, Grower, Growth};
use super::histogram::{Sum, Units, fits_one_word};
use super::loss::{Loss, log_totals};
use super::quantile::quantile;
use super::split::{ColumnFacts, Limits, Monotonic};
use super::tree::Tree;
use crate::dense::max_abs;
use crate::seeded::{Generator, mix};
use crate::{Control, Error};

/// Rows whose gradients one thread computes at a time.
const PART: usize = 4096;

/// The most memory that one training may take.
const MOST_BYTES: u64 = 4 << 30;

/// Rows that one thread predicts at a time.
const PREDICTED: usize = 1024;

/// Sizes of gradients that are still far from overflowing in sums.
const LARGEST_GRADIENT: f64 = 1e200;

/// The parameters that classes and values share.
#[derive(Clone, Debug)]
pub(super) struct Settings<'a> {
    pub(super) learning_rate: f64,
    pub(super) max_iter: usize,
    pub(super) max_leaf_nodes: Option<usize>,
    pub(super) max_depth: Option<usize>,
    pub(super) min_samples_leaf: usize,
    pub(super) l2_regularization: f64,
    pub(super) max_features: f64,
    pub(super) max_bins: usize,
    pub(super) subsample: f64,
    pub(super) early_stopping: Option<EarlyStopping>,
    pub(super) categories: &'a [usize],
    pub(super) monotonic_cst: &'a [Monotonic],
    pub(super) seed: u64,
}

/// When a training ends before its last iteration: `patience` iterations in a row did not lower
/// the loss on held-out training rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStopping {
    /// The share of the training rows that is held out, above 0 and below 1.
    pub validation_fraction: f64,
    /// Iterations that may pass without a lower loss, at least 1.
    pub n_iter_no_change: usize,
    /// By how much the loss has to be lower, from 0.
    pub tol: f64,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        Self { validation_fraction: 0.1, n_iter_no_change: 10, tol: 1e-7 }
    }
}

impl Settings<'_> {
    pub(super) fn validate(&self) -> Result<(), Error> {
        let check = |name, holds: bool, message: String| {
            if holds { Ok(()) } else { Err(Error::parameter(name, message)) }
        };
        let positive = |name, value: f64| {
            let holds = value.is_finite() && value > 0.0;
            check(name, holds, format!("is {value}, not a number above 0"))
        };
        let share = |name, value: f64| {
            check(
                name,
                value > 0.0 && value <= 1.0,
                format!("is {value}, not above 0 and at most 1"),
            )
        };
        let from = |name, value: usize, least: usize| {
            check(name, value >= least, format!("is {value}, not at least {least}"))
        };
        positive("learning_rate", self.learning_rate)?;
        from("max_iter", self.max_iter, 1)?;
        from("max_leaf_nodes", self.max_leaf_nodes.unwrap_or(2), 2)?;
        from("max_depth", self.max_depth.unwrap_or(1), 1)?;
        from("min_samples_leaf", self.min_samples_leaf, 1)?;
        check(
            "l2_regularization",
            self.l2_regularization.is_finite() && self.l2_regularization >= 0.0,
            format!("is {}, not a number from 0", self.l2_regularization),
        )?;
        share("max_features", self.max_features)?;
        check(
            "max_bins",
            (2..=255).contains(&self.max_bins),
            format!("is {}, not from 2 to 255", self.max_bins),
        )?;
        share("subsample", self.subsample)?;
        if let Some(early) = self.early_stopping {
            let fraction = early.validation_fraction;
            check(
                "validation_fraction",
                fraction > 0.0 && fraction < 1.0,
                format!("is {fraction}, not above 0 and below 1"),
            )?;
            from("n_iter_no_change", early.n_iter_no_change, 1)?;
            let tol = early.tol;
            check("tol", tol.is_finite() && tol >= 0.0, format!("is {tol}, not a number from 0"))?;
        }
        Ok(())
    }

    fn growth(&self, columns: usize, unit: f64) -> Growth {
        Growth {
            max_leaf_nodes: self.max_leaf_nodes.unwrap_or(usize::MAX),
            max_depth: self.max_depth.unwrap_or(usize::MAX),
            max_features: ((self.max_features * columns as f64).ceil() as usize)
                .clamp(1, columns.max(1)),
            limits: Limits {
                min_samples_leaf: u32::try_from(self.min_samples_leaf).unwrap_or(u32::MAX),
                l2_regularization: self.l2_regularization,
                unit,
            },
        }
    }
}

/// What a training learns from: one target and weight for each row of the table.
pub(super) struct Target<'a> {
    pub(super) loss: Loss,
    /// Raw predictions of a row.
    pub(super) outputs: usize,
    /// Values, or codes of the classes that there are.
    pub(super) y: &'a [f64],
    pub(super) weights: Option<&'a [f64]>,
}

/// What was learnt: raw predictions as sums over trees.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ensemble {
    pub(super) binning: Binning,
    pub(super) baseline: Vec<f64>,
    /// As many trees an iteration as there are raw predictions.
    pub(super) trees: Vec<Tree>,
    /// Total gain of every column, with sum 1 or all 0.
    pub(super) importances: Vec<f64>,
    pub(super) iterations: usize,
}

/// Some rows with what is known of them.
struct Part {
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
    binned: Binned,
    /// Raw predictions so far, one list an output.
    raw: Vec<Vec<f64>>,
}

impl Part {
    fn new(
        x: ArrayView2<'_, f64>,
        target: &Target<'_>,
        binning: &Binning,
        baseline: &[f64],
        rows: &[u32],
    ) -> Self {
        let pick = |values: &[f64]| rows.iter().map(|&row| values[row as usize]).collect();
        Self {
            y: pick(target.y),
            weights: target.weights.map(pick),
            binned: binning.apply(x, rows),
            raw: baseline.iter().map(|raw| vec![*raw; rows.len()]).collect(),
        }
    }

    fn len(&self) -> usize {
        self.y.len()
    }

    /// Adds the values of a tree to the raw predictions of all rows.
    fn add(&mut self, tree: &Tree, output: usize) {
        let binned = &self.binned;
        self.raw[output].par_iter_mut().enumerate().with_min_len(PART).for_each(|(row, raw)| {
            *raw += tree.values[tree.leaf_of(|column| binned.bin(row, column))];
        });
    }
}

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
    // Bins, then rows twice, leaves, targets, weights, sums, and raw predictions.
    let by_row = columns.next_multiple_of(bins::PANEL) + 12 + 16 + 24 + 8 * target.outputs;
    let bytes = (rows as u64).saturating_mul(by_row as u64);
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    Err(Error::Memory { what: format!("gradient boosting on {rows} × {columns} values"), bytes })
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
        let mut losses: Vec<f64> = Vec::new();
        if let Some(held_out) = &held_out {
            losses.push(held_out.loss(loss));
        }
        for iteration in 0..settings.max_iter {
            self.control.poll()?;
            let seed = mix(settings.seed ^ mix(iteration as u64));
            let drawn = draw(&mut grower.rows, count, settings.subsample, seed);
            let order = grower.rows.clone();
            let totals = match loss {
                Loss::Softmax => log_totals(&part.raw),
                _ => Vec::new(),
            };
            for output in 0..self.target.outputs {
                self.control.poll()?;
                if output > 0 {
                    grower.rows.copy_from_slice(&order);
                }
                let units = pack(&part, loss, output, &totals, &mut words)?;
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
                trees.push(grown.tree);
            }
            if let (Some(held_out), Some(early)) = (&held_out, settings.early_stopping) {
                losses.push(held_out.loss(loss));
                if is_done(&losses, early) {
                    break;
                }
            }
        }
        Ok((trees, gains))
    }

    fn columns(&self, binned: &Binned) -> Vec<ColumnFacts<'_>> {
        (0..self.binning.columns.len())
            .into_par_iter()
            .map(|column| {
                let (panel, lane) = (&binned.panels[column / bins::PANEL], column % bins::PANEL);
                ColumnFacts {
                    bins: &self.binning.columns[column],
                    has_missing: panel.iter().any(|bins| bins[lane] == MISSING),
                    monotonic: self.settings.monotonic_cst.get(column).copied().unwrap_or_default(),
                }
            })
            .collect()
    }
}

impl Part {
    fn loss(&self, loss: Loss) -> f64 {
        loss.mean(&self.y, self.weights.as_deref(), &self.raw)
    }

    /// The quantile of what is left of the target in some rows.
    fn residual(&self, rows: &[u32], q: f64) -> f64 {
        let weight = |row: usize| self.weights.as_ref().map_or(1.0, |weights| weights[row]);
        let of = |&row: &u32| {
            let row = row as usize;
            (self.y[row] - self.raw[0][row], weight(row))
        };
        quantile(&mut rows.iter().map(of).collect::<Vec<_>>(), q)
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

/// Gradients and hessians of one output as words.
fn pack<const WORDS: usize>(
    part: &Part,
    loss: Loss,
    output: usize,
    totals: &[f64],
    words: &mut [Sum<WORDS>],
) -> Result<Units, Error> {
    let (y, raw) = (&part.y, &part.raw[output]);
    // Each arm is compiled by itself, so that its loop over the rows has no branch over losses.
    macro_rules! of_each_row {
        ($loss:expr) => {
            pack_all(part, loss, words, |row| $loss.derivatives(y[row], raw[row], 0.0))
        };
    }
    match loss {
        Loss::Squared => of_each_row!(Loss::Squared),
        Loss::Absolute => of_each_row!(Loss::Absolute),
        Loss::Quantile(q) => of_each_row!(Loss::Quantile(q)),
        Loss::Poisson => of_each_row!(Loss::Poisson),
        Loss::Gamma => of_each_row!(Loss::Gamma),
        Loss::Binary => of_each_row!(Loss::Binary),
        Loss::Softmax => pack_all(part, loss, words, |row| {
            let is_class = f64::from(u8::from(y[row] == output as f64));
            Loss::Softmax.derivatives(is_class, raw[row], totals[row])
        }),
    }
}

fn pack_all<const WORDS: usize>(
    part: &Part,
    loss: Loss,
    words: &mut [Sum<WORDS>],
    derivatives: impl Fn(usize) -> (f64, f64) + Sync,
) -> Result<Units, Error> {
    let weights = part.weights.as_deref();
    let weighted = |row: usize| {
        let (gradient, hessian) = derivatives(row);
        match weights {
            None => (gradient, hessian),
            Some(weights) => (gradient * weights[row], hessian * weights[row]),
        }
    };
    let (gradient, hessian) = match loss.bounds() {
        Some((gradient, hessian)) => {
            let largest = weights.map_or(1.0, max_abs);
            (gradient * largest, hessian * largest)
        }
        // The largest of all is the same in whatever order they are compared.
        None => (0..words.len())
            .into_par_iter()
            .with_min_len(PART)
            .map(|row| {
                let (gradient, hessian) = weighted(row);
                (gradient.abs(), hessian)
            })
            .reduce(|| (0.0, 0.0), |a, b| (a.0.max(b.0), a.1.max(b.1))),
    };
    if !(gradient < LARGEST_GRADIENT && hessian < LARGEST_GRADIENT) {
        let message = "the predictions diverge: lower `learning_rate`";
        return Err(Error::Degenerate(message.into()));
    }
    let units = Units::new::<WORDS>(words.len(), gradient, hessian);
    words.par_chunks_mut(PART).enumerate().for_each(|(index, words)| {
        for (place, words) in words.iter_mut().enumerate() {
            let (gradient, hessian) = weighted(index * PART + place);
            *words = units.pack(gradient, hessian);
        }
    });
    Ok(units)
}

impl Ensemble {
    /// Raw predictions, one list an output.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    pub(super) fn raw(&self, x: ArrayView2<'_, f64>) -> Vec<Vec<f64>> {
        let columns = self.binning.columns.len();
        assert_eq!(x.ncols(), columns, "columns differ from those trained on");
        let outputs = self.baseline.len();
        let blocks: Vec<Vec<Vec<f64>>> = (0..x.nrows().div_ceil(PREDICTED))
            .into_par_iter()
            .map(|block| {
                let start = block * PREDICTED;
                let end = x.nrows().min(start + PREDICTED);
                let rows = x.slice_axis(Axis(0), Slice::from(start..end));
                let mut bytes = vec![0; rows.nrows() * columns];
                self.binning.block(rows, &mut bytes);
                let mut raw: Vec<Vec<f64>> =
                    self.baseline.iter().map(|raw| vec![*raw; end - start]).collect();
                for round in self.trees.chunks(outputs) {
                    for (tree, raw) in round.iter().zip(&mut raw) {
                        tree.add_to(&bytes, columns, raw);
                    }
                }
                raw
            })
            .collect();
        (0..outputs)
            .map(|output| blocks.iter().flat_map(|block| block[output].iter().copied()).collect())
            .collect()
    }
}
