//! What the metrics of clusters share: the rows without noise, and the centres of their clusters.

use std::borrow::Cow;

use ndarray::Axis;

use super::sums::group_sums;
use crate::data::{Judged, Prediction, Undefined};

/// The rows that are in a cluster, column by column.
pub struct Points<'a> {
    pub columns: Vec<Cow<'a, [f64]>>,
    /// The cluster of each row, numbered without gaps.
    pub clusters: Vec<usize>,
    /// How many rows each cluster has.
    pub sizes: Vec<usize>,
}

/// The rows of a clustering for the metric of this name, without noise.
///
/// # Errors
/// Unknown features, fewer than three rows, or not between 2 and n - 1 clusters in the n rows that
/// are no noise.
pub fn clustered<'a>(metric: &str, judged: &'a Judged<'_>) -> Result<Points<'a>, Undefined> {
    let (Prediction::Clusters { codes, .. }, Some(rows)) = (judged.prediction, &judged.rows) else {
        return Err(Undefined::ByData("the features of the rows are not known".to_owned()));
    };
    if codes.len() < 3 {
        let reason = format!("{metric} needs three rows, but there are {}", codes.len());
        return Err(Undefined::ByData(reason));
    }
    let kept: Vec<usize> = (0..codes.len()).filter(|row| codes[*row].is_some()).collect();
    let mut names: Vec<u32> = codes.iter().copied().flatten().collect();
    names.sort_unstable();
    names.dedup();
    let noise = match codes.len() - kept.len() {
        0 => String::new(),
        1 => " (1 row is noise)".to_owned(),
        noise => format!(" ({noise} rows are noise)"),
    };
    match names.len() {
        0 => return Err(Undefined::ByModel("every row is noise: there is no cluster".to_owned())),
        1 => {
            return Err(Undefined::ByModel(format!("the model finds a single cluster{noise}")));
        }
        clusters if clusters == kept.len() => {
            return Err(Undefined::ByModel(format!("each row is a cluster of its own{noise}")));
        }
        _ => {}
    }
    let clusters: Vec<usize> =
        codes.iter().flatten().map(|code| names.partition_point(|name| name < code)).collect();
    let mut sizes = vec![0; names.len()];
    for cluster in &clusters {
        sizes[*cluster] += 1;
    }
    let columns = rows.values.axis_iter(Axis(1)).map(|column| {
        match column.to_slice().filter(|_| kept.len() == codes.len()) {
            Some(whole) => Cow::Borrowed(whole),
            None => Cow::Owned(kept.iter().map(|row| column[*row]).collect()),
        }
    });
    Ok(Points { columns: columns.collect(), clusters, sizes })
}

impl Points<'_> {
    /// The mean of each cluster in one column, in the order of the clusters.
    pub fn centres(&self, column: &[f64]) -> Vec<f64> {
        let clusters = &self.clusters;
        let entry = |row: usize| Some((clusters[row], column[row]));
        let sums = group_sums(clusters.len(), self.sizes.len(), entry);
        sums.into_iter().zip(&self.sizes).map(|(sum, size)| sum / *size as f64).collect()
    }
}
