//! The arguments, as clap reads them.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Tests for machine-learning models, written as YAML specs.
#[derive(Debug, Parser)]
#[command(
    name = "mlspec",
    version,
    after_help = "Exit status: 0 all passed, 1 a threshold was missed, 2 wrong usage or an invalid spec, 3 a spec could not be evaluated, 4 no spec was selected."
)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train and judge the models of specs.
    Run(Run),
    /// Check specs without training: everything that the spec and its data's header tell.
    Check(Check),
    /// Print what a run would do, with every default written out.
    Plan(Plan),
    /// Print the JSON Schema of specs, for editors.
    Schema(Schema),
    /// Explain the code of a diagnostic; without a code, list all.
    Explain(Explain),
    /// List what specs can name.
    List(List),
    /// Serve editors over standard input and output, by the Language Server Protocol.
    Lsp,
}

#[derive(Debug, clap::Args)]
pub struct Selection {
    /// Spec files, or folders to search for `*.mlspec.yaml` and `*.mlspec.yml`.
    #[arg(default_value = ".", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Take only specs with this tag; several mean any of them.
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub struct Reports {
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Write a report file as well, such as `json=report.json`; may be given several times.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report)]
    pub report: Vec<ReportFile>,
}

/// One `--report`.
#[derive(Clone, Debug)]
pub struct ReportFile {
    pub path: PathBuf,
}

fn report(text: &str) -> Result<ReportFile, String> {
    match text.split_once('=') {
        Some(("json", path)) if !path.is_empty() => Ok(ReportFile { path: path.into() }),
        Some(("json", _)) => Err("the file is missing: write json=FILE".to_owned()),
        Some((format, _)) => Err(format!("there is no report format `{format}`; there is: json")),
        None => Err("write the format and the file: json=FILE".to_owned()),
    }
}

/// The form of the report on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people.
    Human,
    /// The JSON report.
    Json,
}

#[derive(Debug, clap::Args)]
pub struct Run {
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub reports: Reports,
    /// Show every step of every spec as a table.
    #[arg(long)]
    pub trace: bool,
    /// Begin no further spec after one that did not pass.
    #[arg(long)]
    pub fail_fast: bool,
    /// How many specs to run at once. Default: as many as there are processors.
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<usize>,
}

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(jobs) if (1..=1024).contains(&jobs) => Ok(jobs),
        _ => Err("a number from 1 to 1024 is wanted".to_owned()),
    }
}

#[derive(Debug, clap::Args)]
pub struct Check {
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub reports: Reports,
}

#[derive(Debug, clap::Args)]
pub struct Plan {
    /// The spec.
    pub path: PathBuf,
    /// The form of the plan.
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    pub format: PlanFormat,
}

/// The form of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// Numbered steps for people.
    Text,
    Json,
    Yaml,
}

#[derive(Debug, clap::Args)]
pub struct Schema {
    /// With the columns and classes of this spec's data as choices, so that an editor completes and
    /// checks them. The spec may be unfinished: only its data has to be found.
    #[arg(long = "for", value_name = "SPEC")]
    pub spec: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct Explain {
    /// A code such as `mlspec::threshold::missed`; the `mlspec::` may be left out.
    pub code: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct List {
    /// `sources`, `splits`, `transforms`, `models` or `metrics`; the name of a kind, for its page;
    /// or `spec`, for the keys of a spec. Without it, the lists of all kinds.
    pub what: Option<String>,
}
