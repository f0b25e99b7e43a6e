//! The command line: arguments in, text out, an exit status at the end.

mod args;
mod beside;
mod cache;
mod check;
mod config;
mod explain;
mod fix;
mod github;
mod init;
mod list;
mod logs;
mod lsp;
mod output;
mod plan;
mod progress;
mod report;
mod reports;
mod run;
mod schema;
mod select;
mod settings;
mod shells;
mod signals;
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches};

use args::{Args, Command};
use settings::Settings;

use crate::suite::Project;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    quiet_panics();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // First without the settings, because flags say where they are.
    let matches = match Args::command().try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => return refused(&error),
    };
    let command = matches.subcommand_name().unwrap_or_default().to_owned();
    let mut first = match Args::from_arg_matches(&matches) {
        Ok(args) => args,
        Err(error) => return refused(&error),
    };
    first.typed(&matches);
    output::choose(first.told.color);
    if !matches!(command.as_str(), "run" | "check" | "config") {
        return ExitCode::from(output::status(begin(first, None)));
    }
    let Some(settings) = settings::gather(&first.told, &command) else {
        return ExitCode::from(2);
    };
    let parsed = settings.defaults(&command).try_get_matches_from(&arguments);
    let read = parsed.and_then(|matches| Ok((Args::from_arg_matches(&matches)?, matches)));
    let (mut args, matches) = match read {
        Ok(read) => read,
        Err(error) => return refused(&error),
    };
    args.typed(&matches);
    let of_command = matches.subcommand().map(|(_, of)| of.clone());
    let come_to = begin(args, Some(&(settings, of_command.unwrap_or_default())));
    ExitCode::from(output::status(come_to))
}

/// Help and version go to standard output with status 0, wrong usage to standard error with 2.
fn refused(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    ExitCode::from(u8::from(error.use_stderr()) * 2)
}

/// Runs the command.
fn begin(args: Args, settings: Option<&(Settings, ArgMatches)>) -> u8 {
    let Args { told, command } = args;
    output::choose(told.color);
    logs::listen(told.verbosity());
    match command {
        Command::Run(args) if args.watch => watch::watch(&args, &told, &project(settings)),
        Command::Run(args) => run::run(&args, &told, &project(settings)),
        Command::Check(args) => check::check(&args, &told, &project(settings)),
        Command::Config(_) => match settings {
            Some((settings, matches)) => config::config(settings, matches),
            None => 2,
        },
        Command::Plan(args) => plan::plan(&args),
        Command::Schema(args) => schema::schema(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::List(args) => list::list(&args),
        Command::Cache(args) => cache::cache(&args),
        Command::Init(args) => init::init(&args, &told),
        Command::Completions(args) => shells::completions(&args),
        Command::Man(args) => shells::man(&args),
        Command::Report(args) => report::report(&args.command),
        Command::Lsp => lsp::lsp(),
    }
}

/// The project, told from the working directory where there is nothing else to tell it from.
fn project(settings: Option<&(Settings, ArgMatches)>) -> Project {
    let project = settings.map(|(settings, _)| settings.project.clone());
    let here = || Project { root: PathBuf::from("."), settings: None };
    project.filter(|project| !project.root.as_os_str().is_empty()).unwrap_or_else(here)
}

/// A crash in a spec becomes that spec's error, with its message, so it is not printed as well.
fn quiet_panics() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let thread = std::thread::current();
        let reported = thread
            .name()
            .is_some_and(|name| name.starts_with("spec-") || name.starts_with("polars"));
        if !reported {
            default(info);
        }
    }));
}
