use linfa::ParamGuard;
use ndarray::{Array2, Axis};

use super::*;
use crate::test_support::*;

fn label(parameters: Optics, x: &Array2<f64>) -> Clusters {
    checked(parameters).label_rows(x.view(), &Control::plain()).unwrap()
}

/// Table, parameters; clusters, rows of noise and the sum of (row + 1) * (cluster + 1) over the others; the
/// sums of (place + 1) * row and of the predecessors + 1; the sum of what is finite of the reachability.
type Case = (&'static str, Optics, (usize, usize, u64), (u64, u64), f64);

/// scikit-learn 1.9.1, OPTICS(min_samples=m, metric=d (the Euclidean as its default, `minkowski`),
/// ...).fit(X) on the columns as they are. With more
/// than 15 columns scikit-learn takes Euclidean distances from products, which are not exact. Clusters are
/// renumbered by their first rows.
fn cases() -> Vec<Case> {
    vec![
        (
            "iris",
            Optics::new().min_samples(5).metric(Metric::Euclidean),
            (6, 82, 19034),
            (1076667, 11307),
            53.873256939990995,
        ),
        (
            "iris",
            Optics::new().min_samples(8).metric(Metric::Manhattan),
            (2, 122, 3099),
            (1084677, 10724),
            101.19999999999996,
        ),
        (
            "iris",
            Optics::new().min_samples(10).metric(Metric::Chebyshev),
            (2, 43, 11751),
            (1077643, 10647),
            48.99999999999999,
        ),
        (
            "iris",
            Optics::new()
                .min_samples(5)
                .metric(Metric::Euclidean)
                .xi(0.1)
                .min_cluster_size(Some(12)),
            (2, 104, 3044),
            (1076667, 11307),
            53.873256939990995,
        ),
        (
            "iris",
            Optics::new()
                .min_samples(4)
                .metric(Metric::Euclidean)
                .predecessor_correction(false)
                .xi(0.02),
            (9, 78, 36273),
            (1074643, 11132),
            51.46538218337494,
        ),
        (
            "iris",
            Optics::new().min_samples(6).metric(Metric::Euclidean).max_eps(0.4),
            (6, 80, 28048),
            (1098455, 7270),
            33.613310189378836,
        ),
        (
            "iris",
            Optics::new()
                .min_samples(6)
                .metric(Metric::Euclidean)
                .max_eps(0.8)
                .cluster_method(ClusterMethod::Dbscan)
                .eps(Some(0.4)),
            (4, 35, 22322),
            (1075176, 10704),
            53.33317316007749,
        ),
        (
            "iris",
            Optics::new()
                .min_samples(4)
                .metric(Metric::Manhattan)
                .cluster_method(ClusterMethod::Dbscan)
                .eps(Some(0.8)),
            (3, 12, 18958),
            (1084339, 11108),
            81.60000000000001,
        ),
        (
            "wine",
            Optics::new().min_samples(5).metric(Metric::Euclidean),
            (13, 66, 71226),
            (1587854, 14400),
            3628.8649954005336,
        ),
        (
            "wine",
            Optics::new().min_samples(8).metric(Metric::Manhattan),
            (7, 78, 35586),
            (1464050, 13512),
            7418.959999999999,
        ),
        (
            "wine",
            Optics::new().min_samples(10).metric(Metric::Chebyshev),
            (5, 80, 27712),
            (1465063, 12862),
            5171.6,
        ),
        (
            "wine",
            Optics::new()
                .min_samples(5)
                .metric(Metric::Euclidean)
                .xi(0.1)
                .min_cluster_size(Some(12)),
            (5, 91, 23566),
            (1587854, 14400),
            3628.8649954005336,
        ),
        (
            "wine",
            Optics::new()
                .min_samples(4)
                .metric(Metric::Euclidean)
                .predecessor_correction(false)
                .xi(0.02),
            (16, 49, 117805),
            (1579961, 14540),
            3245.7581255293007,
        ),
        (
            "wine",
            Optics::new().min_samples(6).metric(Metric::Euclidean).max_eps(20.0),
            (7, 108, 32452),
            (1743551, 9022),
            1440.9988939800219,
        ),
        (
            "wine",
            Optics::new()
                .min_samples(6)
                .metric(Metric::Euclidean)
                .max_eps(40.0)
                .cluster_method(ClusterMethod::Dbscan)
                .eps(Some(20.0)),
            (7, 70, 53692),
            (1385952, 13841),
            3074.660206293087,
        ),
        (
            "wine",
            Optics::new()
                .min_samples(4)
                .metric(Metric::Manhattan)
                .cluster_method(ClusterMethod::Dbscan)
                .eps(Some(40.0)),
            (4, 24, 32127),
            (1443961, 14892),
            5428.85,
        ),
        (
            "breast_cancer",
            Optics::new().min_samples(8).metric(Metric::Manhattan),
            (9, 433, 184538),
            (47239657, 148319),
            50705.2959194,
        ),
        (
            "breast_cancer",
            Optics::new().min_samples(10).metric(Metric::Chebyshev),
            (9, 399, 261700),
            (46666448, 147370),
            26488.561,
        ),
        (
            "breast_cancer",
            Optics::new()
                .min_samples(4)
                .metric(Metric::Manhattan)
                .cluster_method(ClusterMethod::Dbscan)
                .eps(Some(120.0)),
            (4, 58, 433697),
            (45339562, 161740),
            41522.2172139,
        ),
    ]
}

#[test]
fn equals_scikit_learn_on_stored_tables() {
    for (name, parameters, groups, (order_sum, predecessor_sum), reachability) in cases() {
        let x = table(name).0;
        let parameters = checked(parameters);
        let order = parameters.order_rows(x.view(), &Control::plain()).unwrap();
        let sum: u64 = order
            .rows
            .iter()
            .enumerate()
            .map(|(place, row)| (place as u64 + 1) * u64::from(*row))
            .sum();
        let predecessors = order.predecessors.iter().flatten().map(|row| u64::from(*row) + 1);
        assert_eq!(
            (sum, predecessors.sum::<u64>()),
            (order_sum, predecessor_sum),
            "{name} {parameters:?}"
        );
        let finite: f64 = order.reachability.iter().filter(|value| value.is_finite()).sum();
        assert!((finite - reachability).abs() <= 1e-12 * reachability, "{name} {parameters:?}");
        let found = parameters.label_rows(x.view(), &Control::plain()).unwrap();
        let labels = found.labels.iter().enumerate();
        let sum: u64 = labels
            .filter_map(|(row, label)| label.map(|label| (row as u64 + 1) * (u64::from(label) + 1)))
            .sum();
        assert_eq!((found.count, found.noise(), sum), groups, "{name} {parameters:?}");
    }
}

#[test]
fn dense_groups_are_clusters_and_a_far_row_is_noise() {
    let mut x = uniform(61, 2, 5);
    for (row, mut values) in x.rows_mut().into_iter().enumerate() {
        values *= [1.0, 0.05][row % 2];
        values += [0.0, 9.0][row % 2];
    }
    x.row_mut(60).fill(1e3);
    let expected: Vec<Option<u32>> = (0..61).map(|row| (row < 60).then_some(row % 2)).collect();
    let by_distance = Optics::new().cluster_method(ClusterMethod::Dbscan).eps(Some(1.5));
    assert_eq!(label(by_distance, &x).labels, expected);
    // A row beyond all others is reached last, and the wall behind it leaves it in the last valley.
    let by_slope = Optics::new().min_cluster_size(Some(20)).max_eps(100.0);
    assert_eq!(label(by_slope, &x).labels, expected);
}

#[test]
fn scales_of_the_table_do_not_matter() {
    let x = uniform(80, 2, 9);
    let expected = label(Optics::new(), &x);
    for power in [-400, -40, 3, 400] {
        assert_eq!(label(Optics::new(), &(&x * 2_f64.powi(power))), expected, "2^{power}");
    }
}

#[test]
fn awkward_tables_have_clusters_or_noise() {
    for (name, x) in awkward_tables().into_iter().filter(|(_, x)| x.nrows() > 1) {
        let samples = x.nrows().min(4);
        for method in [ClusterMethod::Xi, ClusterMethod::Dbscan] {
            let parameters =
                Optics::new().min_samples(samples).cluster_method(method).eps(Some(1.0));
            assert_eq!(label(parameters, &x).labels.len(), x.nrows(), "{name}");
        }
    }
    let equal = label(Optics::new(), &Array2::from_elem((10, 2), 0.3));
    assert_eq!((equal.count, equal.noise()), (1, 0));
    let gaps = label(Optics::new().max_eps(0.0), &uniform(30, 2, 1));
    assert_eq!((gaps.count, gaps.noise()), (0, 30));
}

#[test]
fn what_cannot_be_done_is_refused() {
    for parameters in [
        Optics::new().min_samples(1),
        Optics::new().min_cluster_size(Some(1)),
        Optics::new().max_eps(f64::NAN),
        Optics::new().eps(Some(-1.0)),
        Optics::new().eps(Some(2.0)).max_eps(1.0),
        Optics::new().xi(0.0),
        Optics::new().xi(1.0),
    ] {
        assert!(parameters.check().is_err());
    }
    let x = uniform(5, 2, 1);
    let label = |parameters: Optics, control: &Control<'_>| {
        checked(parameters).label_rows(x.view(), control)
    };
    let many = label(Optics::new().min_samples(6), &Control::plain());
    assert!(matches!(many, Err(Error::Parameter { name: "min_samples", .. })));
    let many = label(Optics::new().min_cluster_size(Some(6)), &Control::plain());
    assert!(matches!(many, Err(Error::Parameter { name: "min_cluster_size", .. })));
    let weighted = label(Optics::new(), &Control::weighted(&[1.0; 5]));
    assert!(matches!(weighted, Err(Error::Weights(_))));
    let stopped = Control { weights: None, stop: &|| true };
    assert!(matches!(label(Optics::new(), &stopped), Err(Error::Stopped)));
}

#[test]
fn labels_do_not_depend_on_threads() {
    let x = uniform(5000, 2, 3);
    assert_same_bits(|| {
        let found = label(Optics::new().max_eps(0.1), &x);
        found.labels.iter().map(|label| label.map_or(-1.0, f64::from)).collect()
    });
}

#[test]
fn rows_in_another_order_have_the_same_clusters() {
    let x = uniform(150, 2, 8);
    let parameters = || Optics::new().cluster_method(ClusterMethod::Dbscan).eps(Some(0.15));
    let expected = label(parameters(), &x);
    let order: Vec<usize> = (0..150).map(|row| row * 77 % 150).collect();
    let found = label(parameters(), &x.select(Axis(0), &order));
    assert_eq!(found.count, expected.count);
}
