//! What models that find anomalies share: the rows they learn from, and the form of their answers.

use ndarray::{Array2, Axis};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Failure, Target, wrong_target};
use crate::data::{Prediction, Rows};
use crate::diagnostic::{Code, Problem};

/// Which of the training rows a detector learns from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum TrainOn {
    /// All of them, the anomalies among them: the target is not looked at.
    #[default]
    All,
    /// Those that are not of the positive class: what is new is to be found.
    Normal,
}

/// The rows that a detector learns from, and the class that it answers for anomalies.
pub struct Sample {
    pub values: Array2<f64>,
    pub weights: Option<Vec<f64>>,
    pub positive: u32,
}

impl Sample {
    /// The rows of `x` that `train_on` picks.
    ///
    /// # Errors
    /// Where no row is left; a target without two classes or a positive one `bind` refuses.
    pub fn new(
        train_on: TrainOn,
        x: Rows<'_>,
        y: Target<'_>,
        context: &Context<'_>,
    ) -> Result<Self, Failure> {
        let (Target::Codes { codes, classes: 2 }, Some(positive)) = (y, context.positive) else {
            return Err(wrong_target());
        };
        let rows: Vec<usize> = match train_on {
            TrainOn::All => (0..codes.len()).collect(),
            TrainOn::Normal => (0..codes.len()).filter(|&row| codes[row] != positive).collect(),
        };
        let weights: Option<Vec<f64>> =
            context.weights.map(|weights| rows.iter().map(|&row| weights[row]).collect());
        let nothing = weights.as_ref().is_some_and(|all| all.iter().all(|weight| *weight == 0.0));
        if rows.is_empty() || nothing {
            let message = "every training row is of the positive class, so none is normal";
            return Err(Failure::Problem(
                Problem::of_parameter(Code::TrainFailed, "train_on", message)
                    .label("no row to learn from"),
            ));
        }
        Ok(Self { values: x.values.select(Axis(0), &rows), weights, positive })
    }
}

/// The positive class for rows with a score above 0, which rises with how unusual a row is; the other
/// one for the rest.
pub fn prediction(scores: &[f64], positive: u32) -> Prediction {
    let mut ranks = Array2::zeros((scores.len(), 2));
    for (mut row, score) in ranks.rows_mut().into_iter().zip(scores) {
        // Rises with the score, and does not reach its ends, so that no two rows are made equal.
        let rank = 0.5 * (1.0 + score / (1.0 + score.abs()));
        row[positive as usize] = rank;
        row[1 - positive as usize] = 1.0 - rank;
    }
    let codes =
        scores.iter().map(|score| if *score > 0.0 { positive } else { 1 - positive }).collect();
    Prediction::Codes { codes, probabilities: Some(ranks) }
}
