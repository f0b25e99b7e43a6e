//! `mlspec explain`: what a diagnostic means.

use super::args::Explain;
use super::output::{Output, warn};
use crate::diagnostic::Code;
use crate::text::nearest;

pub fn explain(args: &Explain) -> u8 {
    let output = Output::default();
    let Some(name) = &args.code else {
        let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or(0);
        let lines: Vec<String> = Code::ALL
            .iter()
            .map(|code| format!("{:<width$}  {}", code.name(), code.summary()))
            .collect();
        output.line(&lines.join("\n"));
        return 0;
    };
    match Code::find(name) {
        Some(code) => {
            output.line(&format!("{code}: {}\n\n{}", code.summary(), code.explanation()));
            0
        }
        None => {
            let short = name.strip_prefix("mlspec::").unwrap_or(name);
            let known = Code::ALL.iter().map(|code| &code.name()["mlspec::".len()..]);
            let hint = match nearest(short, known) {
                Some(near) => near.map(|name| format!("mlspec::{name}")).question(),
                None => "`mlspec explain` lists all".to_owned(),
            };
            warn(&format!("there is no code `{name}`; {hint}"));
            2
        }
    }
}
