//! `mlspec check --fix`: what it writes, what it leaves alone, and what it says of both.

use std::fs;

use super::support::{Ran, Workspace};

const TABLE: &str = "size,weight,kind\n1.0,2.0,a\n2.0,3.0,b\n3.0,4.0,a\n4.0,5.0,b\n";

const BROKEN: &str = "\
# The gate.
name: Gate
data: # where it comes from
  path: data.csv
  taregt:   kind   # the answer
  exclude: [\"weigth\"]

model:
  decision_tree: {max_dept: 2}
thresholds:
  acuracy: > 0.5
";

const MENDED: &str = "\
# The gate.
version: 1
name: Gate
data: # where it comes from
  path: data.csv
  target:   kind   # the answer
  exclude: [\"weight\"]

model:
  decision_tree: {max_depth: 2}
thresholds:
  accuracy: \"> 0.5\"
";

fn fixed(workspace: &Workspace, status: i32) -> Ran {
    workspace.run(&["check", "--fix"]).ends(status)
}

/// The spec after `--fix`, which leaves the given exit status.
fn after(spec: &str, status: i32) -> String {
    let workspace = Workspace::with_spec(spec, TABLE);
    fixed(&workspace, status);
    workspace.read("spec.mlspec.yaml")
}

#[test]
fn all_that_is_certain_is_mended_and_said() {
    let workspace = Workspace::with_spec(BROKEN, TABLE);
    workspace.run(&["check"]).ends(2).says(&["`mlspec check --fix` would mend"]);
    assert_eq!(workspace.read("spec.mlspec.yaml"), BROKEN, "without --fix nothing is written");
    fixed(&workspace, 0)
        .says(&[
            "fixed   spec.mlspec.yaml  6 fixes\n",
            "line 6: write `target` in place of `taregt`\n",
            "✓ valid",
            "1 spec: 1 valid",
        ])
        .never_says("would mend");
    assert_eq!(workspace.read("spec.mlspec.yaml"), MENDED);
    fixed(&workspace, 0).never_says("fixed");
}

#[test]
fn line_ends_and_marks_stay() {
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(after(&windows(BROKEN), 0), windows(MENDED));
    assert_eq!(after(BROKEN.trim_end(), 0), MENDED.trim_end());
}

#[test]
fn the_report_lists_what_was_written_and_what_could_be() {
    let workspace = Workspace::with_spec(BROKEN, TABLE);
    let offered = workspace.run(&["check", "--format", "json"]).ends(2).json();
    let fix = &offered["specs"][0]["diagnostics"][0]["fixes"][0];
    assert_eq!(fix["certain"], true, "{offered}");
    assert_eq!(offered["specs"][0].get("fixed"), None);
    let ran = workspace.run(&["check", "--fix", "--format", "json"]).ends(0);
    let written = ran.json();
    let fixed = written["specs"][0]["fixed"].as_array().expect("a list of fixes").clone();
    assert_eq!(fixed.len(), 6, "{written}");
    let target = fixed.iter().find(|fix| fix["new"] == "target").expect("the target");
    assert_eq!((&target["line"], &target["old"]), (&6.into(), &"taregt".into()));
    ran.complains(&["fixed   spec.mlspec.yaml"]);
}

#[test]
fn what_is_not_certain_is_left_and_decides_the_exit_status() {
    let spec = MENDED.replace("decision_tree: {max_depth: 2}", "decision_tre: {max_depth: no}");
    let workspace = Workspace::with_spec(&spec, TABLE);
    let ran = fixed(&workspace, 2).says(&["write `decision_tree`", "max_depth"]);
    assert!(!ran.stdout.contains("would mend"), "{ran}");
    assert_eq!(workspace.read("spec.mlspec.yaml"), spec.replace("_tre:", "_tree:"));
    // A missing model is for the author to choose.
    let spec = "version: 1\ndata: {path: data.csv, target: kind}\nthresholds: {accuracy: 0.5 ..}\n";
    assert_eq!(after(spec, 2), spec);
}

/// Else a gate would come to judge other data by itself.
#[test]
fn another_file_and_another_number_are_only_offered() {
    for (old, new, status) in
        [("path: data.csv", "path: data1.csv", 3), ("[\"weight\"]", "[\"size_2\"]", 2)]
    {
        let spec = MENDED.replace(old, new);
        let workspace = Workspace::with_spec(&spec, &TABLE.replace("size,", "size_1,"));
        let offered = workspace.run(&["check", "--format", "json"]).json();
        let fix = &offered["specs"][0]["diagnostics"][0]["fixes"][0];
        assert_eq!(fix["certain"], false, "{offered}");
        fixed(&workspace, status).never_says("fixed");
        assert_eq!(workspace.read("spec.mlspec.yaml"), spec);
    }
}

#[test]
fn of_two_words_that_were_meant_as_one_key_the_first_becomes_it() {
    let spec =
        MENDED.replace("  accuracy: \"> 0.5\"", "  acuracy: \"> 0.5\"\n  accuracyy: \"> 0.6\"");
    let mended = after(&spec, 2);
    assert_eq!(mended, spec.replace("acuracy:", "accuracy:"));
    // The ones behind it that go together are written all the same.
    let spec = spec.replace("target:  ", "taregt:  ");
    assert_eq!(after(&spec, 2), mended);
}

#[test]
fn a_key_that_is_there_already_is_not_written_again() {
    let spec = MENDED.replace("  path: data.csv\n", "  path: data.csv\n  pathh: data.csv\n");
    assert_eq!(after(&spec, 2), spec);
}

#[test]
fn what_several_aliases_share_stays() {
    let shared = "\
version: 1
x-tree: &tree {max_dept: 2}
data: {path: data.csv, target: kind}
model: {voting: {members: [{decision_tree: *tree}, {random_forest: *tree}]}}
thresholds: {accuracy: 0 ..}
";
    let workspace = Workspace::with_spec(shared, TABLE);
    fixed(&workspace, 2);
    assert_eq!(workspace.read("spec.mlspec.yaml"), shared);
    let once = "\
version: 1
x-tree: &tree {max_dept: 2}
data: {path: data.csv, target: kind}
model: {decision_tree: *tree}
thresholds: {accuracy: \"> 0.5\"}
";
    assert_eq!(after(once, 0), once.replace("max_dept", "max_depth"));
}

#[test]
fn a_text_that_is_no_yaml_stays() {
    for spec in ["data: [\n", "\t- x\n", "a: b: c\n", "", "\u{0}"] {
        assert_eq!(after(spec, 2), spec, "{spec:?}");
    }
}

#[test]
fn each_spec_of_a_suite_is_mended_on_its_own() {
    let workspace = Workspace::with_spec(BROKEN, TABLE);
    workspace.write("b.mlspec.yaml", MENDED);
    workspace.write("c.mlspec.yaml", "data: [\n");
    workspace.write("d.mlspec.yaml", BROKEN);
    workspace.run(&["check", "--fix", "-q", ".", "spec.mlspec.yaml"]).ends(2).never_says("fixed");
    let texts = ["spec", "b", "c", "d"].map(|name| workspace.read(&format!("{name}.mlspec.yaml")));
    assert_eq!(texts, [MENDED, MENDED, "data: [\n", MENDED]);
    // Nothing is left beside them.
    let mut names = super::support::names(&workspace.path("."));
    names.retain(|name| name != "data.csv");
    assert_eq!(names.len(), 4, "{names:?}");
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let workspace = Workspace::new();
    workspace.write("data.csv", TABLE).write("kept/gate.yaml", BROKEN);
    workspace.write("kept/data.csv", TABLE);
    let kept = workspace.path("kept/gate.yaml");
    fs::set_permissions(&kept, PermissionsExt::from_mode(0o640)).expect("a mode can be set");
    symlink("kept/gate.yaml", workspace.path("spec.mlspec.yaml")).expect("a link can be made");
    workspace.run(&["check", "--fix", "spec.mlspec.yaml"]).ends(0);
    assert_eq!(workspace.read("kept/gate.yaml"), MENDED);
    let mode = |path| fs::metadata(path).expect("the file is there").permissions().mode() & 0o777;
    assert_eq!(mode(&kept), 0o640);
    let link = fs::symlink_metadata(workspace.path("spec.mlspec.yaml")).expect("the link is there");
    assert!(link.is_symlink());

    workspace.write("kept/gate.yaml", BROKEN);
    fs::set_permissions(&kept, PermissionsExt::from_mode(0o444)).expect("a mode can be set");
    workspace
        .run(&["check", "--fix", "spec.mlspec.yaml"])
        .ends(2)
        .says(&["spec.mlspec.yaml was not fixed: it is read-only"]);
    assert_eq!(workspace.read("kept/gate.yaml"), BROKEN);
}
