//! Cuts the training rows of a fold into folds of their own, and hands out their prepared rows.
//! Preparing them anew is left to the runner, which implements [`Folding`].

use super::members::Picked;
use super::{Context, Failure, Target, adapter};
use crate::data::{Classes, Groups, Label, Matrix, Rows};
use crate::diagnostic::Problem;
use crate::kinds::splits::{AnySplit, Fold, Grouped, KFold, Keys, Rolling, Split, SplitRows};

/// How the training rows are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    pub folds: usize,
    /// Whether rows are drawn at random, instead of taken in their order.
    pub shuffle: bool,
    pub seed: u64,
}

/// What must be kept in mind where training rows are cut again: the split of the spec.
#[derive(Clone, Debug)]
pub enum Cutting<'a> {
    /// Any row may stand beside any other.
    Free,
    /// The split goes by the values of a column, one code a training row.
    By { split: &'a AnySplit, groups: &'a Groups, codes: Vec<u32> },
}

impl Cutting<'_> {
    /// Folds of the training rows, whose numbers count from 0: with the groups of the split kept
    /// together, and forward in time where the split is.
    ///
    /// # Errors
    /// Rows that cannot be cut so, at `folds`.
    pub fn folds(&self, cut: &Cut, y: Target<'_>, rows: usize) -> Result<Vec<Fold>, Problem> {
        let Cut { folds, shuffle, seed } = *cut;
        let Self::By { split, groups, codes } = self else {
            return drawn(cut, y, rows);
        };
        let found = match split {
            AnySplit::Holdout(_) | AnySplit::KFold(_) | AnySplit::ByColumn(_) => {
                return drawn(&Cut { folds, shuffle, seed }, y, rows);
            }
            AnySplit::Grouped(by) => {
                let column = by.column.clone();
                let inner = Grouped { column, test: None, folds: Some(folds), seed };
                keyed(&inner, groups, codes, rows)
            }
            AnySplit::Chronological(by) => {
                let inner = Rolling { column: by.column.clone(), folds, ..Rolling::default() };
                keyed(&inner, groups, codes, rows)
            }
            AnySplit::Rolling(by) => {
                keyed(&Rolling { folds, test: None, ..by.clone() }, groups, codes, rows)
            }
        };
        found.map_err(|problem| Problem {
            message: format!("within the training rows {}", problem.message),
            ..Problem::of_parameter(problem.code, "folds", "")
                .label("cannot be cut")
                .help("choose fewer folds, or another split")
        })
    }

    /// The same for some of the rows.
    #[must_use]
    pub fn pick(&self, rows: &[u32]) -> Self {
        match self {
            Self::Free => Self::Free,
            Self::By { split, groups, codes } => Self::By {
                split,
                groups,
                codes: rows.iter().map(|row| codes[*row as usize]).collect(),
            },
        }
    }
}

fn keyed(
    split: &dyn Split,
    groups: &Groups,
    codes: &[u32],
    rows: usize,
) -> Result<Vec<Fold>, Problem> {
    let shown = |code: u32| groups.shown(code);
    let keys = Keys { codes, distinct: groups.distinct(), shown: &shown };
    split.split(&SplitRows { rows, classes: None, keys: Some(keys) })
}

fn drawn(cut: &Cut, y: Target<'_>, rows: usize) -> Result<Vec<Fold>, Problem> {
    let Cut { folds, shuffle, seed } = *cut;
    let split = KFold { folds, shuffle, seed, ..KFold::default() };
    let found = match y {
        Target::Codes { codes, classes } => split.within(rows, Some((codes, classes))),
        Target::Values(_) | Target::None => split.within(rows, None),
    };
    found.map_err(|problem| Problem {
        message: format!("within the training rows {}", problem.message),
        ..problem
    })
}

/// The rows of a fold, and how parts of it are prepared. Positions count its rows from 0, those
/// that train first.
pub trait Folding: Sync {
    /// Folds of the training rows.
    ///
    /// # Errors
    /// Rows that cannot be cut so, at `folds`.
    fn folds(&self, cut: &Cut, y: Target<'_>) -> Result<Vec<Fold>, Problem>;

    /// The classes of the target, where it has some.
    fn classes(&self) -> Option<&Classes>;

    /// The positions of the rows that do not train.
    fn judged(&self) -> std::ops::Range<u32>;

    /// Whether steps of preparation are fitted anew, so that the columns of a part are others.
    fn prepares(&self) -> bool;

    /// The rows at these positions: what is fitted is fitted on those that train, which come first.
    /// `x` are the training rows as they were prepared for the whole fold.
    ///
    /// # Errors
    /// Steps that cannot be fitted on so few rows, or that the stop flag was raised.
    fn part(&self, x: Rows<'_>, train: &[u32], others: &[u32]) -> Result<Part<'_>, Failure>;

    /// Some of the training rows, for a model of other columns that need no preparation.
    fn other_columns(&self, rows: &[u32]) -> AsTheyAre<'_>;
}

/// Folds of the training rows that count: those without weight are in none.
///
/// # Errors
/// As [`Folding::folds`], and weights that are none.
pub fn cut(
    folding: &dyn Folding,
    cut: &Cut,
    x: Rows<'_>,
    y: Target<'_>,
    context: &Context<'_>,
) -> Result<Vec<Fold>, Failure> {
    let count = x.values.nrows();
    adapter::train(context, x, |control| control.check_weights(count))?;
    let counts = |row: &u32| context.weights.is_none_or(|weights| weights[*row as usize] > 0.0);
    let rows: Vec<u32> = (0..count as u32).filter(counts).collect();
    if rows.len() == count {
        return folding.folds(cut, y).map_err(Failure::Problem);
    }
    let picked = Picked::new(y, &rows);
    let mut folds =
        folding.other_columns(&rows).folds(cut, picked.target()).map_err(Failure::Problem)?;
    for fold in &mut folds {
        for row in fold.train.iter_mut().chain(&mut fold.test) {
            *row = rows[*row as usize];
        }
    }
    Ok(folds)
}

/// Some rows of a fold, prepared for a model of their own.
pub struct Part<'a> {
    /// The rows that train, then the others.
    pub matrix: Matrix,
    /// How many of them train.
    pub train: usize,
    /// For folds within this part.
    pub folding: Box<dyn Folding + 'a>,
}

impl Part<'_> {
    pub fn training(&self) -> Rows<'_> {
        self.matrix.rows(0, self.train)
    }

    /// The rows that do not train.
    pub fn others(&self) -> Rows<'_> {
        self.matrix.rows(self.train, self.matrix.len())
    }
}

/// A fold whose rows need no preparation, or have it already.
pub struct AsTheyAre<'a> {
    cutting: Cutting<'a>,
    classes: Option<Classes>,
    train: usize,
    count: usize,
}

impl<'a> AsTheyAre<'a> {
    /// A fold of `count` rows, of which the first `train` train.
    pub fn new(cutting: Cutting<'a>, classes: Option<Classes>, train: usize, count: usize) -> Self {
        Self { cutting, classes, train, count }
    }

    /// Training rows of which nothing else is known.
    pub fn alone(rows: usize, y: Target<'_>) -> Self {
        let classes = match y {
            Target::Codes { classes, .. } => {
                Some(Classes::new((0..classes as i64).map(Label::Integer).collect()))
            }
            Target::Values(_) | Target::None => None,
        };
        Self { cutting: Cutting::Free, classes, train: rows, count: rows }
    }
}

impl Folding for AsTheyAre<'_> {
    fn folds(&self, cut: &Cut, y: Target<'_>) -> Result<Vec<Fold>, Problem> {
        self.cutting.folds(cut, y, self.train)
    }

    fn classes(&self) -> Option<&Classes> {
        self.classes.as_ref()
    }

    fn judged(&self) -> std::ops::Range<u32> {
        self.train as u32..self.count as u32
    }

    fn prepares(&self) -> bool {
        false
    }

    fn other_columns(&self, rows: &[u32]) -> AsTheyAre<'_> {
        Self::new(self.cutting.pick(rows), self.classes.clone(), rows.len(), rows.len())
    }

    fn part(&self, x: Rows<'_>, train: &[u32], others: &[u32]) -> Result<Part<'_>, Failure> {
        let order: Vec<u32> = train.iter().chain(others).copied().collect();
        let folding =
            Self::new(self.cutting.pick(train), self.classes.clone(), train.len(), order.len());
        Ok(Part { matrix: Matrix::pick(x, &order), train: train.len(), folding: Box::new(folding) })
    }
}
