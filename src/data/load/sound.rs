//! Checks the lengths that a Parquet file states about itself, before memory is taken by them:
//! a damaged one can ask for more than there is, which would end the process.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;

/// Nothing in a Parquet file is nested as deeply as this.
const DEEPEST: usize = 32;

/// Whether the footer's lists and texts end within it.
pub(super) fn footer(file: File) -> Option<()> {
    let size = file.metadata().ok()?.len();
    let mut input = BufReader::new(file);
    input.seek(SeekFrom::Start(size.checked_sub(8)?)).ok()?;
    let mut length = [0; 4];
    input.read_exact(&mut length).ok()?;
    let length = u64::from(u32::from_le_bytes(length));
    let start = (size - 8).checked_sub(length)?;
    Thrift::new(input, start..size - 8)?.value(Thrift::STRUCT, 0)
}

/// Whether the headers of a column's pages end within its bytes and lead to that many values.
pub(super) fn pages(file: File, bytes: Range<u64>, values: u64) -> Option<()> {
    if bytes.end > file.metadata().ok()?.len() {
        return None;
    }
    let mut thrift = Thrift::new(BufReader::new(file), bytes)?;
    let mut found = 0;
    while found < values {
        let page = thrift.page()?;
        found += page.values;
        thrift.skip(page.size)?;
    }
    (found == values).then_some(())
}

struct Page {
    /// How many bytes follow the header.
    size: u64,
    values: u64,
}

/// A reader of the compact Thrift protocol that keeps to a range of the file.
struct Thrift {
    input: BufReader<File>,
    left: u64,
}

impl Thrift {
    const BINARY: u8 = 8;
    const LIST: u8 = 9;
    const SET: u8 = 10;
    const MAP: u8 = 11;
    const STRUCT: u8 = 12;

    fn new(mut input: BufReader<File>, bytes: Range<u64>) -> Option<Self> {
        input.seek(SeekFrom::Start(bytes.start)).ok()?;
        Some(Self { input, left: bytes.end.checked_sub(bytes.start)? })
    }

    fn byte(&mut self) -> Option<u8> {
        self.left = self.left.checked_sub(1)?;
        let mut byte = [0];
        self.input.read_exact(&mut byte).ok()?;
        Some(byte[0])
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        self.left = self.left.checked_sub(count)?;
        self.input.seek_relative(i64::try_from(count).ok()?).ok()
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A whole number that cannot be negative where it is asked for.
    fn count(&mut self) -> Option<u64> {
        let zigzag = self.varint()?;
        (zigzag & 1 == 0).then_some(zigzag >> 1)
    }

    fn value(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match kind {
            // Truth values are in the kind itself.
            1 | 2 => Some(()),
            3 => self.skip(1),
            4..=6 => self.varint().map(|_| ()),
            7 => self.skip(8),
            Self::BINARY => {
                let length = self.varint()?;
                self.skip(length)
            }
            Self::LIST | Self::SET => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                // Every item takes a byte at least, and so do truth values in a list.
                if count > self.left {
                    return None;
                }
                match head & 15 {
                    1 | 2 => self.skip(count),
                    kind => (0..count).try_for_each(|_| self.value(kind, depth + 1)),
                }
            }
            Self::MAP => {
                let count = self.varint()?;
                if count > self.left {
                    return None;
                }
                let kinds = if count > 0 { self.byte()? } else { 0 };
                (0..count).try_for_each(|_| {
                    self.value(kinds >> 4, depth + 1)?;
                    self.value(kinds & 15, depth + 1)
                })
            }
            Self::STRUCT => self.fields(|thrift, _, kind| thrift.value(kind, depth + 1)),
            _ => None,
        }
    }

    /// Hands over the number and kind of each field of a struct, to be read by `visit`.
    fn fields(&mut self, mut visit: impl FnMut(&mut Self, u64, u8) -> Option<()>) -> Option<()> {
        let mut number = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            number = if head >> 4 == 0 { self.count()? } else { number + u64::from(head >> 4) };
            visit(self, number, head & 15)?;
        }
    }

    /// Reads the header of a page.
    fn page(&mut self) -> Option<Page> {
        let mut page = Page { size: 0, values: 0 };
        self.fields(|thrift, number, kind| match (number, kind) {
            // `compressed_page_size`
            (3, 5) => {
                page.size = thrift.count()?;
                Some(())
            }
            // `data_page_header` and `data_page_header_v2`, with `num_values`
            (5 | 8, Self::STRUCT) => thrift.fields(|thrift, number, kind| match (number, kind) {
                (1, 5) => {
                    page.values = thrift.count()?;
                    Some(())
                }
                (_, kind) => thrift.value(kind, 1),
            }),
            (_, kind) => thrift.value(kind, 1),
        })?;
        Some(page)
    }
}
