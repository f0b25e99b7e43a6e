//! The report for GitHub Actions: workflow commands that become annotations on the lines of specs.

use std::fmt::Write as _;

use super::model::{Finding, Level, Report, Spec};
use super::wording::{cut, lines, plain};

/// So many annotations of a level does GitHub show of one step.
const MOST: usize = 10;

/// Longer messages are cut: nobody reads them in the margin of a diff.
const LONGEST: usize = 4_000;

/// A command a line, no more than GitHub shows of one step: ten errors and ten warnings, where each
/// spec comes before a second finding of another. `folder` leads from the root of the repository to
/// the working directory, which the paths of the report are told from.
pub fn annotations(report: &Report, folder: &str) -> String {
    let mut out = String::new();
    let mut left_out = Vec::new();
    let interruption = report.interruption();
    for (level, command, noun) in
        [(Level::Error, "error", "error"), (Level::Warning, "warning", "warning")]
    {
        let found = findings(report, interruption.as_ref(), level);
        for (spec, finding) in found.iter().take(MOST) {
            annotation(&mut out, command, *spec, finding, folder);
        }
        if found.len() > MOST {
            left_out.push(crate::diagnostic::counted(found.len() - MOST, &format!("more {noun}")));
        }
    }
    if !left_out.is_empty() {
        let text = format!("{}: see the summary of the job", left_out.join(" and "));
        let _ = writeln!(out, "::notice title=mlspec::{}", data(&text));
    }
    out
}

/// The findings of a level: those of no spec, the first of each spec, the second of each, and so on.
fn findings<'a>(
    report: &'a Report,
    interruption: Option<&'a Finding>,
    level: Level,
) -> Vec<(Option<&'a Spec>, &'a Finding)> {
    let loose = interruption.into_iter().chain(&report.diagnostics).map(|each| (0, None, each));
    let of_specs = report.specs.iter().flat_map(|spec| {
        let of_level = spec.diagnostics.iter().filter(move |each| each.severity == level);
        of_level.enumerate().map(move |(at, each)| (at + 1, Some(spec), each))
    });
    let loose = loose.filter(|(_, _, each)| each.severity == level);
    let mut all: Vec<(usize, Option<&Spec>, &Finding)> = loose.chain(of_specs).collect();
    all.sort_by_key(|(at, _, _)| *at);
    all.into_iter().map(|(_, spec, finding)| (spec, finding)).collect()
}

fn annotation(
    out: &mut String,
    command: &str,
    spec: Option<&Spec>,
    finding: &Finding,
    folder: &str,
) {
    let mut properties = Vec::new();
    if let Some(spec) = spec {
        let path = finding.location.as_ref().map_or(&spec.path, |at| &at.path);
        let path = match folder {
            "" => path.clone(),
            _ if path.starts_with('/') => path.clone(),
            folder => format!("{}/{path}", folder.trim_end_matches('/')),
        };
        properties.push(("file", path));
        match &finding.location {
            Some(at) => {
                properties.push(("line", at.line.to_string()));
                properties.push(("endLine", at.end_line.to_string()));
                // Across lines GitHub takes no columns.
                if at.line == at.end_line {
                    properties.push(("col", at.column.to_string()));
                    properties.push(("endColumn", at.end_column.to_string()));
                }
            }
            None => properties.push(("line", "1".to_owned())),
        }
        properties.push(("title", cut(&plain(&spec.name), 200)));
    } else {
        properties.push(("title", "mlspec".to_owned()));
    }
    let properties: Vec<String> = properties
        .into_iter()
        .map(|(name, value)| format!("{name}={}", property(&value)))
        .collect();
    let mut text = lines(&finding.message);
    if let (None, Some(at)) = (&finding.location, &finding.at) {
        let _ = write!(text, "\nat {}", plain(at));
    }
    if let Some(help) = &finding.help {
        let _ = write!(text, "\n{}", lines(help));
    }
    let text = format!("{}\n{}", cut(&text, LONGEST), plain(&finding.code));
    let _ = writeln!(out, "::{command} {}::{}", properties.join(","), data(&text));
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which a comma or a colon would end.
fn property(text: &str) -> String {
    data(&plain(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_value_is_escaped() {
        assert_eq!(data("100 %\n::error::x"), "100 %25%0A::error::x");
        assert_eq!(property("a,b::c\n%"), "a%2Cb%3A%3Ac %25");
    }
}
