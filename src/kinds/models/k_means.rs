//! K-means: linfa's estimator, started from centres of our own; with weighted rows, steps of our own.

use linfa::traits::Fit as _;
use linfa::{DatasetBase, ParamGuard};
use linfa_clustering::{KMeans as LinfaKMeans, KMeansInit};
use linfa_nn::distance::L2Dist;
use mlspec_learn::lloyd;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;
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
/// the variance behind `tol` is weighted, too; scikit-learn's is not. A centre that loses all its
/// rows stays where it is; scikit-learn moves it to the row that is farthest from its own.**
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

struct Trained {
    /// Clusters × columns.
    centres: Array2<f64>,
}

/// One run of Lloyd's algorithm.
struct Run {
    centres: Array2<f64>,
    inertia: f64,
    iterations: u32,
    converged: bool,
    /// How many of the first centres differed.
    distinct: usize,
}

impl Learner for KMeans {
    fn fit(&self, x: Rows<'_>, _: Target<'_>, context: &Context<'_>) -> Result<Fit, Failure> {
        let rows = x.values.nrows();
        if self.n_clusters as usize > rows {
            let message =
                format!("{} clusters are more than the {rows} training rows", self.n_clusters);
            let problem = Problem::of_parameter(Code::ModelParameter, "n_clusters", message)
                .label("more clusters than rows")
                .help(format!("at most {rows} can be told apart"));
            return Err(Failure::Problem(problem));
        }
        // linfa walks rows, so they are laid out row by row once.
        let data = x.values.as_standard_layout().into_owned();
        let tolerance = (self.tol * mean_variance(x.values, context.weights)).sqrt();
        let mut best: Option<Run> = None;
        for start in 0..self.n_init {
            let run = self.run(&data, tolerance, u64::from(start), x, context)?;
            if best.as_ref().is_none_or(|best| run.inertia < best.inertia) {
                best = Some(run);
            }
        }
        let Some(run) = best else {
            let message = "k-means found no finite solution";
            return Err(Failure::Problem(Problem::of_kind(Code::TrainFailed, message)));
        };
        if !run.inertia.is_finite() {
            let message = "the distances between rows are too large to compute with";
            return Err(Failure::Problem(
                Problem::of_kind(Code::TrainFailed, message).help("standardize the features"),
            ));
        }
        let mut notes = Vec::new();
        if !run.converged {
            let message = format!(
                "training stopped after {} without converging",
                counted(run.iterations as usize, "iteration")
            );
            notes.push(
                Problem::of_kind(Code::NotConverged, message)
                    .label("not converged")
                    .help("raise `max_iter`"),
            );
        }
        if run.distinct < self.n_clusters as usize {
            let message = format!(
                "the training rows have {} different points, fewer than {} clusters",
                run.distinct, self.n_clusters
            );
            notes.push(
                Problem::of_parameter(Code::ModelParameter, "n_clusters", message)
                    .label("more clusters than different rows"),
            );
        }
        let summary = counted(run.iterations as usize, "iteration");
        Ok(Fit { model: Box::new(Trained { centres: run.centres }), notes, summary })
    }
}

impl KMeans {
    /// One run from centres of its own, polled for a stop between two iterations.
    fn run(
        &self,
        data: &Array2<f64>,
        tolerance: f64,
        start: u64,
        x: Rows<'_>,
        context: &Context<'_>,
    ) -> Result<Run, Failure> {
        let seed = self.seed.wrapping_add(start);
        let clusters = self.n_clusters as usize;
        let seeded = adapter::train(context, x, |control| {
            let seeding = mlspec_learn::KMeansPlusPlus::new().n_clusters(clusters).seed(seed);
            seeding.check()?.choose(data.view(), control)
        })?;
        let distinct = seeded.distinct;
        let mut centres = seeded.centres;
        let mut iterations = 0;
        let mut converged = false;
        while iterations < self.max_iter && !converged {
            if context.stop.is_raised() {
                return Err(Failure::Stopped);
            }
            let moved = match context.weights {
                None => step(&centres, data, seed)?,
                Some(weights) => lloyd::step(data.view(), centres.view(), weights),
            };
            let distance = (&moved - &centres).mapv(|step| step * step).sum().sqrt();
            centres = moved;
            iterations += 1;
            converged = distance <= tolerance;
        }
        let (_, distances) = nearest(centres.view(), data.view());
        let inertia = match context.weights {
            None => distances.iter().sum(),
            Some(weights) => counted_rows(distances, weights).map(|(d, weight)| d * weight).sum(),
        };
        Ok(Run { centres, inertia, iterations, converged, distinct })
    }
}

/// One step of Lloyd's algorithm. linfa does not say whether it converged, cannot be stopped and
/// knows no weights, so it is asked for one iteration at a time, and only where rows count alike.
fn step(centres: &Array2<f64>, data: &Array2<f64>, seed: u64) -> Result<Array2<f64>, Failure> {
    let generator = Xoshiro256Plus::seed_from_u64(seed);
    let fitted = LinfaKMeans::params_with(centres.nrows(), generator, L2Dist)
        .n_runs(1)
        .max_n_iterations(1)
        .init_method(KMeansInit::Precomputed(centres.clone()))
        .check()
        .map_err(|error| failed(&error))?
        .fit(&DatasetBase::from(data.view()))
        .map_err(|error| failed(&error))?;
    Ok(exact(centres, fitted.centroids(), fitted.cluster_count()))
}

/// The values of the rows with a weight; what a row without one holds must not even be infinite times
/// zero.
fn counted_rows(
    values: impl IntoIterator<Item = f64>,
    weights: &[f64],
) -> impl Iterator<Item = (f64, f64)> {
    let pairs = values.into_iter().zip(weights.iter().copied());
    pairs.filter(|(_, weight)| *weight > 0.0)
}

fn failed(error: &dyn std::error::Error) -> Failure {
    Failure::Problem(Problem::of_kind(Code::TrainFailed, format!("training failed: {error}")))
}

/// linfa counts the old centre as one more member of its cluster, which shortens every step; this
/// takes that back, so that centres are the means of their rows.
fn exact(old: &Array2<f64>, moved: &Array2<f64>, members: &Array1<f64>) -> Array2<f64> {
    let mut centres = moved.clone();
    for (cluster, members) in members.iter().enumerate() {
        if *members > 0.0 {
            let step = (&moved.row(cluster) - &old.row(cluster)) / *members;
            let mut centre = centres.row_mut(cluster);
            centre += &step;
        }
    }
    centres
}

fn mean_variance(values: ArrayView2<'_, f64>, weights: Option<&[f64]>) -> f64 {
    let columns = values.ncols().max(1) as f64;
    let variance = |column: ArrayView1<'_, f64>| match weights {
        None => column.var(0.0),
        Some(weights) => weighted_variance(column, weights),
    };
    values.axis_iter(Axis(1)).map(variance).sum::<f64>() / columns
}

fn weighted_variance(column: ArrayView1<'_, f64>, weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    let shares = || counted_rows(column.iter().copied(), weights).map(|(x, w)| (x, w / total));
    let mean: f64 = shares().map(|(x, share)| x * share).sum();
    shares().map(|(x, share)| (x - mean) * (x - mean) * share).sum()
}

/// The nearest centre of each row, the first of equally near ones, and the squared distance.
fn nearest(
    centres: ArrayView2<'_, f64>,
    rows: ArrayView2<'_, f64>,
) -> (Vec<Option<u32>>, Vec<f64>) {
    let distance = |a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>| -> f64 {
        a.iter().zip(b.iter()).map(|(a, b)| (a - b) * (a - b)).sum()
    };
    rows.axis_iter(Axis(0))
        .map(|row| {
            let mut best = (0, f64::INFINITY);
            for (code, centre) in centres.axis_iter(Axis(0)).enumerate() {
                let distance = distance(row, centre);
                if distance < best.1 {
                    best = (code as u32, distance);
                }
            }
            (Some(best.0), best.1)
        })
        .unzip()
}

impl Fitted for Trained {
    fn predict(&self, x: Rows<'_>) -> Prediction {
        let (codes, distances) = nearest(self.centres.view(), x.values);
        Prediction::Clusters { codes, squared_distances: Some(distances) }
    }
}
