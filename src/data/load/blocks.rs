//! Checks what an Arrow file states about itself before memory is taken by it: a damaged one can
//! ask for more than there is, or nest without end, which would end the process.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use polars_core::utils::arrow::io::ipc::format::ipc::planus::{self, ReadAsRoot};
use polars_core::utils::arrow::io::ipc::format::ipc::{
    Block, BodyCompressionRef, CompressionType, Endianness, FieldRef, FooterRef, MessageHeaderRef,
    MessageRef, RecordBatchRef,
};

/// No column is nested as deeply as this, and no file has as many columns.
const DEEPEST: usize = 32;
const MOST_FIELDS: usize = 1 << 20;

/// Stands behind the footer: its length and `ARROW1`.
const TAIL: u64 = 10;

/// A stored buffer that claims to unpack to no more than this, or to no more than so many times its
/// size, is believed.
const SMALL: u64 = 16 << 20;
const USUAL: u64 = 256;

/// What the file says of its columns and rows.
pub(super) struct Contents {
    pub names: Vec<Arc<str>>,
    pub rows: usize,
}

/// Why the file cannot be read, as a sentence without its subject's name.
pub(super) struct Unsound(pub String);

impl From<planus::Error> for Unsound {
    fn from(_: planus::Error) -> Self {
        contradiction()
    }
}

impl From<io::Error> for Unsound {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => contradiction(),
            _ => Self(error.to_string()),
        }
    }
}

fn contradiction() -> Unsound {
    Unsound("its metadata contradict themselves".to_owned())
}

/// Looks at all of the file's metadata, and at none of its values.
pub(super) fn contents(mut file: File) -> Result<Contents, Unsound> {
    let size = file.metadata()?.len();
    let end = size.checked_sub(TAIL).ok_or_else(contradiction)?;
    file.seek(SeekFrom::Start(end))?;
    let length = u64::from(u32::from_le_bytes(array(&mut file)?));
    let start = end.checked_sub(length).ok_or_else(contradiction)?;
    let footer = bytes(&mut file, start, length)?;
    let footer = FooterRef::read_as_root(&footer)?;
    let schema = footer.schema()?.ok_or_else(contradiction)?;
    if schema.endianness()? == Endianness::Big {
        return Err(Unsound("its numbers are in the byte order of another machine".to_owned()));
    }
    let (mut names, mut nodes, mut left) = (Vec::new(), Vec::new(), MOST_FIELDS);
    for field in schema.fields()?.ok_or_else(contradiction)? {
        let field = field?;
        names.push(field.name()?.unwrap_or_default().into());
        nodes.push(count_nodes(field, 0, &mut left)?);
    }
    for block in footer.dictionaries()?.into_iter().flatten() {
        check_block(&mut file, size, Block::from(block), None)?;
    }
    let mut rows = 0;
    for block in footer.record_batches()?.ok_or_else(contradiction)? {
        let more = check_block(&mut file, size, Block::from(block), Some(&nodes))?;
        rows = usize::checked_add(rows, more).ok_or_else(contradiction)?;
    }
    Ok(Contents { names, rows })
}

/// How many nodes of a batch belong to a column.
fn count_nodes(field: FieldRef<'_>, depth: usize, left: &mut usize) -> Result<usize, Unsound> {
    *left = left.checked_sub(1).ok_or_else(contradiction)?;
    if depth > DEEPEST {
        return Err(contradiction());
    }
    let mut count = 1;
    for child in field.children()?.into_iter().flatten() {
        count += count_nodes(child?, depth + 1, left)?;
    }
    // The batches of a dictionary's column hold its codes alone.
    Ok(if field.dictionary()?.is_some() { 1 } else { count })
}

/// Checks a batch and gives its rows. `nodes` are those of each column; without them it is the
/// batch of a dictionary.
fn check_block(
    file: &mut File,
    size: u64,
    block: Block,
    nodes: Option<&[usize]>,
) -> Result<usize, Unsound> {
    let (offset, metadata) = (count(block.offset)?, count(block.meta_data_length)?);
    let body = offset.checked_add(metadata).ok_or_else(contradiction)?;
    let length = count(block.body_length)?;
    if body.checked_add(length).is_none_or(|end| end > size) {
        return Err(Unsound("a part of its rows is missing".to_owned()));
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut start = 4;
    let mut stated: [u8; 4] = array(file)?;
    if stated == [0xFF; 4] {
        start = 8;
        stated = array(file)?;
    }
    let stated = u64::from(u32::from_le_bytes(stated));
    if start + stated > metadata {
        return Err(contradiction());
    }
    let message = bytes(file, offset + start, stated)?;
    let message = MessageRef::read_as_root(&message)?;
    let batch = match (message.header()?, nodes) {
        (Some(MessageHeaderRef::RecordBatch(batch)), Some(_)) => batch,
        (Some(MessageHeaderRef::DictionaryBatch(batch)), None) => {
            batch.data()?.ok_or_else(contradiction)?
        }
        _ => return Err(contradiction()),
    };
    check_buffers(file, batch, body, length)?;
    check_nodes(batch, nodes.unwrap_or(&[1]))
}

/// Every column has as many rows as the batch.
fn check_nodes(batch: RecordBatchRef<'_>, columns: &[usize]) -> Result<usize, Unsound> {
    let rows = count(batch.length()?)?;
    let nodes = batch.nodes()?.ok_or_else(contradiction)?;
    let mut at = 0;
    for column in columns {
        let node = nodes.get(at).ok_or_else(contradiction)?;
        if count(node.length())? != rows || count(node.null_count())? > rows {
            return Err(Unsound("its columns differ in length".to_owned()));
        }
        at += column;
    }
    usize::try_from(rows).map_err(|_| contradiction())
}

/// Every buffer lies within the batch, and unpacks to what it says.
fn check_buffers(
    file: &mut File,
    batch: RecordBatchRef<'_>,
    body: u64,
    length: u64,
) -> Result<(), Unsound> {
    let compression = batch.compression()?;
    let mut stored: u64 = 0;
    for buffer in batch.buffers()?.ok_or_else(contradiction)? {
        let (offset, bytes) = (count(buffer.offset())?, count(buffer.length())?);
        stored = stored.saturating_add(bytes);
        if offset.checked_add(bytes).is_none_or(|end| end > length) || stored > length {
            return Err(contradiction());
        }
        if let (Some(compression), true) = (compression, bytes > 0) {
            let packed = bytes.checked_sub(8).ok_or_else(contradiction)?;
            check_packed(file, compression, body + offset, packed)?;
        }
    }
    Ok(())
}

/// The unpacked length stands before the packed bytes, and -1 where they are not packed.
fn check_packed(
    file: &mut File,
    compression: BodyCompressionRef<'_>,
    start: u64,
    packed: u64,
) -> Result<(), Unsound> {
    file.seek(SeekFrom::Start(start))?;
    let stated = i64::from_le_bytes(array(file)?);
    if stated == -1 {
        return Ok(());
    }
    let stated = count(stated)?;
    if stated <= SMALL.max(packed.saturating_mul(USUAL)) {
        return Ok(());
    }
    let sound = match compression.codec()? {
        // A byte of LZ4 stands for 255 at most.
        CompressionType::Lz4Frame => false,
        CompressionType::Zstd => {
            let decoder = zstd::stream::read::Decoder::new(file.take(packed))?;
            let wanted = stated.saturating_add(1);
            io::copy(&mut decoder.take(wanted), &mut io::sink())? == stated
        }
    };
    if sound { Ok(()) } else { Err(contradiction()) }
}

fn count(number: impl TryInto<u64>) -> Result<u64, Unsound> {
    number.try_into().map_err(|_| contradiction())
}

fn array<const N: usize>(file: &mut File) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The bytes of a range, which lies within the file.
fn bytes(file: &mut File, start: u64, length: u64) -> Result<Vec<u8>, Unsound> {
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(contradiction()) }
}
