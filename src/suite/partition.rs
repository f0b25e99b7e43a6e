//! One of several parts of a suite, so that several machines run each spec once between them.

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

/// Part `part` of `of`, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    by: By,
    part: u64,
    of: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// By the path of the spec, so that a spec stays in its part when others come or go.
    Hash,
    /// In turn, so that the parts are of one size.
    Count,
}

/// A suite in more parts is a slip.
const MOST_PARTS: u64 = 100_000;

impl FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "write `hash:2/5` or `count:2/5` for the second of five parts";
        let (by, parts) = text.split_once(':').ok_or_else(|| form.to_owned())?;
        let by = match by {
            "hash" => By::Hash,
            "count" => By::Count,
            _ => return Err(format!("there is no partition by `{by}`: {form}")),
        };
        let number = |text: &str| text.parse::<u64>().ok();
        let (part, of) = parts.split_once('/').ok_or_else(|| form.to_owned())?;
        let (Some(part), Some(of)) = (number(part), number(of)) else {
            return Err(format!("`{parts}` is not two whole numbers: {form}"));
        };
        if of == 0 || of > MOST_PARTS {
            return Err(format!("{of} is not a number of parts from 1 to {MOST_PARTS}"));
        }
        if part == 0 || part > of {
            return Err(format!("there is no part {part} of {of}: parts count from 1 to {of}"));
        }
        Ok(Self { by, part, of })
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = match self.by {
            By::Hash => "hash",
            By::Count => "count",
        };
        write!(f, "{by}:{}/{}", self.part, self.of)
    }
}

impl Partition {
    /// The specs of this part. `root` is the folder of the project: what lies where below it is the
    /// same on all machines.
    pub fn of(self, paths: Vec<PathBuf>, root: &Path) -> Vec<PathBuf> {
        let part = self.part - 1;
        let is_ours = |at: usize, path: &Path| match self.by {
            By::Count => at as u64 % self.of == part,
            By::Hash => {
                let hash = blake3::hash(below(path, root).as_bytes());
                let (first, _) = hash.as_bytes().split_at(8);
                let number = first.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
                number % self.of == part
            }
        };
        let numbered = paths.into_iter().enumerate();
        numbered.filter(|(at, path)| is_ours(*at, path)).map(|(_, path)| path).collect()
    }
}

/// A path as told from a folder, with `/` between its parts and without detours; one outside of it leads
/// up from it, and that of the folder itself is empty.
pub fn below(path: &Path, root: &Path) -> String {
    let (path, root) = (straight(path), straight(root));
    let shared = path.iter().zip(&root).take_while(|(a, b)| a == b).count();
    let mut parts = vec!["..".to_owned(); root.len() - shared];
    parts.extend_from_slice(&path[shared..]);
    parts.join("/")
}

/// The names from the root of the file system, without `.` and `..`.
fn straight(path: &Path) -> Vec<String> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut parts = Vec::new();
    for part in absolute.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()),
            other @ (Component::Prefix(_) | Component::RootDir | Component::Normal(_)) => {
                parts.push(other.as_os_str().to_string_lossy().into_owned());
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(count: usize) -> Vec<PathBuf> {
        (0..count).map(|at| format!("specs/model_{at}.mlspec.yaml").into()).collect()
    }

    #[test]
    fn the_parts_are_all_specs_once() {
        for by in ["hash", "count"] {
            let mut all = Vec::new();
            for part in 1..=4 {
                let partition: Partition = format!("{by}:{part}/4").parse().unwrap();
                let ours = partition.of(paths(101), Path::new("."));
                assert!((10..=41).contains(&ours.len()), "{partition}: {}", ours.len());
                all.extend(ours);
            }
            all.sort();
            let mut expected = paths(101);
            expected.sort();
            assert_eq!(all, expected, "{by}");
        }
    }

    #[test]
    fn a_spec_stays_in_its_part_when_others_come() {
        let partition: Partition = "hash:2/3".parse().unwrap();
        let few = partition.of(paths(20), Path::new("."));
        let many = partition.of(paths(60), Path::new("."));
        assert!(few.iter().all(|path| many.contains(path)));
        let elsewhere: Vec<PathBuf> =
            paths(20).iter().map(|path| Path::new("/b/project").join(path)).collect();
        let same = partition.of(elsewhere, Path::new("/b/project"));
        let same: Vec<&Path> =
            same.iter().map(|path| path.strip_prefix("/b/project").unwrap()).collect();
        assert_eq!(same, few, "the place of the project does not matter");
    }

    #[test]
    fn paths_are_told_from_the_project() {
        assert_eq!(below(Path::new("/p/a/../b/./x"), Path::new("/p")), "b/x");
        assert_eq!(below(Path::new("/q/x"), Path::new("/p/r")), "../../q/x");
    }

    #[test]
    fn parts_that_are_none_are_refused() {
        for (text, why) in [
            ("hash:0/3", "there is no part 0 of 3"),
            ("hash:5/3", "there is no part 5 of 3"),
            ("hash:1/0", "0 is not a number of parts"),
            ("slice:1/2", "there is no partition by `slice`"),
            ("hash:a/2", "not two whole numbers"),
            ("2/5", "write `hash:2/5`"),
            ("hash:2", "write `hash:2/5`"),
        ] {
            let error = text.parse::<Partition>().unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
