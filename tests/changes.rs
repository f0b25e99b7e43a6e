//! `--changed-since`: what git says that changed, and which specs that touches.

use std::path::Path;
use std::process::Command;

use super::support::{Ran, Workspace};

const TABLE: &str = "truth,said\nyes,yes\nyes,yes\nno,no\nno,yes\n";

fn spec(data: &str) -> String {
    format!(
        "version: 1\ndata: {{ path: \"{data}\", target: truth }}\nmodel: {{ predictions: {{ label: said }} }}\n\
         thresholds: {{ accuracy: \"> 0.5\" }}\n"
    )
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=a", "-c", "user.email=a@example.org"]);
    command
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null");
    let output = command.output().expect("git starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn commit(workspace: &Workspace) {
    let folder = workspace.path("");
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-q", "--allow-empty", "-m", "a change"]);
}

/// A repository with three specs: one file each, and a pattern.
fn repository() -> Workspace {
    let workspace = Workspace::new();
    git(&workspace.path(""), &["init", "-q", "-b", "main"]);
    workspace.write("a.mlspec.yaml", spec("data/a.csv")).write("data/a.csv", TABLE);
    workspace.write("b.mlspec.yaml", spec("data/b.csv")).write("data/b.csv", TABLE);
    workspace.write("sub/c.mlspec.yaml", spec("../data/part-*.csv"));
    workspace.write("data/part-1.csv", TABLE).write("data/part-2.csv", TABLE);
    commit(&workspace);
    workspace
}

fn run_in(workspace: &Workspace, folder: &str, arguments: &[&str]) -> Ran {
    let mut command = workspace.command();
    command.current_dir(workspace.path(folder)).args(arguments);
    // Without its variables the program would find no git.
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    Ran::new(&command.output().expect("the program starts"))
}

/// The specs that are taken.
fn taken(workspace: &Workspace, folder: &str, arguments: &[&str]) -> Vec<String> {
    let all = [&["check", "--format", "json"], arguments].concat();
    let ran = run_in(workspace, folder, &all);
    let report = ran.json();
    let specs = report["specs"].as_array().expect("a list of specs");
    specs.iter().map(|spec| spec["path"].as_str().expect("a path").to_owned()).collect()
}

#[test]
fn specs_are_taken_that_a_change_touches() {
    let workspace = repository();
    let since = |revision: &str| taken(&workspace, "", &["--changed-since", revision]);
    let none: [&str; 0] = [];
    assert_eq!(since("HEAD"), none);
    // A spec, not committed.
    workspace.write("a.mlspec.yaml", spec("data/a.csv") + "# a comment\n");
    assert_eq!(since("HEAD"), ["a.mlspec.yaml"]);
    commit(&workspace);
    assert_eq!(since("HEAD"), none);
    assert_eq!(since("HEAD~1"), ["a.mlspec.yaml"]);
    // Data, and from another folder.
    workspace.write("data/b.csv", format!("{TABLE}no,no\n"));
    assert_eq!(since("main"), ["b.mlspec.yaml"]);
    assert_eq!(taken(&workspace, "sub", &["..", "--changed-since", "main"]), ["../b.mlspec.yaml"]);
    commit(&workspace);
    // A new file of a pattern, and a new spec, neither of them added.
    workspace.write("data/part-3.csv", TABLE);
    assert_eq!(since("HEAD"), ["sub/c.mlspec.yaml"]);
    workspace.write("d.mlspec.yaml", spec("data/a.csv"));
    assert_eq!(since("HEAD"), ["d.mlspec.yaml", "sub/c.mlspec.yaml"]);
    commit(&workspace);
    // A file that is gone, alone and of a pattern; a file with another name.
    std::fs::remove_file(workspace.path("data/b.csv")).unwrap();
    assert_eq!(since("HEAD"), ["b.mlspec.yaml"]);
    workspace.write("data/b.csv", format!("{TABLE}no,no\n"));
    std::fs::rename(workspace.path("data/part-1.csv"), workspace.path("data/other.csv")).unwrap();
    assert_eq!(since("HEAD"), ["sub/c.mlspec.yaml"]);
    commit(&workspace);
    // The other wishes count as well.
    workspace
        .write("a.mlspec.yaml", spec("data/a.csv"))
        .write("b.mlspec.yaml", spec("data/b.csv") + "\n");
    assert_eq!(since("HEAD"), ["a.mlspec.yaml", "b.mlspec.yaml"]);
    let filtered = taken(&workspace, "", &["--changed-since", "HEAD", "--filter", "path(b.*)"]);
    assert_eq!(filtered, ["b.mlspec.yaml"]);
    // The settings are everybody's.
    workspace.write("mlspec.toml", "[profile.default]\njobs = 1\n");
    assert_eq!(since("HEAD").len(), 4);
}

#[test]
fn names_that_git_would_quote_are_found() {
    let workspace = repository();
    workspace.write("data/b \u{e4}\n\"x\".csv", TABLE);
    workspace.write("data/b *.csv", TABLE);
    workspace.write("e.mlspec.yaml", spec("data/b \u{e4}\\n\\\"x\\\".csv"));
    commit(&workspace);
    workspace.write("data/b \u{e4}\n\"x\".csv", format!("{TABLE}no,no\n"));
    assert_eq!(taken(&workspace, "", &["--changed-since", "HEAD"]), ["e.mlspec.yaml"]);
}

#[test]
fn a_repository_inside_counts_as_one_file() {
    let workspace = repository();
    workspace.write("nested/x.csv", TABLE).write("n.mlspec.yaml", spec("nested/x.csv"));
    let nested = workspace.path("nested");
    git(&nested, &["init", "-q"]);
    git(&nested, &["add", "-A"]);
    git(&nested, &["commit", "-q", "-m", "data"]);
    commit(&workspace);
    assert_eq!(taken(&workspace, "", &["--changed-since", "HEAD"]), [] as [&str; 0]);
    workspace.write("nested/x.csv", format!("{TABLE}no,no\n"));
    assert_eq!(taken(&workspace, "", &["--changed-since", "HEAD"]), ["n.mlspec.yaml"]);
}

#[test]
fn given_predictions_count_as_data() {
    let workspace = repository();
    workspace
        .write("truth.csv", "id,truth\n1,yes\n2,no\n")
        .write("made.csv", "id,said\n1,yes\n2,no\n");
    workspace.write(
        "p.mlspec.yaml",
        "version: 1\ndata: { path: truth.csv, target: truth, id: id }\nmodel: { predictions: { path: made.csv, on: id, label: said } }\nthresholds: { accuracy: \"> 0.5\" }\n",
    );
    commit(&workspace);
    workspace.write("made.csv", "id,said\n1,yes\n2,yes\n");
    assert_eq!(taken(&workspace, "", &["--changed-since", "HEAD"]), ["p.mlspec.yaml"]);
}

#[test]
fn nothing_changed_is_no_mistake_and_is_said() {
    let workspace = repository();
    run_in(&workspace, "", &["run", "--changed-since", "HEAD"])
        .ends(0)
        .says(&["nothing that a spec hangs on changed since HEAD"]);
}

#[test]
fn what_git_cannot_tell_is_wrong_usage() {
    let workspace = repository();
    run_in(&workspace, "", &["run", "--changed-since", "nowhere"])
        .ends(2)
        .complains(&["run::revision", "git knows no revision `nowhere`"]);
    run_in(&workspace, "", &["run", "--changed-since=--output=x"])
        .ends(2)
        .complains(&["git knows no revision"]);
    assert!(!workspace.path("x").exists());
    let outside = Workspace::new();
    outside.write("a.mlspec.yaml", spec("a.csv")).write("a.csv", TABLE);
    let mut command = outside.command();
    command
        .args(["run", "--changed-since", "HEAD"])
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    // What lies above the temporary folder is not asked.
    command.env("GIT_CEILING_DIRECTORIES", outside.path("").parent().expect("a folder above"));
    Ran::new(&command.output().unwrap()).ends(2).complains(&["is in no git repository"]);
    // A folder of another user, which git does not trust.
    let mut command = workspace.command();
    command.args(["run", "--changed-since", "HEAD"]).env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    Ran::new(&command.output().unwrap())
        .ends(2)
        .complains(&["dubious ownership", "git config --global --add safe.directory"]);
    // Specs of another folder than that of the repository.
    let other = outside.path("a.mlspec.yaml");
    run_in(&workspace, "", &["run", other.to_str().unwrap(), "--changed-since", "HEAD"])
        .ends(2)
        .says(&["lies outside of the git repository"]);
    let mut command = workspace.command();
    command.args(["run", "--changed-since", "HEAD"]).env("PATH", workspace.path("data"));
    Ran::new(&command.output().unwrap()).ends(2).complains(&["there is no program `git`"]);
}
