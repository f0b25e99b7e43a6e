//! The past trains, the latest rows judge.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::column::{self, Timeline};
use super::{About, ColumnRole, Fold, Split, SplitRows, share};
use crate::data::{ColumnName, Task};
use crate::diagnostic::{Code, Problem};
use crate::kinds::Rule;

/// Judges on the latest share of the rows, by the times or numbers of a column; the rest trains.
///
/// The number of test rows is the share of all rows, rounded up. Equal times never straddle the
/// cut: **all rows of the time at the cut are test rows**, so there can be more of them than the
/// share says. No row trains that is as late as a test row. Training rows stand in the order of
/// time, those of one time in the order of the file; nothing is drawn at random. The column is no
/// feature, and no row may lack its value.
///
/// ```yaml
/// data:
///   split:
///     chronological: { column: year, test: 0.2 }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Chronological {
    /// The column that says when: dates, times or numbers. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ColumnName", example = &"year")]
    pub column: Option<ColumnName>,
    /// The share of the rows that judges the model: the latest ones.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub test: f64,
}

impl Default for Chronological {
    fn default() -> Self {
        Self { column: None, test: 0.25 }
    }
}

impl Split for Chronological {
    fn about(&self) -> About<'_> {
        column::about(self.column.as_ref(), ColumnRole::Order, 1)
    }

    fn rules() -> Vec<Rule> {
        vec![Rule::required("chronological", "column", "chronological: { column: date }")]
    }

    fn check(&self, _: Option<Task>) -> Vec<Problem> {
        Vec::new()
    }

    fn split(&self, rows: &SplitRows<'_>) -> Result<Vec<Fold>, Problem> {
        let timeline = Timeline::new(column::keys(rows)?);
        let test = share::count(self.test, rows.rows);
        if test == 0 || test >= rows.rows {
            return Err(share::one_side_empty(self.test, rows.rows, "row"));
        }
        let cut = timeline.start_of_time(rows.rows - test);
        if cut == 0 {
            return Err(self.no_past(&timeline));
        }
        let mut train = timeline.order;
        let test = train.split_off(cut);
        Ok(vec![Fold { train, test }])
    }

    fn describe(&self, _: Task) -> String {
        let column = column::name(self.column.as_ref());
        format!("judge on the latest {} % by `{column}`", share::percent(self.test))
    }
}

impl Chronological {
    /// The cut lies within the first time, so that no row came before it.
    fn no_past(&self, timeline: &Timeline<'_>) -> Problem {
        let column = column::name(self.column.as_ref());
        let rows = timeline.order.len();
        let (time, first) = timeline.time(0);
        if first == rows {
            let message = format!("all rows have the same `{column}`, {time}");
            return Problem::of_parameter(Code::SplitImpossible, "column", message)
                .label("no earlier and no later")
                .help("choose a column that orders the rows");
        }
        let message = format!(
            "no row is earlier than the latest {} %: {first} of {rows} rows have the earliest `{column}`, {time}",
            share::percent(self.test)
        );
        let most = ((rows - first) as f64 / rows as f64 * 1e4).floor() / 1e4;
        let problem = Problem::of_parameter(Code::SplitImpossible, "test", message)
            .label("leaves nothing to train on");
        if most > 0.0 {
            problem.help(format!("write `test: {most}` or less: equal times stay on one side"))
        } else {
            problem.help("choose a column that orders more of the rows")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Rows, split_of};
    use crate::data::Task;
    use crate::diagnostic::Route;
    use serde_json::{Value, json};

    fn at(test: f64) -> Value {
        json!({ "chronological": { "column": "day", "test": test } })
    }

    #[test]
    fn the_latest_rows_judge_in_the_order_of_time() {
        let rows = Rows::of_column(&[3, 0, 2, 1, 4, 2]);
        let folds = rows.split(&at(0.3)).unwrap();
        assert_eq!((&*folds[0].train, &*folds[0].test), (&[1, 3, 2, 5][..], &[0, 4][..]));
    }

    #[test]
    fn equal_times_at_the_cut_all_judge() {
        let rows = Rows::of_column(&[0, 1, 1, 1, 2]);
        let folds = rows.split(&at(0.4)).unwrap();
        assert_eq!((&*folds[0].train, &*folds[0].test), (&[0][..], &[1, 2, 3, 4][..]));
    }

    #[test]
    fn a_past_that_is_empty_is_refused() {
        let rows = Rows::of_column(&[0, 0, 0, 1]);
        let problem = rows.split(&at(0.5)).unwrap_err();
        assert_eq!(problem.route, Route::root().key("test"));
        assert_eq!(
            problem.message,
            "no row is earlier than the latest 50 %: 3 of 4 rows have the earliest `day`, v0"
        );
        assert!(problem.help.unwrap().starts_with("write `test: 0.25` or less"));
        assert!(rows.split(&at(0.25)).is_ok());
        let problem = Rows::of_column(&[0, 0]).split(&at(0.5)).unwrap_err();
        assert_eq!(problem.route, Route::root().key("column"));
        let problem = Rows::of_column(&[0, 1]).split(&at(0.9)).unwrap_err();
        assert_eq!(problem.message, "a test share of 0.9 of 2 rows leaves one side empty");
    }

    #[test]
    fn the_plan_says_what_is_latest() {
        let says = split_of(&at(0.125)).kind().describe(Task::Regression);
        assert_eq!(says, "judge on the latest 12.5 % by `day`");
    }
}
