//! The arguments, as clap reads them.

mod reporting;
mod selection;

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Parser, Subcommand, ValueEnum};

use super::progress::Verbosity;
use crate::session::Period;
use crate::store::Bytes;
use reporting::report_file;
pub use reporting::{Compare, CompareFormat, Convert, Merge, Report, ReportCommand, ReportFile};
pub use selection::{Rerun, Selection};

/// Tests for machine-learning models, written as YAML specs.
#[derive(Debug, Parser)]
#[command(
    name = "mlspec",
    version,
    after_help = "Flags of `run` and `check` can also be set in mlspec.toml and by variables such as MLSPEC_JOBS; `mlspec config` shows them.\n\nExit status: 0 all passed, 1 a threshold was missed, 2 wrong usage or an invalid spec, 3 a spec could not be evaluated, 4 no spec was selected."
)]
pub struct Args {
    #[command(flatten)]
    pub told: Told,
    #[command(subcommand)]
    pub command: Command,
}

/// How the program talks; before or behind any command.
#[derive(Debug, clap::Args)]
pub struct Told {
    /// Tell only of what did not pass.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// List every spec and every finding, however many there are, and warn of what only costs time.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Whether to use colours, and links where the terminal is known to show them or `FORCE_HYPERLINK` is 1.
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
    /// The profile of the settings, such as `ci`.
    #[arg(long, global = true, value_name = "NAME", help_heading = "Settings")]
    pub profile: Option<String>,
    /// The file of settings, in place of the nearest `mlspec.toml` in this folder or above it.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    pub config_file: Option<PathBuf>,
    /// Look at no file of settings.
    #[arg(long, global = true, conflicts_with = "config_file", help_heading = "Settings")]
    pub no_config: bool,
}

impl Told {
    /// Lets what was typed count before what the settings say against it.
    fn typed(&mut self, matches: &clap::ArgMatches) {
        if is_typed(matches, "verbose") {
            self.quiet = false;
        }
        if is_typed(matches, "quiet") {
            self.verbose = false;
        }
    }

    pub fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }
}

/// Whether a flag of the command was typed, and does not come from the settings.
fn is_typed(matches: &clap::ArgMatches, id: &str) -> bool {
    let of_command = matches.subcommand().map_or(matches, |(_, of)| of);
    of_command.value_source(id) == Some(ValueSource::CommandLine)
}

impl Args {
    /// Lets what was typed be told from what the settings say.
    pub fn typed(&mut self, matches: &clap::ArgMatches) {
        self.told.typed(matches);
        let selection = match &mut self.command {
            Command::Run(run) => &mut run.selection,
            Command::Check(check) => &mut check.selection,
            Command::Config(_)
            | Command::Plan(_)
            | Command::Init(_)
            | Command::Schema(_)
            | Command::Explain(_)
            | Command::List(_)
            | Command::Cache(_)
            | Command::Completions(_)
            | Command::Man(_)
            | Command::Report(_)
            | Command::Lsp => return,
        };
        selection.filter_is_typed = is_typed(matches, "filter");
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal that shows them.
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train and judge the models of specs.
    Run(Run),
    /// Check specs without training: everything that the spec and its data's header tell.
    Check(Check),
    /// Print each setting with its value, and where that comes from: a flag, a variable, `mlspec.toml`.
    Config(Config),
    /// Print what a run would do, with every default written out.
    Plan(Plan),
    /// Write a first spec for a data file: it passes as it stands, and says why it is so.
    Init(Init),
    /// Print the JSON Schema of specs, for editors.
    Schema(Schema),
    /// Explain the code of a diagnostic; without a code, list all.
    Explain(Explain),
    /// List what specs can name.
    List(List),
    /// Show or shrink what is kept between runs.
    Cache(Cache),
    /// Print what a shell needs to complete commands and flags.
    Completions(Completions),
    /// Print a manual page, for `man`.
    Man(Man),
    /// Join, convert or compare JSON reports.
    Report(Report),
    /// Serve editors over standard input and output, by the Language Server Protocol.
    Lsp,
}

#[derive(Debug, clap::Args)]
pub struct Reports {
    /// What goes to standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Write a report file as well, such as `junit=report.xml`; may be given several times. The formats
    /// are json, junit, sarif, github, gitlab, markdown, tap and html.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report_file)]
    pub report: Vec<ReportFile>,
    /// An earlier JSON report: Markdown reports and pages say what changed since.
    #[arg(long, value_name = "FILE")]
    pub baseline_report: Option<PathBuf>,
    /// Whether to annotate the change and write a summary of the job in GitHub Actions.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Github::Auto)]
    pub github: Github,
}

/// When to speak to GitHub Actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Github {
    /// Where `GITHUB_ACTIONS` is set.
    Auto,
    Always,
    Never,
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
    /// Begin no further spec after one that did not pass: the same as `--max-fail 1`.
    #[arg(long, conflicts_with = "max_fail")]
    pub fail_fast: bool,
    /// Begin no further spec once so many did not pass.
    #[arg(long, value_name = "N", value_parser = failures)]
    pub max_fail: Option<usize>,
    /// How long a spec may take that does not say so itself (`timeout: 5m`), such as `30s` or `5m`.
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<Period>,
    /// Say that a spec is slow once it has run for so long.
    #[arg(long, value_name = "TIME")]
    pub slow_after: Option<Period>,
    /// Try a spec so many times more whose files could not be read. Nothing else is ever tried again.
    #[arg(long, value_name = "N", value_parser = retries)]
    pub retries: Option<usize>,
    /// Run the specs in an order that this seed draws, to find out whether they depend on it. Reports
    /// keep the order of paths.
    #[arg(long, value_name = "SEED", value_parser = seed)]
    pub shuffle_seed: Option<u64>,
    /// Stay, and run again what an edit of a spec or of its data touches, until Ctrl-C.
    #[arg(long, conflicts_with = "rerun")]
    pub watch: bool,
    /// Keep what charts are drawn of in the JSON report. An `html` report asks for it by itself.
    #[arg(long)]
    pub charts: bool,
    /// Run every spec, and keep no result for later runs.
    #[arg(long)]
    pub no_cache: bool,
    /// How many specs to run at once. Default: as many as there are processors.
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<usize>,
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a whole number from 0 to {} is wanted", u64::MAX))
}

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(jobs) if (1..=1024).contains(&jobs) => Ok(jobs),
        _ => Err("a number from 1 to 1024 is wanted".to_owned()),
    }
}

fn retries(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(retries) if retries <= 10 => Ok(retries),
        _ => Err("a number from 0 to 10 is wanted".to_owned()),
    }
}

fn failures(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(failures) if failures > 0 => Ok(failures),
        _ => Err("a number from 1 is wanted".to_owned()),
    }
}

#[derive(Debug, clap::Args)]
pub struct Check {
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub reports: Reports,
    /// Write the fixes that are certain into the specs, such as a name that was misspelt, and check
    /// what is left. Everything else in the files stays as it is.
    #[arg(long)]
    pub fix: bool,
}

#[derive(Debug, clap::Args)]
pub struct Config {
    /// The settings are shown as they would be for `mlspec run` with these flags.
    #[command(flatten)]
    pub run: Run,
}

#[derive(Debug, clap::Args)]
pub struct Cache {
    #[command(subcommand)]
    pub command: CacheCommand,
}

#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// Print how much room results, training and what else is kept take.
    Size,
    /// Remove all results, training and digests. The last runs, which `--rerun` and editors look at, stay.
    Clear,
    /// Remove results, training and digests until at most so much is left, those first that were not used for the longest time.
    Prune {
        /// Such as 500MB or 1.5GiB.
        #[arg(long, value_name = "SIZE")]
        max_size: Bytes,
    },
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
pub struct Init {
    /// The data file: CSV or TSV, also compressed, NDJSON, Parquet or Arrow; or a pattern such as `part-*.csv`.
    pub data: String,
    /// The column with the answers. Without it the spec finds groups.
    #[arg(long, value_name = "COLUMN")]
    pub target: Option<String>,
    /// Where to write the spec; `-` prints it. Default: a file in this folder, named for the data.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace a file that is there.
    #[arg(long)]
    pub force: bool,
    /// What is to be learned, where the target does not say it as you mean it.
    #[arg(long, value_enum)]
    pub task: Option<InitTask>,
    /// The model, as `mlspec list models` names it.
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
}

/// What a model learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InitTask {
    /// One of several classes.
    Classification,
    /// A number.
    Regression,
    /// Groups, without a target.
    Clustering,
}

#[derive(Debug, clap::Args)]
pub struct Schema {
    /// With the columns and classes of this spec's data as choices, so that an editor completes and
    /// checks them. The spec may be unfinished: only its data has to be found.
    #[arg(long = "for", value_name = "SPEC")]
    pub spec: Option<PathBuf>,
    /// The schema of `mlspec.toml` instead.
    #[arg(long, conflicts_with = "spec")]
    pub config: bool,
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

#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub struct Man {
    /// The command whose page it is, such as `run` or `report merge`; without one, the page of `mlspec` itself.
    #[arg(value_name = "COMMAND")]
    pub commands: Vec<String>,
}
