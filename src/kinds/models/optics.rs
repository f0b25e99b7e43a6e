//! OPTICS: clusters of any shape and of different densities, and noise.

use linfa::ParamGuard;
use mlspec_learn::optics::ClusterMethod as LearnMethod;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::metric::Metric;
use super::{
    About, Context, Failure, Labelled, Labeller, Model, Preparation, Role, Scores, adapter,
};
use crate::data::{Rows, Task};
use crate::diagnostic::{Code, Problem};
use crate::kinds::Rule;

/// Groups rows where they are denser than around, into clusters of any shape; the others are noise.
///
/// Rows are put in an order: next is always the one of least reachability
/// `min over rows before it of max(core distance, distance)`, where the core distance of a row is that to its
/// `min_samples`-th nearest row, itself the first. With `xi` the valleys of the reachability along this order are
/// the clusters, of nested ones the innermost; with `dbscan` they are what DBSCAN finds with `eps`. Distances
/// depend on the scale of the columns, so the preparation that the runner adds standardizes them.
///
/// All rows are grouped and judged: there is nothing to predict, so `data.split`, `data.test` and
/// `max_train_gap` are refused, and so is `data.weight.fit`. Clusters are numbered in the order of their first rows.
/// **Numbers of rows are whole; scikit-learn takes shares as well. An `xi` of 0 and `dbscan` without any distance are refused.** The time grows with the square of the rows.
///
/// ```yaml
/// model: { optics: { min_samples: 8, min_cluster_size: 20 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Optics {
    /// The fewest rows around a row of a core, that row among them.
    #[schemars(range(min = 2, max = 1_000_000))]
    pub min_samples: u32,
    /// The largest distance of two rows that are neighbours. Default: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0), example = 2.5)]
    pub max_eps: Option<f64>,
    /// How far apart two rows are.
    pub metric: Metric,
    /// What is a cluster.
    pub cluster_method: ClusterMethod,
    /// The distance of DBSCAN, for `cluster_method: dbscan`. Default: `max_eps`; one of them is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0), example = 0.8)]
    pub eps: Option<f64>,
    /// By which share the reachability falls into a valley and rises at its end, for `cluster_method: xi`.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub xi: f64,
    /// Whether rows at the end of a valley that were reached from before it are left out.
    pub predecessor_correction: bool,
    /// The fewest rows of a cluster, for `cluster_method: xi`. Default: `min_samples`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 1_000_000), example = 20)]
    pub min_cluster_size: Option<u32>,
}

/// What is a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ClusterMethod {
    /// A valley of the reachability between steep sides.
    #[default]
    Xi,
    /// Rows that follow each other within one distance.
    Dbscan,
}

impl Default for Optics {
    fn default() -> Self {
        Self {
            min_samples: 5,
            max_eps: None,
            metric: Metric::Euclidean,
            cluster_method: ClusterMethod::Xi,
            eps: None,
            xi: 0.05,
            predecessor_correction: true,
            min_cluster_size: None,
        }
    }
}

impl Model for Optics {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Clustering],
            scores: Scores::Nothing,
            preparation: Preparation::Scaled,
        }
    }

    fn rules() -> Vec<Rule> {
        let dbscan = &["dbscan"];
        vec![
            Rule::only_with("eps", "cluster_method", dbscan),
            Rule::only_with("xi", "cluster_method", &["xi"]),
            Rule::refuses("cluster_method", dbscan, "`dbscan` needs a distance")
                .needs("eps")
                .unless_given("max_eps")
                .code(Code::ModelParameter)
                .label("no `eps`")
                .help("add `eps`: the largest distance of two rows that are neighbours"),
        ]
    }

    fn check(&self) -> Vec<Problem> {
        match (self.cluster_method, self.eps, self.max_eps) {
            (ClusterMethod::Dbscan, Some(eps), Some(most)) if eps > most => vec![
                Problem::of_parameter(
                    Code::ModelParameter,
                    "eps",
                    format!("`eps` is {eps}, larger than `max_eps`, {most}"),
                )
                .label("too large")
                .help(format!("at most {most}")),
            ],
            (ClusterMethod::Xi | ClusterMethod::Dbscan, ..) => Vec::new(),
        }
    }

    fn role(&self) -> Role<'_> {
        Role::Labels(self)
    }

    fn refuses_weights(&self) -> Option<&'static str> {
        Some("its neighbours are counted, not weighed")
    }

    fn describe(&self) -> String {
        format!("min_samples {}", self.min_samples)
    }
}

impl Labeller for Optics {
    fn label(&self, x: Rows<'_>, context: &Context<'_>) -> Result<Labelled, Failure> {
        let parameters = mlspec_learn::Optics::new()
            .min_samples(self.min_samples as usize)
            .max_eps(self.max_eps.unwrap_or(f64::INFINITY))
            .metric(self.metric.into())
            .cluster_method(match self.cluster_method {
                ClusterMethod::Xi => LearnMethod::Xi,
                ClusterMethod::Dbscan => LearnMethod::Dbscan,
            })
            .eps(self.eps)
            .xi(self.xi)
            .predecessor_correction(self.predecessor_correction)
            .min_cluster_size(self.min_cluster_size.map(|size| size as usize));
        let clusters = adapter::train(context, x, |control| {
            parameters.check()?.label_rows(x.values, control)
        })?;
        Ok(Labelled::of(clusters))
    }
}
