//! What models answer on training rows that they were not trained on.

use ndarray::Array2;

use super::asked::ask_columns;
use super::members::{self, Picked, pick};
use super::{Context, Failure, Fit, Fitted, Folding, Member, Part, Target};
use crate::data::{Prediction, Rows};
use crate::diagnostic::Problem;
use crate::kinds::splits::Fold;

/// Which numbers are taken from a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// What calibration learns from: margins, or else probabilities or ranks.
    Scores,
    /// What another model learns from: probabilities, or else classes or numbers; of two classes the
    /// second says all.
    Answers,
    /// The same of a classifier without probabilities: margins, or votes where some class is unknown to
    /// it.
    Margins,
}

/// What each member answers on the training rows that judge in some fold.
pub struct OutOfFold {
    /// The training rows, ascending.
    pub rows: Vec<u32>,
    /// For each member rows × columns, in the order of `rows`.
    pub answers: Vec<Array2<f64>>,
    pub notes: Vec<Problem>,
}

/// The rows that a member is trained on, wherever it stands.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    pub x: Rows<'a>,
    pub y: Target<'a>,
    pub context: &'a Context<'a>,
    pub folding: &'a dyn Folding,
}

/// A member that was trained on the training rows of a part.
///
/// # Errors
/// As [`super::Learner::fit`].
pub fn train_fold(
    member: &Member<'_>,
    part: &Part<'_>,
    fold: &Fold,
    setting: &Setting<'_>,
) -> Result<Fit, Failure> {
    let weights = setting.context.weights.map(|weights| pick(weights, &fold.train));
    let context = Context { weights: weights.as_deref(), ..*setting.context };
    let learned = Picked::new(setting.y, &fold.train);
    let outer = (setting.x.names, fold.train.as_slice());
    members::train_part(member, part, &learned, &context, outer)
}

/// Trains each member on each fold, and asks it about the rows that the fold judges. `taken` is one a
/// member.
///
/// # Errors
/// As [`super::Learner::fit`].
pub fn answers(
    list: &[Member<'_>],
    folds: &[Fold],
    setting: &Setting<'_>,
    taken: &[Taken],
) -> Result<OutOfFold, Failure> {
    let mut rows: Vec<u32> = folds.iter().flat_map(|fold| fold.test.iter().copied()).collect();
    rows.sort_unstable();
    rows.dedup();
    let mut place = vec![0; setting.x.values.nrows()];
    for (at, row) in rows.iter().enumerate() {
        place[*row as usize] = at;
    }
    let classes = match setting.y {
        Target::Codes { classes, .. } => classes,
        Target::Values(_) | Target::None => 0,
    };
    let mut found: Vec<Option<Array2<f64>>> = vec![None; list.len()];
    let mut notes = Vec::new();
    for fold in folds {
        let part = setting.folding.part(setting.x.reborrow(), &fold.train, &fold.test)?;
        let end = fold.train.len() + fold.test.len();
        let positions: Vec<u32> = (fold.train.len() as u32..end as u32).collect();
        for ((member, taken), found) in list.iter().zip(taken).zip(&mut found) {
            let fit = train_fold(member, &part, fold, setting)?;
            notes.extend(fit.notes);
            let (model, stop) = (&*fit.model, setting.context.stop);
            let answers = ask_columns(model, part.others(), &positions, classes, *taken, stop)?;
            let all = found.get_or_insert_with(|| Array2::zeros((rows.len(), answers.ncols())));
            for (row, answer) in fold.test.iter().zip(answers.rows()) {
                all.row_mut(place[*row as usize]).assign(&answer);
            }
        }
    }
    let answers = found.into_iter().flatten().collect();
    Ok(OutOfFold { rows, answers, notes: members::once(notes) })
}

/// What a model says of some rows, as columns of numbers, for a target with so many classes; 0 for
/// numbers.
pub fn columns_of(
    model: &dyn Fitted,
    x: Rows<'_>,
    positions: &[u32],
    classes: usize,
    taken: Taken,
) -> Array2<f64> {
    let margins = match taken {
        Taken::Scores | Taken::Margins => model.margins(x.reborrow()),
        Taken::Answers => None,
    };
    match margins {
        Some(margins) if taken == Taken::Margins && classes == 2 => {
            return one_column(margins.column(1).to_vec());
        }
        Some(margins) => return margins,
        None => {}
    }
    match model.predict_in_fold(x, positions) {
        Prediction::Values(values) => one_column(values),
        Prediction::Codes { probabilities: Some(probabilities), .. } => match taken {
            Taken::Answers | Taken::Margins if classes == 2 => {
                one_column(probabilities.column(1).to_vec())
            }
            Taken::Answers | Taken::Margins | Taken::Scores => probabilities,
        },
        Prediction::Codes { codes, probabilities: None } => match taken {
            Taken::Answers => one_column(codes.into_iter().map(f64::from).collect()),
            Taken::Margins if classes == 2 => {
                one_column(codes.into_iter().map(f64::from).collect())
            }
            Taken::Margins | Taken::Scores => {
                let mut votes = Array2::zeros((codes.len(), classes));
                for (row, code) in codes.into_iter().enumerate() {
                    votes[[row, code as usize]] = 1.0;
                }
                votes
            }
        },
        // A model that groups rows is refused by `check`.
        Prediction::Clusters { codes, .. } => Array2::zeros((codes.len(), 1)),
    }
}

fn one_column(values: Vec<f64>) -> Array2<f64> {
    let rows = values.len();
    Array2::from_shape_vec((rows, 1), values).expect("one value a row")
}
