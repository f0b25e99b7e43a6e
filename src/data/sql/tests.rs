use super::*;
use crate::data::ColumnInfo;

fn columns(kinds: &[(&str, ColumnKind)], rows: Option<usize>) -> Columns {
    let info = |(name, kind): &(&str, ColumnKind)| ColumnInfo {
        name: (*name).into(),
        kind: kind.clone(),
        missing: None,
    };
    Columns { infos: kinds.iter().map(info).collect(), rows }
}

fn animals() -> Columns {
    columns(
        &[
            ("a", ColumnKind::Integer),
            ("x", ColumnKind::Float),
            ("s", ColumnKind::Text),
            ("b", ColumnKind::Bool),
            ("body mass", ColumnKind::Float),
            ("na\"me", ColumnKind::Text),
            ("*", ColumnKind::Float),
            ("^a.*$", ColumnKind::Float),
            ("größe@🐧", ColumnKind::Float),
            ("größe@", ColumnKind::Float),
            ("user", ColumnKind::Text),
            ("clock", ColumnKind::Other("time".to_owned())),
            ("day", ColumnKind::Date),
            ("seen", ColumnKind::Datetime),
            ("void", ColumnKind::Empty),
        ],
        Some(10),
    )
}

#[test]
fn predicates_name_their_columns() {
    for (sql, names) in [
        ("a > 1", &["a"][..]),
        ("x >= 1.5 AND a < 2 OR x IS NULL", &["x", "a"]),
        ("\"body mass\" BETWEEN 1 AND 2", &["body mass"]),
        ("\"na\"\"me\"LIKE'A%'", &["na\"me"]),
        ("\"*\" > 1 AND \"^a.*$\" < 2", &["*", "^a.*$"]),
        ("größe@ > 1 -- a comment", &["größe@"]),
        ("x IN (1, 2.5, NULL, -3)", &["x"]),
        ("\"größe@🐧\" > 1 AND\n\t\"user\" = 'ü'", &["größe@🐧", "user"]),
        ("b", &["b"]),
        ("NOT b", &["b"]),
        ("void > 1", &["void"]),
        ("s IN ('a', 'b', NULL) AND a NOT IN (1, -2)", &["s", "a"]),
        ("s NOT LIKE 'A_%' AND s ILIKE 'b%' AND s RLIKE '^c'", &["s"]),
        ("s ~ 'a' AND s !~* 'b'", &["s"]),
        ("a IS DISTINCT FROM 1", &["a"]),
        ("CASE WHEN a > 1 THEN x ELSE -x END > 0", &["a", "x"]),
        ("CASE a WHEN 1 THEN TRUE WHEN 2 THEN b ELSE FALSE END", &["a", "b"]),
        ("(a % 2 = 0) = (x / 2 > 0.5)", &["a", "x"]),
        ("s || 'x' = 'ax'", &["s"]),
        ("x > -1.0e-3", &["x"]),
    ] {
        let checked = check_predicate(sql, Some(&animals()));
        let found = checked.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        assert_eq!(found.iter().map(|name| &**name).collect::<Vec<_>>(), names, "{sql}");
    }
}

#[test]
fn errors_point_at_the_word() {
    for (sql, word, message) in [
        ("x > avg(x)", "avg", "`avg` looks at other rows"),
        ("a > 1 AND COUNT(*) > 2", "COUNT", "`count` looks at other rows"),
        ("x > lag(x) OVER (ORDER BY a)", "lag", "`lag` looks at other rows"),
        ("abs(x) OVER (PARTITION BY a) > 1", "OVER", "a window looks at other rows"),
        ("a IN (SELECT a FROM t)", "SELECT", "a subquery looks at other rows"),
        ("x > (SELECT max(x) FROM t)", "SELECT", "a subquery looks at other rows"),
        ("EXISTS (SELECT 1)", "SELECT", "a subquery looks at other rows"),
        ("x > ANY(ARRAY[1, 2])", "ANY", "`ANY` and `ALL` look at other rows"),
        ("x > random()", "random", "`random` changes from run to run"),
        ("a > 1 AND s < now()", "now", "`now` changes from run to run"),
        ("s < current_date", "current_date", "`current_date` changes from run to run"),
        ("größe@ > 1 AND\n  fibonacci(x) = 1", "fibonacci", "there is no function `fibonacci`"),
        ("user = 'me'", "user", "there is no function `user`"),
        ("t.a > 1", "t.a", "`t.a` names a column of a table"),
        ("missing_one > 1", "missing_one", "there is no column `missing_one` in the data"),
        (
            "\"größe@🐧\" > 1 AND \"boddy mass\" > 2",
            "\"boddy mass\"",
            "there is no column `boddy mass` in the data",
        ),
        ("s = \"Adelie\"", "\"Adelie\"", "there is no column `Adelie` in the data"),
        ("clock > '10:00'", "clock", "column `clock` is of type time, which SQL cannot use here"),
        ("x > 1e3", "1e3", "`1e3` has no decimal point"),
        (
            "a > 99999999999999999999",
            "99999999999999999999",
            "`99999999999999999999` is too large for a whole number",
        ),
        ("a = NULL", "NULL", "a comparison with `NULL` is never true"),
        ("b IS TRUE", "TRUE", "`IS TRUE` and `IS FALSE` are not available"),
        ("s LIKE 'a' ESCAPE 'b'", "ESCAPE", "`LIKE` takes neither `ESCAPE` nor `ANY`"),
        ("s LIKE s", "s", "only text in single quotes can stand here"),
        ("a & 1 = 1", "&", "the operator `&` is not available"),
        ("a IN (1, 'x')", "'x'", "the values of a list have one type"),
        ("a IN (1, x)", "x", "a list takes literals only"),
        ("round(x, a) > 1", "a", "argument 2 of `round` takes literals only"),
        ("abs(x, 1) > 1", "abs", "`abs` takes 1 arguments, not 2"),
        ("s > INTERVAL '1 day'", "'1 day'", "`INTERVAL` is not available"),
        ("CAST(a AS TIME) > 1", "TIME", "the type `TIME` is not available"),
        ("a::TIMESTAMPTZ > 1", "TIMESTAMPTZ", "the type `TIMESTAMPTZ` is not available"),
        (
            "day > DATE '2024-02-30'",
            "'2024-02-30'",
            "`2024-02-30` is not a date, such as 2024-01-31",
        ),
        (
            "CAST('noon' AS TIMESTAMP) < seen",
            "'noon'",
            "`noon` is not a time, such as 2024-01-31 10:00:00",
        ),
        ("seen > TIME '10:00'", "'10:00'", "`TIME` makes no literal here"),
        ("EXTRACT(decade FROM day) > 1", "decade", "there is no part `decade` of a date"),
        ("DATE_PART('yaer', day) > 1", "'yaer'", "there is no part `yaer` of a date"),
        ("DATE_PART(s, day) > 1", "s", "only text in single quotes can stand here"),
        ("a > 1 a2", "a2", "the expression should end before `a2`"),
        ("a > 1; DROP TABLE t", ";", "the expression should end before `;`"),
        ("a > 1 LIMIT 3", "LIMIT", "the expression should end before `LIMIT`"),
        ("a > > 1", ">", "expected an expression, found >"),
        ("a > ?", "?", "`?` is no plain literal"),
        ("a > 'open", "'open", "unterminated string literal"),
        ("1 = 1", "1 = 1", "the expression names no column"),
    ] {
        let error = check_predicate(sql, Some(&animals())).expect_err(sql);
        assert_eq!(error.message, message, "{sql}");
        let within = error.within.unwrap_or_else(|| panic!("{sql}: no place"));
        assert_eq!(&sql[within], word, "{sql}");
    }
    let at_end = check_predicate("a >", None).unwrap_err();
    assert_eq!(at_end.message, "expected an expression, found the end");
    assert_eq!(at_end.within, Some(3..3));
    assert_eq!(check_predicate(" \n", None).unwrap_err().message, "the expression is empty");
}

#[test]
fn help_names_the_fix() {
    for (sql, help) in [
        ("species > 1", None),
        ("\"body  mass\" > 1", Some("did you mean `\"body mass\"`?")),
        (
            "s = \"Adelie\"",
            Some("double quotes are for names; text stands in single ones: 'Adelie'"),
        ),
        ("user = 'me'", Some("a column of that name needs double quotes: \"user\"")),
        ("uper(s) = 'A'", Some("did you mean `upper`?")),
        ("x > max(a)", Some("the greatest of several columns is `greatest(a, b)`")),
        ("x > 1e-3", Some("write `1.0e-3`")),
    ] {
        let error = check_predicate(sql, Some(&animals())).expect_err(sql);
        assert_eq!(error.help.as_deref(), help, "{sql}");
    }
}

#[test]
fn types_are_checked_where_they_are_known() {
    for sql in [
        "s > 5",
        "a = 'one'",
        "a + 1",
        "s",
        "upper(a) = 'X'",
        "a AND b",
        "x IN ('a')",
        "round(s) > 1",
        "day",
        "day > 5",
        "day > s",
        "day > 'soon'",
        "day + 1 > 5",
        "day - day > 0",
        "abs(day) > 1",
        "coalesce(day, a) > day",
        "a + s > 1",
        "day IN ('2024-01-31')",
        "CAST(day AS BIGINT) > 1",
        "CAST(a AS DATE) > day",
        "extract(year FROM s) > 2000",
        "extract(year FROM a) > 2000",
        "extract(hour FROM day) > 1",
    ] {
        let error = check_predicate(sql, Some(&animals())).expect_err(sql);
        assert!(!error.message.contains("__"), "{sql}: {}", error.message);
    }
    let prefix = Columns { rows: None, ..animals() };
    assert!(check_predicate("a = 'one'", Some(&prefix)).is_ok(), "the type may still widen");
    assert!(check_predicate("s > 5", Some(&prefix)).is_err(), "text stays text");
}

#[test]
fn expressions_have_types() {
    use ColumnKind as K;
    for (sql, kind) in [
        ("a", K::Integer),
        ("a + 1", K::Integer),
        ("a / 2", K::Float),
        ("a * x", K::Float),
        ("-a", K::Integer),
        ("abs(a)", K::Integer),
        ("pow(a, 2)", K::Float),
        ("a % 2", K::Integer),
        ("length(s)", K::Integer),
        ("length(s) - 10", K::Integer),
        ("a > 1 AND b", K::Bool),
        ("s || '!'", K::Text),
        ("CASE WHEN a > 1 THEN 'old' ELSE 'new' END", K::Text),
        ("CASE WHEN b THEN a END", K::Integer),
        ("coalesce(a, 0)", K::Integer),
        ("coalesce(x, 0)", K::Float),
        ("day", K::Date),
        ("seen", K::Datetime),
        ("CAST(seen AS DATE)", K::Date),
        ("CAST(s AS TIMESTAMP)", K::Datetime),
        ("greatest(day, DATE '2024-01-31')", K::Date),
        ("CAST(day AS TEXT)", K::Text),
        ("extract(year FROM day)", K::Integer),
        ("extract(month FROM day) * 1000", K::Integer),
        ("date_part('epoch', seen)", K::Float),
        ("(extract(epoch FROM seen) - extract(epoch FROM day)) / 86400", K::Float),
        ("void", K::Empty),
        ("CAST(x AS INT)", K::Integer),
    ] {
        let checked = check_expression(sql, Some(&animals()));
        let checked = checked.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        assert_eq!(checked.kind, Some(kind), "{sql}");
    }
    assert_eq!(check_expression("a", None).unwrap().kind, None);
    let prefix = Columns { rows: None, ..animals() };
    assert_eq!(check_expression("s + a", Some(&prefix)).unwrap().kind, None, "may widen to text");
    let error = check_expression("day - seen", Some(&animals())).unwrap_err();
    assert_eq!(error.message, "`-` does not suit a date");
    assert!(error.help.unwrap().contains("extract(epoch FROM a)"));
}

#[test]
fn derived_columns_see_those_before() {
    let derive = |derived: &[(&str, &'static str)]| {
        let derived: Vec<_> = derived.iter().map(|(name, sql)| ((*name).into(), *sql)).collect();
        with_derived(&animals(), &derived)
    };
    let columns = derive(&[("half", "a / 2"), ("🐧 \"p\"", "half > 1 AND b")]).unwrap();
    let kinds: Vec<_> = columns.infos[columns.infos.len() - 2..]
        .iter()
        .map(|info| (info.name.to_string(), info.kind.clone()))
        .collect();
    let expected =
        [("half".to_owned(), ColumnKind::Float), ("🐧 \"p\"".to_owned(), ColumnKind::Bool)];
    assert_eq!(kinds, expected);
    assert!(check_predicate("\"🐧 \"\"p\"\"\" AND half > 1", Some(&columns)).is_ok());

    let (at, error) = derive(&[("y", "a"), ("z", "later + 1"), ("later", "a")]).unwrap_err();
    assert_eq!((at, error.within), (1, Some(0..5)));
    let (at, error) = derive(&[("y", "a"), ("x", "a")]).unwrap_err();
    assert_eq!((at, error.message.as_str()), (1, "there is a column `x` already"));
    assert_eq!(derive(&[("y", "y + 1")]).unwrap_err().0, 0, "not itself");
}

#[test]
fn long_predicates_do_not_exhaust_the_stack() {
    let chain = |count: usize| vec!["a = 1"; count].join(" OR ");
    assert!(check_predicate(&chain(100), Some(&animals())).is_ok());
    let error = check_predicate(&chain(2_000), Some(&animals())).unwrap_err();
    assert_eq!(error.message, "the expression is nested too deeply");
    assert!(check_predicate(&chain(20_000), None).is_err());
    assert!(check_predicate(&format!("a IN ({}1)", "1, ".repeat(2_000)), None).is_ok());
    for nested in ["(", "NOT ", "- ", "abs(", "CASE WHEN "] {
        assert!(check_predicate(&nested.repeat(9_000), None).is_err(), "{nested}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_panics(sql in "[a-z0-9 ()'\",.<>=*+/|~!?:;é🐧-]{0,40}") {
        if let Err(SqlError { within: Some(within), .. }) = check_predicate(&sql, Some(&animals())) {
            proptest::prop_assert!(sql.get(within).is_some());
        }
    }
}
