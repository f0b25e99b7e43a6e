//! What answers are scored by outside of `metrics`: a metric of the catalogue, on the rows of a fold.

use schemars::{Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, Error};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::data::{Classes, Judged, Memo, Polled, Prediction, Task, Truth};
use crate::diagnostic::{Code, Problem, Route};
use crate::kinds::family;
use crate::kinds::metrics::{Accuracy, AnyMetric, Direction, Needs, R2, Setting, Weighting};
use crate::kinds::models::{About, Scores, members};

/// Who asks for a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// A search, which compares candidates.
    Search,
    /// The importance of features, which compares rows as they are with shuffled ones.
    Importance,
}

/// A metric, and whether it was given a name of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Scoring {
    metric: AnyMetric,
    named: bool,
}

/// A name, or a map with the metric as its one key.
pub fn schema(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = family::bare_names::<AnyMetric>().map(|entry| entry.name).collect();
    let rules = family::rules_ref::<AnyMetric>();
    let wrong =
        "Not a metric. Write a name (accuracy) or a map with one key (f1: { average: macro }).";
    // The definition is there, because the metrics of a spec refer to it as well.
    let one = json!({ "minProperties": 1, "maxProperties": 1 });
    members::of(json!({
        "type": ["object", "string"],
        "errorMessage": wrong,
        "examples": ["roc_auc"],
        "if": { "type": "object" },
        "then": { "allOf": [{ "$ref": "#/definitions/metric" }, rules, one] },
        "else": { "enum": names, "errorMessage": wrong },
    }))
}

impl<'de> Deserialize<'de> for Scoring {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = Value::deserialize(deserializer)?;
        let parameters =
            value.as_object_mut().and_then(|map| map.values_mut().next()?.as_object_mut());
        let alias = parameters.and_then(|parameters| parameters.remove("as"));
        let metric = AnyMetric::deserialize(value).map_err(D::Error::custom)?;
        Ok(Self { metric, named: alias.is_some() })
    }
}

impl Serialize for Scoring {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.metric.serialize(serializer)
    }
}

fn of(metric: AnyMetric) -> Scoring {
    Scoring { metric, named: false }
}

impl Scoring {
    pub fn accuracy() -> Self {
        of(AnyMetric::Accuracy(Accuracy::default()))
    }

    pub fn r2() -> Self {
        of(AnyMetric::R2(R2::default()))
    }

    pub fn name(&self) -> &'static str {
        self.metric.name()
    }

    pub fn tasks(&self) -> &'static [Task] {
        self.metric.kind().about().tasks
    }

    /// Where the metric stands, from the map that it is a parameter of.
    pub fn route(&self) -> Route {
        Route::root().key("metric").key(self.metric.name())
    }

    /// Whether rows of any weight can be measured.
    pub fn weighs(&self) -> bool {
        self.metric.kind().about().weighting != Weighting::Never
    }

    /// Whether it needs scores that rank rows.
    pub fn ranks(&self) -> bool {
        self.metric.kind().about().needs == Needs::Ranks
    }

    /// Whether it measures what the models answer.
    pub fn check(&self, asks: Asks, candidates: impl Iterator<Item = About>) -> Vec<Problem> {
        let route = self.route();
        let setting = Setting { classes: None, positive: None };
        let mut problems: Vec<Problem> = self.metric.kind().check(&setting);
        if self.named {
            problems.push(
                Problem::of_parameter(
                    Code::MetricName,
                    "as",
                    match asks {
                        Asks::Search => "a search reports no name for its metric",
                        Asks::Importance => "importances report no name for their metric",
                    },
                )
                .label("has no meaning here")
                .help("remove `as`"),
            );
        }
        let about = self.metric.kind().about();
        let name = self.name();
        let candidates: Vec<About> = candidates.collect();
        let refuse = |message: String, label: &str, help: &str| {
            Problem::of_kind(Code::MetricMisfit, message).label(label).help(help)
        };
        if about.needs == Needs::Times {
            let message = format!("`{name}` says how fast a model is, and not how good");
            let label = match asks {
                Asks::Search => "not for a choice",
                Asks::Importance => "not a matter of features",
            };
            problems.push(refuse(message, label, "choose another metric"));
        } else if !about
            .tasks
            .iter()
            .any(|task| candidates.iter().all(|model| model.tasks.contains(task)))
        {
            let tasks: Vec<String> = about.tasks.iter().map(Task::to_string).collect();
            let message =
                format!("`{name}` measures {}, and the model does not", tasks.join(" and "));
            problems.push(refuse(message, "another task", "choose another metric"));
        }
        let least = match about.needs {
            Needs::Ranks => Scores::Ranks,
            Needs::Probabilities => Scores::Probabilities,
            Needs::Labels
            | Needs::Values
            | Needs::Clusters
            | Needs::Centres
            | Needs::Groups
            | Needs::Times => Scores::Nothing,
        };
        if candidates.iter().any(|model| model.scores < least) {
            problems.push(
                Problem::of_kind(
                    Code::MetricNeedsProbabilities,
                    match asks {
                        Asks::Search => {
                            format!(
                                "`{name}` needs probabilities, and not every candidate has some"
                            )
                        }
                        Asks::Importance => {
                            format!("`{name}` needs probabilities, and the model has none")
                        }
                    },
                )
                .label("needs probabilities")
                .help("choose another metric, or a model that predicts probabilities"),
            );
        }
        problems.into_iter().map(|problem| members::under(problem, &route)).collect()
    }

    /// What only the classes of the target tell.
    ///
    /// # Errors
    /// The first problem of the metric.
    pub fn check_classes(
        &self,
        classes: Option<&Classes>,
        positive: Option<u32>,
    ) -> Result<(), Problem> {
        let setting = Setting { classes, positive };
        match self.metric.kind().check(&setting).into_iter().next() {
            Some(problem) => Err(members::under(problem, &self.route())),
            None => Ok(()),
        }
    }

    /// The metric on some rows.
    ///
    /// # Errors
    /// Why there is none.
    pub fn measure(
        &self,
        truth: Truth<'_>,
        prediction: &Prediction,
        weights: Option<&[f64]>,
        positive: Option<u32>,
    ) -> Result<f64, String> {
        if matches!(truth, Truth::None) {
            return Err("there are no answers to compare with".to_owned());
        }
        let weights = match self.metric.kind().about().weighting {
            Weighting::Rows => weights,
            Weighting::Never | Weighting::Untouched => None,
        };
        if weights.is_some_and(|weights| weights.iter().all(|weight| *weight == 0.0)) {
            return Err("no row of a fold has a weight".to_owned());
        }
        let judged = Judged {
            truth,
            prediction,
            positive,
            rows: None,
            weights,
            times: None,
            memo: Memo::default(),
            stop: Polled::NEVER,
        };
        self.metric.kind().measure(&judged).map_err(|undefined| undefined.reason().to_owned())
    }

    /// The number that is larger for the better of two values.
    pub fn merit(&self, value: f64) -> f64 {
        match self.metric.kind().about().direction {
            Direction::HigherIsBetter => value,
            Direction::LowerIsBetter => -value,
            Direction::ZeroIsBest => -value.abs(),
        }
    }
}
