//! The report for people: a line a spec, then every finding at its place, then a summary.
//! The only user of miette.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::time::Duration;

use anstyle::Style;
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use super::link::link;
use super::look::{Look, clean, colour_of, masked, on_a_line};
use super::spans::{bytes, words};
use super::wording;
use crate::diagnostic::{Diagnostic, Place, Severity, counted};
use crate::outcome::{Cached, Kind, Outcome, SpecOutcome};
use crate::text::Document;
use crate::verdict::{Status, Verdict};

/// One line for a spec that has just finished.
pub fn line(spec: &SpecOutcome, kind: Kind, look: Look) -> String {
    let mut line =
        format!("{} {}", look.status(spec.status, kind), look.bold(on_a_line(&spec.name)));
    if spec.name != spec.path {
        let _ = write!(line, "  {}", look.dim(on_a_line(&spec.path)));
    }
    let warnings = spec.diagnostics.iter().filter(|d| d.severity == Severity::Warning).count();
    let of_verdicts = spec.verdicts.iter().filter(|v| v.status == Status::Warn).count();
    if spec.status <= Status::Warn && warnings > of_verdicts {
        let words = counted(warnings - of_verdicts, "warning");
        let style = Style::new().fg_color(Some(colour_of(Status::Warn).into()));
        let _ = write!(line, "  {}", look.paint(style, words));
    }
    let facts = facts(spec, kind, look);
    if !facts.is_empty() {
        let _ = write!(line, "\n{}{facts}", " ".repeat(INDENT));
    }
    for text in super::searches::chosen(&super::searches::searches(spec)) {
        let text = on_a_line(&format!("chosen: {text}"));
        let room = look.width.saturating_sub(INDENT).max(1);
        let text = match text.char_indices().nth(room) {
            Some(_) => {
                text.chars().take(room - 1).chain([if look.unicode { '…' } else { '~' }]).collect()
            }
            None => text,
        };
        let _ = write!(line, "\n{}{}", " ".repeat(INDENT), look.dim(text));
    }
    line
}

/// The verdicts of a spec in short, or what `check` left open.
fn facts(spec: &SpecOutcome, kind: Kind, look: Look) -> String {
    match kind {
        Kind::Check if spec.status == Status::Pass => match spec.left_to_run.as_slice() {
            [] => String::new(),
            open => look.dim(on_a_line(&format!("left to run: {}", open.join(", ")))),
        },
        Kind::Check => findings(spec),
        Kind::Run if spec.verdicts.is_empty() => findings(spec),
        Kind::Run => verdicts(spec, look),
    }
}

const INDENT: usize = 8;

/// As many verdicts as fit on a line, those that decided first, and the time.
fn verdicts(spec: &SpecOutcome, look: Look) -> String {
    let dot = if look.unicode { " · " } else { " | " };
    let time = match spec.cached {
        Some(Cached::Results) => "cached".to_owned(),
        Some(Cached::Training) => "cached training".to_owned(),
        None => time(spec.duration),
    };
    let mut verdicts: Vec<&Verdict> =
        spec.verdicts.iter().filter(|verdict| verdict.status != Status::Skipped).collect();
    verdicts.sort_by_key(|verdict| std::cmp::Reverse(verdict.status));
    let texts: Vec<String> = verdicts
        .iter()
        .map(|verdict| {
            let value = verdict.shown().unwrap_or_else(|| "no value".to_owned());
            // The values of slices come from the data.
            on_a_line(&format!("{} {value} ({})", verdict.title(), verdict.required()))
        })
        .collect();
    let length = |text: &String| text.chars().count() + 3;
    // The same room whatever the time, so that no run shows other verdicts than the last one.
    let room = look.width.saturating_sub(INDENT + "999.9 s".len().max(time.len()));
    let all_fit = texts.iter().map(length).sum::<usize>() <= room;
    let mut room = if all_fit { room } else { room.saturating_sub("99 more".len() + 3) };
    let mut parts: Vec<String> = Vec::new();
    for (verdict, text) in verdicts.iter().zip(texts) {
        if length(&text) > room && !parts.is_empty() {
            break;
        }
        room = room.saturating_sub(length(&text));
        parts.push(match verdict.status {
            Status::Pass | Status::Skipped => text,
            other => look.paint(Style::new().fg_color(Some(colour_of(other).into())), text),
        });
    }
    if verdicts.len() > parts.len() {
        parts.push(look.dim(format!("{} more", verdicts.len() - parts.len())));
    }
    let skipped = spec.verdicts.iter().filter(|each| each.status == Status::Skipped).count();
    if skipped > 0 {
        parts.push(look.dim(format!("{skipped} skipped")));
    }
    parts.push(look.dim(time));
    parts.join(&look.dim(dot))
}

fn findings(spec: &SpecOutcome) -> String {
    let errors = spec.diagnostics.iter().filter(|each| each.severity == Severity::Error).count();
    if errors == 0 { String::new() } else { counted(errors, "problem") }
}

fn time(duration: Duration) -> String {
    wording::time(duration.as_secs_f64() * 1e3)
}

/// Every finding of a spec, each with the lines of the spec that it is about.
pub fn diagnostics(spec: &SpecOutcome, look: Look) -> String {
    first_diagnostics(spec, usize::MAX, look)
}

/// The same of at most so many findings; how many more there are is said.
pub fn first_diagnostics(spec: &SpecOutcome, most: usize, look: Look) -> String {
    let some = spec.diagnostics.iter().take(most);
    let mut text: String = some.map(|each| drawn(each, Some(spec), look) + "\n").collect();
    if let Some(more) = spec.diagnostics.len().checked_sub(most).filter(|more| *more > 0) {
        let (more, path) = (counted(more, "more finding"), on_a_line(&spec.path));
        let _ = writeln!(text, "{more} in {path}: `--verbose` shows all");
    }
    text
}

/// Findings that belong to no spec.
pub fn loose(findings: &[Diagnostic], look: Look) -> String {
    findings.iter().map(|each| drawn(each, None, look) + "\n").collect()
}

/// The last lines: how many specs came to what, and what follows from it.
pub fn summary(outcome: &Outcome, look: Look) -> String {
    let passed = if outcome.kind == Kind::Check { "valid" } else { "passed" };
    let parts = [
        (Status::Pass, passed),
        (Status::Warn, "passed with warnings"),
        (Status::Fail, "failed"),
        (Status::Inconclusive, "inconclusive"),
        (Status::Error, "could not be evaluated"),
        (Status::Invalid, "invalid"),
        (Status::Skipped, "skipped"),
    ];
    let mut words: Vec<String> = parts
        .into_iter()
        .map(|(status, word)| (outcome.count(status), status, word))
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, status, word)| {
            let style = Style::new().fg_color(Some(colour_of(status).into())).bold();
            look.paint(style, format!("{count} {word}"))
        })
        .collect();
    if outcome.not_begun > 0 {
        words.push(format!("{} not run", outcome.not_begun));
    }
    if words.is_empty() {
        words.push("no spec was run".to_owned());
    }
    let cached: String = [(Cached::Results, "cached"), (Cached::Training, "with cached training")]
        .iter()
        .map(|(what, word)| {
            let count = outcome.specs.iter().filter(|spec| spec.cached == Some(*what)).count();
            if count > 0 { format!(", {count} {word}") } else { String::new() }
        })
        .collect();
    let specs = counted(outcome.specs.len(), "spec");
    let head = if outcome.interrupted { "interrupted after " } else { "" };
    format!(
        "{head}{specs}: {}  {}",
        words.join(", "),
        look.dim(format!("in {}{cached}", time(outcome.duration)))
    )
}

/// A diagnostic in miette's terms.
struct Drawn<'a> {
    diagnostic: &'a Diagnostic,
    help: Option<String>,
    source: Option<NamedText<'a>>,
    labels: Vec<LabeledSpan>,
}

/// The text of a spec under its path. miette names sources only where they own their text; this
/// one borrows it.
struct NamedText<'a> {
    name: String,
    document: &'a Document,
    /// The text without what would steer a terminal, with its bytes where they were.
    text: Cow<'a, str>,
    /// Whether the name is a link to the line.
    links: bool,
}

impl SourceCode for NamedText<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, miette::MietteError> {
        let source = self.document.source();
        let contents = (*self.text).read_span(span, before, after)?;
        // miette counts bytes; the head of its frame should say what editors say.
        let column = source.position(contents.span().offset()).column - 1;
        let name = match self.links {
            true => link(source.path(), contents.line() + 1, &self.name),
            false => self.name.clone(),
        };
        Ok(Box::new(MietteSpanContents::new_named(
            name,
            contents.data(),
            *contents.span(),
            contents.line(),
            column,
            contents.line_count(),
        )))
    }
}

fn drawn(diagnostic: &Diagnostic, spec: Option<&SpecOutcome>, look: Look) -> String {
    let mut labels = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    let primary = spec.and_then(|spec| bytes(&spec.document, &diagnostic.place));
    if let Some((span, via)) = primary.clone() {
        let span = one_line(span, spec);
        labels.push(LabeledSpan::new_primary_with_span(label(&diagnostic.label), span));
        labels.extend(
            via.into_iter()
                .map(|site| LabeledSpan::new_with_span(Some("used here".to_owned()), site)),
        );
    } else if let Some(place) = words(&diagnostic.place) {
        // A file that is wrong as a whole is named in the message.
        if matches!(diagnostic.place, Place::Data { .. }) {
            notes.push(format!("at {place}"));
        }
    }
    for related in &diagnostic.related {
        match spec.and_then(|spec| bytes(&spec.document, &related.place)) {
            Some((span, _)) => {
                if shown_beside(
                    diagnostic,
                    primary.as_ref().map(|(primary, _)| primary),
                    &span,
                    spec,
                ) {
                    let span = one_line(span, spec);
                    labels.push(LabeledSpan::new_with_span(label(&related.label), span));
                }
            }
            None => {
                if let Some(place) = words(&related.place) {
                    notes.push(format!("{}: {place}", related.label));
                }
            }
        }
    }
    let mut help: Vec<String> = Vec::new();
    help.extend(notes);
    help.extend(diagnostic.help.clone());
    if let (Some(spec), Some((span, _))) = (spec, &primary)
        && has_long_lines(spec.document.source().text(), &labels)
    {
        let at = spec.document.source().position(span.start);
        help.insert(0, format!("at {}, line {}, column {}", spec.path, at.line, at.column));
        labels.clear();
    }
    let source = spec.filter(|_| !labels.is_empty()).map(|spec| NamedText {
        name: on_a_line(&spec.path),
        document: &spec.document,
        text: masked(spec.document.source().text()),
        links: look.links,
    });
    let drawn = Drawn {
        diagnostic,
        help: (!help.is_empty()).then(|| clean(&help.join("\n"))),
        source,
        labels,
    };
    let mut text = String::new();
    let characters =
        if look.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    let styles = if look.colour { ThemeStyles::ansi() } else { ThemeStyles::none() };
    let result = GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
        .with_width(look.width)
        .with_links(false)
        .with_context_lines(1)
        .render_report(&mut text, &drawn);
    if result.is_err() {
        // A report that cannot be drawn is still said.
        return format!("{}: {}\n", diagnostic.code, diagnostic.message);
    }
    text
}

/// Whether a line that would be shown is so long that its marks would be out of sight; miette
/// cannot draw beyond 65,535 columns at all.
fn has_long_lines(text: &str, labels: &[LabeledSpan]) -> bool {
    const LONGEST: usize = 1000;
    labels.iter().any(|label| {
        let (start, end) = (label.offset(), label.offset() + label.len());
        let before = text[..start].rmatch_indices('\n').nth(1).map_or(0, |(at, _)| at);
        let after = text[end..].match_indices('\n').nth(1).map_or(text.len(), |(at, _)| end + at);
        text[before..after].lines().any(|line| line.len() > LONGEST)
    })
}

/// A span that runs over several lines is marked on one line only: the whole of a map in block style
/// would push the message out of sight. Of a block of text that is the first line of its content.
fn one_line(span: Range<usize>, spec: Option<&SpecOutcome>) -> Range<usize> {
    let Some(spec) = spec else { return span };
    let text = &spec.document.source().text()[span.clone()];
    let is_header = |line: &str| line.starts_with(['|', '>']) && line.trim().len() <= 3;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let is_content = start > 0 || !is_header(line);
        if is_content && !content.is_empty() {
            let indent = line.len() - line.trim_start().len();
            let start = span.start + start + indent;
            return start..start + content.len();
        }
        start += line.len();
    }
    span
}

/// Which model a missed bound was measured on is worth a label only where it is in sight anyway.
fn shown_beside(
    diagnostic: &Diagnostic,
    primary: Option<&Range<usize>>,
    related: &Range<usize>,
    spec: Option<&SpecOutcome>,
) -> bool {
    let of_verdict = diagnostic.code.is_of_verdict();
    let (true, Some(spec), Some(primary)) = (of_verdict, spec, primary) else { return true };
    let source = spec.document.source();
    let (a, b) = (source.position(primary.start).line, source.position(related.start).line);
    a.abs_diff(b) <= 3
}

fn label(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| clean(text))
}

impl fmt::Debug for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.diagnostic.fmt(f)
    }
}

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&on_a_line(&self.diagnostic.message))
    }
}

impl std::error::Error for Drawn<'_> {}

impl miette::Diagnostic for Drawn<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.diagnostic.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.clone().into_iter()))
    }
}
