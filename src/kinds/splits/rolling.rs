//! Folds forward in time: each is judged by a model that knows only its past.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::column::{self, Timeline};
use super::{About, ColumnRole, Fold, Split, SplitRows, folds};
use crate::data::{ColumnName, Task};
use crate::diagnostic::{Code, Problem, counted};
use crate::kinds::Rule;

/// Judges on one stretch of time after the other, each time with a model trained on what came before.
///
/// The folds are those of scikit-learn's `TimeSeriesSplit`, over the rows in the order of the
/// column, with sizes in rows: the last `folds × test` rows are cut into stretches of `test` rows,
/// and each is judged after training on the rows before it, without the last `gap` of those, and on
/// the latest `window` at most. Rows after a stretch, in the gap and before the window are left out of
/// that fold.
///
/// **Equal times never straddle a cut**, where scikit-learn goes by rows alone: all rows of the time
/// at a cut belong to the stretch that begins there, so stretches can differ in size, and no row
/// trains that is as late as a test row. A time with more rows than a stretch is an error. Nothing is
/// drawn at random. The column is no feature, and no row may lack its value.
///
/// ```yaml
/// data:
///   split:
///     rolling: { column: year, folds: 2 }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rolling {
    /// The column that says when: dates, times or numbers. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ColumnName", example = &"year")]
    pub column: Option<ColumnName>,
    /// How many stretches of time are judged.
    #[schemars(range(min = 2, max = 10000))]
    pub folds: usize,
    /// How many rows a stretch has. Default: all rows divided by `folds + 1`, rounded down.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize", range(min = 1), example = 30)]
    pub test: Option<usize>,
    /// How many rows before each stretch are left out of the training.
    pub gap: usize,
    /// The most rows to train on: the latest ones. Default: all of the past.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize", range(min = 1), example = 365)]
    pub window: Option<usize>,
}

impl Default for Rolling {
    fn default() -> Self {
        Self { column: None, folds: 5, test: None, gap: 0, window: None }
    }
}

impl Split for Rolling {
    fn about(&self) -> About<'_> {
        column::about(self.column.as_ref(), ColumnRole::Order, self.folds)
    }

    fn rules() -> Vec<Rule> {
        vec![Rule::required("rolling", "column", "rolling: { column: date }")]
    }

    fn check(&self, _: Option<Task>) -> Vec<Problem> {
        Vec::new()
    }

    fn split(&self, rows: &SplitRows<'_>) -> Result<Vec<Fold>, Problem> {
        let timeline = Timeline::new(column::keys(rows)?);
        folds::check_memory(rows.rows, self.folds)?;
        let cuts = self.cuts(&timeline)?;
        let order = &timeline.order;
        let fold = |pair: &[usize]| {
            let end = pair[0] - self.gap;
            let start = self.window.map_or(0, |window| end.saturating_sub(window));
            Fold { train: order[start..end].to_vec(), test: order[pair[0]..pair[1]].to_vec() }
        };
        Ok(cuts.windows(2).map(fold).collect())
    }

    fn describe(&self, _: Task) -> String {
        let size = match self.test {
            Some(test) => format!("of {}", counted(test, "row")),
            None => format!("of 1/{} of the rows", self.folds.saturating_add(1)),
        };
        let gap = match self.gap {
            0 => String::new(),
            gap => format!(", after a gap of {}", counted(gap, "row")),
        };
        let window = match self.window {
            Some(window) => format!(", trained on the latest {window} at most"),
            None => String::new(),
        };
        let column = column::name(self.column.as_ref());
        format!("{} folds {size} forward by `{column}`{gap}{window}", self.folds)
    }
}

impl Rolling {
    /// The positions where the stretches begin, each at the first row of its time, and the end of
    /// the last. Before the first there are more rows than the gap takes.
    fn cuts(&self, timeline: &Timeline<'_>) -> Result<Vec<usize>, Problem> {
        let rows = timeline.order.len();
        let size = self.test.unwrap_or(rows / self.folds.saturating_add(1));
        if size == 0 || self.folds >= rows {
            let message = format!(
                "{} folds forward in time need {} rows or more, and there {} {rows}",
                self.folds,
                self.folds.saturating_add(1),
                if rows == 1 { "is" } else { "are" },
            );
            return Err(Problem::of_parameter(Code::SplitImpossible, "folds", message)
                .label("too many for these rows")
                .help("choose fewer folds, or add data"));
        }
        let judged = self.folds.saturating_mul(size);
        if judged >= rows {
            let message = format!(
                "{} folds of {} leave none of {rows} rows to train on",
                self.folds,
                counted(size, "row")
            );
            return Err(self.about_size(message).label("too large for these rows").help(format!(
                "write `test: {}` or less, or choose fewer folds",
                (rows - 1) / self.folds
            )));
        }
        let mut cuts: Vec<usize> = (0..self.folds)
            .map(|fold| timeline.start_of_time(rows - judged + fold * size))
            .collect();
        cuts.push(rows);
        if let Some(pair) = cuts.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(self.within_a_time(timeline, pair[0], size));
        }
        if cuts[0] == 0 {
            return Err(self.within_a_time(timeline, 0, size));
        }
        if cuts[0] <= self.gap {
            let message = format!(
                "a gap of {} takes all {} before the first fold",
                counted(self.gap, "row"),
                counted(cuts[0], "row")
            );
            return Err(Problem::of_parameter(Code::SplitImpossible, "gap", message)
                .label("leaves nothing to train on")
                .help(format!(
                    "write `gap: {}` or less, smaller folds or fewer of them",
                    cuts[0] - 1
                )));
        }
        Ok(cuts)
    }

    /// A time that would have to be on both sides of a cut for the folds to have their size.
    fn within_a_time(&self, timeline: &Timeline<'_>, position: usize, size: usize) -> Problem {
        let column = column::name(self.column.as_ref());
        let (time, count) = timeline.time(position);
        if count == timeline.order.len() {
            let message = format!("all rows have the same `{column}`, {time}");
            return Problem::of_parameter(Code::SplitImpossible, "column", message)
                .label("no earlier and no later")
                .help("choose a column that orders the rows");
        }
        let message = format!(
            "{} of `{column}` {time} cannot be cut into folds of {}: equal times stay together",
            counted(count, "row"),
            counted(size, "row")
        );
        self.about_size(message)
            .label("too small for these times")
            .help("choose fewer folds, another `test`, or a column that tells the rows apart")
    }

    /// The size of a stretch follows from `folds` where `test` is not given.
    fn about_size(&self, message: String) -> Problem {
        let parameter = if self.test.is_some() { "test" } else { "folds" };
        Problem::of_parameter(Code::SplitImpossible, parameter, message)
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
        json!({ "rolling": parameters })
    }

    fn sides(rows: &Rows, parameters: Value) -> Vec<(Vec<u32>, Vec<u32>)> {
        let folds = rows.split(&with(parameters)).unwrap();
        folds.into_iter().map(|fold| (fold.train, fold.test)).collect()
    }

    fn refused(column: &[u32], parameters: Value) -> (Route, Problem) {
        let problem = Rows::of_column(column).split(&with(parameters)).unwrap_err();
        assert_eq!(problem.code, Code::SplitImpossible);
        (problem.route.clone(), problem)
    }

    // scikit-learn 1.9.1, TimeSeriesSplit(3, test_size=2, gap=1, max_train_size=3) on ten rows.
    #[test]
    fn folds_go_forward_in_time() {
        let rows = Rows::of_column(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let found = sides(&rows, json!({ "folds": 3, "test": 2, "gap": 1, "window": 3 }));
        assert_eq!(
            found,
            [(vec![0, 1, 2], vec![4, 5]), (vec![2, 3, 4], vec![6, 7]), (vec![4, 5, 6], vec![8, 9])]
        );
    }

    #[test]
    fn equal_times_belong_to_the_stretch_that_begins_there() {
        let rows = Rows::of_column(&[0, 1, 1, 2, 3, 3, 3, 4]);
        let found = sides(&rows, json!({ "folds": 2, "test": 3 }));
        assert_eq!(found, [(vec![0], vec![1, 2, 3]), (vec![0, 1, 2, 3], vec![4, 5, 6, 7])]);
    }

    #[test]
    fn each_parameter_that_cannot_be_met_is_named() {
        let days: Vec<u32> = (0..6).collect();
        let (route, problem) = refused(&days, json!({ "folds": 6 }));
        assert_eq!(route, Route::root().key("folds"));
        assert_eq!(problem.message, "6 folds forward in time need 7 rows or more, and there are 6");
        let (route, problem) = refused(&days, json!({ "folds": 2, "test": 3 }));
        assert_eq!(route, Route::root().key("test"));
        assert_eq!(problem.message, "2 folds of 3 rows leave none of 6 rows to train on");
        assert!(problem.help.unwrap().starts_with("write `test: 2`"));
        let (route, problem) = refused(&days, json!({ "folds": 2, "test": 2, "gap": 2 }));
        assert_eq!(route, Route::root().key("gap"));
        assert!(problem.help.unwrap().starts_with("write `gap: 1`"));
        let (route, _) = refused(&days, json!({ "folds": 2, "test": 9_007_199_254_740_991_u64 }));
        assert_eq!(route, Route::root().key("test"));
    }

    #[test]
    fn times_with_more_rows_than_a_fold_are_refused() {
        let days = [0, 0, 1, 2, 2, 2];
        let (route, problem) = refused(&days, json!({ "folds": 2, "test": 1 }));
        assert_eq!(route, Route::root().key("test"));
        assert_eq!(
            problem.message,
            "3 rows of `day` v2 cannot be cut into folds of 1 row: equal times stay together"
        );
        let found = sides(&Rows::of_column(&days), json!({ "folds": 2, "test": 2 }));
        assert_eq!(found, [(vec![0, 1], vec![2]), (vec![0, 1, 2], vec![3, 4, 5])]);
        let (route, _) = refused(&[0, 0, 0, 0, 1, 2], json!({ "folds": 2 }));
        assert_eq!(route, Route::root().key("folds"));
        let (route, _) = refused(&[5, 5, 5, 5], json!({ "folds": 2 }));
        assert_eq!(route, Route::root().key("column"));
    }

    #[test]
    fn the_plan_says_what_a_fold_is() {
        let says = |parameters| split_of(&with(parameters)).kind().describe(Task::Regression);
        assert_eq!(says(json!({})), "5 folds of 1/6 of the rows forward by `day`");
        assert_eq!(
            says(json!({ "test": 30, "gap": 1, "window": 90 })),
            "5 folds of 30 rows forward by `day`, after a gap of 1 row, trained on the latest 90 at most"
        );
    }
}
