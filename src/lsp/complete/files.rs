//! The files and folders that a path can go on with, from the folder that it names so far.

use std::fs;
use std::path::Path;

use super::asked::Asked;
use super::{Completion, CompletionKind, Insert};
use crate::diagnostic::Segment;
use crate::spec::data_extensions;
use crate::text::{Environment, Form, Quote, filled_in, stands_plain};

/// Of a folder with more entries only the first ones are looked at.
const MOST: usize = 5000;

/// What a path at the cursor can go on with; none where no path stands there.
pub fn complete(asked: &Asked<'_>, environment: &dyn Environment) -> Option<Vec<Completion>> {
    if !is_path(asked.route.segments()) {
        return None;
    }
    let mut found = Vec::new();
    let Some(word) = asked.range() else { return Some(found) };
    let typed = asked.typed();
    if typed.contains("://") || typed.ends_with(' ') {
        return Some(found);
    }
    let parent = typed.rfind('/').map_or("", |slash| &typed[..=slash]);
    let start = word.start + parent.len();
    let Some(named) = filled_in(parent, environment) else { return Some(found) };
    let folder = asked.view.path.parent().unwrap_or(Path::new("")).join(named);
    for (name, is_folder) in entries(&folder) {
        let (label, kind) = match is_folder {
            true => (format!("{name}/"), CompletionKind::Folder),
            false => (name.clone(), CompletionKind::File),
        };
        let segment = label.replace("${", "$${");
        let form = if asked.is_flow() { Form::Flow } else { Form::Block };
        let whole = format!("{parent}{segment}");
        let fits = asked.site().quote != Quote::Plain || stands_plain(&whole, form);
        let lead = asked.lead();
        let (range, label, text) = match fits {
            true => (start..word.end, label, asked.scalar_part(&segment)),
            false => (word.clone(), whole.clone(), asked.scalar(&whole)),
        };
        let Some(text) = text else { continue };
        let insert = Insert::Text(format!("{lead}{text}"));
        let (detail, documentation) = (None, None);
        found.push(Completion { label, kind, detail, documentation, range, insert });
    }
    Some(found)
}

/// Whether a data file is named at a route.
fn is_path(route: &[Segment]) -> bool {
    let key =
        |segment: &Segment, name: &str| matches!(segment, Segment::Key(key) if &**key == name);
    match route {
        [data, file] if key(data, "data") => ["path", "train", "test"].iter().any(|n| key(file, n)),
        [data, _, path] if key(data, "data") => key(path, "path"),
        [model, given, path] => {
            key(model, "model") && key(given, "predictions") && key(path, "path")
        }
        _ => false,
    }
}

/// Data files and folders of a folder, files first, each in the order of the alphabet.
fn entries(folder: &Path) -> Vec<(String, bool)> {
    let Ok(listed) = fs::read_dir(folder) else { return Vec::new() };
    let mut entries: Vec<(String, bool)> = listed
        .take(MOST)
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_folder = fs::metadata(entry.path()).ok()?.is_dir();
            let shown = !name.starts_with('.') && (is_folder || is_data(&name));
            shown.then_some((name, is_folder))
        })
        .collect();
    entries.sort_by(|(a, a_folder), (b, b_folder)| (a_folder, a).cmp(&(b_folder, b)));
    entries
}

fn is_data(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let packed = [".gz", ".zst"].iter().find_map(|packing| name.strip_suffix(packing));
    let name = packed.unwrap_or(&name);
    data_extensions().any(|extension| {
        name.strip_suffix(extension).is_some_and(|stem| stem.ends_with('.') && stem.len() > 1)
    })
}
