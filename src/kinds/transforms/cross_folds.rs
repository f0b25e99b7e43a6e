//! Training rows to the folds that a step is cross-fitted over: each fold is encoded by the others.

use mlspec_learn::Generator;

use super::Training;
use crate::data::Truth;
use crate::diagnostic::{Code, Problem, counted};

/// How the training rows are cut.
pub struct CrossFolds {
    /// How many folds.
    pub cv: u32,
    /// Whether rows are drawn at random, instead of taken in their order.
    pub shuffle: bool,
    pub seed: u64,
}

impl CrossFolds {
    /// The fold of each training row, from 0: scikit-learn's `KFold`, or `StratifiedKFold` where
    /// there are classes.
    ///
    /// # Errors
    /// On fewer rows, or rows of every class, than folds; and where there are no answers.
    pub fn assign(&self, training: &Training<'_>) -> Result<Vec<u32>, Problem> {
        let rows = training.rows;
        if (self.cv as usize) > rows {
            let message =
                format!("{} folds are more than the {}", self.cv, counted(rows, "training row"));
            return Err(Problem::of_parameter(Code::ModelParameter, "cv", message)
                .label("more folds than rows")
                .help("write a smaller `cv`, or leave more rows to train on"));
        }
        let mut generator = Generator::new(self.seed);
        match &training.truth {
            Truth::Codes { codes, classes } => {
                self.stratified(codes, classes.len(), &mut generator)
            }
            Truth::Values(_) => {
                let mut order: Vec<usize> = (0..rows).collect();
                if self.shuffle {
                    generator.shuffle(&mut order);
                }
                let (size, larger) = (rows / self.cv as usize, rows % self.cv as usize);
                let sizes = (0..self.cv).map(|fold| size + usize::from((fold as usize) < larger));
                let in_order = (0..self.cv)
                    .zip(sizes)
                    .flat_map(|(fold, size)| std::iter::repeat_n(fold, size));
                let mut folds = vec![0; rows];
                for (row, fold) in order.into_iter().zip(in_order) {
                    folds[row] = fold;
                }
                Ok(folds)
            }
            Truth::None => Err(needs_target()),
        }
    }

    /// Deals the rows of each class to the folds as round robin over the rows sorted by class would;
    /// within a class in the order of the rows, or in a random one.
    fn stratified(
        &self,
        codes: &[u32],
        classes: usize,
        generator: &mut Generator,
    ) -> Result<Vec<u32>, Problem> {
        let mut members = vec![Vec::new(); classes];
        for (row, code) in codes.iter().enumerate() {
            members[*code as usize].push(row);
        }
        // In the order in which the classes appear, as scikit-learn has them here.
        members.sort_by_key(|rows| rows.first().copied());
        if members.iter().all(|rows| rows.len() < self.cv as usize) {
            let message = format!("no class has {} training rows, one for each fold", self.cv);
            return Err(Problem::of_parameter(Code::ModelParameter, "cv", message)
                .label("more folds than rows of a class")
                .help("write a smaller `cv`, or leave more rows to train on"));
        }
        let mut folds = vec![0; codes.len()];
        let mut before = 0;
        for rows in &members {
            let mut dealt: Vec<u32> = (before..before + rows.len())
                .map(|place| (place % self.cv as usize) as u32)
                .collect();
            dealt.sort_unstable();
            if self.shuffle {
                generator.shuffle(&mut dealt);
            }
            for (row, fold) in rows.iter().zip(dealt) {
                folds[*row] = fold;
            }
            before += rows.len();
        }
        Ok(folds)
    }
}

/// The problem of a step that learns from answers where there are none.
pub fn needs_target() -> Problem {
    Problem::of_kind(
        Code::TaskMisfit,
        "`target_encode` needs a target, and there is none to learn from",
    )
    .label("no target")
    .help("use `one_hot` or `ordinal`")
}
