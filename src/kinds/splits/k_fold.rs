//! Every row judges once: folds of about one size.

use mlspec_learn::Generator;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Fold, Split, SplitRows, folds};
use crate::data::{Classes, Task};
use crate::diagnostic::{Code, Problem, counted};
use crate::kinds::Rule;

/// Cuts the rows into folds: each judges a model that was trained on all others.
///
/// Every row is judged once, or once a repeat, and no row trains the model that judges it. The sizes
/// of folds differ by one row at most. With `stratify`, which is on for classification where rows are
/// drawn, each class is spread as evenly, as in scikit-learn's `StratifiedKFold`. A class with fewer
/// rows than folds would be missing in some of them: **that is an error here**, where scikit-learn
/// warns. Write `stratify: false` to leave rare classes to chance.
///
/// `repeats` cuts the rows again, each time with a new draw from the same seed, which gives
/// `folds × repeats` folds in all. With `shuffle: false` the folds are runs of rows in the order of the file, those of
/// scikit-learn's `KFold`, or with `stratify: true` the runs within each class of its
/// `StratifiedKFold`. **By default rows are drawn, and the same seed draws other rows than
/// scikit-learn.**
///
/// ```yaml
/// data:
///   split:
///     k_fold: { folds: 10, repeats: 3, seed: 7 }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KFold {
    /// How many parts the rows are cut into.
    #[schemars(range(min = 2, max = 10000))]
    pub folds: usize,
    /// How often all rows are cut anew.
    #[schemars(range(min = 1, max = 1000))]
    pub repeats: usize,
    /// Whether each class keeps its share in each fold. Default: yes for classification, unless
    /// `shuffle` is `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = true)]
    pub stratify: Option<bool>,
    /// Whether rows are drawn at random. `false` takes them in the order of the file.
    pub shuffle: bool,
    /// Where the random numbers start: the same seed draws the same folds.
    pub seed: u64,
}

impl Default for KFold {
    fn default() -> Self {
        Self { folds: 5, repeats: 1, stratify: None, shuffle: true, seed: 0 }
    }
}

impl Split for KFold {
    fn about(&self) -> About<'_> {
        About { column: None, folds: self.folds.saturating_mul(self.repeats) }
    }

    fn rules() -> Vec<Rule> {
        let message = "`repeats` without `shuffle` would all be the same folds";
        vec![
            Rule::refuses_given("repeats", message)
                .beside("shuffle", &[false])
                .label("nothing new to draw")
                .help("remove `shuffle: false`, or remove `repeats`"),
        ]
    }

    fn check(&self, task: Option<Task>) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let (Some(true), Some(task @ (Task::Regression | Task::Clustering))) =
            (self.stratify, task)
        {
            let message = format!("{task} has no classes to stratify by");
            problems.push(
                Problem::of_parameter(Code::SplitImpossible, "stratify", message)
                    .label("has no meaning here")
                    .help("remove `stratify`"),
            );
        }
        problems
    }

    fn split(&self, rows: &SplitRows<'_>) -> Result<Vec<Fold>, Problem> {
        self.check_rows(rows.rows)?;
        let strata = match rows.classes {
            Some((codes, classes)) if self.by_class() => Some(self.strata(codes, classes)?),
            _ => None,
        };
        let mut seeded = Generator::new(self.seed);
        let mut all = Vec::with_capacity(self.about().folds);
        for _ in 0..self.repeats {
            let fold_of = match &strata {
                Some(strata) => self.stratified(strata, rows.rows, &mut seeded),
                None => self.drawn(rows.rows, &mut seeded),
            };
            all.extend(folds::each_judges_once(&fold_of, self.folds));
        }
        Ok(all)
    }

    fn describe(&self, task: Task) -> String {
        let repeats = match self.repeats {
            1 => String::new(),
            repeats => format!(", {repeats} repeats"),
        };
        let by_class = self.by_class() && task == Task::Classification;
        let stratified = if by_class { ", stratified" } else { "" };
        let drawn = if self.shuffle {
            format!("seed {}", self.seed)
        } else {
            "in the order of the file".to_owned()
        };
        format!("{} folds{repeats}{stratified}, {drawn}", self.folds)
    }
}

impl KFold {
    fn by_class(&self) -> bool {
        self.stratify.unwrap_or(self.shuffle)
    }

    /// The folds of training rows, for what is tried within them: as [`Split::split`] without
    /// repeats, and a class may have fewer rows than there are folds.
    ///
    /// # Errors
    /// More folds than rows.
    pub fn within(
        &self,
        rows: usize,
        classes: Option<(&[u32], usize)>,
    ) -> Result<Vec<Fold>, Problem> {
        self.check_rows(rows)?;
        let mut seeded = Generator::new(self.seed);
        let fold_of = match classes {
            Some((codes, classes)) => {
                self.stratified(&in_order(of_each_class(codes, classes)), rows, &mut seeded)
            }
            None => self.drawn(rows, &mut seeded),
        };
        Ok(folds::each_judges_once(&fold_of, self.folds))
    }

    fn check_rows(&self, rows: usize) -> Result<(), Problem> {
        if self.folds > rows {
            let message = format!(
                "{} folds need as many rows, and there {} {}",
                self.folds,
                if rows == 1 { "is" } else { "are" },
                counted(rows, "row")
            );
            return Err(Problem::of_parameter(Code::SplitImpossible, "folds", message)
                .label("more folds than rows")
                .help("choose fewer folds, or add data"));
        }
        folds::check_memory(rows, self.about().folds)
    }

    /// The rows of each class that has any, by the class that comes first in the file.
    fn strata(&self, codes: &[u32], classes: &Classes) -> Result<Vec<Vec<u32>>, Problem> {
        let members = of_each_class(codes, classes.len());
        let rare = |rows: &Vec<u32>| !rows.is_empty() && rows.len() < self.folds;
        let others = members.iter().filter(|rows| rare(rows)).count().saturating_sub(1);
        let rarest = members
            .iter()
            .zip(classes.labels())
            .filter(|(rows, _)| rare(rows))
            .min_by_key(|(rows, _)| rows.len());
        if let Some((rows, label)) = rarest {
            let more = match others {
                0 => String::new(),
                1 => "; so has 1 other class".to_owned(),
                others => format!("; so have {others} other classes"),
            };
            let message = format!(
                "class `{label}` has {}, fewer than the {} folds{more}",
                counted(rows.len(), "row"),
                self.folds
            );
            return Err(self.about_stratify(message, rows.len()));
        }
        Ok(in_order(members))
    }

    /// Deals the rows out class by class, one fold after the other and on where the last class
    /// stopped, which settles how many rows of a class each fold gets. Which of them is drawn.
    fn stratified(&self, strata: &[Vec<u32>], rows: usize, seeded: &mut Generator) -> Vec<u32> {
        let mut fold_of = vec![0; rows];
        let mut dealt = 0;
        for members in strata {
            let mut folds: Vec<u32> = (dealt..dealt + members.len())
                .map(|position| (position % self.folds) as u32)
                .collect();
            dealt += members.len();
            folds.sort_unstable();
            if self.shuffle {
                seeded.shuffle(&mut folds);
            }
            for (row, fold) in members.iter().zip(folds) {
                fold_of[*row as usize] = fold;
            }
        }
        fold_of
    }

    /// Runs of rows in the order that was drawn; the first folds take the rows that are left over.
    fn drawn(&self, rows: usize, seeded: &mut Generator) -> Vec<u32> {
        let mut order: Vec<u32> = (0..rows as u32).collect();
        if self.shuffle {
            seeded.shuffle(&mut order);
        }
        let mut fold_of = vec![0; rows];
        let mut rest = order.as_slice();
        for fold in 0..self.folds {
            let size = rows / self.folds + usize::from(fold < rows % self.folds);
            let (members, others) = rest.split_at(size);
            for row in members {
                fold_of[*row as usize] = fold as u32;
            }
            rest = others;
        }
        fold_of
    }

    fn about_stratify(&self, message: String, least: usize) -> Problem {
        let problem = match self.stratify {
            Some(_) => Problem::of_parameter(Code::SplitImpossible, "stratify", message),
            None => Problem::of_kind(Code::SplitImpossible, message),
        };
        let fewer = match least {
            0 | 1 => String::new(),
            least => format!("write `folds: {least}`, "),
        };
        problem.label("stratified by class").help(format!(
            "{fewer}add rows, drop rare classes with `where`, or write `stratify: false`"
        ))
    }
}

/// The rows of each class.
fn of_each_class(codes: &[u32], classes: usize) -> Vec<Vec<u32>> {
    let mut members = vec![Vec::new(); classes];
    for (row, code) in codes.iter().enumerate() {
        members[*code as usize].push(row as u32);
    }
    members
}

/// Those classes that have rows, by the one that comes first in the file.
fn in_order(mut members: Vec<Vec<u32>>) -> Vec<Vec<u32>> {
    members.retain(|rows| !rows.is_empty());
    members.sort_by_key(|rows| rows[0]);
    members
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Rows, split_of};
    use crate::diagnostic::{Code, Route};
    use serde_json::json;

    fn tests(rows: &Rows, split: &serde_json::Value) -> Vec<Vec<u32>> {
        rows.split(split).unwrap().into_iter().map(|fold| fold.test).collect()
    }

    // scikit-learn 1.9.1, KFold(3).split(range(8)): the test rows.
    #[test]
    fn without_shuffle_folds_are_runs_and_the_first_are_larger() {
        let split = json!({ "k_fold": { "folds": 3, "shuffle": false } });
        let expected = [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7]];
        assert_eq!(tests(&Rows::plain(8), &split), expected);
    }

    // scikit-learn 1.9.1, StratifiedKFold(2).split(y, y) with y = b a a b a b a: the test rows.
    #[test]
    fn each_class_keeps_its_share() {
        let rows = Rows::of_classes(&["b", "a", "a", "b", "a", "b", "a"]);
        let split = json!({ "k_fold": { "folds": 2, "stratify": true, "shuffle": false } });
        assert_eq!(tests(&rows, &split), [vec![0, 1, 2, 3], vec![4, 5, 6]]);
    }

    #[test]
    fn classes_in_file_order_are_not_stratified_unless_asked() {
        let rows = Rows::of_classes(&["a", "a", "b", "b"]);
        let split = json!({ "k_fold": { "folds": 2, "shuffle": false } });
        assert_eq!(tests(&rows, &split), [[0, 1], [2, 3]]);
        let split = json!({ "k_fold": { "folds": 2, "shuffle": false, "stratify": true } });
        assert_eq!(tests(&rows, &split), [[0, 2], [1, 3]]);
    }

    #[test]
    fn repeats_draw_anew_from_one_seed() {
        let rows = Rows::plain(40);
        let twice = tests(&rows, &json!({ "k_fold": { "folds": 4, "repeats": 2, "seed": 3 } }));
        let once = tests(&rows, &json!({ "k_fold": { "folds": 4, "seed": 3 } }));
        assert_eq!(twice.len(), 8);
        assert_eq!(twice[..4], once);
        assert_ne!(twice[4..], once);
    }

    #[test]
    fn a_class_with_fewer_rows_than_folds_is_refused() {
        let rows = Rows::of_classes(&["a", "b", "a", "b", "a", "a"]);
        let problem = rows.split(&json!({ "k_fold": { "folds": 3 } })).unwrap_err();
        assert_eq!(problem.code, Code::SplitImpossible);
        assert_eq!(problem.message, "class `b` has 2 rows, fewer than the 3 folds");
        assert!(problem.help.unwrap().starts_with("write `folds: 2`"));
        assert!(rows.split(&json!({ "k_fold": { "folds": 3, "stratify": false } })).is_ok());
        let split = json!({ "k_fold": { "folds": 5, "stratify": true } });
        let problem = rows.split(&split).unwrap_err();
        assert_eq!(problem.route, Route::root().key("stratify"));
        assert!(problem.message.ends_with("; so has 1 other class"), "{}", problem.message);
    }

    #[test]
    fn as_many_folds_as_rows_leave_one_out() {
        let split = json!({ "k_fold": { "folds": 4, "shuffle": false } });
        assert_eq!(tests(&Rows::plain(4), &split), [[0], [1], [2], [3]]);
        let problem = Rows::plain(4).split(&json!("k_fold")).unwrap_err();
        assert_eq!(problem.message, "5 folds need as many rows, and there are 4 rows");
        assert_eq!(problem.route, Route::root().key("folds"));
    }

    #[test]
    fn the_plan_says_how_rows_are_drawn() {
        let says = |split| split_of(&split).kind().describe(crate::data::Task::Classification);
        assert_eq!(says(json!("k_fold")), "5 folds, stratified, seed 0");
        assert_eq!(
            says(json!({ "k_fold": { "folds": 3, "repeats": 2, "stratify": false } })),
            "3 folds, 2 repeats, seed 0"
        );
        assert_eq!(
            says(json!({ "k_fold": { "shuffle": false } })),
            "5 folds, in the order of the file"
        );
    }
}
