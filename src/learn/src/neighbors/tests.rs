use linfa::ParamGuard;
use ndarray::{Array2, Axis, array};

use super::points::Nearest;
use super::*;
use crate::test_support::*;

fn classifier() -> KNeighborsClassifier {
    KNeighborsClassifier::new()
}

const METRICS: [Metric; 3] = [Metric::Euclidean, Metric::Manhattan, Metric::Chebyshev];
const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::Auto, Algorithm::Brute, Algorithm::KdTree, Algorithm::BallTree];

/// Rows and distances by the definition.
fn plain(x: &Array2<f64>, queries: &Array2<f64>, wanted: usize, metric: Metric) -> Vec<u32> {
    let mut rows = Vec::new();
    for query in queries.rows() {
        let mut nearest = Nearest::new(wanted);
        for (row, other) in x.rows().into_iter().enumerate() {
            nearest.offer(metric.rank(&query.to_vec(), &other.to_vec()), row as u32);
        }
        rows.extend(nearest.sorted().into_iter().map(|(_, row)| row));
    }
    rows
}

fn found(
    x: &Array2<f64>,
    queries: &Array2<f64>,
    wanted: usize,
    (metric, algorithm): (Metric, Algorithm),
) -> Vec<u32> {
    let table = Columns::new(x.view()).unwrap();
    let index = Index::new(&table, metric, algorithm, 4, &Control::plain()).unwrap();
    let numbers = |found: &[(f64, u32)], rows: &mut Vec<u32>| {
        rows.extend(found.iter().map(|(_, row)| *row));
    };
    index.nearest(queries.view(), wanted, &Control::plain(), numbers).unwrap()
}

#[test]
fn every_search_finds_the_rows_of_the_definition() {
    for columns in [1, 2, 5, 20] {
        for seed in 0..4 {
            let mut x = uniform(700, columns, seed);
            if seed % 2 == 1 {
                // Ties everywhere.
                x.mapv_inplace(|value| (value * 2.0).round());
            }
            let queries =
                uniform(150, columns, seed ^ 99).mapv(|value| (value * 8.0).round() / 4.0);
            for metric in METRICS {
                let expected = plain(&x, &queries, 7, metric);
                for algorithm in ALGORITHMS {
                    let found = found(&x, &queries, 7, (metric, algorithm));
                    assert!(found == expected, "{metric:?} {algorithm:?} {columns} {seed}");
                }
            }
        }
    }
}

#[test]
fn many_neighbours_are_those_of_the_definition() {
    for (seed, wanted) in [(1, 129), (2, 200), (3, 650), (4, 700)] {
        let mut x = uniform(700, 2, seed);
        if seed % 2 == 1 {
            // Ties everywhere.
            x.mapv_inplace(|value| (value * 4.0).round());
        }
        let queries = uniform(40, 2, seed ^ 99);
        let order = |query: Vec<f64>| {
            let distance = |row: u32| {
                let other = x.row(row as usize).to_vec();
                Metric::Euclidean.rank(&query, &other)
            };
            let mut rows: Vec<u32> = (0..700).collect();
            rows.sort_by(|a, b| distance(*a).total_cmp(&distance(*b)).then(a.cmp(b)));
            rows.truncate(wanted);
            rows
        };
        let expected: Vec<u32> =
            queries.rows().into_iter().flat_map(|query| order(query.to_vec())).collect();
        for algorithm in ALGORITHMS {
            let found = found(&x, &queries, wanted, (Metric::Euclidean, algorithm));
            assert!(found == expected, "{algorithm:?} {seed} {wanted}");
        }
    }
}

#[test]
fn searches_agree_where_single_precision_is_not_enough() {
    let mut far = uniform(600, 4, 1) * 1e-6 + 1e6;
    far[[0, 0]] = 1e150;
    let mut outlier = uniform(600, 4, 2);
    outlier.row_mut(3).fill(1e30);
    for x in [uniform(600, 4, 3) + 1e9, far, outlier, uniform(600, 4, 4) * 1e-150] {
        let queries = x.slice(ndarray::s![..200, ..]).to_owned();
        let expected = found(&x, &queries, 5, (Metric::Euclidean, Algorithm::KdTree));
        let brute = found(&x, &queries, 5, (Metric::Euclidean, Algorithm::Brute));
        assert!(brute == expected);
    }
}

#[test]
fn neighbours_vote_with_or_without_their_distance() {
    let x = array![[0.0], [1.0], [3.0], [7.0]];
    let codes = [0, 1, 1, 2];
    let fit = |parameters: KNeighborsClassifier| {
        checked(parameters.n_neighbors(3)).fit_rows(x.view(), &codes, 4, &Control::plain()).unwrap()
    };
    let votes = fit(classifier()).predict_probabilities(array![[0.5], [9.0]].view());
    assert_close(&votes, &[1.0 / 3.0, 2.0 / 3.0, 0.0, 0.0, 0.0, 2.0 / 3.0, 1.0 / 3.0, 0.0], 1e-15);
    let model = fit(classifier().weights(VoteWeights::Distance));
    // The weights are 2, 2 and 1/2.5; a row that was trained on answers for itself.
    let votes = model.predict_probabilities(array![[0.5], [3.0]].view());
    assert_close(votes.row(0), &[2.0 / 4.4, 2.4 / 4.4, 0.0, 0.0], 1e-15);
    assert_close(votes.row(1), &[0.0, 1.0, 0.0, 0.0], 0.0);
    let values = checked(KNeighborsRegressor::new().n_neighbors(2).weights(VoteWeights::Distance))
        .fit_rows(x.view(), array![1.0, 2.0, 4.0, 8.0].view(), &Control::plain())
        .unwrap();
    // 1 at a distance of 0.25, 2 at 0.75.
    assert_close(&values.predict_rows(array![[0.25], [7.0]].view()), &[1.25, 8.0], 1e-15);
}

#[test]
fn equals_scikit_learn_on_stored_tables() {
    // scikit-learn 1.9.1, StandardScaler on all rows, KNeighborsClassifier(n_neighbors=7,
    // weights=w, metric=m) fitted on the rows with an even number: the right ones of the others,
    // and the sum of `predict_proba` of class 0.
    let cases = CASES;
    for (name, weights, metric, right, sum) in cases {
        let (x, codes) = table(name);
        let x = standardized(&x);
        let even: Vec<usize> = (0..x.nrows()).step_by(2).collect();
        let odd: Vec<usize> = (1..x.nrows()).step_by(2).collect();
        let train = x.select(Axis(0), &even);
        for algorithm in ALGORITHMS {
            let parameters = classifier().n_neighbors(7).metric(metric).algorithm(algorithm);
            let model = checked(parameters.weights(weights))
                .fit_rows(train.view(), &pick(&codes, &even), 3, &Control::plain())
                .unwrap();
            let (found, votes) = model.predict_with_probabilities(x.select(Axis(0), &odd).view());
            let hits = found.iter().zip(pick(&codes, &odd)).filter(|(a, b)| **a == *b).count();
            assert_eq!(hits, right, "{name} {weights:?} {metric:?}");
            assert!((votes.column(0).sum() - sum).abs() < 1e-9, "{name} {weights:?} {metric:?}");
        }
    }
}

const CASES: [(&str, VoteWeights, Metric, usize, f64); 6] = [
    ("iris", VoteWeights::Uniform, Metric::Euclidean, 72, 24.714285714285715),
    ("iris", VoteWeights::Distance, Metric::Euclidean, 72, 24.721190030834027),
    ("wine", VoteWeights::Uniform, Metric::Manhattan, 85, 33.14285714285714),
    ("wine", VoteWeights::Distance, Metric::Chebyshev, 82, 33.68474965669728),
    ("breast_cancer", VoteWeights::Uniform, Metric::Manhattan, 270, 183.57142857142858),
    ("breast_cancer", VoteWeights::Distance, Metric::Euclidean, 271, 185.07506044403817),
];

#[test]
fn awkward_tables_have_answers() {
    for (name, x) in awkward_tables() {
        for metric in METRICS {
            for algorithm in ALGORITHMS {
                for weights in [VoteWeights::Uniform, VoteWeights::Distance] {
                    let codes: Vec<u32> = (0..x.nrows()).map(|row| row as u32 % 2).collect();
                    let parameters = classifier().n_neighbors(x.nrows().min(3)).weights(weights);
                    let model = checked(parameters.metric(metric).algorithm(algorithm))
                        .fit_rows(x.view(), &codes, 2, &Control::plain())
                        .unwrap_or_else(|error| panic!("{name}: {error}"));
                    assert_probabilities(&model.predict_probabilities(x.view()));
                    let far = x.mapv(|value| (value + 1.0) * -1e5);
                    assert_probabilities(&model.predict_probabilities(far.view()));
                }
            }
        }
    }
}

#[test]
fn values_of_any_size_have_a_mean() {
    let x = array![[0.0], [1.0]];
    let model = checked(KNeighborsRegressor::new().n_neighbors(2))
        .fit_rows(x.view(), array![f64::MAX, f64::MAX].view(), &Control::plain())
        .unwrap();
    assert_eq!(model.predict_rows(x.view()), array![f64::MAX, f64::MAX]);
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let x = uniform(4, 2, 1);
    let codes = [0, 1, 0, 1];
    let fit = |parameters: KNeighborsClassifier, control: &Control<'_>| {
        checked(parameters).fit_rows(x.view(), &codes, 2, control).map(|_| ())
    };
    assert!(matches!(
        fit(classifier(), &Control::plain()),
        Err(Error::Parameter { name: "n_neighbors", .. })
    ));
    let weighted = Control::weighted(&[1.0; 4]);
    assert!(matches!(fit(classifier().n_neighbors(2), &weighted), Err(Error::Weights(_))));
    let stopped = Control { weights: None, stop: &|| true };
    assert!(matches!(fit(classifier().n_neighbors(2), &stopped), Err(Error::Stopped)));
    assert!(classifier().n_neighbors(0).check().is_err());
    assert!(KNeighborsRegressor::new().leaf_size(0).check().is_err());
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(2000, 12, 1);
    let y = noisy_values(&x, 1);
    assert_same_bits(|| {
        let parameters = KNeighborsRegressor::new().weights(VoteWeights::Distance);
        let model = checked(parameters).fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
        model.predict_rows(x.view()).to_vec()
    });
}
