//! Turns a file into UTF-8 text with line and column numbers.
//! What the text says is left to `document`.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place};

/// No spec comes near this size; a data file given by mistake does, and would fill the memory.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// The text of a spec, without its byte-order mark, and the path that it goes by.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    text: Arc<str>,
    bom: bool,
}

/// A place in a text as editors show it: both numbers count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl Source {
    /// Takes a text as it is, except for a byte-order mark at its start.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Source {
        let text = text.into();
        let (text, bom) = match text.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) => (Arc::from(rest), true),
            None => (text, false),
        };
        Source { path: path.into(), text, bom }
    }

    /// Reads a file; fails where there is none, it cannot be opened, or it is not UTF-8.
    pub fn read(path: &Path) -> Result<Source, Diagnostic> {
        let bytes = read_bytes(path).map_err(|error| *error)?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Source::new(path, text)),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                Err(not_utf8(path, error.as_bytes(), valid))
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the file began with a byte-order mark, which `text` and all offsets leave out.
    pub fn has_bom(&self) -> bool {
        self.bom
    }

    /// The byte-order mark, or nothing.
    pub fn mark(&self) -> &'static str {
        if self.bom { "\u{FEFF}" } else { "" }
    }

    /// Line and column of a byte; one beyond the end counts as the end, and one inside a character
    /// as that character's start.
    pub fn position(&self, byte: usize) -> Position {
        position(&self.text, byte)
    }
}

fn position(text: &str, byte: usize) -> Position {
    let bytes = text.as_bytes();
    let byte = text.floor_char_boundary(byte);
    let mut line = 1;
    let mut start = 0;
    for at in 0..byte {
        let ends_line = match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        if ends_line {
            line += 1;
            start = at + 1;
        }
    }
    // The first half of a CRLF has no width, so that both halves share the column of the break.
    let column = text[start..byte].chars().filter(|&c| c != '\r').count() + 1;
    Position { line, column }
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, Box<Diagnostic>> {
    let fail = |code, message: String| {
        Diagnostic::error(code, Place::File { path: path.to_path_buf() }, message)
    };
    let shown = path.display();
    let refused = |error: std::io::Error| {
        Box::new(match error.kind() {
            ErrorKind::NotFound => fail(Code::FileMissing, format!("`{shown}` does not exist"))
                .help("paths are relative to the working directory"),
            ErrorKind::PermissionDenied => {
                fail(Code::FileUnreadable, format!("no permission to read `{shown}`"))
            }
            _ => fail(Code::FileUnreadable, format!("`{shown}` could not be read: {error}")),
        })
    };

    // Asked first, because opening a directory fails differently on each system.
    if std::fs::metadata(path).map_err(refused)?.is_dir() {
        let message = format!("`{shown}` is a directory, not a file");
        return Err(Box::new(fail(Code::FileUnreadable, message)));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(refused)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > MAX_BYTES {
        let limit = MAX_BYTES / (1024 * 1024);
        let message = format!("`{shown}` is larger than {limit} MiB");
        let help = "a spec is a short text: is this a data file?";
        return Err(Box::new(fail(Code::FileUnreadable, message).help(help)));
    }
    Ok(bytes)
}

fn not_utf8(path: &Path, bytes: &[u8], valid: usize) -> Diagnostic {
    let start = std::str::from_utf8(&bytes[..valid]).unwrap_or_default();
    let start = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start);
    let Position { line, column } = position(start, start.len());
    let byte = bytes.get(valid).copied().unwrap_or_default();
    let help = if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        "the file looks like UTF-16; save it as UTF-8"
    } else {
        "save the file as UTF-8"
    };
    Diagnostic::error(
        Code::FileEncoding,
        Place::File { path: path.to_path_buf() },
        format!(
            "`{}` is not UTF-8: byte 0x{byte:02X} in line {line}, column {column}",
            path.display()
        ),
    )
    .help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, byte: usize) -> (usize, usize) {
        let Position { line, column } = Source::new("a.yaml", text).position(byte);
        (line, column)
    }

    /// A file in the system's folder for such, removed at the end of the test.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str, bytes: &[u8]) -> Scratch {
            let path = std::env::temp_dir().join(format!("text-{}-{name}", std::process::id()));
            std::fs::write(&path, bytes).unwrap();
            Scratch(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(at("a: é\nb", 0), (1, 1));
        assert_eq!(at("é: x", 2), (1, 2));
        assert_eq!(at("é: x", 1), (1, 1), "inside a character");
        assert_eq!(at("日本: x", 8), (1, 5));
        assert_eq!(at("a\nb", 99), (2, 2), "beyond the end");
        assert_eq!(at("", 0), (1, 1));
    }

    #[test]
    fn lf_crlf_and_lone_cr_end_lines() {
        assert_eq!(at("a\nb", 2), (2, 1));
        assert_eq!(at("a\r\nb", 1), (1, 2));
        assert_eq!(at("a\r\nb", 2), (1, 2), "between CR and LF");
        assert_eq!(at("a\r\nb", 3), (2, 1));
        assert_eq!(at("a\rb", 2), (2, 1));
        assert_eq!(at("a\r\r\n\nb", 5), (4, 1));
        assert_eq!(at("a\r", 2), (2, 1));
    }

    #[test]
    fn a_byte_order_mark_is_not_text() {
        let source = Source::new("a.yaml", "\u{FEFF}a: 1");
        assert!(source.has_bom());
        assert_eq!(source.text(), "a: 1");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        let file = Scratch::new("bom", "\u{FEFF}a: 1".as_bytes());
        assert_eq!(Source::read(&file.0).unwrap().text(), "a: 1");
    }

    #[test]
    fn unreadable_files_are_named() {
        let missing = Source::read(Path::new("no/such/file.yaml")).unwrap_err();
        assert_eq!(missing.code, Code::FileMissing);
        assert!(missing.message.contains("no/such/file.yaml"));
        let directory = Source::read(&std::env::temp_dir()).unwrap_err();
        assert_eq!(directory.code, Code::FileUnreadable);
        assert!(directory.message.ends_with("is a directory, not a file"));
    }

    #[test]
    fn the_first_bad_byte_is_named() {
        let file = Scratch::new("latin1", b"a: 1\r\nn\xC3\xA9: \xE9");
        let error = Source::read(&file.0).unwrap_err();
        assert_eq!(error.code, Code::FileEncoding);
        assert!(error.message.ends_with("byte 0xE9 in line 2, column 5"), "{}", error.message);
        let file = Scratch::new("utf16", b"\xFF\xFEa\0");
        assert!(Source::read(&file.0).unwrap_err().help.unwrap().contains("UTF-16"));
    }
}
