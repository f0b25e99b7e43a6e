//! Turns the target's values into what is to be learned: the task, the classes, what to do with gaps.
//! A target that cannot be learned is refused here as far as its values alone tell.

use std::sync::Arc;

use super::facts::{ColumnFacts, Facts};
use crate::data::{ColumnKind, DeclaredType, Task};
use crate::diagnostic::{Code, Diagnostic, Place, counted};

/// What the caller asks for.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    pub target: Option<String>,
    pub task: Option<Task>,
}

/// What is to be learned.
#[derive(Clone, Debug)]
pub struct Goal {
    pub task: Task,
    pub target: Option<Arc<str>>,
    /// Why it is this task, where the target's type does not say so.
    pub because: Option<String>,
    /// The target as a type that the file does not tell.
    pub declared: Option<DeclaredType>,
    /// The classes that are kept, each with its rows, sorted.
    pub classes: Vec<(String, usize)>,
    /// The classes that are too rare, each with its rows.
    pub rare: Vec<(String, usize)>,
    /// The class whose answers are scored, of a target of two, and why it is that one.
    pub positive: Option<(String, &'static str)>,
    /// Rows without an answer.
    pub unanswered: usize,
    /// Rows that have one, and a class that is kept.
    pub rows: usize,
}

/// Fewer rows are too few to hold some of them out.
const ROWS: usize = 10;

/// As many whole numbers can be classes.
const FEW_NUMBERS: usize = 10;

/// More classes than that are no classes.
const CLASSES: usize = 60;

/// A class with fewer rows is dropped where two others have more.
const MEMBERS: usize = 5;

/// Words for the class that one is looking for.
const POSITIVE: [&str; 27] = [
    "1",
    "true",
    "yes",
    "y",
    "t",
    "positive",
    "pos",
    "malignant",
    "sick",
    "ill",
    "disease",
    "died",
    "dead",
    "churn",
    "churned",
    "fraud",
    "spam",
    "default",
    "bad",
    "fail",
    "failed",
    "failure",
    "anomaly",
    "attack",
    "abnormal",
    "won",
    "high",
];

/// What the target asks for.
///
/// # Errors
/// Why there is nothing to learn.
pub fn goal(facts: &Facts, wish: &Wish) -> Result<Goal, Diagnostic> {
    if facts.rows < ROWS {
        let are = if facts.rows == 1 { "is" } else { "are" };
        let message = format!("{} {are} too few to learn from", counted(facts.rows, "row"));
        let place = Place::Flag { name: "DATA".to_owned() };
        return Err(Diagnostic::error(Code::StarterRows, place, message)
            .help(format!("some rows train and others judge: {ROWS} are the least")));
    }
    let Some(target) = &wish.target else { return without_target(facts, wish) };
    if wish.task == Some(Task::Clustering) {
        return Err(refused(target, "clusters are found without a target")
            .help("leave out `--target`, or `--task clustering`"));
    }
    let Some(column) = facts.column(target) else { return Err(unknown(facts, target)) };
    let present = column.present(facts.rows);
    if present == 0 {
        return Err(refused(target, "it has no value at all"));
    }
    if present < ROWS {
        let message = format!("only {} of {} rows have a value", present, facts.rows);
        return Err(refused(target, &message));
    }
    if let Some((only, _)) = column.range.as_ref().filter(|_| column.distinct == 1) {
        let message = format!("every row has the same value, `{}`", shown(only));
        return Err(refused(target, &message).help("there is nothing to tell apart"));
    }
    if column.has_decimal_commas(facts.rows) {
        let help = "write them with a decimal point, and without commas between thousands";
        return Err(refused(target, "its numbers have a comma, which is text here").help(help));
    }
    let (task, because) = task(column, wish.task, present)?;
    let mut goal = Goal {
        task,
        target: Some(column.name.clone()),
        because,
        declared: None,
        classes: Vec::new(),
        rare: Vec::new(),
        positive: None,
        unanswered: column.missing,
        rows: present,
    };
    if task == Task::Classification {
        classes(&mut goal, column, present)?;
    }
    Ok(goal)
}

fn without_target(facts: &Facts, wish: &Wish) -> Result<Goal, Diagnostic> {
    if let Some(task @ (Task::Classification | Task::Regression)) = wish.task {
        let place = Place::Flag { name: "--task".to_owned() };
        return Err(Diagnostic::error(
            Code::StarterTarget,
            place,
            format!("{task} needs a target"),
        )
        .help("name the column with the answers: `--target COLUMN`"));
    }
    Ok(Goal {
        task: Task::Clustering,
        target: None,
        because: None,
        declared: None,
        classes: Vec::new(),
        rare: Vec::new(),
        positive: None,
        unanswered: 0,
        rows: facts.rows,
    })
}

/// The task, and why it is that one where the type of the target leaves it open.
fn task(
    column: &ColumnFacts,
    wished: Option<Task>,
    present: usize,
) -> Result<(Task, Option<String>), Diagnostic> {
    let ColumnFacts { name, kind, distinct, .. } = column;
    let distinct = *distinct;
    let few = distinct <= FEW_NUMBERS && distinct * 3 <= present;
    match (kind, wished) {
        (ColumnKind::Date | ColumnKind::Datetime | ColumnKind::Other(_), _) => {
            let help = "derive a number from it by hand (`derive`), or name another column";
            Err(refused(name, &format!("it is of type {kind}, which no model predicts")).help(help))
        }
        (ColumnKind::Text | ColumnKind::Bool, Some(Task::Regression)) => {
            let message = format!("regression predicts numbers, and this is {kind}");
            Err(refused(name, &message).help(
                "leave out `--task regression`, and choose no model that is for regression alone",
            ))
        }
        (_, Some(task)) => Ok((task, Some("as `--task` said".to_owned()))),
        (ColumnKind::Text | ColumnKind::Bool, None) => Ok((Task::Classification, None)),
        (ColumnKind::Integer | ColumnKind::Float, None) if few && column.whole => Ok((
            Task::Classification,
            // Of 0 and 1 nobody doubts it.
            (distinct > 2).then(|| "if they are amounts, write `regression`".to_owned()),
        )),
        (ColumnKind::Integer, None) => Ok((
            Task::Regression,
            Some(format!(
                "{distinct} whole numbers look like amounts; if they are classes, write `classification`"
            )),
        )),
        (ColumnKind::Float | ColumnKind::Empty, None) => Ok((Task::Regression, None)),
    }
}

fn classes(goal: &mut Goal, column: &ColumnFacts, present: usize) -> Result<(), Diagnostic> {
    let ColumnFacts { name, distinct, .. } = column;
    if *distinct > CLASSES || *distinct * 2 > present {
        let message = format!("{distinct} values in {present} rows are no classes");
        let help = match column.kind.is_number() {
            true => "for numbers write `--task regression`",
            false => "names and free text cannot be predicted; name a column of few values",
        };
        return Err(refused(name, &message).help(help));
    }
    let with = |least: usize| column.values.iter().filter(move |(_, rows)| *rows >= least).count();
    let least = if with(MEMBERS) >= 2 { MEMBERS } else { 2 };
    if with(least) < 2 {
        return Err(refused(name, "only one of its classes has more than one row")
            .help("a class needs rows to train on and others to be judged on"));
    }
    let (kept, rare) = column.values.iter().cloned().partition(|(_, rows)| *rows >= least);
    (goal.classes, goal.rare) = (kept, rare);
    goal.rows = goal.classes.iter().map(|(_, rows)| rows).sum();
    // Whole numbers with gaps are floats in many files, and floats are no classes.
    if column.kind == ColumnKind::Float {
        goal.declared = Some(match column.whole {
            true => DeclaredType::Int,
            false => DeclaredType::Category,
        });
    }
    goal.positive = positive(&goal.classes, &column.kind);
    Ok(())
}

/// The class of two that one looks for.
fn positive(classes: &[(String, usize)], kind: &ColumnKind) -> Option<(String, &'static str)> {
    let [(first, rows), (second, others)] = classes else { return None };
    // Of 0 and 1, and of false and true, it is known.
    let known = *kind == ColumnKind::Bool || (first == "0" && second == "1");
    if known {
        return None;
    }
    let said = |class: &str| POSITIVE.contains(&class.trim().to_lowercase().as_str());
    Some(match (said(first), said(second)) {
        (true, false) => (first.clone(), "the class one looks for, by its name"),
        (false, true) => (second.clone(), "the class one looks for, by its name"),
        _ if rows < others => (first.clone(), "the rarer class; take the one you look for"),
        _ if others < rows => (second.clone(), "the rarer class; take the one you look for"),
        _ => (second.clone(), "one of two as frequent classes; take the one you look for"),
    })
}

fn refused(target: &str, why: &str) -> Diagnostic {
    let place = Place::Flag { name: format!("--target {target}") };
    Diagnostic::error(
        Code::StarterTarget,
        place,
        format!("`{}` cannot be learned: {why}", shown(target)),
    )
}

fn unknown(facts: &Facts, target: &str) -> Diagnostic {
    const SHOWN: usize = 12;
    let names = || facts.columns.iter().map(|column| &*column.name);
    let place = Place::Flag { name: format!("--target {target}") };
    let message = format!("the data has no column `{}`", shown(target));
    let help = match crate::text::nearest(target, names()) {
        Some(near) => near.question(),
        None => {
            let listed: Vec<String> = names().take(SHOWN).map(|name| format!("`{name}`")).collect();
            let more = facts.columns.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("the columns are {}{more}", listed.join(", "))
        }
    };
    Diagnostic::error(Code::UnknownColumn, place, message).help(help)
}

/// A value on one line, and not endless.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 40;
    let one_line: String =
        text.chars().map(|c| if steers(c) { ' ' } else { c }).take(MOST).collect();
    if text.chars().count() > MOST { format!("{one_line}…") } else { one_line }
}

/// Whether a character in a comment would make the text look like another one.
pub(super) fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
