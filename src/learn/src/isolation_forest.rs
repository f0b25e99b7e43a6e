//! Isolation forests: rows that random cuts single out early are anomalies.

use ndarray::{Array1, ArrayView2, Axis};
use rayon::prelude::*;

use crate::forest::{Bag, Forest, MaxSamples};
use crate::input::{self, Columns};
use crate::seeded::{Generator, mix};
use crate::tree::{LEAF, MaxFeatures, Node, Tree};
use crate::{Control, Error};

/// Rows that scikit-learn draws for a tree.
const DRAWN: usize = 256;

/// The most trees: more than memory is for.
const MOST_BYTES: u64 = 4 << 30;

/// Above which score a row is an anomaly.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Contamination {
    /// Above 0.5, as Liu, Ting and Zhou advise.
    #[default]
    Auto,
    /// Above the score that this share of the training rows exceeds; above 0 and up to 0.5.
    Share(f64),
}

parameters! {
    /// An isolation forest (Liu, Ting and Zhou, 2008), with scikit-learn's rules.
    ///
    /// Every tree draws rows and cuts them at random, until they are alone or
    /// `log₂(rows drawn)` cuts deep. The score of a row is `2^(-h / c)`, where `h` is the mean
    /// number of cuts above its leaves (plus what the rows of a leaf would still take), and `c` that
    /// of an unsuccessful search in a binary tree of as many rows.
    IsolationForest => CheckedIsolationForest {
        /// Trees, at least 1. The default is 100.
        n_estimators: usize = 100,
        /// Rows drawn for every tree. The default is `None`: 256, or all where there are fewer.
        max_samples: Option<MaxSamples> = None,
        /// The default is [`Contamination::Auto`].
        contamination: Contamination = Contamination::Auto,
        /// Columns drawn for every tree. The default is [`MaxFeatures::All`].
        max_features: MaxFeatures = MaxFeatures::All,
        /// Whether a row can be drawn twice for a tree. The default is `false`.
        bootstrap: bool = false,
        /// Seed for drawing rows, columns and cuts. The default is 0.
        seed: u64 = 0,
    }
}

impl CheckedIsolationForest {
    fn validate(&self) -> Result<(), Error> {
        if self.n_estimators == 0 {
            return Err(Error::parameter("n_estimators", "is 0, not at least 1"));
        }
        if let Some(size) = self.max_samples {
            size.validate()?;
        }
        self.max_features.validate()?;
        match self.contamination {
            Contamination::Share(share) if !(share > 0.0 && share <= 0.5) => Err(Error::parameter(
                "contamination",
                format!("is {share}, not above 0 and up to 0.5"),
            )),
            Contamination::Auto | Contamination::Share(_) => Ok(()),
        }
    }

    /// Fits `x` (rows × columns). A row of weight 0 is never drawn; without `bootstrap` heavier rows
    /// are drawn earlier (Efraimidis and Spirakis, 2006), with it as likely as they weigh.
    ///
    /// # Errors
    /// On shapes that do not fit, values that are not finite, unsound weights, more trees than
    /// memory is for, and when stopped.
    pub fn fit_rows(
        &self,
        x: ArrayView2<'_, f64>,
        control: &Control<'_>,
    ) -> Result<FittedIsolationForest, Error> {
        let columns = Columns::new(x)?;
        let weights = input::weights(control, columns.rows())?;
        let present: Vec<u32> = (0..columns.rows())
            .filter(|&row| weights.is_none_or(|weights| weights[row] > 0.0))
            .map(|row| row as u32)
            .collect();
        let drawn = match self.max_samples {
            None => DRAWN,
            Some(MaxSamples::Count(count)) => count,
            Some(MaxSamples::Share(share)) => (share * present.len() as f64) as usize,
        };
        let drawn = drawn.clamp(1, present.len());
        let bytes = (self.n_estimators as u64)
            .saturating_mul(2 * drawn as u64)
            .saturating_mul(size_of::<Node>() as u64 + 4);
        if bytes > MOST_BYTES {
            let what = format!("{} trees of {drawn} rows", self.n_estimators);
            return Err(Error::memory_of("n_estimators", what, bytes));
        }
        let bag = self
            .bootstrap
            .then(|| Bag::new(columns.rows(), weights, drawn, Some(MaxSamples::Count(drawn))))
            .transpose()?;
        let trees: Result<Vec<Tree>, Error> = (0..self.n_estimators)
            .into_par_iter()
            .map(|index| {
                control.poll()?;
                let step = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                let seed = mix(self.seed.wrapping_add(step));
                let mut generator = Generator::new(seed);
                let rows = match &bag {
                    Some(bag) => repeated(&bag.draw(seed, control)?),
                    None => distinct(&present, weights, drawn, &mut generator),
                };
                let mut candidates: Vec<usize> = (0..columns.len()).collect();
                if let Some(count) = self.max_features.of(columns.len()) {
                    generator.shuffle(&mut candidates);
                    candidates.truncate(count);
                }
                Ok(isolate(&columns, rows, candidates, generator))
            })
            .collect();
        let model = FittedIsolationForest {
            forest: Forest::new(trees?),
            scale: searches(drawn),
            threshold: 0.5,
        };
        control.poll()?;
        let threshold = match self.contamination {
            Contamination::Auto => 0.5,
            Contamination::Share(share) => {
                let mut scores = Vec::with_capacity(x.nrows());
                for rows in x.axis_chunks_iter(Axis(0), scored_at_once(self.n_estimators)) {
                    control.poll()?;
                    scores.extend(model.anomaly_scores(rows));
                }
                let scored = present.iter().map(|&row| {
                    let row = row as usize;
                    (scores[row], weights.map_or(1.0, |weights| weights[row]))
                });
                quantile(scored.collect(), 1.0 - share)
            }
        };
        Ok(FittedIsolationForest { threshold, ..model })
    }
}

/// Rows as often as they were drawn.
fn repeated(counts: &[u32]) -> Vec<u32> {
    (0_u32..)
        .zip(counts)
        .flat_map(|(row, count)| std::iter::repeat_n(row, *count as usize))
        .collect()
}

/// So many different rows.
fn distinct(
    present: &[u32],
    weights: Option<&[f64]>,
    drawn: usize,
    generator: &mut Generator,
) -> Vec<u32> {
    let mut rows: Vec<u32> = match weights {
        None => {
            // Floyd's method: the draws of the last `drawn` steps of a shuffle, without its array.
            let mut taken = std::collections::BTreeSet::new();
            for last in present.len() - drawn..present.len() {
                let place = generator.below(last as u64 + 1) as usize;
                if !taken.insert(place) {
                    taken.insert(last);
                }
            }
            taken.into_iter().map(|place| present[place]).collect()
        }
        Some(weights) => {
            let mut keyed: Vec<(f64, u32)> = present
                .iter()
                .map(|&row| (-(1.0 - generator.unit()).ln() / weights[row as usize], row))
                .collect();
            let by_key = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
            if drawn < keyed.len() {
                keyed.select_nth_unstable_by(drawn, by_key);
            }
            keyed.truncate(drawn);
            keyed.into_iter().map(|(_, row)| row).collect()
        }
    };
    rows.sort_unstable();
    rows
}

/// The mean number of comparisons of an unsuccessful search in a binary search tree of `rows`.
fn searches(rows: usize) -> f64 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    match rows {
        0 | 1 => 0.0,
        2 => 1.0,
        rows => {
            let last = rows as f64 - 1.0;
            2.0 * (last.ln() + EULER) - 2.0 * last / rows as f64
        }
    }
}

/// Cuts rows at random; a leaf holds the length of the way to its rows.
fn isolate(
    columns: &Columns<'_>,
    mut rows: Vec<u32>,
    mut candidates: Vec<usize>,
    mut generator: Generator,
) -> Tree {
    let deepest = rows.len().max(2).next_power_of_two().ilog2() as usize;
    let leaf = Node { threshold: 0.0, column: LEAF, next: 0 };
    let mut tree = Tree {
        nodes: vec![leaf],
        values: Vec::new(),
        width: 1,
        columns: columns.len(),
        depth: 0,
        importances: Vec::new(),
    };
    let mut stack = vec![(0, rows.len(), 0, 0)];
    while let Some((start, end, depth, node)) = stack.pop() {
        let own = &mut rows[start..end];
        let cut = if depth < deepest && own.len() > 1 {
            random_cut(columns, own, &mut candidates, &mut generator)
        } else {
            None
        };
        let Some((column, threshold)) = cut else {
            tree.nodes[node].next = tree.values.len() as u32;
            tree.values.push(depth as f64 + searches(end - start));
            continue;
        };
        let values = columns.column(column);
        own.sort_by_key(|row| values[*row as usize] > threshold);
        let middle = start + own.partition_point(|row| values[*row as usize] <= threshold);
        let next = tree.nodes.len();
        tree.nodes[node] = Node { threshold, column: column as u32, next: next as u32 };
        tree.nodes.extend([leaf; 2]);
        tree.depth = tree.depth.max(depth + 1);
        stack.push((middle, end, depth + 1, next + 1));
        stack.push((start, middle, depth + 1, next));
    }
    tree
}

/// A column in which the rows differ, and a value between its ends; none if they are all alike.
fn random_cut(
    columns: &Columns<'_>,
    rows: &[u32],
    candidates: &mut [usize],
    generator: &mut Generator,
) -> Option<(usize, f64)> {
    for place in 0..candidates.len() {
        let other = place + generator.below((candidates.len() - place) as u64) as usize;
        candidates.swap(place, other);
        let values = columns.column(candidates[place]);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for &row in rows {
            low = low.min(values[row as usize]);
            high = high.max(values[row as usize]);
        }
        if low < high {
            let share = generator.unit();
            let drawn = (1.0 - share) * low + share * high;
            return Some((
                candidates[place],
                if low <= drawn && drawn < high { drawn } else { low },
            ));
        }
    }
    None
}

/// The value that a share of the weights does not exceed, between two values as `numpy.quantile`
/// has it; a whole weight counts as as many values.
fn quantile(mut values: Vec<(f64, f64)>, share: f64) -> f64 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = values.iter().map(|(_, weight)| weight).sum();
    let at = share * (total - 1.0).max(0.0);
    let value_at = |at: f64| {
        let mut sum = 0.0;
        for (value, weight) in &values {
            sum += weight;
            if sum > at {
                return *value;
            }
        }
        values.last().map_or(0.5, |(value, _)| *value)
    };
    let (lower, upper) = (value_at(at.floor()), value_at(at.floor() + 1.0));
    lower + (at - at.floor()) * (upper - lower)
}

/// What [`IsolationForest`] learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedIsolationForest {
    /// Its answers are the lengths of ways.
    forest: Forest,
    /// The length of an average way.
    scale: f64,
    threshold: f64,
}

/// Rows whose scores are worked out between two polls.
fn scored_at_once(trees: usize) -> usize {
    ((1 << 20) / trees.max(1)).max(1024) * rayon::current_num_threads()
}

impl FittedIsolationForest {
    /// How many trees there are.
    #[must_use]
    pub fn trees(&self) -> usize {
        self.forest.trees.len()
    }

    /// A score for every row, above 0 and up to 1; anomalies have a greater one. It is minus
    /// scikit-learn's `score_samples`.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn anomaly_scores(&self, x: ArrayView2<'_, f64>) -> Vec<f64> {
        let ways = self.forest.means(x);
        // scikit-learn divides by 1 where there is no average way: every row is as far as any.
        let scale = if self.scale > 0.0 { self.scale } else { 1.0 };
        ways.iter().map(|way| (-way / scale).exp2()).collect()
    }

    /// Rows that score above this are anomalies.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// Whether each row is an anomaly: 1 if it is, 0 otherwise.
    ///
    /// # Panics
    /// If the number of columns is not that of the training.
    #[must_use]
    pub fn predict_rows(&self, x: ArrayView2<'_, f64>) -> Array1<u32> {
        self.anomaly_scores(x).into_iter().map(|score| u32::from(score > self.threshold)).collect()
    }
}

#[cfg(test)]
mod tests {
    use linfa::ParamGuard;
    use ndarray::Array2;

    use super::*;
    use crate::test_support::*;

    fn fit(parameters: IsolationForest, x: &Array2<f64>) -> FittedIsolationForest {
        checked(parameters).fit_rows(x.view(), &Control::plain()).unwrap()
    }

    /// scikit-learn 1.9.1, `IsolationForest(n_estimators=1000, random_state=s).fit(X)` with `s`
    /// from 0 to 2: mean and standard deviation of `-score_samples(X)`, the row where it is greatest,
    /// and its value there.
    #[test]
    fn scores_are_scikit_learns() {
        for (name, mean, deviation, row, score) in SCIKIT_LEARN {
            let (x, _) = table(name);
            let scores = Array1::from(
                fit(IsolationForest::new().n_estimators(1000), &x).anomaly_scores(x.view()),
            );
            assert!((scores.mean().unwrap() - mean).abs() < 0.004, "{name} {:?}", scores.mean());
            assert!((scores.std(0.0) - deviation).abs() < 0.004, "{name} {}", scores.std(0.0));
            assert!((scores[row] - score).abs() < 0.012, "{name} {}", scores[row]);
        }
    }

    const SCIKIT_LEARN: [(&str, f64, f64, usize, f64); 3] = [
        ("iris", 0.4718, 0.0530, 131, 0.6485),
        ("wine", 0.4493, 0.0362, 121, 0.6003),
        ("breast_cancer", 0.4259, 0.0538, 122, 0.6779),
    ];

    #[test]
    fn contamination_is_the_share_of_anomalies() {
        let (x, _) = table("wine");
        for share in [0.05, 0.1, 0.5] {
            let model = fit(IsolationForest::new().contamination(Contamination::Share(share)), &x);
            let found: u32 = model.predict_rows(x.view()).iter().sum();
            assert!((f64::from(found) - share * 178.0).abs() <= 1.0, "{found} {share}");
        }
        assert_eq!(fit(IsolationForest::new(), &x).threshold(), 0.5);
    }

    #[test]
    fn quantiles_are_numpys_and_count_weights() {
        let plain = |values: &[f64]| values.iter().map(|value| (*value, 1.0)).collect::<Vec<_>>();
        assert_close([&quantile(plain(&[3.0, 1.0, 2.0, 10.0]), 0.9)], &[7.9], 1e-12);
        assert_close([&quantile(plain(&[1.0]), 0.9)], &[1.0], 1e-12);
        let weighted = vec![(1.0, 2.0), (5.0, 1.0), (2.0, 3.0)];
        let repeated = plain(&[1.0, 1.0, 5.0, 2.0, 2.0, 2.0]);
        for share in [0.1, 0.5, 0.77, 0.95] {
            let expected = quantile(repeated.clone(), share);
            assert_close([&quantile(weighted.clone(), share)], &[expected], 1e-12);
        }
    }

    #[test]
    fn far_rows_are_anomalies_and_weightless_ones_are_not_seen() {
        let mut x = uniform(300, 3, 1);
        x.row_mut(7).fill(30.0);
        for bootstrap in [false, true] {
            let forest = || IsolationForest::new().bootstrap(bootstrap);
            let scores = fit(forest(), &x).anomaly_scores(x.view());
            assert!(scores.iter().enumerate().all(|(row, score)| row == 7 || *score < scores[7]));
            assert!(scores[7] > 0.7);
            let mut weights = vec![1.0; 300];
            weights[7] = 0.0;
            let control = Control::weighted(&weights);
            let model = checked(forest()).fit_rows(x.view(), &control).unwrap();
            x.row_mut(7).fill(-1e6);
            let other = checked(forest()).fit_rows(x.view(), &control).unwrap();
            assert_eq!(model, other);
            x.row_mut(7).fill(30.0);
        }
    }

    #[test]
    fn awkward_tables_and_sizes_work() {
        for (name, x) in awkward_tables() {
            for parameters in [
                IsolationForest::new().n_estimators(20),
                IsolationForest::new().n_estimators(20).max_samples(Some(MaxSamples::Count(10))),
                IsolationForest::new().n_estimators(20).max_features(MaxFeatures::Share(0.5)),
                IsolationForest::new().n_estimators(20).bootstrap(true),
            ] {
                let scores = fit(parameters, &x).anomaly_scores(x.view());
                assert!(
                    scores.iter().all(|score| *score > 0.0 && *score <= 1.0),
                    "{name} {scores:?}"
                );
            }
        }
        for parameters in [
            IsolationForest::new().n_estimators(0),
            IsolationForest::new().contamination(Contamination::Share(0.6)),
            IsolationForest::new().max_samples(Some(MaxSamples::Share(0.0))),
            IsolationForest::new().max_features(MaxFeatures::Count(0)),
        ] {
            assert!(matches!(parameters.check(), Err(Error::Parameter { .. })));
        }
        let many = checked(IsolationForest::new().n_estimators(usize::MAX));
        let refused = many.fit_rows(uniform(9, 2, 1).view(), &Control::plain());
        assert!(matches!(refused, Err(Error::Memory { .. })));
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let x = uniform(3000, 5, 3);
        assert_same_bits(|| fit(IsolationForest::new(), &x).anomaly_scores(x.view()));
    }
}
