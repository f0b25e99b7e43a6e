//! Naive Bayes over categories.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use super::{LEAST_ALPHA, Prior, check_alpha};
use crate::control::written;
use crate::{Control, Error, input, rows};

/// Rows that are predicted together.
const PREDICTED: usize = 1024;

/// Bytes that the tables of one model may take.
const MOST_BYTES: f64 = (4_u64 << 30) as f64;

/// Categories are whole numbers below this, so that counting them is exact.
const CODES: f64 = (1_u64 << 53) as f64;

parameters! {
    /// Categorical naive Bayes: the class with the greatest `prior(c) · Π_j p(j, x_j, c)`, where
    /// `p(j, k, c)` is the share of category `k` of column `j` among the rows of the class, with
    /// `alpha` added to the count of each category.
    ///
    /// A category is a whole number from 0, and NaN is one of its own where training rows have it.
    /// A category that no training row has gets the share of a count of 0.
    CategoricalNaiveBayes => CheckedCategoricalNaiveBayes {
        /// Added to each count, from 0; below 1e-10 it counts as that. The default is 1.
        alpha: f64 = 1.0,
        /// The default is [`Prior::Shares`].
        prior: Prior = Prior::Shares,
        /// How many names stand behind the codes of each column; 0, or nothing, where the numbers
        /// are the categories. `alpha` is added for each name that training rows have, and for each
        /// number up to the largest. The default is empty.
        levels: Vec<usize> = Vec::new(),
    }
}

impl CheckedCategoricalNaiveBayes {
    fn validate(&self) -> Result<(), Error> {
        check_alpha(self.alpha)
    }

    /// Fits `x` (rows × columns, codes or NaN) to class codes below `classes`. A class without
    /// rows (of a weight above 0) gets probability 0.
    ///
    /// # Errors
    /// On shapes that do not fit, infinities, unsound weights, when stopped, [`Error::Column`] for
    /// a number that is no category, and [`Error::Memory`] for numbers too large to be counted.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedCategoricalNaiveBayes, Error> {
        if x.nrows() == 0 {
            return Err(Error::Shape("there are no rows to train on".into()));
        }
        input::check_codes(codes, classes, x.nrows())?;
        let weights = input::weights(control, x.nrows())?;
        control.poll()?;
        let found: Vec<Result<f64, Error>> =
            (0..x.ncols()).into_par_iter().map(|j| largest_code(x.column(j), j, weights)).collect();
        let largest: Vec<f64> = found.into_iter().collect::<Result<_, _>>()?;
        // A slot a category, one for NaN and one for what is new.
        let slots: f64 = largest.iter().map(|code| code + 3.0).sum();
        let bytes = slots * classes as f64 * 8.0;
        if bytes > MOST_BYTES {
            let what = format!("a table of {slots} categories × {classes} classes");
            return Err(Error::memory(what, bytes as u64));
        }
        let totals = input::class_totals(codes, classes, weights);
        let training = Training { codes, weights, totals: &totals };
        let tables = (0..x.ncols())
            .into_par_iter()
            .map(|j| {
                control.poll()?;
                let named = self.levels.get(j).is_some_and(|levels| *levels > 0);
                let alpha = self.alpha.max(LEAST_ALPHA);
                Ok(Table::new(x.column(j), (largest[j] + 1.0) as usize, named, alpha, &training))
            })
            .collect::<Result<Vec<Table>, Error>>()?;
        Ok(FittedCategoricalNaiveBayes { constants: self.prior.logs(&totals), tables })
    }
}

/// The largest code of one column, -1 where all are missing.
fn largest_code(
    column: ArrayView1<'_, f64>,
    index: usize,
    weights: Option<&[f64]>,
) -> Result<f64, Error> {
    let mut largest = -1.0;
    for (row, &value) in column.iter().enumerate() {
        if value.is_infinite() {
            return Err(Error::NotFinite { column: index });
        }
        if value.is_nan() || weights.is_some_and(|weights| weights[row] == 0.0) {
            continue;
        }
        if !((0.0..CODES).contains(&value) && value.fract() == 0.0) {
            let held = written(value);
            return Err(Error::Column {
                column: index,
                row: Some(row),
                message: format!("holds {held}, and a category is a whole number from 0"),
            });
        }
        largest = value.max(largest);
    }
    Ok(largest)
}

/// The rows that all columns are counted over.
struct Training<'a> {
    codes: &'a [u32],
    weights: Option<&'a [f64]>,
    totals: &'a [f64],
}

/// Log probabilities of the categories of one column.
#[derive(Clone, Debug, PartialEq)]
struct Table {
    /// Slots × classes: the categories by their codes, NaN, and what is new.
    logs: Vec<f64>,
    categories: usize,
}

impl Table {
    fn new(
        column: ArrayView1<'_, f64>,
        categories: usize,
        named: bool,
        alpha: f64,
        training: &Training<'_>,
    ) -> Self {
        let classes = training.totals.len();
        let mut table = Self { logs: vec![0.0; (categories + 2) * classes], categories };
        for (row, &value) in column.iter().enumerate() {
            let weight = training.weights.map_or(1.0, |weights| weights[row]);
            if weight > 0.0 {
                let slot = table.slot(value);
                table.logs[slot * classes + training.codes[row] as usize] += weight;
            }
        }
        let seen = |slot: &[f64]| slot.iter().any(|count| *count > 0.0);
        let slots = table.logs.chunks(classes);
        let counted = if named {
            slots.filter(|slot| seen(slot)).count()
        } else {
            let missing = slots.skip(categories).take(1).filter(|slot| seen(slot)).count();
            categories + missing
        };
        for slot in table.logs.chunks_mut(classes) {
            for (value, total) in slot.iter_mut().zip(training.totals) {
                *value = (*value + alpha).ln() - (total + alpha * counted as f64).ln();
            }
        }
        table
    }

    fn slot(&self, value: f64) -> usize {
        if value.is_nan() {
            self.categories
        } else if value >= 0.0 && value < self.categories as f64 && value.fract() == 0.0 {
            value as usize
        } else {
            self.categories + 1
        }
    }
}

/// What [`CategoricalNaiveBayes`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedCategoricalNaiveBayes {
    /// Minus infinity for a class without rows.
    constants: Vec<f64>,
    tables: Vec<Table>,
}

impl FittedCategoricalNaiveBayes {
    /// The most probable class of every row; the lower code where two are equally probable.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        rows::largest(&self.joint(x))
    }

    /// Probabilities (rows × classes), from logarithms by a log-sum-exp.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_probabilities(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut joint = self.joint(x);
        rows::normalize_logs(&mut joint);
        joint
    }

    fn joint(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let classes = self.constants.len();
        assert_eq!(x.ncols(), self.tables.len(), "columns differ from those trained on");
        let mut joint = vec![0.0; x.nrows() * classes];
        joint.par_chunks_mut(PREDICTED * classes).enumerate().for_each(|(index, joint)| {
            let start = index * PREDICTED;
            for row in joint.chunks_mut(classes) {
                row.copy_from_slice(&self.constants);
            }
            for (table, column) in self.tables.iter().zip(x.axis_iter(Axis(1))) {
                for (row, &value) in joint.chunks_mut(classes).zip(column.iter().skip(start)) {
                    let slot = table.slot(value) * classes;
                    for (sum, log) in row.iter_mut().zip(&table.logs[slot..slot + classes]) {
                        *sum += log;
                    }
                }
            }
        });
        Array2::from_shape_vec((x.nrows(), classes), joint).expect("one value a row and class")
    }
}

linfa_classifier!(CheckedCategoricalNaiveBayes, FittedCategoricalNaiveBayes);
