//! Compares every stored case with what scikit-learn gave for it; the scripts that wrote the
//! cases stand in `tests/reference`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use serde_json::Value as Json;

use super::AnyMetric;
use super::samples::{Answers, Sample, metric_of};
use crate::data::{ClassName, Classes, Label, Prediction};
use crate::kinds::Family;

/// A CSV file as text, by column.
struct Columns(BTreeMap<String, Vec<String>>);

impl Columns {
    fn read(path: &Path) -> Self {
        let mut reader = csv::Reader::from_path(path).unwrap();
        let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for record in reader.records() {
            for (name, cell) in names.iter().zip(&record.unwrap()) {
                columns.entry(name.clone()).or_default().push(cell.to_owned());
            }
        }
        Self(columns)
    }

    fn text(&self, name: &Json) -> &[String] {
        &self.0[name.as_str().unwrap()]
    }

    fn numbers(&self, name: &Json) -> Vec<f64> {
        self.text(name).iter().map(|cell| cell.parse().unwrap()).collect()
    }

    /// Rows × columns, stored column by column.
    fn matrix(&self, names: &[Json]) -> Array2<f64> {
        let columns: Vec<Vec<f64>> = names.iter().map(|name| self.numbers(name)).collect();
        let rows = columns[0].len();
        Array2::from_shape_fn((columns.len(), rows), |(c, r)| columns[c][r]).reversed_axes()
    }
}

fn sample(case: &Json, columns: &Columns) -> Sample {
    match case["task"].as_str().unwrap() {
        "classification" => classification(case, columns),
        "regression" => {
            let predicted = columns.numbers(&case["columns"]["value"]);
            Sample::values(&columns.numbers(&case["target"]), &predicted)
        }
        "groups" => {
            let groups: Vec<u32> =
                columns.text(&case["target"]).iter().map(|cell| cell.parse().unwrap()).collect();
            let clusters = columns.text(&case["columns"]["cluster"]);
            let codes: Vec<Option<u32>> = clusters.iter().map(|cell| cell.parse().ok()).collect();
            Sample::groups(&groups, &codes)
        }
        "clustering" => {
            let features = columns.matrix(case["columns"]["features"].as_array().unwrap());
            let clusters = columns.text(&case["columns"]["cluster"]);
            let codes: Vec<Option<u32>> = clusters.iter().map(|cell| cell.parse().ok()).collect();
            let distances = &case["columns"]["squared_distance"];
            Sample {
                prediction: Prediction::Clusters {
                    codes: codes.clone(),
                    squared_distances: (!distances.is_null()).then(|| columns.numbers(distances)),
                },
                ..Sample::clusters(features.view(), &codes)
            }
        }
        other => panic!("no task is called {other}"),
    }
}

fn classification(case: &Json, columns: &Columns) -> Sample {
    let labels = case["classes"].as_array().unwrap();
    let classes =
        Classes::new(labels.iter().map(|l| Label::Text(l.as_str().unwrap().into())).collect());
    let codes = |column: &Json| -> Vec<u32> {
        let cells = columns.text(column);
        cells.iter().map(|cell| classes.find(&ClassName::new(cell)).unwrap()).collect()
    };
    let names = &case["columns"]["probabilities"];
    let ordered: Vec<Json> =
        classes.labels().iter().map(|label| names[&label.to_string()].clone()).collect();
    Sample {
        answers: Answers::Codes(codes(&case["target"])),
        positive: case["positive"].as_str().and_then(|name| classes.find(&ClassName::new(name))),
        prediction: Prediction::Codes {
            codes: codes(&case["columns"]["label"]),
            probabilities: Some(columns.matrix(&ordered)),
        },
        features: None,
        weights: case["columns"]["weight"]
            .is_string()
            .then(|| columns.numbers(&case["columns"]["weight"])),
        times: None,
        classes,
    }
}

/// What was compared: values, and cases without one.
#[derive(Debug, Default)]
struct Compared {
    values: usize,
    undefined: usize,
    wrong: Vec<String>,
}

fn compare(folder: &str) -> Compared {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(folder);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let mut compared = Compared::default();
    for path in paths {
        let case: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let columns = Columns::read(&path.with_extension("csv"));
        let mut sample = sample(&case, &columns);
        if !case["weight"].is_null() {
            sample.weights = Some(columns.numbers(&case["weight"]));
        }
        for expected in case["expected"].as_array().unwrap() {
            let name = expected["metric"].as_str().unwrap();
            if AnyMetric::ALL.iter().all(|entry| entry.name != name) {
                continue;
            }
            let metric = metric_of(serde_json::json!({ name: expected["params"].clone() }));
            assert_eq!(metric.kind().check(&sample.setting()), [], "{name} in {path:?}");
            let value = metric.kind().measure(&sample.judged());
            let agrees = match (&value, expected["value"].as_f64()) {
                (Ok(value), Some(expected)) => {
                    compared.values += 1;
                    (value - expected).abs() <= 1e-12 + 1e-9 * expected.abs()
                }
                (Err(_), None) => {
                    compared.undefined += 1;
                    true
                }
                (Ok(_), None) | (Err(_), Some(_)) => false,
            };
            if !agrees {
                compared.wrong.push(format!("{value:?} in {path:?}, but {expected}"));
            }
        }
    }
    compared
}

#[test]
fn metrics_equal_scikit_learn() {
    let compared = compare("metrics");
    assert!(compared.wrong.is_empty(), "{:#?}", compared.wrong);
    assert!(compared.values > 100, "{compared:?}");
}

#[test]
fn parameters_equal_scikit_learn() {
    let compared = compare("parameters");
    assert!(compared.wrong.is_empty(), "{:#?}", compared.wrong);
    assert!(compared.values > 500 && compared.undefined >= 10, "{compared:?}");
}

#[test]
fn metrics_of_weighted_rows_equal_scikit_learn() {
    let compared = compare("weighted");
    assert!(compared.wrong.is_empty(), "{:#?}", compared.wrong);
    assert!(compared.values > 1000 && compared.undefined >= 50, "{compared:?}");
}

#[test]
fn metrics_of_clusters_equal_scikit_learn() {
    let compared = compare("clustering");
    assert!(compared.wrong.is_empty(), "{:#?}", compared.wrong);
    assert!(compared.values >= 45 && compared.undefined >= 20, "{compared:?}");
}

#[test]
fn weights_and_cuts_of_labels_equal_scikit_learn() {
    let compared = compare("label_weights");
    assert!(compared.wrong.is_empty(), "{:#?}", compared.wrong);
    assert!(compared.values > 6000 && compared.undefined > 1000, "{compared:?}");
}

#[test]
fn comparisons_with_groups_equal_scikit_learn() {
    let compared = compare("groups");
    assert!(compared.wrong.is_empty(), "{:#?}", compared.wrong);
    assert!(compared.values > 300 && compared.undefined > 50, "{compared:?}");
}
