//! What belongs together stays together: whole groups train or judge.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use mlspec_learn::Generator;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, ColumnRole, Fold, Keys, Split, SplitRows, column, folds, share};
use crate::data::{ColumnName, Task};
use crate::diagnostic::{Code, Problem};
use crate::kinds::Rule;

/// The share of the groups that judges where a spec says neither `test` nor `folds`.
const TEST: f64 = 0.25;

/// Keeps the rows of a group on one side: no group both trains and judges.
///
/// A group is all rows with the same value of the column, such as those of one patient. With `test`,
/// that share of the groups judges, rounded up, drawn by the seed, as in scikit-learn's
/// `GroupShuffleSplit`. **It is a share of the groups, not of the rows**: where groups differ in size,
/// so does the share of the rows; the run prints both counts. A large group can land on either side.
///
/// With `folds` every group judges once, as in scikit-learn's `GroupKFold`: the largest groups first,
/// each goes to the fold with the fewest rows so far, so that the folds come out near one size. **Groups of
/// one size are taken in an order drawn by the seed**, where scikit-learn goes by their names. No
/// classes are balanced. The column is no feature, and no row may lack its value.
///
/// ```yaml
/// data:
///   split:
///     grouped: { column: island, folds: 3 }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Grouped {
    /// The column whose values are the groups. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ColumnName", example = &"island")]
    pub column: Option<ColumnName>,
    /// The share of the groups that judges the model. Default: 0.25, where there is no `folds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "f64",
        extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1),
        example = 0.25
    )]
    pub test: Option<f64>,
    /// How many parts the groups are dealt out to, instead of one share.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize", range(min = 2, max = 10000), example = 5)]
    pub folds: Option<usize>,
    /// Where the random numbers start: the same seed draws the same groups.
    pub seed: u64,
}

impl Split for Grouped {
    fn about(&self) -> About<'_> {
        column::about(self.column.as_ref(), ColumnRole::Groups, self.folds.unwrap_or(1))
    }

    fn rules() -> Vec<Rule> {
        vec![
            Rule::required("grouped", "column", "grouped: { column: patient }"),
            Rule::excludes("test", "folds").help(
                "keep `test` for one share of the groups, or `folds` to judge on each group once",
            ),
        ]
    }

    fn check(&self, _: Option<Task>) -> Vec<Problem> {
        Vec::new()
    }

    fn split(&self, rows: &SplitRows<'_>) -> Result<Vec<Fold>, Problem> {
        let keys = column::keys(rows)?;
        let sizes = column::counts(&keys);
        let mut groups: Vec<u32> =
            (0..keys.distinct as u32).filter(|group| sizes[*group as usize] > 0).collect();
        if let [only] = groups[..] {
            return Err(self.one_group(&(keys.shown)(only)));
        }
        Generator::new(self.seed).shuffle(&mut groups);
        match self.folds {
            Some(folds) => self.dealt(&keys, &sizes, groups, folds),
            None => self.held_out(&keys, &groups),
        }
    }

    fn describe(&self, _: Task) -> String {
        let (column, seed) = (column::name(self.column.as_ref()), self.seed);
        match self.folds {
            Some(folds) => format!("{folds} folds of whole groups by `{column}`, seed {seed}"),
            None => {
                let test = share::percent(self.test.unwrap_or(TEST));
                format!("hold out {test} % of the groups by `{column}`, seed {seed}")
            }
        }
    }
}

impl Grouped {
    fn held_out(&self, keys: &Keys<'_>, groups: &[u32]) -> Result<Vec<Fold>, Problem> {
        let share = self.test.unwrap_or(TEST);
        let test = share::count(share, groups.len());
        if test == 0 || test >= groups.len() {
            return Err(share::one_side_empty(share, groups.len(), "group"));
        }
        let mut judges = vec![false; keys.distinct];
        for group in &groups[groups.len() - test..] {
            judges[*group as usize] = true;
        }
        let rows = 0..keys.codes.len() as u32;
        let (test, train) = rows.partition(|row| judges[keys.codes[*row as usize] as usize]);
        Ok(vec![Fold { train, test }])
    }

    /// The largest groups first, each to the fold with the fewest rows.
    fn dealt(
        &self,
        keys: &Keys<'_>,
        sizes: &[usize],
        mut groups: Vec<u32>,
        folds: usize,
    ) -> Result<Vec<Fold>, Problem> {
        if folds > groups.len() {
            let message = format!(
                "{folds} folds need as many groups, and `{}` has {}",
                column::name(self.column.as_ref()),
                groups.len()
            );
            return Err(Problem::of_parameter(Code::SplitImpossible, "folds", message)
                .label("more folds than groups")
                .help(format!("write `folds: {}` or less", groups.len())));
        }
        folds::check_memory(keys.codes.len(), folds)?;
        groups.sort_by_key(|group| Reverse(sizes[*group as usize]));
        let mut loads: BinaryHeap<Reverse<(usize, u32)>> =
            (0..folds as u32).map(|fold| Reverse((0, fold))).collect();
        let mut fold_of_group = vec![0; keys.distinct];
        for group in groups {
            if let Some(mut lightest) = loads.peek_mut() {
                let Reverse((load, fold)) = &mut *lightest;
                *load += sizes[group as usize];
                fold_of_group[group as usize] = *fold;
            }
        }
        let fold_of: Vec<u32> =
            keys.codes.iter().map(|group| fold_of_group[*group as usize]).collect();
        Ok(folds::each_judges_once(&fold_of, folds))
    }

    fn one_group(&self, group: &str) -> Problem {
        let column = column::name(self.column.as_ref());
        let message = format!("all rows are of one group: `{column}` is {group}");
        Problem::of_parameter(Code::SplitImpossible, "column", message)
            .label("a single group")
            .help("choose a column with several groups, or a `holdout`")
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Rows, split_of};
    use crate::data::Task;
    use crate::diagnostic::{Code, Problem, Route};
    use serde_json::{Value, json};

    fn with(mut parameters: Value) -> Value {
        parameters["column"] = json!("day");
        json!({ "grouped": parameters })
    }

    fn refused(column: &[u32], parameters: Value) -> (Route, Problem) {
        let problem = Rows::of_column(column).split(&with(parameters)).unwrap_err();
        assert_eq!(problem.code, Code::SplitImpossible);
        (problem.route.clone(), problem)
    }

    #[test]
    fn a_share_of_the_groups_is_held_out() {
        let rows = Rows::of_column(&[0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
        for seed in 0..20 {
            let folds = rows.split(&with(json!({ "seed": seed }))).unwrap();
            let test = &folds[0].test;
            assert!(*test == [0, 1, 2, 3, 4, 5, 6] || test.len() == 1, "{test:?}");
            assert_eq!(folds[0].train.len() + test.len(), 10);
        }
    }

    // scikit-learn 1.9.1, GroupKFold(2) with groups of 4, 3, 2 and 1 rows: the test rows.
    #[test]
    fn the_largest_groups_go_first_to_the_smallest_fold() {
        let rows = Rows::of_column(&[2, 1, 0, 3, 0, 1, 0, 2, 1, 0]);
        let folds = rows.split(&with(json!({ "folds": 2 }))).unwrap();
        assert_eq!(folds[0].test, [2, 3, 4, 6, 9]);
        assert_eq!(folds[1].test, [0, 1, 5, 7, 8]);
        assert_eq!(folds[0].train, folds[1].test);
    }

    #[test]
    fn what_cannot_be_met_is_named() {
        let (route, problem) = refused(&[0, 0, 1], json!({ "folds": 3 }));
        assert_eq!(route, Route::root().key("folds"));
        assert_eq!(problem.message, "3 folds need as many groups, and `day` has 2");
        let (route, problem) = refused(&[4, 4], json!({}));
        assert_eq!(route, Route::root().key("column"));
        assert_eq!(problem.message, "all rows are of one group: `day` is v4");
        let (route, problem) = refused(&[0, 1, 2], json!({ "test": 0.7 }));
        assert_eq!(route, Route::root().key("test"));
        assert_eq!(problem.message, "a test share of 0.7 of 3 groups leaves one side empty");
    }

    #[test]
    fn the_plan_says_what_is_held_out() {
        let says = |parameters| split_of(&with(parameters)).kind().describe(Task::Regression);
        assert_eq!(says(json!({})), "hold out 25 % of the groups by `day`, seed 0");
        assert_eq!(says(json!({ "folds": 4 })), "4 folds of whole groups by `day`, seed 0");
    }
}
