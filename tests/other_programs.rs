//! What CI systems are given: the script of the action does what its inputs say, and nothing else.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::support::Workspace;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(name: &str) -> Value {
    let text = fs::read_to_string(root().join(name)).expect("the file is there");
    yaml_serde::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Runs the judging step of the action as a runner would; none without a bash.
fn judged(workspace: &Workspace, inputs: &[(&str, &str)]) -> Option<Output> {
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_array().expect("a list of steps");
    let step = steps.iter().find(|step| step["id"] == "judge").expect("a step that judges");
    let program = Path::new(env!("CARGO_BIN_EXE_mlspec"));
    let folder = program.parent().expect("the program lies in a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    let mut command = Command::new("bash");
    command
        .args(["--noprofile", "--norc", "-c", step["run"].as_str().expect("a script")])
        .current_dir(workspace.path("."))
        .env_clear()
        .env("PATH", std::env::join_paths(paths).expect("a path"))
        .env("GITHUB_OUTPUT", workspace.path("outputs"));
    for (name, value) in step["env"].as_object().expect("variables") {
        let value = value.as_str().expect("text");
        let input = value.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"));
        let value = match input {
            Some(input) => {
                let given = inputs.iter().find(|(name, _)| *name == input);
                let default = action["inputs"][input]["default"].as_str().expect("an input");
                given.map_or(default, |(_, value)| value).to_owned()
            }
            None => workspace.path("cache").display().to_string(),
        };
        command.env(name, value);
    }
    command.output().ok()
}

fn suite() -> Workspace {
    let workspace = Workspace::new();
    let spec = |bound: &str, tag: &str| {
        format!(
            "version: 1\ntags: [{tag}]\ndata: {{ path: data.csv, target: truth }}\nmodel: {{ predictions: {{ label: said }} }}\n\
             thresholds: {{ accuracy: \"{bound}\" }}\n"
        )
    };
    workspace.write("data.csv", "truth,said\nyes,yes\nyes,yes\nno,no\nno,yes\n");
    workspace.write("good one.mlspec.yaml", spec("> 0.5", "smoke"));
    workspace.write("bad.mlspec.yaml", spec("> 0.9", "slow"));
    workspace
}

#[test]
fn the_action_runs_what_its_inputs_say() {
    for (inputs, status, said) in [
        (&[][..], 1, "1 passed, 1 failed"),
        (&[("filter", "tag(smoke)")], 0, "1 passed"),
        (&[("paths", "good one.mlspec.yaml\n")], 0, "1 passed"),
        (&[("command", "check")], 0, "2 valid"),
        (&[("command", "init")], 2, "::error::"),
        (&[("paths", "$(touch hacked)")], 2, "does not exist"),
        (&[("paths", "--help")], 2, "does not exist"),
        (&[("filter", "tag(a); touch hacked")], 2, ""),
        (
            &[("arguments", "--max-fail\n1\n--trace"), ("reports", "json=report.json")],
            1,
            "load data.csv",
        ),
        (&[("partition", "hash:1/1")], 1, "1 failed"),
    ] {
        let workspace = suite();
        let Some(output) = judged(&workspace, inputs) else { return };
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert_eq!(output.status.code(), Some(status), "{inputs:?}: {text}");
        assert!(text.contains(said), "{inputs:?}: {text}");
        assert!(!workspace.path("hacked").exists(), "{inputs:?}");
        if inputs.iter().any(|(name, _)| *name == "reports") {
            assert!(workspace.read("report.json").contains("mlspec-report/1"));
        }
        if said != "::error::" {
            assert_eq!(workspace.read("outputs"), format!("status={status}\n"), "{inputs:?}");
        }
    }
}

/// Runs the installing step of the action where Python is a script that only writes down what it is asked for.
#[cfg(unix)]
#[test]
fn the_action_installs_the_version_that_is_asked_for() {
    use std::os::unix::fs::PermissionsExt as _;
    let action = yaml("action.yml");
    let script = action["runs"]["steps"][0]["run"].as_str().expect("a script").to_owned();
    let python = "#!/bin/sh\nmkdir -p \"$3/bin\"\ncat > \"$3/bin/python\" <<'END'\n#!/bin/sh\necho \"$@\" > asked\nEND\nchmod +x \"$3/bin/python\"\n";
    for (version, status, asked) in [
        ("latest", 0, "mlspec"),
        ("0.1.0", 0, "mlspec==0.1.0"),
        ("1.0.0-rc.1+build", 0, "mlspec==1.0.0-rc.1+build"),
        ("0.1.0; touch hacked", 2, ""),
        ("$(touch hacked)", 2, ""),
        ("--index-url=x", 2, ""),
    ] {
        let workspace = Workspace::new();
        workspace.write("bin/python3", python);
        let program = workspace.path("bin/python3");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a mode");
        let path = format!("{}:/usr/bin:/bin", workspace.path("bin").display());
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-c", &script]).current_dir(workspace.path("."));
        command.env_clear().env("PATH", path).env("VERSION", version);
        command
            .env("RUNNER_TEMP", workspace.path("temp"))
            .env("GITHUB_PATH", workspace.path("paths"));
        let Ok(output) = command.output() else { return };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(status), "{version}: {said}");
        assert!(!workspace.path("hacked").exists(), "{version}");
        if status == 0 {
            assert!(workspace.read("asked").ends_with(&format!(" {asked}\n")), "{version}");
            let folder = workspace.path("temp/mlspec/bin").display().to_string();
            assert_eq!(workspace.read("paths"), format!("{folder}\n"), "{version}");
        } else {
            assert!(said.starts_with("::error::the version is not one"), "{said}");
        }
    }
}

#[test]
fn nothing_of_an_input_stands_in_a_script() {
    let action = yaml("action.yml");
    for step in action["runs"]["steps"].as_array().expect("a list of steps") {
        let script = step["run"].as_str().unwrap_or_default();
        assert!(!script.contains("${{"), "{script}");
    }
}

#[test]
fn files_for_other_programs_are_yaml_and_of_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    let gitlab = yaml("ci/gitlab.yml");
    assert_eq!(gitlab[".mlspec"]["variables"]["MLSPEC_VERSION"], version);
    for file in ["ci/Jenkinsfile", "ci/github.yml"] {
        let text = fs::read_to_string(root().join(file)).expect("the file is there");
        assert!(text.contains(version), "{file}");
    }
    let hooks = yaml(".pre-commit-hooks.yaml");
    for hook in hooks.as_array().expect("a list of hooks") {
        assert!(hook["entry"].as_str().is_some_and(|entry| entry.starts_with("mlspec check")));
    }
}
