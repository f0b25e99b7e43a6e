//! Labels to counts: of each class, of one class against the rest, and of each pair of classes.
//! With weights a row counts as much as it weighs. Sums run over parts whose size follows from the
//! rows alone, and are added in order, so that their bits do not depend on the threads.

use std::ops::Range;

use rayon::prelude::*;

use super::class::Labels;
use super::cut::labels_of_one;
use crate::data::{ClassName, Judged, Undefined};

/// What the rows say about one class, or about all of them together. Numbers of rows are whole, and
/// exact up to 2⁵³.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// Rows of the class that were predicted as it.
    pub right: f64,
    /// Rows of the class that were not.
    pub missed: f64,
    /// Rows of others that were predicted as the class.
    pub alarms: f64,
}

impl Counts {
    /// Rows of the class. Added up from its parts, so that no share of it lies above 1.
    pub fn actual(self) -> f64 {
        self.right + self.missed
    }

    /// Rows predicted as the class.
    pub fn predicted(self) -> f64 {
        self.right + self.alarms
    }

    /// Rows that are of the class, or were predicted as it.
    pub fn either(self) -> f64 {
        self.right + self.missed + self.alarms
    }
}

/// What the rows say about each class.
pub struct Tally {
    /// In the order of the codes.
    pub classes: Vec<Counts>,
    /// All rows together.
    pub rows: f64,
    /// What each weight was multiplied by, so that products of sums stay in the range of f64: a power
    /// of two, which rounds nothing.
    pub unit: f64,
}

impl Tally {
    /// Whether all rows are of one class.
    pub fn is_of_one_class(&self) -> bool {
        self.classes.iter().filter(|class| class.actual() > 0.0).count() < 2
    }
}

/// The fewest rows of a part: fewer are not worth a thread.
const PART: usize = 1 << 16;

/// The most parts of the rows. It bounds memory, and the threads that can help.
const PARTS: usize = 32;

/// Up to this many classes each pair of them has a counter of its own.
const DENSE: usize = 64;

/// Adds up all rows, as truth, prediction and weight, part by part; the sums of the parts in order.
/// `width` is how many numbers `start` makes.
pub fn parts<S: Send>(
    labels: &Labels<'_>,
    width: usize,
    start: impl Fn() -> S + Sync,
    add: impl Fn(&mut S, u32, u32, f64) + Sync,
) -> Vec<S> {
    let rows = labels.truth.len();
    let part = rows.div_ceil(PARTS).max(PART).max(4 * width);
    let of_part = |range: Range<usize>| {
        let mut sums = start();
        let pairs = labels.truth[range.clone()].iter().zip(&labels.predicted[range.clone()]);
        match labels.weights {
            None => pairs.for_each(|(t, p)| add(&mut sums, *t, *p, 1.0)),
            Some(weights) => pairs
                .zip(&weights[range])
                .for_each(|((t, p), weight)| add(&mut sums, *t, *p, *weight)),
        }
        sums
    };
    (0..rows.div_ceil(part))
        .into_par_iter()
        .map(|index| of_part(index * part..rows.min((index + 1) * part)))
        .collect()
}

/// As many sums as `width`, where each row adds its weight to one of them.
fn sums(labels: &Labels<'_>, width: usize, place: impl Fn(u32, u32) -> usize + Sync) -> Vec<f64> {
    let add = |sums: &mut Vec<f64>, t, p, weight| sums[place(t, p)] += weight;
    let mut total = vec![0.0; width];
    for part in parts(labels, width, || vec![0.0; width], add) {
        for (sum, value) in total.iter_mut().zip(part) {
            *sum += value;
        }
    }
    total
}

/// The weight of all rows, which a metric divides by.
///
/// # Errors
/// Rows that weigh nothing, or more than f64 can say.
fn known(total: f64) -> Result<f64, Undefined> {
    if total == 0.0 {
        return Err(Undefined::ByData("the judged rows weigh nothing".to_owned()));
    }
    if !total.is_finite() {
        return Err(Undefined::ByData("the weights are too large to be summed".to_owned()));
    }
    Ok(total)
}

/// The rows that were predicted right, and all rows.
///
/// # Errors
/// Weights that cannot be summed.
pub fn right(labels: &Labels<'_>) -> Result<(f64, f64), Undefined> {
    let [right, wrong]: [f64; 2] =
        fixed(&sums(labels, 2, |truth, predicted| usize::from(truth != predicted)));
    Ok((right, known(right + wrong)?))
}

/// The rows of each pair of an actual and a predicted class: `actual * classes + predicted`.
///
/// # Errors
/// Weights that cannot be summed.
pub fn cells(labels: &Labels<'_>) -> Result<Vec<f64>, Undefined> {
    let classes = labels.classes.len();
    let cells = sums(labels, classes * classes, |t, p| t as usize * classes + p as usize);
    known(cells.iter().sum())?;
    Ok(cells)
}

/// The counts of each class.
///
/// # Errors
/// Weights that cannot be summed.
pub fn tally(labels: &Labels<'_>) -> Result<Tally, Undefined> {
    let count = labels.classes.len();
    let mut classes = vec![Counts::default(); count];
    if count <= DENSE {
        // One counter a row, without a branch on whether it is right.
        for (at, rows) in cells(labels)?.into_iter().enumerate() {
            add(&mut classes, at / count, at % count, rows);
        }
    } else {
        let start = || vec![Counts::default(); count];
        let add_row = |classes: &mut Vec<Counts>, truth: u32, predicted: u32, weight| {
            add(classes, truth as usize, predicted as usize, weight);
        };
        for part in parts(labels, 3 * count, start, add_row) {
            for (sum, class) in classes.iter_mut().zip(part) {
                sum.right += class.right;
                sum.missed += class.missed;
                sum.alarms += class.alarms;
            }
        }
    }
    let rows = known(classes.iter().map(|class| class.actual()).sum())?;
    let unit = match labels.weights {
        None => 1.0,
        Some(_) => f64::powi(2.0, -(rows.log2().floor().clamp(-1000.0, 1000.0) as i32)),
    };
    for class in &mut classes {
        class.right *= unit;
        class.missed *= unit;
        class.alarms *= unit;
    }
    Ok(Tally { classes, rows: rows * unit, unit })
}

fn add(classes: &mut [Counts], truth: usize, predicted: usize, rows: f64) {
    if truth == predicted {
        classes[truth].right += rows;
    } else {
        classes[truth].missed += rows;
        classes[predicted].alarms += rows;
    }
}

/// For each entry the sum of the others, without taking it from the whole.
pub fn others(values: &[f64]) -> Vec<f64> {
    let mut after: Vec<f64> = running(values.iter().rev().copied()).collect();
    after.reverse();
    let before = std::iter::once(0.0).chain(running(values.iter().copied()));
    before
        .zip(after.into_iter().skip(1).chain([0.0]))
        .map(|(before, after)| before + after)
        .collect()
}

/// The sums of the first one, two, three … values.
pub fn running(values: impl Iterator<Item = f64>) -> impl Iterator<Item = f64> {
    values.scan(0.0, |sum, value| {
        *sum += value;
        Some(*sum)
    })
}

/// One class against the rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AgainstRest {
    pub class: Counts,
    /// Rows of the rest that were not predicted as the class.
    pub passed: f64,
}

/// The labels, the class that is meant, and its rows against the rest.
///
/// # Errors
/// No rows, a class that `check` would have refused, a cut without probabilities, or weights that
/// cannot be summed.
pub fn against_rest<'a>(
    class: Option<&ClassName>,
    threshold: Option<f64>,
    judged: &Judged<'a>,
) -> Result<(Labels<'a>, u32, AgainstRest), Undefined> {
    let (labels, code) = labels_of_one(class, threshold, judged)?;
    let place = |t, p| usize::from(t == code) * 2 + usize::from(p == code);
    let [passed, alarms, missed, right]: [f64; 4] = fixed(&sums(&labels, 4, place));
    known(passed + alarms + missed + right)?;
    Ok((labels, code, AgainstRest { class: Counts { right, missed, alarms }, passed }))
}

fn fixed<const N: usize>(sums: &[f64]) -> [f64; N] {
    std::array::from_fn(|at| sums[at])
}

#[cfg(test)]
mod tests {
    use super::super::class::labels;
    use super::super::samples::Sample;
    use super::*;

    #[test]
    fn counts_are_per_class() {
        let sample = Sample::classes(3, &[0, 0, 1, 2], &[0, 1, 1, 1]);
        let tally = tally(&labels(&sample.judged()).unwrap()).unwrap();
        let of = |right, missed, alarms| Counts { right, missed, alarms };
        assert_eq!(tally.classes, [of(1.0, 1.0, 0.0), of(1.0, 0.0, 2.0), of(0.0, 1.0, 0.0)]);
        assert_eq!((tally.rows, tally.unit), (4.0, 1.0));
        assert_eq!([tally.classes[0].actual(), tally.classes[1].predicted()], [2.0, 3.0]);
    }

    /// Rows of as many classes; more than one part of them.
    fn many(classes: u32) -> Sample {
        let rows = 3 * PART as u32 + 17;
        let truth: Vec<u32> = (0..rows).map(|row| row * 7 % classes).collect();
        let predicted: Vec<u32> = (0..rows)
            .map(|row| if row % 3 == 0 { row % classes } else { row * 7 % classes })
            .collect();
        Sample::classes(i64::from(classes), &truth, &predicted)
    }

    #[test]
    fn parts_are_added_up_alike_with_few_and_many_classes() {
        for classes in [2, DENSE as u32, DENSE as u32 + 1, 100_000] {
            let sample = many(classes);
            let labels = labels(&sample.judged()).unwrap();
            let tally = tally(&labels).unwrap();
            let mut expected = vec![Counts::default(); classes as usize];
            for (truth, predicted) in labels.truth.iter().zip(&*labels.predicted) {
                add(&mut expected, *truth as usize, *predicted as usize, 1.0);
            }
            assert_eq!(tally.classes, expected);
            assert_eq!(right(&labels).unwrap().1, labels.truth.len() as f64);
        }
    }

    #[test]
    fn bits_do_not_depend_on_the_threads() {
        let metrics = [
            "accuracy",
            "balanced_accuracy",
            "matthews",
            "cohen_kappa",
            r#"{ "cohen_kappa": { "weights": "quadratic" } }"#,
            r#"{ "f1": { "average": "weighted" } }"#,
            r#"{ "recall": { "class": 1 } }"#,
            r#"{ "specificity": { "class": 1 } }"#,
        ];
        for sample in [many(5), many(1000)] {
            let weights: Vec<f64> = (1..=3 * PART + 17).map(|row| 1.0 / row as f64).collect();
            let sample = sample.weighted(&weights);
            let bits = |threads: usize| -> Vec<u64> {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let parse = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| text.into());
                let value = |text: &&str| sample.measure(parse(text)).unwrap().to_bits();
                pool.install(|| metrics.iter().map(value).collect())
            };
            let one = bits(1);
            assert_eq!(bits(2), one);
            assert_eq!(bits(8), one);
        }
    }

    #[test]
    fn others_leave_out_one() {
        assert_eq!(others(&[1.0, 2.0, 4.0]), [6.0, 5.0, 3.0]);
        assert_eq!(others(&[1e-30, 1.0]), [1.0, 1e-30]);
    }
}
