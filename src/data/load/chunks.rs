//! Cuts a text table into pieces of whole records that can be read independently.
//! What the records say is left to `csv`.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use polars_core::runtime::RAYON;
use rayon::prelude::*;

use crate::data::CsvOptions;

/// A record that is longer than this is a quote that is never closed.
const LONGEST_RECORD: usize = 64 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Whole records of a file.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Where the chunk starts in the file.
    pub offset: u64,
    pub bytes: Vec<u8>,
    /// Whether nothing follows.
    pub last: bool,
    /// Where in the file the quote is that is still open at its end.
    pub open_quote: Option<u64>,
}

/// Why the file could not be cut.
#[derive(Debug)]
pub(super) enum CutError {
    Io(io::Error),
    /// The quote at this byte of the file is not closed for too long.
    OpenQuote(u64),
    /// From this byte on there is no end of a line for too long.
    Endless(u64),
}

impl CutError {
    pub(super) fn offset(&self) -> u64 {
        match self {
            Self::Io(_) => 0,
            Self::OpenQuote(offset) | Self::Endless(offset) => *offset,
        }
    }
}

/// The chunks of a file in order. They depend on its bytes alone, so that whoever reads them in
/// parallel gets the same pieces with every number of threads.
pub(super) struct Chunks<'a, R> {
    input: R,
    options: &'a CsvOptions,
    /// The least size of a chunk, but for the last.
    size: usize,
    rest: Vec<u8>,
    /// Memory of chunks that were read, for those to come.
    spare: Arc<Mutex<Vec<Vec<u8>>>>,
    index: usize,
    offset: u64,
    done: bool,
}

impl<'a, R: Read> Chunks<'a, R> {
    pub(super) fn new(input: R, options: &'a CsvOptions, size: usize) -> Self {
        let spare = Arc::default();
        Self { input, options, size, rest: Vec::new(), spare, index: 0, offset: 0, done: false }
    }

    /// Reads all chunks side by side, and gives what became of them in the order of the file. What
    /// is behind a failure may be left out.
    pub(super) fn read_all<T: Send, E: Send>(
        mut self,
        read: impl Fn(&Chunk) -> Result<T, E> + Sync,
        cut: impl Fn(CutError) -> E + Sync,
    ) -> Vec<Result<T, E>>
    where
        R: Send,
    {
        let stop = AtomicBool::new(false);
        let spare = self.spare.clone();
        let mut next = 0;
        let chunks = std::iter::from_fn(|| {
            next += 1;
            if stop.load(Ordering::Relaxed) { None } else { Some((next, self.next()?)) }
        });
        // Chunks are handed out in order, so whoever stops leaves no earlier chunk unread: the
        // first failure of the file is always among the results.
        let mut pieces: Vec<(usize, Result<T, E>)> = RAYON.install(|| {
            let read = |(index, chunk): (usize, Result<Chunk, CutError>)| {
                let piece = chunk.map_err(&cut).and_then(|chunk| {
                    let piece = read(&chunk);
                    spare.lock().unwrap_or_else(PoisonError::into_inner).push(chunk.bytes);
                    piece
                });
                if piece.is_err() {
                    stop.store(true, Ordering::Relaxed);
                }
                (index, piece)
            };
            chunks.par_bridge().map(read).collect()
        });
        pieces.sort_unstable_by_key(|(index, _)| *index);
        pieces.into_iter().map(|(_, piece)| piece).collect()
    }

    fn cut(&mut self) -> Result<Option<Chunk>, CutError> {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut bytes = spare.unwrap_or_default();
        bytes.clear();
        bytes.append(&mut self.rest);
        let mut scan = Scan::default();
        loop {
            let wanted = (self.size + self.size / 8).max(bytes.len() * 2) - bytes.len();
            bytes.reserve(wanted);
            let read = (&mut self.input).take(wanted as u64).read_to_end(&mut bytes);
            let ended = read.map_err(CutError::Io)? < wanted;
            if self.index == 0 && self.offset == 0 && bytes.starts_with(BYTE_ORDER_MARK) {
                bytes.drain(..BYTE_ORDER_MARK.len());
                self.offset = BYTE_ORDER_MARK.len() as u64;
            }
            if let Some(end) = scan.boundary(&bytes, self.size, self.options) {
                self.rest.extend_from_slice(&bytes[end..]);
                bytes.truncate(end);
                self.done = ended && self.rest.is_empty();
                return Ok(Some(self.chunk(bytes, None)));
            }
            if ended {
                let open_quote = scan.open_quote(&bytes, self.options);
                self.done = true;
                if self.options.comment.is_some() && !bytes.ends_with(b"\n") {
                    // The parser would take a comment that ends with the file for a record.
                    bytes.push(b'\n');
                }
                return Ok((!bytes.is_empty()).then(|| self.chunk(bytes, open_quote)));
            }
            if bytes.len() > self.size + LONGEST_RECORD {
                return Err(match scan.quote {
                    Some(quote) => CutError::OpenQuote(self.offset + quote as u64),
                    None => CutError::Endless(self.offset),
                });
            }
        }
    }

    fn chunk(&mut self, bytes: Vec<u8>, open_quote: Option<usize>) -> Chunk {
        let (offset, end) = (self.offset, self.offset + bytes.len() as u64);
        let open_quote = open_quote.map(|at| offset + at as u64);
        let mut chunk = Chunk { offset, bytes, last: self.done, open_quote };
        if self.index > 0 && chunk.bytes.starts_with(BYTE_ORDER_MARK) {
            // Whoever reads the chunk would take the mark for the file's; a blank line is skipped.
            chunk.bytes.insert(0, b'\n');
            chunk.offset -= 1;
        }
        self.index += 1;
        self.offset = end;
        chunk
    }
}

impl<R: Read> Iterator for Chunks<'_, R> {
    type Item = Result<Chunk, CutError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let chunk = self.cut().transpose();
        self.done |= !matches!(chunk, Some(Ok(_)));
        chunk
    }
}

/// Follows the quotes of a text table by the same rules as the `csv` crate: a quote opens a field
/// only at its start, two quotes inside a quoted field are one, and comments run to the line's end.
#[derive(Default)]
struct Scan {
    /// Everything before this has been looked at.
    at: usize,
    /// Where the quoted field starts that `at` is in.
    quote: Option<usize>,
    /// Whether `at` is in a comment.
    comment: bool,
}

impl Scan {
    /// The end of the first record that ends at or after `size`.
    fn boundary(&mut self, bytes: &[u8], size: usize, options: &CsvOptions) -> Option<usize> {
        self.skip_to(bytes, size, options);
        loop {
            if self.quote.is_some() {
                let before = self.at;
                self.skip_to(bytes, before + 1, options);
                if self.quote.is_some() && self.at == before {
                    return None;
                }
                continue;
            }
            let newline = find(bytes, self.at, b'\n')?;
            match options.quote.and_then(|quote| find(&bytes[..newline], self.at, quote)) {
                Some(quote) if !self.comment => self.skip_to(bytes, quote + 1, options),
                _ => return Some(newline + 1),
            }
        }
    }

    /// Where the quoted field starts that the bytes end in.
    fn open_quote(&mut self, bytes: &[u8], options: &CsvOptions) -> Option<usize> {
        self.skip_to(bytes, bytes.len(), options);
        // Before the end it stops at a last quote only, which closes the field.
        self.quote.filter(|_| self.at == bytes.len())
    }

    /// Looks at the bytes up to `end`.
    fn skip_to(&mut self, bytes: &[u8], end: usize, options: &CsvOptions) {
        let end = end.min(bytes.len());
        while self.at < end {
            if self.quote.is_some() {
                let Some(close) = options.quote.and_then(|quote| find(bytes, self.at, quote))
                else {
                    self.at = bytes.len();
                    return;
                };
                match bytes.get(close + 1) {
                    // The next byte says whether this quote closes the field.
                    None => {
                        self.at = close;
                        return;
                    }
                    Some(next) if Some(*next) == options.quote => self.at = close + 2,
                    Some(_) => {
                        self.at = close + 1;
                        self.quote = None;
                    }
                }
                continue;
            }
            self.skip_unquoted(bytes, end, options);
        }
    }

    fn skip_unquoted(&mut self, bytes: &[u8], end: usize, options: &CsvOptions) {
        if let Some(comment) = options.comment {
            let starts_line = self.at == 0 || bytes[self.at - 1] == b'\n';
            self.comment |= starts_line && bytes[self.at] == comment;
            let line_end = find(bytes, self.at, b'\n').map_or(bytes.len(), |newline| newline + 1);
            if self.comment {
                self.comment = line_end == bytes.len() && !bytes.ends_with(b"\n");
                self.at = line_end;
                return;
            }
            self.skip_plain(bytes, end.min(line_end), options);
        } else {
            self.skip_plain(bytes, end, options);
        }
    }

    /// Looks at bytes outside quotes and comments.
    fn skip_plain(&mut self, bytes: &[u8], end: usize, options: &CsvOptions) {
        let quote = options.quote.and_then(|quote| find(&bytes[..end], self.at, quote));
        let Some(quote) = quote else {
            self.at = end;
            return;
        };
        let opens = match quote.checked_sub(1).map(|before| bytes[before]) {
            None | Some(b'\n' | b'\r') => true,
            Some(before) => before == options.separator,
        };
        self.at = quote + 1;
        self.quote = opens.then_some(quote);
    }
}

fn find(bytes: &[u8], from: usize, byte: u8) -> Option<usize> {
    memchr::memchr(byte, bytes.get(from..)?).map(|at| from + at)
}
