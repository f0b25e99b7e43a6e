//! What a spec cannot ask of its model: to train on some rows where it judges all of them, or to weigh
//! rows where it cannot.

use crate::diagnostic::{Code, Diagnostic, Place, Route};
use crate::kinds::models::{Role, Unweighed, of_weights};
use crate::spec::Spec;

/// Refuses keys that have no meaning for the model.
pub fn check(spec: &Spec, found: &mut Vec<Diagnostic>) {
    let data = Route::root().key("data");
    let model = Route::root().key("model").key(spec.model.name());
    let weights = data.key("weight").key("fit");
    let weighted = spec.data.weight.as_ref().is_some_and(|weight| weight.fit.is_some());
    let mut refused = vec![
        (data.key("split"), spec.data.split.is_some()),
        (data.key("test"), spec.data.test.is_some()),
    ];
    let (message, related) = match spec.model.kind().role() {
        Role::Given(_) => {
            refused.push((weights.clone(), weighted));
            refused.push((Route::root().key("prepare"), spec.prepare.is_some()));
            ("predictions are judged on every row, without training".to_owned(), "given here")
        }
        Role::Labels(_) => {
            let name = spec.model.name();
            (format!("`{name}` groups all rows, and they are all judged"), "the model")
        }
        Role::Learns(_) | Role::Detects(_) => {
            refused.clear();
            (String::new(), "the model")
        }
    };
    for (route, _) in refused.into_iter().filter(|(_, given)| *given) {
        found.push(
            Diagnostic::error(Code::SplitRefused, Place::key(route.clone()), message.clone())
                .label("has no meaning here")
                .help(match route.last_key() {
                    Some("test") => "name the one file to judge: `path: …`",
                    _ => "remove it",
                })
                .related(Place::key(model.clone()), related),
        );
    }
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
