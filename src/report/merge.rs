//! Joins the reports of the parts of a suite to that of the whole. Each spec stays as its part wrote it,
//! to the last digit, with keys that only a later version knows.

use std::collections::HashMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::json::check_format;
use super::model::{Command, FORMAT, Summary, Tool};
use super::wording::in_json;
use crate::verdict::Status;

/// A report of which only the frame is read.
#[derive(Deserialize)]
struct Part {
    tool: Tool,
    #[serde(default)]
    command: Command,
    summary: Summary,
    specs: Vec<Box<RawValue>>,
    #[serde(default)]
    diagnostics: Vec<Box<RawValue>>,
}

#[derive(Serialize)]
struct Whole {
    format: &'static str,
    tool: Tool,
    command: Command,
    summary: Summary,
    specs: Vec<Box<RawValue>>,
    diagnostics: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Head {
    path: String,
    status: Status,
}

/// Why reports cannot be joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmergeable {
    /// The report at a position cannot be read, and why, as the end of a sentence.
    Damaged(usize, String),
    /// The reports at two positions are of different commands.
    OtherCommand(usize, usize),
    /// The reports at two positions are of different versions of mlspec.
    OtherVersion { first: usize, second: usize, versions: [String; 2] },
    /// The reports at two positions, maybe the same one, both have a spec.
    Twice { path: String, first: usize, second: usize },
}

/// The report of all parts, as JSON.
///
/// # Errors
/// Everything that keeps them from being joined.
pub fn merge(parts: &[String]) -> Result<String, Vec<Unmergeable>> {
    let mut found = Vec::new();
    let mut read: Vec<(usize, Part)> = Vec::new();
    for (at, text) in parts.iter().enumerate() {
        let part = check_format(text).and_then(|()| {
            serde_json::from_str(text).map_err(|error| format!("is damaged: {error}"))
        });
        match part {
            Ok(part) => read.push((at, part)),
            Err(why) => found.push(Unmergeable::Damaged(at, why)),
        }
    }
    let mut specs: Vec<(Head, Box<RawValue>)> = Vec::new();
    let mut diagnostics: Vec<Box<RawValue>> = Vec::new();
    let mut first_of: HashMap<String, usize> = HashMap::new();
    let mut summary = Summary::default();
    let mut head: Option<(usize, Tool, Command)> = None;
    for (at, part) in read {
        match &head {
            Some((first, _, command)) if *command != part.command => {
                found.push(Unmergeable::OtherCommand(*first, at));
            }
            // Versions may measure differently, and the whole would say that one of them made it.
            Some((first, tool, _)) if tool.version != part.tool.version => {
                let versions = [tool.version.clone(), part.tool.version.clone()];
                found.push(Unmergeable::OtherVersion { first: *first, second: at, versions });
            }
            Some(_) => {}
            None => head = Some((at, part.tool, part.command)),
        }
        summary.not_begun += part.summary.not_begun;
        summary.interrupted |= part.summary.interrupted;
        summary.duration_ms += part.summary.duration_ms;
        for spec in part.specs {
            match serde_json::from_str::<Head>(spec.get()) {
                Ok(head) => {
                    let path = head.path.clone();
                    match first_of.get(&path) {
                        Some(first) => {
                            found.push(Unmergeable::Twice { path, first: *first, second: at });
                        }
                        None => {
                            first_of.insert(path, at);
                        }
                    }
                    specs.push((head, spec));
                }
                Err(error) => {
                    found.push(Unmergeable::Damaged(at, format!("is damaged: {error}")));
                    break;
                }
            }
        }
        for finding in part.diagnostics {
            // A setting that is wrong is wrong on every machine.
            if !diagnostics.iter().any(|known| known.get() == finding.get()) {
                diagnostics.push(finding);
            }
        }
    }
    let (true, Some((_, tool, command))) = (found.is_empty(), head) else { return Err(found) };
    specs.sort_by(|(a, _), (b, _)| Path::new(&a.path).cmp(Path::new(&b.path)));
    for (head, _) in &specs {
        summary.count(head.status);
    }
    summary.duration_ms = (summary.duration_ms * 10.0).round() / 10.0;
    let specs = specs.into_iter().map(|(_, spec)| spec).collect();
    let whole = Whole { format: FORMAT, tool, command, summary, specs, diagnostics };
    let mut text = serde_json::to_string_pretty(&whole).expect("parts of JSON serialise");
    text.push('\n');
    Ok(in_json(text))
}
