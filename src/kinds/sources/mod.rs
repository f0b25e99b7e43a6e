//! Sources: the formats that data files come in, with their options.
//! The reading itself is left to `data`.

mod arrow;
mod csv;
mod ndjson;
mod parquet;

use crate::data::Format;
use crate::diagnostic::Problem;
use crate::kinds::Rule;

pub use arrow::Arrow;
pub use csv::Csv;
pub use ndjson::Ndjson;
pub use parquet::Parquet;

/// Where the files of a format are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packed {
    /// By another program, which adds an extension: `.csv.gz`.
    AsAWhole,
    /// By the format itself, column by column.
    Inside,
}

/// What every format does.
pub trait Source {
    /// The file extensions that stand for the format, in lower case, without that of a compression.
    fn extensions(&self) -> &'static [&'static str];

    /// Where its files are compressed, if they are.
    fn packed(&self) -> Packed;

    /// Problems of the options, all at once.
    fn check(&self) -> Vec<Problem>;

    /// How to read a file with this extension (in lower case, without that of a compression; empty
    /// where there is none).
    fn format(&self, extension: &str) -> Format;

    /// What may not come together among the parameters: the schema and the decoder hold to it, so that
    /// no kind that breaks one is ever made from a spec.
    fn rules() -> Vec<Rule>
    where
        Self: Sized,
    {
        Vec::new()
    }
}

kinds! {
    /// A format with its options.
    pub enum AnySource: dyn Source, "source", "sources" {
        "csv" => Csv(Csv),
        "ndjson" => Ndjson(Ndjson),
        "parquet" => Parquet(Parquet),
        "arrow" => Arrow(Arrow),
    }
}
