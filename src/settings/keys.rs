//! What can be set: each key is a flag of `mlspec run` by its long name, or its paths.

/// One thing that can be set.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub name: &'static str,
    pub form: Form,
    /// Whether `mlspec check` goes by it as well.
    pub check: bool,
    /// For the schema of `mlspec.toml`.
    pub about: &'static str,
    pub example: &'static str,
}

/// What the values of a key look like in TOML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Switch,
    Whole,
    Text,
    /// A text, or a list of them.
    Texts,
    /// A span of time as text.
    Time,
}

const fn key(
    name: &'static str,
    form: Form,
    check: bool,
    example: &'static str,
    about: &'static str,
) -> Key {
    Key { name, form, check, about, example }
}

/// All keys, in the order of the documentation.
pub const KEYS: &[Key] = &[
    key(
        "paths",
        Form::Texts,
        true,
        r#"["specs"]"#,
        "The specs, or folders to search for them, relative to this file, where the command names none.",
    ),
    key("tag", Form::Texts, true, r#"["smoke"]"#, "Take only specs with one of these tags."),
    key(
        "filter",
        Form::Texts,
        true,
        r#""!path(**/old/**)""#,
        "Take only specs that an expression matches; of several, any of them.",
    ),
    key(
        "partition",
        Form::Text,
        false,
        r#""hash:1/4""#,
        "Take one of several parts of the specs: hash:2/5 by their paths, count:2/5 in turn.",
    ),
    key("format", Form::Text, false, r#""human""#, "What goes to standard output."),
    key(
        "report",
        Form::Texts,
        false,
        r#"["junit=report.xml"]"#,
        "Report files, each as FORMAT=FILE, relative to the working directory.",
    ),
    key(
        "github",
        Form::Text,
        false,
        r#""auto""#,
        "Whether to annotate the change and write a summary of the job in GitHub Actions: auto, always or never.",
    ),
    key(
        "charts",
        Form::Switch,
        false,
        "false",
        "Keep what charts are drawn of in the JSON report.",
    ),
    key("trace", Form::Switch, false, "false", "Show every step of every spec as a table."),
    key(
        "jobs",
        Form::Whole,
        false,
        "2",
        "How many specs to run at once. Without it as many as there are processors.",
    ),
    key("max-fail", Form::Whole, false, "10", "Begin no further spec once so many did not pass."),
    key(
        "timeout",
        Form::Time,
        false,
        r#""5m""#,
        "How long a spec may take that does not say so itself, such as 30s, 5m or 1.5h.",
    ),
    key(
        "slow-after",
        Form::Time,
        false,
        r#""60s""#,
        "Say that a spec is slow once it has run for so long.",
    ),
    key(
        "retries",
        Form::Whole,
        false,
        "2",
        "Try a spec so many times more whose files could not be read.",
    ),
    key(
        "no-cache",
        Form::Switch,
        false,
        "false",
        "Run every spec, and keep no result for later runs.",
    ),
    key("shuffle-seed", Form::Whole, false, "7", "Run the specs in an order that this seed draws."),
    key("quiet", Form::Switch, true, "false", "Tell only of what did not pass."),
    key("verbose", Form::Switch, true, "false", "List every spec, however many there are."),
    key("color", Form::Text, true, r#""auto""#, "Whether to use colours: auto, always or never."),
];

impl Key {
    pub fn find(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }
}

/// The variable of the environment that sets a flag: `MLSPEC_MAX_FAIL` for `max-fail`.
pub fn variable(flag: &str) -> String {
    format!("MLSPEC_{}", flag.replace('-', "_").to_uppercase())
}
