//! DBSCAN: clusters are where rows are dense.

use ndarray::ArrayView2;

use crate::input::{self, Columns};
use crate::neighbors::{Algorithm, Index, Metric};
use crate::{Clusters, Control, Error};

parameters! {
    /// Groups rows by density (Ester, Kriegel, Sander and Xu, 1996). A row is of the core if rows of a weight
    /// of `min_samples` are within `eps`, itself among them. Core rows within `eps` of each other are
    /// of one cluster; another row is of the first cluster that has a core row within `eps`, or noise.
    Dbscan => CheckedDbscan {
        /// How near neighbours are, above 0. The default is 0.5.
        eps: f64 = 0.5,
        /// The weight of rows around one of the core, at least 1. The default is 5.
        min_samples: usize = 5,
        /// What is near. The default is the Euclidean distance.
        metric: Metric = Metric::Euclidean,
        /// How neighbours are looked for. The default follows from rows and columns.
        algorithm: Algorithm = Algorithm::Auto,
        /// Rows up to which a node of a tree is not divided, at least 1. The default is 30.
        leaf_size: usize = 30,
    }
}

/// Rows whose neighbours are looked for between two polls.
const BATCH: usize = 4096;

impl CheckedDbscan {
    fn validate(&self) -> Result<(), Error> {
        if !(self.eps > 0.0 && self.eps.is_finite()) {
            return Err(Error::parameter("eps", format!("is {}, not a number above 0", self.eps)));
        }
        for (name, value) in [("min_samples", self.min_samples), ("leaf_size", self.leaf_size)] {
            if value < 1 {
                return Err(Error::parameter(name, "is 0, not at least 1"));
            }
        }
        Ok(())
    }

    /// Groups the rows of `x` (rows × columns).
    ///
    /// # Errors
    /// On values that are not finite, unsound weights, and when stopped.
    pub fn label_rows(
        &self,
        x: ArrayView2<'_, f64>,
        control: &Control<'_>,
    ) -> Result<Clusters, Error> {
        let table = Columns::new(x)?;
        let weights = input::weights(control, table.rows())?;
        let weight = |row: u32| weights.map_or(1.0, |weights| weights[row as usize]);
        let index = Index::new(&table, self.metric, self.algorithm, self.leaf_size, control)?;
        let rows: Vec<u32> = (0..table.rows() as u32).collect();
        let mut around = vec![0.0; rows.len()];
        for batch in rows.chunks(BATCH) {
            control.poll()?;
            let first = batch[0] as usize;
            let found = index.within(batch, self.eps, control, |sums: &mut Sums, place, row| {
                sums.add(place, weight(row));
            })?;
            for sums in found {
                let start = first + sums.start;
                around[start..start + sums.sums.len()].copy_from_slice(&sums.sums);
            }
        }
        let core = |row: u32| weight(row) > 0.0 && around[row as usize] >= self.min_samples as f64;
        let mut labels: Vec<Option<u32>> = vec![None; rows.len()];
        let mut count = 0;
        for first in rows.iter().copied().filter(|row| core(*row)) {
            if labels[first as usize].is_some() {
                continue;
            }
            labels[first as usize] = Some(count);
            let mut pending = vec![first];
            while !pending.is_empty() {
                control.poll()?;
                let batch = pending.split_off(pending.len().saturating_sub(BATCH));
                let known = &labels;
                let unknown = |reached: &mut Vec<u32>, _: usize, row: u32| {
                    if known[row as usize].is_none() {
                        reached.push(row);
                    }
                };
                let reached = index.within(&batch, self.eps, control, unknown)?;
                for row in reached.into_iter().flatten() {
                    if labels[row as usize].is_none() {
                        labels[row as usize] = Some(count);
                        if core(row) {
                            pending.push(row);
                        }
                    }
                }
            }
            count += 1;
        }
        Ok(Clusters::numbered(&labels, count as usize))
    }
}

/// Sums for the places of one block, from its first.
#[derive(Default)]
struct Sums {
    start: usize,
    sums: Vec<f64>,
}

impl Sums {
    fn add(&mut self, place: usize, value: f64) {
        // Every row is within reach of itself, so the first place of a block is met first or by a later row
        // of the same block.
        if self.sums.is_empty() {
            self.start = place / crate::neighbors::QUERIES * crate::neighbors::QUERIES;
        }
        let at = place - self.start;
        if at >= self.sums.len() {
            self.sums.resize(at + 1, 0.0);
        }
        self.sums[at] += value;
    }
}

#[cfg(test)]
mod tests {
    use linfa::ParamGuard;
    use ndarray::{Array2, Axis};

    use super::*;
    use crate::test_support::*;

    fn label(parameters: Dbscan, x: &Array2<f64>) -> Clusters {
        checked(parameters).label_rows(x.view(), &Control::plain()).unwrap()
    }

    #[test]
    fn equals_scikit_learn_on_stored_tables() {
        // scikit-learn 1.9.1, DBSCAN(eps=e, min_samples=m, metric=d).fit_predict(StandardScaler()...) with
        // clusters renumbered by their first rows: how many there are, the rows of noise, and the sum of
        // (row + 1) * (cluster + 1) over the others, rows from 0.
        for (name, eps, min_samples, metric, count, noise, sum) in CASES {
            let x = standardized(&table(name).0);
            for algorithm in [Algorithm::Brute, Algorithm::KdTree, Algorithm::BallTree] {
                let parameters = Dbscan::new().eps(eps).min_samples(min_samples).metric(metric);
                let found = label(parameters.algorithm(algorithm), &x);
                let labels = found.labels.iter().enumerate();
                let found_sum: u64 = labels
                    .filter_map(|(row, label)| {
                        label.map(|label| (row as u64 + 1) * (u64::from(label) + 1))
                    })
                    .sum();
                assert_eq!((found.count, found.noise(), found_sum), (count, noise, sum), "{name}");
            }
        }
    }

    const CASES: [(&str, f64, usize, Metric, usize, usize, u64); 6] = [
        ("iris", 0.5, 5, Metric::Euclidean, 2, 34, 15265),
        ("iris", 0.8, 4, Metric::Manhattan, 2, 32, 15345),
        ("iris", 0.4, 5, Metric::Chebyshev, 3, 32, 16347),
        ("wine", 2.3, 6, Metric::Euclidean, 2, 46, 17684),
        ("breast_cancer", 3.0, 5, Metric::Euclidean, 1, 121, 127770),
        ("breast_cancer", 10.0, 4, Metric::Manhattan, 2, 237, 102376),
    ];

    #[test]
    fn a_row_between_two_clusters_is_of_the_first() {
        let rows = [4.0, 0.0, 0.5, 1.0, 1.5, 2.0, 6.0, 6.5, 7.0, 7.5, 8.0, 99.0];
        let x = Array2::from_shape_fn((12, 1), |(row, _)| rows[row]);
        let found = label(Dbscan::new().eps(2.0).min_samples(5), &x);
        let expected = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1].map(Some);
        assert_eq!(found.labels[..11], expected);
        assert_eq!((found.count, found.noise()), (2, 1));
    }

    #[test]
    fn whole_weights_are_repeated_rows() {
        for seed in 0..20 {
            let x = uniform(120, 2, seed);
            let (weights, repeated) = whole_weights(120, seed);
            let parameters = Dbscan::new().eps(0.2).min_samples(6);
            let found = checked(parameters.clone())
                .label_rows(x.view(), &Control::weighted(&weights))
                .unwrap();
            let expected = label(parameters, &x.select(Axis(0), &repeated));
            let found: Vec<Option<u32>> = repeated.iter().map(|row| found.labels[*row]).collect();
            assert_eq!(Clusters::numbered(&found, 120), expected);
        }
    }

    #[test]
    fn awkward_tables_have_clusters_or_noise() {
        for (name, x) in awkward_tables() {
            for min_samples in [1, 3] {
                let found = label(Dbscan::new().min_samples(min_samples), &x);
                assert_eq!(found.labels.len(), x.nrows(), "{name}");
                assert!(min_samples > 1 || found.noise() == 0, "{name}");
            }
        }
        let equal = label(Dbscan::new().eps(1e-300), &Array2::from_elem((10, 2), 0.3));
        assert_eq!((equal.count, equal.noise()), (1, 0));
    }

    #[test]
    fn unsound_parameters_and_a_stop_are_refused() {
        for parameters in [
            Dbscan::new().eps(0.0),
            Dbscan::new().eps(f64::INFINITY),
            Dbscan::new().min_samples(0),
            Dbscan::new().leaf_size(0),
        ] {
            assert!(parameters.check().is_err());
        }
        let stopped = Control { weights: None, stop: &|| true };
        let result = checked(Dbscan::new()).label_rows(uniform(5, 2, 1).view(), &stopped);
        assert!(matches!(result, Err(Error::Stopped)));
    }

    #[test]
    fn labels_do_not_depend_on_threads() {
        let x = uniform(9000, 2, 3);
        assert_same_bits(|| {
            let found = label(Dbscan::new().eps(0.02), &x);
            found.labels.iter().map(|label| label.map_or(-1.0, f64::from)).collect()
        });
    }
}
