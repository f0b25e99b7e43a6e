use ndarray::{Axis, array};

use super::*;
use crate::test_support::*;

fn fit(parameters: KMeans, x: &Array2<f64>) -> FittedKMeans {
    checked(parameters).fit_rows(x.view(), &Control::plain()).unwrap()
}

/// Steps by the definition from the same centres.
fn plain(x: &Array2<f64>, mut centres: Array2<f64>, weights: &[f64], steps: usize) -> Array2<f64> {
    for _ in 0..steps {
        let mut sums = Array2::<f64>::zeros(centres.dim());
        let mut totals = vec![0.0; centres.nrows()];
        for (row, weight) in x.rows().into_iter().zip(weights) {
            let mut best = (0, f64::INFINITY);
            for (cluster, centre) in centres.rows().into_iter().enumerate() {
                let distance = (&row - &centre).mapv(|by| by * by).sum();
                if distance < best.1 {
                    best = (cluster, distance);
                }
            }
            sums.row_mut(best.0).scaled_add(*weight, &row);
            totals[best.0] += weight;
        }
        for (cluster, total) in totals.iter().enumerate() {
            assert!(*total > 0.0);
            centres.row_mut(cluster).assign(&(&sums.row(cluster) / *total));
        }
    }
    centres
}

#[test]
fn each_step_is_that_of_the_definition() {
    for (columns, clusters) in [(1, 3), (3, 8), (20, 13)] {
        for seed in 0..4 {
            let mut x = uniform(1500, columns, seed) + 10.0;
            if seed % 2 == 1 {
                // Rows that are as near to one centre as to another.
                x.mapv_inplace(f64::round);
                x[[0, 0]] = 0.5;
            }
            let (weights, _) = whole_weights(1500, seed);
            let seeding = checked(KMeansPlusPlus::new().n_clusters(clusters).seed(seed));
            for weights in [Some(weights.as_slice()), None] {
                let control = Control { weights, ..Control::plain() };
                let start = seeding.choose(x.view(), &control).unwrap();
                if start.distinct < clusters {
                    continue;
                }
                for steps in [1, 2, 5] {
                    let parameters = KMeans::new().n_clusters(clusters).seed(seed).tol(0.0);
                    let found =
                        checked(parameters.max_iter(steps)).fit_rows(x.view(), &control).unwrap();
                    let ones = vec![1.0; 1500];
                    let weights = weights.unwrap_or(&ones);
                    let expected = plain(&x, start.centres.clone(), weights, steps);
                    let expected: Vec<f64> = expected.iter().copied().collect();
                    assert_close(found.centres(), &expected, 1e-12);
                }
            }
        }
    }
}

#[test]
fn an_empty_cluster_takes_the_farthest_row() {
    // scikit-learn 1.9.1, KMeans(2, init=[[0.], [100.]], n_init=1, max_iter=1) on these rows:
    // the second centre is the row at 9.
    let x = array![[0.0], [1.0], [2.0], [9.0]];
    let columns = Columns::new(x.view()).unwrap();
    let sample = Sample::new(&columns, None);
    let settings = checked(KMeans::new().n_clusters(2).max_iter(1));
    let start = sample.inner(&array![[0.0], [100.0]]);
    let run = sample.run(&settings, start, 2, &Control::plain()).unwrap();
    assert_close(&sample.outer(&run.centres), &[1.0, 9.0], 1e-15);
}

#[test]
fn reaches_the_inertia_of_scikit_learn() {
    // scikit-learn 1.9.1, KMeans(k, n_init=50, random_state=0, tol=0).fit(X).inertia_ on the standardized
    // columns.
    for (name, clusters, inertia) in INERTIAS {
        let x = standardized(&table(name).0);
        let found = fit(KMeans::new().n_clusters(clusters).n_init(50).tol(0.0), &x);
        assert!((found.inertia() / inertia - 1.0).abs() < 1e-9, "{name}: {}", found.inertia());
        assert!(found.converged());
        let (labels, distances) = found.predict_with_distances(x.view());
        assert!((distances.iter().sum::<f64>() / inertia - 1.0).abs() < 1e-9);
        assert!(labels.iter().all(|label| (*label as usize) < clusters));
    }
}

const INERTIAS: [(&str, usize, f64); 3] = [
    ("iris", 3, 139.82049635974974),
    ("wine", 3, 1277.9284888446423),
    ("breast_cancer", 2, 11595.461473962354),
];

#[test]
fn whole_weights_are_repeated_rows() {
    for seed in 0..10 {
        let x = uniform(80, 3, seed);
        let (weights, repeated) = whole_weights(80, seed);
        let parameters = checked(KMeans::new().n_clusters(4).n_init(30).tol(0.0));
        let found = parameters.fit_rows(x.view(), &Control::weighted(&weights)).unwrap();
        let expected =
            fit(KMeans::new().n_clusters(4).n_init(30).tol(0.0), &x.select(Axis(0), &repeated));
        assert!((found.inertia() / expected.inertia() - 1.0).abs() < 1e-9, "{seed}");
    }
}

#[test]
fn awkward_tables_have_centres_or_an_error() {
    for (name, x) in awkward_tables() {
        let clusters = x.nrows().min(4);
        let result = checked(KMeans::new().n_clusters(clusters).n_init(2))
            .fit_rows(x.view(), &Control::plain());
        match result {
            Ok(found) => {
                assert!(found.centres().iter().all(|value| value.is_finite()), "{name}");
                assert!(found.inertia().is_finite(), "{name}");
            }
            Err(error) => assert_eq!(name, "beyond squares", "{error}"),
        }
    }
}

#[test]
fn rows_that_are_all_alike_have_one_centre() {
    let found = fit(KMeans::new().n_clusters(3), &Array2::from_elem((10, 2), 0.3));
    assert_eq!((found.distinct(), found.converged(), found.inertia()), (1, true, 0.0));
    assert_close(found.centres(), &[0.3; 6], 1e-15);
}

#[test]
fn unsound_parameters_and_a_stop_are_refused() {
    let x = uniform(5, 2, 1);
    for parameters in [
        KMeans::new().n_clusters(0),
        KMeans::new().n_init(0),
        KMeans::new().max_iter(0),
        KMeans::new().tol(-1.0),
        KMeans::new().tol(f64::NAN),
    ] {
        assert!(parameters.check().is_err());
    }
    let too_many = checked(KMeans::new().n_clusters(6)).fit_rows(x.view(), &Control::plain());
    assert!(matches!(too_many, Err(Error::Parameter { name: "n_clusters", .. })));
    let stopped = Control { weights: None, stop: &|| true };
    let stopped = checked(KMeans::new().n_clusters(2)).fit_rows(x.view(), &stopped);
    assert!(matches!(stopped, Err(Error::Stopped)));
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(20_000, 4, 2);
    assert_same_bits(|| {
        let found = fit(KMeans::new().n_clusters(9).seed(4), &x);
        let (_, distances) = found.predict_with_distances(x.view());
        found.centres().iter().copied().chain(distances).chain([found.inertia()]).collect()
    });
}
