//! Turns the URIs by which a client names files into paths and back.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The path of a `file:` URI; none for other schemes and for what is no URI.
pub fn path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    // A host of its own names a share on Windows, and nothing that could be opened elsewhere.
    let at = rest.find('/')?;
    let (host, path) = rest.split_at(at);
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let decoded = String::from_utf8(decode(path)).ok()?;
    if !host.is_empty() && host != "localhost" {
        return cfg!(windows).then(|| PathBuf::from(format!("//{host}{decoded}")));
    }
    let bytes = decoded.as_bytes();
    let drive = bytes.len() > 2 && bytes[1].is_ascii_alphabetic() && bytes[2] == b':';
    Some(PathBuf::from(if cfg!(windows) && drive { &decoded[1..] } else { &decoded }))
}

/// The `file:` URI of an absolute path.
pub fn of(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "file:///" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => uri.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b'/' | b'@' | b'+' | b',' | b'=' => {
                uri.push(char::from(byte));
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

/// The last part of a URI's path, as a file name.
pub fn file_name(uri: &str) -> String {
    let path = uri.split(['?', '#']).next().unwrap_or(uri);
    let last = path.rsplit(['/', ':']).next().unwrap_or(path);
    String::from_utf8_lossy(&decode(last)).into_owned()
}

/// Resolves `%20` and the like; what is no such thing stays.
fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, _, _) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive_the_way_there_and_back() {
        for path_of in ["/a/b.yaml", "/a b/é#?%20.yaml", "/\u{1F427}/{x}.csv"] {
            assert_eq!(path(&of(Path::new(path_of))).unwrap(), Path::new(path_of));
        }
        assert_eq!(of(Path::new("/a b/é")), "file:///a%20b/%C3%A9");
        assert_eq!(path("file://localhost/a").unwrap(), Path::new("/a"));
        assert_eq!(path("file:///a%zz%4").unwrap(), Path::new("/a%zz%4"), "no code");
    }

    #[test]
    fn what_is_no_file_has_no_path() {
        for uri in ["untitled:Untitled-1", "", "file:", "http://a/b", "file:///%FF"] {
            assert_eq!(path(uri), None, "{uri}");
        }
        assert_eq!(file_name("untitled:Untitled-1"), "Untitled-1");
        assert_eq!(file_name("vscode-vfs://x/a%20b.mlspec.yaml?q#f"), "a b.mlspec.yaml");
    }
}
