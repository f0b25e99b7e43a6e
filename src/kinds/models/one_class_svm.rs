//! The one-class support vector machine, which finds anomalies.

use linfa::ParamGuard;
use mlspec_learn::OneClassSupportVectorMachine;
use mlspec_learn::svm::FittedOneClassSupportVectorMachine;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::anomalies::{self, Sample, TrainOn};
use super::kernel::{self, Gamma, Kernel};
use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Problem, counted};
use crate::kinds::Rule;

/// Finds anomalies: rows outside the region where, by a support vector machine of one class, most
/// rows lie.
///
/// Minimises `½‖f‖² + Σ max(0, ρ − f(x)) − nu · n · ρ` over the functions `f` of the kernel; a row is an anomaly where
/// `f(x) < ρ`. At most the share `nu` of the training rows is outside. Kernels depend on the scale of the
/// columns, so the preparation that the runner adds standardizes them.
///
/// The target has two classes, and the anomalies are the positive one: `positive` in `data`, or 1 of 0 and 1, or
/// true. It judges the answers and is no part of the training, **but for `train_on: normal`, which scikit-learn
/// leaves to its caller.** Rows are ranked by `ρ − f(x)`, which suits `roc_auc`, `average_precision` and
/// `precision_at_recall`; there are no probabilities.
///
/// A row of weight 2 counts as two rows, **also in `gamma: scale`.**
///
/// ```yaml
/// model: { one_class_svm: { nu: 0.1, train_on: normal } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OneClassSvm {
    /// The share of training rows that may be outside.
    #[schemars(range(max = 1.0), extend("exclusiveMinimum" = 0))]
    pub nu: f64,
    /// How alike two rows are.
    pub kernel: Kernel,
    /// The factor of the kernels `rbf`, `poly` and `sigmoid`; `scale` is `1 / (features × variance of all
    /// values)`, `auto` is `1 / features`.
    pub gamma: Gamma,
    /// The power of the kernel `poly`.
    #[schemars(range(max = 1000))]
    pub degree: u32,
    /// What the kernels `poly` and `sigmoid` add.
    pub coef0: f64,
    /// Training ends when the conditions of the optimum hold to this.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub tol: f64,
    /// Whether rows that seem settled are left out until the end: the same answer, sooner or later.
    pub shrinking: bool,
    /// How many mebibytes of kernel values are kept.
    #[schemars(range(min = 1, max = 4096))]
    pub cache_size: u32,
    /// The most iterations; a warning says when they did not suffice. Default: no limit of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), example = 100_000)]
    pub max_iter: Option<u32>,
    /// Which of the training rows are learned from.
    pub train_on: TrainOn,
}

impl Default for OneClassSvm {
    fn default() -> Self {
        Self {
            nu: 0.5,
            kernel: Kernel::Rbf,
            gamma: Gamma::Scale,
            degree: 3,
            coef0: 0.0,
            tol: 1e-3,
            shrinking: true,
            cache_size: 200,
            max_iter: None,
            train_on: TrainOn::All,
        }
    }
}

impl Model for OneClassSvm {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Classification],
            scores: Scores::Ranks,
            preparation: Preparation::Scaled,
        }
    }

    fn rules() -> Vec<Rule> {
        kernel::rules()
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn role(&self) -> Role<'_> {
        Role::Detects(self)
    }

    fn describe(&self) -> String {
        format!("{}, nu {}", self.kernel.name(), self.nu)
    }
}

struct Trained {
    machine: FittedOneClassSupportVectorMachine,
    positive: u32,
}

impl Learner for OneClassSvm {
    fn fit(&self, x: Rows<'_>, y: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let sample = Sample::new(self.train_on, x, y, context)?;
        let parameters = OneClassSupportVectorMachine::new()
            .nu(self.nu)
            .kernel(self.kernel.into())
            .gamma(self.gamma.into())
            .degree(self.degree)
            .coef0(self.coef0)
            .tol(self.tol)
            .shrinking(self.shrinking)
            .cache_size(self.cache_size)
            .max_iter(self.max_iter.map(|most| most as usize));
        let context = Context { weights: sample.weights.as_deref(), ..*context };
        let machine = adapter::train(&context, x, |control| {
            parameters.check()?.fit_rows(sample.values.view(), control)
        })?;
        let notes = adapter::not_converged(&machine.convergence(), x).into_iter().collect();
        let summary = counted(machine.supports(), "support vector");
        let model = Box::new(Trained { machine, positive: sample.positive });
        Ok(Fit { model, notes, summary })
    }
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let outside: Vec<f64> = self.machine.decisions(x.values).iter().map(|f| -f).collect();
        anomalies::prediction(&outside, self.positive)
    }

    fn work(&self) -> usize {
        self.machine.work()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mlspec_learn::Generator;
    use ndarray::{Array2, ShapeBuilder};

    use super::*;
    use crate::kinds::models::StopFlag;

    fn fit(
        model: &OneClassSvm,
        codes: &[u32],
        weights: Option<&[f64]>,
        positive: Option<u32>,
    ) -> Result<(Vec<u32>, Array2<f64>), Failure> {
        let mut generator = Generator::new(3);
        let values = Array2::from_shape_fn((codes.len(), 2).f(), |(row, _)| {
            let outside = if codes[row] == 1 { 6.0 } else { 0.0 };
            outside + generator.unit() + generator.unit()
        });
        let names: Vec<Arc<str>> = vec!["a".into(), "b".into()];
        let rows = Rows {
            values: values.view(),
            names: &names,
            levels: &[],
            indicators: Default::default(),
        };
        let stop = StopFlag::new();
        let context = Context { weights, stop: &stop, classes: None, positive };
        let fit = model.fit(rows, Target::Codes { codes, classes: 2 }, &context)?;
        match fit.model.predict(rows) {
            Prediction::Codes { codes, probabilities: Some(ranks) } => Ok((codes, ranks)),
            other => panic!("{other:?}"),
        }
    }

    fn rows() -> Vec<u32> {
        (0..60).map(|row| u32::from(row % 12 == 0)).collect()
    }

    #[test]
    fn what_is_new_is_found() {
        let codes = rows();
        let model = OneClassSvm { nu: 0.1, train_on: TrainOn::Normal, ..OneClassSvm::default() };
        let (found, ranks) = fit(&model, &codes, None, Some(1)).unwrap();
        let missed = codes.iter().zip(&found).filter(|(code, found)| code > found).count();
        assert_eq!(missed, 0);
        let false_alarms = codes.iter().zip(&found).filter(|(code, found)| code < found).count();
        assert!(false_alarms <= 12, "{false_alarms}");
        for (row, code) in ranks.rows().into_iter().zip(&found) {
            assert_eq!(row[1] > 0.5, *code == 1);
        }
    }

    #[test]
    fn the_other_class_can_be_the_positive_one() {
        let codes: Vec<u32> = rows().iter().map(|code| 1 - code).collect();
        let model = OneClassSvm { train_on: TrainOn::Normal, ..OneClassSvm::default() };
        let (found, ranks) = fit(&model, &codes, None, Some(0)).unwrap();
        for (row, code) in ranks.rows().into_iter().zip(&found) {
            assert_eq!(row[0] > 0.5, *code == 0);
        }
    }

    #[test]
    fn the_target_has_no_say_unless_asked_for() {
        let codes = rows();
        let model = OneClassSvm::default();
        let weights: Vec<f64> = (0..60).map(|row| f64::from(row % 3)).collect();
        let (found, _) = fit(&model, &codes, Some(&weights), Some(1)).unwrap();
        assert_eq!(found.len(), 60);
    }

    #[test]
    fn rows_without_a_normal_one_are_refused() {
        let model = OneClassSvm { train_on: TrainOn::Normal, ..OneClassSvm::default() };
        let refused = fit(&model, &[1; 10], None, Some(1));
        assert!(matches!(refused, Err(Failure::Problem(_))));
        let unknown = fit(&model, &rows(), None, None);
        assert!(matches!(unknown, Err(Failure::Problem(_))));
    }
}
