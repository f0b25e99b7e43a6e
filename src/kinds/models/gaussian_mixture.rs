//! Mixtures of normal distributions.

use linfa::ParamGuard;
use mlspec_learn::gaussian_mixture::{CovarianceType as LearnType, FittedGaussianMixture};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem, counted};

/// Groups rows by the normal distribution that most probably drew them.
///
/// Maximises `Σ log Σ share · Normal(x; mean, covariance)` by expectation and maximisation, from the
/// clusters of k-means. The k-means and `reg_covar` depend on the scale of the columns, so the preparation that the
/// runner adds standardizes them. There is no target; the test rows are grouped by the distributions of the training
/// rows. A component has no centre that distances are measured to, so `inertia` has no value.
///
/// A row of weight 2 counts as two rows; **scikit-learn's mixture knows no weights**.
///
/// ```yaml
/// model: { gaussian_mixture: { n_components: 3, covariance_type: diag } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GaussianMixture {
    /// How many distributions there are.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub n_components: u32,
    /// What their covariances may be.
    pub covariance_type: CovarianceType,
    /// A run ends when the mean log likelihood of a row changes by less than this.
    #[schemars(range(min = 0.0))]
    pub tol: f64,
    /// What is added to each variance, so that no distribution collapses onto a point.
    #[schemars(range(min = 0.0))]
    pub reg_covar: f64,
    /// The most iterations of one run; a warning says when they did not suffice.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_iter: u32,
    /// How often training starts anew; the run with the largest likelihood is kept.
    #[schemars(range(min = 1, max = 1000))]
    pub n_init: u32,
    /// Where the random numbers start: the same seed gives the same groups.
    pub seed: u64,
}

/// What covariances may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum CovarianceType {
    /// Any matrix, one for each distribution.
    #[default]
    Full,
    /// Any matrix, the same for all.
    Tied,
    /// A variance for each column, without correlations.
    Diag,
    /// One variance for each distribution.
    Spherical,
}

impl Default for GaussianMixture {
    fn default() -> Self {
        Self {
            n_components: 1,
            covariance_type: CovarianceType::Full,
            tol: 1e-3,
            reg_covar: 1e-6,
            max_iter: 100,
            n_init: 1,
            seed: 0,
        }
    }
}

impl Model for GaussianMixture {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Clustering],
            scores: Scores::Nothing,
            preparation: Preparation::Scaled,
        }
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn role(&self) -> Role<'_> {
        Role::Learns(self)
    }

    fn describe(&self) -> String {
        format!("{}, seed {}", counted(self.n_components as usize, "component"), self.seed)
    }
}

struct Trained(FittedGaussianMixture);

impl Learner for GaussianMixture {
    fn fit(&self, x: Rows<'_>, _: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let parameters = mlspec_learn::GaussianMixture::new()
            .n_components(self.n_components as usize)
            .covariance_type(match self.covariance_type {
                CovarianceType::Full => LearnType::Full,
                CovarianceType::Tied => LearnType::Tied,
                CovarianceType::Diag => LearnType::Diag,
                CovarianceType::Spherical => LearnType::Spherical,
            })
            .tol(self.tol)
            .reg_covar(self.reg_covar)
            .max_iter(self.max_iter as usize)
            .n_init(self.n_init as usize)
            .seed(self.seed);
        let fitted =
            adapter::train(context, x, |control| parameters.check()?.fit_rows(x.values, control))?;
        let iterations = counted(fitted.iterations(), "iteration");
        let mut notes = Vec::new();
        if !fitted.converged() {
            let message = format!("training stopped after {iterations} without converging");
            notes.push(
                Problem::of_kind(Code::NotConverged, message)
                    .label("not converged")
                    .help("raise `max_iter`"),
            );
        }
        Ok(Fit { model: Box::new(Trained(fitted)), notes, summary: iterations })
    }
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let codes = self.0.predict_rows(x.values).iter().map(|label| Some(*label)).collect();
        Prediction::Clusters { codes, squared_distances: None }
    }

    fn work(&self) -> usize {
        self.0.work()
    }
}
