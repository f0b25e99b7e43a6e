//! What a spec cannot ask of its model: to weigh rows where it cannot.

use crate::diagnostic::{Code, Diagnostic, Place, Route};
use crate::kinds::models::{Unweighed, of_weights};
use crate::spec::Spec;

/// Refuses weights that have no meaning for the model.
pub fn check(spec: &Spec, found: &mut Vec<Diagnostic>) {
    let model = Route::root().key("model").key(spec.model.name());
    let weights = Route::root().key("data").key("weight").key("fit");
    let weighted = spec.data.weight.as_ref().is_some_and(|weight| weight.fit.is_some());
    let unweighed = of_weights(&spec.model);
    if let Some(Unweighed { name, why, .. }) = unweighed.first()
        && weighted
    {
        let mut diagnostic = Diagnostic::error(
            Code::WeightRefused,
            Place::key(weights),
            format!("`{name}` takes no weights: {why}"),
        )
        .label("cannot be used")
        .help("remove it, or choose a model that weighs its rows");
        for each in &unweighed {
            let related = if unweighed.len() == 1 { "the model" } else { "takes no weights" };
            diagnostic = diagnostic.related(Place::key(model.join(&each.route)), related);
        }
        found.push(diagnostic);
    }
}
