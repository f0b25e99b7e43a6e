//! NDJSON.

use proptest::prelude::*;

use super::*;
use crate::data::DeclaredType;
use crate::data::load::ndjson::load_in_chunks;
use crate::diagnostic::Code;

fn lines(content: &str) -> Result<Frame, LoadError> {
    let file = sample("data.ndjson", content);
    load(&request(&file.path, &Format::Ndjson))
}

#[test]
fn types_are_those_of_json() {
    use ColumnKind as K;
    let content = concat!(
        "\u{FEFF}{\"i\": 1, \"f\": 1, \"b\": true, \"t\": \"1\", \"n\": null, \"o\": {}}\r\n",
        "\n",
        "  {\"f\":2.5,\"i\":-0, \"t\":\"\", \"o\": null, \"late\": \"\\u00e4\\n\"}  \n",
        "{\"i\": null, \"f\": 1e2, \"b\": false, \"t\": \"NA\"}",
    );
    let frame = lines(content).unwrap();
    let other = K::Other("object".to_owned());
    let all = [K::Integer, K::Float, K::Bool, K::Text, K::Empty, other, K::Text];
    assert_eq!(kinds(&frame), all);
    let file = sample("data.ndjson", content);
    let seen = header(&file.path, &Format::Ndjson, &[]).unwrap();
    assert_eq!(seen.rows, Some(3));
    assert_eq!(seen.infos.iter().map(|info| info.kind.clone()).collect::<Vec<_>>(), all);
    let missing: Vec<_> = seen.infos.iter().map(|info| info.missing).collect();
    assert_eq!(missing, [1, 0, 1, 0, 3, 2, 2].map(Some));
    assert_eq!(frame.numbers("f").unwrap(), [1.0, 2.5, 100.0]);
    assert_eq!(frame.classes("i").unwrap().labels(), [Label::Integer(0), Label::Integer(1)]);
    assert_eq!(frame.numbers("o").unwrap_err().code(), Code::DataColumnType);
    let table = frame.into_table(&[0, 1, 2], &names(&["t", "late"])).unwrap();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(texts(&table.columns[0].values), [some("1"), some(""), some("NA")]);
    assert_eq!(texts(&table.columns[1].values), [None, some("ä\n"), None]);
}

#[test]
fn lines_that_cannot_be_rows_err() {
    for (content, line, message) in [
        ("{\"a\": 1}\n{\"a\": }\n", 2, "is not valid JSON: expected value, at character 7"),
        ("{\"a\": 1}\n\n{\"a\": 1", 3, "is not valid JSON: EOF while parsing an object"),
        ("{\"a\": 1} {\"a\": 2}", 1, "is not valid JSON: trailing characters"),
        ("{\"a\": 01}", 1, "is not valid JSON: invalid number"),
        ("{\"a\": \"\\ud800\"}", 1, "is not valid JSON"),
        ("{\"a\": NaN}", 1, "is not valid JSON: expected value"),
        ("[{\"a\": 1}]", 1, "is a list, not an object"),
        ("{\"a\": 1}\n7", 2, "is a number, not an object"),
        ("{\"a\": 1, \"b\": 2, \"a\": 1}", 1, "has the key `a` twice"),
        ("{\"a\": 1, \"\\u0061\": 1}", 1, "has the key `a` twice"),
        ("{\"a\": \"x\ty\"}", 1, "is not valid JSON: control character"),
    ] {
        let error = lines(content).unwrap_err();
        assert!(error.message.contains(message), "{content}: {}", error.message);
        assert_eq!(error.line, Some(line), "{content}");
        let file = sample("data.ndjson", content);
        let seen = header(&file.path, &Format::Ndjson, &[]).unwrap_err();
        assert_eq!(
            seen.message.split("data.ndjson").nth(1),
            error.message.split("data.ndjson").nth(1)
        );
    }
    for (content, code) in [
        (&b"\n \n"[..], Code::DataEmpty),
        (b"", Code::DataEmpty),
        (b"{\"a\": \"\xFF\"}", Code::DataEncoding),
        (b"\x1F\x8B\x08", Code::DataUnreadable),
        (b"{\"\": 1}", Code::DataHeader),
    ] {
        let file = sample("data.ndjson", content);
        assert_eq!(load(&request(&file.path, &Format::Ndjson)).unwrap_err().code(), code);
    }
    let many: String = (0..20_000).map(|key| format!("{{\"k{key}\": 1}}\n")).collect();
    assert!(lines(&many).unwrap_err().message.contains("more than 10000 keys"));
}

#[test]
fn two_types_need_a_declared_one() {
    let content = "{\"a\": 1, \"b\": 1}\n{\"a\": 2}\n{\"a\": \"3\", \"b\": true}\n";
    let file = sample("data.ndjson", content);
    let error = load(&request(&file.path, &Format::Ndjson)).unwrap_err();
    assert!(error.message.ends_with("is int in row 1 and text in row 3"), "{}", error.message);
    assert_eq!((error.code(), error.row), (Code::DataType, Some(3)));
    let columns = header(&file.path, &Format::Ndjson, &[]).unwrap();
    assert_eq!(
        columns.infos[1].kind,
        ColumnKind::Other("int in row 1 and bool in row 3".to_owned())
    );
    let with = |column: &str, declared| {
        let types = [(column.into(), declared)];
        let columns = names(&[column]);
        let request = request(&file.path, &Format::Ndjson);
        load(&Request { types: &types, columns: Some(&columns), ..request }).map(table)
    };
    let read = with("a", DeclaredType::Category).unwrap();
    assert_eq!(texts(&read.columns[0].values)[0], Some("1".to_owned()));
    assert_eq!(
        with("a", DeclaredType::Int).unwrap().columns[0].values,
        Values::Number(vec![1.0, 2.0, 3.0])
    );
    let error = with("b", DeclaredType::Float).unwrap_err();
    assert_eq!(error.message, "row 3 of column `b` is `true`, not a number");
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        (-3_i64..3).prop_map(|number| number.to_string()),
        Just("1.5".to_owned()),
        Just("true".to_owned()),
        Just("\"x\"".to_owned()),
        Just("[1]".to_owned()),
    ]
}

proptest! {
    #[test]
    fn chunks_make_no_difference(
        rows in prop::collection::vec(prop::collection::vec((0_usize..4, value()), 0..4), 1..30),
        size in 1_usize..200,
    ) {
        let object = |row: &Vec<(usize, String)>| {
            let fields = row.iter().map(|(key, value)| format!("\"k{key}\": {value}"));
            format!("{{{}}}\n", fields.collect::<Vec<_>>().join(", "))
        };
        let content: String = rows.iter().map(object).collect();
        let file = sample("data.ndjson", &content);
        let load = |size| load_in_chunks(&file.path, None, &[], size)
            .map(|part| (part.names, format!("{:?}", part.frame.columns())))
            // Of several faults a smaller chunk may show another one.
            .map_err(|_| ());
        prop_assert_eq!(load(size), load(1 << 20));
    }
}
