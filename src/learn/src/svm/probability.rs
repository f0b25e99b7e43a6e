//! Probabilities from decisions: a sigmoid for each pair of classes, and what the pairs say together.

use rayon::prelude::*;

use super::pairs::{Groups, Pair, Training};
use super::sums::{self, Source};
use crate::calibration::Sigmoid;
use crate::dense::dot;
use crate::seeded::mix;
use crate::{Control, Error, Generator};

/// Parts of the rows that get their decisions from machines trained on the others.
const FOLDS: usize = 5;

/// Pairs say less than this for certain, as in libsvm.
const LEAST: f64 = 1e-7;

/// Rounds of the coupling; a few dozen are usual.
const ROUNDS: usize = 1000;

/// The sigmoid of each pair (Platt 1999; Lin, Lin and Weng 2007) for the decisions that rows get
/// from a machine that has not seen them.
///
/// # Errors
/// Those of the training.
pub(super) fn sigmoids(
    training: &Training<'_>,
    groups: &Groups,
    weights: &[f64],
    at_once: usize,
    seed: u64,
) -> Result<Vec<Sigmoid>, Error> {
    let pairs: Vec<(usize, (usize, usize))> = groups.pairs().into_iter().enumerate().collect();
    let mut sigmoids = Vec::with_capacity(pairs.len());
    for pairs in pairs.chunks(at_once) {
        let learn = |&(index, (a, b)): &(usize, (usize, usize))| {
            let mut generator = Generator::new(seed ^ mix(index as u64));
            of_pair(training, &groups.pair(a, b), weights, &mut generator)
        };
        sigmoids.extend(pairs.par_iter().map(learn).collect::<Result<Vec<_>, Error>>()?);
    }
    Ok(sigmoids)
}

fn of_pair(
    training: &Training<'_>,
    pair: &Pair,
    weights: &[f64],
    generator: &mut Generator,
) -> Result<Sigmoid, Error> {
    let n = pair.positions.len();
    let mut order: Vec<usize> = (0..n).collect();
    generator.shuffle(&mut order);
    let mut decisions = vec![0.0; n];
    for fold in 0..FOLDS {
        let judged = &order[fold * n / FOLDS..(fold + 1) * n / FOLDS];
        let mut trains = vec![true; n];
        judged.iter().for_each(|&i| trains[i] = false);
        let others: Vec<usize> = (0..n).filter(|&i| trains[i]).collect();
        let rest = Pair {
            positive: others.iter().filter(|&&i| i < pair.positive).count(),
            positions: others.iter().map(|&i| pair.positions[i]).collect(),
        };
        let found = decide(training, &rest, judged.iter().map(|&i| pair.positions[i]))?;
        for (&i, decision) in judged.iter().zip(found) {
            decisions[i] = decision;
        }
    }
    let truth: Vec<bool> = (0..n).map(|i| i < pair.positive).collect();
    let weights: Vec<f64> = pair.positions.iter().map(|&row| weights[row as usize]).collect();
    let control = Control { weights: Some(&weights), stop: training.control.stop };
    Sigmoid::fit(&decisions, &truth, &control)
}

/// The decisions for rows by a machine of its own; where only one class is left to train it, its answer.
fn decide(
    training: &Training<'_>,
    rest: &Pair,
    judged: impl Iterator<Item = u32>,
) -> Result<Vec<f64>, Error> {
    let judged: Vec<u32> = judged.collect();
    let negative = rest.positions.len() - rest.positive;
    if rest.positive == 0 || negative == 0 {
        let decision = f64::from(u8::from(rest.positive > 0)) - f64::from(u8::from(negative > 0));
        return Ok(vec![decision; judged.len()]);
    }
    let solution = training.solve(rest)?;
    let (supports, factors): (Vec<u32>, Vec<f64>) = rest
        .positions
        .iter()
        .zip(&solution.beta)
        .filter(|(_, beta)| **beta != 0.0)
        .map(|(position, beta)| (*position, *beta))
        .unzip();
    let points = &training.ready.points;
    let (supports, judged) = (points.pick(&supports), points.pick(&judged));
    let source = Source::Points(&judged, 0);
    let kernel = training.ready.kernel;
    sums::of_rows(kernel, &supports, source, 1, training.control, |values, sums| {
        sums[0] = dot(values, &factors) + solution.intercept;
    })
}

/// The probabilities of classes that agree best with those of their pairs, in the order (0, 1), (0, 2), …:
/// the second method of Wu, Lin and Weng (2004), by their iteration.
pub(super) fn coupled(of_pairs: &[f64], classes: usize) -> Vec<f64> {
    let certain = |probability: f64| probability.clamp(LEAST, 1.0 - LEAST);
    if classes == 2 {
        let first = certain(of_pairs[0]);
        return vec![first, 1.0 - first];
    }
    let mut wins = vec![0.0; classes * classes];
    let pairs = (0..classes).flat_map(|a| (a + 1..classes).map(move |b| (a, b)));
    for ((a, b), probability) in pairs.zip(of_pairs) {
        wins[a * classes + b] = certain(*probability);
        wins[b * classes + a] = 1.0 - certain(*probability);
    }
    let mut matrix = vec![0.0; classes * classes];
    for a in 0..classes {
        for b in (0..classes).filter(|&b| b != a) {
            let (lost, won) = (wins[b * classes + a], wins[a * classes + b]);
            matrix[a * classes + a] += lost * lost;
            matrix[a * classes + b] = -lost * won;
        }
    }
    let mut shares = vec![1.0 / classes as f64; classes];
    for _ in 0..ROUNDS {
        let mut product: Vec<f64> = matrix.chunks(classes).map(|row| dot(row, &shares)).collect();
        let mut square = dot(&product, &shares);
        let worst = product.iter().map(|value| (value - square).abs()).fold(0.0, f64::max);
        if worst < 1e-12 {
            break;
        }
        for a in 0..classes {
            let row = &matrix[a * classes..(a + 1) * classes];
            let step = (square - product[a]) / row[a];
            let total = 1.0 + step;
            shares[a] += step;
            square = (square + step * (step * row[a] + 2.0 * product[a])) / (total * total);
            for b in 0..classes {
                product[b] = (product[b] + step * row[b]) / total;
                shares[b] /= total;
            }
        }
    }
    let total: f64 = shares.iter().sum();
    shares.into_iter().map(|share| (share / total).clamp(0.0, 1.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs that come from probabilities give these probabilities back.
    #[test]
    fn coupling_inverts_pairs_that_agree() {
        for shares in [vec![0.2, 0.3, 0.5], vec![0.7, 0.01, 0.09, 0.2]] {
            let classes = shares.len();
            let pairs: Vec<f64> = (0..classes)
                .flat_map(|a| (a + 1..classes).map(move |b| (a, b)))
                .map(|(a, b)| shares[a] / (shares[a] + shares[b]))
                .collect();
            for (found, expected) in coupled(&pairs, classes).iter().zip(&shares) {
                assert!((found - expected).abs() < 1e-9, "{found} {expected}");
            }
        }
    }

    #[test]
    fn coupling_is_certain_at_most_to_seven_digits() {
        for pairs in [vec![0.0], vec![1.0], vec![1.0, 1.0, 0.0], vec![1.0, 0.0, 1.0]] {
            let classes = if pairs.len() == 1 { 2 } else { 3 };
            let found = coupled(&pairs, classes);
            assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{found:?}");
            assert!(found.iter().all(|p| (0.0..=1.0).contains(p)), "{found:?}");
        }
    }
}
