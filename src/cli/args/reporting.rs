//! The arguments of `mlspec report`, and the report files that several commands write.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use crate::report;
use crate::text::nearest;

#[derive(Debug, clap::Args)]
pub struct Report {
    #[command(subcommand)]
    pub command: ReportCommand,
}

#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Join the JSON reports of the parts of a suite to one.
    Merge(Merge),
    /// Write a JSON report in other forms.
    Convert(Convert),
    /// Say what got better, worse, new or gone from one JSON report to another.
    Compare(Compare),
}

#[derive(Debug, clap::Args)]
pub struct Merge {
    /// JSON reports, each of another part; `-` is standard input.
    #[arg(required = true, value_name = "REPORT")]
    pub reports: Vec<PathBuf>,
    /// Where to write the whole, instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct Convert {
    /// The JSON report; `-` is standard input.
    #[arg(value_name = "REPORT")]
    pub input: PathBuf,
    /// Print the report in this form.
    #[arg(long, value_name = "FORMAT", value_parser = report_format, required_unless_present = "report")]
    pub to: Option<report::Format>,
    /// Write the report to a file, such as `junit=report.xml`; may be given several times.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report_file)]
    pub report: Vec<ReportFile>,
    /// An earlier JSON report: Markdown reports and pages say what changed since.
    #[arg(long, value_name = "FILE")]
    pub baseline_report: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct Compare {
    /// The earlier JSON report.
    pub old: PathBuf,
    /// The later JSON report.
    pub new: PathBuf,
    /// By how much a value may move and still count as the same.
    #[arg(long, value_name = "DIFFERENCE", default_value_t = 0.0, value_parser = tolerance)]
    pub tolerance: f64,
    /// The form of the comparison.
    #[arg(long, value_enum, default_value_t = CompareFormat::Human)]
    pub format: CompareFormat,
    /// End with 1 where anything got worse, what is new does not pass, or the newer report is incomplete.
    #[arg(long)]
    pub exit_code: bool,
}

/// The form of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompareFormat {
    /// Lines for people.
    Human,
    Json,
    Markdown,
}

fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value >= 0.0 => Ok(value),
        _ => Err("a number from 0 is wanted".to_owned()),
    }
}

/// One `--report`.
#[derive(Clone, Debug)]
pub struct ReportFile {
    pub format: report::Format,
    pub path: PathBuf,
}

pub fn report_file(text: &str) -> Result<ReportFile, String> {
    let Some((name, path)) = text.split_once('=') else {
        return Err(format!("write the format and the file, such as {}", example(text)));
    };
    let format = report_format(name)?;
    match path {
        "" => Err(format!("the file is missing: write {}", example(name))),
        "-" => Err(format!(
            "`-` is no file: write {name}=/dev/stdout for standard output, or {name}=./- for a file of this name"
        )),
        path => Ok(ReportFile { format, path: path.into() }),
    }
}

fn report_format(name: &str) -> Result<report::Format, String> {
    report::Format::find(name).ok_or_else(|| {
        let names = report::Format::ALL.map(report::Format::name);
        let hint = match nearest(name, names) {
            Some(near) => near.question(),
            None => format!("there are {}", names.join(", ")),
        };
        format!("there is no report format `{name}`; {hint}")
    })
}

/// How a report of a format, or of the file that was given in its place, could be asked for.
fn example(text: &str) -> String {
    let ending = std::path::Path::new(text).extension().and_then(|ending| ending.to_str());
    let format = report::Format::find(text).or(ending.and_then(report::Format::find));
    match format {
        Some(format) if format.name() == text => format!("{format}=FILE"),
        Some(format) => format!("{format}={text}"),
        None => "json=report.json".to_owned(),
    }
}
