//! Completions and manual pages: complete, and accepted by the programs that read them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::support::Workspace;

const COMMANDS: [&str; 6] = ["run", "check", "init", "plan", "completions", "man"];

/// What a program says of a text on its standard input; none where there is no such program.
fn read_by(program: &str, arguments: &[&str], text: &str) -> Option<String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take().expect("a pipe");
    let text = text.to_owned();
    let writer = std::thread::spawn(move || {
        // A program that has seen enough closes its end.
        let _ = stdin.write_all(text.as_bytes());
    });
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("the text is written");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    let said = [output.stdout, output.stderr].concat();
    Some(String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn every_shell_gets_its_completions() {
    let workspace = Workspace::new();
    for (shell, check) in [
        ("bash", Some(["-n"])),
        ("zsh", Some(["-n"])),
        ("fish", Some(["--no-execute"])),
        ("elvish", None),
        ("powershell", None),
    ] {
        let ran = workspace.run(&["completions", shell]).ends(0);
        ran.says(&COMMANDS).says(&["max-fail", "rerun"]);
        let script = workspace.run(&["completions", shell]).stdout;
        if let Some(arguments) = check {
            read_by(shell, &arguments, &script);
        }
    }
    workspace.run(&["completions", "ksh"]).ends(2).complains(&["bash", "powershell"]);
}

#[test]
fn bash_completes_flags_and_their_values() {
    let script = Workspace::new().run(&["completions", "bash"]).ends(0).stdout;
    let ask = |words: &str, at: usize| {
        let count = words.split(' ').count();
        format!(
            "{script}\nCOMP_WORDS=({words} ''); COMP_CWORD={at}\n_mlspec mlspec '' \"${{COMP_WORDS[{}]}}\"\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
            count - 1
        )
    };
    let Some(commands) = read_by("bash", &["--norc"], &ask("mlspec", 1)) else { return };
    for command in COMMANDS {
        assert!(commands.lines().any(|line| line == command), "{command}: {commands}");
    }
    let colours = read_by("bash", &["--norc"], &ask("mlspec run --color", 3)).expect("bash ran");
    assert!(colours.lines().any(|line| line == "never"), "{colours}");
}

#[test]
fn each_command_has_a_page() {
    let workspace = Workspace::new();
    let page = workspace
        .run(&["man"])
        .ends(0)
        .says(&["mlspec\\-run(1)", "Exit status: 0 all passed"])
        .stdout;
    let mut pages = vec![page];
    for command in COMMANDS {
        let ran = workspace.run(&["man", command]).ends(0);
        pages.push(ran.says(&[&format!("mlspec\\-{command}"), ".SH SYNOPSIS"]).stdout);
    }
    let below = workspace.run(&["man", "report", "merge"]).ends(0);
    pages.push(below.says(&["mlspec\\-report\\-merge", "\\-\\-output"]).stdout);
    for page in &pages {
        if let Some(said) = read_by("groff", &["-man", "-ww", "-z"], page) {
            assert_eq!(said, "", "groff has nothing against\n{page}");
        }
    }
    workspace.run(&["man", "fly"]).ends(2).complains(&["there is no command `fly`", "run, check"]);
    workspace
        .run(&["man", "report", "fly"])
        .ends(2)
        .complains(&["there is no command `report fly`; there are merge"]);
    workspace.run(&["man", "run", "fly"]).ends(2).complains(&["`run` has none below it"]);
}
