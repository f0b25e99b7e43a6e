//! A bound plan with every default written out: as text, JSON or YAML.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::diagnostic::counted;
use crate::plan::{Bins, BoundPlan, MissingTarget, Severity, Slice, SliceRows, Source};

/// The plan in the shape of a spec, with what follows from the data beside it.
#[derive(Serialize)]
struct View {
    version: u8,
    name: Option<String>,
    description: Option<String>,
    tags: Vec<String>,
    data: Value,
    prepare: Vec<Value>,
    model: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Value>,
    metrics: Vec<Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    slices: Map<String, Value>,
    thresholds: Map<String, Value>,
    left_to_run: Vec<String>,
}

fn view(bound: &BoundPlan) -> View {
    let plan = &bound.plan;
    let value = |part: &dyn erased::Part| part.value();
    let mut data = json!({
        plan.source.key(): file(&plan.source),
        "target": plan.target.as_ref().map(|name| name.written()),
        "task": bound.task,
        "positive": plan.positive.as_ref().map(ToString::to_string),
        "features": bound.features.iter().map(|info| json!({
            "name": &*info.name,
            "type": info.kind.to_string(),
            "missing": info.missing,
        })).collect::<Vec<_>>(),
        "derive": plan.derived.iter().map(|(name, sql)| (name.to_string(), json!(sql.written()))).collect::<Map<_, _>>(),
        "where": plan.predicate.as_ref().map(|text| text.written()),
        "types": plan.types.iter().map(|(name, kind)| (name.to_string(), json!(kind))).collect::<Map<_, _>>(),
        "missing_target": value(&plan.missing_target),
    });
    if let Some(source) = &plan.test_source {
        data[source.key()] = file(source);
    }
    if let Some(id) = &plan.id {
        data["id"] = json!(id.written());
    }
    if plan.weight.fit.is_some() || plan.weight.score.is_some() {
        data["weight"] = value(&plan.weight);
    }
    if let Some(limit) = plan.limit {
        data["limit"] = json!(limit);
    }
    if let Some(split) = &plan.split {
        data["split"] = value(&split.kind);
        if !split.given {
            data["split_origin"] = json!("default");
        }
    }
    let prepare = bound
        .steps
        .iter()
        .map(|step| {
            let mut each = value(&step.kind);
            if step.route.is_none() {
                each["origin"] = json!("auto");
            }
            each
        })
        .collect();
    let metrics = plan
        .metrics
        .iter()
        .map(|metric| {
            let mut each = value(&metric.kind);
            each[metric.kind.name()]["as"] = json!(&*metric.name);
            each
        })
        .collect();
    let mut thresholds: Map<String, Value> = Map::new();
    for threshold in &plan.thresholds {
        let name = plan.title(threshold);
        let mut each = json!({ "bound": threshold.required(), "severity": match threshold.severity {
            Severity::Fail => "fail",
            Severity::Warn => "warn",
        } });
        if let Some(because) = &threshold.because {
            each["because"] = json!(because.written());
        }
        let list = thresholds.entry(name).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(each);
        }
    }
    View {
        version: 1,
        name: plan.name.as_ref().map(|text| text.written().to_owned()),
        description: plan.description.as_ref().map(|text| text.written().to_owned()),
        tags: plan.tags.iter().map(|tag| tag.written().to_owned()).collect(),
        data,
        prepare,
        model: value(&plan.model),
        decision: plan.decision.map(|threshold| json!({ "threshold": threshold })),
        metrics,
        slices: plan.slices.iter().map(|each| (each.name.to_string(), slice(each))).collect(),
        thresholds,
        left_to_run: bound.left_to_run.clone(),
    }
}

fn file(source: &Source) -> Value {
    json!({ "path": source.written.written(), "format": source.kind })
}

fn slice(slice: &Slice) -> Value {
    let mut value = match &slice.rows {
        SliceRows::Where(predicate) => json!({ "where": predicate.written() }),
        SliceRows::By { columns, bins, expect } => {
            let mut by =
                json!({ "by": columns.iter().map(|name| name.written()).collect::<Vec<_>>() });
            if let Some(bins) = bins {
                by["bins"] = json!(bins);
            }
            if !expect.is_empty() {
                by["expect"] = json!(expect);
            }
            by
        }
    };
    value["min_rows"] = json!(slice.min_rows);
    value
}

mod erased {
    //! Serialisation behind a trait object, so that one closure takes every part.

    pub trait Part {
        fn value(&self) -> serde_json::Value;
    }

    impl<T: serde::Serialize> Part for T {
        fn value(&self) -> serde_json::Value {
            serde_json::to_value(self).unwrap_or_default()
        }
    }
}

/// As JSON, ending in a line feed.
pub fn json(bound: &BoundPlan) -> String {
    let mut text = serde_json::to_string_pretty(&view(bound)).expect("plain data serialises");
    text.push('\n');
    text
}

/// As YAML.
pub fn yaml(bound: &BoundPlan) -> String {
    yaml_serde::to_string(&view(bound)).expect("plain data serialises")
}

/// For people: numbered steps, then measurements and bounds.
pub fn text(bound: &BoundPlan, name: &str) -> String {
    let plan = &bound.plan;
    let mut text = format!("{name}\n\n");
    let mut number = 0;
    let mut step = |text: &mut String, line: String| {
        number += 1;
        let _ = writeln!(text, "{number:>3}. {line}");
    };
    for source in [Some(&plan.source), plan.test_source.as_ref()].into_iter().flatten() {
        let mut load = format!("load {} ({})", source.written, source.kind);
        if let Some(predicate) = &plan.predicate {
            let _ = write!(load, " where {predicate}");
        }
        if let Some(limit) = plan.limit {
            let _ = write!(load, ", the first {}", counted(limit, "row"));
        }
        step(&mut text, load);
    }
    if !plan.types.is_empty() {
        let types: Vec<String> =
            plan.types.iter().map(|(name, kind)| format!("{name} as {}", kind.kind())).collect();
        step(&mut text, format!("read {}", types.join(", ")));
    }
    for (name, sql) in &plan.derived {
        step(&mut text, format!("derive {name} as {sql}"));
    }
    if let Some(target) = &plan.target {
        let mut line = format!("{} of `{target}`", bound.task);
        if let Some(positive) = &plan.positive {
            let _ = write!(line, ", positive class {positive}");
        }
        step(&mut text, line);
        let missing = match plan.missing_target {
            MissingTarget::Error => "are an error".to_owned(),
            MissingTarget::Drop { max } => format!("are dropped, up to a share of {max}"),
        };
        step(&mut text, format!("rows without `{target}` {missing}"));
    } else {
        step(&mut text, bound.task.to_string());
    }
    if !bound.features.is_empty() {
        let shown: Vec<String> = bound
            .features
            .iter()
            .take(12)
            .map(|info| format!("{} ({})", info.name, info.kind))
            .collect();
        let more = bound.features.len().saturating_sub(12);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        step(
            &mut text,
            format!("{}: {}{more}", counted(bound.features.len(), "feature"), shown.join(", ")),
        );
    }
    if let Some(id) = &plan.id {
        step(&mut text, format!("each row has a `{id}` of its own"));
    }
    for (what, column) in [("training", &plan.weight.fit), ("metrics", &plan.weight.score)] {
        if let Some(column) = column {
            step(&mut text, format!("in {what} a row counts as much as `{column}` says"));
        }
    }
    if let (Some(train), Some(test)) = (Some(&plan.source), &plan.test_source) {
        step(&mut text, format!("train on {}, judge on {}", train.written, test.written));
    }
    if let Some(split) = &plan.split {
        let origin = if split.given { "" } else { " (default)" };
        step(&mut text, format!("split: {}{origin}", split.kind.kind().describe(bound.task)));
    }
    for each in &bound.steps {
        let origin = if each.route.is_some() { "" } else { " (auto)" };
        step(&mut text, format!("{}{origin}", each.kind.kind().about().description));
    }
    step(
        &mut text,
        format!("model {}", parameters(&serde_json::to_value(&plan.model).unwrap_or_default())),
    );
    if let Some(threshold) = plan.decision {
        let line =
            format!("answer with the positive class where its probability is above {threshold}");
        step(&mut text, line);
    }
    for slice in &plan.slices {
        step(&mut text, format!("slice {}: {}", slice.name, rows_of(slice)));
    }
    for (at, metric) in plan.metrics.iter().enumerate() {
        let kind = parameters(&serde_json::to_value(&metric.kind).unwrap_or_default());
        let name = if *metric.name == *metric.kind.name() {
            String::new()
        } else {
            format!(" as {}", metric.name)
        };
        step(&mut text, format!("measure {kind}{name}"));
        for threshold in plan.thresholds.iter().filter(|threshold| threshold.metric == at) {
            let warn = match threshold.severity {
                Severity::Fail => "",
                Severity::Warn => ", else warn",
            };
            let because = match &threshold.because {
                Some(because) => format!(", because {because}"),
                None => String::new(),
            };
            let on = match &threshold.on {
                Some(on) => format!("on {}: ", plan.on(on)),
                None => String::new(),
            };
            let required = threshold.required();
            let _ = writeln!(text, "       require {on}{required}{warn}{because}");
        }
    }
    if !bound.left_to_run.is_empty() {
        let _ = writeln!(text, "\nleft to run: {}", bound.left_to_run.join(", "));
    }
    text
}

/// `by island, at least 30 rows`.
fn rows_of(slice: &Slice) -> String {
    let which = match &slice.rows {
        SliceRows::Where(predicate) => format!("where {predicate}"),
        SliceRows::By { columns, bins, expect } => {
            let names: Vec<String> = columns.iter().map(ToString::to_string).collect();
            let mut by = format!("by {}", names.join(", "));
            match bins {
                Some(Bins::Count(count)) => {
                    let _ = write!(by, " in {count} ranges of about as many rows");
                }
                Some(Bins::Edges(edges)) => {
                    let edges: Vec<String> = edges.iter().map(ToString::to_string).collect();
                    let _ = write!(by, " in ranges cut at {}", edges.join(", "));
                }
                None => {}
            }
            if !expect.is_empty() {
                let names: Vec<String> = expect.iter().map(ToString::to_string).collect();
                let _ = write!(by, ", {} expected", names.join(", "));
            }
            by
        }
    };
    format!("{which}, with {} or more", counted(slice.min_rows, "row"))
}

/// `ridge (alpha 1, fit_intercept true)`.
fn parameters(kind: &Value) -> String {
    let Some((name, value)) = kind.as_object().and_then(|map| map.iter().next()) else {
        return kind.to_string();
    };
    let parameters: Vec<String> = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| match value {
            Value::String(text) => format!("{key} {text}"),
            other => format!("{key} {other}"),
        })
        .collect();
    if parameters.is_empty() { name.clone() } else { format!("{name} ({})", parameters.join(", ")) }
}
