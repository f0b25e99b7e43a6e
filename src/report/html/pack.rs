//! Many pieces of a page as few compressed blocks, so that a page of a thousand specs stays small and is
//! there at once.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;

/// So many pieces share a block: what they have in common is there once, and few are unpacked
/// that nobody asked for.
pub const TOGETHER: usize = 25;

/// Each block as text of base64: a JSON list of pieces, compressed in zlib's form.
pub fn pack(pieces: &[String]) -> Vec<String> {
    pieces.chunks(TOGETHER).map(block).collect()
}

fn block(pieces: &[String]) -> String {
    let text = serde_json::to_string(pieces).expect("a list of texts serialises");
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    STANDARD.encode(written.expect("a vector takes all that is written"))
}
