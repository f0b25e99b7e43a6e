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
    let mut command = &all;
    for (at, name) in args.commands.iter().enumerate() {
        let Some(below) = command.find_subcommand(name) else {
            let asked = args.commands[..=at].join(" ");
            let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            let hint = match names.as_slice() {
                [] => format!("`{}` has none below it", args.commands[..at].join(" ")),
                names => format!("there are {}", names.join(", ")),
            };
            warn(&format!("there is no command `{asked}`; {hint}"));
            return 2;
        };
        command = below;
    }
    let mut page = Vec::new();
    match clap_mangen::Man::new(command.clone()).render(&mut page) {
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
