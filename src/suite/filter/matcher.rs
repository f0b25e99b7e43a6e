//! What stands between the parentheses of a predicate, as a test of words or paths.

use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;

/// How a word is compared.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// The word itself.
    Equal(String),
    /// A part of the word; in lower case, as upper and lower case do not differ here.
    Contains(String),
    Glob(GlobMatcher),
    Pattern(Regex),
}

/// As a [`Matcher`], for paths: `*` stays inside a folder, and a folder means all that it holds.
#[derive(Clone, Debug)]
pub struct PathMatcher(Matcher);

impl Matcher {
    pub(super) fn contains(text: &str) -> Self {
        Self::Contains(text.to_lowercase())
    }

    /// # Errors
    /// What is wrong with the glob.
    pub(super) fn glob(text: &str) -> Result<Self, String> {
        let glob = GlobBuilder::new(text).build().map_err(|error| error.kind().to_string())?;
        Ok(Self::Glob(glob.compile_matcher()))
    }

    /// # Errors
    /// What is wrong with the regular expression.
    pub(super) fn pattern(text: &str) -> Result<Self, String> {
        let limited = regex::RegexBuilder::new(text).size_limit(1 << 20).build();
        limited.map(Self::Pattern).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            // The library draws the expression over several lines; the last says what is wrong.
            other => {
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default();
                last.strip_prefix("error: ").unwrap_or(last).to_owned()
            }
        })
    }

    pub fn is_match(&self, word: &str) -> bool {
        match self {
            Self::Equal(text) => text == word,
            Self::Contains(text) => word.to_lowercase().contains(text),
            Self::Glob(glob) => glob.is_match(word),
            Self::Pattern(pattern) => pattern.is_match(word),
        }
    }
}

impl PathMatcher {
    pub(super) fn new(matcher: Matcher) -> Self {
        Self(matcher)
    }

    /// # Errors
    /// What is wrong with the glob.
    pub(super) fn glob(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix("./").unwrap_or(text);
        let text = if text == "/" { text } else { text.trim_end_matches('/') };
        let glob = GlobBuilder::new(text).literal_separator(true).build();
        let glob = glob.map_err(|error| error.kind().to_string())?;
        Ok(Self(Matcher::Glob(glob.compile_matcher())))
    }

    /// The path, with `/` between its parts, or a folder above it.
    pub fn is_match(&self, path: &str) -> bool {
        match &self.0 {
            Matcher::Glob(_) => {
                let above = path.match_indices('/').map(|(at, _)| &path[..at]);
                self.0.is_match(path) || above.into_iter().any(|folder| self.0.is_match(folder))
            }
            Matcher::Equal(_) | Matcher::Contains(_) | Matcher::Pattern(_) => self.0.is_match(path),
        }
    }
}

/// Whether a text has a character that a glob gives a meaning.
pub(super) fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}
