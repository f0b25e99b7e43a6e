//! Arrow files, one table in every format, and tables of several files.

use polars::prelude::*;
use polars_io::ipc::IpcWriter;
use polars_io::parquet::write::ParquetWriter;
use proptest::prelude::*;

use super::{Sample, csv, kinds, names, request, sample, table};
use crate::data::load::{Frame, LoadError, Request, header, load};
use crate::data::{ColumnKind, Format};
use crate::diagnostic::Code;

fn arrow(frame: &mut DataFrame) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    IpcWriter::new(&mut bytes).finish(frame).expect("written");
    bytes.into_inner()
}

fn mixed() -> DataFrame {
    let mut frame = df! {
        "i" => [Some(1_i64), None, Some(i64::MAX)],
        "f" => [Some(0.5_f64), Some(f64::NAN), None],
        "b" => [Some(true), None, Some(false)],
        "t" => [Some("b"), Some("a text that is too long for a view"), None],
        "c" => [Some("z"), Some("a"), None],
        "list" => [Series::new("".into(), [1]), Series::new("".into(), [2]), Series::new("".into(), [3])],
    }
    .expect("a frame");
    let categories = DataType::from_categories(Categories::global());
    frame.apply("c", |c| c.cast(&categories).expect("categories")).expect("a column");
    frame
}

#[test]
fn arrow_types_are_those_of_the_file() {
    use ColumnKind as K;
    let file = sample("data.arrow", arrow(&mut mixed()));
    let other = K::Other("list".to_owned());
    let all = [K::Integer, K::Float, K::Bool, K::Text, K::Text, other];
    let columns = header(&file.path, &Format::Arrow, &[]).unwrap();
    assert_eq!(columns.rows, Some(3));
    assert_eq!(columns.infos.iter().map(|info| info.kind.clone()).collect::<Vec<_>>(), all);
    let frame = load(&request(&file.path, &Format::Arrow)).unwrap();
    assert_eq!(kinds(&frame), all);
    let some = names(&["c", "i"]);
    let asked = Request { columns: Some(&some), ..request(&file.path, &Format::Arrow) };
    let frame = load(&asked).unwrap();
    assert_eq!(kinds(&frame), [K::Integer, K::Text]);
    assert_eq!(frame.classes("c").unwrap().listing(), "a, z");
}

#[test]
fn broken_arrow_files_err() {
    let whole = arrow(&mut mixed());
    let fails = |bytes: &[u8]| {
        let file = sample("data.arrow", bytes);
        let error = load(&request(&file.path, &Format::Arrow)).unwrap_err();
        assert_eq!(header(&file.path, &Format::Arrow, &[]).unwrap_err().code(), error.code());
        error
    };
    for (bytes, message) in [
        (&whole[..whole.len() - 7], "its end is cut off"),
        (b"\xFF\xFF\xFF\xFF\x10\0\0\0", "is an Arrow stream, not an Arrow file"),
        (b"FEA1FEA1", "is a Feather file of version 1"),
        (b"ARROW1\0\0\0\0\0\0ARROW1", "is damaged: its metadata contradict themselves"),
        (b"ARROW1\0\0\xFF\xFF\xFF\xFFARROW1", "is damaged: its metadata contradict themselves"),
        (b"a,b\n1,2\n", "is not an Arrow file"),
    ] {
        let error = fails(bytes);
        assert!(error.message.ends_with(message), "{}", error.message);
        assert_eq!(error.code(), Code::DataUnreadable);
    }
    assert_eq!(fails(b"").code(), Code::DataEmpty);
    assert_eq!(fails(&arrow(&mut mixed().head(Some(0)))).code(), Code::DataEmpty);
    let mut numbers: Vec<u8> = whole.clone();
    // A length of many gigabytes in every place where a length could stand.
    for at in (0..numbers.len() - 16).step_by(8) {
        let before: [u8; 8] = numbers[at..at + 8].try_into().unwrap();
        numbers[at..at + 8].copy_from_slice(&(1_u64 << 44).to_le_bytes());
        let file = sample("data.arrow", &numbers);
        let _ = load(&request(&file.path, &Format::Arrow));
        numbers[at..at + 8].copy_from_slice(&before);
    }
}

fn parts(content: &[(&str, &str)]) -> (Sample, std::path::PathBuf) {
    let first = sample(content[0].0, content[0].1);
    let folder = first.path.parent().unwrap().to_owned();
    for (name, content) in content {
        std::fs::write(folder.join(name), content).unwrap();
    }
    (first, folder)
}

fn whole(folder: &std::path::Path) -> Result<Frame, LoadError> {
    load(&request(&folder.join("part-*.csv"), csv()))
}

#[test]
fn several_files_are_one_table() {
    let (_kept, folder) = parts(&[
        ("part-1.csv", "a,b,c\n1,x,\n2,y,\n"),
        ("part-2.csv", "c,b,a\n7,z,0.5\n"),
        (".part-3.csv", "other\n1\n"),
        ("part-3.csv", "a,c,b\n3,,\n4,8,w\n"),
    ]);
    let frame = whole(&folder).unwrap();
    assert_eq!(kinds(&frame), [ColumnKind::Float, ColumnKind::Text, ColumnKind::Integer]);
    assert_eq!(frame.numbers("a").unwrap(), [1.0, 2.0, 0.5, 3.0, 4.0]);
    let columns = header(&folder.join("part-?.csv"), csv(), &[]).unwrap();
    assert_eq!(columns, frame.columns());
    let places = |frame: &Frame| -> Vec<(String, u64)> {
        let numbers = frame.row_numbers();
        let name = |row| numbers.file(row).file_stem().unwrap().to_string_lossy().into_owned();
        (0..frame.rows()).map(|row| (name(row), numbers.get(row))).collect()
    };
    let at = |part: u8, row| (format!("part-{part}"), row);
    assert_eq!(places(&frame), [at(1, 1), at(1, 2), at(2, 1), at(3, 1), at(3, 2)]);
    let kept = frame.keep(&[false, true, false, true, true]);
    assert_eq!(places(&kept), [at(1, 2), at(3, 1), at(3, 2)]);
    let both = kept.clone().append(whole(&folder).unwrap()).unwrap();
    assert_eq!(both.rows(), 8);
    assert_eq!(places(&both)[2..5], [at(3, 2), at(1, 1), at(1, 2)]);
    let dropped = both.keep(&[false, false, true, true, false, true, false, false]);
    assert_eq!(places(&dropped), [at(3, 2), at(1, 1), at(2, 1)]);
    assert_eq!(dropped.numbers("a").unwrap(), [4.0, 1.0, 0.5]);
}

#[test]
fn files_that_do_not_fit_err() {
    for (second, message) in [
        ("a,b\n1,2\n", "part-2.csv` is int in"),
        ("a\n1\n", "part-2.csv` has no column `b`"),
        ("a,b,c\n1,x,2\n", "part-1.csv` has no column `c`"),
        ("a,b\n1\n", "line 2 has 1 field"),
        ("a,b\n", "has a header and no rows"),
    ] {
        let (_kept, folder) = parts(&[("part-1.csv", "a,b\n1,x\n"), ("part-2.csv", second)]);
        let error = whole(&folder).unwrap_err();
        let message = message.replace("part-2.csv` is int in", "is text in");
        assert!(error.message.contains(&message), "{}", error.message);
        assert!(!error.files.is_empty(), "{}", error.message);
        assert_eq!(header(&folder.join("*.csv"), csv(), &[]).unwrap_err().code(), error.code());
    }
    let (_kept, folder) = parts(&[("part-1.csv", "a\n1\n"), ("part-x.csv", "b\n1\n")]);
    let one = |name: &str| load(&request(&folder.join(name), csv())).unwrap();
    assert_eq!(one("part-1.csv").append(one("part-x.csv")).unwrap_err().code(), Code::DataHeader);
    let error = load(&request(&folder.join("x*"), csv())).unwrap_err();
    assert_eq!(error.code(), Code::DataMissing);
    assert_eq!(error.help.unwrap(), "the nearest folder holds `part-1.csv`, `part-x.csv`");
    assert_eq!(
        load(&request(&folder.join("*/a.csv"), csv())).unwrap_err().code(),
        Code::DataMissing
    );
}

#[test]
fn lines_of_several_files_may_leave_out_keys() {
    let (_kept, folder) = parts(&[
        ("part-1.csv", "{\"a\": 1}\n"),
        ("part-2.csv", "{\"b\": \"x\"}\n{\"a\": 2, \"b\": \"y\"}\n"),
    ]);
    let path = folder.join("part-*.csv");
    let some = names(&["b"]);
    let frame = load(&Request { columns: Some(&some), ..request(&path, &Format::Ndjson) }).unwrap();
    assert_eq!((frame.rows(), frame.columns().infos[0].missing), (3, Some(1)));
    let columns = header(&path, &Format::Ndjson, &[]).unwrap();
    assert_eq!(columns, load(&request(&path, &Format::Ndjson)).unwrap().columns());
    let lacking = names(&["c"]);
    let asked = Request { columns: Some(&lacking), ..request(&path, &Format::Ndjson) };
    assert_eq!(load(&asked).unwrap_err().code(), Code::UnknownColumn);
}

type Rows = Vec<(Option<i64>, Option<f64>, Option<bool>, Option<String>)>;

fn rows() -> impl Strategy<Value = Rows> {
    let row = (
        any::<Option<i64>>(),
        prop::option::of(prop::num::f64::NORMAL),
        any::<Option<bool>>(),
        prop::option::of("[a-d]{1,3}"),
    );
    prop::collection::vec(row, 1..40)
}

fn text<T: ToString>(value: &Option<T>, missing: &str) -> String {
    value.as_ref().map_or(missing.to_owned(), T::to_string)
}

proptest! {
    #[test]
    fn one_table_is_the_same_in_every_format(mut rows in rows()) {
        rows.push((Some(1), Some(0.5), Some(true), Some("a".to_owned())));
        let mut frame = df! {
            "i" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
            "f" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
            "b" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
            "t" => rows.iter().map(|row| row.3.clone()).collect::<Vec<_>>(),
        }.unwrap();
        let mut parquet = Vec::new();
        ParquetWriter::new(&mut parquet).finish(&mut frame).unwrap();
        let mut comma = "i,f,b,t\n".to_owned();
        let mut lines = String::new();
        for (i, f, b, t) in &rows {
            let f = f.map(|f| format!("{f:?}"));
            comma += &format!("{},{},{},{}\n", text(i, ""), text(&f, ""), text(b, ""), text(t, ""));
            let t = t.as_ref().map(|t| format!("\"{t}\""));
            lines += &format!("{{\"i\": {}, \"f\": {}, \"b\": {}, \"t\": {}}}\n",
                text(i, "null"), text(&f, "null"), text(b, "null"), text(&t, "null"));
        }
        let read = |content: &[u8], format| {
            let file = sample("data", content);
            format!("{:?}", table(load(&request(&file.path, format)).unwrap()))
        };
        let expected = read(comma.as_bytes(), csv());
        prop_assert_eq!(&read(lines.as_bytes(), &Format::Ndjson), &expected);
        prop_assert_eq!(&read(&parquet, &Format::Parquet), &expected);
        prop_assert_eq!(&read(&arrow(&mut frame), &Format::Arrow), &expected);
    }

    #[test]
    fn damage_never_panics(at in any::<prop::sample::Index>(), bit in 0_u8..8, cut in any::<prop::sample::Index>()) {
        let mut bytes = arrow(&mut mixed());
        let place = at.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let file = sample("data.arrow", &bytes);
        let _ = header(&file.path, &Format::Arrow, &[]);
        let _ = load(&request(&file.path, &Format::Arrow));
        bytes.truncate(cut.index(bytes.len()));
        let file = sample("data.arrow", &bytes);
        prop_assert!(load(&request(&file.path, &Format::Arrow)).is_err());
    }
}
