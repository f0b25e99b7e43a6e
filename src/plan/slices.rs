//! Lowers slices: each has one way to say which rows belong to it, and a name of its own.

use super::{Metric, Slice, SliceRows};
use crate::diagnostic::{Code, Diagnostic, Place, Route};
use crate::kinds::Family;
use crate::kinds::metrics::AnyMetric;
use crate::spec::{self, Bins, Spec};

/// The slices of a spec, in its order.
pub fn slices(spec: &Spec, metrics: &[Metric], found: &mut Vec<Diagnostic>) -> Vec<Slice> {
    let mut slices = Vec::new();
    for (name, slice) in &spec.slices {
        let route = Route::root().key("slices").key(name);
        let is_metric = AnyMetric::ALL.iter().any(|entry| entry.name == name)
            || metrics.iter().any(|metric| *metric.name == **name);
        if is_metric {
            found.push(
                Diagnostic::error(
                    Code::SliceInvalid,
                    Place::key(route.clone()),
                    format!("`{name}` is the name of a metric"),
                )
                .label("taken")
                .help(format!("choose a name that says which rows are meant, such as `by_{name}`")),
            );
        }
        if let Some(rows) = rows(slice, &route, found) {
            slices.push(Slice {
                name: name.as_str().into(),
                rows,
                min_rows: slice.min_rows,
                route,
            });
        }
    }
    slices
}

fn rows(slice: &spec::Slice, route: &Route, found: &mut Vec<Diagnostic>) -> Option<SliceRows> {
    match (&slice.by, &slice.predicate) {
        (None, None) => {
            found.push(
                Diagnostic::error(
                    Code::SliceInvalid,
                    Place::key(route.clone()),
                    "this slice does not say which rows belong to it",
                )
                .label("`by` or `where` is missing")
                .help(
                    "write `by: column` to measure each of its values, or `where: \"predicate\"`",
                ),
            );
            None
        }
        (_, Some(predicate)) => Some(SliceRows::Where(predicate.clone())),
        (Some(by), None) => {
            if let Some(Bins::Edges(edges)) = &slice.bins
                && let Some(at) = edges.windows(2).position(|pair| pair[0] >= pair[1])
            {
                found.push(
                    Diagnostic::error(
                        Code::SliceInvalid,
                        Place::value(route.key("bins").index(at + 1)),
                        format!("the edge {} does not follow {}", edges[at + 1], edges[at]),
                    )
                    .label("not greater than the one before")
                    .help("write the edges in ascending order"),
                );
                return None;
            }
            if let Some(at) =
                (1..by.0.len()).find(|at| by.0[..*at].iter().any(|name| *name == by.0[*at]))
            {
                found.push(
                    Diagnostic::error(
                        Code::SliceInvalid,
                        Place::value(route.key("by").index(at)),
                        format!("`{}` is named twice", by.0[at]),
                    )
                    .label("the second"),
                );
                return None;
            }
            Some(SliceRows::By {
                columns: by.0.clone(),
                bins: slice.bins.clone(),
                expect: slice.expect.clone(),
            })
        }
    }
}
