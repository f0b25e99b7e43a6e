//! Words of the language that this version does not run: refused by name, never ignored.

use super::nested::{self, Holds};
use crate::diagnostic::Route;

/// Where a reserved word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Top,
    Data,
    /// In the map form of a bound.
    Bound,
    Transform,
    Metric,
}

const WORDS: &[(At, &[&str])] = &[
    (
        At::Top,
        &[
            "models",
            "baseline",
            "repeat",
            "audits",
            "checks",
            "behaviour",
            "monitor",
            "extends",
            "matrix",
        ],
    ),
    (At::Data, &["query"]),
    (At::Bound, &["until", "confidence", "burden", "max_drop", "max_rise", "min_gain"]),
    (At::Metric, &["expression"]),
];

/// Whether `key`, in the map at `parent`, is a word that is reserved there.
pub fn is_reserved(parent: &Route, key: &str) -> bool {
    place(parent)
        .is_some_and(|at| WORDS.iter().any(|(place, words)| *place == at && words.contains(&key)))
}

/// Whether a threshold names a metric that is reserved.
pub fn is_reserved_metric(name: &str) -> bool {
    WORDS.iter().any(|(place, words)| *place == At::Metric && words.contains(&name))
}

fn place(parent: &Route) -> Option<At> {
    use crate::diagnostic::Segment::{Index, Key};
    match nested::at(parent.segments()) {
        Some(Holds::Model) => return None,
        Some(Holds::Metric) => return Some(At::Metric),
        None => {}
    }
    let first = parent.segments().first();
    match (parent.segments(), first) {
        ([], _) => Some(At::Top),
        ([_, rest @ ..], Some(Key(top))) => match (&**top, rest) {
            ("data", []) => Some(At::Data),
            ("data", [Key(key)]) if &**key == "path" => Some(At::Data),
            ("prepare", [Index(_)]) => Some(At::Transform),
            ("metrics", [Index(_)]) => Some(At::Metric),
            ("thresholds", [Key(_)] | [Key(_), Index(_)]) => Some(At::Bound),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_not_reserved() {
        use crate::kinds::Family;
        use crate::kinds::metrics::AnyMetric;
        use crate::kinds::transforms::AnyTransform;
        for (at, entries) in [(At::Transform, AnyTransform::ALL), (At::Metric, AnyMetric::ALL)] {
            for entry in entries {
                let reserved =
                    |(place, words): &(At, &[&str])| *place == at && words.contains(&entry.name);
                assert!(!WORDS.iter().any(reserved), "{} runs and is reserved", entry.name);
            }
        }
    }

    #[test]
    fn words_are_reserved_where_they_stand() {
        let top = Route::root();
        assert!(is_reserved(&top, "baseline"));
        assert!(!is_reserved(&top, "confidence"));
        assert!(is_reserved(&top.key("thresholds").key("accuracy").index(0), "confidence"));
        assert!(is_reserved(&top.key("data"), "query"));
        assert!(is_reserved(&top.key("metrics").index(3), "expression"));
    }
}
