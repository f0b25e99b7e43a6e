//! Lines of YAML with comments: behind them in a column of their own, or above them and wrapped.

/// No comment goes beyond this column.
const WIDTH: usize = 96;

/// A text that is being written.
#[derive(Debug, Default)]
pub(super) struct Page {
    lines: Vec<(String, Option<String>)>,
}

impl Page {
    pub(super) fn line(&mut self, line: impl Into<String>) {
        self.lines.push((line.into(), None));
    }

    /// A line with a comment behind it; those of neighbouring lines stand below each other.
    pub(super) fn noted(&mut self, line: impl Into<String>, note: impl Into<String>) {
        let note = note.into();
        self.lines.push((line.into(), Some(note).filter(|note| !note.is_empty())));
    }

    /// A comment above what comes next, which is indented by so much.
    pub(super) fn comment(&mut self, indent: usize, text: &str) {
        let lead = format!("{}#", " ".repeat(indent));
        let mut line = lead.clone();
        for word in unbroken(text) {
            let length = line.chars().count() + 1 + word.chars().count();
            if length > WIDTH && line.len() > lead.len() {
                self.line(std::mem::replace(&mut line, lead.clone()));
            }
            line.push(' ');
            line.push_str(&word);
        }
        self.line(line);
    }

    /// All lines, ending in a line feed.
    pub(super) fn text(&self) -> String {
        /// A line that is longer than this pushes no other's comment aside.
        const LONG: usize = 56;
        let mut text = String::new();
        let mut at = 0;
        while at < self.lines.len() {
            let is_noted = |line: &&(String, Option<String>)| line.1.is_some();
            let block = self.lines[at..].iter().take_while(is_noted).count();
            if block == 0 {
                text.push_str(&self.lines[at].0);
                text.push('\n');
                at += 1;
                continue;
            }
            let lines = &self.lines[at..at + block];
            let lengths = lines.iter().map(|(line, _)| line.chars().count());
            let column = lengths.filter(|length| *length <= LONG).max().unwrap_or(0);
            for (line, note) in lines {
                let pad = column.saturating_sub(line.chars().count());
                let note = note.as_deref().unwrap_or_default();
                text.push_str(&format!("{line}{}  # {note}\n", " ".repeat(pad)));
            }
            at += block;
        }
        text
    }
}

/// The words of a text; what stands between backticks is one.
fn unbroken(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut().filter(|last| last.matches('`').count() % 2 == 1) {
            Some(open) => {
                open.push(' ');
                open.push_str(word);
            }
            None => words.push(word.to_owned()),
        }
    }
    words
}
