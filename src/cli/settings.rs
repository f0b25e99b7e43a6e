//! The settings of a project as defaults of the flags, so that clap reads and checks them like what was
//! typed, and flags count before them.

use std::env::VarError;
use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue};

use super::args::{Args, Told};
use super::output::{complain, look, warn};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::report::terminal;
use crate::session::findings_in;
use crate::settings::{self, File, Form, KEYS, Key, Layers, Origin, Value, variable};
use crate::suite::{Project, below, filter};
use crate::text::{Environment, ProcessEnvironment, nearest};

/// Variables that are no flags in the file of settings.
const OTHERS: &[&str] = &[
    "MLSPEC_PROFILE",
    "MLSPEC_CONFIG_FILE",
    "MLSPEC_CACHE_DIR",
    "MLSPEC_LOG",
    // The template for GitLab says by it which version to install.
    "MLSPEC_VERSION",
];

/// Says of variables that look like settings and are none, which else would seem to count.
fn say_of_unknown_variables() {
    let known: Vec<String> = KEYS.iter().map(|key| variable(key.name)).collect();
    let known = || known.iter().map(String::as_str).chain(OTHERS.iter().copied());
    let mut unknown: Vec<String> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with("MLSPEC_") && !known().any(|known| known == name))
        .collect();
    unknown.sort();
    for name in unknown {
        let hint = match nearest(&name, known()) {
            Some(near) => near.question(),
            None => "`mlspec config` lists those that do".to_owned(),
        };
        warn(&format!("the variable {name} sets nothing; {hint}"));
    }
}

/// Variables of settings that hold no text, which else would count as not set.
fn unreadable_variables() -> Vec<Diagnostic> {
    let others = ["profile", "config-file"];
    let names = KEYS.iter().map(|key| key.name).chain(others).map(variable);
    let is_no_text = |name: &String| matches!(std::env::var(name), Err(VarError::NotUnicode(_)));
    let said = |name: String| {
        let message = format!("{name} is not UTF-8 text");
        Diagnostic::error(Code::SettingsInvalid, Place::Flag { name }, message)
    };
    names.filter(is_no_text).map(said).collect()
}

/// The settings of this run, below its flags.
#[derive(Debug)]
pub struct Settings {
    pub project: Project,
    /// The file as messages name it, where there is one.
    pub file: Option<String>,
    pub profile: String,
    pub values: Vec<(&'static Key, Option<Value>)>,
}

/// Reads the settings for a command: `run`, `check` or `config`.
///
/// # Errors
/// None where they cannot be used, which was then said.
pub fn gather(told: &Told, command: &str) -> Option<Settings> {
    let here = std::env::current_dir().unwrap_or_default();
    say_of_unknown_variables();
    let unreadable = unreadable_variables();
    if !unreadable.is_empty() {
        complain(&terminal::loose(&unreadable, look()));
        return None;
    }
    let of_variable =
        |flag: &str| ProcessEnvironment.get(&variable(flag)).filter(|text| !text.trim().is_empty());
    let named = told.config_file.clone().or_else(|| of_variable("config-file").map(PathBuf::from));
    let project = match named {
        Some(file) if !told.no_config => Project::with_settings(&file),
        _ => Project::around(&here),
    };
    let project = match told.no_config {
        true => Project { settings: None, ..project },
        false => project,
    };
    let (file, shown, text) = read(&project, &here)?;
    let profile = told.profile.clone().or_else(|| of_variable("profile"));
    let profile = profile.unwrap_or_else(|| "default".to_owned());
    if !file.knows(&profile) {
        let hint = match nearest(&profile, file.names()) {
            Some(near) => near.question(),
            None => format!("there are {}", file.names().collect::<Vec<_>>().join(", ")),
        };
        let flag = Place::Flag { name: format!("--profile {profile}") };
        let message = format!("there is no profile `{profile}`");
        let found = Diagnostic::error(Code::SettingsInvalid, flag, message).help(hint);
        complain(&terminal::loose(&[found], look()));
        return None;
    }
    let layers = Layers { environment: &ProcessEnvironment, file: &file, profile: profile.clone() };
    let mut values = Vec::new();
    let mut found = Vec::new();
    for key in KEYS.iter().filter(|key| key.check || command != "check") {
        let value = layers.value(key);
        if let Some(value) = &value {
            found.extend(unfit(key, value, command, &text));
        }
        values.push((key, value));
    }
    // What is typed counts before both.
    if let Some([_, (key, value)]) = layers.opposites()
        && !told.quiet
        && !told.verbose
    {
        let message = format!("`quiet` and `{}` exclude each other", key.name);
        found.push(Diagnostic::error(Code::SettingsInvalid, place_of(&value.origin), message));
    }
    let (in_file, loose): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|each| matches!(each.place, Place::Text { .. }));
    let shown_file = shown.clone().unwrap_or_default();
    if !in_file.is_empty() {
        complain(&terminal::diagnostics(&findings_in(&shown_file, &text, in_file.clone()), look()));
    }
    complain(&terminal::loose(&loose, look()));
    let fit = in_file.is_empty() && loose.is_empty();
    fit.then_some(Settings { project, file: shown, profile, values })
}

/// The file of the project, its name in messages, and its text; all empty where there is none.
fn read(project: &Project, here: &Path) -> Option<(File, Option<String>, String)> {
    let Some(path) = &project.settings else { return Some(Default::default()) };
    let shown = below(path, here);
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("the settings {shown} cannot be read: {error}");
            let place = Place::File { path: path.clone() };
            let found = Diagnostic::error(Code::SettingsInvalid, place, message)
                .help("name another file with `--config-file`, or none with `--no-config`");
            complain(&terminal::loose(&[found], look()));
            return None;
        }
    };
    match settings::read(&text) {
        Ok(file) => Some((file, Some(shown), text)),
        Err(found) => {
            complain(&terminal::diagnostics(&findings_in(&shown, &text, found), look()));
            None
        }
    }
}

/// Where a value was set.
fn place_of(origin: &Origin) -> Place {
    match origin {
        Origin::File { span, .. } => Place::Text { range: span.clone() },
        Origin::Variable(name) => Place::Flag { name: name.clone() },
        Origin::Flag => Place::Flag { name: "the command line".to_owned() },
        Origin::BuiltIn | Origin::BuiltInProfile(_) => Place::Flag { name: "built in".to_owned() },
    }
}

/// What the flag of a key has against its value, at the place where the value was set.
fn unfit(key: &Key, value: &Value, command: &str, text: &str) -> Vec<Diagnostic> {
    let place = match &value.origin {
        Origin::File { .. } | Origin::Variable(_) => place_of(&value.origin),
        Origin::Flag | Origin::BuiltIn | Origin::BuiltInProfile(_) => return Vec::new(),
    };
    let at = match &value.origin {
        Origin::Variable(name) => format!("in {name}: "),
        _ => String::new(),
    };
    if key.name == "filter" {
        return value
            .values
            .iter()
            .flat_map(|filter| unfit_filter(filter, &place, &at, text))
            .collect();
    }
    let mut found = Vec::new();
    for each in &value.values {
        let flag = match key.form {
            Form::Switch if matches!(each.as_str(), "true" | "false") => continue,
            Form::Switch => {
                let message = format!("{at}`{}` is true or false, not `{each}`", key.name);
                found.push(Diagnostic::error(Code::SettingsInvalid, place.clone(), message));
                continue;
            }
            _ if key.name == "paths" => continue,
            Form::Whole | Form::Text | Form::Texts | Form::Time => format!("--{}={each}", key.name),
        };
        if let Err(error) = Args::command().try_get_matches_from(["mlspec", command, &flag]) {
            let message = format!("{at}`{}` cannot be `{each}`: {}", key.name, reason(&error));
            let diagnostic = Diagnostic::error(Code::SettingsInvalid, place.clone(), message);
            found.push(diagnostic.label("not allowed here"));
        }
    }
    found
}

/// The mistakes in a filter, in the file at their own places where the file has the filter as it is.
fn unfit_filter(filter: &str, place: &Place, at: &str, text: &str) -> Vec<Diagnostic> {
    let Err(found) = filter::parse(filter) else { return Vec::new() };
    let within = match place {
        Place::Text { range } => text[range.clone()].find(filter).map(|start| range.start + start),
        _ => None,
    };
    let moved = |each: Diagnostic| match (&each.place, within) {
        (Place::Text { range }, Some(start)) => {
            let range = start + range.start..start + range.end;
            Diagnostic { place: Place::Text { range }, ..each }
        }
        _ => {
            let message = format!("{at}{}", each.message);
            Diagnostic { place: place.clone(), message, ..each }
        }
    };
    found.into_iter().map(moved).collect()
}

/// Why clap refuses a value.
fn reason(error: &clap::Error) -> String {
    if let Some(source) = error.source() {
        return source.to_string();
    }
    match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) => format!("there are {}", values.join(", ")),
        _ => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            first.strip_prefix("error: ").unwrap_or(first).to_owned()
        }
    }
}

impl Settings {
    /// The arguments with the settings as their defaults.
    pub fn defaults(&self, command: &str) -> clap::Command {
        let mut all = Args::command();
        for (key, value) in &self.values {
            let Some(value) = value else { continue };
            let values = match (key.name, &value.origin) {
                ("paths", Origin::File { .. }) => self.paths(&value.values),
                _ => value.values.clone(),
            };
            // Clap keeps what it is given for as long as the program runs.
            let values: Vec<&'static str> =
                values.into_iter().map(|text| &*Box::leak(text.into_boxed_str())).collect();
            let id = id(key);
            let is_global = all.get_arguments().any(|arg| arg.get_id() == id.as_str());
            let with = |arg: clap::Arg| arg.default_values(values);
            all = match is_global {
                true => all.mut_arg(id, with),
                false => all.mut_subcommand(command, |sub| sub.mut_arg(id, with)),
            };
        }
        all
    }

    /// Paths of the file, which are told from its folder, as told from the working directory.
    fn paths(&self, paths: &[String]) -> Vec<String> {
        let here = std::env::current_dir().unwrap_or_default();
        let shown = |path: &String| match below(&self.project.root.join(path), &here) {
            shown if shown.is_empty() => ".".to_owned(),
            shown => shown,
        };
        paths.iter().map(shown).collect()
    }
}

/// How clap names the argument of a key.
pub fn id(key: &Key) -> String {
    key.name.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Flags that are no settings, and why.
    const NO_KEYS: &[(&str, &str)] = &[
        ("help", "asks for help"),
        ("rerun", "is about the last run, not about the project"),
        ("fail-fast", "is `max-fail = 1`"),
        ("config-file", "names the settings"),
        ("no-config", "leaves the settings out"),
        ("profile", "chooses among the settings"),
        ("baseline-report", "is about one earlier run"),
        ("changed-since", "is about the change at hand"),
        ("watch", "is about the run at hand"),
    ];

    #[test]
    fn every_flag_of_run_can_be_set_or_says_why_not() {
        let mut all = Args::command();
        all.build();
        let run = all.find_subcommand("run").expect("there is a command `run`");
        let flags: Vec<&str> = run.get_arguments().filter_map(|arg| arg.get_long()).collect();
        for flag in &flags {
            let is_key = Key::find(flag).is_some();
            let is_none = NO_KEYS.iter().any(|(name, _)| name == flag);
            assert!(is_key != is_none, "--{flag} is in one of the two lists");
        }
        for key in KEYS {
            assert!(key.name == "paths" || flags.contains(&key.name), "{} is a flag", key.name);
            let command = if key.check { "check" } else { "run" };
            let of = all.find_subcommand(command).expect("the command is there");
            assert!(of.get_arguments().any(|arg| arg.get_id() == id(key).as_str()), "{}", key.name);
        }
    }
}
