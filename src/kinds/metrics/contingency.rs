//! Groups of a target and clusters of a model to the rows of each pair, and what one tells of the other.

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::sum;
use super::{About, Direction, Needs, OverFolds, Weighting};
use crate::data::{Judged, Prediction, Task, Truth, Undefined};

/// What is known of a metric that compares clusters with groups, given its lowest value.
pub fn about(lowest: f64) -> About {
    About {
        tasks: &[Task::Clustering],
        needs: Needs::Groups,
        direction: Direction::HigherIsBetter,
        range: (lowest, 1.0),
        over_folds: OverFolds::Apart,
        weighting: Weighting::Never,
    }
}

/// How many rows each group, each cluster and each pair of them has; none is empty.
#[derive(Debug)]
pub struct Contingency {
    pub groups: Vec<u64>,
    pub clusters: Vec<u64>,
    pub pairs: Vec<Pair>,
    pub rows: u64,
}

/// The rows that are in a group and in a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub rows: u64,
    /// All rows of the group.
    pub group: u64,
    /// All rows of the cluster.
    pub cluster: u64,
}

/// Counts the groups of the target against the clusters. Noise is a cluster of its own.
///
/// # Errors
/// No groups or clusters to compare, or groups that every clustering fits alike: a single one, or one
/// for each row.
pub fn contingency(judged: &Judged<'_>) -> Result<Contingency, Undefined> {
    let by_data = |reason: &str| Undefined::ByData(reason.to_owned());
    let (Truth::Codes { codes: truth, classes }, Prediction::Clusters { codes, .. }) =
        (judged.truth, judged.prediction)
    else {
        return Err(by_data("there are no known groups to compare the clusters with"));
    };
    if truth.is_empty() {
        return Err(by_data("there are no rows to judge"));
    }
    if codes.len() != truth.len() {
        return Err(by_data("there is not one cluster a row"));
    }
    if let Some(row) = truth.iter().position(|code| *code as usize >= classes.len()) {
        return Err(Undefined::ByData(format!("judged row {} has no known group", row + 1)));
    }
    let counted = count(truth, classes.len(), codes);
    if counted.groups.len() == 1 {
        return Err(by_data("all judged rows are of one group"));
    }
    if counted.groups.len() == truth.len() {
        return Err(by_data("each judged row is a group of its own"));
    }
    Ok(counted)
}

/// Up to this many pairs have a counter each; more are sorted.
const DENSE: u64 = 1 << 16;

/// The rows of a part that is counted on its own.
const PART: usize = 1 << 18;

fn count(truth: &[u32], groups: usize, codes: &[Option<u32>]) -> Contingency {
    // Noise comes first, so that cluster 0 is the second.
    let cluster = |code: Option<u32>| code.map_or(0, |code| u64::from(code) + 1);
    let clusters = codes.par_iter().map(|code| cluster(*code)).reduce(|| 0, u64::max) + 1;
    let pair = |(group, code): (&u32, &Option<u32>)| u64::from(*group) * clusters + cluster(*code);
    let pairs: Vec<(u64, u64)> = if groups as u64 * clusters <= DENSE {
        let counters = groups * clusters as usize;
        let parts: Vec<Vec<u64>> = truth
            .par_chunks(PART)
            .zip(codes.par_chunks(PART))
            .map(|(truth, codes)| {
                let mut rows = vec![0; counters];
                truth.iter().zip(codes).for_each(|row| rows[pair(row) as usize] += 1);
                rows
            })
            .collect();
        let rows = |at: usize| parts.iter().map(|part| part[at]).sum::<u64>();
        (0..counters).map(|at| (at as u64, rows(at))).filter(|(_, rows)| *rows > 0).collect()
    } else {
        let mut all: Vec<u64> = truth.par_iter().zip(codes).map(pair).collect();
        all.par_sort_unstable();
        all.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)).collect()
    };
    let by_group: Vec<(u64, u64)> =
        pairs.iter().map(|(pair, rows)| (pair / clusters, *rows)).collect();
    let mut by_cluster: Vec<(u64, u64)> =
        pairs.iter().map(|(pair, rows)| (pair % clusters, *rows)).collect();
    by_cluster.sort_unstable();
    let (groups, clusters_of) = (totals(&by_group), totals(&by_cluster));
    let total = |of: &[(u64, u64)], name: u64| of[of.partition_point(|(other, _)| *other < name)].1;
    let pairs = pairs.iter().map(|(pair, rows)| Pair {
        rows: *rows,
        group: total(&groups, pair / clusters),
        cluster: total(&clusters_of, pair % clusters),
    });
    Contingency {
        pairs: pairs.collect(),
        groups: groups.iter().map(|(_, rows)| *rows).collect(),
        clusters: clusters_of.iter().map(|(_, rows)| *rows).collect(),
        rows: truth.len() as u64,
    }
}

/// The sum for each name; equal names stand together.
fn totals(named: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let of_name = |same: &[(u64, u64)]| (same[0].0, same.iter().map(|(_, rows)| rows).sum());
    named.chunk_by(|(a, _), (b, _)| a == b).map(of_name).collect()
}

impl Contingency {
    /// The entropy of the groups; above 0, for there are several.
    pub fn entropy_of_groups(&self) -> f64 {
        self.entropy(&self.groups)
    }

    /// The entropy of the clusters; 0 for a single one.
    pub fn entropy_of_clusters(&self) -> f64 {
        self.entropy(&self.clusters)
    }

    /// `Σ p ln (1 / p)` with the shares `p` of the rows.
    fn entropy(&self, counts: &[u64]) -> f64 {
        let rows = self.rows as f64;
        sum(counts.iter().map(|count| *count as f64 / rows * (rows / *count as f64).ln()))
    }

    /// The mutual information of groups and clusters: `Σ p ln (p / (pᵍ pᶜ))` with the share `p` of each
    /// pair, and those of its group and its cluster.
    pub fn information(&self) -> f64 {
        let rows = self.rows as f64;
        let of_pair = |pair: &Pair| {
            let apart = pair.group as f64 * pair.cluster as f64;
            pair.rows as f64 / rows * (rows * pair.rows as f64 / apart).ln()
        };
        sum(self.pairs.iter().map(of_pair)).max(0.0)
    }

    /// How far each cluster has rows of one group only: 1 where the clusters tell the group.
    pub fn homogeneity(&self) -> f64 {
        (self.information() / self.entropy_of_groups()).min(1.0)
    }

    /// How far the rows of each group are in one cluster; 1 for a single cluster.
    pub fn completeness(&self) -> f64 {
        match self.clusters.as_slice() {
            [_] => 1.0,
            _ => (self.information() / self.entropy_of_clusters()).min(1.0),
        }
    }

    /// Whether the clusters say nothing: there is one alone, or one for each row.
    pub fn is_trivial(&self) -> bool {
        self.clusters.len() == 1 || self.clusters.len() as u64 == self.rows
    }
}

/// How the entropies of groups and clusters become one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum AverageMethod {
    /// Half of their sum.
    #[default]
    Arithmetic,
    /// The root of their product.
    Geometric,
    /// The smaller one.
    Min,
    /// The larger one.
    Max,
}

impl AverageMethod {
    /// The average of the two entropies.
    pub fn of(self, counted: &Contingency) -> f64 {
        let (groups, clusters) = (counted.entropy_of_groups(), counted.entropy_of_clusters());
        match self {
            Self::Arithmetic => (groups + clusters) / 2.0,
            Self::Geometric => (groups * clusters).sqrt(),
            Self::Min => groups.min(clusters),
            Self::Max => groups.max(clusters),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Sample, by_data, by_model};
    use super::*;
    use serde_json::json;

    #[test]
    fn pairs_are_counted_with_noise_as_a_cluster() {
        let sample = Sample::groups(&[0, 0, 1, 1, 1], &[Some(7), None, None, Some(7), Some(7)]);
        let counted = contingency(&sample.judged()).unwrap();
        assert_eq!((counted.groups, counted.clusters), (vec![2, 3], vec![2, 3]));
        let rows: Vec<u64> = counted.pairs.iter().map(|pair| pair.rows).collect();
        assert_eq!(rows, [1, 1, 1, 2]);
        assert_eq!(counted.pairs[3], Pair { rows: 2, group: 3, cluster: 3 });
    }

    #[test]
    fn many_pairs_are_counted_like_few() {
        let truth: Vec<u32> = (0..3000).map(|row| row * 7 % 11).collect();
        let near: Vec<Option<u32>> =
            (0..3000).map(|row| (row % 5 > 0).then_some(row % 13)).collect();
        // The same clusters under names that leave no room for a counter each.
        let far: Vec<Option<u32>> =
            near.iter().map(|code| code.map(|code| u32::MAX - 12 + code)).collect();
        let (few, many) = (count(&truth, 11, &near), count(&truth, 11, &far));
        assert_eq!((few.groups, few.clusters, few.pairs), (many.groups, many.clusters, many.pairs));
    }

    #[test]
    fn groups_that_say_nothing_are_undefined() {
        for name in [
            "adjusted_rand",
            "normalized_mutual_info",
            "adjusted_mutual_info",
            "v_measure",
            "homogeneity",
            "completeness",
        ] {
            let of = |truth: &[u32], codes: &[Option<u32>]| {
                by_data(Sample::groups(truth, codes).measure(json!(name)))
            };
            assert_eq!(of(&[0, 0], &[Some(0), Some(0)]), "all judged rows are of one group");
            assert_eq!(of(&[1], &[None]), "all judged rows are of one group");
            assert_eq!(of(&[1, 0], &[Some(0), Some(1)]), "each judged row is a group of its own");
            assert_eq!(of(&[], &[]), "there are no rows to judge");
            assert_eq!(of(&[0, 1], &[None]), "there is not one cluster a row");
        }
    }

    #[test]
    fn clusters_that_say_nothing_never_score_well() {
        let truth = [0, 0, 1, 1, 2];
        let of =
            |name: &str, codes: &[Option<u32>]| Sample::groups(&truth, codes).measure(json!(name));
        let one = [None; 5];
        let own = [Some(0), Some(1), Some(2), Some(3), None];
        for name in [
            "adjusted_rand",
            "normalized_mutual_info",
            "adjusted_mutual_info",
            "v_measure",
            "homogeneity",
        ] {
            assert_eq!(of(name, &one), Ok(0.0), "{name}");
        }
        assert_eq!(by_model(of("completeness", &one)), "the model finds a single cluster");
        assert_eq!(by_model(of("homogeneity", &own)), "each row is a cluster of its own");
        assert_eq!(of("adjusted_rand", &own), Ok(0.0));
        for method in ["arithmetic", "geometric", "min", "max"] {
            for codes in [one, own] {
                let metric = json!({ "adjusted_mutual_info": { "average_method": method } });
                assert_eq!(Sample::groups(&truth, &codes).measure(metric), Ok(0.0));
            }
        }
    }

    #[test]
    fn the_same_clusters_under_other_names_score_one() {
        let truth = [0, 2, 1, 1, 2, 0, 0];
        let codes = truth.map(|group| (group > 0).then_some(9 - group));
        for name in [
            "adjusted_rand",
            "normalized_mutual_info",
            "adjusted_mutual_info",
            "v_measure",
            "homogeneity",
            "completeness",
        ] {
            let value = Sample::groups(&truth, &codes).measure(json!(name)).unwrap();
            assert!((value - 1.0).abs() < 1e-15, "{name}: {value}");
        }
    }
}
