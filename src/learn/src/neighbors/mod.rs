//! k nearest neighbours: the training rows that are nearest to a row vote on its class, or their
//! mean is its value.

mod brute;
mod index;
mod points;
mod tree;

#[cfg(test)]
mod tests;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

pub(crate) use brute::QUERIES;
pub use index::Algorithm;
pub(crate) use index::Index;
pub use points::Metric;
pub(crate) use points::Points;

use crate::control::of_rows;
use crate::input::{self, Columns};
use crate::{Control, Error, rows};

/// How much each neighbour counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VoteWeights {
    /// All the same.
    #[default]
    Uniform,
    /// The inverse of the distance; where neighbours have distance 0, those alone.
    Distance,
}

parameters! {
    /// Classes by the vote of the nearest training rows.
    KNeighborsClassifier => CheckedKNeighborsClassifier {
        /// Neighbours that vote, from 1 to the number of training rows. The default is 5.
        n_neighbors: usize = 5,
        /// How much each counts. The default is the same for all.
        weights: VoteWeights = VoteWeights::Uniform,
        /// How they are looked for. The default follows from rows and columns.
        algorithm: Algorithm = Algorithm::Auto,
        /// Rows up to which a node of a tree is not divided, at least 1. The default is 30.
        leaf_size: usize = 30,
        /// What is near. The default is the Euclidean distance.
        metric: Metric = Metric::Euclidean,
    }
}

parameters! {
    /// Values by the mean of the nearest training rows.
    KNeighborsRegressor => CheckedKNeighborsRegressor {
        /// Neighbours that count, from 1 to the number of training rows. The default is 5.
        n_neighbors: usize = 5,
        /// How much each counts. The default is the same for all.
        weights: VoteWeights = VoteWeights::Uniform,
        /// How they are looked for. The default follows from rows and columns.
        algorithm: Algorithm = Algorithm::Auto,
        /// Rows up to which a node of a tree is not divided, at least 1. The default is 30.
        leaf_size: usize = 30,
        /// What is near. The default is the Euclidean distance.
        metric: Metric = Metric::Euclidean,
    }
}

linfa_classifier!(CheckedKNeighborsClassifier, FittedKNeighborsClassifier);
linfa_regressor!(CheckedKNeighborsRegressor, FittedKNeighborsRegressor);

/// The training rows, ready to be asked.
#[derive(Clone, Debug)]
struct Neighbours {
    index: Index,
    n_neighbors: usize,
    weights: VoteWeights,
}

impl Neighbours {
    fn new(
        x: ArrayView2<'_, f64>,
        settings: &CheckedKNeighborsClassifier,
        control: &Control<'_>,
    ) -> Result<Self, Error> {
        let table = Columns::new(x)?;
        if control.weights.is_some() {
            return Err(Error::Weights("neighbours cannot be weighted by row".into()));
        }
        if settings.n_neighbors > table.rows() {
            let message =
                format!("is {}, more than {}", settings.n_neighbors, of_rows(table.rows()));
            return Err(Error::parameter("n_neighbors", message));
        }
        let CheckedKNeighborsClassifier { metric, algorithm, leaf_size, .. } = *settings;
        let index = Index::new(&table, metric, algorithm, leaf_size, control)?;
        Ok(Self { index, n_neighbors: settings.n_neighbors, weights: settings.weights })
    }

    fn work(&self) -> usize {
        self.index.work(self.n_neighbors)
    }

    /// For each row what `answer` makes of its neighbours: how much each counts, and its number.
    fn ask<T: Send>(
        &self,
        x: ArrayView2<'_, f64>,
        answer: impl Fn(&mut dyn Iterator<Item = (f64, usize)>, &mut Vec<T>) + Sync,
    ) -> Vec<T> {
        assert_eq!(x.ncols(), self.index.points.columns, "columns differ from those trained on");
        let nearest =
            self.index.nearest(x, self.n_neighbors, &Control::plain(), |found, answers| {
                let least = found.first().map_or(0.0, |(distance, _)| *distance);
                let weight = |distance: f64| match self.weights {
                    VoteWeights::Uniform => 1.0,
                    VoteWeights::Distance if least == 0.0 => f64::from(u8::from(distance == 0.0)),
                    // Relative to the nearest, so that the inverse is always finite.
                    VoteWeights::Distance => least / distance,
                };
                let mut weighted =
                    found.iter().map(|(distance, row)| (weight(*distance), *row as usize));
                answer(&mut weighted, answers);
            });
        nearest.expect("nobody asks to stop")
    }
}

impl CheckedKNeighborsClassifier {
    fn validate(&self) -> Result<(), Error> {
        if self.n_neighbors < 1 {
            return Err(Error::parameter("n_neighbors", "is 0, not at least 1"));
        }
        if self.leaf_size < 1 {
            return Err(Error::parameter("leaf_size", "is 0, not at least 1"));
        }
        Ok(())
    }

    /// Keeps rows (rows × columns) and their class codes below `classes`.
    ///
    /// # Errors
    /// On values that are not finite, unsound codes, fewer rows than neighbours, weights of rows,
    /// and when stopped.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        codes: &[u32],
        classes: usize,
        control: &Control<'_>,
    ) -> Result<FittedKNeighborsClassifier, Error> {
        let neighbours = Neighbours::new(x, self, control)?;
        input::check_codes(codes, classes, x.nrows())?;
        Ok(FittedKNeighborsClassifier { neighbours, codes: codes.to_vec(), classes })
    }
}

/// The training rows with their classes.
#[derive(Clone, Debug)]
pub struct FittedKNeighborsClassifier {
    neighbours: Neighbours,
    codes: Vec<u32>,
    classes: usize,
}

impl FittedKNeighborsClassifier {
    /// About how many steps of work the neighbours of one row take.
    #[must_use]
    pub fn work(&self) -> usize {
        self.neighbours.work()
    }

    /// The share of each class in the vote of a row's neighbours (rows × classes).
    ///
    /// # Panics
    /// If the number of columns is not the one trained on.
    #[must_use]
    pub fn predict_probabilities(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let votes = self.neighbours.ask(x, |neighbours, votes| {
            let start = votes.len();
            votes.resize(start + self.classes, 0.0);
            let votes = &mut votes[start..];
            for (weight, row) in neighbours {
                votes[self.codes[row] as usize] += weight;
            }
            let total: f64 = votes.iter().sum();
            for vote in votes {
                *vote /= total;
            }
        });
        Array2::from_shape_vec((x.nrows(), self.classes), votes).unwrap_or_default()
    }

    /// The class with the most votes, of equal ones the first.
    ///
    /// # Panics
    /// If the number of columns is not the one trained on.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        rows::largest(&self.predict_probabilities(x))
    }

    /// Both, for one search.
    ///
    /// # Panics
    /// If the number of columns is not the one trained on.
    #[must_use]
    pub fn predict_with_probabilities(&self, x: ArrayView2<'_, f64>) -> (Array1<u32>, Array2<f64>) {
        let probabilities = self.predict_probabilities(x);
        (rows::largest(&probabilities), probabilities)
    }
}

impl CheckedKNeighborsRegressor {
    fn settings(&self) -> CheckedKNeighborsClassifier {
        let Self { n_neighbors, weights, algorithm, leaf_size, metric } = *self;
        CheckedKNeighborsClassifier { n_neighbors, weights, algorithm, leaf_size, metric }
    }

    fn validate(&self) -> Result<(), Error> {
        self.settings().validate()
    }

    /// Keeps rows (rows × columns) and their values.
    ///
    /// # Errors
    /// On values that are not finite, fewer rows than neighbours, weights of rows, and when stopped.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        y: ArrayView1<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedKNeighborsRegressor, Error> {
        let neighbours = Neighbours::new(x, &self.settings(), control)?;
        let values = input::values(y, x.nrows())?.into_owned();
        Ok(FittedKNeighborsRegressor { neighbours, values })
    }
}

/// The training rows with their values.
#[derive(Clone, Debug)]
pub struct FittedKNeighborsRegressor {
    neighbours: Neighbours,
    values: Vec<f64>,
}

impl FittedKNeighborsRegressor {
    /// About how many steps of work the neighbours of one row take.
    #[must_use]
    pub fn work(&self) -> usize {
        self.neighbours.work()
    }

    /// The mean of the neighbours' values.
    ///
    /// # Panics
    /// If the number of columns is not the one trained on.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<f64> {
        let values = self.neighbours.ask(x, |neighbours, values| {
            let (mut sum, mut total, mut scale) = (0.0, 0.0, 0.0_f64);
            let neighbours: Vec<(f64, f64)> =
                neighbours.map(|(weight, row)| (weight, self.values[row])).collect();
            for (_, value) in &neighbours {
                scale = scale.max(value.abs());
            }
            let scale = crate::dense::power_of_two(scale);
            for (weight, value) in neighbours {
                sum += weight * (value / scale);
                total += weight;
            }
            values.push(sum / total * scale);
        });
        Array1::from_vec(values)
    }
}
