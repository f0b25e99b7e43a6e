//! What a run does in GitHub Actions beside its report files: annotations on standard output, and a
//! summary of the job.

use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::args::{Format, Github};
use super::output::{Output, complain, warn};
use crate::report::{Context, Report, github, markdown};
use crate::text::{Environment, ProcessEnvironment};

/// A summary may be so large, for all that one step writes.
const LARGEST: u64 = 1 << 20;

/// GitHub Actions, where the run is in it.
pub struct GitHub {
    /// None elsewhere.
    there: Option<There>,
}

struct There {
    /// Standard output is for a program; commands go to standard error then.
    aside: bool,
    /// A word that no spec can know, which commands are taken again after.
    word: String,
    summary: Option<PathBuf>,
    /// From the root of the repository to the working directory.
    folder: String,
}

impl GitHub {
    pub fn of(when: Github, format: Format) -> Self {
        let is_there = match when {
            Github::Auto => ProcessEnvironment.get("GITHUB_ACTIONS").is_some_and(|it| it == "true"),
            Github::Always => true,
            Github::Never => false,
        };
        let there = is_there.then(|| There {
            aside: format == Format::Json,
            word: format!("mlspec-{:016x}", RandomState::new().build_hasher().finish()),
            summary: ProcessEnvironment
                .get("GITHUB_STEP_SUMMARY")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            folder: folder().unwrap_or_default(),
        });
        Self { there }
    }

    pub fn is_there(&self) -> bool {
        self.there.is_some()
    }

    /// From here on, what specs and data say is no command, however it looks.
    pub fn begin(&self, output: &Output) {
        if let Some(there) = self.there.as_ref().filter(|there| !there.aside) {
            output.line(&format!("::stop-commands::{}", there.word));
        }
    }

    /// Commands are taken again.
    pub fn end(&self, output: &Output) {
        if let Some(there) = self.there.as_ref().filter(|there| !there.aside) {
            output.line(&format!("::{}::", there.word));
        }
    }

    /// Annotates the change and writes the summary. What cannot be written is said, and changes nothing.
    pub fn tell(&self, report: &Report, context: Context<'_>, output: &Output) {
        let Some(there) = &self.there else { return };
        let commands = github::annotations(report, &there.folder);
        match there.aside {
            true => complain(&commands),
            false => output.print(&commands),
        }
        let Some(path) = &there.summary else { return };
        let appended = File::options().append(true).create(true).open(path).and_then(|mut file| {
            let room = LARGEST.saturating_sub(file.metadata()?.len()).saturating_sub(1);
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            let text = markdown::render(report, context.earlier, room);
            match text.len() <= room {
                true => writeln!(file, "{text}"),
                false => Err(std::io::Error::other("what is there leaves no room for it")),
            }
        });
        if let Err(error) = appended {
            warn(&format!("the summary of the job cannot be written: {error}"));
        }
    }
}

fn folder() -> Option<String> {
    let root = PathBuf::from(ProcessEnvironment.get("GITHUB_WORKSPACE")?);
    let here = std::env::current_dir().ok()?;
    let below = here.strip_prefix(root.canonicalize().ok()?).ok().map(Path::to_path_buf)?;
    Some(below.to_string_lossy().replace('\\', "/"))
}
