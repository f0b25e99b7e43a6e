//! The forms that a report can be written in.

use std::fmt;

use super::markdown::COMMENT;
use super::model::Report;
use super::{github, gitlab, html, json, junit, markdown, sarif, tap};

/// A form of report files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Junit,
    Sarif,
    Github,
    Gitlab,
    Markdown,
    Tap,
    Html,
}

/// What a report is written with, beside itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// An earlier report, for the forms that say what changed.
    pub earlier: Option<&'a Report>,
}

impl Format {
    /// All forms, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Json,
        Self::Junit,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
        Self::Markdown,
        Self::Tap,
        Self::Html,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Markdown => "markdown",
            Self::Tap => "tap",
            Self::Html => "html",
        }
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The report in this form.
    pub fn render(self, report: &Report, context: Context<'_>) -> String {
        match self {
            Self::Json => json::render(report),
            Self::Junit => junit::render(report),
            Self::Sarif => sarif::render(report),
            Self::Github => github::annotations(report, ""),
            Self::Gitlab => gitlab::render(report),
            Self::Markdown => markdown::render(report, context.earlier, COMMENT),
            Self::Tap => tap::render(report),
            Self::Html => html::render(report, context.earlier),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
