//! One part of the rows trains, the other judges.

use mlspec_learn::Generator;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Fold, Split, SplitRows, share};
use crate::data::Task;
use crate::diagnostic::{Code, Problem};
use crate::kinds::Rule;

/// Holds out a share of the rows to judge the model on; the rest trains it.
///
/// The number of test rows is the share of all rows, rounded up, as in scikit-learn's
/// `train_test_split`. With `stratify`, which is on for classification unless it is set, each class
/// has the same share on both sides as in the whole. **The same seed draws other rows than
/// scikit-learn**, because the generators differ.
///
/// ```yaml
/// data:
///   split:
///     holdout: { test: 0.25, seed: 7 }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Holdout {
    /// The share of the rows that judges the model.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub test: f64,
    /// Whether each class keeps its share on both sides. Default: yes for classification.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = true)]
    pub stratify: Option<bool>,
    /// Whether rows are drawn at random. `false` takes the last rows of the file for the test.
    pub shuffle: bool,
    /// Where the random numbers start: the same seed draws the same rows.
    pub seed: u64,
}

impl Default for Holdout {
    fn default() -> Self {
        Self { test: 0.25, stratify: None, shuffle: true, seed: 0 }
    }
}

impl Split for Holdout {
    fn about(&self) -> About<'_> {
        About { column: None, folds: 1 }
    }

    fn rules() -> Vec<Rule> {
        let message = "`stratify` needs `shuffle`: rows in file order keep no shares";
        vec![
            Rule::refuses("stratify", &[true], message)
                .beside("shuffle", &[false])
                .label("cannot be met")
                .help("remove `shuffle: false`, or write `stratify: false`"),
        ]
    }

    fn check(&self, task: Option<Task>) -> Vec<Problem> {
        if self.stratify != Some(true) {
            return Vec::new();
        }
        let mut problems = Vec::new();
        if let Some(task @ (Task::Regression | Task::Clustering)) = task {
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
        let test = share::count(self.test, rows.rows);
        if test == 0 || test >= rows.rows {
            return Err(share::one_side_empty(self.test, rows.rows, "row"));
        }
        let mut seeded = Generator::new(self.seed);
        let fold = match rows.classes {
            Some((codes, classes)) if self.shuffle && self.stratify != Some(false) => {
                let names: Vec<String> = classes.labels().iter().map(ToString::to_string).collect();
                self.stratified(codes, &names, test, &mut seeded)?
            }
            _ => {
                let mut order: Vec<u32> = (0..rows.rows as u32).collect();
                if self.shuffle {
                    seeded.shuffle(&mut order);
                }
                let test = order.split_off(rows.rows - test);
                Fold { train: order, test }
            }
        };
        Ok(vec![fold])
    }

    fn describe(&self, task: Task) -> String {
        let drawn =
            if self.shuffle { format!("seed {}", self.seed) } else { "the last rows".to_owned() };
        let by_class = self.shuffle && self.stratify != Some(false);
        let stratified = if by_class && task == Task::Classification { ", stratified" } else { "" };
        format!("hold out {} %{stratified}, {drawn}", share::percent(self.test))
    }
}

impl Holdout {
    /// Gives each class its share of the test rows by the largest remainder, at least one row on
    /// either side.
    fn stratified(
        &self,
        codes: &[u32],
        names: &[String],
        test: usize,
        seeded: &mut Generator,
    ) -> Result<Fold, Problem> {
        let mut members = vec![Vec::new(); names.len()];
        for (row, code) in codes.iter().enumerate() {
            members[*code as usize].push(row as u32);
        }
        for (class, rows) in members.iter().enumerate() {
            if rows.len() == 1 {
                let message = format!(
                    "class `{}` has a single row, so it cannot be on both sides",
                    names[class]
                );
                return Err(self.about_stratify(message));
            }
        }
        let present = members.iter().filter(|rows| !rows.is_empty()).count();
        if test < present || codes.len() - test < present {
            let message = format!(
                "{present} classes cannot each have a row among {test} test rows and {} training rows",
                codes.len() - test
            );
            return Err(self.about_stratify(message));
        }
        let share = test as f64 / codes.len() as f64;
        let exact: Vec<f64> = members.iter().map(|rows| rows.len() as f64 * share).collect();
        let mut counts: Vec<usize> = exact
            .iter()
            .zip(&members)
            .map(|(exact, rows)| match rows.len() {
                0 => 0,
                n => (exact.floor() as usize).clamp(1, n - 1),
            })
            .collect();
        // Whatever rounding left over goes to the classes that lost most by it, ties to the first.
        let mut taken: usize = counts.iter().sum();
        while taken != test {
            let gain = |class: usize| exact[class] - counts[class] as f64;
            let open = (0..counts.len()).filter(|class| {
                let n = members[*class].len();
                if taken < test { counts[*class] + 1 < n } else { counts[*class] > 1 }
            });
            let Some(class) = open.reduce(|best, class| {
                let better =
                    if taken < test { gain(class) > gain(best) } else { gain(class) < gain(best) };
                if better { class } else { best }
            }) else {
                break;
            };
            if taken < test {
                counts[class] += 1;
                taken += 1;
            } else {
                counts[class] -= 1;
                taken -= 1;
            }
        }
        let (mut train, mut test) = (Vec::new(), Vec::new());
        for (mut rows, count) in members.into_iter().zip(counts) {
            seeded.shuffle(&mut rows);
            test.extend(rows.split_off(rows.len() - count));
            train.extend(rows);
        }
        seeded.shuffle(&mut train);
        seeded.shuffle(&mut test);
        Ok(Fold { train, test })
    }

    fn about_stratify(&self, message: String) -> Problem {
        let problem = match self.stratify {
            Some(_) => Problem::of_parameter(Code::SplitImpossible, "stratify", message),
            None => Problem::of_kind(Code::SplitImpossible, message),
        };
        problem
            .label("stratified by class")
            .help("add rows, drop rare classes with `where`, choose another share, or write `stratify: false`")
    }
}
