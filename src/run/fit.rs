//! One spec from a loaded frame to its measurements.

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::charts::{Charts, Drawn, charts};
use super::classes;
use super::fold::{
    FoldFeatures, FoldRows, Form, Learned, Searched, Train, judged_rows, learn, prepared,
};
use super::given;
use super::grouping::Grouping;
use super::importances::{self, Importance, trace_importances};
use super::judge::{Judge, decided};
use super::judging::{Dummies, Judging};
use super::load::Loaded;
use super::score::{Folds, measure};
use super::slices::{self, Membership, memberships};
use super::split::folds;
use super::trace::{Trace, trace_measurements};
use super::trained::{Earlier, Recall, Training};
use super::weights::{WeightOf, weights};
use super::within;
use crate::data::{Frame, LoadError, Measurement};
use crate::diagnostic::{Diagnostic, Place, counted};
use crate::kinds::metrics::{AnyMetric, Needs};
use crate::kinds::models::{Learner, Role, StopFlag};
use crate::kinds::splits::Fold;
use crate::plan::{BoundPlan, Quantity};

/// What a run of one spec came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ran {
    pub measurements: Vec<Measurement>,
    pub rows: RowCounts,
    /// What the author should know: warnings, such as a training that did not converge, and errors
    /// that keep the spec from passing.
    pub notes: Vec<Diagnostic>,
    /// The searches for parameters.
    pub searches: Vec<Searched>,
    /// How much each feature counts, the greatest first; empty where the model does not tell.
    pub importances: Vec<Importance>,
    /// What is drawn of the judged rows, where that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charts: Option<Charts>,
}

/// How many rows went where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    pub all: usize,
    /// Rows that trained; over several folds, in the smallest of them.
    pub train: usize,
    /// Rows that were judged, over all folds.
    pub test: usize,
    /// Columns of the data that the model learned from, before any step.
    pub features: usize,
    /// Training and test rows of each fold, where there are several.
    pub folds: Vec<(usize, usize)>,
}

/// Why there are no measurements.
pub enum Stop {
    /// The stop flag was raised.
    Interrupted,
    Found(Diagnostic),
}

impl From<Diagnostic> for Stop {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Found(diagnostic)
    }
}

/// What metrics and bounds ask for beyond predictions.
#[derive(Clone, Copy, Debug)]
pub struct Needed {
    /// The prepared features of the judged rows.
    pub features: bool,
    /// The dummy that answers the median.
    pub median: bool,
    /// The values on the training rows.
    pub train: Option<Train>,
}

impl Needed {
    fn by(bound: &BoundPlan) -> Self {
        let metrics = || bound.plan.metrics.iter().map(|metric| &metric.kind);
        let gap = bound.plan.thresholds.iter().any(|each| each.quantity == Quantity::TrainGap);
        Self {
            features: metrics().any(|kind| kind.kind().about().needs == Needs::Clusters),
            median: metrics().any(|kind| matches!(kind, AnyMetric::MeanAbsoluteError(_))),
            train: gap.then_some(Train),
        }
    }
}

/// What is known of the rows of a frame before they are split.
struct RowFacts<'a> {
    answers: Answers<'a>,
    members: Vec<Membership>,
}

/// How a plan is carried out, beside what it says itself.
pub struct Manner<'a> {
    pub stop: &'a StopFlag,
    /// Whether charts are drawn of the judged rows.
    pub drawn: Drawn,
    pub earlier: Earlier,
}

/// Splits, prepares, fits, predicts and measures; what an earlier run left of the training takes the place of the
/// fit and the predictions, and of the steps as well unless a metric looks at prepared rows.
///
/// # Errors
/// What keeps the spec from being evaluated, at the place in the spec that the author would edit.
pub fn execute(
    bound: &BoundPlan,
    loaded: Loaded,
    manner: Manner<'_>,
    trace: &mut Trace<'_>,
) -> Result<(Ran, Training), Stop> {
    let facts = RowFacts {
        answers: Answers::read(bound, &loaded.frame)?,
        members: memberships(bound, &loaded.frame)?,
    };
    let (mut ran, training) = match bound.plan.model.kind().role() {
        Role::Learns(learner) | Role::Detects(learner) => {
            let folds = folds(bound, &loaded, &facts.answers, trace)?;
            train(bound, learner, loaded.frame, &facts, &folds, manner, trace)?
        }
        Role::Labels(labeller) => {
            let all = Fold { train: (0..loaded.frame.rows() as u32).collect(), test: Vec::new() };
            train(bound, &Grouping(labeller), loaded.frame, &facts, &[all], manner, trace)?
        }
        Role::Given(_) => {
            let ran = judge_given(bound, &loaded, facts, &manner, trace)?;
            (ran, Training::New(None))
        }
    };
    let metric = bound.plan.importance.as_ref().map(|asked| asked.scoring(bound.task).name());
    trace_importances(trace, &ran.importances, metric);
    trace_measurements(trace, &ran.measurements);
    let mut seen = Vec::new();
    ran.notes.retain(|note| {
        let known = seen.contains(&(note.code, note.place.clone(), note.message.clone()));
        seen.push((note.code, note.place.clone(), note.message.clone()));
        !known
    });
    Ok((ran, training))
}

/// Trains and judges fold by fold; a fold without test rows is judged on those it trained on.
fn train<'a>(
    bound: &'a BoundPlan,
    learner: &dyn Learner,
    frame: Frame,
    facts: &RowFacts<'a>,
    folds: &[Fold],
    manner: Manner<'_>,
    trace: &mut Trace<'_>,
) -> Result<(Ran, Training), Stop> {
    let Manner { stop, drawn, earlier } = manner;
    let needed = Needed::by(bound);
    let all = frame.rows();
    let numbers = frame.row_numbers();
    let fit_weights = weights(bound, &frame, WeightOf::Fit)?;
    let score_weights = weights(bound, &frame, WeightOf::Score)?;
    let names: Vec<std::sync::Arc<str>> =
        bound.features.iter().map(|info| info.name.clone()).collect();
    let groups = within::groups(bound, learner, &frame)?;
    let cutting = within::cutting(bound, groups.as_ref());
    let mut recall = Recall::new(earlier, bound, needed, &facts.answers, folds);
    let mut searches = Vec::new();
    let mut frame = Some(frame);
    let (mut tests, mut trains, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    let mut gains = Vec::new();
    for (at, fold) in folds.iter().enumerate() {
        check_stop(stop)?;
        notes.extend(classes::never_trained(bound, &facts.answers, fold));
        let order: Vec<u32> = fold.train.iter().chain(&fold.test).copied().collect();
        let pick = |weights: &Option<Vec<f64>>| {
            weights.as_ref().map(|weights| order.iter().map(|row| weights[*row as usize]).collect())
        };
        let rows = FoldRows {
            train: fold.train.len(),
            judged: judged_rows(fold),
            answers: facts.answers.pick(&order),
            fit_weights: pick(&fit_weights),
            score_weights: pick(&score_weights),
            named: match folds.len() {
                1 => String::new(),
                n => format!(" (fold {} of {n})", at + 1),
            },
            first: at == 0,
            numbers: numbers.clone(),
            cutting: cutting.pick(&fold.train),
            order,
        };
        let judge = Judge::new(bound, needed, &rows, stop);
        // The last fold takes the frame apart; those before leave it whole.
        let mut table = || {
            let table = if at + 1 == folds.len() {
                frame.take().unwrap_or_default().into_table(&rows.order, &names)
            } else {
                let whole = |frame: &Frame| frame.table(&rows.order, &names);
                frame.as_ref().map_or_else(|| Ok(Default::default()), whole)
            };
            table.map_err(|error| unreadable(bound, error))
        };
        let (known, features, times) = match recall.next() {
            Some(known) => {
                let features = if needed.features {
                    let matrix =
                        prepared(bound, table()?, &rows, Form::Numbers, stop, &mut trace.silent())
                            .map_err(|stop| in_fold(stop, &rows.named))?;
                    FoldFeatures::of(&matrix, &rows, needed)
                } else {
                    FoldFeatures::default()
                };
                trace.replay(&known.steps);
                (known, features, None)
            }
            None => {
                let Learned { fold, features, times } =
                    learn(bound, learner, table()?, &rows, needed, stop, trace)
                        .map_err(|stop| in_fold(stop, &rows.named))?;
                recall.remember(&fold);
                (fold, features, Some(times))
            }
        };
        let judged = rows.judged.clone();
        tests.push(judge.judging(judged, known.test, features.test, times));
        if let (Some(Train), Some(train)) = (needed.train, known.train) {
            trains.push(judge.judging(0..rows.train, train, features.train, None));
        }
        notes.extend(known.notes);
        let fold = (folds.len() > 1).then_some(at + 1);
        searches.extend(known.tunings.into_iter().map(|tuning| Searched { fold, tuning }));
        gains.push(known.importances);
    }
    let counts: Vec<(usize, usize)> =
        folds.iter().map(|fold| (fold.train.len(), judged_rows(fold).len())).collect();
    let judged: Vec<Vec<u32>> = tests.iter().map(|test| test.rows.clone()).collect();
    notes.extend(slices::missing(bound, &facts.members, &judged));
    let folds = Folds { tests, trains: needed.train.map(|Train| trains) };
    let measurements = measure(&bound.plan, &folds, &facts.members, stop)?;
    let rows = RowCounts {
        all,
        train: counts.iter().map(|(train, _)| *train).min().unwrap_or(0),
        test: counts.iter().map(|(_, test)| test).sum(),
        features: bound.features.len(),
        folds: if counts.len() > 1 { counts } else { Vec::new() },
    };
    let importances = importances::mean(&gains);
    let charts = (drawn == Drawn::Charts).then(|| charts(&folds.tests));
    let ran = Ran { measurements, rows, notes, searches, importances, charts };
    Ok((ran, recall.training()))
}

/// Says in which fold something was found.
fn in_fold(stop: Stop, named: &str) -> Stop {
    match stop {
        Stop::Found(mut diagnostic) if !named.is_empty() => {
            diagnostic.message.push_str(named);
            Stop::Found(diagnostic)
        }
        stop => stop,
    }
}

/// Judges predictions that were made elsewhere, on every row.
fn judge_given<'a>(
    bound: &'a BoundPlan,
    loaded: &Loaded,
    facts: RowFacts<'a>,
    manner: &Manner<'_>,
    trace: &mut Trace<'_>,
) -> Result<Ran, Stop> {
    let RowFacts { answers, members } = facts;
    let frame = &loaded.frame;
    let prediction = given::read(bound, frame, loaded.predictions.as_ref())?;
    let count = frame.rows();
    trace.add("read the predictions", counted(count, "row"), "ok");
    let notes = given::unseen(answers.truth(), &prediction);
    let judging = Judging {
        rows: (0..count as u32).collect(),
        answers,
        positive: bound.positive,
        prediction: decided(prediction, bound.plan.decision, bound.positive),
        dummies: Dummies::default(),
        features: None,
        weights: weights(bound, frame, WeightOf::Score)?,
        times: None,
    };
    let mut notes: Vec<Diagnostic> = notes.into_iter().collect();
    notes.extend(slices::missing(bound, &members, std::slice::from_ref(&judging.rows)));
    let folds = Folds { tests: vec![judging], trains: None };
    let measurements = measure(&bound.plan, &folds, &members, manner.stop)?;
    let rows = RowCounts { all: count, train: 0, test: count, features: 0, folds: Vec::new() };
    let (searches, importances) = (Vec::new(), Vec::new());
    let charts = (manner.drawn == Drawn::Charts).then(|| charts(&folds.tests));
    Ok(Ran { measurements, rows, notes, searches, importances, charts })
}

/// A column that `bind` took and the loader refuses.
pub fn unreadable(bound: &BoundPlan, error: LoadError) -> Diagnostic {
    let place = Place::value(bound.plan.source.route.clone());
    let diagnostic =
        Diagnostic::error(error.code(), place, error.message).label("holds this column");
    match error.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

pub fn check_stop(stop: &StopFlag) -> Result<(), Stop> {
    if stop.is_raised() { Err(Stop::Interrupted) } else { Ok(()) }
}
