//! The metrics and slices of a spec by name, from a sketch of its text: for completions and hovers, which have to
//! know them while the text is no YAML.

use crate::text::Sketch;

/// A slice that a spec defines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    pub name: String,
    /// The column whose values are its parts, where it is one column.
    pub by: Option<String>,
    pub predicate: Option<String>,
    pub expect: Vec<String>,
    pub has_bins: bool,
}

impl Slice {
    /// What it is, in a few words.
    pub fn words(&self) -> String {
        match (&self.by, &self.predicate) {
            (Some(by), _) if self.has_bins => format!("ranges of {by}"),
            (Some(by), _) => format!("each {by}"),
            (None, Some(predicate)) => format!("rows where {predicate}"),
            (None, None) => format!("slice {}", self.name),
        }
    }
}

/// The metrics that a spec lists: the name, and the metric of the catalogue.
pub fn metrics(text: &str) -> Vec<(String, String)> {
    let Some((sketch, section)) = section(text, "metrics") else { return Vec::new() };
    let mut metrics = Vec::new();
    for item in sketch.children(section) {
        if let Some(name) = sketch.scalar(item) {
            metrics.push((name.clone(), name));
            continue;
        }
        let Some(kind) = sketch.children(item).next() else { continue };
        let Some(metric) = sketch.key(kind) else { continue };
        let given = sketch.child(kind, "as").and_then(|given| sketch.scalar(given));
        metrics.push((given.unwrap_or_else(|| metric.to_owned()), metric.to_owned()));
    }
    metrics
}

/// The slices that a spec defines.
pub fn slices(text: &str) -> Vec<Slice> {
    let Some((sketch, section)) = section(text, "slices") else { return Vec::new() };
    let mut slices = Vec::new();
    for slice in sketch.children(section) {
        let Some(name) = sketch.key(slice) else { continue };
        let under = |key: &str| sketch.child(slice, key);
        let expect = under("expect").into_iter().flat_map(|list| sketch.children(list));
        slices.push(Slice {
            name: name.to_owned(),
            by: under("by").and_then(|by| sketch.scalar(by)),
            predicate: under("where").and_then(|predicate| sketch.scalar(predicate)),
            expect: expect.filter_map(|item| sketch.scalar(item)).collect(),
            has_bins: under("bins").is_some(),
        });
    }
    slices
}

/// A sketch of a section, and the node that it is.
fn section<'t>(text: &'t str, key: &str) -> Option<(Sketch<'t>, usize)> {
    let sketch = Sketch::of_section(text, key)?;
    let section = sketch.child(0, key)?;
    Some((sketch, section))
}
