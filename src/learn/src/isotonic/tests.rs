use linfa::ParamGuard;
use ndarray::{Array2, Axis, array};
use proptest::prelude::*;

use super::*;
use crate::test_support::*;

fn fit(
    parameters: IsotonicRegression,
    x: &[f64],
    y: &[f64],
    control: &Control<'_>,
) -> FittedIsotonicRegression {
    let x = Array2::from_shape_vec((x.len(), 1), x.to_vec()).unwrap();
    checked(parameters).fit_rows(x.view(), ArrayView1::from(y), control).unwrap()
}

fn at(model: &FittedIsotonicRegression, x: &[f64]) -> Vec<f64> {
    model.predict_rows(Array2::from_shape_vec((x.len(), 1), x.to_vec()).unwrap().view()).to_vec()
}

/// scikit-learn 1.9.1, `IsotonicRegression(increasing="auto", out_of_bounds="clip", ...)` on
/// columns 0 and 1 (divided by 20), with `y_min=0.1, y_max=0.9`, and 0 and 9 of the breast cancer
/// table, without weights and with 1, 2, 3, 1, ...: `predict` at six places, and the sum of
/// `predict(linspace(7, 28, 2000))`.
#[test]
fn agrees_with_scikit_learn() {
    let (x, _) = table("breast_cancer");
    let radius = x.column(0).to_vec();
    let texture: Vec<f64> = x.column(1).iter().map(|value| value / 20.0).collect();
    let dimension = x.column(9).to_vec();
    let weights: Vec<f64> = (0..radius.len()).map(|row| 1.0 + (row % 3) as f64).collect();
    let (plain, weighted) = (Control::plain(), Control::weighted(&weights));
    let auto = IsotonicRegression::new().increasing(Direction::Auto);
    let bounded = auto.clone().y_min(Some(0.1)).y_max(Some(0.9));
    let rising = [0.6715, 0.8958716216216216, 0.9, 0.9, 0.9, 0.9];
    let weighted_rising = [0.6715, 0.9, 0.9, 0.9, 0.9, 0.9];
    let falling = [
        0.07818,
        0.06681445887445887,
        0.06174431034482759,
        0.06174431034482759,
        0.059996393442622954,
        0.05525,
    ];
    let weighted_falling = [
        0.07818,
        0.06691548700253047,
        0.061953554913294795,
        0.061953554913294795,
        0.05972546341463415,
        0.05525,
    ];
    for (parameters, y, control, expected, sum, rises) in [
        (&bounded, &texture, &plain, rising, 1784.5676300380005, true),
        (&bounded, &texture, &weighted, weighted_rising, 1787.8683804225689, true),
        (&auto, &dimension, &plain, falling, 125.19523402069267, false),
        (&auto, &dimension, &weighted, weighted_falling, 124.97752323909032, false),
    ] {
        let model = fit(parameters.clone(), &radius, y, control);
        assert_eq!(model.is_increasing(), rises);
        assert_close(&at(&model, &[5.0, 10.0, 15.0, 15.03, 20.0, 30.0]), &expected, 1e-12);
        let places: Vec<f64> = (0..2000).map(|i| 7.0 + 21.0 * f64::from(i) / 1999.0).collect();
        assert_close([&at(&model, &places).iter().sum()], &[sum], 1e-12);
    }
}

#[test]
fn violators_are_pooled() {
    let model = fit(
        IsotonicRegression::new(),
        &[1.0, 2.0, 3.0, 4.0, 5.0],
        &[1.0, 3.0, 2.0, 4.0, 3.0],
        &Control::plain(),
    );
    assert_eq!(at(&model, &[1.0, 2.0, 3.0, 4.0, 5.0]), [1.0, 2.5, 2.5, 3.5, 3.5]);
    assert_eq!(at(&model, &[0.0, 1.5, 3.5, 9.0]), [1.0, 1.75, 3.0, 3.5]);
    let falling = IsotonicRegression::new().increasing(Direction::Decreasing);
    let model = fit(falling, &[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0], &Control::plain());
    assert_eq!(at(&model, &[1.0, 2.0, 3.0]), [2.0, 2.0, 2.0]);
}

#[test]
fn awkward_columns_give_finite_curves() {
    let cases: [(&[f64], &[f64]); 6] = [
        (&[1.0], &[2.0]),
        (&[1.0, 1.0, 1.0], &[1.0, 2.0, 6.0]),
        (&[-1e308, 1e308], &[-1e308, 1e308]),
        (&[1e-310, 2e-310, 3e-310], &[1e-310, 3e-310, 2e-310]),
        (&[0.0, -0.0, 1.0], &[1.0, 2.0, 3.0]),
        (&[1.0, 2.0], &[7.0, 7.0]),
    ];
    for (x, y) in cases {
        for direction in [Direction::Increasing, Direction::Decreasing, Direction::Auto] {
            let model =
                fit(IsotonicRegression::new().increasing(direction), x, y, &Control::plain());
            for places in [x, &[0.0, f64::MAX, f64::MIN]] {
                assert!(at(&model, places).iter().all(|value| value.is_finite()), "{x:?} {y:?}");
            }
        }
    }
    let zeros = fit(IsotonicRegression::new(), &[0.0, -0.0], &[1.0, 2.0], &Control::plain());
    assert_eq!(at(&zeros, &[-0.0, 0.0]), [1.5, 1.5]);
}

#[test]
fn refuses_what_it_cannot_use() {
    let model = checked(IsotonicRegression::new());
    let y = array![1.0, 2.0];
    let with = |x: Array2<f64>| model.fit_rows(x.view(), y.view(), &Control::plain()).map(|_| ());
    assert!(matches!(with(array![[1.0, 2.0], [2.0, 3.0]]), Err(Error::Shape(_))));
    assert!(matches!(with(array![[1.0], [f64::NAN]]), Err(Error::NotFinite { column: 0 })));
    assert!(matches!(with(array![[1.0]]), Err(Error::Shape(_))));
    let bounds = IsotonicRegression::new().y_min(Some(2.0)).y_max(Some(1.0)).check();
    assert!(matches!(bounds, Err(Error::Parameter { name: "y_min", .. })));
    let bound = IsotonicRegression::new().y_max(Some(f64::NAN)).check();
    assert!(matches!(bound, Err(Error::Parameter { name: "y_max", .. })));
    let stopped = Control { weights: None, stop: &|| true };
    let refused = model.fit_rows(array![[1.0], [2.0]].view(), y.view(), &stopped);
    assert!(matches!(refused, Err(Error::Stopped)));
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(30_000, 1, 3);
    let y = noisy_values(&x, 3);
    let parameters = checked(IsotonicRegression::new().increasing(Direction::Auto));
    assert_same_bits(|| {
        let model = parameters.fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
        model.predict_rows(x.view()).to_vec()
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_weights_are_repeated_rows(seed in any::<u64>()) {
        // Few distinct places, so that rows share them.
        let x = uniform(60, 1, seed).mapv(|value| (value * 8.0).round());
        let y = noisy_values(&uniform(60, 1, seed), seed);
        let (weights, repeated) = whole_weights(60, seed);
        let parameters = checked(IsotonicRegression::new().increasing(Direction::Auto));
        let weighted = parameters.fit_rows(x.view(), y.view(), &Control::weighted(&weights)).unwrap();
        let plain = parameters
            .fit_rows(x.select(Axis(0), &repeated).view(), y.select(Axis(0), &repeated).view(), &Control::plain())
            .unwrap();
        assert_eq!(weighted.is_increasing(), plain.is_increasing());
        assert_close(&weighted.predict_rows(x.view()), &plain.predict_rows(x.view()).to_vec(), 1e-12);
    }

    #[test]
    fn the_order_of_the_rows_does_not_count(seed in any::<u64>()) {
        let x = uniform(60, 1, seed).mapv(|value| (value * 8.0).round());
        let y = noisy_values(&uniform(60, 1, seed), seed);
        let mut order: Vec<usize> = (0..60).collect();
        crate::Generator::new(seed).shuffle(&mut order);
        let parameters = checked(IsotonicRegression::new());
        let found = parameters
            .fit_rows(x.select(Axis(0), &order).view(), y.select(Axis(0), &order).view(), &Control::plain())
            .unwrap();
        prop_assert_eq!(found, parameters.fit_rows(x.view(), y.view(), &Control::plain()).unwrap());
    }

    #[test]
    fn the_curve_never_falls(seed in any::<u64>(), exponent in -150_i32..150) {
        let x = uniform(60, 1, seed) * 10_f64.powi(exponent);
        let y = noisy_values(&uniform(60, 1, seed ^ 1), seed);
        let model = checked(IsotonicRegression::new()).fit_rows(x.view(), y.view(), &Control::plain()).unwrap();
        let mut places: Vec<f64> = uniform(200, 1, seed ^ 2).iter().map(|value| value * 1.5 * 10_f64.powi(exponent)).collect();
        places.sort_unstable_by(f64::total_cmp);
        let values = at(&model, &places);
        prop_assert!(values.is_sorted(), "{values:?}");
    }
}
