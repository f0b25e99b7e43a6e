//! The command line: arguments in, text out, an exit status at the end.

mod args;
mod check;
mod explain;
mod list;
mod lsp;
mod output;
mod plan;
mod reports;
mod run;
mod schema;
mod select;
mod signals;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    quiet_panics();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version go to stdout with status 0, wrong usage to stderr with 2.
            let status = u8::from(error.use_stderr()) * 2;
            let _ = error.print();
            return ExitCode::from(status);
        }
    };
    let status = match args.command {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check::check(&args),
        Command::Plan(args) => plan::plan(&args),
        Command::Schema(args) => schema::schema(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::List(args) => list::list(&args),
        Command::Lsp => lsp::lsp(),
    };
    ExitCode::from(status)
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
