//! A plan to the text of all that its measurements hang on, beside the bytes of its files: two plans with one text
//! measure the same. What is only judged by, and where the files lie, is left out. And a bound plan to the text of
//! all that its training hangs on: two with one text have models that answer the same.

use std::fmt::{Debug, Write};

use super::{BoundPlan, Plan, Quantity, Source};

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
        add_sources(&mut text, [Some(source), test_source.as_ref(), predictions_source.as_ref()]);
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

impl BoundPlan {
    /// What is measured of the answers is not in it: metrics, slices, bounds, the weights of the judged rows, and
    /// `decision`, unless the importance of features hangs on it. Where their columns are no features, that shows
    /// in the features.
    pub fn decisive_for_training(&self) -> String {
        let Self { plan, task, features, classes, positive, steps, others: _, left_to_run: _ } =
            self;
        let Plan {
            name: _,
            description: _,
            tags: _,
            timeout: _,
            source,
            test_source,
            predictions_source,
            target,
            task: _,
            positive: _,
            features: chosen,
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
            metrics: _,
            slices: _,
            thresholds: _,
            warnings: _,
        } = plan;
        let mut text = "training\n".to_owned();
        add_sources(&mut text, [Some(source), test_source.as_ref(), predictions_source.as_ref()]);
        add(&mut text, &(target, task, positive, classes, features, chosen, exclude));
        add(&mut text, &(derived, predicate, types, missing_target, id, &weight.fit, limit));
        add(&mut text, &(split, prepare, steps, model));
        // Shuffled rows are scored as the metrics score them.
        let scored = importance.as_ref().map(|asked| (asked, decision, &weight.score));
        add(&mut text, &scored);
        text
    }
}

fn add_sources(text: &mut String, sources: [Option<&Source>; 3]) {
    for source in sources {
        let parts = source.map(|source| {
            let Source { written, path: _, shown: _, route, kind, format } = source;
            (written, route, kind, format)
        });
        add(text, &parts);
    }
}

/// The form for debugging is derived, so no field is forgotten, and it tells every two numbers apart.
fn add(text: &mut String, part: &dyn Debug) {
    // A string takes all that is written to it.
    let _ = writeln!(text, "{part:?}");
}
