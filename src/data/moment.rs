//! Dates and times as microseconds since 1970: from the text of a cell, and back.
//! Which columns hold them is left to `load`.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike};

/// Whether the moments of a column are whole days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calendar {
    Date,
    Datetime,
}

/// Whether a time was written with its distance from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offset {
    None,
    Given,
}

pub const MICROSECONDS_A_DAY: i64 = 86_400_000_000;

/// The first and the last moment that four digits of a year can tell: the years 0 to 9999.
const FIRST: i64 = -62_167_219_200_000_000;
const LAST: i64 = 253_402_300_799_999_999;

/// Whether the moment is in the years 0 to 9999, which all of this program can tell.
pub fn in_range(microseconds: i64) -> bool {
    (FIRST..=LAST).contains(&microseconds)
}

/// The midnight at which a `YYYY-MM-DD` begins.
pub fn parse_date(text: &str) -> Option<i64> {
    let (date, rest) = date(text.as_bytes())?;
    rest.is_empty().then(|| microseconds(date.and_hms_opt(0, 0, 0)?))?
}

/// The moment of a `YYYY-MM-DD[T or blank]HH:MM[:SS[.fraction]][Z or ±HH:MM]` in UTC, or of a bare
/// date. Digits beyond microseconds are cut off.
pub fn parse_datetime(text: &str) -> Option<(i64, Offset)> {
    let (date, rest) = date(text.as_bytes())?;
    let [b'T' | b't' | b' ', rest @ ..] = rest else {
        return rest
            .is_empty()
            .then(|| Some((microseconds(date.and_hms_opt(0, 0, 0)?)?, Offset::None)))?;
    };
    let (hour, rest) = number(rest, 2)?;
    let (minute, rest) = number(rest.strip_prefix(b":")?, 2)?;
    let (second, rest) = match rest.strip_prefix(b":") {
        Some(rest) => number(rest, 2)?,
        None => (0, rest),
    };
    let (fraction, rest) = match rest.strip_prefix(b".") {
        Some(rest) => fraction(rest)?,
        None => (0, rest),
    };
    let local = microseconds(date.and_hms_micro_opt(hour, minute, second, fraction)?)?;
    let (minutes, offset) = match rest {
        [] => (0, Offset::None),
        b"Z" | b"z" => (0, Offset::Given),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let (hours, rest) = number(rest, 2)?;
            let (minutes, rest) = number(rest.strip_prefix(b":")?, 2)?;
            if !rest.is_empty() || hours > 23 || minutes > 59 {
                return None;
            }
            let east = i64::from(hours * 60 + minutes);
            (if *sign == b'+' { east } else { -east }, Offset::Given)
        }
        _ => return None,
    };
    let utc = local - minutes * 60_000_000;
    in_range(utc).then_some((utc, offset))
}

/// As people write it: `2024-01-31`, or `2024-01-31T10:00:00` with a fraction where there is one.
pub fn shown(microseconds: i64, calendar: Calendar) -> String {
    let Some(moment) = DateTime::from_timestamp_micros(microseconds).map(|utc| utc.naive_utc())
    else {
        return format!("{microseconds} microseconds since 1970");
    };
    let date = format!("{:04}-{:02}-{:02}", moment.year(), moment.month(), moment.day());
    if calendar == Calendar::Date {
        return date;
    }
    let time = format!("{:02}:{:02}:{:02}", moment.hour(), moment.minute(), moment.second());
    match moment.nanosecond() / 1_000 {
        0 => format!("{date}T{time}"),
        fraction => format!("{date}T{time}.{fraction:06}"),
    }
}

fn microseconds(moment: NaiveDateTime) -> Option<i64> {
    Some(moment.and_utc().timestamp_micros())
}

fn date(text: &[u8]) -> Option<(NaiveDate, &[u8])> {
    let (year, rest) = number(text, 4)?;
    let (month, rest) = number(rest.strip_prefix(b"-")?, 2)?;
    let (day, rest) = number(rest.strip_prefix(b"-")?, 2)?;
    Some((NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?, rest))
}

/// A number of exactly that many digits.
fn number(text: &[u8], digits: usize) -> Option<(u32, &[u8])> {
    let (number, rest) = text.split_at_checked(digits)?;
    let digit =
        |value: u32, byte: &u8| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0'));
    Some((number.iter().try_fold(0, digit)?, rest))
}

/// The microseconds of a fraction of a second.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let (written, rest) = text.split_at(digits);
    let digit = |at: usize| written.get(at).map_or(0, |byte| u32::from(byte - b'0'));
    Some(((0..6).fold(0, |value, at| value * 10 + digit(at)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_iso_and_real() {
        assert_eq!(parse_date("1970-01-02"), Some(MICROSECONDS_A_DAY));
        assert_eq!(parse_date("0000-01-01"), Some(FIRST));
        assert_eq!(
            parse_date("2024-02-29").map(|day| shown(day, Calendar::Date)).as_deref(),
            Some("2024-02-29")
        );
        for text in [
            "",
            "2024",
            "2024-1-31",
            "2023-02-29",
            "2024-13-01",
            "31.01.2024",
            "2024-01-31 ",
            " 2024-01-31",
            "2024-01-31T00:00",
            "+024-01-31",
            "2024/01/31",
            "１024-01-31",
            "20240131",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_turned_into_utc() {
        for (text, moment, offset) in [
            ("2024-01-31", "2024-01-31T00:00:00", Offset::None),
            ("2024-01-31 10:00", "2024-01-31T10:00:00", Offset::None),
            ("2024-01-31T10:00:07", "2024-01-31T10:00:07", Offset::None),
            ("2024-01-31T10:00:07.5", "2024-01-31T10:00:07.500000", Offset::None),
            ("1969-12-31T23:59:59.999999999", "1969-12-31T23:59:59.999999", Offset::None),
            ("2024-01-31t10:00z", "2024-01-31T10:00:00", Offset::Given),
            ("2024-01-31T00:30:00+02:00", "2024-01-30T22:30:00", Offset::Given),
            ("2024-12-31 23:00-01:30", "2025-01-01T00:30:00", Offset::Given),
            ("9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999", Offset::None),
        ] {
            let (found, written) = parse_datetime(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (shown(found, Calendar::Datetime).as_str(), written),
                (moment, offset),
                "{text}"
            );
        }
        for text in [
            "2024-01-31T",
            "2024-01-31T10",
            "2024-01-31T24:00",
            "2024-01-31T10:60",
            "2024-01-31T10:00:60",
            "2024-01-31T10:00:00.",
            "2024-01-31T10:00+0200",
            "2024-01-31T10:00+02",
            "2024-01-31T10:00+02:60",
            "2024-01-31T10:00 Z",
            "2024-01-31  10:00",
            "9999-12-31T23:59-01:00",
            "0000-01-01T00:00+01:00",
            "10:00",
        ] {
            assert_eq!(parse_datetime(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_shown_reads_as_itself(microseconds in FIRST..=LAST) {
            let text = shown(microseconds, Calendar::Datetime);
            proptest::prop_assert_eq!(parse_datetime(&text), Some((microseconds, Offset::None)));
            let day = microseconds.div_euclid(MICROSECONDS_A_DAY) * MICROSECONDS_A_DAY;
            proptest::prop_assert_eq!(parse_date(&shown(microseconds, Calendar::Date)), Some(day));
        }

        #[test]
        fn no_text_panics(text in "[0-9TZ:+. \\-é]{0,30}") {
            let _ = (parse_date(&text), parse_datetime(&text));
        }
    }
}
