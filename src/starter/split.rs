//! Turns roles and classes into the ways to hold rows out, the best first.
//! Whether the rows allow one shows when it is tried.

use std::sync::Arc;

use super::facts::Facts;
use super::goal::Goal;
use super::roles::Role;
use crate::data::Task;

/// How rows are held out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Split {
    /// The model groups all rows.
    None,
    /// The latest rows judge.
    Chronological {
        column: Arc<str>,
    },
    /// What belongs together stays on one side.
    Grouped {
        column: Arc<str>,
        folds: Option<usize>,
    },
    /// Each part judges once.
    Folds {
        folds: usize,
        stratify: bool,
    },
    Holdout {
        stratify: bool,
    },
}

/// Fewer rows than this are all judged once: a part of them would leave much to chance.
const SMALL: usize = 1_000;

/// More rows than this are held out once, however they are grouped.
const LARGE: usize = 20_000;

const FOLDS: usize = 5;

/// The ways that the columns suggest, and then those that always are.
pub fn splits(facts: &Facts, roles: &[Role], goal: &Goal) -> Vec<Split> {
    if goal.task == Task::Clustering {
        return vec![Split::None];
    }
    let stratify = goal.task == Task::Classification;
    let column = |role: &Role| {
        let at = roles.iter().position(|other| other == role)?;
        facts.columns.get(at).map(|column| column.name.clone())
    };
    let mut splits = Vec::new();
    if let Some(column) = column(&Role::Time) {
        splits.push(Split::Chronological { column });
    }
    if let Some(column) = column(&Role::Group) {
        splits.push(Split::Grouped { column, folds: (goal.rows <= LARGE).then_some(FOLDS) });
    }
    let least = goal.classes.iter().map(|(_, rows)| *rows).min();
    if goal.rows < SMALL && least.is_none_or(|least| least >= FOLDS) {
        splits.push(Split::Folds { folds: FOLDS, stratify });
    }
    splits.push(Split::Holdout { stratify });
    splits
}

impl Split {
    /// The column that it goes by.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Chronological { column } | Self::Grouped { column, .. } => Some(column),
            Self::None | Self::Folds { .. } | Self::Holdout { .. } => None,
        }
    }

    /// How it is written in a spec.
    pub(super) fn written(&self, spelled: impl Fn(&str) -> String) -> Option<String> {
        Some(match self {
            Self::None => return None,
            Self::Chronological { column } => {
                format!("chronological: {{ column: {}, test: 0.25 }}", spelled(column))
            }
            Self::Grouped { column, folds } => {
                let part = match folds {
                    Some(folds) => format!("folds: {folds}"),
                    None => "test: 0.25".to_owned(),
                };
                format!("grouped: {{ column: {}, {part}, seed: 0 }}", spelled(column))
            }
            Self::Folds { folds, stratify } => {
                let stratify = if *stratify { ", stratify: true" } else { "" };
                format!("k_fold: {{ folds: {folds}{stratify}, seed: 0 }}")
            }
            Self::Holdout { stratify } => {
                let stratify = if *stratify { ", stratify: true" } else { "" };
                format!("holdout: {{ test: 0.25{stratify}, seed: 0 }}")
            }
        })
    }

    /// Why it is this one; `group` is a column that it could have gone by as well.
    pub(super) fn because(&self, rows: usize, group: Option<&str>) -> String {
        match self {
            Self::None => String::new(),
            Self::Chronological { column } => {
                let other = match group {
                    Some(group) => format!(
                        " Rows of one `{group}` can then be on both sides; `grouped: {{ column: … }}` keeps them together."
                    ),
                    None => String::new(),
                };
                format!(
                    "`{column}` says when: the past trains, and the latest quarter of the rows judges.{other}"
                )
            }
            Self::Grouped { column, .. } => format!(
                "Rows of one `{column}` belong together: they train or judge, never both, because the model will meet others."
            ),
            Self::Folds { folds, stratify } => {
                let classes = if *stratify { ", each with its share of every class" } else { "" };
                format!(
                    "With {rows} rows one part would leave much to chance, so each of {folds} parts judges once{classes}. A single one is faster: `holdout: {{ test: 0.25 }}`."
                )
            }
            Self::Holdout { stratify } => {
                let classes = if *stratify { ", with its share of every class," } else { "" };
                format!("A quarter of the rows{classes} is held out to judge.")
            }
        }
    }
}
