//! `mlspec config`: each setting with its value, and where that comes from.

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::output::{Output, look};
use super::settings::{Settings, id};
use crate::report::look::on_a_line;
use crate::settings::{Form, Key, Origin};

/// Prints the settings that a run with the same flags would have.
pub fn config(settings: &Settings, matches: &ArgMatches) -> u8 {
    let look = look();
    let mut text = String::new();
    match &settings.file {
        Some(file) => text.push_str(&format!("settings   {}\n", on_a_line(file))),
        None => text.push_str("settings   none: no mlspec.toml was found\n"),
    }
    text.push_str(&format!("profile    {}\n\n", on_a_line(&settings.profile)));
    let rows: Vec<(&str, String, String)> = settings
        .values
        .iter()
        .map(|(key, value)| {
            let typed = matches.value_source(&id(key)) == Some(ValueSource::CommandLine);
            let origin = match (typed, value) {
                (true, _) => Origin::Flag,
                (false, Some(value)) => value.origin.clone(),
                (false, None) => Origin::BuiltIn,
            };
            (key.name, shown(key, matches), words(&origin, key, settings))
        })
        .collect();
    let width = |of: fn(&(&str, String, String)) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let names = width(|row| row.0.len());
    let values = width(|row| row.1.chars().count()).min(48);
    for (name, value, origin) in &rows {
        let value = on_a_line(value);
        let padding = " ".repeat(values.saturating_sub(value.chars().count()));
        let name = look.bold(format!("{name:<names$}"));
        text.push_str(&format!("{name}  {value}{padding}  {}\n", look.dim(origin)));
    }
    Output::default().print(&text);
    0
}

/// The value as `mlspec.toml` would write it.
fn shown(key: &Key, matches: &ArgMatches) -> String {
    let values: Vec<String> = matches
        .get_raw(&id(key))
        .map(|values| values.map(|value| value.to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    let quoted = |value: &String| format!("{value:?}");
    match (key.form, values.as_slice()) {
        (Form::Texts, values) => {
            format!("[{}]", values.iter().map(quoted).collect::<Vec<_>>().join(", "))
        }
        (_, []) => "-".to_owned(),
        (Form::Switch | Form::Whole, [value, ..]) => value.clone(),
        (Form::Text | Form::Time, [value, ..]) => quoted(value),
    }
}

fn words(origin: &Origin, key: &Key, settings: &Settings) -> String {
    match origin {
        Origin::Flag if key.name == "paths" => "this command".to_owned(),
        Origin::Flag => format!("--{}", key.name),
        Origin::Variable(name) => name.clone(),
        Origin::File { line, profile, .. } => {
            let file = settings.file.as_deref().unwrap_or_default();
            format!("{}:{line}, profile {}", on_a_line(file), on_a_line(profile))
        }
        Origin::BuiltInProfile(profile) => format!("built in, profile {profile}"),
        Origin::BuiltIn => "built in".to_owned(),
    }
}
