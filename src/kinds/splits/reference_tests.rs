//! Compares every stored case with the folds that scikit-learn gave for it; the script that wrote
//! the cases is `tests/reference/make_splits.py`.

use std::fs;
use std::path::PathBuf;

use serde_json::Value as Json;

use super::samples::Rows;

fn numbers(list: &Json) -> Vec<u32> {
    serde_json::from_value(list.clone()).unwrap()
}

fn rows(case: &Json) -> Rows {
    match (case["classes"].as_array(), case["column"].is_null()) {
        (Some(classes), _) => {
            let names: Vec<&str> = classes.iter().map(|name| name.as_str().unwrap()).collect();
            Rows::of_classes(&names)
        }
        (None, false) => Rows::of_column(&numbers(&case["column"])),
        (None, true) => Rows::plain(case["rows"].as_u64().unwrap() as usize),
    }
}

// scikit-learn 1.9.1: KFold, StratifiedKFold, TimeSeriesSplit, and the sizes of GroupKFold.
#[test]
fn splits_agree_with_scikit_learn() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/splits/cases.json");
    let cases: Vec<Json> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let (mut agreed, mut refused, mut wrong) = (0, 0, Vec::new());
    for case in &cases {
        let found = rows(case).split(&case["split"]);
        let agrees = match (&found, case["folds"].as_array(), case["sizes"].as_array()) {
            (Ok(found), Some(expected), None) => {
                agreed += 1;
                found.len() == expected.len()
                    && found.iter().zip(expected).all(|(fold, expected)| {
                        fold.train == numbers(&expected["train"])
                            && fold.test == numbers(&expected["test"])
                    })
            }
            (Ok(found), None, Some(expected)) => {
                agreed += 1;
                let sizes = found.iter().map(|fold| fold.test.len() as u64);
                sizes.eq(expected.iter().map(|size| size.as_u64().unwrap()))
            }
            (Err(_), None, None) => {
                refused += 1;
                true
            }
            (Ok(_) | Err(_), _, _) => false,
        };
        if !agrees {
            wrong.push(format!("{case}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(agreed > 150 && refused > 20, "{agreed} agreed, {refused} refused");
}
