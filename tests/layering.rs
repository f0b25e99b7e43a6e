//! Who may import whom, read off the paths that the code names; and other rules of the house.
//! The reasons are in `docs/architecture.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mlspec::diagnostic::Code;
use mlspec::spec::catalogue::catalogues;

/// A layer, the other layers that it may name, and for some of those the only items it may name.
struct Layer {
    name: &'static str,
    may: &'static [(&'static str, Items)],
}

enum Items {
    All,
    Only(&'static [&'static str]),
}

use Items::{All, Only};

const LAYERS: &[Layer] = &[
    Layer { name: "text", may: &[("diagnostic", All)] },
    Layer { name: "diagnostic", may: &[] },
    // The loader says with a code of the catalogue what is wrong with a file, and which names come near.
    Layer { name: "data", may: &[("diagnostic", Only(&["Code", "Near"]))] },
    Layer {
        name: "kinds",
        may: &[
            ("data", All),
            (
                "diagnostic",
                Only(&[
                    "Problem",
                    "Route",
                    "Code",
                    "Part",
                    "Diagnostic",
                    "Near",
                    "counted",
                    "number",
                ]),
            ),
        ],
    },
    Layer {
        name: "spec",
        may: &[("text", All), ("diagnostic", All), ("kinds", All), ("data", All)],
    },
    Layer {
        name: "plan",
        may: &[
            ("spec", All),
            ("kinds", All),
            ("data", All),
            ("diagnostic", All),
            ("text", Only(&["nearest"])),
        ],
    },
    Layer {
        name: "run",
        may: &[("plan", All), ("data", All), ("kinds", All), ("diagnostic", All)],
    },
    Layer { name: "verdict", may: &[("plan", All), ("data", All), ("diagnostic", All)] },
    Layer {
        name: "outcome",
        may: &[
            ("verdict", All),
            (
                "run",
                Only(&[
                    "Importance",
                    "TraceStep",
                    "RowCounts",
                    "Searched",
                    "Charts",
                    "Confusion",
                    "Curves",
                    "Residuals",
                ]),
            ),
            ("data", Only(&["Input", "Measurement"])),
            ("diagnostic", All),
            ("text", Only(&["Document"])),
        ],
    },
    Layer {
        name: "report",
        may: &[
            ("outcome", All),
            ("plan", All),
            ("verdict", All),
            ("diagnostic", All),
            ("text", All),
            ("data", Only(&["Measurement", "Over", "Reading", "SliceValue", "Undefined", "Value"])),
        ],
    },
    Layer {
        name: "store",
        may: &[
            ("outcome", All),
            ("verdict", All),
            ("plan", Only(&["Quantity"])),
            ("data", Only(&["Input", "Stamp"])),
            ("diagnostic", All),
            ("text", Only(&["Environment"])),
        ],
    },
    // It proposes text; what runs it is the session.
    Layer {
        name: "starter",
        may: &[
            (
                "data",
                Only(&[
                    "ColumnInfo",
                    "ColumnKind",
                    "DeclaredType",
                    "Frame",
                    "Groups",
                    "LoadError",
                    "MISSING",
                    "Task",
                ]),
            ),
            ("diagnostic", All),
            ("text", Only(&["nearest", "as_yaml", "as_yaml_key"])),
        ],
    },
    Layer {
        name: "session",
        may: &[
            ("starter", All),
            ("text", All),
            ("diagnostic", All),
            ("data", All),
            ("kinds", All),
            ("spec", All),
            ("plan", All),
            ("run", All),
            ("verdict", All),
            ("outcome", All),
            ("store", All),
            ("report", All),
        ],
    },
    Layer {
        name: "suite",
        may: &[
            (
                "session",
                Only(&["Facts", "catalogue", "facts_of", "files_of", "glob_matches", "inputs_of"]),
            ),
            ("store", All),
            ("verdict", Only(&["Status"])),
            ("diagnostic", All),
            ("text", Only(&["nearest"])),
        ],
    },
    Layer {
        name: "settings",
        may: &[("diagnostic", All), ("text", Only(&["Environment", "Period", "nearest"]))],
    },
    Layer {
        name: "cli",
        may: &[
            ("session", All),
            ("report", All),
            ("store", All),
            ("suite", All),
            ("settings", All),
            ("outcome", All),
            ("diagnostic", All),
            ("text", Only(&["Environment", "ProcessEnvironment", "nearest"])),
            ("lsp", Only(&["serve"])),
            ("verdict", Only(&["Status"])),
        ],
    },
    Layer {
        name: "lsp",
        may: &[
            ("session", All),
            ("report", All),
            ("store", All),
            ("outcome", All),
            ("diagnostic", All),
            ("text", All),
            ("spec", All),
            ("verdict", Only(&["Status"])),
        ],
    },
];

/// A crate, and the files or folders under `src` where its paths may stand.
const CRATES: &[(&str, &[&str])] = &[
    ("polars", &["data/"]),
    ("polars_core", &["data/"]),
    ("polars_io", &["data/"]),
    ("sqlparser", &["data/"]),
    ("chrono", &["data/"]),
    ("granit_parser", &["text/"]),
    ("miette", &["report/terminal.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("clap_mangen", &["cli/"]),
    ("ctrlc", &["cli/"]),
    ("indicatif", &["cli/"]),
    ("anstream", &["cli/"]),
    ("linfa", &["kinds/", "learn/"]),
    ("mlspec_learn", &["kinds/", "learn/"]),
    ("jsonschema", &["spec/"]),
    ("etcetera", &["store/"]),
    // Features speak of bytes, so that they are tested without a client.
    (
        "lsp_server",
        &["lsp/mod.rs", "lsp/server.rs", "lsp/dispatch.rs", "lsp/inbox.rs", "lsp/stdio.rs"],
    ),
    ("gen_lsp_types", &["lsp/convert.rs", "lsp/dispatch.rs", "lsp/notice.rs"]),
    ("ignore", &["suite/"]),
    ("toml", &["settings/"]),
    ("tracing_subscriber", &["cli/"]),
    ("notify_debouncer_mini", &["cli/watch.rs"]),
    ("globset", &["suite/"]),
    ("regex", &["suite/"]),
];

/// What a layer does not do, as paths of the standard library.
const REFUSED: &[(&str, &[&str])] = &[
    ("kinds", &["std::fs", "std::env", "std::process"]),
    ("spec", &["std::fs", "std::env", "std::process"]),
    ("plan", &["std::fs", "std::env", "std::process"]),
    ("verdict", &["std::fs", "std::env", "std::process"]),
    ("session", &["std::io::stdout", "std::process"]),
    ("run", &["std::io::stdout", "std::process"]),
    ("learn", &["std::fs", "std::env", "std::process"]),
];

/// Files of a family's folder that are no kind, and why they are there.
const NO_KINDS: &[(&str, &str, &str)] = &[
    ("metrics", "against_rest", "a rate of one class against the rest, for the error rates"),
    ("metrics", "average", "how classes become one number, for precision, recall and f1"),
    ("metrics", "best_cut", "what a cut has to reach, for the metrics that choose one"),
    ("metrics", "class", "labels and the class that is meant, for the metrics of classes"),
    ("metrics", "clusters", "the rows of each cluster, for the clustering metrics"),
    ("metrics", "contingency", "clusters against groups, for the metrics that compare them"),
    ("metrics", "counts", "the rows of each class, for the metrics of labels"),
    ("metrics", "cut", "a cut through probabilities, for the metrics of labels"),
    ("metrics", "deviance", "what a deviance takes and how it is averaged"),
    ("metrics", "scores", "rows sorted by their score, for the metrics of probabilities"),
    ("metrics", "sums", "weighted sums over rows in fixed chunks, for all metrics"),
    ("metrics", "times", "how long a model took, for the metrics of time"),
    ("metrics", "values", "sums over the errors of numbers, for the regression metrics"),
    ("models", "adapter", "between our rows and the estimators"),
    ("models", "class_weight", "how much the rows of each class count"),
    ("models", "folding", "folds of the training rows, for models made of models"),
    ("models", "members", "the models that a model is made of"),
    ("models", "stop", "a request to end"),
    ("models", "asked", "answers of a trained model, some rows at a time"),
    ("models", "out_of_fold", "answers on rows that a model was not trained on"),
    ("models", "anomalies", "the rows and the answers of models that find anomalies"),
    ("models", "kernel", "the kernels of support vector machines"),
    ("models", "permutation", "how features are shuffled, and what a score loses by it"),
    ("models", "scoring", "the metric that a search or importances go by"),
    ("models", "trees", "criteria and draws, for the models that are made of trees"),
    ("models", "forest", "the training that random forests and extra trees share"),
    ("models", "shrunk", "the training that the lasso and the elastic net share"),
    (
        "models",
        "misfits",
        "parameters without a meaning, for the task and the models inside a model",
    ),
    ("models", "metric", "what near means, for all models that ask for neighbours"),
    ("splits", "column", "the column of a split, its rows in order of their values"),
    ("splits", "folds", "a fold for each row becomes folds, for k_fold and grouped"),
    ("splits", "share", "a share as a count and in words"),
    ("transforms", "cross_folds", "the folds that training rows are encoded over"),
    ("transforms", "numbers", "order statistics, and a step that replaces each number on its own"),
];

const MOST_LINES: usize = 400;

struct File {
    /// Under `src`, with `/`.
    path: String,
    layer: String,
    /// The code without comments, and without its inline test modules.
    code: String,
    /// Lines, comments among them, without the inline test modules.
    lines: usize,
    /// Whether all of the file is compiled for tests only.
    test: bool,
}

fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let texts: Vec<(String, String)> = paths
        .iter()
        .map(|path| {
            let shown = path.strip_prefix(&root).expect("files lie under src");
            let shown = shown.to_string_lossy().replace('\\', "/");
            (shown, fs::read_to_string(path).expect("a source file can be read"))
        })
        .collect();
    let tests: BTreeSet<String> =
        texts.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    texts
        .into_iter()
        .map(|(path, text)| {
            let kept = without_tests(&text);
            let stem = path.trim_end_matches(".rs");
            let test = tests.iter().any(|module| {
                stem == module
                    || stem.strip_prefix(module).is_some_and(|rest| rest.starts_with('/'))
            }) || path.contains("/tests/")
                || stem.ends_with("_tests");
            let layer = path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
            File {
                layer: layer.to_owned(),
                lines: kept.lines().count(),
                code: without_comments(&kept),
                test,
                path,
            }
        })
        .collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// The modules that a file declares for tests only, as paths under `src` without `.rs`.
fn test_modules(path: &str, text: &str) -> Vec<String> {
    let stem = path.trim_end_matches(".rs");
    let folder = match stem.rsplit_once('/') {
        Some((folder, "mod")) => format!("{folder}/"),
        None if matches!(stem, "lib" | "main") => String::new(),
        _ => format!("{stem}/"),
    };
    let lines: Vec<&str> = text.lines().collect();
    lines
        .windows(2)
        .filter(|pair| pair[0].trim() == "#[cfg(test)]")
        .filter_map(|pair| {
            let declared =
                pair[1].trim().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
            let name = declared.strip_prefix("mod ")?.strip_suffix(';')?;
            Some(format!("{folder}{name}"))
        })
        .collect()
}

/// The text up to its inline test module, which stands at the end.
fn without_tests(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let end = lines
        .windows(2)
        .position(|pair| {
            pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
        })
        .unwrap_or(lines.len());
    lines[..end].join("\n")
}

fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect()
}

/// All paths that start with `crate::`, groups written out, without the `crate::`.
fn crate_paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_none_or(|c| !c.is_alphanumeric() && c != '_') {
            tree(&code[at + "crate::".len()..], &[], &mut found);
        }
    }
    found
}

/// Reads one tree of a `use`, and gives what follows it.
fn tree<'t>(text: &'t str, prefix: &[String], found: &mut Vec<Vec<String>>) -> &'t str {
    let text = text.trim_start();
    if let Some(group) = text.strip_prefix('{') {
        let mut rest = group;
        loop {
            rest = tree(rest, prefix, found).trim_start();
            rest = match rest.strip_prefix(',') {
                Some(rest) if !rest.trim_start().starts_with('}') => rest,
                Some(rest) => return rest.trim_start().strip_prefix('}').unwrap_or(rest),
                None => return rest.strip_prefix('}').unwrap_or(rest),
            };
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let mut path = prefix.to_vec();
    path.push(name.to_owned());
    match rest.strip_prefix("::") {
        Some(rest) => tree(rest, &path, found),
        None => {
            found.push(path);
            let rest = rest.trim_start();
            let alias = rest.strip_prefix("as ").map(|rest| {
                let rest = rest.trim_start();
                rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
            });
            alias.unwrap_or(rest)
        }
    }
}

/// The byte offsets at which a path through `name` starts.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].trim_end();
        let after = &code[at + name.len()..];
        let starts = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
            && !before.ends_with("crate::")
            && !before.ends_with("super::")
            && !before.ends_with("self::");
        let in_use = before.ends_with("use") && after.starts_with([';', ' ']);
        starts && (after.starts_with("::") || in_use)
    })
}

fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn trees_of_use_are_written_out() {
    let code = "use crate::{data::{self, Task as T}, kinds};\nlet x = crate::a::b(crate::c);";
    let paths: Vec<String> = crate_paths(code).into_iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["data::self", "data::Task", "kinds", "a::b", "c"]);
    assert!(names_crate("use polars::prelude::*;", "polars"));
    assert!(!names_crate("use polars_core::x; my_polars::y; crate::polars::z", "polars"));
}

#[test]
fn layers_import_only_what_they_may() {
    let mut complaints = Vec::new();
    for file in files().iter().filter(|file| !file.test) {
        if matches!(file.layer.as_str(), "lib" | "main" | "learn") {
            continue;
        }
        let Some(layer) = LAYERS.iter().find(|layer| layer.name == file.layer) else {
            complaints.push(format!("{}: the table knows no layer `{}`", file.path, file.layer));
            continue;
        };
        let mut seen = BTreeSet::new();
        for path in crate_paths(&file.code) {
            let shown = path.join("::");
            if path[0] == file.layer || !seen.insert(shown.clone()) {
                continue;
            }
            let fits = match layer.may.iter().find(|(name, _)| *name == path[0]) {
                Some((_, All)) => true,
                Some((_, Only(items))) => path.get(1).is_some_and(|item| items.contains(&&**item)),
                None => false,
            };
            if !fits {
                complaints.push(format!("{}: {} may not use {shown}", file.path, file.layer));
            }
        }
        // Out of a layer it goes by `crate::`, where this test sees it.
        for other in LAYERS {
            let chain = format!("super::{}::", other.name);
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(&file.layer);
            let own = folder.join(format!("{}.rs", other.name)).exists()
                || folder.join(other.name).exists();
            if file.code.contains(&chain) && !own {
                complaints.push(format!("{}: write crate::{}", file.path, other.name));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn crates_stay_where_they_belong() {
    let mut complaints = Vec::new();
    for file in files() {
        for (name, places) in CRATES {
            let allowed = places.iter().any(|place| file.path.starts_with(place));
            if !allowed && names_crate(&file.code, name) {
                complaints.push(format!("{}: {name} belongs under {places:?}", file.path));
            }
        }
        for (layer, paths) in REFUSED {
            for path in paths.iter().filter(|_| file.layer == *layer && !file.test) {
                if file.code.contains(path) {
                    complaints.push(format!("{}: {layer} does without {path}", file.path));
                }
            }
        }
    }
    let learn = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/learn/Cargo.toml");
    let manifest = fs::read_to_string(learn).expect("the manifest of learn can be read");
    for line in manifest.lines().skip_while(|line| *line != "[dependencies]") {
        if line.starts_with("mlspec") || line.starts_with("polars") {
            complaints.push(format!("learn/Cargo.toml: {line}"));
        }
    }
    assert_none(&complaints);
}

#[test]
fn kinds_do_not_know_their_siblings() {
    let mut complaints = Vec::new();
    for family in catalogues() {
        let folder = format!("kinds/{}/", family.plural);
        let names: Vec<&str> = family.kinds.iter().map(|kind| kind.name).collect();
        for file in files().iter().filter(|file| !file.test && file.path.starts_with(&folder)) {
            let own = file.path[folder.len()..].trim_end_matches(".rs");
            for sibling in names.iter().filter(|name| **name != own && own != "mod") {
                if file.code.contains(&format!("super::{sibling}::"))
                    || file.code.contains(&format!("kinds::{}::{sibling}::", family.plural))
                {
                    complaints.push(format!("{}: uses its sibling {sibling}", file.path));
                }
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn folders_and_lists_of_kinds_agree() {
    let mut complaints = Vec::new();
    for family in catalogues() {
        let folder = format!("kinds/{}/", family.plural);
        let found: BTreeSet<String> = files()
            .iter()
            .filter(|file| !file.test)
            .filter_map(|file| file.path.strip_prefix(&folder))
            .map(|rest| rest.split('/').next().unwrap_or(rest).trim_end_matches(".rs").to_owned())
            .filter(|stem| stem != "mod")
            .collect();
        let shared: BTreeSet<String> = NO_KINDS
            .iter()
            .filter(|(plural, _, _)| *plural == family.plural)
            .map(|(_, stem, _)| (*stem).to_owned())
            .collect();
        let listed: BTreeSet<String> =
            family.kinds.iter().map(|kind| kind.name.to_owned()).collect();
        for stem in found.difference(&listed).filter(|stem| !shared.contains(*stem)) {
            complaints.push(format!("{folder}{stem}.rs is not in the list of its family"));
        }
        for name in listed.difference(&found) {
            complaints.push(format!("{name} is in the list, and {folder}{name}.rs is missing"));
        }
        for stem in shared.difference(&found) {
            complaints
                .push(format!("{folder}{stem}.rs is gone, and still in the list of this test"));
        }
    }
    assert_none(&complaints);
}

#[test]
fn names_of_files_say_what_is_in_them() {
    let empty = ["util", "utils", "helper", "helpers", "common", "manager", "misc", "types"];
    let mut complaints = Vec::new();
    for file in files() {
        if file.path.split('/').any(|part| empty.contains(&part.trim_end_matches(".rs"))) {
            complaints.push(file.path);
        }
    }
    assert_none(&complaints);
}

#[test]
fn files_are_short() {
    let long: Vec<String> = files()
        .iter()
        .filter(|file| !file.test && file.lines > MOST_LINES)
        .map(|file| format!("{}: {} lines without its tests", file.path, file.lines))
        .collect();
    assert_none(&long);
}

#[test]
fn modules_say_what_they_are_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mute: Vec<String> = files()
        .into_iter()
        .filter(|file| !file.test)
        .map(|file| file.path)
        .filter(|path| {
            !fs::read_to_string(root.join(path)).is_ok_and(|text| text.starts_with("//!"))
        })
        .collect();
    assert_none(&mute);
}

#[test]
fn every_code_is_given_somewhere() {
    let code: String = files()
        .iter()
        .filter(|file| !file.test && file.path != "diagnostic/code.rs")
        .map(|file| file.code.as_str())
        .collect();
    let unused: Vec<String> = Code::ALL
        .iter()
        .map(|code| format!("{code:?}"))
        .filter(|name| {
            let path = format!("Code::{name}");
            !code.match_indices(&path).any(|(at, _)| {
                !code[at + path.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
            })
        })
        .collect();
    assert_none(&unused);
}
