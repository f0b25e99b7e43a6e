//! Hierarchical clustering.

use linfa::ParamGuard;
use mlspec_learn::hierarchical::{Linkage as LearnLinkage, Until};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::metric::Metric;
use super::{
    About, Context, Failure, Labelled, Labeller, Model, Preparation, Role, Scores, adapter,
};
use crate::data::{Rows, Task};
use crate::diagnostic::{Problem, counted};
use crate::kinds::Rule;

/// Groups rows from the bottom up: every row is a cluster, and the two nearest become one, again and again.
///
/// How far apart clusters A and B are, `linkage` says: `ward` takes `√(2·|A|·|B| / (|A|+|B|)) · ‖mean A − mean B‖`,
/// `complete` the largest `d(a, b)` of their rows, `average` the mean of these, `single` the smallest. It ends when
/// `n_clusters` are left, or when no two are nearer than `distance_threshold`
/// (**scikit-learn wants `n_clusters=None` beside it**). Distances depend on the
/// scale of the columns, so the preparation that the runner adds standardizes them.
///
/// All rows are grouped and judged: there is nothing to predict, so `data.split`, `data.test` and
/// `max_train_gap` are refused, and so is `data.weight.fit`. Clusters are numbered in the order of their first rows.
/// All linkages but `single` keep the distances of all pairs of rows, which may take 4 GiB: enough for some 32 000 rows.
///
/// ```yaml
/// model: { hierarchical: { n_clusters: 3 } }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hierarchical {
    /// How many clusters are left. Default: 2, without a `distance_threshold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000), example = 3)]
    pub n_clusters: Option<u32>,
    /// The distance at which clusters stay apart, in place of `n_clusters`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0), example = 4.5)]
    pub distance_threshold: Option<f64>,
    /// How far apart two clusters are.
    pub linkage: Linkage,
    /// How far apart two rows are; for `ward` it has to be `euclidean`.
    pub metric: Metric,
}

/// How far apart two clusters are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Linkage {
    /// By how much squared distances to the means grow if they become one.
    #[default]
    Ward,
    /// The largest distance of their rows.
    Complete,
    /// The mean distance of their rows.
    Average,
    /// The smallest distance of their rows.
    Single,
}

impl Hierarchical {
    fn until(&self) -> Until {
        match (self.n_clusters, self.distance_threshold) {
            (None, Some(distance)) => Until::Distance(distance),
            (clusters, _) => Until::Clusters(clusters.unwrap_or(2) as usize),
        }
    }
}

impl Model for Hierarchical {
    fn about(&self) -> About {
        About {
            tasks: &[Task::Clustering],
            scores: Scores::Nothing,
            preparation: Preparation::Scaled,
        }
    }

    fn rules() -> Vec<Rule> {
        let ends = "`distance_threshold` and `n_clusters` both say when to end";
        let ward = "the linkage `ward` is for `euclidean` distances only";
        vec![
            Rule::refuses_given("distance_threshold", ends)
                .beside_given("n_clusters")
                .label("one too many")
                .help("keep one of them"),
            Rule::refuses_given("metric", ward)
                .beside("linkage", &["ward"])
                .label("does not fit the linkage")
                .help("choose another linkage: `complete`, `average` or `single`"),
        ]
    }

    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn role(&self) -> Role<'_> {
        Role::Labels(self)
    }

    fn refuses_weights(&self) -> Option<&'static str> {
        Some("its clusters are of rows that count the same")
    }

    fn describe(&self) -> String {
        match self.until() {
            Until::Clusters(clusters) => counted(clusters, "cluster"),
            Until::Distance(distance) => format!("distance_threshold {distance}"),
        }
    }
}

impl Labeller for Hierarchical {
    fn label(&self, x: Rows<'_>, context: &Context<'_>) -> Result<Labelled, Failure> {
        let parameters = mlspec_learn::Hierarchical::new()
            .until(self.until())
            .linkage(match self.linkage {
                Linkage::Ward => LearnLinkage::Ward,
                Linkage::Complete => LearnLinkage::Complete,
                Linkage::Average => LearnLinkage::Average,
                Linkage::Single => LearnLinkage::Single,
            })
            .metric(self.metric.into());
        let clusters = adapter::train(context, x, |control| {
            parameters.check()?.label_rows(x.values, control)
        })?;
        Ok(Labelled::of(clusters))
    }
}
