//! A stop that comes while a model is trained or asked ends it, whatever the kind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mlspec_learn::Generator;
use ndarray::{Array2, ShapeBuilder};
use serde_json::{Value, json};

use super::admission::suiting;
use super::{AnyModel, Context, Failure, Role, StopFlag, Target, ask};
use crate::data::{Rows, Task};
use crate::kinds::{Family, Parameters};

const ROWS: usize = 30_000;

/// What a kind is asked for, so that it takes long; none for those that are made of others, or given.
fn parameters(kind: &str) -> Option<Value> {
    Some(match kind {
        "search" | "voting" | "stacking" | "calibrate" | "predictions" => return None,
        "k_nearest_neighbors" => json!({ "n_neighbors": 20_000 }),
        "random_forest" | "extra_trees" => json!({ "n_estimators": 5_000 }),
        "gradient_boosting" => json!({ "max_iter": 100_000 }),
        "ada_boost" => json!({ "n_estimators": 100_000 }),
        "decision_tree" => json!({ "max_features": "all" }),
        "isolation_forest" => json!({ "n_estimators": 5_000, "max_samples": 10_000 }),
        "k_means" => json!({ "n_clusters": 100, "n_init": 100, "max_iter": 100_000, "tol": 0 }),
        "gaussian_mixture" => json!({ "n_components": 10, "max_iter": 100_000, "tol": 1e-12 }),
        "dbscan" => json!({ "eps": 1.5 }),
        "logistic_regression"
        | "lasso"
        | "elastic_net"
        | "huber"
        | "generalized_linear"
        | "ftrl"
        | "linear_svm" => json!({ "max_iter": 1_000_000, "tol": 1e-13 }),
        _ => json!({}),
    })
}

/// Nothing here is timed but that it ends: a minute is far beyond what any of these takes to hear of a
/// stop, and far below what the long ones take.
#[test]
fn a_stop_in_the_midst_is_heard() {
    let mut generator = Generator::new(5);
    let values = Array2::from_shape_simple_fn((ROWS, 12).f(), || generator.unit() * 4.0);
    let names: Vec<Arc<str>> = (0..12).map(|column| format!("x{column}").into()).collect();
    let codes: Vec<u32> = (0..ROWS).map(|_| generator.below(2) as u32).collect();
    let numbers: Vec<f64> = (0..ROWS).map(|_| generator.unit()).collect();
    let positions: Vec<u32> = (0..ROWS as u32).collect();
    let mut ended_by_it = 0;
    for entry in AnyModel::ALL {
        let Some(Value::Object(parameters)) = parameters(entry.name) else { continue };
        let model = AnyModel::build(entry.name, Parameters(parameters)).expect("a model");
        let values = suiting(&model, &values);
        let x = Rows {
            values: values.view(),
            names: &names[..values.ncols()],
            levels: &[],
            indicators: Default::default(),
        };
        for task in model.kind().about().tasks {
            let target = match task {
                Task::Classification => Target::Codes { codes: &codes, classes: 2 },
                Task::Regression => Target::Values(&numbers),
                Task::Clustering => Target::None,
            };
            let stop = StopFlag::new();
            let context = Context { weights: None, stop: &stop, classes: None, positive: Some(1) };
            let started = Instant::now();
            let end = std::thread::scope(|scope| {
                scope.spawn(|| {
                    std::thread::sleep(Duration::from_millis(100));
                    stop.raise();
                });
                match model.kind().role() {
                    Role::Learns(learner) | Role::Detects(learner) => learner
                        .fit(x, target, &context)
                        .and_then(|fit| ask(&*fit.model, x, &positions, &stop).map(drop)),
                    Role::Labels(labeller) => labeller.label(x, &context).map(drop),
                    Role::Given(_) => Ok(()),
                }
            });
            let name = format!("{} for {task}", entry.name);
            assert!(started.elapsed() < Duration::from_secs(60), "{name}: {:?}", started.elapsed());
            match end {
                Err(Failure::Stopped) => ended_by_it += 1,
                Ok(()) => {}
                Err(other) => panic!("{name}: {other:?}"),
            }
        }
    }
    assert!(ended_by_it >= 15, "{ended_by_it} took long enough to be stopped");
}
