//! `mlspec init`: writes a first spec for a data file, which passes as it stands.

use std::io::{IsTerminal, Write, stderr};
use std::path::{Component, Path, PathBuf, absolute};
use std::sync::Arc;

use super::args::{Init, InitTask, Told};
use super::beside::{beside, folder};
use super::output::{Output, complain, look};
use super::progress::Verbosity;
use super::{run, signals};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::outcome::{Kind, shown};
use crate::report::look::on_a_line;
use crate::report::terminal;
use crate::session::{Asked, NotStarted, Session, Started, Task, input};
use crate::text::ProcessEnvironment;
use crate::verdict::Status;

/// Where a spec goes that is only printed.
const STANDARD_OUTPUT: &str = "-";

pub fn init(args: &Init, told: &Told) -> u8 {
    signals::listen();
    let output = Output::default();
    let printed = args.output.as_ref().is_some_and(|path| *path == *Path::new(STANDARD_OUTPUT));
    let spec = match &args.output {
        Some(path) if !printed => path.clone(),
        Some(_) | None => PathBuf::from(name_for(&args.data)),
    };
    let own = same_file(&spec, &args.data);
    if !printed && let Err(found) = own.and_then(|()| free(&spec, args.force)) {
        complain(&terminal::loose(&[*found], look()));
        return 2;
    }
    let folder = folder(&spec);
    let asked = Asked {
        data: args.data.clone(),
        path: path_from(folder, &args.data),
        target: args.target.clone(),
        task: args.task.map(|task| match task {
            InitTask::Classification => Task::Classification,
            InitTask::Regression => Task::Regression,
            InitTask::Clustering => Task::Clustering,
        }),
        model: args.model.clone(),
        file: (!printed).then(|| shown(&spec)),
        schema: schema_above(folder),
        spec,
    };
    let session = Arc::new(Session::new(&ProcessEnvironment, &run::clock, &signals::STOP));
    let tell = |model: &str| {
        if stderr().is_terminal() && told.verbosity() != Verbosity::Quiet {
            complain(&format!("first run, with {model} …\n"));
        }
    };
    match session.start(&asked, &tell) {
        Ok(Started { text, .. }) if printed => {
            output.print(&text);
            0
        }
        Ok(started) => written(&asked, &started, args.force, told, &output),
        Err(not_started) => refused(&asked, &not_started),
    }
}

fn written(asked: &Asked, started: &Started, force: bool, told: &Told, output: &Output) -> u8 {
    if let Err(found) = write(&asked.spec, &started.text, force) {
        complain(&terminal::loose(&[*found], look()));
        return 2;
    }
    if told.verbosity() != Verbosity::Quiet {
        let look = look();
        let drawn = terminal::diagnostics(&started.spec, look);
        let name = on_a_line(&shown(&asked.spec));
        output.print(&format!(
            "{}\n{drawn}\nwrote {name}: read it, make it yours, and run it with `mlspec run {name}`\n",
            terminal::line(&started.spec, Kind::Run, look)
        ));
    }
    0
}

fn refused(asked: &Asked, not_started: &NotStarted) -> u8 {
    let look = look();
    if signals::STOP.is_raised() {
        complain("mlspec: interrupted; nothing was written\n");
        return 130;
    }
    complain(&terminal::loose(&not_started.found, look));
    if let Some(spec) = &not_started.spec {
        let data = on_a_line(&asked.data);
        complain(&format!("mlspec: the first run on {data} came to nothing; this was tried:\n\n"));
        complain(&terminal::diagnostics(spec, look));
    }
    match not_started.status {
        Status::Invalid => 2,
        _ => 3,
    }
}

/// The name of a spec for a data file: in this folder, named for the data.
fn name_for(data: &str) -> String {
    let name = data.rsplit(['/', '\\']).next().unwrap_or(data);
    let stem = name.split('.').find(|part| !part.is_empty()).unwrap_or("spec");
    let kept = |c: char| if c.is_alphanumeric() || "-_".contains(c) { c } else { '_' };
    let stem: String = stem.chars().map(kept).collect();
    let stem = stem.trim_matches('_');
    format!("{}.mlspec.yaml", if stem.is_empty() { "spec" } else { stem })
}

/// The data is never replaced, however much force is used.
fn same_file(spec: &Path, data: &str) -> Result<(), Box<Diagnostic>> {
    let resolved = |path: &Path| path.canonicalize().ok();
    let Some(target) = resolved(spec) else { return Ok(()) };
    let data = input(Path::new(data));
    if !data.files.iter().any(|(file, _)| resolved(file).as_ref() == Some(&target)) {
        return Ok(());
    }
    let place = Place::File { path: spec.to_owned() };
    let message = format!("{} is the data itself", shown(spec));
    let found = Diagnostic::error(Code::StarterExists, place, message);
    Err(Box::new(found.help("name another file: `--output NAME.mlspec.yaml`")))
}

/// Whether a spec may be written there; looked at before anything is trained.
fn free(spec: &Path, force: bool) -> Result<(), Box<Diagnostic>> {
    let refuse = |code, message: String, help: &str| {
        let place = Place::File { path: spec.to_owned() };
        Err(Box::new(Diagnostic::error(code, place, message).help(help)))
    };
    let name = shown(spec);
    if spec.is_dir() {
        let message = format!("{name} is a folder");
        return refuse(Code::FileUnreadable, message, "name a file: `--output NAME.mlspec.yaml`");
    }
    let parent = folder(spec);
    if !parent.is_dir() {
        let message = format!("there is no folder {}", shown(parent));
        return refuse(Code::FileMissing, message, "make it first, or name another: `--output`");
    }
    if spec.symlink_metadata().is_ok() && !force {
        let message = format!("{name} is there already");
        let help = "name another file with `--output`, or let it be replaced with `--force`";
        return refuse(Code::StarterExists, message, help);
    }
    Ok(())
}

/// Puts the text in its place, whole.
fn write(spec: &Path, text: &str, force: bool) -> Result<(), Box<Diagnostic>> {
    let refuse = |error: std::io::Error| {
        let place = Place::File { path: spec.to_owned() };
        let message = format!("{} cannot be written: {error}", shown(spec));
        Box::new(Diagnostic::error(Code::FileUnreadable, place, message))
    };
    // Meanwhile somebody else may have written it.
    free(spec, force)?;
    // What a link points at is replaced, not the link.
    let target = spec.canonicalize().unwrap_or_else(|_| spec.to_owned());
    let mut file = beside(&target).map_err(refuse)?;
    file.write_all(text.as_bytes()).map_err(refuse)?;
    let placed = match force {
        true => file.persist(&target).map(drop),
        false => file.persist_noclobber(&target).map(drop),
    };
    placed.map_err(|error| refuse(error.error))
}

/// The data as a spec in this folder names it.
fn path_from(from: &Path, data: &str) -> String {
    let given = Path::new(data);
    let resolved =
        |path: &Path| path.canonicalize().or_else(|_| absolute(path)).ok().map(|path| plain(&path));
    let name = given.file_name();
    let parts = name.and_then(|name| Some((resolved(from)?, resolved(folder(given))?.join(name))));
    let Some((from, to)) = parts.filter(|_| !data.contains("://")) else { return data.to_owned() };
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().count() - shared;
    // From one drive to another there is no way, and far away the whole path says more.
    if shared == 0 || (given.is_absolute() && up > 0) {
        return data.to_owned();
    }
    let above = std::iter::repeat_n("..".to_owned(), up);
    let below =
        to.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    above.chain(below).collect::<Vec<_>>().join("/")
}

/// A path without the steps that lead nowhere.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

/// The schema in this folder or one above it, up to the project's own.
fn schema_above(folder: &Path) -> Option<String> {
    const NAMES: [&str; 2] = ["mlspec.schema.json", "schema/mlspec.schema.json"];
    let whole = folder.canonicalize().ok()?;
    let mut steps = String::new();
    for above in whole.ancestors() {
        if let Some(name) = NAMES.iter().find(|name| above.join(name).is_file()) {
            return Some(format!("{steps}{name}"));
        }
        if [".git", "mlspec.toml"].iter().any(|name| above.join(name).exists()) {
            return None;
        }
        steps.push_str("../");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_are_named_for_their_data() {
        for (data, name) in [
            ("data/penguins.csv", "penguins.mlspec.yaml"),
            ("a.csv.gz", "a.mlspec.yaml"),
            ("data/part-*.csv", "part-.mlspec.yaml"),
            (".csv", "csv.mlspec.yaml"),
            ("C:\\data\\größe.csv", "größe.mlspec.yaml"),
            ("*", "spec.mlspec.yaml"),
        ] {
            assert_eq!(name_for(data), name, "{data}");
        }
    }
}
