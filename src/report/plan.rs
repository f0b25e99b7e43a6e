//! A bound plan with every default written out: as text, JSON or YAML.

mod kind;
mod quoted;

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::wording::{in_json, plain};
use crate::diagnostic::counted;
use crate::plan::{
    Bins, BoundPlan, Folds, MissingTarget, Plan, Quantity, Severity, Slice, SliceRows, Threshold,
    required,
};
use kind::{model, parameters};

/// The plan in the shape of a spec, with what follows from the data beside it.
#[derive(Serialize)]
struct View {
    version: u8,
    name: Option<String>,
    description: Option<String>,
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<String>,
    data: Value,
    prepare: Vec<Value>,
    model: Value,
    decision: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    importance: Option<Value>,
    metrics: Vec<Value>,
    slices: Map<String, Value>,
    thresholds: Map<String, Value>,
    left_to_run: Vec<String>,
}

fn view(bound: &BoundPlan) -> View {
    let plan = &bound.plan;
    let value = |part: &dyn erased::Part| part.value();
    let mut data = json!({
        plan.source.key(): { "path": plan.source.written.written(), "format": plan.source.kind },
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
        "id": plan.id.as_ref().map(|name| name.written()),
        "weight": value(&plan.weight),
        "limit": plan.limit,
    });
    for (key, source) in [("test", &plan.test_source), ("predictions", &plan.predictions_source)] {
        if let Some(source) = source {
            data[key] = json!({ "path": source.written.written(), "format": source.kind });
        }
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
        let name = title(plan, threshold);
        let mut each = json!({ "bound": threshold.bound.to_string(), "quantity": match threshold.quantity {
            Quantity::Value => "value",
            Quantity::OverDummy => "over_dummy",
            Quantity::TrainGap => "train_gap",
        }, "folds": match threshold.folds {
            Folds::One => Value::Null,
            Folds::Mean => json!("mean"),
            Folds::Pooled => json!("pooled"),
            Folds::AtLeast { least, of } => json!(format!("{least} of {of}")),
        }, "severity": match threshold.severity {
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
        timeout: plan.timeout.map(|limit| limit.to_string()),
        data,
        prepare,
        model: value(&plan.model),
        decision: plan.decision,
        importance: importance(bound),
        metrics,
        slices: plan
            .slices
            .iter()
            .map(|slice| (slice.name.to_string(), slice_value(slice)))
            .collect(),
        thresholds,
        left_to_run: bound.left_to_run.clone(),
    }
}

/// How features are shuffled, with the metric that is measured.
fn importance(bound: &BoundPlan) -> Option<Value> {
    let permutation = bound.plan.importance.as_ref()?;
    let mut value = json!({ "permutation": permutation });
    value["permutation"]["metric"] = json!(permutation.scoring(bound.task));
    Some(value)
}

/// A metric and the slice that a threshold is about, as the spec writes them.
fn title(plan: &Plan, threshold: &Threshold) -> String {
    let name = &plan.metrics[threshold.metric].name;
    let Some(on) = &threshold.on else { return name.to_string() };
    let slice = &plan.slices[on.slice].name;
    match &on.value {
        Some(value) => format!("{name}@{slice}={value}"),
        None => format!("{name}@{slice}"),
    }
}

fn slice_value(slice: &Slice) -> Value {
    let mut value = match &slice.rows {
        SliceRows::Where(predicate) => json!({ "where": predicate.written() }),
        SliceRows::By { columns, bins, expect } => json!({
            "by": columns.iter().map(|name| name.written()).collect::<Vec<_>>(),
            "bins": bins,
            "expect": expect.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
    };
    value["min_rows"] = json!(slice.min_rows);
    value
}

/// A slice in words: `by city, dose, at least 30 rows each`.
fn slice_text(slice: &Slice) -> String {
    let rows = counted(slice.min_rows, "row");
    match &slice.rows {
        SliceRows::Where(predicate) => format!("where {predicate}, at least {rows}"),
        SliceRows::By { columns, bins, expect } => {
            let listed = |names: Vec<String>| names.join(", ");
            let mut text =
                format!("by {}", listed(columns.iter().map(ToString::to_string).collect()));
            match bins {
                Some(Bins::Count(count)) => text.push_str(&format!(" in {count} ranges")),
                Some(Bins::Edges(edges)) => {
                    let edges = edges.iter().map(ToString::to_string).collect();
                    text.push_str(&format!(" cut at {}", listed(edges)));
                }
                None => {}
            }
            text.push_str(&format!(", at least {rows} each"));
            if !expect.is_empty() {
                let expect = expect.iter().map(ToString::to_string).collect();
                text.push_str(&format!(", expect {}", listed(expect)));
            }
            text
        }
    }
}

/// A bound in words, with what it is about.
fn requirement(plan: &Plan, threshold: &Threshold) -> String {
    let over = match threshold.folds {
        Folds::One | Folds::AtLeast { .. } => "",
        Folds::Mean => " as the mean of the folds",
        Folds::Pooled => " on all folds together",
    };
    let on = match &threshold.on {
        Some(_) => format!("{} ", title(plan, threshold)),
        None => String::new(),
    };
    format!("{on}{}{over}", required(threshold.quantity, &threshold.bound, threshold.folds))
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
    in_json(text)
}

/// As YAML.
pub fn yaml(bound: &BoundPlan) -> String {
    quoted::yaml(&view(bound))
}

/// For people: numbered steps, then measurements and bounds.
pub fn text(bound: &BoundPlan, name: &str) -> String {
    let plan = &bound.plan;
    let mut text = format!("{}\n\n", plain(name));
    let mut number = 0;
    let mut step = |text: &mut String, line: String| {
        number += 1;
        // A line of its own is indented; a line break in a name is shown as a space.
        let shown: Vec<String> = line.split("\n ").map(plain).collect();
        let _ = writeln!(text, "{number:>3}. {}", shown.join("\n "));
    };
    let mut load = format!("load {} ({})", plan.source.written, plan.source.kind);
    if let Some(predicate) = &plan.predicate {
        let _ = write!(load, " where {predicate}");
    }
    step(&mut text, load);
    if let Some(limit) = plan.timeout {
        let _ = writeln!(text, "     stopped after {limit}");
    }
    if let Some(source) = &plan.test_source {
        step(&mut text, format!("load {} ({}) to judge", source.written, source.kind));
    }
    if let Some(source) = &plan.predictions_source {
        step(&mut text, format!("load {} ({}), the predictions", source.written, source.kind));
    }
    if let Some(limit) = plan.limit {
        step(&mut text, format!("keep the first {} at most", counted(limit, "row")));
    }
    if let Some(id) = &plan.id {
        step(&mut text, format!("rows are named by `{id}`, each once"));
    }
    for (column, what) in [(&plan.weight.fit, "training"), (&plan.weight.score, "the metrics")] {
        if let Some(column) = column {
            step(&mut text, format!("rows count by `{column}` in {what}"));
        }
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
        format!("model {}", model(&serde_json::to_value(&plan.model).unwrap_or_default(), 7)),
    );
    if let Some(cut) = plan.decision {
        step(&mut text, format!("answer the positive class where its probability is above {cut}"));
    }
    if let Some(permutation) = &plan.importance {
        let metric = parameters(&json!(permutation.scoring(bound.task)));
        let repeats = match permutation.repeats {
            1 => "once".to_owned(),
            n => format!("{n} times"),
        };
        step(&mut text, format!("shuffle each feature {repeats} and measure {metric}"));
    }
    for slice in &plan.slices {
        step(&mut text, format!("slice {} {}", slice.name, slice_text(slice)));
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
            let line = format!("require {}{warn}{because}", requirement(plan, threshold));
            let _ = writeln!(text, "       {}", plain(&line));
        }
    }
    if !bound.left_to_run.is_empty() {
        let _ = writeln!(text, "\nleft to run: {}", plain(&bound.left_to_run.join(", ")));
    }
    text
}
