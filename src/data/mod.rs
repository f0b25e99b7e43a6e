//! Rows and columns: what is read from files, what models see, and what metrics compare.
//! What the numbers mean to a spec is left to `plan` and `kinds`.

mod classes;
mod columns;
mod format;
mod inputs;
mod judged;
mod load;
mod matrix;
mod measure;
mod memo;
mod moment;
mod pool;
mod ranking;
mod sql;
mod table;
mod written;

pub use classes::{ClassName, Classes, Label};
pub use columns::{
    ColumnInfo, ColumnKind, ColumnName, ColumnSelector, Columns, DeclaredType, glob_matches,
};
pub use format::{CsvOptions, Format, Packing};
pub use inputs::{Input, Stamp};
pub use judged::{Judged, Polled, Prediction, Task, Times, Truth};
pub use load::{
    Frame, Groups, LoadError, LoadProblem, Request, RowNumbers, Tables, files, header,
    join_headers, load,
};
pub use matrix::{Block, Gaps, Indicators, Matrix, NotNumeric, Rows};
pub use measure::{KindName, Measurement, Over, Reading, SliceValue, Undefined, Value, interned};
pub use memo::Memo;
pub use pool::in_pool;
pub use ranking::{Ranking, Side, Tie};
pub use sql::{Checked, SqlError, check_expression, check_predicate, sql_functions, with_derived};
pub use table::{Column, Indicator, MISSING, Table, Values};
pub use written::Text;
