//! Opens a text file as a stream of its bytes, unpacked where its name says that it is packed.
//! What the bytes mean is left to `csv` and `ndjson`.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

use crate::data::Packing;

use super::error::{LoadError, LoadProblem};

/// How many bytes are unpacked at once, and how many such blocks wait for their reader: so much is
/// in memory, however far a file unpacks.
const BLOCK: usize = 1 << 20;
const WAITING: usize = 4;

/// The bytes of a text file.
pub(super) enum Input {
    Plain(File),
    Packed(Unpacked),
}

/// # Errors
/// The file cannot be read, or is not packed as its name says.
pub(super) fn open(path: &Path) -> Result<Input, LoadError> {
    let file = File::open(path).map_err(|problem| LoadError::io(path, &problem))?;
    let Some(packing) = Packing::of_path(path) else { return Ok(Input::Plain(file)) };
    let mut file = BufReader::new(file);
    let head = file.fill_buf().map_err(|problem| LoadError::io(path, &problem))?;
    if head.is_empty() {
        // No bytes at all are no damage: the table is empty.
        return Ok(Input::Plain(file.into_inner()));
    }
    if !packing.begins(head) {
        let message = format!(
            "`{}` is not a {} file, though its name ends in `.{}`",
            path.display(),
            packing.name(),
            packing.extension()
        );
        return Err(LoadError::new(LoadProblem::Unreadable, message)
            .help("give the file the name of what it is"));
    }
    file.rewind().map_err(|problem| LoadError::io(path, &problem))?;
    let (send, blocks) = sync_channel(WAITING);
    let work = move || {
        let end = match unpack(file, packing, &send) {
            Ok(()) => Ok(Vec::new()),
            Err(error) => Err(error),
        };
        // Whoever has read enough no longer listens.
        let _ = send.send(end);
    };
    // Unpacking in a thread of its own lets it go on while rows are parsed.
    std::thread::Builder::new()
        .name("unpack".to_owned())
        .spawn(work)
        .map_err(|problem| LoadError::io(path, &problem))?;
    Ok(Input::Packed(Unpacked { blocks, block: Vec::new(), at: 0, ended: false }))
}

/// The error for bytes that could not be read.
pub(super) fn failed(path: &Path, error: &io::Error) -> LoadError {
    let damage = error.get_ref().and_then(|inner| inner.downcast_ref::<Damage>());
    match (damage, Packing::of_path(path)) {
        (Some(damage), Some(packing)) => {
            let shown = path.display();
            let message = format!("the {} file `{shown}` is damaged: {damage}", packing.name());
            LoadError::new(LoadProblem::Unreadable, message)
        }
        _ => LoadError::io(path, error),
    }
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(into),
            Self::Packed(unpacked) => unpacked.read(into),
        }
    }
}

/// What a thread unpacks, block by block.
pub(super) struct Unpacked {
    /// An empty block is the end.
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Read for Unpacked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() && !self.ended {
            let stopped = |_| io::Error::other(Damage("it could not be unpacked"));
            self.block = self.blocks.recv().map_err(stopped)??;
            self.at = 0;
            self.ended = self.block.is_empty();
        }
        let rest = &self.block[self.at..];
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

/// What is wrong with a packed file.
#[derive(Debug)]
struct Damage(&'static str);

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Damage {}

impl Packing {
    /// Whether the bytes begin a member of such a file.
    fn begins(self, head: &[u8]) -> bool {
        match self {
            Self::Gzip => head.starts_with(&[0x1F, 0x8B]),
            Self::Zstd => {
                let skippable = matches!(head, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..]);
                skippable || head.starts_with(&[0x28, 0xB5, 0x2F, 0xFD])
            }
        }
    }
}

type Blocks = SyncSender<io::Result<Vec<u8>>>;

/// Sends the content of all members of the file.
fn unpack(mut file: BufReader<File>, packing: Packing, send: &Blocks) -> io::Result<()> {
    loop {
        let listening = match packing {
            Packing::Gzip => pump(GzDecoder::new(&mut file), send),
            Packing::Zstd => match ZstdDecoder::with_buffer(&mut file) {
                Ok(member) => pump(member.single_frame(), send),
                Err(error) => Err(error),
            },
        };
        if !listening.map_err(reason)? {
            return Ok(());
        }
        let rest = file.fill_buf()?;
        if rest.is_empty() {
            return Ok(());
        }
        if !packing.begins(rest) {
            return Err(io::Error::other(Damage("something else follows its end")));
        }
    }
}

/// Sends what a member unpacks to; false when nobody listens any more.
fn pump(mut member: impl Read, send: &Blocks) -> io::Result<bool> {
    loop {
        let mut block = Vec::with_capacity(BLOCK);
        (&mut member).take(BLOCK as u64).read_to_end(&mut block)?;
        if block.is_empty() {
            return Ok(true);
        }
        if send.send(Ok(block)).is_err() {
            return Ok(false);
        }
    }
}

/// What the error of a decoder means.
fn reason(error: io::Error) -> io::Error {
    if error.raw_os_error().is_some() {
        return error;
    }
    let text = error.to_string().to_lowercase();
    io::Error::other(Damage(if error.kind() == ErrorKind::UnexpectedEof {
        "its end is cut off"
    } else if text.contains("checksum") {
        "its checksum is not that of its content"
    } else if text.contains("too much memory") {
        "it needs more memory to be unpacked than zstd allows"
    } else {
        "its content cannot be unpacked"
    }))
}
