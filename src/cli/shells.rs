//! `mlspec completions` and `mlspec man`: what shells and manuals know of the arguments, from the
//! arguments themselves.

use clap::{Command, CommandFactory};

use super::args::{Args, Completions, Man};
use super::output::{Output, warn};

const NAME: &str = "mlspec";

pub fn completions(args: &Completions) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), NAME, &mut script);
    print(&script)
}

pub fn man(args: &Man) -> u8 {
    let mut all = Args::command();
    // Only a built command knows the flags that all commands share, and its name as a page.
    all.build();
    let command = match &args.command {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(command) => command.clone(),
            None => {
                let names: Vec<&str> = all.get_subcommands().map(Command::get_name).collect();
                warn(&format!("there is no command `{name}`; there are {}", names.join(", ")));
                return 2;
            }
        },
    };
    let mut page = Vec::new();
    match clap_mangen::Man::new(command).render(&mut page) {
        Ok(()) => print(&page),
        Err(error) => {
            warn(&format!("the page cannot be written: {error}"));
            3
        }
    }
}

fn print(bytes: &[u8]) -> u8 {
    Output::default().print(&String::from_utf8_lossy(bytes));
    0
}
