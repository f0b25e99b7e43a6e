//! Writes a design down as a spec, with a comment for each choice.

use super::facts::ColumnFacts;
use super::goal::{shown, steers};
use super::model::{Scale, Wanted};
use super::page::Page;
use super::roles::Role;
use super::{Design, Origin, bounds};
use crate::data::{ColumnKind, DeclaredType, Task};
use crate::diagnostic::counted;
use crate::text::{as_yaml, as_yaml_key};

/// Where there are more features, their types are left to the reader of the file.
const TYPED: usize = 80;

/// A first spec.
pub fn text(design: &Design<'_>) -> String {
    let mut page = Page::default();
    head(design, &mut page);
    data(design, &mut page);
    model(design, &mut page);
    thresholds(design, &mut page);
    page.text()
}

fn head(design: &Design<'_>, page: &mut Page) {
    let schema = design.schema.unwrap_or("mlspec.schema.json");
    page.line(format!("# yaml-language-server: $schema={schema}"));
    if design.schema.is_none() {
        page.comment(0, "(For editors: `mlspec schema > mlspec.schema.json` writes that file.)");
        page.line("#");
    }
    let run = match design.file {
        Some(file) => format!("`mlspec run {}`", one_line(file)),
        None => "`mlspec run`".to_owned(),
    };
    page.comment(
        0,
        &format!(
            "A first spec for {}, as `mlspec init` proposes it. It passes as it stands: change a line, and see what {run} says.",
            shown(design.data)
        ),
    );
    page.line("version: 1");
    let stem = stem(design.data);
    page.line(format!(
        "name: {}",
        as_yaml(&match &design.goal.target {
            Some(target) => format!("{target} from {stem}"),
            None => format!("groups in {stem}"),
        })
    ));
    page.line("");
}

/// The name of a file without what says its format.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    shown(if stem.is_empty() { name } else { stem })
}

fn data(design: &Design<'_>, page: &mut Page) {
    let Design { facts, goal, split, .. } = design;
    page.line("data:");
    let (rows, columns) = (counted(facts.rows, "row"), counted(facts.columns.len(), "column"));
    path(design.origin, format!("{rows}, {columns}"), page);
    if let Some(target) = &goal.target {
        page.line(format!("  target: {}", as_yaml(target)));
    }
    let values = classes(design);
    let task = match (&goal.because, values.as_str()) {
        (None, _) => values,
        (Some(because), "") => because.clone(),
        (Some(because), values) => format!("{values}; {because}"),
    };
    page.noted(format!("  task: {}", goal.task), task);
    if let Some((class, because)) = &goal.positive {
        page.noted(format!("  positive: {}", class_as_yaml(class, design)), *because);
    }
    if goal.unanswered > 0 {
        let share = goal.unanswered as f64 / (goal.rows + goal.unanswered).max(1) as f64;
        let most = ((share * 100.0).ceil() / 100.0).min(1.0);
        page.noted(
            format!("  missing_target: {{ drop: true, max: {most} }}"),
            format!("{} of {} rows have no answer", goal.unanswered, facts.rows),
        );
    }
    without_rare_classes(design, page);
    types(design, page);
    keys(design, page);
    let group = design.roles.iter().position(|role| *role == Role::Group);
    let group = group.map(|at| &*facts.columns[at].name);
    if let Some(written) = split.written(as_yaml) {
        page.line("  split:");
        page.comment(4, &one_line(&split.because(goal.rows, group)));
        page.line(format!("    {written}"));
    }
    page.line("");
}

/// A spec that is only there to read the table.
pub fn reading(origin: &Origin) -> String {
    let mut page = Page::default();
    page.line("version: 1");
    page.line("data:");
    path(origin, String::new(), &mut page);
    let types = origin.types.iter();
    let types: Vec<String> =
        types.map(|(name, kind)| format!("    {}: {}", as_yaml_key(name), word(*kind))).collect();
    if !types.is_empty() {
        page.line("  types:");
        types.into_iter().for_each(|line| page.line(line));
    }
    page.text()
}

fn path(origin: &Origin, size: String, page: &mut Page) {
    let dialect = &origin.dialect;
    let mut options = Vec::new();
    if let Some(separator) = dialect.separator {
        options.push(format!("separator: {}", quoted(&separator.to_string())));
    }
    if dialect.without_header {
        options.push("has_header: false".to_owned());
    }
    if !dialect.gaps.is_empty() {
        let gaps: Vec<String> = dialect.gaps.iter().map(|gap| quoted(gap)).collect();
        options.push(format!("null_values: [{}]", gaps.join(", ")));
    }
    let path = as_yaml(&origin.path);
    if options.is_empty() {
        page.noted(format!("  path: {path}"), size);
        return;
    }
    page.line("  path:");
    page.noted(format!("    path: {path}"), size);
    page.line(format!("    csv: {{ {} }}", options.join(", ")));
}

/// A short text in quotes, whatever it is.
fn quoted(text: &str) -> String {
    let written = as_yaml(text);
    if written.starts_with('"') { written } else { format!("\"{written}\"") }
}

/// The classes with their rows, or the range of the answers.
fn classes(design: &Design<'_>) -> String {
    let goal = design.goal;
    if goal.task == Task::Classification {
        return with_counts(&goal.classes);
    }
    let target = goal.target.as_deref().and_then(|target| design.facts.column(target));
    let range = target.and_then(|target| target.range.as_ref());
    range.map_or_else(String::new, |(least, most)| format!("{} to {}", short(least), short(most)))
}

/// The most frequent values with their rows.
fn with_counts(values: &[(String, usize)]) -> String {
    const SHOWN: usize = 4;
    let mut sorted: Vec<&(String, usize)> = values.iter().collect();
    sorted.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    let told: Vec<String> =
        sorted.iter().take(SHOWN).map(|(value, rows)| format!("{} {rows}", shown(value))).collect();
    match sorted.len().saturating_sub(SHOWN) {
        0 => told.join(", "),
        more => format!("{}, and {more} more", told.join(", ")),
    }
}

/// A class of text is written so that it stays one.
fn class_as_yaml(class: &str, design: &Design<'_>) -> String {
    let target = design.goal.target.as_deref().and_then(|target| design.facts.column(target));
    match target.map(|target| &target.kind) {
        Some(ColumnKind::Integer | ColumnKind::Float | ColumnKind::Bool) => class.to_owned(),
        _ => as_yaml(class),
    }
}

fn without_rare_classes(design: &Design<'_>, page: &mut Page) {
    let goal = design.goal;
    let (Some(target), false) = (&goal.target, goal.rare.is_empty()) else { return };
    let is_text = design.facts.column(target).is_none_or(|column| {
        matches!(column.kind, ColumnKind::Text) || goal.declared == Some(DeclaredType::Category)
    });
    let literal = |(class, _): &(String, usize)| match is_text {
        true => format!("'{}'", class.replace('\'', "''")),
        false => class.clone(),
    };
    let classes: Vec<String> = goal.rare.iter().map(literal).collect();
    let name = format!("\"{}\"", target.replace('"', "\"\""));
    let which = with_counts(&goal.rare);
    let why = "Left out, because a class needs rows to train on and others to be judged on";
    page.comment(2, &one_line(&format!("{why}: {which}.")));
    // Rows without an answer stay, so that `missing_target` counts them.
    let kept = format!("{name} IS NULL OR {name} NOT IN ({})", classes.join(", "));
    page.line(format!("  where: {}", quoted(&kept)));
}

/// What the features are, and what would be told if it were to change.
fn types(design: &Design<'_>, page: &mut Page) {
    let Design { facts, roles, origin, goal, split, typed, .. } = design;
    let declared = |column: &ColumnFacts| {
        let known = origin.types.iter().find(|(name, _)| *name == column.name);
        known.map(|(_, kind)| *kind)
    };
    let of_target =
        |column: &ColumnFacts| goal.declared.filter(|_| goal.target.as_ref() == Some(&column.name));
    let features = roles.iter().filter(|role| **role == Role::Feature).count();
    let all = *typed && features <= TYPED;
    let mut lines = Vec::new();
    for (column, role) in facts.columns.iter().zip(roles.iter()) {
        let used = match role {
            Role::Feature => all,
            Role::Time | Role::Group => all && split.column() == Some(&column.name),
            Role::Target | Role::Id | Role::Left(_) => false,
        };
        let kind = of_target(column)
            .or_else(|| declared(column).filter(|_| used || is_read(column, design)));
        let Some(kind) = kind.or_else(|| used.then(|| declared_as(&column.kind)).flatten()) else {
            continue;
        };
        lines.push((format!("    {}: {}", as_yaml_key(&column.name), word(kind)), told(column)));
    }
    if lines.is_empty() {
        return;
    }
    if all {
        page.noted("  types:", "as found in the file; a value of another type is then an error");
        // The comments below are a column of their own.
        for (line, note) in lines {
            page.noted(line, note);
        }
    } else {
        page.line("  types:");
        lines.into_iter().for_each(|(line, note)| page.noted(line, note));
    }
}

/// Whether a run reads the column although it is no feature.
fn is_read(column: &ColumnFacts, design: &Design<'_>) -> bool {
    let name = Some(&*column.name);
    design.split.column() == name || design.goal.target.as_deref() == name
}

fn declared_as(kind: &ColumnKind) -> Option<DeclaredType> {
    match kind {
        ColumnKind::Integer => Some(DeclaredType::Int),
        ColumnKind::Float => Some(DeclaredType::Float),
        ColumnKind::Bool => Some(DeclaredType::Bool),
        ColumnKind::Text => Some(DeclaredType::Category),
        ColumnKind::Date => Some(DeclaredType::Date),
        ColumnKind::Datetime => Some(DeclaredType::Datetime),
        ColumnKind::Empty | ColumnKind::Other(_) => None,
    }
}

fn word(kind: DeclaredType) -> &'static str {
    match kind {
        DeclaredType::Int => "int",
        DeclaredType::Float => "float",
        DeclaredType::String => "string",
        DeclaredType::Bool => "bool",
        DeclaredType::Category => "category",
        DeclaredType::Date => "date",
        DeclaredType::Datetime => "datetime",
    }
}

/// What the values of a column are.
fn told(column: &ColumnFacts) -> String {
    let values = match (&column.kind, &column.range) {
        (ColumnKind::Text | ColumnKind::Bool, _) if !column.values.is_empty() => {
            with_counts(&column.values)
        }
        (ColumnKind::Text, _) => counted(column.distinct, "value"),
        (_, Some((least, most))) => format!("{} to {}", short(least), short(most)),
        (_, None) => String::new(),
    };
    match column.missing {
        0 => values,
        missing => format!("{values}; {missing} missing"),
    }
}

/// A number with the digits that count; anything else as it is.
fn short(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(value) if text.len() > 8 && value.is_finite() => bounds::told(value),
        _ => shown(text),
    }
}

/// The key, and the columns that are left out, each with the reason.
fn keys(design: &Design<'_>, page: &mut Page) {
    let Design { facts, roles, split, .. } = design;
    let mut left = Vec::new();
    for (column, role) in facts.columns.iter().zip(roles.iter()) {
        let reason = match role {
            Role::Left(reason) => reason.clone(),
            Role::Id => {
                page.noted(
                    format!("  id: {}", as_yaml(&column.name)),
                    "names each row; reports show it, and the model does not see it",
                );
                continue;
            }
            Role::Group if split.column() != Some(&*column.name) => {
                "a key: the model would learn it by heart".to_owned()
            }
            Role::Time if split.column() != Some(&*column.name) && column.kind.is_moment() => {
                "a time; `derive` can make numbers of it".to_owned()
            }
            Role::Target | Role::Feature | Role::Time | Role::Group => continue,
        };
        left.push((format!("    - {}", as_yaml(&column.name)), one_line(&reason)));
    }
    if left.is_empty() {
        return;
    }
    page.line("  exclude:");
    left.into_iter().for_each(|(line, note)| page.noted(line, note));
}

fn model(design: &Design<'_>, page: &mut Page) {
    let model = design.model;
    page.comment(
        0,
        "What the model needs is done by itself: gaps are filled, categories become columns. `mlspec plan` prints these steps; written under `prepare` they are yours.",
    );
    page.line("model:");
    page.comment(2, &model.because);
    page.line(format!("  {}: {}", model.name, model.parameters));
    page.line("");
    let with_parameters = design.metrics.iter().filter_map(|wanted| {
        wanted.parameters.map(|parameters| format!("  - {}: {parameters}", wanted.name))
    });
    let with_parameters: Vec<String> = with_parameters.collect();
    if !with_parameters.is_empty() {
        page.line("metrics:");
        with_parameters.into_iter().for_each(|line| page.line(line));
        page.line("");
    }
}

fn thresholds(design: &Design<'_>, page: &mut Page) {
    page.line("thresholds:");
    let Some(bounds) = design.bounds else {
        for wanted in design.metrics {
            page.line(format!("  {}: {}", wanted.name, provisional(wanted)));
        }
        return;
    };
    page.comment(2, &room(design, bounds.rows));
    for (wanted, bound) in design.metrics.iter().zip(&bounds.each) {
        page.noted(format!("  {}: {}", wanted.name, bound.written), &bound.from);
    }
    page.line("");
    page.line("# What they say:");
    for wanted in design.metrics {
        page.line(format!("#   {}: {}", wanted.name, wanted.says));
    }
}

/// How the bounds came about.
fn room(design: &Design<'_>, rows: usize) -> String {
    let lead = design.metrics.first().map(|wanted| wanted.scale);
    let over = match design.goal.task {
        Task::Clustering => "",
        Task::Classification | Task::Regression => {
            " `over_dummy` asks for half of the lead over a model that ignores the features."
        }
    };
    let room = match lead {
        Some(Scale::Share | Scale::ShareByClass) => format!(
            "with room for what other rows alone may cost: two standard errors on {rows} rows"
        ),
        Some(Scale::Gain | Scale::Loss) if design.goal.task == Task::Clustering => {
            "with a tenth of it as room".to_owned()
        }
        Some(Scale::Gain | Scale::Loss) | None => {
            "with a tenth of the way to a model that ignores the features as room".to_owned()
        }
    };
    format!("Set from a first run, {room}.{over} Put what you need in their place.")
}

/// A bound to run with before anything was measured.
fn provisional(wanted: &Wanted) -> &'static str {
    match wanted.scale {
        Scale::Share | Scale::ShareByClass | Scale::Gain => "{ min: 0.5 }",
        Scale::Loss => "{ max: 1 }",
    }
}

/// A comment that no value can break out of.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}
