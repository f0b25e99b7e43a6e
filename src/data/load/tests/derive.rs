//! Derived columns and dates as they are loaded.

use super::*;
use crate::data::check_expression;
use crate::diagnostic::Code;

const VISITS: &str = "name,n,x,day,seen\n\
    Ada,1,0.5,2024-01-31,2024-01-31T10:30:15.25+00:00\n\
    Bob,-7,,1969-12-31,1970-01-01 00:00Z\n\
    ,3,1.5,,\n\
    9,,2,0001-01-01,9999-12-31T23:59:59Z\n";

fn types() -> Vec<(Arc<str>, DeclaredType)> {
    vec![("day".into(), DeclaredType::Date), ("seen".into(), DeclaredType::Datetime)]
}

fn derived(sql: &str) -> Result<Frame, LoadError> {
    let (file, types) = (sample("data.csv", VISITS), types());
    let derived = [("new".into(), sql)];
    load(&Request { types: &types, derived: &derived, ..request(&file.path, csv()) })
}

/// The values of a derived column.
fn values(sql: &str) -> Vec<Option<String>> {
    let frame = derived(sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let file = sample("data.csv", VISITS);
    let columns = header(&file.path, csv(), &types()).unwrap();
    let checked = check_expression(sql, Some(&columns)).unwrap();
    assert_eq!(checked.kind, frame.columns().get("new").map(|info| info.kind.clone()), "{sql}");
    (0..frame.rows()).map(|row| frame.shown("new", row)).collect()
}

#[test]
fn expressions_are_evaluated_row_by_row() {
    for (sql, expected) in [
        ("n", ["1", "-7", "3", "-"]),
        ("n + 1", ["2", "-6", "4", "-"]),
        ("1 + n * 2", ["3", "-13", "7", "-"]),
        ("-n", ["-1", "7", "-3", "-"]),
        ("abs(n)", ["1", "7", "3", "-"]),
        ("n / 2", ["0.5", "-3.5", "1.5", "-"]),
        ("n / 0", ["inf", "-inf", "inf", "-"]),
        ("(n - n) / 0", ["-", "-", "-", "-"]),
        ("n % 0", ["-", "-", "-", "-"]),
        ("n % 2", ["1", "1", "1", "-"]),
        ("x % 0", ["-", "-", "-", "-"]),
        ("sqrt(x - 1)", ["-", "-", "0.7071067811865476", "1"]),
        ("ln(x - 2)", ["-", "-", "-", "-inf"]),
        ("x * 0 * -1", ["0", "-", "0", "0"]),
        ("pow(n, 2)", ["1", "49", "9", "-"]),
        ("length(name) - 5", ["-2", "-2", "-", "-4"]),
        ("name || '!'", ["Ada!", "Bob!", "-", "9!"]),
        ("upper(name)", ["ADA", "BOB", "-", "9"]),
        ("coalesce(x, n)", ["0.5", "-7", "1.5", "2"]),
        ("CASE WHEN n > 0 THEN 'up' WHEN n < 0 THEN 'down' END", ["up", "down", "up", "-"]),
        ("n > 0", ["true", "false", "true", "-"]),
        ("TRY_CAST(name AS BIGINT)", ["-", "-", "-", "9"]),
        ("TRY_CAST(name AS DOUBLE) / 2", ["-", "-", "-", "4.5"]),
        ("CAST(x AS INT)", ["0", "-", "1", "2"]),
        ("CAST(n AS TEXT)", ["1", "-7", "3", "-"]),
        ("TRY_CAST(name AS DATE)", ["-", "-", "-", "-"]),
    ] {
        let expected = expected.map(|value| (value != "-").then(|| value.to_owned()));
        assert_eq!(values(sql), expected, "{sql}");
    }
}

#[test]
fn dates_are_compared_and_taken_apart() {
    for (sql, expected) in [
        ("day", ["2024-01-31", "1969-12-31", "-", "0001-01-01"]),
        ("seen", ["2024-01-31T10:30:15.250000", "1970-01-01T00:00:00", "-", "9999-12-31T23:59:59"]),
        ("CAST(seen AS DATE)", ["2024-01-31", "1970-01-01", "-", "9999-12-31"]),
        (
            "CAST(day AS TIMESTAMP)",
            ["2024-01-31T00:00:00", "1969-12-31T00:00:00", "-", "0001-01-01T00:00:00"],
        ),
        ("day::TEXT", ["2024-01-31", "1969-12-31", "-", "0001-01-01"]),
        ("CAST(name || '024-02-29' AS DATE)", ["!", "", "", ""]),
        ("day > '2000-01-01'", ["true", "false", "-", "false"]),
        ("day >= DATE '2024-01-31'", ["true", "false", "-", "false"]),
        ("'2024-01-31' = day", ["true", "false", "-", "false"]),
        ("day < TIMESTAMP '2024-01-31 00:00:01'", ["true", "true", "-", "true"]),
        ("day < CAST('2024-01-31' AS DATE)", ["false", "true", "-", "true"]),
        ("day BETWEEN '1960-01-01' AND '1970-01-01'", ["false", "true", "-", "false"]),
        ("day <> '2024-01-31'", ["false", "true", "-", "true"]),
        ("seen > day", ["true", "true", "-", "true"]),
        ("seen = TIMESTAMP '2024-01-31T12:30:15.25+02:00'", ["true", "false", "-", "false"]),
        ("seen > '9999-12-31'", ["false", "false", "-", "true"]),
        ("day IS NULL", ["false", "false", "true", "false"]),
        ("day IS DISTINCT FROM DATE '2024-01-31'", ["false", "true", "true", "true"]),
        (
            "greatest(day, DATE '2000-01-01')",
            ["2024-01-31", "2000-01-01", "2000-01-01", "2000-01-01"],
        ),
        (
            "coalesce(day, seen)",
            ["2024-01-31T00:00:00", "1969-12-31T00:00:00", "-", "0001-01-01T00:00:00"],
        ),
        ("coalesce(day, '2000-01-01')", ["2024-01-31", "1969-12-31", "2000-01-01", "0001-01-01"]),
        (
            "CASE WHEN n > 0 THEN day ELSE '2000-01-01' END",
            ["2024-01-31", "2000-01-01", "-", "2000-01-01"],
        ),
        ("nullif(day, '2024-01-31')", ["-", "1969-12-31", "-", "0001-01-01"]),
        ("CASE WHEN n > 0 THEN day END", ["2024-01-31", "-", "-", "-"]),
        ("extract(year FROM day)", ["2024", "1969", "-", "1"]),
        ("EXTRACT(Quarter FROM day)", ["1", "4", "-", "1"]),
        ("extract(month FROM day) * 1000", ["1000", "12000", "-", "1000"]),
        ("extract(year FROM day) * 12 + extract(month FROM day)", ["24289", "23640", "-", "13"]),
        ("extract(day FROM seen)", ["31", "1", "-", "31"]),
        ("date_part('doy', day)", ["31", "365", "-", "1"]),
        // 2024-01-31 was a Wednesday; Sunday is 0.
        ("extract(dow FROM day)", ["3", "3", "-", "1"]),
        ("extract(isodow FROM day)", ["3", "3", "-", "1"]),
        ("extract(week FROM day)", ["5", "1", "-", "1"]),
        ("extract(isoyear FROM day)", ["2024", "1970", "-", "1"]),
        ("extract(hour FROM seen)", ["10", "0", "-", "23"]),
        ("extract(minute FROM seen)", ["30", "0", "-", "59"]),
        ("extract(second FROM seen)", ["15", "0", "-", "59"]),
        ("extract(epoch FROM seen)", ["1706697015.25", "0", "-", "253402300799"]),
        ("date_part('EPOCH', day)", ["1706659200", "-86400", "-", "-62135596800"]),
        (
            "(extract(epoch FROM seen) - extract(epoch FROM CAST(day AS TIMESTAMP))) / 86400 > 1",
            ["false", "false", "-", "true"],
        ),
    ] {
        if expected[0] == "!" {
            assert!(derived(sql).is_err(), "{sql}");
            continue;
        }
        let expected = expected.map(|value| (value != "-").then(|| value.to_owned()));
        assert_eq!(values(sql), expected, "{sql}");
    }
}

#[test]
fn values_that_do_not_fit_name_their_row() {
    for (sql, message) in [
        ("CAST(name AS BIGINT) + n", "in row 1, `Ada` is not a whole number"),
        ("CAST(name AS DATE)", "in row 1, `Ada` is not a date (`YYYY-MM-DD`)"),
        ("CAST(x * 1.0e300 AS BIGINT)", "in row 1, `5e299` is not a whole number"),
        (
            "n * 9223372036854775807",
            "in row 2, -7 * 9223372036854775807 is too large for a whole number",
        ),
        (
            "n + 9223372036854775807",
            "in row 1, 1 + 9223372036854775807 is too large for a whole number",
        ),
        (
            "n - 9223372036854775807 - 2 ",
            "in row 2, -7 - 9223372036854775807 is too large for a whole number",
        ),
        ("9223372036854775807 + 1 + n", "9223372036854775807 + 1 is too large for a whole number"),
    ] {
        let error = derived(sql).expect_err(sql);
        assert_eq!(error.message, message, "{sql}");
        assert_eq!((error.code(), error.derived.as_deref()), (Code::BadSql, Some("new")), "{sql}");
        assert!(error.help.is_some(), "{sql}");
    }
}

#[test]
fn only_what_is_needed_is_derived() {
    let (file, types) = (sample("data.csv", VISITS), types());
    let all = [
        ("double".into(), "n * 2"),
        ("bad".into(), "CAST(name AS BIGINT)"),
        ("year".into(), "extract(year FROM day)"),
        ("four".into(), "double * 2"),
    ];
    let columns = names(&["four", "x"]);
    let asked = Request {
        columns: Some(&columns),
        types: &types,
        derived: &all,
        predicate: Some("year > 1000"),
        ..request(&file.path, csv())
    };
    let frame = load(&asked).unwrap();
    assert_eq!(frame.columns().names().collect::<Vec<_>>(), ["x", "four"]);
    assert_eq!(frame.numbers("four").unwrap(), [4.0, -28.0]);
    assert_eq!(
        load(&Request { columns: None, ..asked }).unwrap_err().derived.as_deref(),
        Some("bad")
    );
    let taken = [("x".into(), "n")];
    let error = load(&Request { columns: None, derived: &taken, ..asked }).unwrap_err();
    assert_eq!(error.message, "there is a column `x` already");
}

#[test]
fn slices_are_masks_of_the_frame() {
    let frame = derived("n > 0").unwrap();
    assert_eq!(frame.matches("new").unwrap(), [true, false, true, false]);
    assert_eq!(frame.matches("new OR day IS NULL").unwrap(), [true, false, true, false]);
    assert_eq!(frame.matches("x > 100").unwrap(), [false; 4]);
    assert_eq!(frame.matches("n").unwrap_err().code(), Code::BadSql);
    assert_eq!(frame.matches("nope > 1").unwrap_err().code(), Code::UnknownColumn);
    let later = frame.keep(&[false, true, true, true]);
    let error = later.matches("CAST(name AS BIGINT) > 1").unwrap_err();
    assert_eq!(
        (error.row, error.message.as_str()),
        (Some(2), "in row 2, `Bob` is not a whole number")
    );
    let first = later.first(2);
    assert_eq!((first.rows(), first.row_numbers().get(1)), (2, 3));
    assert_eq!(first.clone().first(9).rows(), 2);
    let columns = names(&["x", "name", "x"]);
    let table = first.table(&[1, 0, 1], &columns).unwrap();
    let again = first.into_table(&[1, 0, 1], &columns).unwrap();
    assert_eq!(format!("{table:?}"), format!("{again:?}"), "NaN is not equal to itself");
    assert_eq!(table.columns.len(), 2);
}

#[test]
fn dates_are_read_where_they_are_declared() {
    let read = |declared, cells: &str| {
        let content =
            cells.split(' ').fold("at".to_owned(), |text, cell| text + "\n" + cell) + "\n";
        let file = sample("data.csv", content);
        let types = [("at".into(), declared)];
        load(&Request { types: &types, ..request(&file.path, csv()) })
    };
    let frame = read(DeclaredType::Date, "1970-01-02 NA 1969-12-31").unwrap();
    let day = 86_400_000_000;
    assert_eq!(frame.moments("at").unwrap(), [Some(day), None, Some(-day)]);
    assert_eq!(frame.columns().infos[0].kind, ColumnKind::Date);
    assert_eq!(missing(&frame), [1]);
    assert_eq!(frame.present("at"), [true, false, true]);
    assert_eq!(frame.shown("at", 2).as_deref(), Some("1969-12-31"));
    for error in [
        frame.numbers("at").unwrap_err(),
        frame.classes("at").unwrap_err(),
        frame.into_table(&[0], &names(&["at"])).unwrap_err(),
    ] {
        assert_eq!(error.code(), Code::DataColumnType);
    }
    let frame =
        read(DeclaredType::Datetime, "1970-01-01T01:00+01:00 1970-01-01T00:00:01Z").unwrap();
    assert_eq!(frame.moments("at").unwrap(), [Some(0), Some(1_000_000)]);
    for (declared, cells, row, message) in [
        (
            DeclaredType::Date,
            "2024-01-31 31.01.2024",
            2,
            "row 2 of column `at` is `31.01.2024`, not a date (`YYYY-MM-DD`)",
        ),
        (
            DeclaredType::Date,
            "2023-02-29",
            1,
            "row 1 of column `at` is `2023-02-29`, not a date (`YYYY-MM-DD`)",
        ),
        (
            DeclaredType::Date,
            "2023-02-28T00:00",
            1,
            "row 1 of column `at` is `2023-02-28T00:00`, not a date (`YYYY-MM-DD`)",
        ),
        (
            DeclaredType::Datetime,
            "2024-01-31 noon",
            2,
            "row 2 of column `at` is `noon`, not a time (`YYYY-MM-DDTHH:MM:SS`, or with `Z` or `+02:00` behind it)",
        ),
        (
            DeclaredType::Datetime,
            "2024-01-31 2024-01-31T10:00Z",
            2,
            "row 2 of column `at` is `2024-01-31T10:00Z`, with an offset from UTC, and the rows before have none",
        ),
        (
            DeclaredType::Datetime,
            "2024-01-31T10:00Z NA 2024-01-31",
            3,
            "row 3 of column `at` is `2024-01-31`, with no offset from UTC, and the rows before have one",
        ),
    ] {
        let error = read(declared, cells).expect_err(cells);
        assert_eq!((error.row, error.message.as_str()), (Some(row), message));
    }
}

#[test]
fn offsets_are_compared_across_the_pieces_of_a_file() {
    let row = "2024-01-31T10:00:00\n";
    let content = format!("at\n{}{}", row.repeat(50), "2024-01-31T10:00:00Z\n");
    let file = sample("data.csv", content);
    let types = [("at".into(), DeclaredType::Datetime)];
    let options = CsvOptions::default();
    for chunk in [64, 1_000, 1 << 20] {
        let error =
            csv::load_in_chunks(&file.path, &options, None, &types, chunk).map(|_| ()).unwrap_err();
        assert_eq!(error.row, Some(51), "{chunk}: {}", error.message);
        assert!(error.message.contains("with an offset"), "{}", error.message);
    }
}
