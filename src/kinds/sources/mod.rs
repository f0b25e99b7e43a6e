//! Sources: the formats that data files come in, with their options.
//! The reading itself is left to `data`.

mod csv;
mod parquet;

use crate::data::Format;
use crate::diagnostic::Problem;

pub use csv::Csv;
pub use parquet::Parquet;

/// What every format does.
pub trait Source {
    /// The file extensions that stand for the format, in lower case.
    fn extensions(&self) -> &'static [&'static str];

    /// Problems of the options, all at once.
    fn check(&self) -> Vec<Problem>;

    /// How to read a file with this extension (in lower case; empty where there is none).
    fn format(&self, extension: &str) -> Format;
}

kinds! {
    /// A format with its options.
    pub enum AnySource: dyn Source, "source", "sources" {
        "csv" => Csv(Csv),
        "parquet" => Parquet(Parquet),
    }
}
