//! K-means.

use linfa::ParamGuard;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    About, Context, Failure, Fit, Fitted, Learner, Model, Preparation, Role, Scores, Target,
    adapter,
};
use crate::data::{Prediction, Rows, Task};
use crate::diagnostic::{Code, Problem, counted};

/// Groups rows around `n_clusters` centres, so that the squared distances to the nearest centre
/// are small.
///
/// Minimises `Σ ‖x − centre‖²` by Lloyd's algorithm from greedy k-means++ centres. Distances depend
/// on the scale of the columns, so the preparation that the runner adds standardizes them. `tol`
/// is relative to the mean variance of the columns, as in scikit-learn. There is no target; the
/// test rows are judged by the centres of the training rows.
///
/// A row of weight 2 counts as two rows, when centres are drawn and when they are moved. **With weights
/// the variance behind `tol` is weighted, too; scikit-learn's is not.** A centre that loses all its rows moves
/// to the row that is farthest from its own.
///
/// ```yaml
/// model: { k_means: { n_clusters: 3 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KMeans {
    /// How many clusters there are.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub n_clusters: u32,
    /// How often training starts anew; the run with the smallest inertia is kept.
    #[schemars(range(min = 1, max = 1000))]
    pub n_init: u32,
    /// The most iterations of one run; a warning says when they did not suffice.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_iter: u32,
    /// A run ends when the centres move by less than this.
    #[schemars(range(min = 0.0))]
    pub tol: f64,
    /// Where the random numbers start: the same seed gives the same clusters.
    pub seed: u64,
}

impl Default for KMeans {
    fn default() -> Self {
        Self { n_clusters: 8, n_init: 1, max_iter: 300, tol: 1e-4, seed: 0 }
    }
}

impl Model for KMeans {
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
        format!("{} clusters, seed {}", self.n_clusters, self.seed)
    }
}

struct Trained(mlspec_learn::k_means::FittedKMeans);

impl Learner for KMeans {
    fn fit(&self, x: Rows<'_>, _: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let rows = x.values.nrows();
        if self.n_clusters as usize > rows {
            let there = match rows {
                1 => "only training row".to_owned(),
                _ => format!("{rows} training rows"),
            };
            let message = format!("{} clusters are more than the {there}", self.n_clusters);
            let problem = Problem::of_parameter(Code::ModelParameter, "n_clusters", message)
                .label("more clusters than rows")
                .help(format!("at most {rows} can be told apart"));
            return Err(Failure::Problem(problem));
        }
        let parameters = mlspec_learn::KMeans::new()
            .n_clusters(self.n_clusters as usize)
            .n_init(self.n_init as usize)
            .max_iter(self.max_iter as usize)
            .tol(self.tol)
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
        if fitted.distinct() < self.n_clusters as usize {
            let message = format!(
                "the training rows have {}, fewer than {} clusters",
                counted(fitted.distinct(), "different point"),
                self.n_clusters
            );
            notes.push(
                Problem::of_parameter(Code::ModelParameter, "n_clusters", message)
                    .label("more clusters than different rows"),
            );
        }
        Ok(Fit { model: Box::new(Trained(fitted)), notes, summary: iterations })
    }
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let (labels, distances) = self.0.predict_with_distances(x.values);
        Prediction::Clusters {
            codes: labels.iter().map(|label| Some(*label)).collect(),
            squared_distances: Some(distances),
        }
    }

    fn work(&self) -> usize {
        self.0.centres().len()
    }
}
