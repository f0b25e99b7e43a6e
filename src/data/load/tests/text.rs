//! Text tables.

use proptest::prelude::*;

use super::*;
use crate::data::DeclaredType;
use crate::diagnostic::Code;

fn load_in_chunks(
    path: &Path,
    options: &CsvOptions,
    needed: Option<&[Arc<str>]>,
    types: &[(Arc<str>, DeclaredType)],
    chunk: usize,
) -> Result<Frame, LoadError> {
    csv::load_in_chunks(path, options, needed, types, chunk).map(|part| part.frame)
}

#[test]
fn types_follow_from_all_values() {
    let frame = read(
        "i,f,b,t,n,na\n1,1.5,true,x,,NA\n-2,2,FALSE,NA, ,\n,nan,NA,,null,N/A\n+3,-inf,True,4,NaN,NA\n",
        csv(),
    )
    .unwrap();
    let columns = frame.columns();
    assert_eq!(columns.rows, Some(4));
    use ColumnKind as K;
    assert_eq!(kinds(&frame), [K::Integer, K::Float, K::Bool, K::Text, K::Empty, K::Empty]);
    assert_eq!(missing(&frame), [1, 1, 1, 1, 4, 4]);
    let table = table(frame);
    assert_eq!(
        texts(&table.columns[3].values),
        [Some("x".into()), Some("NA".into()), None, Some("4".into())]
    );
    assert_eq!(
        table.columns[2].values,
        Values::Bool(vec![Some(true), Some(false), None, Some(true)])
    );
    match &table.columns[1].values {
        Values::Number(values) => {
            assert_eq!(values[..2], [1.5, 2.0]);
            assert!(values[2].is_nan() && values[3] == f64::NEG_INFINITY);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_value_decides_the_type() {
    for (values, kind, missing) in [
        (&["1", "2", "NA"][..], ColumnKind::Integer, 1),
        (&["1", "2", "x"], ColumnKind::Text, 0),
        (&["NA", "1", "x"], ColumnKind::Text, 0),
        (&["NA", "x"], ColumnKind::Text, 0),
        (&["NA", "", "1.0"], ColumnKind::Float, 2),
        (&["true", "1"], ColumnKind::Text, 0),
        (&["1", "true"], ColumnKind::Text, 0),
        (&["", "true", "NA"], ColumnKind::Bool, 2),
        (&["true", "yes"], ColumnKind::Text, 0),
        (&["9223372036854775807"], ColumnKind::Integer, 0),
        (&["9223372036854775808"], ColumnKind::Float, 0),
        (&["1", "-9223372036854775809"], ColumnKind::Float, 0),
        (&[" 1", "2 ", "\t3"], ColumnKind::Integer, 0),
        (&[" 1", "2 ", "x "], ColumnKind::Text, 0),
        (&["1.", ".5", "1e5", "-nan", "Inf"], ColumnKind::Float, 1),
        (&["0x10"], ColumnKind::Text, 0),
        (&["1_000"], ColumnKind::Text, 0),
        (&["1 2"], ColumnKind::Text, 0),
        (&["-"], ColumnKind::Text, 0),
        (&["2024-01-01"], ColumnKind::Text, 0),
        (&["007"], ColumnKind::Integer, 0),
        (&["None", "1"], ColumnKind::Text, 0),
    ] {
        let rows: String = values.iter().map(|value| format!("{value},0\n")).collect();
        let content = format!("v,w\n{rows}");
        let file = sample("data.csv", &content);
        let frame = load(&request(&file.path, csv())).unwrap();
        assert_eq!(frame.columns().infos[0].kind, kind, "{values:?}");
        assert_eq!(frame.columns().infos[0].missing, Some(missing), "{values:?}");
        assert_eq!(header(&file.path, csv(), &[]).unwrap(), frame.columns(), "{values:?}");
        if kind == ColumnKind::Text {
            let all: Vec<_> = values.iter().map(|value| Some((*value).to_owned())).collect();
            assert_eq!(texts(&table(frame).columns[0].values), all);
        }
    }
}

#[test]
fn a_late_row_changes_the_type_of_all() {
    let mut content = "k,i,f,b,n,t\n".to_owned();
    for row in 0..60_000 {
        content += &format!("{row},NA,1,true,,7\n");
    }
    content += "60000,oops,2.5,12,NA,8\n";
    content += "60001,3,9,false,word,9\n";
    let file = sample("data.csv", &content);
    use ColumnKind as K;
    let early = header(&file.path, csv(), &[]).unwrap();
    assert_eq!((early.rows, early.infos[1].missing), (None, None));
    assert_eq!(early.infos[2].kind, K::Integer);
    // The pieces are smaller here than in earnest, so that there are many of them.
    let loaded = load_in_chunks(&file.path, &CsvOptions::default(), None, &[], 4_096);
    let frame = loaded.unwrap();
    assert_eq!(kinds(&frame), [K::Integer, K::Text, K::Float, K::Text, K::Text, K::Integer]);
    assert_eq!(missing(&frame), [0, 0, 0, 0, 60_000, 0]);
    let table = table(frame);
    assert_eq!(
        texts(&table.columns[1].values)[59_999..60_002],
        [Some("NA".into()), Some("oops".into()), Some("3".into())]
    );
    assert_eq!(texts(&table.columns[3].values)[60_000], Some("12".into()));
    let whole = load(&request(&file.path, csv())).unwrap();
    assert_eq!(super::table(whole), table);
}

#[test]
fn declared_types_hold_or_err() {
    let content = "a,b\n5.0,1\n 7 ,2\nNA,3\n,4\n";
    let file = sample("data.csv", content);
    let types = |declared| vec![(Arc::from("a"), declared)];
    let with = |declared| {
        let types = types(declared);
        let frame = load(&Request { types: &types, ..request(&file.path, csv()) });
        frame.map(|frame| (frame.columns().infos[0].clone(), frame))
    };
    let (info, frame) = with(DeclaredType::Int).unwrap();
    assert_eq!((info.kind, info.missing), (ColumnKind::Integer, Some(2)));
    assert_eq!(frame.numbers("a").unwrap()[..2], [5.0, 7.0]);
    let (info, _) = with(DeclaredType::Float).unwrap();
    assert_eq!((info.kind, info.missing), (ColumnKind::Float, Some(2)));
    let (info, frame) = with(DeclaredType::Category).unwrap();
    assert_eq!((info.kind, info.missing), (ColumnKind::Text, Some(1)));
    assert_eq!(
        texts(&table(frame).columns[0].values)[..3],
        [Some("5.0".into()), Some(" 7 ".into()), Some("NA".into())]
    );
    let error = with(DeclaredType::Bool).unwrap_err();
    assert_eq!(error.message, "row 1 of column `a` is `5.0`, not `true` or `false`");
    assert_eq!((error.code(), error.row, error.line), (Code::DataType, Some(1), Some(2)));
    assert_eq!(error.column.as_deref(), Some("a"));

    let error = load(&Request {
        types: &types(DeclaredType::Int),
        ..request(&sample("d.csv", "a\n1\n\n2.5\n").path, csv())
    })
    .unwrap_err();
    assert_eq!(error.message, "row 2 of column `a` is `2.5`, not a whole number");
    assert_eq!((error.row, error.line), (Some(2), Some(4)));
    let unused = vec![(Arc::from("zz"), DeclaredType::Int)];
    assert!(load(&Request { types: &unused, ..request(&file.path, csv()) }).is_ok());
}

#[test]
fn the_first_error_of_the_file_is_reported() {
    let mut content = "a,b\n".to_owned();
    for _ in 0..20_000 {
        content += "1,2\n";
    }
    content += "1\n1,2\n1,2,3\n";
    let file = sample("data.csv", &content);
    for size in [64, 4_096, 1 << 20] {
        let error =
            load_in_chunks(&file.path, &CsvOptions::default(), None, &[], size).unwrap_err();
        assert_eq!(error.message, "line 20002 has 1 field, but the header has 2 fields");
        assert_eq!(
            (error.code(), error.line, error.row),
            (Code::DataRagged, Some(20_002), Some(20_001))
        );
    }
}

#[test]
fn dialects() {
    let numbers = |frame: Frame| (frame.numbers("a").unwrap(), frame.numbers("b").unwrap());
    let expected = (vec![1.0, 3.0], vec![2.0, 4.0]);
    for (content, format) in [
        ("a,b\n1,2\n3,4\n", csv().clone()),
        ("a,b\n1,2\n3,4", csv().clone()),
        ("\u{FEFF}a,b\n1,2\n3,4\n", csv().clone()),
        ("\u{FEFF}\"a\",b\r\n\"1\",2\r\n3,4\r\n", csv().clone()),
        ("a,b\r1,2\r3,4\r", csv().clone()),
        ("\n\na,b\n\n1,2\n\r\n3,4\n\n", csv().clone()),
        ("a;b\n1;2\n3;4\n", options(|o| o.separator = b';')),
        ("a\tb\n1\t2\n3\t4\n", options(|o| o.separator = b'\t')),
        ("'a','b'\n'1',2\n3,4\n", options(|o| o.quote = Some(b'\''))),
        ("# it's \"open\na,b\n1,2\n#\"\n3,4\n# end \"", options(|o| o.comment = Some(b'#'))),
    ] {
        assert_eq!(numbers(read(content, &format).unwrap()), expected, "{content:?}");
    }
    let plain = options(|o| o.quote = None);
    let frame = read("a,b\n\"1,2\n3,\"4\"\n", &plain).unwrap();
    assert_eq!(texts(&table(frame).columns[1].values), [Some("2".into()), Some("\"4\"".into())]);
    let frame = read("1,x\n2,y\n", &options(|o| o.has_header = false)).unwrap();
    assert_eq!(frame.columns().names().collect::<Vec<_>>(), ["column_1", "column_2"]);
    assert_eq!(frame.rows(), 2);
    let nulls = options(|o| o.null_values = vec!["-999".into(), "none".into()]);
    let frame = read("a,b,c\n-999,none,-999\n1,x,true\n", &nulls).unwrap();
    assert_eq!(missing(&frame), [1, 1, 1]);
    assert_eq!(kinds(&frame), [ColumnKind::Integer, ColumnKind::Text, ColumnKind::Bool]);
}

#[test]
fn quotes_hold_anything() {
    let content = "name,n\n\"a\nb\",1\n\"c \"\"d\"\", e\",2\n5\" pipe,3\n\"\",4\n\"q\"uote\"d,5\n";
    let frame = read(content, csv()).unwrap();
    assert_eq!(
        texts(&table(frame).columns[0].values),
        [
            Some("a\nb".into()),
            Some("c \"d\", e".into()),
            Some("5\" pipe".into()),
            None,
            Some("quote\"d".into())
        ]
    );
    let one = read("a\n1\n\n\"\"\n3\n", csv()).unwrap();
    assert_eq!((one.rows(), missing(&one)), (3, vec![1]));
    let error = read("a,b\n1,2\n3,\"open\n5,6\n", csv()).unwrap_err();
    assert_eq!(error.message, "the quote that opens in line 3 is never closed");
    assert_eq!((error.code(), error.line), (Code::DataRagged, Some(3)));
    assert_eq!(read("a,b\n1,\"2\"", csv()).unwrap().rows(), 1);
    let error = read("a,b\n\"x\ny\",1\n2\n", csv()).unwrap_err();
    assert_eq!((error.line, error.row), (Some(4), Some(2)));
}

#[test]
fn headers_that_cannot_be_used() {
    for (content, code, message) in [
        ("", Code::DataEmpty, "is empty"),
        ("\n\n", Code::DataEmpty, "has no lines but blank ones and comments"),
        ("a,b\n", Code::DataEmpty, "has a header and no rows"),
        ("a,b\n\n\n", Code::DataEmpty, "has a header and no rows"),
        ("a,b,a\n1,2,3\n", Code::DataHeader, "columns 1 and 3 are both named `a`"),
        ("a,,c\n1,2,3\n", Code::DataHeader, "column 2 of 3 has no name"),
        (",a\n0,1\n", Code::DataHeader, "column 1 of 2 has no name"),
        ("a;b\n1;2\n", Code::DataRagged, "is a single field"),
    ] {
        let file = sample("data.csv", content);
        let loaded = load(&request(&file.path, csv())).unwrap_err();
        assert!(loaded.message.ends_with(message), "{content:?}: {}", loaded.message);
        assert_eq!(loaded.code(), code);
        assert_eq!(header(&file.path, csv(), &[]).unwrap_err(), loaded);
    }
    let help = |content: &str| read(content, csv()).unwrap_err().help.unwrap_or_default();
    assert!(help("a;b\n1;2\n").contains("`path: { path: …, csv: { separator: \";\" } }`"));
    assert!(help("a\tb\n1\t2,5\n").contains("`path: { path: …, csv: { separator: \"\\t\" } }`"));
    assert!(help("a|b\n1|2\n").contains("`path: { path: …, csv: { separator: \"|\" } }`"));
    assert!(help(",a\n0,1\n").contains("index=False"));
    assert!(help("a,b\n1,2,3\n").contains("comma"));
    assert!(read("a;b\n1\n", csv()).is_ok(), "a semicolon in a name is no proof");
}

#[test]
fn bytes_that_are_no_text_table() {
    for (content, code, message) in [
        (&b"a,b\n1,2\n3,\xE4\n"[..], Code::DataEncoding, "line 3 of"),
        (b"\xE4,b\n1,2\n", Code::DataEncoding, "line 1 of"),
        (b"a,b\n\"x\n\xFF\",2\n", Code::DataEncoding, "line 3 of"),
        (b"\xFF\xFEa\0,\0b\0", Code::DataEncoding, "UTF-16"),
        (b"PAR1\x15\0\x15\"PAR1", Code::DataUnreadable, "a Parquet file"),
        (b"\x1F\x8B\x08\x00abc", Code::DataUnreadable, "gzip"),
        (b"PK\x03\x04abc", Code::DataUnreadable, "spreadsheet"),
        (b"\x7FELF\x00\x01\x02", Code::DataUnreadable, "binary"),
    ] {
        let file = sample("data.csv", content);
        let error = load(&request(&file.path, csv())).unwrap_err();
        assert_eq!(error.code(), code, "{}", error.message);
        assert!(error.message.contains(message), "{}", error.message);
        assert_eq!(header(&file.path, csv(), &[]).unwrap_err().code(), code);
    }
}

#[test]
fn paths_that_lead_nowhere() {
    let file = sample("penguins.csv", "a\n1\n");
    let folder = file.path.parent().unwrap();
    let fails = |path: &Path| load(&request(path, csv())).unwrap_err();
    let error = fails(&folder.join("pengiuns.csv"));
    assert_eq!(error.code(), Code::DataMissing);
    assert_eq!(error.help.as_deref(), Some("did you mean `penguins.csv`?"));
    assert_eq!(fails(&folder.join("no/such/file")).code(), Code::DataMissing);
    assert_eq!(fails(&file.path.join("below")).code(), Code::DataMissing);
    let error = fails(folder);
    assert_eq!(error.code(), Code::DataUnreadable);
    assert!(error.message.ends_with("is a folder, not a file"));
    for url in ["https://example.org/a.csv", "s3://bucket/a.csv", "file:///tmp/a.csv"] {
        assert_eq!(fails(Path::new(url)).code(), Code::DataUrl);
        assert_eq!(fails(&folder.join(url)).code(), Code::DataUrl);
        assert_eq!(
            header(Path::new(url), &Format::Parquet, &[]).unwrap_err().code(),
            Code::DataUrl
        );
    }
    if cfg!(unix) {
        assert_eq!(fails(Path::new("/dev/null")).code(), Code::DataUnreadable);
    }
}

#[test]
fn only_named_columns_are_read() {
    let file = sample("data.csv", "a,b,c\n1,x,3\n4,y,6\n");
    let columns = names(&["c", "a"]);
    let asked = Request { columns: Some(&columns), ..request(&file.path, csv()) };
    let frame = load(&asked).unwrap();
    assert_eq!(frame.columns().names().collect::<Vec<_>>(), ["a", "c"], "in the order of the file");
    assert_eq!(frame.numbers("b").unwrap_err().code(), Code::UnknownColumn);
    let typo = names(&["cc"]);
    let error = load(&Request { columns: Some(&typo), ..asked }).unwrap_err();
    assert_eq!(
        (error.code(), error.help.as_deref()),
        (Code::UnknownColumn, Some("did you mean `c`?"))
    );
}

#[test]
fn frames_answer_for_targets() {
    let frame = read(
        "i,w,f,t,b,e\n3,1.0,1.5,no,true,\n1,2.0,,yes,,\n,,2,,false,\n3,2,inf,no,true,\n",
        csv(),
    )
    .unwrap();
    let listing = |column: &str| frame.classes(column).map(|classes| classes.listing());
    assert_eq!(listing("i").unwrap(), "1, 3");
    assert_eq!(listing("w").unwrap(), "1, 2");
    assert_eq!(listing("t").unwrap(), "no, yes");
    assert_eq!(listing("b").unwrap(), "false, true");
    assert_eq!(listing("e").unwrap(), "");
    let error = frame.classes("f").unwrap_err();
    assert_eq!((error.code(), error.row), (Code::TargetType, Some(1)));
    for (column, codes) in [
        ("i", [1, 0, MISSING, 1]),
        ("w", [0, 1, MISSING, 1]),
        ("t", [0, 1, MISSING, 0]),
        ("b", [1, MISSING, 0, 1]),
    ] {
        let classes = frame.classes(column).unwrap();
        assert_eq!(frame.codes(column, &classes).unwrap(), codes, "{column}");
    }
    let fewer = crate::data::Classes::new(vec![Label::Integer(3)]);
    let error = frame.codes("i", &fewer).unwrap_err();
    assert_eq!((error.code(), error.row), (Code::UnknownClass, Some(2)));
    assert_eq!(frame.numbers("t").unwrap_err().code(), Code::NotNumber);
    assert_eq!(frame.numbers("b").unwrap()[0], 1.0);

    let kept = frame.keep(&[true, false, true, true]).keep(&[false, true, true]);
    assert_eq!((kept.rows(), kept.row_numbers().get(0), kept.row_numbers().get(1)), (2, 3, 4));
    let table = kept.into_table(&[1, 0, 1], &names(&["t", "i"])).unwrap();
    assert_eq!((table.rows, table.columns.len()), (3, 2));
    assert_eq!(texts(&table.columns[0].values), [Some("no".into()), None, Some("no".into())]);
    match &table.columns[0].values {
        Values::Category { dictionary, .. } => assert_eq!(dictionary.len(), 1, "only what occurs"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn dictionaries_are_sorted_by_code_point() {
    let frame = read("t\nb\nÄ\nB\na\nb\n", csv()).unwrap();
    match &table(frame).columns[0].values {
        Values::Category { codes, dictionary } => {
            assert_eq!(
                dictionary.iter().map(|word| &**word).collect::<Vec<_>>(),
                ["B", "a", "b", "Ä"]
            );
            assert_eq!(codes, &[2, 3, 0, 1, 2]);
        }
        other => panic!("{other:?}"),
    }
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i32>().prop_map(|value| value.to_string()),
        any::<f64>().prop_map(|value| value.to_string()),
        any::<bool>().prop_map(|value| value.to_string()),
        prop::sample::select(vec!["", "NA", "null", "nan", " 1 ", "\u{FEFF}x", "#", "\"", "\"\""])
            .prop_map(str::to_owned),
        "[a-c,;\"#' \t\r\né\u{1F427}]{0,6}",
    ]
}

fn rows() -> impl Strategy<Value = Vec<Vec<String>>> {
    (2_usize..5)
        .prop_flat_map(|width| prop::collection::vec(prop::collection::vec(value(), width), 1..40))
}

fn written(
    rows: &[Vec<String>],
    style: ::csv::QuoteStyle,
    terminator: ::csv::Terminator,
) -> Vec<u8> {
    let mut writer = ::csv::WriterBuilder::new()
        .quote_style(style)
        .terminator(terminator)
        .from_writer(Vec::new());
    let width = rows[0].len();
    writer.write_record((0..width).map(|at| format!("c{at}"))).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

proptest! {
    #[test]
    fn what_was_written_is_read(rows in rows(), all in any::<bool>(), crlf in any::<bool>(), size in 1_usize..200) {
        let style = if all { ::csv::QuoteStyle::Always } else { ::csv::QuoteStyle::Necessary };
        let terminator = if crlf { ::csv::Terminator::CRLF } else { ::csv::Terminator::Any(b'\n') };
        let file = sample("data.csv", written(&rows, style, terminator));
        let types: Vec<(Arc<str>, DeclaredType)> =
            (0..rows[0].len()).map(|at| (format!("c{at}").into(), DeclaredType::String)).collect();
        let options = CsvOptions::default();
        let load = |types: &[(Arc<str>, DeclaredType)], size| {
            load_in_chunks(&file.path, &options, None, types, size).unwrap()
        };
        let read = table(load(&types, size));
        for (at, column) in read.columns.iter().enumerate() {
            let expected: Vec<_> =
                rows.iter().map(|row| Some(row[at].clone()).filter(|value| !value.is_empty())).collect();
            prop_assert_eq!(texts(&column.values), expected);
        }
        // The size of the pieces never shows.
        let (small, large) = (load(&[], size), load(&[], 1 << 20));
        prop_assert_eq!(small.columns(), large.columns());
        prop_assert_eq!(header(&file.path, csv(), &[]).unwrap(), large.columns());
        prop_assert_eq!(format!("{:?}", table(small)), format!("{:?}", table(large)));
    }

    #[test]
    fn numbers_are_read_exactly(values in prop::collection::vec(prop::num::f64::ANY, 1..50)) {
        let content: String = values.iter().map(|value| format!("{value},{value:e}\n")).collect();
        let file = sample("data.csv", format!("a,b\n{content}"));
        let frame = load(&request(&file.path, csv())).unwrap();
        for column in ["a", "b"] {
            for (read, value) in frame.numbers(column).unwrap().into_iter().zip(&values) {
                prop_assert!(read == *value || read.is_nan() && value.is_nan());
            }
        }
    }

    #[test]
    fn no_bytes_panic(content in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..64) {
        let file = sample("data.csv", &content);
        let _ = load_in_chunks(&file.path, &CsvOptions::default(), None, &[], size);
        let _ = header(&file.path, csv(), &[]);
        let _ = load(&request(&file.path, &Format::Parquet));
    }

    #[test]
    fn pieces_follow_the_quotes(content in "[a\",\n#\r]{0,80}", size in 1_usize..40, comments in any::<bool>()) {
        let format = CsvOptions { comment: comments.then_some(b'#'), has_header: false, ..CsvOptions::default() };
        // A comment that follows a lone carriage return is not understood; nobody writes those.
        let content = if comments { content.replace('\r', "\n") } else { content };
        let file = sample("data.csv", &content);
        let load = |size| load_in_chunks(&file.path, &format, None, &[], size)
            .map(|frame| format!("{:?}", table(frame)));
        prop_assert_eq!(load(size), load(1 << 20));
    }
}
