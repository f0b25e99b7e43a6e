//! Parquet files.

use polars::prelude::*;
use polars_io::parquet::write::ParquetWriter;
use proptest::prelude::*;

use super::{Sample, kinds, missing, names, request, sample, table, texts};
use crate::data::load::{Request, header, load};
use crate::data::{ColumnKind, DeclaredType, Format, Values, check_predicate};
use crate::diagnostic::Code;

fn parquet(mut frame: DataFrame, group: Option<usize>) -> Sample {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).with_row_group_size(group).finish(&mut frame).expect("written");
    sample("data.parquet", bytes)
}

fn mixed() -> DataFrame {
    df! {
        "i" => [Some(1_i64), None, Some(i64::MAX)],
        "u" => [1_u64, 2, u64::MAX],
        "small" => [1_i32, -2, 3],
        "f" => [Some(0.5_f64), Some(f64::NAN), None],
        "f32" => [0.5_f32, 1.5, 2.5],
        "b" => [Some(true), None, Some(false)],
        "t" => [Some("b"), Some(""), None],
        "c" => [Some("z"), Some("a"), None],
        "day" => [1_i32, 2, 3],
        "when" => [1_i64, 2, 3],
        "list" => [Series::new("".into(), [1]), Series::new("".into(), [2]), Series::new("".into(), [3])],
        "bin" => [&b"a"[..], b"b", b"c"],
    }
    .and_then(|mut frame| {
        frame.apply("c", |c| c.cast(&DataType::from_categories(Categories::global())).expect("categories"))?;
        frame.apply("day", |c| c.cast(&DataType::Date).expect("dates"))?;
        frame.apply("when", |c| c.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).expect("times"))?;
        frame.with_column(Column::full_null("void".into(), 3, &DataType::Null))?;
        Ok(frame)
    })
    .expect("a frame")
}

#[test]
fn types_are_those_of_the_file() {
    use ColumnKind as K;
    let file = parquet(mixed(), None);
    let other = |name: &str| K::Other(name.to_owned());
    let rest = [
        K::Integer,
        K::Float,
        K::Float,
        K::Bool,
        K::Text,
        K::Text,
        K::Date,
        K::Datetime,
        other("list"),
        other("binary"),
        K::Empty,
    ];
    let columns = header(&file.path, &Format::Parquet, &[]).unwrap();
    assert_eq!(columns.rows, Some(3));
    let found: Vec<_> = columns.infos.iter().map(|info| info.kind.clone()).collect();
    assert_eq!(found[..2], [K::Integer, K::Integer]);
    assert_eq!(found[2..], rest);
    let frame = load(&request(&file.path, &Format::Parquet)).unwrap();
    assert_eq!(kinds(&frame)[..2], [K::Integer, K::Float], "a number beyond i64 makes floats");
    assert_eq!(kinds(&frame)[2..], rest);
    assert_eq!(frame.columns().infos[3].missing, Some(2), "NaN is missing");
    assert_eq!(frame.classes("i").unwrap().listing(), format!("1, {}", i64::MAX));
    assert_eq!(frame.numbers("f32").unwrap(), [0.5, 1.5, 2.5]);
    for column in ["day", "list"] {
        assert_eq!(frame.numbers(column).unwrap_err().code(), Code::DataColumnType);
        assert_eq!(frame.classes(column).unwrap_err().code(), Code::DataColumnType);
    }
    assert_eq!(
        frame.clone().into_table(&[0], &names(&["day"])).unwrap_err().code(),
        Code::DataColumnType
    );
    let table = frame.into_table(&[2, 0, 1], &names(&["c", "t", "b"])).unwrap();
    assert_eq!(texts(&table.columns[0].values), [None, Some("z".into()), Some("a".into())]);
    assert_eq!(texts(&table.columns[1].values), [None, Some("b".into()), Some(String::new())]);
    assert_eq!(table.columns[2].values, Values::Bool(vec![Some(false), Some(true), None]));

    let error = check_predicate("list > 1", Some(&columns)).unwrap_err();
    assert_eq!(error.within, Some(0..4));
    let asked = Request { predicate: Some("list > 1"), ..request(&file.path, &Format::Parquet) };
    assert_eq!(load(&asked).unwrap_err().code(), Code::DataColumnType);
    let columns = names(&["t"]);
    let frame =
        load(&Request { predicate: Some("f > 0"), columns: Some(&columns), ..asked }).unwrap();
    assert_eq!((frame.rows(), missing(&frame)), (1, vec![0]), "NaN is above nothing");
}

#[test]
fn narrow_integers_are_integers() {
    let mut frame = df! { "i8" => [1, 2], "i16" => [1, 2], "u8" => [1, 2], "u16" => [1, 2], "u32" => [1_u32, 2] }.unwrap();
    for (column, dtype) in [
        ("i8", DataType::Int8),
        ("i16", DataType::Int16),
        ("u8", DataType::UInt8),
        ("u16", DataType::UInt16),
    ] {
        frame.apply(column, |values| values.cast(&dtype).expect("in range")).unwrap();
    }
    let file = parquet(frame, None);
    let frame = load(&request(&file.path, &Format::Parquet)).unwrap();
    assert!(kinds(&frame).iter().all(|kind| *kind == ColumnKind::Integer));
    assert_eq!(frame.numbers("u8").unwrap(), [1.0, 2.0]);
}

#[test]
fn declared_types_hold_or_err() {
    let frame = df! { "a" => [Some(1.0), Some(2.0), None], "b" => [Some(1.5), None, None], "i" => [1, 2, 3], "t" => ["1", "x", ""], "f" => [true, false, true] };
    let file = parquet(frame.unwrap(), None);
    let with = |column: &str, declared| {
        let types = [(column.into(), declared)];
        load(&Request { types: &types, ..request(&file.path, &Format::Parquet) })
            .map(|frame| (frame.columns().get(column).unwrap().clone(), table(frame)))
    };
    use DeclaredType as D;
    assert_eq!(with("a", D::Int).unwrap().0.kind, ColumnKind::Integer);
    assert_eq!(with("a", D::Int).unwrap().0.missing, Some(1));
    assert_eq!(with("i", D::Float).unwrap().0.kind, ColumnKind::Float);
    assert_eq!(texts(&with("i", D::Category).unwrap().1.columns[2].values)[0], Some("1".into()));
    assert_eq!(texts(&with("f", D::String).unwrap().1.columns[4].values)[1], Some("false".into()));
    for (column, declared, message) in [
        ("b", D::Int, "row 1 of column `b` is `1.5`, not a whole number"),
        ("i", D::Bool, "row 1 of column `i` is `1`, not `true` or `false`"),
        ("t", D::Float, "row 2 of column `t` is `x`, not a number"),
        ("f", D::Float, "row 1 of column `f` is `true`, not a number"),
    ] {
        assert_eq!(with(column, declared).unwrap_err().message, message);
    }
}

#[test]
fn broken_files_err() {
    let fails = |bytes: &[u8]| {
        let file = sample("data.parquet", bytes);
        let error = load(&request(&file.path, &Format::Parquet)).unwrap_err();
        assert_eq!(header(&file.path, &Format::Parquet, &[]).unwrap_err().code(), error.code());
        error
    };
    let whole = std::fs::read(parquet(mixed(), None).path).unwrap();
    assert!(fails(&whole[..whole.len() - 10]).message.ends_with("is damaged: its end is cut off"));
    assert!(fails(b"a,b\n1,2\n").help.unwrap().contains("format: csv"));
    assert!(fails(b"PAR1PAR1").message.contains("damaged"));
    assert_eq!(fails(b"").code(), Code::DataEmpty);
    assert_eq!(fails(b"PK\x03\x04").code(), Code::DataUnreadable);
    let empty = parquet(mixed().head(Some(0)), None);
    assert_eq!(load(&request(&empty.path, &Format::Parquet)).unwrap_err().code(), Code::DataEmpty);
}

/// A table of four columns, with gaps.
type Rows = Vec<(Option<i64>, Option<f64>, Option<bool>, Option<String>)>;

fn rows() -> impl Strategy<Value = Rows> {
    let row = (
        any::<Option<i64>>(),
        prop::option::of(prop::num::f64::NORMAL),
        any::<Option<bool>>(),
        prop::option::of("[a-d]{0,3}"),
    );
    prop::collection::vec(row, 1..60)
}

proptest! {
    #[test]
    fn what_was_written_is_read(rows in rows(), group in 1_usize..70) {
        let frame = df! {
            "i" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            "f" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            "b" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
            "t" => rows.iter().map(|row| row.3.clone()).collect::<Vec<_>>(),
        };
        let file = parquet(frame.unwrap(), Some(group));
        let frame = load(&request(&file.path, &Format::Parquet)).unwrap();
        let numbers = frame.numbers("f").unwrap();
        for (row, number) in rows.iter().zip(numbers) {
            prop_assert!(row.1 == Some(number) || row.1.is_none() && number.is_nan());
        }
        let integers = rows.iter().filter_map(|row| row.0).map(crate::data::Label::Integer);
        let classes = frame.classes("i").unwrap();
        let codes = frame.codes("i", &classes).unwrap();
        let labels = codes.iter().filter_map(|code| classes.labels().get(*code as usize)).cloned();
        prop_assert!(labels.eq(integers));
        let table = table(frame);
        prop_assert_eq!(&table.columns[2].values, &Values::Bool(rows.iter().map(|row| row.2).collect()));
        prop_assert_eq!(texts(&table.columns[3].values), rows.iter().map(|row| row.3.clone()).collect::<Vec<_>>());
    }

    #[test]
    fn damage_never_panics(at in any::<prop::sample::Index>(), bit in 0_u8..8, cut in any::<prop::sample::Index>()) {
        let mut bytes = std::fs::read(parquet(mixed(), Some(2)).path).unwrap();
        let place = at.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let file = sample("data.parquet", &bytes);
        let _ = header(&file.path, &Format::Parquet, &[]);
        let _ = load(&request(&file.path, &Format::Parquet));
        bytes.truncate(cut.index(bytes.len()));
        let file = sample("data.parquet", &bytes);
        prop_assert!(load(&request(&file.path, &Format::Parquet)).is_err());
    }
}
