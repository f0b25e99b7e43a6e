//! A plan to the text of all that its measurements hang on, beside the bytes of its files: two plans with one text
//! measure the same. What is only judged by, and where the files lie, is left out.

use std::fmt::{Debug, Write};

use super::{Plan, Quantity, Source};

impl Plan {
    /// Every default is in it, and every variable by what it stands for, so it is nothing to show.
    pub fn decisive(&self) -> String {
        let Self {
            name: _,
            description: _,
            tags: _,
            timeout: _,
            source,
            test_source,
            predictions_source,
            target,
            task,
            positive,
            features,
            exclude,
            derived,
            predicate,
            types,
            missing_target,
            id,
            weight,
            limit,
            split,
            prepare,
            model,
            decision,
            importance,
            metrics,
            slices,
            thresholds,
            warnings: _,
        } = self;
        let mut text = String::new();
        for source in [Some(source), test_source.as_ref(), predictions_source.as_ref()] {
            let parts = source.map(|source| {
                let Source { written, path: _, shown: _, route, kind, format } = source;
                (written, route, kind, format)
            });
            add(&mut text, &parts);
        }
        add(&mut text, &(target, task, positive, features, exclude, derived, predicate, types));
        add(&mut text, &(missing_target, id, weight, limit, split, prepare, model));
        add(&mut text, &(decision, importance, metrics, slices));
        // A run looks at two things of a bound: whether it is about the training rows, and which slice it names.
        add(&mut text, &thresholds.iter().any(|each| each.quantity == Quantity::TrainGap));
        let mut on: Vec<_> = thresholds.iter().filter_map(|each| each.on.as_ref()).collect();
        on.sort_by_key(|on| (on.slice, on.value.clone()));
        on.dedup();
        add(&mut text, &on);
        text
    }
}

/// The form for debugging is derived, so no field is forgotten, and it tells every two numbers apart.
fn add(text: &mut String, part: &dyn Debug) {
    // A string takes all that is written to it.
    let _ = writeln!(text, "{part:?}");
}
