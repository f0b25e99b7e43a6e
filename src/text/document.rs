//! Turns a `Source` into a tree of nodes and the two JSON forms that a spec is read from.
//! What keys a spec may have is left to `spec`.

use std::collections::HashSet;

use serde_json::Value;

use super::locate::start_of;
use super::mask::Masked;
use super::reader::{self, Reading};
use super::scalar::Atom;
use super::template::{self, Fault};
use super::tree::{Content, Node, Tree};
use super::{Source, syntax, unquoted};
use crate::diagnostic::{Code, Diagnostic, Part, Place, Route};

/// How often the parser is started again behind a mistake, and over how many bytes in sum.
const MAX_RETRIES: usize = 100;
const MAX_RETRY_BYTES: usize = 16 * 1024 * 1024;
/// Nobody reads more, and putting them in order means to locate each.
const MAX_DIAGNOSTICS: usize = 1000;

/// Where `${NAME}` takes its values from.
pub trait Environment {
    /// The value of a variable; none where it is not set.
    fn get(&self, name: &str) -> Option<String>;
}

impl<F: Fn(&str) -> Option<String>> Environment for F {
    fn get(&self, name: &str) -> Option<String> {
        self(name)
    }
}

/// The variables of this process. One that is not Unicode counts as not set.
#[derive(Clone, Copy, Debug)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// A YAML document whose nodes know where they were written.
#[derive(Debug)]
pub struct Document {
    source: Source,
    pub(super) tree: Tree,
    written: Value,
}

impl Document {
    /// Reads as much of a text as can be read, and says what is wrong with the rest, in the order
    /// of the text. Where nothing can be read the root is null.
    pub fn parse(source: Source, environment: &dyn Environment) -> (Document, Vec<Diagnostic>) {
        let mut masked = Masked::new(source.text());
        let mut reading = read(&mut masked);
        let mut diagnostics: Vec<Diagnostic> = syntax::controls(&masked).collect();
        if let Some(stop) = &reading.stop {
            diagnostics.push(syntax::stopped(stop, masked.original()));
        }
        diagnostics.extend(unquoted::report(&mut reading, &masked));
        diagnostics.append(&mut reading.diagnostics);
        let mut tree = reading.tree;
        diagnostics.extend(expand(&mut tree, environment));

        let written = tree.json(tree.root, &|scalar| scalar.written());
        let document = Document { source, tree, written };
        diagnostics.sort_by_cached_key(|diagnostic| start_of(&document, &diagnostic.place));
        diagnostics.truncate(MAX_DIAGNOSTICS);
        (document, diagnostics)
    }

    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The document as JSON: aliases and merges written out, `${NAME}` as it stands.
    pub fn written(&self) -> &Value {
        &self.written
    }

    /// As `written`, but a string with `${` is the map
    /// `{"$written": "${DIR}/a.csv", "$value": "data/a.csv"}`.
    pub fn resolved(&self) -> Value {
        self.tree.json(self.tree.root, &|scalar| scalar.resolved())
    }

    /// Kind and style of the node at a route.
    pub fn node(&self, route: &Route) -> Option<Node<'_>> {
        self.find(route).map(|id| self.tree.view(id))
    }

    /// The routes of all nodes, parents before children, aliases and merges written out.
    pub fn routes(&self) -> impl Iterator<Item = Route> + '_ {
        self.tree.walk().map(|(route, _)| route)
    }
}

/// Reads the text again and again, each time with what stopped the parser hidden from it.
fn read(masked: &mut Masked) -> Reading {
    let mut bytes = 0;
    for _ in 0..MAX_RETRIES {
        let reading = reader::read(masked);
        bytes += masked.text().len();
        match &reading.stop {
            Some(stop) if bytes <= MAX_RETRY_BYTES && masked.hide_stop(stop) => {}
            _ => return reading,
        }
    }
    reader::read(masked)
}

/// Fills in the environment's values, once for each node, and reports at its first route.
fn expand(tree: &mut Tree, environment: &dyn Environment) -> Vec<Diagnostic> {
    let mut seen = HashSet::new();
    let templates: Vec<_> = tree
        .walk()
        .filter(|(_, id)| match &tree.get(*id).content {
            Content::Scalar(scalar) => {
                scalar.atom == Atom::Text && template::is_template(&scalar.text)
            }
            Content::List { .. } | Content::Map { .. } => false,
        })
        .filter(|(_, id)| seen.insert(*id))
        .collect();
    let mut diagnostics = Vec::new();
    for (route, id) in templates {
        let room = MAX_DIAGNOSTICS.saturating_sub(diagnostics.len());
        let Some(scalar) = tree.scalar_mut(id) else { continue };
        let (value, faults) = template::expand(&scalar.text, environment);
        scalar.expanded = Some(value.into());
        diagnostics.extend(faults.into_iter().take(room).map(|(range, fault)| {
            let place =
                Place::Spec { route: route.clone(), part: Part::Value, within: Some(range) };
            match fault {
                Fault::Unset { name } => Diagnostic::error(
                    Code::EnvUnset,
                    place,
                    format!("the environment variable `{name}` is not set"),
                )
                .help(format!("set `{name}`, or give a default: `${{{name}:-default}}`")),
                Fault::Syntax { message } => Diagnostic::error(Code::EnvSyntax, place, message)
                    .help("write `${NAME}` or `${NAME:-default}`; `$${` stands for a plain `${`"),
            }
        }));
    }
    diagnostics
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::Parsed;
    use super::*;

    #[test]
    fn variables_are_expanded_in_values_only() {
        let parsed = Parsed::clean(
            "a: ${HOME}/x\nb: [\"${HOME}\", 'é ${NONE:-d} é', \"$${HOME}\", $HOME]\n\
             ${HOME}: 1\nc: |\n  at ${HOME}\n",
        );
        assert_eq!(parsed.json()["a"], "${HOME}/x");
        assert_eq!(
            parsed.document.resolved(),
            json!({
                "a": {"$written": "${HOME}/x", "$value": "/home/ann/x"},
                "b": [
                    {"$written": "${HOME}", "$value": "/home/ann"},
                    {"$written": "é ${NONE:-d} é", "$value": "é d é"},
                    {"$written": "$${HOME}", "$value": "${HOME}"},
                    "$HOME",
                ],
                "${HOME}": 1,
                "c": {"$written": "at ${HOME}\n", "$value": "at /home/ann\n"},
            })
        );
    }

    #[test]
    fn unset_variables_are_pointed_at() {
        let parsed = Parsed::new("é: é ${NONE} b\nb: '${1}'\nc: \"\\t${NONE}\"\nd: |\n  x ${\n");
        assert_eq!(
            parsed.found(),
            [
                (Code::EnvUnset, "${NONE}"),
                (Code::EnvSyntax, "${1}"),
                (Code::EnvUnset, "\"\\t${NONE}\""),
                (Code::EnvSyntax, "${"),
            ]
        );
        assert_eq!(parsed.document.resolved()["b"]["$value"], "${1}");
    }

    #[test]
    fn a_shared_template_is_reported_once() {
        let parsed = Parsed::new("a: &a ${NONE}\nb: *a\nc: *a\n");
        assert_eq!(parsed.found(), [(Code::EnvUnset, "${NONE}")]);
        assert_eq!(parsed.document.resolved()["c"]["$written"], "${NONE}");
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        let parsed = Parsed::clean(
            "[no, yes, on, 0o17, 0x1F, 5.0, -0.0, ~, , \"5\", '1', True, 1e3, .5, 1_0]\n"
                .replace(", ,", ",")
                .as_str(),
        );
        assert_eq!(
            *parsed.json(),
            json!(["no", "yes", "on", 15, 31, 5, 0, null, "5", "1", true, 1000, 0.5, "1_0"])
        );
    }

    #[test]
    fn nodes_show_kind_style_and_text() {
        let parsed = Parsed::clean("a: 'x'\nb: {c: }\nd:\n- >\n  t\n");
        let node = |path| parsed.document.node(&super::super::testing::route(path)).unwrap();
        use super::super::{Kind, Style};
        assert_eq!(
            node("a"),
            Node { kind: Kind::String, style: Style::SingleQuoted, text: Some("x") }
        );
        assert_eq!(node("b").style, Style::Flow);
        assert_eq!((node("b.c").kind, node("b.c").style), (Kind::Null, Style::Empty));
        assert_eq!((node("d").kind, node("d").style), (Kind::List, Style::Block));
        assert_eq!(node("d[0]").style, Style::Folded);
        assert_eq!(parsed.document.node(&Route::root().key("x")), None);
    }

    #[test]
    fn routes_come_in_the_order_of_the_document() {
        let parsed = Parsed::clean("b: [1, {c: 2}]\na: 3\n");
        let routes: Vec<String> = parsed.document.routes().map(|r| r.to_string()).collect();
        assert_eq!(routes, ["(the whole spec)", "b", "b[0]", "b[1]", "b[1].c", "a"]);
    }

    #[test]
    fn all_mistakes_come_in_the_order_of_the_text() {
        let parsed = Parsed::new(
            "a: ${NONE}\nb: .inf\nb: 2\nc: !x y\nd: *none\nthresholds:\n  f1: > 0.8\ne: [1\n",
        );
        let codes: Vec<Code> = parsed.found().into_iter().map(|(code, _)| code).collect();
        assert_eq!(
            codes,
            [
                Code::EnvUnset,
                Code::YamlNumber,
                Code::YamlDuplicateKey,
                Code::YamlTag,
                Code::YamlSyntax,
                Code::ThresholdUnquoted,
                Code::YamlSyntax,
            ]
        );
    }
}
