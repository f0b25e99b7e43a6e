//! Tables that several specs load: read once, and one copy in memory for as long as anybody uses it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::cells::Cells;
use super::error::LoadError;
use super::frame::{Frame, RowNumbers};
use super::{Request, load};
use crate::data::Input;

/// What was loaded, by request. A table that nobody uses any more is forgotten, but for the last ones,
/// which are kept while they are small together.
#[derive(Debug)]
pub struct Tables {
    slots: Mutex<HashMap<String, Arc<Mutex<Option<Held>>>>>,
    recent: Mutex<Recent>,
}

/// A table that goes when its users go.
#[derive(Debug)]
struct Held {
    columns: Vec<(Arc<str>, Weak<Cells>)>,
    rows: usize,
    numbers: RowNumbers,
}

/// The tables that were used last, the newest at the end.
#[derive(Debug)]
struct Recent {
    frames: VecDeque<(String, Frame, usize)>,
    bytes: usize,
    most: usize,
}

/// More requests than that are cleared of those whose tables are gone.
const MANY: usize = 1024;

impl Tables {
    /// Keeps tables of `most` bytes at most that nobody uses at the moment.
    pub fn keeping(most: usize) -> Self {
        let recent = Recent { frames: VecDeque::new(), bytes: 0, most };
        Self { slots: Mutex::default(), recent: Mutex::new(recent) }
    }

    /// As [`load`]. Whoever asks for what another one is reading waits for it; so this is called outside
    /// of the pool, whose threads must not wait for each other.
    ///
    /// # Errors
    /// As [`load`]; the next one who asks tries again.
    pub fn load(&self, request: &Request<'_>) -> Result<Frame, LoadError> {
        // A file that was written meanwhile is another table.
        let key = format!("{request:?} {:?}", Input::look(request.path).files);
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            if slots.len() >= MANY {
                slots.retain(|_, slot| Arc::strong_count(slot) > 1 || is_alive(slot));
            }
            slots.entry(key.clone()).or_default().clone()
        };
        let mut held = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let frame = match held.as_ref().and_then(Held::frame) {
            Some(frame) => frame,
            None => {
                let frame = load(request)?;
                *held = Some(Held::of(&frame));
                frame
            }
        };
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).add(key, &frame);
        Ok(frame)
    }
}

fn is_alive(slot: &Mutex<Option<Held>>) -> bool {
    // What is being read is alive.
    slot.try_lock().map_or(true, |held| held.as_ref().is_some_and(|held| held.frame().is_some()))
}

impl Held {
    fn of(frame: &Frame) -> Self {
        let weak = |(name, cells): &(Arc<str>, Arc<Cells>)| (name.clone(), Arc::downgrade(cells));
        Self {
            columns: frame.columns.iter().map(weak).collect(),
            rows: frame.rows,
            numbers: frame.numbers.clone(),
        }
    }

    fn frame(&self) -> Option<Frame> {
        let strong =
            |(name, cells): &(Arc<str>, Weak<Cells>)| Some((name.clone(), cells.upgrade()?));
        let columns = self.columns.iter().map(strong).collect::<Option<_>>()?;
        Some(Frame { columns, rows: self.rows, numbers: self.numbers.clone() })
    }
}

impl Recent {
    fn add(&mut self, key: String, frame: &Frame) {
        if let Some(at) = self.frames.iter().position(|(other, _, _)| *other == key) {
            if let Some(entry) = self.frames.remove(at) {
                self.frames.push_back(entry);
            }
            return;
        }
        let bytes: usize = frame.columns.iter().map(|(_, cells)| cells.bytes()).sum();
        if bytes > self.most {
            return;
        }
        self.frames.push_back((key, frame.clone(), bytes));
        self.bytes += bytes;
        while self.bytes > self.most
            && let Some((_, _, bytes)) = self.frames.pop_front()
        {
            self.bytes -= bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::data::{CsvOptions, Format};

    fn request<'a>(path: &'a Path, format: &'a Format) -> Request<'a> {
        Request { path, format, columns: None, types: &[], derived: &[], predicate: None }
    }

    fn same(a: &Frame, b: &Frame) -> bool {
        a.columns.iter().zip(&b.columns).all(|(a, b)| Arc::ptr_eq(&a.1, &b.1))
    }

    #[test]
    fn a_table_is_in_memory_once_while_somebody_uses_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, "x,y\n1,a\n2,b\n").unwrap();
        let format = Format::Csv(CsvOptions::default());
        let tables = Tables::keeping(0);
        let one = tables.load(&request(&path, &format)).unwrap();
        let two = tables.load(&request(&path, &format)).unwrap();
        assert!(same(&one, &two));
        let alone = load(&request(&path, &format)).unwrap();
        for (row, column) in [(0, "x"), (1, "x"), (0, "y"), (1, "y")] {
            assert_eq!(one.shown(column, row), alone.shown(column, row));
        }
        let only_x: &[Arc<str>] = &["x".into()];
        let other = Request { columns: Some(only_x), ..request(&path, &format) };
        assert_eq!(tables.load(&other).unwrap().columns.len(), 1);
        drop((one, two));
        let slot = tables.slots.lock().unwrap().values().find(|slot| is_alive(slot)).cloned();
        assert!(slot.is_none(), "nothing is kept beyond its use");
    }

    #[test]
    fn the_last_small_tables_are_kept_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let format = Format::Csv(CsvOptions::default());
        let tables = Tables::keeping(100);
        for name in ["a.csv", "b.csv", "c.csv"] {
            let path = folder.path().join(name);
            fs::write(&path, "x\n1.5\n2.5\n3.5\n4.5\n5.5\n").unwrap();
            tables.load(&request(&path, &format)).unwrap();
        }
        let recent = tables.recent.lock().unwrap();
        assert_eq!((recent.frames.len(), recent.bytes), (2, 80));
        assert!(recent.frames[0].0.contains("b.csv") && recent.frames[1].0.contains("c.csv"));
    }

    #[test]
    fn a_file_that_was_written_meanwhile_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let format = Format::Csv(CsvOptions::default());
        let tables = Tables::keeping(1000);
        fs::write(&path, "x\n1\n").unwrap();
        assert_eq!(tables.load(&request(&path, &format)).unwrap().rows(), 1);
        fs::write(&path, "x\n1\n2\n").unwrap();
        assert_eq!(tables.load(&request(&path, &format)).unwrap().rows(), 2);
        fs::remove_file(&path).unwrap();
        assert!(tables.load(&request(&path, &format)).is_err());
    }
}
