//! Tables that are hard to learn from: every learner answers with usable numbers or says in words
//! why not. Nothing panics, and no NaN comes out.

use std::sync::Arc;

use mlspec_learn::Generator;
use ndarray::{Array2, ShapeBuilder};

use super::admission::{assert_usable, learners};
use super::{Context, Failure, Role, StopFlag, Target};
use crate::data::{Rows, Task};

/// A table, with an answer for every task.
struct Hard {
    name: &'static str,
    values: Array2<f64>,
    codes: Vec<u32>,
    classes: usize,
    numbers: Vec<f64>,
}

impl Hard {
    fn new(name: &'static str, rows: usize, value: impl Fn(usize, usize, f64) -> f64) -> Self {
        let mut generator = Generator::new(3);
        let mut values = Array2::zeros((rows, 3).f());
        for row in 0..rows {
            for column in 0..3 {
                let noise = generator.unit() - 0.5 + f64::from((row % 2) as u32);
                values[[row, column]] = value(row, column, noise);
            }
        }
        Self {
            name,
            values,
            codes: (0..rows).map(|row| (row % 2) as u32).collect(),
            classes: 2,
            numbers: (0..rows).map(|row| f64::from((row % 2) as u32) + generator.unit()).collect(),
        }
    }

    fn answers(mut self, code: impl Fn(usize) -> u32, number: impl Fn(usize, f64) -> f64) -> Self {
        for row in 0..self.codes.len() {
            self.codes[row] = code(row);
            self.numbers[row] = number(row, self.numbers[row]);
        }
        self
    }

    fn target(&self, task: Task) -> Target<'_> {
        match task {
            Task::Classification => Target::Codes { codes: &self.codes, classes: self.classes },
            Task::Regression => Target::Values(&self.numbers),
            Task::Clustering => Target::None,
        }
    }
}

fn tables() -> Vec<Hard> {
    let plain = |_, _, value| value;
    let code = |row| (row % 2) as u32;
    let number = |_, value| value;
    let mut many = Hard::new("more classes than rows", 5, plain).answers(|row| row as u32, number);
    many.classes = 9;
    vec![
        Hard::new("one row", 1, plain),
        Hard::new("two rows", 2, plain),
        Hard::new("one class and a constant target", 40, plain).answers(|_| 1, |_, _| 2.5),
        Hard::new("a target of zeros", 40, plain).answers(code, |_, _| 0.0),
        Hard::new("constant columns", 40, |_, _, _| 7.0),
        Hard::new("columns of zeros", 40, |_, _, _| 0.0),
        Hard::new("duplicate columns and rows", 40, |row, _, _| f64::from((row % 4) as u32)),
        Hard::new("perfectly separable", 40, |row, _, value| value + 1e3 * f64::from(code(row))),
        Hard::new("columns of 1e150", 40, |_, _, value| value * 1e150),
        Hard::new("columns of 1e-150", 40, |_, _, value| value * 1e-150),
        Hard::new("columns of 1e150 and 1e-150", 40, |_, column, value| {
            value * [1e150, 1.0, 1e-150][column]
        }),
        Hard::new("a target of 1e150", 40, plain).answers(code, |_, value| value * 1e150),
        Hard::new("a target of 1e-150", 40, plain).answers(code, |_, value| value * 1e-150),
        Hard::new("negative columns and targets", 40, |_, _, value| -value)
            .answers(code, |_, value| -value),
        Hard::new("fewer rows of a class than folds", 40, plain)
            .answers(|row| u32::from(row == 7), number),
        many,
    ]
}

#[test]
fn hard_tables_are_learned_or_refused_in_words() {
    let names: Vec<Arc<str>> = (0..3).map(|column| format!("x{column}").into()).collect();
    let stop = StopFlag::new();
    for table in tables() {
        for (model, task) in learners() {
            let name = format!("{} for {task} on {}", model.name(), table.name);
            let Role::Learns(learner) = model.kind().role() else { continue };
            let rows = Rows {
                values: table.values.view(),
                names: &names,
                levels: &[],
                indicators: Default::default(),
            };
            let context = Context { weights: None, stop: &stop, classes: None, positive: Some(1) };
            match learner.fit(rows, table.target(task), &context) {
                Ok(fit) => {
                    assert_usable(&name, &fit.model.predict(rows));
                    let far = table.values.mapv(|value| value * 1e3 + 1.0);
                    let far = Rows { values: far.view(), ..rows };
                    assert_usable(&name, &fit.model.predict(far));
                    for note in &fit.notes {
                        assert!(!note.message.contains("NaN"), "{name}: {}", note.message);
                    }
                }
                Err(Failure::Problem(problem)) => {
                    assert!(!problem.message.contains("NaN"), "{name}: {}", problem.message);
                }
                Err(Failure::Column { message, .. } | Failure::Target { message, .. }) => {
                    assert!(!message.contains("NaN"), "{name}: {message}");
                }
                Err(Failure::Elsewhere(found)) => panic!("{name}: {}", found.message),
                Err(Failure::Stopped) => panic!("{name}: nobody asked to stop"),
            }
        }
    }
}
