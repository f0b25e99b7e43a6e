//! Where something is asked for: the sketch of the text, the place in the language, and how what is
//! inserted has to be spelt there.

use std::ops::Range;

use super::{Completion, CompletionKind, Insert};
use crate::diagnostic::{Route, Segment};
use crate::lsp::View;
use crate::spec::{Guide, Place};
use crate::text::{Ask, Form, Quote, Site, Sketch, in_double_quotes, root_keys, spelled};

/// Everything that an answer is worked out from.
pub struct Asked<'a> {
    pub view: &'a View<'a>,
    pub sketch: Sketch<'a>,
    site: Site,
    pub offset: usize,
    /// The way to the map, the list or the value that is asked about.
    pub route: Route,
    /// What the language says of it.
    pub place: Option<Place<'static>>,
}

impl<'a> Asked<'a> {
    pub fn at(view: &'a View<'a>, offset: usize) -> Option<Self> {
        let offset = view.text.floor_char_boundary(offset);
        let sketch = Sketch::around(view.text, offset);
        let site = sketch.site(offset)?;
        let route = sketch.route(site.node);
        let place = Guide::get().at(route.segments());
        Some(Self { view, sketch, site, offset, route, place })
    }

    pub fn site(&self) -> &Site {
        &self.site
    }

    /// What stands in the place of the word already, up to the cursor.
    pub fn typed(&self) -> &'a str {
        let start = self.site.word.start.min(self.offset);
        self.view.text.get(start..self.offset).unwrap_or_default()
    }

    /// The keys that the map has beside the one that is being written.
    pub fn other_keys(&self) -> Vec<String> {
        let own = self.site.entry;
        let is_root = self.site.node == 0;
        let children = self.sketch.children(self.site.node).filter(|child| Some(*child) != own);
        let mut keys: Vec<String> =
            children.filter_map(|child| self.sketch.key(child)).map(ToOwned::to_owned).collect();
        if is_root {
            // A key without its colon is a scalar so far.
            let own = match own {
                Some(own) => self.sketch.key(own),
                None => self.view.text.get(self.site.word.clone()),
            };
            let mut roots = root_keys(self.view.text);
            // Once: the key that is being written may stand there a second time.
            if let Some(at) = roots.iter().position(|root| Some(root.as_str()) == own) {
                roots.swap_remove(at);
            }
            keys.extend(roots);
        }
        keys
    }

    /// Whether a name may be offered here, given the kind that it stands for: metrics of another task only lead
    /// to a finding.
    pub fn fits_task(&self, name: &str, definition: Option<&str>) -> bool {
        let is_metric = match definition {
            Some(definition) => definition.starts_with("metric."),
            None => {
                matches!(self.route.segments(), [Segment::Key(root)] if &**root == "thresholds")
            }
        };
        !is_metric || self.view.known.is_none_or(|known| known.measures(name))
    }

    /// The bytes that are replaced; none where they go over several lines.
    pub fn range(&self) -> Option<Range<usize>> {
        let range = &self.site.word;
        let text = self.view.text.get(range.clone())?;
        (!text.contains(['\n', '\r'])).then(|| range.clone())
    }

    /// A text as a scalar at this place; none where what is around it cannot spell it.
    pub fn scalar(&self, text: &str) -> Option<String> {
        self.scalar_in(text, self.site.form)
    }

    /// The same where what is written around it opens a bracket, or not.
    pub fn scalar_in(&self, text: &str, form: Form) -> Option<String> {
        let closing = |mark: &str| if self.site.closed { String::new() } else { mark.to_owned() };
        let has_escapes = matches!(self.site.quote, Quote::Plain | Quote::Double);
        if !has_escapes && text.contains(char::is_control) {
            return None;
        }
        Some(match self.site.quote {
            Quote::Plain => spelled(text, form),
            Quote::Block => text.to_owned(),
            Quote::Single => format!("{}{}", text.replace('\'', "''"), closing("'")),
            Quote::Double => format!("{}{}", between_double_quotes(text), closing("\"")),
        })
    }

    /// The end of a text as the end of the scalar at this place.
    pub fn scalar_part(&self, text: &str) -> Option<String> {
        match self.site.quote {
            Quote::Plain => Some(text.to_owned()),
            Quote::Block | Quote::Single | Quote::Double => self.scalar(text),
        }
    }

    /// Whether more than the text of a quoted scalar can be written.
    pub fn is_plain(&self) -> bool {
        self.site.quote == Quote::Plain
    }

    pub fn is_flow(&self) -> bool {
        self.site.form == Form::Flow
    }

    /// What has to stand before a value here.
    pub fn lead(&self) -> &'static str {
        let only_list = self.place.as_ref().is_some_and(|place| place.types() == ["array"]);
        match self.site.ask {
            Ask::Value { blank: true } => " ",
            Ask::Item => "- ",
            Ask::Opening { dash: false } if only_list => "- ",
            Ask::Key { .. } | Ask::Value { .. } | Ask::Opening { .. } => "",
        }
    }

    /// Something to write in the place of the word.
    pub fn completion(
        &self,
        label: impl Into<String>,
        kind: CompletionKind,
        insert: Insert,
    ) -> Option<Completion> {
        let range = self.range()?;
        let (detail, documentation) = (None, None);
        Some(Completion { label: label.into(), kind, detail, documentation, range, insert })
    }
}

/// A text as it is written between double quotes.
pub fn between_double_quotes(text: &str) -> String {
    let quoted = in_double_quotes(text);
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(&quoted).to_owned()
}

/// A text inside of a snippet.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '$' | '}' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
