//! What tells that a finding of one run is that of another: its code, its spec, its place in the spec and
//! its words, but neither its line nor the numbers in it.

use std::collections::HashMap;

use super::model::Finding;

/// The fingerprints of the findings of a report, which are given out one after the other.
#[derive(Debug, Default)]
pub struct Fingerprints {
    seen: HashMap<String, usize>,
}

impl Fingerprints {
    /// 32 hexadecimal digits, different for each finding of a report.
    pub fn of(&mut self, path: &str, finding: &Finding) -> String {
        let at = finding.at.as_deref().map(without_row);
        let place = finding.route.clone().or(at).unwrap_or_default();
        let words = without_numbers(&finding.message);
        let key = [&finding.code, path, &place, &words].join("\0");
        let before = self.seen.entry(key.clone()).or_default();
        let hash = blake3::hash(format!("{key}\0{before}").as_bytes());
        *before += 1;
        hash.to_hex()[..32].to_owned()
    }
}

/// A place in a data file without its row: `data/a.csv, row 3, column x` is `data/a.csv, column x`.
fn without_row(at: &str) -> String {
    let Some((before, after)) = at.split_once(", row ") else { return at.to_owned() };
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    match rest.len() < after.len() && (rest.is_empty() || rest.starts_with(", ")) {
        true => format!("{before}{rest}"),
        false => at.to_owned(),
    }
}

/// A message without the numbers in it, which change from run to run.
fn without_numbers(message: &str) -> String {
    let mut words = String::with_capacity(message.len());
    let mut inside = false;
    let mut before = ' ';
    let mut rest = message.chars().peekable();
    while let Some(c) = rest.next() {
        // A digit in a name, such as `f1`, is not a number.
        let in_word = before.is_alphanumeric() || before == '_';
        let is_minus = c == '-' && rest.peek().is_some_and(char::is_ascii_digit);
        let starts = !inside && !in_word && (c.is_ascii_digit() || is_minus);
        inside = starts || (inside && (c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+')));
        if starts {
            words.push('#');
        } else if !inside {
            words.push(c);
        }
        before = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Level;

    fn finding(message: &str) -> Finding {
        Finding {
            code: "mlspec::threshold::missed".to_owned(),
            severity: Level::Error,
            message: message.to_owned(),
            label: String::new(),
            help: None,
            location: None,
            route: Some("thresholds.f1".to_owned()),
            at: None,
            related: Vec::new(),
            fixes: Vec::new(),
        }
    }

    #[test]
    fn numbers_do_not_count_and_names_do() {
        assert_eq!(
            without_numbers("f1 is 0.81, below 1e-5 on 45 rows"),
            "f1 is #, below # on # rows"
        );
        assert_eq!(without_numbers("precision_2@by=3"), "precision_2@by=#");
        assert_eq!(without_numbers("r2 is -32.1, below 0.5"), "r2 is #, below #");
        assert_eq!(without_numbers("part-2 is -, not -x"), "part-# is -, not -x");
    }

    #[test]
    fn the_row_of_a_data_file_does_not_count() {
        assert_eq!(without_row("data/a-1.csv, row 3, column `x`"), "data/a-1.csv, column `x`");
        assert_eq!(without_row("a.csv, row 31"), "a.csv");
        assert_eq!(without_row("a, row b.csv"), "a, row b.csv");
        let at = |row: &str| {
            let place = Some(format!("a.csv, row {row}"));
            let finding = Finding { route: None, at: place, ..finding("no number") };
            Fingerprints::default().of("a.yaml", &finding)
        };
        assert_eq!(at("3"), at("12"));
    }

    #[test]
    fn a_finding_keeps_its_fingerprint_when_its_values_and_lines_change() {
        let mut first = Fingerprints::default();
        let mut second = Fingerprints::default();
        let a = first.of("a.yaml", &finding("f1 is 0.81, below 0.9"));
        assert_eq!(a, second.of("a.yaml", &finding("f1 is 0.79, below 0.9")));
        assert_ne!(a, first.of("a.yaml", &finding("f1 is 0.81, below 0.9")), "the second one");
        assert_ne!(a, second.of("b.yaml", &finding("f1 is 0.81, below 0.9")));
        assert_eq!(a.len(), 32);
    }
}
