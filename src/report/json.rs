//! The JSON report, `mlspec-report/1`: the form that every other program reads, and that this one
//! reads back.

use serde::Deserialize;

use super::model::{FORMAT, Report};
use super::wording::in_json;

/// The report as text, ending in a line feed.
pub fn render(report: &Report) -> String {
    let mut text =
        serde_json::to_string_pretty(report).expect("strings, numbers and lists serialise");
    text.push('\n');
    in_json(text)
}

/// Reads a report back. Keys that are not known were added by a later version, and are passed over.
///
/// # Errors
/// What keeps the text from being a report of this version, as the end of a sentence.
pub fn read(text: &str) -> Result<Report, String> {
    check_format(text)?;
    serde_json::from_str(text).map_err(|error| format!("is damaged: {error}"))
}

/// Whether the text is a report of a version that is understood.
pub(super) fn check_format(text: &str) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Head {
        format: Option<serde_json::Value>,
    }
    let head: Head = serde_json::from_str(text)
        .map_err(|error| format!("is no JSON report of mlspec: {error}"))?;
    match head.format {
        Some(serde_json::Value::String(format)) if format == FORMAT => Ok(()),
        Some(serde_json::Value::String(format)) if format.starts_with("mlspec-report/") => {
            Err(format!("has the format {format}; this version of mlspec reads {FORMAT}"))
        }
        _ => Err(format!("is no JSON report of mlspec: it does not begin with {FORMAT}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Status;

    #[test]
    fn only_reports_of_this_version_are_read() {
        for (text, why) in [
            ("", "is no JSON report of mlspec"),
            ("[]", "is no JSON report of mlspec"),
            ("{}", "is no JSON report of mlspec"),
            (r#"{"format": 1}"#, "is no JSON report of mlspec"),
            (r#"{"format": "mlspec-report/2"}"#, "has the format mlspec-report/2"),
            (r#"{"format": "mlspec-report/1"}"#, "is damaged"),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.starts_with(why), "{text}: {refused}");
        }
    }

    #[test]
    fn what_later_versions_add_is_passed_over_and_what_is_optional_may_be_missing() {
        let text = r#"{"format": "mlspec-report/1", "tool": {"name": "mlspec", "version": "9"},
            "summary": {"specs": 1, "new": 2}, "specs": [{"path": "a", "name": "A", "status": "pass", "new": []}]}"#;
        let report = read(text).unwrap();
        assert_eq!(report.specs[0].status, Status::Pass);
        assert_eq!(read(&render(&report)).unwrap(), report);
        assert!(read(&text.replace(r#""pass""#, r#""fine""#)).is_err(), "a status is one of seven");
    }
}
