//! DBSCAN: clusters of any shape, and noise.

use linfa::ParamGuard;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::metric::Metric;
use super::{
    About, Context, Failure, Labelled, Labeller, Model, Preparation, Role, Scores, adapter,
};
use crate::data::{Rows, Task};
use crate::diagnostic::Problem;

/// Groups rows where they are dense, into clusters of any shape; rows where they are not are noise.
///
/// A row with at least `min_samples` rows within `eps`, itself among them, is of the core of a cluster.
/// Core rows within `eps` of each other are of the same cluster; other rows within `eps` of a core row
/// belong to its cluster, to that whose first core row comes first where there are several. Distances
/// depend on the scale of the columns, so the preparation that the runner adds standardizes them,
/// and `eps` is then in standard deviations.
///
/// All rows are grouped and judged: there is nothing to predict, so `data.split`, `data.test` and
/// `max_train_gap` are refused. Clusters are numbered in the order of their first rows. A row of weight 2 counts as two
/// rows; **one of weight 0 is never of a core, while scikit-learn lets it connect clusters**.
///
/// ```yaml
/// model: { dbscan: { eps: 0.4, min_samples: 8 } }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dbscan {
    /// The largest distance of two rows that are neighbours.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub eps: f64,
    /// The fewest rows around a row of a core, that row among them.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub min_samples: u32,
    /// How far apart two rows are.
    pub metric: Metric,
}

impl Default for Dbscan {
    fn default() -> Self {
        Self { eps: 0.5, min_samples: 5, metric: Metric::Euclidean }
    }
}

impl Model for Dbscan {
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
        Role::Labels(self)
    }

    fn describe(&self) -> String {
        format!("eps {}, min_samples {}", self.eps, self.min_samples)
    }
}

impl Labeller for Dbscan {
    fn label(&self, x: Rows<'_>, context: &Context<'_>) -> Result<Labelled, Failure> {
        let parameters = mlspec_learn::Dbscan::new()
            .eps(self.eps)
            .min_samples(self.min_samples as usize)
            .metric(self.metric.into());
        let clusters = adapter::train(context, x, |control| {
            parameters.check()?.label_rows(x.values, control)
        })?;
        Ok(Labelled::of(clusters))
    }
}
