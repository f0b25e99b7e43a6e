//! Judged rows to what is drawn of them: confusion, curves, calibration and residuals, each of a bounded
//! number of points. The rows of all folds are taken together.

use serde::{Deserialize, Serialize};

use super::judging::Judging;
use crate::data::{Classes, Prediction, Truth};

/// Beyond so many classes a confusion is no picture.
const CLASSES: usize = 20;
/// Classes that have curves of their own, where there are more than two.
const CURVES: usize = 6;
/// Points of a curve.
const POINTS: usize = 100;
/// Points of a scatter of residuals.
const RESIDUALS: usize = 200;
const BINS: usize = 10;

/// Whether a run keeps what charts are drawn of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drawn {
    Charts,
    #[default]
    Nothing,
}

/// What is drawn of the judged rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Charts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confusion: Option<Confusion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<Curves>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residuals: Option<Residuals>,
}

/// How much of each class, by row, was taken for which, by column; with weights, what the rows weigh.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confusion {
    pub classes: Vec<String>,
    pub counts: Vec<Vec<f64>>,
}

/// One class against the rest, by its probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    pub class: String,
    /// The share of the class among the rows.
    pub share: f64,
    /// False positive rate and true positive rate.
    pub roc: Vec<[f64; 2]>,
    /// Recall and precision.
    pub precision_recall: Vec<[f64; 2]>,
    /// For each bin of probabilities that has rows: their mean, the share of the class, and the rows.
    pub calibration: Vec<[f64; 3]>,
}

/// What is left between the answers and the predictions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Residuals {
    pub rows: usize,
    /// The prediction, and the answer less the prediction; of many rows every so manieth.
    pub points: Vec<[f64; 2]>,
}

/// What is drawn of the rows of all folds.
pub fn charts(folds: &[Judging<'_>]) -> Charts {
    let Some(all) = Judging::pool(folds) else { return Charts::default() };
    match (all.answers.truth(), &all.prediction) {
        (Truth::Codes { codes, classes }, Prediction::Codes { codes: said, probabilities }) => {
            let weights = all.weights.as_deref();
            let chosen: Vec<usize> = match (classes.len(), all.positive) {
                (2, positive) => vec![positive.unwrap_or(1) as usize],
                (more, _) if more <= CURVES => (0..more).collect(),
                _ => Vec::new(),
            };
            let curves = probabilities.as_ref().map(|probabilities| {
                let of_class = |class: &usize| {
                    let scores = probabilities.column(*class).to_vec();
                    let rows = rows(codes, &scores, *class, weights);
                    curves(label(classes, *class), &rows)
                };
                chosen.iter().filter_map(of_class).collect()
            });
            // Large weights may come to more than a number can hold.
            let is_finite = |confusion: &Confusion| {
                confusion.counts.iter().flatten().all(|count| count.is_finite())
            };
            Charts {
                confusion: (classes.len() <= CLASSES)
                    .then(|| confusion(codes, said, classes, weights))
                    .filter(is_finite),
                curves: curves.unwrap_or_default(),
                residuals: None,
            }
        }
        (Truth::Values(truth), Prediction::Values(said)) => {
            Charts { residuals: residuals(truth, said), ..Charts::default() }
        }
        _ => Charts::default(),
    }
}

fn label(classes: &Classes, class: usize) -> String {
    classes.labels().get(class).map_or_else(String::new, ToString::to_string)
}

fn confusion(codes: &[u32], said: &[u32], classes: &Classes, weights: Option<&[f64]>) -> Confusion {
    let count = classes.len();
    let mut counts = vec![vec![0.0; count]; count];
    for (at, (truth, said)) in codes.iter().zip(said).enumerate() {
        let weight = weights.map_or(1.0, |weights| weights[at]);
        if let Some(cell) =
            counts.get_mut(*truth as usize).and_then(|row| row.get_mut(*said as usize))
        {
            *cell += weight;
        }
    }
    Confusion { classes: (0..count).map(|class| label(classes, class)).collect(), counts }
}

/// A row: the probability of the class, whether it is of it, and its weight.
type Row = (f64, bool, f64);

fn rows(codes: &[u32], scores: &[f64], class: usize, weights: Option<&[f64]>) -> Vec<Row> {
    let pairs = codes.iter().zip(scores).enumerate();
    let mut rows: Vec<Row> = pairs
        .map(|(at, (code, score))| {
            (*score, *code as usize == class, weights.map_or(1.0, |weights| weights[at]))
        })
        .filter(|(score, _, weight)| score.is_finite() && *weight > 0.0)
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.total_cmp(&b.2)));
    rows
}

/// The residuals; without the points that are too far out for a number.
fn residuals(truth: &[f64], said: &[f64]) -> Option<Residuals> {
    let step = truth.len().div_ceil(RESIDUALS).max(1);
    let pairs = truth.iter().zip(said).step_by(step);
    let points = pairs.map(|(truth, said)| [short(*said), short(truth - said)]);
    let points: Vec<[f64; 2]> =
        points.filter(|point| point.iter().all(|each| each.is_finite())).collect();
    (!points.is_empty()).then_some(Residuals { rows: truth.len(), points })
}

/// The curves; none where all rows are on one side, or their weights come to no number.
fn curves(class: String, rows: &[Row]) -> Option<Curves> {
    let of_class: f64 = rows.iter().filter(|row| row.1).map(|row| row.2).sum();
    let rest: f64 = rows.iter().filter(|row| !row.1).map(|row| row.2).sum();
    if of_class <= 0.0 || rest <= 0.0 || !(of_class + rest).is_finite() {
        return None;
    }
    let mut roc = vec![[0.0, 0.0]];
    let mut precision_recall = Vec::new();
    let (mut hits, mut misses) = (0.0, 0.0);
    for (at, (score, is_of_class, weight)) in rows.iter().enumerate() {
        *(if *is_of_class { &mut hits } else { &mut misses }) += weight;
        // Rows of one score are taken together: no cut lies between them.
        if rows.get(at + 1).is_none_or(|next| next.0 != *score) {
            roc.push([round(misses / rest), round(hits / of_class)]);
            precision_recall.push([round(hits / of_class), round(hits / (hits + misses))]);
        }
    }
    Some(Curves {
        class,
        share: round(of_class / (of_class + rest)),
        roc: thinned(roc),
        precision_recall: thinned(precision_recall),
        calibration: calibration(rows),
    })
}

fn calibration(rows: &[Row]) -> Vec<[f64; 3]> {
    let mut bins = [[0.0_f64; 4]; BINS];
    for (score, is_of_class, weight) in rows {
        let at = ((score * BINS as f64) as usize).min(BINS - 1);
        let [sum, hits, total, count] = &mut bins[at];
        *sum += score * weight;
        *hits += if *is_of_class { *weight } else { 0.0 };
        *total += weight;
        *count += 1.0;
    }
    let filled = bins.into_iter().filter(|[_, _, total, _]| *total > 0.0);
    filled
        .map(|[sum, hits, total, count]| [round(sum / total), round(hits / total), count])
        .collect()
}

/// At most so many points, the ends among them.
fn thinned(points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    if points.len() <= POINTS {
        return points;
    }
    let last = points.len() - 1;
    (0..POINTS).map(|at| points[at * last / (POINTS - 1)]).collect()
}

/// Finer than a pixel.
fn round(share: f64) -> f64 {
    (share * 1e4).round() / 1e4
}

/// Five digits, which is finer than a pixel as well.
fn short(value: f64) -> f64 {
    format!("{value:.4e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_go_through_their_known_points() {
        let scores = [0.9, 0.8, 0.7, 0.7, 0.2];
        let made = curves("a".into(), &rows(&[1, 0, 1, 0, 0], &scores, 1, None)).unwrap();
        // By hand: cuts at 0.9, 0.8, 0.7 (a row of each side) and 0.2.
        let expected = [[0.0, 0.0], [0.0, 0.5], [0.3333, 0.5], [0.6667, 1.0], [1.0, 1.0]];
        assert_eq!(made.roc, expected);
        assert_eq!(made.precision_recall, [[0.5, 1.0], [0.5, 0.5], [1.0, 0.5], [1.0, 0.4]]);
        assert_eq!(made.share, 0.4);
        assert_eq!(
            made.calibration,
            [[0.2, 0.0, 1.0], [0.7, 0.5, 2.0], [0.8, 0.0, 1.0], [0.9, 1.0, 1.0]]
        );
        assert_eq!(curves("a".into(), &rows(&[1, 1], &[0.1, 0.2], 1, None)), None);
    }

    #[test]
    fn what_no_number_can_hold_is_left_out() {
        let made = residuals(&[1e308, f64::MAX, 1.0], &[-1e308, 2.0, 0.5]).unwrap();
        assert_eq!((made.rows, made.points), (3, vec![[0.5, 0.5]]));
        assert_eq!(residuals(&[1e308], &[-1e308]), None);
        let weights = [1e308, 1e308, 1.0];
        assert_eq!(
            curves("a".into(), &rows(&[1, 1, 0], &[0.9, 0.8, 0.1], 1, Some(&weights))),
            None
        );
    }

    #[test]
    fn many_points_become_few_with_both_ends() {
        let points: Vec<[f64; 2]> = (0..10_000).map(|at| [f64::from(at), 0.0]).collect();
        let few = thinned(points);
        assert_eq!((few.len(), few[0][0], few[POINTS - 1][0]), (POINTS, 0.0, 9999.0));
        assert_eq!(short(1234.5678), 1234.6);
    }
}
