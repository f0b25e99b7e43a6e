//! A classifier whose probabilities are made to say how often it is right.

use mlspec_learn::calibration::{Calibration, Method};
use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::asked::ask_columns;
use super::members::{self, Picked, pick};
use super::out_of_fold::{self, Setting, Taken, columns_of};
use super::{
    About, AnyModel, AsTheyAre, Context, Cut, Failure, Fit, Fitted, Folding, Learner, Member,
    Model, Role, Scores, Target, Tuning, adapter, folding,
};
use crate::data::{Matrix, Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem, Route, counted};
use crate::kinds::Rule;

/// Any classifier with probabilities that say how often it is right.
///
/// The training rows are cut into folds; the classifier is trained on all but one, and a curve is
/// learned from what it says of that one and what is true. With `ensemble` there is one such pair a fold,
/// and the answer is the mean of their probabilities. Without it one curve is learned from all
/// folds together, and the classifier is trained once more on all training rows. More than two
/// classes have a curve each, whose probabilities are divided by their sum. `prepare` is fitted anew
/// within each fold.
///
/// `sigmoid` minimises the log loss of `1 / (1 + exp(a · s + b))` over the scores `s`, with targets that
/// are drawn in from 0 and 1 (Platt, 1999). `isotonic` is the curve that never falls and fits best; it
/// needs a thousand rows or so.
///
/// As in scikit-learn's `CalibratedClassifierCV` the scores are the margins that a model has, and
/// otherwise its probabilities. **Folds are drawn at random; scikit-learn takes runs of rows, as
/// `shuffle: false` does.**
///
/// ```yaml
/// model:
///   calibrate:
///     model: { gaussian_naive_bayes: {} }
///     method: isotonic
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Calibrate {
    /// The classifier. There is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "members::one_model")]
    pub model: Option<Box<AnyModel>>,
    /// How scores become probabilities.
    pub method: CalibrationMethod,
    /// Whether each fold keeps its own classifier and curve.
    pub ensemble: bool,
    /// How many folds the training rows are cut into; each class keeps its share.
    #[schemars(range(min = 2, max = 1000))]
    pub folds: usize,
    /// Whether the rows of the folds are drawn at random. `false` takes them in their order.
    pub shuffle: bool,
    /// Where the random numbers start: the same seed draws the same folds.
    pub seed: u64,
}

/// How scores become probabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum CalibrationMethod {
    /// By a logistic curve with two parameters.
    #[default]
    Sigmoid,
    /// By the curve that never falls and fits best.
    Isotonic,
}

impl Default for Calibrate {
    fn default() -> Self {
        Self {
            model: None,
            method: CalibrationMethod::Sigmoid,
            ensemble: true,
            folds: 5,
            shuffle: true,
            seed: 0,
        }
    }
}

impl Model for Calibrate {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            scores: Scores::Probabilities,
            preparation: members::preparation(&self.members()),
        }
    }

    fn rules() -> Vec<Rule> {
        vec![Rule::required("calibrate", "model", "calibrate: { model: { decision_tree: {} } }")]
    }

    fn check(&self) -> Vec<Problem> {
        members::check(&self.members(), &[Task::Classification], members::Detectors::Refused)
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        let method = match self.method {
            CalibrationMethod::Sigmoid => "sigmoid",
            CalibrationMethod::Isotonic => "isotonic",
        };
        let folds = counted(self.folds, "fold");
        format!("{}, {method} over {folds}", members::listing(&self.members()))
    }
}

impl Calibrate {
    /// The curves of the rows that were judged.
    fn curves(
        &self,
        scores: &Array2<f64>,
        rows: &[u32],
        setting: &Setting<'_>,
    ) -> Result<Calibration, Failure> {
        let Picked::Codes(codes, classes) = Picked::new(setting.y, rows) else {
            return Err(super::wrong_target());
        };
        let weights = setting.context.weights.map(|weights| pick(weights, rows));
        let context = Context { weights: weights.as_deref(), ..*setting.context };
        let method = match self.method {
            CalibrationMethod::Sigmoid => Method::Sigmoid,
            CalibrationMethod::Isotonic => Method::Isotonic,
        };
        adapter::train(&context, setting.x.reborrow(), |control| {
            Calibration::fit(method, scores.view(), &codes, classes, control)
        })
    }

    /// A classifier and a curve for each fold.
    fn each(
        &self,
        member: &Member<'_>,
        setting: &Setting<'_>,
        classes: usize,
    ) -> Result<(Vec<Pair>, Vec<Problem>), Failure> {
        let folds = self.folds(setting)?;
        let folding = setting.folding;
        // Columns that are prepared anew are kept for all rows of the fold: no other row is asked
        // about. Without a preparation the rows can come as they are.
        let kept = if folding.prepares() { folding.judged().collect() } else { Vec::new() };
        self.check_memory(setting, folds.len(), kept.len())?;
        let (mut pairs, mut notes) = (Vec::new(), Vec::new());
        for fold in &folds {
            let others: Vec<u32> = fold.test.iter().chain(&kept).copied().collect();
            let part = folding.part(setting.x.reborrow(), &fold.train, &others)?;
            let fit = out_of_fold::train_fold(member, &part, fold, setting)?;
            notes.extend(fit.notes);
            let (start, end) = (fold.train.len(), fold.train.len() + fold.test.len());
            let positions: Vec<u32> = (start as u32..end as u32).collect();
            let test = part.matrix.rows(start, end);
            let (model, stop) = (&*fit.model, setting.context.stop);
            let scores = ask_columns(model, test, &positions, classes, Taken::Scores, stop)?;
            let curves = self.curves(&scores, &fold.test, setting)?;
            let own = folding.prepares().then(|| {
                let order = fold.train.iter().chain(&others);
                let mut place = vec![None; folding.judged().end as usize];
                for (at, row) in order.enumerate() {
                    place[*row as usize] = Some(at as u32);
                }
                Own { matrix: part.matrix, place }
            });
            let present = present(setting, &fold.train, classes);
            pairs.push(Pair { model: fit.model, curves, own, present });
        }
        Ok((pairs, members::once(notes)))
    }

    fn folds(&self, setting: &Setting<'_>) -> Result<Vec<crate::kinds::splits::Fold>, Failure> {
        let cut = Cut { folds: self.folds, shuffle: self.shuffle, seed: self.seed };
        folding::cut(setting.folding, &cut, setting.x.reborrow(), setting.y, setting.context)
    }

    /// Each fold keeps the rows as it prepared them.
    fn check_memory(
        &self,
        setting: &Setting<'_>,
        folds: usize,
        judged: usize,
    ) -> Result<(), Failure> {
        let rows = setting.x.values.nrows() + judged;
        let bytes = rows.saturating_mul(setting.x.values.ncols()).saturating_mul(8 * folds);
        if judged == 0 || bytes <= LARGEST {
            return Ok(());
        }
        let gib = bytes as f64 / f64::from(1 << 30);
        let message = format!("{folds} folds would keep {gib:.1} GiB of prepared features");
        Err(Failure::Problem(
            Problem::of_parameter(Code::ModelMemory, "ensemble", message)
                .label("needs too much memory")
                .help("write `ensemble: false`, or choose fewer folds"),
        ))
    }
}

/// The most bytes of prepared features that all folds may keep.
const LARGEST: usize = 4 << 30;

impl Learner for Calibrate {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let folding = AsTheyAre::alone(x.values.nrows(), y);
        self.fit_within(x, y, context, &folding)
    }

    fn fit_within(
        &self,
        x: Rows<'_>,
        y: Target<'_>,
        context: &Context<'_>,
        folding: &dyn Folding,
    ) -> Result<Fit, Failure> {
        let (Target::Codes { classes, .. }, Some(model)) = (y, &self.model) else {
            return Err(super::wrong_target());
        };
        let member = members::at("model", model);
        let setting = Setting { x: x.reborrow(), y, context, folding };
        let (pairs, notes, summary) = if self.ensemble {
            let (pairs, notes) = self.each(&member, &setting, classes)?;
            let summary = format!("the mean of {}", counted(pairs.len(), "classifier"));
            (pairs, notes, summary)
        } else {
            let folds = self.folds(&setting)?;
            let list = std::slice::from_ref(&member);
            let mut found = out_of_fold::answers(list, &folds, &setting, &[Taken::Scores])?;
            let Some(scores) = found.answers.pop() else { return Err(super::wrong_target()) };
            let curves = self.curves(&scores, &found.rows, &setting)?;
            let fit = members::train(&member, x, y, context, folding)?;
            found.notes.extend(fit.notes);
            let all: Vec<u32> = (0..setting.x.values.nrows() as u32).collect();
            let present = present(&setting, &all, classes);
            let pair = Pair { model: fit.model, curves, own: None, present };
            (vec![pair], members::once(found.notes), fit.summary)
        };
        let trained = Trained { route: member.route, pairs, classes };
        Ok(Fit { model: Box::new(trained), notes, summary })
    }

    fn members(&self) -> Vec<Member<'_>> {
        self.model.iter().map(|model| members::at("model", model)).collect()
    }
}

/// A classifier and its curves.
struct Pair {
    model: Box<dyn Fitted>,
    curves: Calibration,
    /// The rows of the fold around it as this classifier sees them, where that is not as all do.
    own: Option<Own>,
    /// Whether the classifier was shown rows of each class; one that it does not know has
    /// probability 0.
    present: Vec<bool>,
}

/// Which classes have a row that counts.
fn present(setting: &Setting<'_>, rows: &[u32], classes: usize) -> Vec<bool> {
    let mut present = vec![false; classes];
    if let Target::Codes { codes, .. } = setting.y {
        for row in rows.iter().map(|row| *row as usize) {
            let counts = setting.context.weights.is_none_or(|weights| weights[row] > 0.0);
            present[codes[row] as usize] |= counts;
        }
    }
    present
}

/// Rows that were prepared apart.
struct Own {
    matrix: Matrix,
    /// For each position of the fold, the row of the matrix that holds it.
    place: Vec<Option<u32>>,
}

/// Divides the probabilities up among the classes that are present.
fn leave_out(probabilities: &mut Array2<f64>, present: &[bool]) {
    let count = present.iter().filter(|present| **present).count().max(1) as f64;
    for mut row in probabilities.rows_mut() {
        let share = |at: usize, p: f64| if present[at] { p } else { 0.0 };
        let sum: f64 = row.iter().enumerate().map(|(at, p)| share(at, *p)).sum();
        for (at, p) in row.iter_mut().enumerate() {
            *p = if sum > 0.0 { share(at, *p) / sum } else { share(at, 1.0) / count };
        }
    }
}

struct Trained {
    route: Route,
    pairs: Vec<Pair>,
    classes: usize,
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let positions: Vec<u32> = (0..x.values.nrows() as u32).collect();
        self.predict_in_fold(x, &positions)
    }

    fn predict_in_fold(&self, x: Rows<'_>, positions: &[u32]) -> Prediction {
        let mut sum = Array2::zeros((positions.len(), self.classes));
        for Pair { model, curves, own, present } in &self.pairs {
            let scores = |x: Rows<'_>, positions: &[u32]| {
                columns_of(&**model, x, positions, self.classes, Taken::Scores)
            };
            let scores = match own {
                None => scores(x.reborrow(), positions),
                Some(Own { matrix, place }) => {
                    let of = |row: &u32| place.get(*row as usize).copied().flatten().unwrap_or(0);
                    let places: Vec<u32> = positions.iter().map(of).collect();
                    let rows = Matrix::pick(matrix.rows(0, matrix.len()), &places);
                    scores(rows.rows(0, rows.len()), &places)
                }
            };
            let mut probabilities = curves.apply(scores.view());
            if present.contains(&false) {
                leave_out(&mut probabilities, present);
            }
            sum += &probabilities;
        }
        let count = self.pairs.len() as f64;
        sum.mapv_inplace(|value| value / count);
        Prediction::Codes { codes: members::most(&sum), probabilities: Some(sum) }
    }

    fn work(&self) -> usize {
        let all = self.pairs.iter().map(|pair| pair.model.work());
        all.fold(64 * self.classes, usize::saturating_add)
    }

    fn tunings(&self) -> Vec<Tuning> {
        let count = self.pairs.len();
        let of = |(at, pair): (usize, &Pair)| -> Vec<Tuning> {
            let name = format!("classifier {} of {count}", at + 1);
            let each = pair.model.tunings().into_iter().map(|each| each.under(&self.route));
            each.map(|each| if count > 1 { each.of_part(&name) } else { each }).collect()
        };
        self.pairs.iter().enumerate().flat_map(of).collect()
    }
}
