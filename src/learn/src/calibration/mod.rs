//! Calibration: turns scores of a classifier into probabilities, with the rows of another sample.

mod sigmoid;

use ndarray::{Array2, ArrayView2};

use crate::input;
use crate::isotonic::{Curve, Direction};
use crate::{Control, Error};

pub use sigmoid::Sigmoid;

/// How scores become probabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// A logistic curve of two parameters (Platt, 1999).
    #[default]
    Sigmoid,
    /// The curve that never falls and fits best (Zadrozny and Elkan, 2002).
    Isotonic,
}

/// The curve that never falls and fits best: isotonic regression of 0 and 1 on the scores.
#[derive(Clone, Debug, PartialEq)]
pub struct Isotonic(Curve);

impl Isotonic {
    /// Learns the curve from one score and one truth a row.
    ///
    /// # Errors
    /// On lengths that differ, no rows, scores that are not finite, unsound weights, and when
    /// stopped.
    pub fn fit(scores: &[f64], truth: &[bool], control: &Control<'_>) -> Result<Self, Error> {
        let weights = checked(scores, truth, control)?;
        control.poll()?;
        let truth: Vec<f64> = truth.iter().map(|&truth| f64::from(u8::from(truth))).collect();
        Ok(Self(Curve::fit(scores, &truth, weights, Direction::Increasing)))
    }

    /// One probability a score; beyond the scores that were learnt from, that of the nearest.
    #[must_use]
    pub fn apply(&self, scores: &[f64]) -> Vec<f64> {
        let mut probabilities = self.0.apply(scores);
        // A mean of ones may be rounded to above 1.
        probabilities.iter_mut().for_each(|value| *value = value.clamp(0.0, 1.0));
        probabilities
    }
}

/// A calibrator of either method, for the scores of one class against the others.
#[derive(Clone, Debug, PartialEq)]
pub enum Calibrator {
    /// A logistic curve.
    Sigmoid(Sigmoid),
    /// A curve that never falls.
    Isotonic(Isotonic),
}

impl Calibrator {
    /// Learns the curve from one score and one truth a row.
    ///
    /// # Errors
    /// Those of [`Sigmoid::fit`] and [`Isotonic::fit`].
    pub fn fit(
        method: Method,
        scores: &[f64],
        truth: &[bool],
        control: &Control<'_>,
    ) -> Result<Self, Error> {
        match method {
            Method::Sigmoid => Sigmoid::fit(scores, truth, control).map(Self::Sigmoid),
            Method::Isotonic => Isotonic::fit(scores, truth, control).map(Self::Isotonic),
        }
    }

    /// One probability a score.
    #[must_use]
    pub fn apply(&self, scores: &[f64]) -> Vec<f64> {
        match self {
            Self::Sigmoid(calibrator) => calibrator.apply(scores),
            Self::Isotonic(calibrator) => calibrator.apply(scores),
        }
    }
}

/// Calibrators of all classes: for two classes one, of the higher code; for more one a class, whose
/// probabilities are divided by their sum (scikit-learn's `CalibratedClassifierCV`).
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    classes: usize,
    heads: Vec<Calibrator>,
}

impl Calibration {
    /// Learns from scores (rows × classes, or rows × 1 with the scores of the higher code of two
    /// classes) and class codes below `classes`.
    ///
    /// # Errors
    /// On shapes that do not fit, no rows, scores that are not finite, unsound weights, and when
    /// stopped.
    pub fn fit(
        method: Method,
        scores: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<Self, Error> {
        input::check_codes(codes, classes, scores.nrows())?;
        if scores.ncols() != classes && !(classes == 2 && scores.ncols() == 1) {
            return Err(Error::Shape(format!(
                "{} columns of scores for {classes} classes",
                scores.ncols()
            )));
        }
        let first = if classes == 2 { 1 } else { 0 };
        let heads = (first..classes)
            .map(|class| {
                let truth: Vec<bool> = codes.iter().map(|&code| code as usize == class).collect();
                Calibrator::fit(method, &of_class(scores, class), &truth, control)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { classes, heads })
    }

    /// Probabilities (rows × classes) of scores in the form of the training. Where the
    /// probabilities of all classes are 0, every class gets the same.
    ///
    /// # Panics
    /// If there are fewer columns than in the training.
    #[must_use]
    pub fn apply(&self, scores: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut probabilities = Array2::zeros((scores.nrows(), self.classes));
        if self.classes == 2 {
            let higher = self.heads[0].apply(&of_class(scores, 1));
            for (mut row, higher) in probabilities.rows_mut().into_iter().zip(higher) {
                row[0] = 1.0 - higher;
                row[1] = higher;
            }
            return probabilities;
        }
        for (class, head) in self.heads.iter().enumerate() {
            let of_head = head.apply(&of_class(scores, class));
            probabilities.column_mut(class).iter_mut().zip(of_head).for_each(|(to, p)| *to = p);
        }
        for mut row in probabilities.rows_mut() {
            let sum = row.sum();
            if sum > 0.0 {
                row.mapv_inplace(|value| value / sum);
            } else {
                row.fill(1.0 / self.classes as f64);
            }
        }
        probabilities
    }

    /// The calibrators: one for two classes, else one a class.
    #[must_use]
    pub fn heads(&self) -> &[Calibrator] {
        &self.heads
    }
}

/// The scores of one class; the only column where there is one.
fn of_class(scores: ArrayView2<'_, f64>, class: usize) -> Vec<f64> {
    scores.column(class.min(scores.ncols() - 1)).to_vec()
}

/// The weights, once the scores are known to be sound.
fn checked<'a>(
    scores: &[f64],
    truth: &[bool],
    control: &Control<'a>,
) -> Result<Option<&'a [f64]>, Error> {
    if scores.is_empty() {
        return Err(Error::Shape("there are no rows to calibrate with".into()));
    }
    if scores.len() != truth.len() {
        return Err(Error::Shape(format!("{} answers for {} scores", truth.len(), scores.len())));
    }
    if let Some(row) = scores.iter().position(|score| !score.is_finite()) {
        return Err(Error::Shape(format!("the score of row {row} is not finite")));
    }
    input::weights(control, scores.len())
}

#[cfg(test)]
mod tests;
