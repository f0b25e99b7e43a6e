use linfa::ParamGuard;
use ndarray::Array2;

use super::*;
use crate::test_support::*;

fn label(parameters: Hierarchical, x: &Array2<f64>) -> Clusters {
    checked(parameters).label_rows(x.view(), &Control::plain()).unwrap()
}

#[test]
fn equals_scikit_learn_on_stored_tables() {
    // scikit-learn 1.9.1, AgglomerativeClustering(n_clusters=k or None, distance_threshold=None or t,
    // linkage=l, metric=m).fit_predict(StandardScaler()...) with clusters renumbered by their first
    // rows: how many there are, and the sum of (row + 1) * (cluster + 1), rows from 0. Where
    // pairs tie (complete and average linkage of largest differences) rounding decides; those are left out.
    for (name, until, linkage, metric, count, sum) in CASES {
        let x = standardized(&table(name).0);
        let found = label(Hierarchical::new().until(until).linkage(linkage).metric(metric), &x);
        let labels = found.labels.iter().flatten().enumerate();
        let found_sum: u64 =
            labels.map(|(row, label)| (row as u64 + 1) * (u64::from(*label) + 1)).sum();
        let what = format!("{name} {until:?} {linkage:?} {metric:?}");
        assert_eq!((found.count, found_sum), (count, sum), "{what}");
    }
}

type Case = (&'static str, Until, Linkage, Metric, usize, u64);

const CASES: [Case; 66] = [
    ("iris", Until::Clusters(3), Linkage::Ward, Metric::Euclidean, 3, 29106),
    ("iris", Until::Clusters(7), Linkage::Ward, Metric::Euclidean, 7, 51304),
    ("iris", Until::Clusters(3), Linkage::Complete, Metric::Euclidean, 3, 29605),
    ("iris", Until::Clusters(7), Linkage::Complete, Metric::Euclidean, 7, 45975),
    ("iris", Until::Clusters(3), Linkage::Complete, Metric::Manhattan, 3, 23584),
    ("iris", Until::Clusters(7), Linkage::Complete, Metric::Manhattan, 7, 50613),
    ("iris", Until::Clusters(3), Linkage::Average, Metric::Euclidean, 3, 21735),
    ("iris", Until::Clusters(7), Linkage::Average, Metric::Euclidean, 7, 52173),
    ("iris", Until::Clusters(3), Linkage::Average, Metric::Manhattan, 3, 25709),
    ("iris", Until::Clusters(7), Linkage::Average, Metric::Manhattan, 7, 52296),
    ("iris", Until::Clusters(3), Linkage::Single, Metric::Euclidean, 3, 31467),
    ("iris", Until::Clusters(7), Linkage::Single, Metric::Euclidean, 7, 33072),
    ("iris", Until::Clusters(3), Linkage::Single, Metric::Manhattan, 3, 21625),
    ("iris", Until::Clusters(7), Linkage::Single, Metric::Manhattan, 7, 33074),
    ("iris", Until::Clusters(3), Linkage::Single, Metric::Chebyshev, 3, 31467),
    ("iris", Until::Clusters(7), Linkage::Single, Metric::Chebyshev, 7, 33093),
    ("iris", Until::Distance(9.5), Linkage::Ward, Metric::Euclidean, 3, 29106),
    ("iris", Until::Distance(4.2), Linkage::Complete, Metric::Euclidean, 3, 29605),
    ("iris", Until::Distance(2.1), Linkage::Average, Metric::Euclidean, 5, 33893),
    ("iris", Until::Distance(0.7), Linkage::Single, Metric::Euclidean, 6, 32544),
    ("wine", Until::Clusters(3), Linkage::Ward, Metric::Euclidean, 3, 37748),
    ("wine", Until::Clusters(7), Linkage::Ward, Metric::Euclidean, 7, 68234),
    ("wine", Until::Clusters(3), Linkage::Complete, Metric::Euclidean, 3, 36648),
    ("wine", Until::Clusters(7), Linkage::Complete, Metric::Euclidean, 7, 78343),
    ("wine", Until::Clusters(3), Linkage::Complete, Metric::Manhattan, 3, 33975),
    ("wine", Until::Clusters(7), Linkage::Complete, Metric::Manhattan, 7, 76714),
    ("wine", Until::Clusters(3), Linkage::Average, Metric::Euclidean, 3, 16273),
    ("wine", Until::Clusters(7), Linkage::Average, Metric::Euclidean, 7, 43921),
    ("wine", Until::Clusters(3), Linkage::Average, Metric::Manhattan, 3, 31371),
    ("wine", Until::Clusters(7), Linkage::Average, Metric::Manhattan, 7, 73739),
    ("wine", Until::Clusters(3), Linkage::Average, Metric::Chebyshev, 3, 16481),
    ("wine", Until::Clusters(7), Linkage::Average, Metric::Chebyshev, 7, 37250),
    ("wine", Until::Clusters(3), Linkage::Single, Metric::Euclidean, 3, 16324),
    ("wine", Until::Clusters(7), Linkage::Single, Metric::Euclidean, 7, 18378),
    ("wine", Until::Clusters(3), Linkage::Single, Metric::Manhattan, 3, 16235),
    ("wine", Until::Clusters(7), Linkage::Single, Metric::Manhattan, 7, 18378),
    ("wine", Until::Clusters(3), Linkage::Single, Metric::Chebyshev, 3, 16249),
    ("wine", Until::Clusters(7), Linkage::Single, Metric::Chebyshev, 7, 18148),
    ("wine", Until::Distance(9.5), Linkage::Ward, Metric::Euclidean, 9, 90256),
    ("wine", Until::Distance(4.2), Linkage::Complete, Metric::Euclidean, 28, 264637),
    ("wine", Until::Distance(2.1), Linkage::Average, Metric::Euclidean, 97, 985570),
    ("wine", Until::Distance(0.7), Linkage::Single, Metric::Euclidean, 178, 1895789),
    ("breast_cancer", Until::Clusters(3), Linkage::Ward, Metric::Euclidean, 3, 412650),
    ("breast_cancer", Until::Clusters(7), Linkage::Ward, Metric::Euclidean, 7, 610765),
    ("breast_cancer", Until::Clusters(3), Linkage::Complete, Metric::Euclidean, 3, 164144),
    ("breast_cancer", Until::Clusters(7), Linkage::Complete, Metric::Euclidean, 7, 414374),
    ("breast_cancer", Until::Clusters(3), Linkage::Complete, Metric::Manhattan, 3, 409343),
    ("breast_cancer", Until::Clusters(7), Linkage::Complete, Metric::Manhattan, 7, 722517),
    ("breast_cancer", Until::Clusters(3), Linkage::Complete, Metric::Chebyshev, 3, 164074),
    ("breast_cancer", Until::Clusters(7), Linkage::Complete, Metric::Chebyshev, 7, 187709),
    ("breast_cancer", Until::Clusters(3), Linkage::Average, Metric::Euclidean, 3, 163983),
    ("breast_cancer", Until::Clusters(7), Linkage::Average, Metric::Euclidean, 7, 319471),
    ("breast_cancer", Until::Clusters(3), Linkage::Average, Metric::Manhattan, 3, 163882),
    ("breast_cancer", Until::Clusters(7), Linkage::Average, Metric::Manhattan, 7, 169446),
    ("breast_cancer", Until::Clusters(3), Linkage::Average, Metric::Chebyshev, 3, 163951),
    ("breast_cancer", Until::Clusters(7), Linkage::Average, Metric::Chebyshev, 7, 171431),
    ("breast_cancer", Until::Clusters(3), Linkage::Single, Metric::Euclidean, 3, 163668),
    ("breast_cancer", Until::Clusters(7), Linkage::Single, Metric::Euclidean, 7, 167568),
    ("breast_cancer", Until::Clusters(3), Linkage::Single, Metric::Manhattan, 3, 163302),
    ("breast_cancer", Until::Clusters(7), Linkage::Single, Metric::Manhattan, 7, 167568),
    ("breast_cancer", Until::Clusters(3), Linkage::Single, Metric::Chebyshev, 3, 163668),
    ("breast_cancer", Until::Clusters(7), Linkage::Single, Metric::Chebyshev, 7, 167633),
    ("breast_cancer", Until::Distance(9.5), Linkage::Ward, Metric::Euclidean, 42, 3040103),
    ("breast_cancer", Until::Distance(4.2), Linkage::Complete, Metric::Euclidean, 153, 10285524),
    ("breast_cancer", Until::Distance(2.1), Linkage::Average, Metric::Euclidean, 400, 37107933),
    ("breast_cancer", Until::Distance(0.7), Linkage::Single, Metric::Euclidean, 569, 61568645),
];

#[test]
fn a_chain_is_one_cluster_where_the_nearest_rows_count() {
    let chain = Array2::from_shape_fn((5000, 1), |(row, _)| {
        row as f64 + if row < 3000 { 0.0 } else { 2.5 }
    });
    let parameters = Hierarchical::new().linkage(Linkage::Single);
    let found = label(parameters.until(Until::Distance(2.0)), &chain);
    assert_eq!((found.count, found.labels[2999], found.labels[3000]), (2, Some(0), Some(1)));
}

#[test]
fn distances_are_in_the_units_of_the_table() {
    for scale in [1e-140, 1e-9, 1.0, 1e9, 1e140] {
        let x = Array2::from_shape_fn((4, 1), |(row, _)| [0.0, 3.0, 10.0, 14.0][row] * scale);
        for (linkage, distance) in [
            (Linkage::Ward, 13.0),
            (Linkage::Complete, 13.9),
            (Linkage::Average, 10.4),
            (Linkage::Single, 6.9),
        ] {
            let parameters = Hierarchical::new().linkage(linkage);
            let found = label(parameters.until(Until::Distance(distance * scale)), &x);
            let expected = [0, 0, 1, 1].map(Some);
            assert_eq!(found.labels, expected, "{linkage:?} at {scale:e}");
        }
    }
}

#[test]
fn the_order_of_the_rows_does_not_matter() {
    let x = uniform(200, 3, 4);
    let order: Vec<usize> = (0..200).map(|row| row * 77 % 200).collect();
    for linkage in [Linkage::Ward, Linkage::Complete, Linkage::Average, Linkage::Single] {
        let parameters = || Hierarchical::new().linkage(linkage).until(Until::Clusters(9));
        let found = label(parameters(), &x.select(ndarray::Axis(0), &order));
        let expected = label(parameters(), &x);
        let expected: Vec<Option<u32>> = order.iter().map(|row| expected.labels[*row]).collect();
        assert_eq!(found, Clusters::numbered(&expected, 9), "{linkage:?}");
    }
}

#[test]
fn awkward_tables_have_clusters() {
    for (name, x) in awkward_tables() {
        for linkage in [Linkage::Ward, Linkage::Complete, Linkage::Average, Linkage::Single] {
            for clusters in [1, x.nrows().min(4), x.nrows()] {
                let parameters = Hierarchical::new().linkage(linkage);
                let found = label(parameters.until(Until::Clusters(clusters)), &x);
                assert_eq!((found.count, found.noise()), (clusters, 0), "{name}");
            }
        }
    }
}

#[test]
fn what_cannot_be_done_is_refused() {
    let distance = |distance| Hierarchical::new().until(Until::Distance(distance));
    for parameters in [
        Hierarchical::new().until(Until::Clusters(0)),
        distance(-1.0),
        distance(f64::NAN),
        distance(f64::INFINITY),
        Hierarchical::new().metric(Metric::Manhattan),
    ] {
        assert!(parameters.check().is_err());
    }
    let x = uniform(5, 2, 1);
    let label = |parameters: Hierarchical, x: &Array2<f64>, control: &Control<'_>| {
        checked(parameters).label_rows(x.view(), control)
    };
    let many = label(Hierarchical::new().until(Until::Clusters(6)), &x, &Control::plain());
    assert!(matches!(many, Err(Error::Parameter { name: "n_clusters", .. })));
    let weighted = label(Hierarchical::new(), &x, &Control::weighted(&[1.0; 5]));
    assert!(matches!(weighted, Err(Error::Weights(_))));
    let stopped = Control { weights: None, stop: &|| true };
    assert!(matches!(label(Hierarchical::new(), &x, &stopped), Err(Error::Stopped)));
    let large = label(Hierarchical::new(), &uniform(40_000, 1, 1), &Control::plain());
    assert!(matches!(large, Err(Error::Memory { bytes: 6_399_840_000, .. })));
}

#[test]
fn labels_do_not_depend_on_threads() {
    for (rows, linkage) in [(1500, Linkage::Ward), (9000, Linkage::Single)] {
        let x = uniform(rows, 2, 3);
        assert_same_bits(|| {
            let found = label(Hierarchical::new().linkage(linkage).until(Until::Clusters(50)), &x);
            found.labels.iter().flatten().map(|label| f64::from(*label)).collect()
        });
    }
}
