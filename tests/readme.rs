//! The READMEs say what is so: their specs do what they say, and their lists are complete.

use std::fs;
use std::path::Path;

use crate::support::program;

/// Runs the README's spec with the given depth, and returns what it prints and its exit status.
fn run(spec: &str) -> (String, i32) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("data")).expect("a data folder");
    let data = "data/penguins.csv";
    fs::copy(root.join("specs").join(data), folder.path().join(data)).expect("the data");
    fs::write(folder.path().join("penguins.mlspec.yaml"), spec).expect("the spec");
    let output = program()
        .args(["run", "penguins.mlspec.yaml"])
        .current_dir(folder.path())
        .env("NO_COLOR", "1")
        .env_remove("CLICOLOR_FORCE")
        .output()
        .expect("mlspec runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    (without_times(&text), output.status.code().expect("an exit status"))
}

/// Times differ from run to run; everything else must not.
fn without_times(text: &str) -> String {
    let words = |line: &str| {
        let mut kept: Vec<&str> = line.split(' ').collect();
        while let Some(at) = kept.iter().position(|word| *word == "ms" || *word == "s") {
            kept.drain(at.saturating_sub(1)..=at);
        }
        let line = kept.join(" ");
        line.trim_end_matches(" in").trim_end_matches([' ', '·']).to_owned()
    };
    text.lines().map(words).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_outputs_in_the_readme_are_real() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).expect("the README");
    let (_, rest) = readme.split_once("```yaml\n").expect("a spec");
    let (failing, _) = rest.split_once("```").expect("the end of the spec");
    let passing = failing.replace("max_depth: 2", "max_depth: 3");
    let mut now = readme.clone();
    let command = "$ mlspec run penguins.mlspec.yaml\n";
    let (_, rest) = rest.split_once("```yaml\n").expect("a second spec");
    let (whole, _) = rest.split_once("```").expect("the end of the second spec");
    let (output, exit) = run(whole);
    assert_eq!(exit, 0, "{output}");
    let mut from = 0;
    for (spec, status) in [(failing, 1), (passing.as_str(), 0)] {
        let (output, exit) = run(spec);
        assert_eq!(exit, status, "{output}");
        let start = from + now[from..].find(command).expect("a run") + command.len();
        let end = start + now[start..].find("```").expect("the end of the output");
        let block = format!("{}\n", output.trim_end());
        now.replace_range(start..end, &block);
        from = start + block.len();
    }
    if std::env::var_os("MLSPEC_BLESS").is_some() {
        fs::write(&path, &now).expect("the README can be written");
    } else {
        assert_eq!(readme, now, "run with MLSPEC_BLESS=1 to write the outputs of this version");
    }
}

#[test]
fn every_example_is_listed_and_says_what_it_guards() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let readme = fs::read_to_string(folder.join("README.md")).expect("the README");
    for entry in fs::read_dir(&folder).expect("the examples") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        if !name.ends_with(".mlspec.yaml") {
            continue;
        }
        assert!(readme.contains(&format!("]({name})")), "{name} is not in specs/README.md");
        let text = fs::read_to_string(folder.join(&name)).expect("a spec");
        assert!(text.starts_with("# yaml-language-server: $schema=../schema/"), "{name}");
        assert!(text.contains("\ndescription: "), "{name} does not say what it guards");
    }
}
