//! The report as Markdown, for a comment on a pull request or the summary of a job: what failed, what
//! changed, and the rest folded away.

use std::fmt::Write as _;

use super::compare::{Change, Comparison, Side, compare};
use super::model::{Command, Finding, Level, Report, Spec, Verdict};
use super::searches::chosen;
use super::telling::{Headline, News};
use super::wording::{plain, time};
use crate::diagnostic::counted;
use crate::verdict::Status;

/// What a comment on GitHub may hold, with some room.
pub const COMMENT: usize = 65_000;

/// The report as Markdown of at most `limit` bytes; what does not fit is counted.
pub fn render(report: &Report, earlier: Option<&Report>, limit: usize) -> String {
    let mut page = Page { text: String::new(), limit: limit.max(2_000) };
    // By this line a later run finds the comment that it should replace.
    page.text.push_str("<!-- mlspec-report -->\n");
    head(&mut page, report);
    failures(&mut page, report);
    if let Some(earlier) = earlier {
        changes(&mut page, &compare(earlier, report, 0.0));
    }
    warnings(&mut page, report);
    all_specs(&mut page, report);
    all_values(&mut page, report);
    page.text
}

impl Comparison {
    /// The comparison as Markdown of at most `limit` bytes.
    pub fn markdown(&self, limit: usize) -> String {
        let mut page = Page { text: String::new(), limit: limit.max(2_000) };
        changes(&mut page, self);
        if let Some(why) = &self.incomplete {
            let _ = writeln!(page.text, "\n⚠️ The newer report is incomplete: {}.", escape(why));
        }
        page.text.trim_start().to_owned()
    }
}

/// So many tables there are, each of which keeps room to say how many rows it had none for.
const TABLES: usize = 6;
const LEFT_OUT: usize = 80;

struct Page {
    text: String,
    limit: usize,
}

/// What stands around a table.
enum Fold<'a> {
    Open,
    /// Folded, under a line that stays in sight.
    Under(&'a str),
}

impl Page {
    /// A table of as many rows as there is room for, with the number of those that are left out.
    fn table(&mut self, fold: &Fold<'_>, head: &[&str], rows: &[String]) {
        if rows.is_empty() {
            return;
        }
        let (before, after) = match fold {
            Fold::Open => (String::from("\n"), String::new()),
            Fold::Under(summary) => (
                format!("\n<details><summary>{}</summary>\n\n", escape(summary)),
                "\n</details>\n".to_owned(),
            ),
        };
        let rule = "| --- ".repeat(head.len());
        let begin = format!("{before}| {} |\n{rule}|\n", head.join(" | "));
        let limit = self.limit - TABLES * LEFT_OUT;
        if self.text.len() + begin.len() + rows[0].len() + after.len() > limit {
            let what = match fold {
                Fold::Open => counted(rows.len(), "row"),
                Fold::Under(summary) => escape(summary),
            };
            let _ = writeln!(self.text, "\n{what} for which there is no room here.");
            return;
        }
        self.text.push_str(&begin);
        let mut shown = 0;
        for row in rows {
            if self.text.len() + row.len() + after.len() > limit {
                break;
            }
            self.text.push_str(row);
            shown += 1;
        }
        if shown < rows.len() {
            let _ = writeln!(
                self.text,
                "\n… and {} for which there is no room here.",
                rows.len() - shown
            );
        }
        self.text.push_str(&after);
    }

    fn title(&mut self, text: &str) {
        if self.text.len() + text.len() + 8 < self.limit {
            let _ = write!(self.text, "\n#### {text}\n");
        }
    }
}

fn head(page: &mut Page, report: &Report) {
    let summary = &report.summary;
    let Headline { news, text } = report.headline();
    let sign = match news {
        News::Good => "✅",
        News::None => "⚠️",
        News::Bad => "❌",
    };
    let passed = if report.command == Command::Check { "valid" } else { "passed" };
    let parts = [
        (summary.passed, passed),
        (summary.warned, "passed with warnings"),
        (summary.failed, "failed"),
        (summary.inconclusive, "inconclusive"),
        (summary.errored, "could not be evaluated"),
        (summary.invalid, "invalid"),
        (summary.skipped, "skipped"),
        (summary.not_begun, "not run"),
    ];
    let counts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let _ = write!(page.text, "### {sign} mlspec: {text}\n\n");
    let _ = writeln!(page.text, "{} in {}", counts.join(" · "), time(summary.duration_ms));
}

/// What kept specs from passing, verdict by verdict.
fn failures(page: &mut Page, report: &Report) {
    let mut rows = Vec::new();
    for finding in &report.diagnostics {
        rows.push(row(&["", &said(finding), &escape(finding.at.as_deref().unwrap_or_default())]));
    }
    for spec in report.specs.iter().filter(|spec| !spec.passes()) {
        let name = bold(&spec.name);
        for verdict in spec.verdicts.iter().filter(|each| each.status > Status::Warn) {
            let mut text = escape(&spec.said(verdict));
            if let Some(because) = &verdict.because {
                let _ = write!(text, " — {}", escape(because));
            }
            let at = verdict.location.as_ref().map(|at| place(&at.path, at.line));
            rows.push(row(&[&name, &text, &at.unwrap_or_default()]));
        }
        for finding in spec.other_errors() {
            rows.push(row(&[&name, &said(finding), &at(spec, finding)]));
        }
    }
    if !rows.is_empty() {
        page.title("What failed");
    }
    page.table(&Fold::Open, &["spec", "what", "where"], &rows);
}

fn warnings(page: &mut Page, report: &Report) {
    let mut rows = Vec::new();
    for spec in &report.specs {
        for finding in spec.diagnostics.iter().filter(|each| each.severity == Level::Warning) {
            rows.push(row(&[&bold(&spec.name), &said(finding), &at(spec, finding)]));
        }
    }
    let summary = counted(rows.len(), "warning");
    page.table(&Fold::Under(&summary), &["spec", "what", "where"], &rows);
}

fn changes(page: &mut Page, comparison: &Comparison) {
    page.title("What changed");
    if comparison.is_empty() {
        page.text.push_str("\nNothing, beside the report that was given for comparison.\n");
        return;
    }
    let of = |word: &str, changes: &[Change]| -> Vec<String> {
        changes.iter().map(|each| changed(word, each)).collect()
    };
    let rows = [of("🔻 worse", &comparison.worse), of("🔺 better", &comparison.better)].concat();
    page.table(&Fold::Open, &["", "spec", "what", "before", "now"], &rows);
    let rows = [of("new", &comparison.new), of("gone", &comparison.gone)].concat();
    let summary = format!("{} new, {} gone", comparison.new.len(), comparison.gone.len());
    page.table(&Fold::Under(&summary), &["", "spec", "what", "before", "now"], &rows);
}

fn changed(word: &str, change: &Change) -> String {
    let what = change.what.as_deref().map_or_else(String::new, code);
    let side =
        |side: &Option<Side>| side.as_ref().map_or_else(String::new, |it| escape(&it.shown()));
    row(&[word, &bold(&change.name), &what, &side(&change.before), &side(&change.after)])
}

fn all_specs(page: &mut Page, report: &Report) {
    let rows: Vec<String> = report
        .specs
        .iter()
        .map(|spec| {
            let met = spec.verdicts.iter().filter(|each| each.status <= Status::Warn).count();
            let met = format!("{met} of {}", spec.verdicts.len());
            let model = spec.model.as_deref().map_or_else(String::new, code);
            let chosen = chosen(&spec.searches).into_iter().map(|text| shortened(&text));
            let model = chosen.fold(model, |cell, text| format!("{cell}<br>{}", escape(&text)));
            row(&[
                &status(spec.status),
                &format!("{}<br>{}", bold(&spec.name), code(&spec.path)),
                &model,
                if spec.verdicts.is_empty() { "" } else { &met },
                &time(spec.duration_ms),
            ])
        })
        .collect();
    let summary = counted(report.specs.len(), "spec");
    page.table(&Fold::Under(&summary), &["", "spec", "model", "thresholds met", "time"], &rows);
}

/// The beginning of what a search chose: parameters can be models.
fn shortened(text: &str) -> String {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn all_values(page: &mut Page, report: &Report) {
    let mut rows = Vec::new();
    for spec in &report.specs {
        for verdict in &spec.verdicts {
            rows.push(row(&[
                &status(verdict.status),
                &bold(&spec.name),
                &code(&verdict.title()),
                &value(verdict),
                &code(verdict.required()),
                &verdict.rows.to_string(),
            ]));
        }
    }
    let summary = counted(rows.len(), "threshold");
    let head = ["", "spec", "metric", "value", "required", "rows"];
    page.table(&Fold::Under(&summary), &head, &rows);
}

fn value(verdict: &Verdict) -> String {
    match (verdict.value, &verdict.reason) {
        (None, Some(reason)) => escape(reason),
        _ => escape(&verdict.shown()),
    }
}

fn said(finding: &Finding) -> String {
    let mut text = escape(&finding.message);
    if let (false, Some(help)) = (finding.is_of_verdict(), &finding.help) {
        let _ = write!(text, " — {}", escape(help));
    }
    text
}

fn at(spec: &Spec, finding: &Finding) -> String {
    match &finding.location {
        Some(at) => place(&at.path, at.line),
        None => code(finding.at.as_deref().unwrap_or(&spec.path)),
    }
}

fn place(path: &str, line: usize) -> String {
    code(&format!("{path}:{line}"))
}

fn status(status: Status) -> String {
    match status {
        Status::Pass => "✅ pass",
        Status::Warn => "⚠️ warn",
        Status::Skipped => "➖ skipped",
        Status::Inconclusive => "❔ inconclusive",
        Status::Fail => "❌ fail",
        Status::Error => "❌ error",
        Status::Invalid => "❌ invalid",
    }
    .to_owned()
}

fn row(cells: &[&str]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn bold(text: &str) -> String {
    format!("**{}**", escape(text.trim()))
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

/// Text that Markdown shows as it is: no markup, no end of a cell, nobody mentioned, nothing linked.
fn escape(text: &str) -> String {
    const JOINER: char = '\u{2060}';
    let text = plain(text);
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut rest = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|'
            | '~' | '$' | '^' | '=' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
        // Names after these, and addresses, become links or call people.
        let calls = match c {
            // Behind a letter it calls nobody: `f1@island`.
            '@' if before.is_alphanumeric() => false,
            '@' | '#' | '!' | '~' | '%' | '$' | '&' => {
                rest.peek().is_some_and(|c| c.is_alphanumeric())
            }
            ':' => rest.peek() == Some(&'/'),
            'w' | 'W' => rest.peek() == Some(&'.'),
            _ => false,
        };
        if calls {
            out.push(JOINER);
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_is_counted() {
        let rows = |count: usize, length: usize| vec![row(&[&"x".repeat(length)]); count];
        let mut page = Page { text: String::new(), limit: 2_000 };
        page.table(&Fold::Open, &["a"], &rows(20, 100));
        assert!(
            page.text.ends_with("\n… and 6 for which there is no room here.\n"),
            "{}",
            page.text
        );
        page.table(&Fold::Under("3 warnings"), &["a"], &rows(3, 2_000));
        assert!(page.text.ends_with("\n3 warnings for which there is no room here.\n"));
        for _ in 2..TABLES {
            page.table(&Fold::Open, &["a"], &rows(1, 2_000));
        }
        assert!(page.text.ends_with("\n1 row for which there is no room here.\n"));
        assert!(page.text.len() <= 2_000, "{}", page.text.len());
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(escape("a|b\n**c**"), "a\\|b \\*\\*c\\*\\*");
        assert_eq!(escape("<b>& amp"), "&lt;b&gt;&amp; amp");
        assert_eq!(escape("@all #1"), "@\u{2060}all \\#\u{2060}1");
        assert_eq!(escape("f1@by=x"), "f1@by\\=x");
        assert_eq!(escape("http://x www.y"), "http:\u{2060}//x www\u{2060}.y");
        assert_eq!(escape("--> 0.5 ok"), "--&gt; 0.5 ok");
    }
}
