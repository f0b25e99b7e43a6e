//! The steps of a run as people read them: what was done, on what, and what came of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::data::{Measurement, Over};
use crate::diagnostic::{counted, number};

/// The time since some fixed moment. It comes in as an argument so that tests can set it.
pub type Clock<'a> = &'a (dyn Fn() -> Duration + Sync);

/// One line of the trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceStep {
    /// What was done: `load data/penguins.csv`.
    pub action: String,
    /// What it was done on, or what it found: `344 rows × 8 columns`.
    pub evaluation: String,
    /// What came of it: `ok`, `pass`, `fail`.
    pub result: String,
    pub duration: Duration,
}

/// Collects the steps of one spec.
pub struct Trace<'a> {
    clock: Clock<'a>,
    started: Duration,
    listener: Option<&'a (dyn Fn(&str) + Sync)>,
    pub steps: Vec<TraceStep>,
}

impl<'a> Trace<'a> {
    pub fn new(clock: Clock<'a>) -> Self {
        Self { clock, started: clock(), listener: None, steps: Vec::new() }
    }

    /// A trace whose listener is told of each step when it is done.
    pub fn heard(clock: Clock<'a>, listener: &'a (dyn Fn(&str) + Sync)) -> Self {
        Self { listener: Some(listener), ..Self::new(clock) }
    }

    /// The time now, on the clock of the trace.
    pub fn now(&self) -> Duration {
        (self.clock)()
    }

    pub fn clock(&self) -> Clock<'a> {
        self.clock
    }

    /// A trace of its own that nobody reads.
    pub fn silent(&self) -> Self {
        Self { listener: None, steps: Vec::new(), ..*self }
    }

    /// Adds steps that an earlier run took, with their durations. The next step lasts since now.
    pub fn replay(&mut self, steps: &[TraceStep]) {
        self.steps.extend_from_slice(steps);
        self.started = (self.clock)();
    }

    /// Adds a step that lasted since the step before.
    pub fn add(
        &mut self,
        action: impl Into<String>,
        evaluation: impl Into<String>,
        result: impl Into<String>,
    ) {
        let now = (self.clock)();
        let action = action.into();
        if let Some(listener) = self.listener {
            listener(&action);
        }
        self.steps.push(TraceStep {
            action,
            evaluation: evaluation.into(),
            result: result.into(),
            duration: now.saturating_sub(self.started),
        });
        self.started = now;
    }
}

/// A step for each measurement.
pub fn trace_measurements(trace: &mut Trace<'_>, measurements: &[Measurement]) {
    for each in measurements {
        let name = match &each.slice {
            Some(slice) if slice.skipped.is_some() => continue,
            Some(slice) => format!("measure {}@{slice}", each.name),
            None => format!("measure {}", each.name),
        };
        let (mut evaluation, result) = match &each.reading.value {
            Ok(value) => {
                let over = match each.over {
                    Over::One => "",
                    Over::Mean => ", the mean of the folds,",
                    Over::Pooled => ", all folds together,",
                };
                let rows = counted(each.reading.rows, "row");
                (format!("{}{over} on {rows}", number(*value)), "ok")
            }
            Err(undefined) => (undefined.reason().to_owned(), "undefined"),
        };
        if !each.folds.is_empty() && each.slice.is_none() {
            evaluation.push_str(&format!("; folds {}", listed(each)));
        }
        trace.add(name, evaluation, result);
    }
}

/// The values of the folds, one after the other.
fn listed(measurement: &Measurement) -> String {
    let shown: Vec<String> = measurement
        .folds
        .iter()
        .map(|fold| fold.value.as_ref().map_or_else(|_| "none".to_owned(), |value| number(*value)))
        .collect();
    shown.join(", ")
}
