//! The rules between keys of a spec that are no parameters of a kind.

use crate::diagnostic::Code;
use crate::kinds::sources::AnySource;
use crate::kinds::{Family, Rule};

/// The rules by the definition of their map in the schema; that of the whole spec has no name.
pub fn all() -> Vec<(&'static str, Vec<Rule>)> {
    vec![
        ("", whole()),
        ("data", data()),
        ("data.path", path()),
        ("Slice", slice()),
        ("BoundMap", bound()),
    ]
}

/// The models that judge all rows: where they are named, and what is said of them.
const OF_ALL_ROWS: [(&str, &str, &str); 4] = [
    ("model.predictions", "predictions are judged on every row, without training", "given here"),
    ("model.dbscan", "`dbscan` groups all rows, and they are all judged", "the model"),
    ("model.hierarchical", "`hierarchical` groups all rows, and they are all judged", "the model"),
    ("model.optics", "`optics` groups all rows, and they are all judged", "the model"),
];

/// What a model leaves without a meaning that judges all rows.
fn whole() -> Vec<Rule> {
    let mut rules = Vec::new();
    for (model, message, label) in OF_ALL_ROWS {
        let mut refused = vec![
            ("data.split", "remove it"),
            ("data.test", "name the one file to judge: `path: …`"),
        ];
        if model == "model.predictions" {
            refused.extend([("data.weight.fit", "remove it"), ("prepare", "remove it")]);
        }
        rules.extend(refused.into_iter().map(|(key, help)| {
            Rule::refuses_given(key, message)
                .beside_given(model)
                .code(Code::SplitRefused)
                .at_key()
                .label("has no meaning here")
                .help(help)
                .related(model, label)
        }));
    }
    rules
}

/// Rows come from `path`, or from `train` and `test`, which are split already.
fn data() -> Vec<Rule> {
    let together = "`train` and `test` are given together, without `path` and `split`";
    let other = |key, with| Rule::required("data", key, "").beside_given(with).help(together);
    vec![
        Rule::any_of(&["path", "train", "test"], "`data` has no `path`")
            .label("`path` is missing")
            .help("name the file: `path: data.csv`, or two files: `train` and `test`")
            .example("data.csv"),
        other("test", "train"),
        other("train", "test"),
        Rule::excludes("train", "path"),
        Rule::excludes("train", "split"),
    ]
}

/// A file has one format.
fn path() -> Vec<Rule> {
    let mut rules = Vec::new();
    for (at, entry) in AnySource::ALL.iter().enumerate() {
        let name = entry.name;
        let message = format!("options of `{name}` for a file of another format");
        rules.push(
            Rule::refuses_given(name, message)
                .beside_given("format")
                .without("format", &[name])
                .at_key()
                .label("another format")
                .help(format!("write `format: {name}`, or remove `{name}`"))
                .related("format", "the format"),
        );
        rules.extend(AnySource::ALL[..at].iter().map(|other| Rule::excludes(other.name, name)));
    }
    rules
}

/// A slice has one way to say which rows belong to it.
fn slice() -> Vec<Rule> {
    vec![
        Rule::any_of(&["by", "where"], "this slice does not say which rows belong to it")
            .code(Code::SliceInvalid)
            .label("`by` or `where` is missing")
            .help("write `by: column` to measure each of its values, or `where: \"predicate\"`"),
        Rule::excludes("by", "where"),
        Rule::excludes("where", "bins"),
        Rule::excludes("where", "expect"),
    ]
}

/// A bound has one lower and one upper end, and something to compare with.
fn bound() -> Vec<Rule> {
    let ends = ["min", "max", "above", "below", "over_dummy", "max_train_gap"];
    vec![
        Rule::any_of(&ends, "this threshold has no bound")
            .code(Code::ThresholdEmpty)
            .label("no bound")
            .help("add `min`, `max`, `above`, `below`, `over_dummy` or `max_train_gap`"),
        Rule::excludes("min", "above"),
        Rule::excludes("max", "below"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::Parameters;
    use crate::kinds::models::{AnyModel, Role};

    #[test]
    fn every_model_that_judges_all_rows_is_listed() {
        let built = AnyModel::ALL.iter().filter_map(|entry| {
            AnyModel::build(entry.name, Parameters(serde_json::Map::new())).ok()
        });
        let of_all =
            built.filter(|model| matches!(model.kind().role(), Role::Given(_) | Role::Labels(_)));
        let mut names: Vec<String> =
            of_all.map(|model| format!("model.{}", model.name())).collect();
        let mut listed = OF_ALL_ROWS.map(|(name, ..)| name.to_owned());
        names.sort();
        listed.sort();
        assert_eq!(names, listed);
    }
}
