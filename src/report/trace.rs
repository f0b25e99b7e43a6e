//! The steps of a spec as a table for people.

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, LineStyle, Table, TableStyle};

use super::look::{Look, clean};
use crate::outcome::SpecOutcome;

/// The steps of a spec as a table: Step, Action, Evaluation, Result. Nothing where no step was
/// reached.
pub fn trace(spec: &SpecOutcome, look: Look) -> String {
    if spec.steps.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    let line = if look.unicode { '─' } else { '-' };
    let style = TableStyle::new().header_separator(LineStyle::none().fill(line).junction(line));
    table
        .load_style(style)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(look.width).unwrap_or(u16::MAX))
        .set_header(["Step", "Action", "Evaluation", "Result"]);
    if look.colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    for (at, step) in spec.steps.iter().enumerate() {
        table.add_row([
            Cell::new(at + 1).set_alignment(CellAlignment::Right),
            Cell::new(clean(&step.action)),
            Cell::new(clean(&step.evaluation)),
            Cell::new(&step.result).fg(match step.result.as_str() {
                "ok" | "pass" => Color::Green,
                "warn" | "warning" | "skipped" => Color::Yellow,
                "fail" | "inconclusive" => Color::Red,
                _ => Color::Magenta,
            }),
        ]);
    }
    format!("{}\n", table.trim_fmt())
}
