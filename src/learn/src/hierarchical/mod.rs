//! Hierarchical clustering: the nearest clusters become one, again and again.

mod merges;

#[cfg(test)]
mod tests;

use ndarray::ArrayView2;

use self::merges::Merge;
use crate::control::of_rows;
use crate::input::Columns;
use crate::neighbors::{Metric, Points};
use crate::{Clusters, Control, Error};

/// How far apart two clusters are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Linkage {
    /// By how much the sum of squared distances to the means grows if they become one:
    /// `√(2 · |A| · |B| / (|A| + |B|)) · ‖mean A − mean B‖`. For the Euclidean distance only.
    #[default]
    Ward,
    /// The largest distance of a row of one and a row of the other.
    Complete,
    /// The mean of these distances.
    Average,
    /// The smallest of these distances.
    Single,
}

/// Where to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Until {
    /// When this many clusters are left, at least 1.
    Clusters(usize),
    /// When no two clusters are nearer than this, from 0.
    Distance(f64),
}

parameters! {
    /// Groups rows from the bottom up: every row is a cluster, and the two clusters nearest each other
    /// become one, until enough have.
    Hierarchical => CheckedHierarchical {
        /// Where to stop. The default is 2 clusters.
        until: Until = Until::Clusters(2),
        /// How far apart two clusters are. The default is Ward's.
        linkage: Linkage = Linkage::Ward,
        /// How far apart two rows are. The default is the Euclidean distance.
        metric: Metric = Metric::Euclidean,
    }
}

/// The most memory that distances may take.
const LIMIT: u64 = 4 << 30;

impl CheckedHierarchical {
    fn validate(&self) -> Result<(), Error> {
        match self.until {
            Until::Clusters(0) => {
                return Err(Error::parameter("n_clusters", "is 0, not at least 1"));
            }
            Until::Distance(distance) if !(distance >= 0.0 && distance.is_finite()) => {
                let message = format!("is {distance}, not a number from 0");
                return Err(Error::parameter("distance_threshold", message));
            }
            Until::Clusters(_) | Until::Distance(_) => {}
        }
        if self.linkage == Linkage::Ward && self.metric != Metric::Euclidean {
            let message = "is not `euclidean`, and the linkage `ward` is for no other";
            return Err(Error::parameter("metric", message));
        }
        Ok(())
    }

    /// Groups the rows of `x` (rows × columns).
    ///
    /// # Errors
    /// On values that are not finite, weights, more clusters than rows, distances of all pairs that would
    /// take more than 4 GiB, and when stopped.
    pub fn label_rows(
        &self,
        x: ArrayView2<'_, f64>,
        control: &Control<'_>,
    ) -> Result<Clusters, Error> {
        let table = Columns::new(x)?;
        if control.weights.is_some() {
            return Err(Error::Weights("hierarchical clustering takes no weights".into()));
        }
        let rows = table.rows();
        if let Until::Clusters(clusters) = self.until
            && clusters > rows
        {
            let message = format!("is {clusters}, more than {}", of_rows(rows));
            return Err(Error::parameter("n_clusters", message));
        }
        let single = self.linkage == Linkage::Single;
        let bytes = merges::bytes(rows);
        if !single && bytes > LIMIT {
            return Err(Error::memory(format!("the distances of {rows} rows"), bytes));
        }
        control.poll()?;
        let points = Points::new(&table);
        let mut merges = if single {
            merges::of_spanning_tree(&points, self.metric, control)?
        } else {
            merges::of_chains(&points, self.metric, self.linkage, control)?
        };
        merges.sort_by(|a, b| a.distance.total_cmp(&b.distance));
        let done = match self.until {
            Until::Clusters(clusters) => rows - clusters,
            Until::Distance(distance) => {
                merges.partition_point(|merge| merge.distance / points.factor < distance)
            }
        };
        Ok(united(rows, &merges[..done]))
    }
}

/// The clusters that are left after the merges.
fn united(rows: usize, merges: &[Merge]) -> Clusters {
    let mut parents: Vec<u32> = (0..rows as u32).collect();
    for merge in merges {
        let (a, b) = (root(&mut parents, merge.first), root(&mut parents, merge.second));
        parents[a.max(b) as usize] = a.min(b);
    }
    let labels: Vec<Option<u32>> =
        (0..rows as u32).map(|row| Some(root(&mut parents, row))).collect();
    Clusters::numbered(&labels, rows)
}

fn root(parents: &mut [u32], row: u32) -> u32 {
    let mut row = row;
    while parents[row as usize] != row {
        parents[row as usize] = parents[parents[row as usize] as usize];
        row = parents[row as usize];
    }
    row
}
