//! Predicates as polars evaluates them.

use super::*;
use crate::data::check_predicate;
use crate::diagnostic::Code;

const ANIMALS: &str = "name,n,x,b,body mass\nAda,1,1.5,true,10\nBob,2,,false,20\n,3,-2.5,,30\ncyd,,0,true,\n\"Ada Été\",-5,2.5,false,50\n";

/// The data rows that a predicate keeps.
fn kept(predicate: &str) -> Vec<u64> {
    let file = sample("data.csv", ANIMALS);
    let columns = header(&file.path, csv(), &[]).unwrap();
    check_predicate(predicate, Some(&columns))
        .unwrap_or_else(|error| panic!("{predicate}: {error:?}"));
    let loaded = load(&Request { predicate: Some(predicate), ..request(&file.path, csv()) });
    match loaded {
        Ok(frame) => (0..frame.rows()).map(|row| frame.row_numbers().get(row)).collect(),
        Err(error) => {
            assert_eq!(error.code(), Code::DataEmpty, "{predicate}: {}", error.message);
            Vec::new()
        }
    }
}

#[test]
fn rows_are_kept_where_the_predicate_is_true() {
    for (predicate, rows) in [
        ("n > 1", &[2, 3][..]),
        ("NOT n > 1", &[1, 5]),
        ("n <> 1", &[2, 3, 5]),
        ("n > 0.5 OR b", &[1, 2, 3, 4]),
        ("x IS NULL", &[2]),
        ("x IS NOT NULL AND NOT b", &[5]),
        ("n IS DISTINCT FROM 1", &[2, 3, 4, 5]),
        ("n IS NOT DISTINCT FROM 1", &[1]),
        ("name = 'Ada'", &[1]),
        ("name LIKE 'Ada%'", &[1, 5]),
        ("name NOT LIKE 'Ada%'", &[2, 4]),
        ("name LIKE '_d_'", &[1]),
        ("name ILIKE 'a%'", &[1, 5]),
        ("name RLIKE '^[A-Z]d'", &[1, 5]),
        ("name ~ 'b$' OR name !~* '^a'", &[2, 4]),
        ("n BETWEEN 1 AND 2", &[1, 2]),
        ("n NOT BETWEEN 1 AND 2", &[3, 5]),
        ("n IN (1, -5)", &[1, 5]),
        ("n NOT IN (1, -5)", &[2, 3]),
        ("x IN (1.5, 0)", &[1, 4]),
        ("n IN (1.5, -5, NULL)", &[5]),
        ("b = 'true'", &[1, 4]),
        ("ln(n * 1) / 2.0 >= ln(1) * x", &[1, 3]),
        ("2 * 3 + n = 7 AND abs(-1) = n", &[1]),
        ("x IN (0, 7)", &[4]),
        ("n IN (1.0, 2.0)", &[1, 2]),
        ("name IN ('Bob', NULL)", &[2]),
        ("name NOT IN ('Bob', NULL)", &[]),
        ("\"body mass\" / 4 = 2.5", &[1]),
        ("n / 2 > 0.4", &[1, 2, 3]),
        // The remainder has the sign of the divisor, as in Python.
        ("n % 2 = 1", &[1, 3, 5]),
        ("n * n - 1 = 24", &[5]),
        ("-n = 5", &[5]),
        ("name || '!' = 'Bob!'", &[2]),
        ("CASE WHEN b THEN n WHEN n = 3 THEN 1 ELSE 0 END = 1", &[1, 3]),
        ("CASE n WHEN 1 THEN TRUE WHEN 2 THEN TRUE ELSE FALSE END", &[1, 2]),
        ("CAST(x AS BIGINT) = 2", &[5]),
        ("x::TEXT = '1.5' OR n::DOUBLE = 2.0", &[1, 2]),
        ("TRY_CAST(name AS BIGINT) IS NULL AND n = 1", &[1]),
        ("b", &[1, 4]),
        ("b = FALSE", &[2, 5]),
        // What has no value is neither above nor below.
        ("x / x > 0", &[1, 3, 5]),
        ("(x - 0) / (x * 0) > 0", &[1, 3, 5]),
        ("x % 0 > 1 OR sqrt(x - 100) > 1 OR ln(x - 100) > 1", &[]),
        ("NOT (x / x = 1)", &[]),
        ("pow(x, 0.5) > 0", &[1, 5]),
    ] {
        assert_eq!(kept(predicate), rows, "{predicate}");
    }
}

#[test]
fn long_predicates_are_evaluated() {
    assert_eq!(kept(&vec!["n = 1"; 120].join(" OR ")), [1]);
    assert_eq!(kept(&format!("n {} = 61", "+ n * 1 ".repeat(60))), [1]);
    assert_eq!(kept(&format!("{}n{} = 1", "abs(".repeat(15), ")".repeat(15))), [1]);
}

#[test]
fn every_function_works() {
    for (predicate, rows) in [
        ("abs(n) = 5", &[5][..]),
        ("acos(x - 0.5) = 0", &[1]),
        ("asin(x) = 0", &[4]),
        ("atan(x) = 0", &[4]),
        ("atan2(x, 1.0) = 0", &[4]),
        ("cbrt(n) = 1", &[1]),
        ("ceil(x) = 2", &[1]),
        ("ceiling(x) = 2", &[1]),
        ("floor(x) = 2", &[5]),
        ("char_length(name) = 7", &[5]),
        ("coalesce(n, 9) = 9", &[4]),
        ("concat(name, '-', b) = 'Bob-false'", &[2]),
        ("concat_ws('-', name, b) = 'Bob-false'", &[2]),
        ("cos(x) = 1", &[4]),
        ("degrees(x) = 0", &[4]),
        ("ends_with(name, 'b')", &[2]),
        ("exp(x) = 1", &[4]),
        ("greatest(n, x) = 2.5", &[5]),
        ("if(b, n, 7) = 7", &[2, 3, 5]),
        ("ifnull(n, 9) = 9", &[4]),
        ("least(n, x) = -2.5", &[3]),
        ("left(name, 2) = 'Bo'", &[2]),
        ("length(name) = 7", &[5]),
        ("ln(n) = 0", &[1]),
        ("log10(n) = 0", &[1]),
        ("log1p(x) = 0", &[4]),
        ("log2(n) = 1", &[2]),
        ("lower(name) = 'bob'", &[2]),
        ("lpad(name, 4, 'x') = 'xBob'", &[2]),
        ("ltrim(name, 'A') = 'da'", &[1]),
        ("mod(n, 2) = 0", &[2]),
        ("nullif(n, 1) IS NULL", &[1, 4]),
        ("octet_length(name) = 9", &[5]),
        ("n > pi()", &[]),
        ("pow(n, 2) = 25", &[5]),
        ("power(n, 2) = 25", &[5]),
        ("radians(x) = 0", &[4]),
        ("regexp_like(name, '^b', 'i')", &[2]),
        ("replace(name, 'o', '0') = 'B0b'", &[2]),
        ("reverse(name) = 'boB'", &[2]),
        ("right(name, 2) = 'ob'", &[2]),
        ("round(x) = 2", &[1, 5]),
        ("round(x, 1) = 2.5", &[5]),
        ("rpad(name, 4, 'x') = 'Bobx'", &[2]),
        ("rtrim(name, 'b') = 'Bo'", &[2]),
        ("sign(n) = -1", &[5]),
        ("sin(x) = 0", &[4]),
        ("split_part(name, ' ', 2) = 'Été'", &[5]),
        ("sqrt(n) = 1", &[1]),
        ("starts_with(name, 'Ada')", &[1, 5]),
        ("strpos(name, 'o') = 2", &[2]),
        ("tan(x) = 0", &[4]),
        ("trunc(x) = 1", &[1]),
        ("upper(name) = 'BOB'", &[2]),
        ("position('o' IN name) = 2", &[2]),
        ("substr(name, 2) = 'ob'", &[2]),
        ("substring(name FROM 2 FOR 1) = 'o'", &[2]),
        ("trim(name) = 'Bob'", &[2]),
        ("trim(LEADING 'B' FROM name) = 'ob'", &[2]),
    ] {
        assert_eq!(kept(predicate), rows, "{predicate}");
    }
}

#[test]
fn names_mean_one_column_whatever_they_look_like() {
    let content = "*,^a.*$,a.b,a1,\"q\"\"\",🐧 @x\n1,2,3,4,5,6\n9,9,9,9,9,9\n";
    let file = sample("data.csv", content);
    let rows = |predicate: &str| {
        let frame = load(&Request { predicate: Some(predicate), ..request(&file.path, csv()) });
        frame.map(|frame| frame.rows())
    };
    for predicate in [
        "\"*\" = 1",
        "\"^a.*$\" = 2",
        "\"a.b\" = 3",
        "a1 = 4",
        "\"q\"\"\"= 5",
        "\"🐧 @x\"=6 AND\"a1\"=4",
    ] {
        assert_eq!(rows(predicate).unwrap(), 1, "{predicate}");
    }
    assert_eq!(rows("nope = 1").unwrap_err().code(), Code::UnknownColumn);
    assert_eq!(rows("a1 = 'x'").unwrap_err().code(), Code::BadSql);
    assert_eq!(rows("a1 + 1").unwrap_err().code(), Code::BadSql);
    assert_eq!(rows("sum(a1) > 1").unwrap_err().code(), Code::BadSql);
}

#[test]
fn columns_of_the_predicate_alone_leave_the_frame() {
    let file = sample("data.csv", ANIMALS);
    let columns = names(&["x"]);
    let asked = Request {
        columns: Some(&columns),
        predicate: Some("n >= 2"),
        ..request(&file.path, csv())
    };
    let frame = load(&asked).unwrap();
    assert_eq!(frame.columns().names().collect::<Vec<_>>(), ["x"]);
    assert_eq!((frame.rows(), frame.row_numbers().get(1)), (2, 3));
    let error = load(&Request { predicate: Some("n > 100"), ..asked }).unwrap_err();
    assert_eq!(error.message, "`where` keeps none of the 5 rows");
}
