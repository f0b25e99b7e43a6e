//! Answers which rows are nearest, by the search that suits their number and their columns.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::brute::{Filter, QUERIES};
use super::points::{Metric, Nearest, Points};
use super::tree::{Bound, Tree};
use crate::input::Columns;
use crate::{Control, Error};

/// How neighbours are looked for. All ways find the same ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// A k-d tree for few columns and many rows, otherwise all pairs.
    #[default]
    Auto,
    /// All pairs are compared.
    Brute,
    /// A tree of boxes.
    KdTree,
    /// A tree of balls.
    BallTree,
}

/// Whether a k-d tree is faster than comparing all pairs: every two columns more take twice the rows.
/// Measured on rows that fill their space; a tree gains where they do not.
fn suits_tree(points: &Points) -> bool {
    points.rows > 256 && points.columns <= points.rows.ilog2() as usize / 2
}

/// Rows that can be asked for neighbours.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    pub(crate) points: Points,
    metric: Metric,
    search: Search,
}

#[derive(Clone, Debug)]
enum Search {
    Pairs,
    Products(Filter),
    Tree(Tree),
}

impl Index {
    pub(crate) fn new(
        table: &Columns<'_>,
        metric: Metric,
        algorithm: Algorithm,
        leaf_size: usize,
        control: &Control<'_>,
    ) -> Result<Self, Error> {
        control.poll()?;
        let points = Points::new(table);
        let tree = |bound| Tree::grow(&points, metric, bound, leaf_size, control);
        let search = match algorithm {
            Algorithm::KdTree => Search::Tree(tree(Bound::Box)?),
            Algorithm::BallTree => Search::Tree(tree(Bound::Ball)?),
            Algorithm::Auto if suits_tree(&points) => Search::Tree(tree(Bound::Box)?),
            Algorithm::Auto | Algorithm::Brute => match metric {
                Metric::Euclidean => Search::Products(Filter::new(&points)),
                Metric::Manhattan | Metric::Chebyshev => Search::Pairs,
            },
        };
        Ok(Self { points, metric, search })
    }

    /// About how many steps it takes to find the `wanted` rows nearest to one.
    pub(crate) fn work(&self, wanted: usize) -> usize {
        let all = self.points.rows.saturating_mul(self.points.columns.max(1));
        let looked_at = match &self.search {
            Search::Products(_) => all / 4,
            Search::Pairs => all,
            // Some nodes around it; in a bad case all of them.
            Search::Tree(_) => all.min(20_000),
        };
        looked_at.saturating_add(wanted.saturating_mul(64))
    }

    /// For each row of `x` what `answer` makes of its `wanted` nearest rows: their distances, in
    /// units of `1 / factor`, and their numbers, the nearest first and of equally near ones the
    /// first.
    ///
    /// # Errors
    /// When stopped.
    pub(crate) fn nearest<T: Send>(
        &self,
        x: ArrayView2<'_, f64>,
        wanted: usize,
        control: &Control<'_>,
        answer: impl Fn(&[(f64, u32)], &mut Vec<T>) + Sync,
    ) -> Result<Vec<T>, Error> {
        let blocks: Result<Vec<Vec<T>>, Error> = (0..x.nrows().div_ceil(QUERIES))
            .into_par_iter()
            .map_init(Vec::new, |block, index| {
                control.poll()?;
                let rows = index * QUERIES..x.nrows().min((index + 1) * QUERIES);
                self.points.gather(x, rows.clone(), block);
                let mut answers = Vec::new();
                for nearest in self.of_block(block, rows.len(), wanted) {
                    let mut found = nearest.sorted();
                    found.iter_mut().for_each(|(rank, _)| *rank = self.metric.distance(*rank));
                    answer(&found, &mut answers);
                }
                Ok(answers)
            })
            .collect();
        Ok(blocks?.into_iter().flatten().collect())
    }

    fn of_block(&self, queries: &[f64], count: usize, wanted: usize) -> Vec<Nearest> {
        let columns = self.points.columns;
        let mut found: Vec<Nearest> = (0..count).map(|_| Nearest::new(wanted)).collect();
        let query = |index: usize| &queries[index * columns..(index + 1) * columns];
        match &self.search {
            Search::Products(filter) => filter.search(&self.points, queries, &mut found),
            Search::Pairs => {
                for (index, nearest) in found.iter_mut().enumerate() {
                    for row in 0..self.points.rows {
                        let rank = self.metric.rank(query(index), self.points.row(row));
                        nearest.offer(rank, row as u32);
                    }
                }
            }
            Search::Tree(tree) => {
                let mut pending = Vec::new();
                for (index, nearest) in found.iter_mut().enumerate() {
                    tree.search(query(index), nearest, &mut pending);
                }
            }
        }
        found
    }

    /// For each block of the given training rows what `answer` makes of an empty `T` and each pair of a
    /// place in `rows` and a training row within the distance (in units of the table), in turn.
    ///
    /// # Errors
    /// When stopped.
    pub(crate) fn within<T: Default + Send>(
        &self,
        rows: &[u32],
        distance: f64,
        control: &Control<'_>,
        answer: impl Fn(&mut T, usize, u32) + Sync,
    ) -> Result<Vec<T>, Error> {
        let columns = self.points.columns;
        let most = self.metric.rank_of(distance * self.points.factor);
        rows.par_chunks(QUERIES)
            .enumerate()
            .map(|(block, rows)| -> Result<T, Error> {
                control.poll()?;
                let mut found = T::default();
                let place = block * QUERIES;
                match &self.search {
                    Search::Products(filter) if columns > 0 => {
                        let queries: Vec<f64> = rows
                            .iter()
                            .flat_map(|row| self.points.row(*row as usize))
                            .copied()
                            .collect();
                        filter.within(&self.points, &queries, most, |index, row| {
                            answer(&mut found, place + index, row);
                        });
                    }
                    Search::Products(_) | Search::Pairs => {
                        for (index, query) in rows.iter().enumerate() {
                            let query = self.points.row(*query as usize);
                            for row in 0..self.points.rows {
                                if self.metric.rank(query, self.points.row(row)) <= most {
                                    answer(&mut found, place + index, row as u32);
                                }
                            }
                        }
                    }
                    Search::Tree(tree) => {
                        let mut pending = Vec::new();
                        for (index, query) in rows.iter().enumerate() {
                            let query = self.points.row(*query as usize);
                            tree.within(query, most, &mut pending, |row| {
                                answer(&mut found, place + index, row);
                            });
                        }
                    }
                }
                Ok(found)
            })
            .collect()
    }
}
