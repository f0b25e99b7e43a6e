//! Times reading a table from its file to a matrix and prints the seconds of each of three runs.
//!
//! usage: cargo bench --bench reading -- FILE, CSV or Parquet with the columns x0 … x19

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use mlspec::data::{CsvOptions, Format, Gaps, Matrix, Request, in_pool, load};

fn main() {
    let file = std::env::args().nth(1).filter(|argument| !argument.starts_with("--"));
    let Some(file) = file else { return };
    let path = Path::new(&file);
    let format = match path.extension().and_then(|extension| extension.to_str()) {
        Some("parquet") => Format::Parquet,
        _ => Format::Csv(CsvOptions::default()),
    };
    let columns: Vec<Arc<str>> = (0..20).map(|at| format!("x{at}").into()).collect();
    let times: Vec<f64> = (0..3)
        .map(|_| {
            let started = Instant::now();
            let request = Request {
                path,
                format: &format,
                columns: Some(&columns),
                types: &[],
                derived: &[],
                predicate: None,
            };
            let frame = load(&request).expect("the table can be read");
            let order: Vec<u32> = (0..frame.rows() as u32).collect();
            let matrix = in_pool(|| {
                let table = frame.into_table(&order, &columns).expect("its columns are there");
                Matrix::from_table(table, Gaps::Refused).expect("its columns are numbers")
            });
            assert!(matrix.rows(0, 1).values.ncols() == 20);
            started.elapsed().as_secs_f64()
        })
        .collect();
    output(&times);
}

#[expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
fn output(times: &[f64]) {
    println!("{times:?}");
}
