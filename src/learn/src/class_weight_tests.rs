//! Classes that weigh by a factor each, in every estimator that takes them. Values are those of
//! `tests/reference/make_class_weights.py`.

use linfa::ParamGuard;
use ndarray::{Array2, Axis};

use crate::forest::ForestClassWeight;
use crate::test_support::*;
use crate::*;

/// `class_weight={1: 0.25, 2: 3}` on the standardised wine table, and the rows that are looked at.
const FACTORS: [f64; 3] = [1.0, 0.25, 3.0];
const LOOKED_AT: [usize; 3] = [0, 60, 140];

fn wine() -> (Array2<f64>, Vec<u32>) {
    let (x, codes) = table("wine");
    (standardized(&x), codes)
}

fn each() -> ClassWeight {
    ClassWeight::Each(FACTORS.to_vec())
}

fn looked_at(x: &Array2<f64>) -> Array2<f64> {
    x.select(Axis(0), &LOOKED_AT)
}

/// scikit-learn 1.9.1, `LogisticRegression(class_weight=W, tol=1e-12, max_iter=100000)`.
#[test]
fn logistic_regression_agrees_with_scikit_learn() {
    let (x, codes) = wine();
    let model = LogisticRegression::new().class_weight(each()).tol(1e-12).check().unwrap();
    let model = model.fit_rows(x.view(), &codes, 3, &Control::plain()).unwrap();
    let expected = [
        0.999624111727106,
        0.00032241904305842,
        5.346922983573199e-05,
        0.01923220311770241,
        0.8486022680725989,
        0.1321655288096987,
        0.0037794677144053165,
        0.009004989806179677,
        0.987215542479415,
    ];
    assert_close(&model.predict_probabilities(looked_at(&x).view()), &expected, 1e-6);
}

/// scikit-learn 1.9.1, `LinearSVC(class_weight=W, tol=1e-10, max_iter=10**6)` and
/// `SVC(class_weight=W, tol=1e-9, decision_function_shape="ovo")`.
#[test]
fn machines_agree_with_scikit_learn() {
    let (x, codes) = wine();
    let linear = LinearSupportVectorClassifier::new().class_weight(each()).tol(1e-10);
    let model = linear.check().unwrap().fit_rows(x.view(), &codes, 3, &Control::plain()).unwrap();
    let expected = [
        3.9631244316654657,
        -2.9961565159562302,
        -2.812874865341797,
        -2.410741537386202,
        1.1025566186735376,
        -1.8294310417994484,
        -1.7036712225215005,
        -1.4867424566100693,
        1.3439850645230693,
    ];
    assert_close(&model.decisions(looked_at(&x).view()), &expected, 1e-5);
    let kernel = SupportVectorClassifier::new().class_weight(each()).tol(1e-9).check().unwrap();
    let model = kernel.fit_rows(x.view(), &codes, 3, &Control::plain()).unwrap();
    let expected = [
        1.3160236542721004,
        1.1697563199359877,
        0.5536869867197356,
        -0.9999999874900674,
        -0.42548907859675483,
        0.37147379825531945,
        -0.8281273431387486,
        -1.1116549598238958,
        -1.0180803550162931,
    ];
    assert_close(&model.decisions(looked_at(&x).view()), &expected, 1e-5);
}

/// scikit-learn 1.9.1, `DecisionTreeClassifier(class_weight=W, max_depth=2)` and
/// `HistGradientBoostingClassifier(class_weight=W, max_iter=5)`.
#[test]
fn trees_agree_with_scikit_learn() {
    let (x, codes) = wine();
    let tree = DecisionTreeClassifier::new().class_weight(each()).max_depth(Some(2));
    let model = tree.check().unwrap().fit_rows(x.view(), &codes, 3, &Control::plain()).unwrap();
    let expected = [
        0.9830508474576272,
        0.01694915254237288,
        0.0,
        0.0,
        1.0,
        0.0,
        0.0,
        0.0017331022530329288,
        0.9982668977469671,
    ];
    assert_close(&model.predict_probabilities(looked_at(&x).view()), &expected, 1e-9);
    let boosting = GradientBoostingClassifier::new().class_weight(each()).max_iter(5);
    let model = boosting.check().unwrap().fit_rows(x.view(), &codes, 3, &Control::plain()).unwrap();
    let expected = [
        0.7302499528021862,
        0.042542191101049724,
        0.22720785609676405,
        0.0767980473700531,
        0.4070946630709214,
        0.5161072895590255,
        0.1070365280908536,
        0.03787619003986408,
        0.8550872818692823,
    ];
    // scikit-learn keeps gradients in f32.
    assert_close(&model.predict_probabilities(looked_at(&x).view()), &expected, 2e-4);
}

#[test]
fn a_class_without_weight_is_as_good_as_without_rows() {
    let (x, codes) = wine();
    let none = ClassWeight::Each(vec![1.0, 0.0]);
    let plain = Control::plain;
    let boosting = GradientBoostingClassifier::new().class_weight(none.clone()).max_iter(3);
    let boosting = boosting.check().unwrap().fit_rows(x.view(), &codes, 3, &plain()).unwrap();
    let logistic = LogisticRegression::new().class_weight(none.clone()).check().unwrap();
    let logistic = logistic.fit_rows(x.view(), &codes, 3, &plain()).unwrap();
    let forest =
        RandomForestClassifier::new().class_weight(ForestClassWeight::Each(vec![1.0, 0.0]));
    let forest = forest.n_estimators(3).check().unwrap();
    let forest = forest.fit_rows(x.view(), &codes, 3, &plain()).unwrap();
    for probabilities in [
        boosting.predict_probabilities(x.view()),
        logistic.predict_probabilities(x.view()),
        forest.predict_probabilities(x.view()),
    ] {
        assert!(probabilities.column(1).iter().all(|share| *share == 0.0));
        assert_probabilities(&probabilities);
    }
    for loss in [linear_svm::ClassLoss::SquaredHinge, linear_svm::ClassLoss::Hinge] {
        let linear = LinearSupportVectorClassifier::new().loss(loss).class_weight(none.clone());
        let linear = linear.check().unwrap().fit_rows(x.view(), &codes, 3, &plain()).unwrap();
        assert!(linear.decisions(x.view()).iter().all(|decision| decision.is_finite()));
    }
    let kernel = SupportVectorClassifier::new().class_weight(none).check().unwrap();
    let kernel = kernel.fit_rows(x.view(), &codes, 3, &plain()).unwrap();
    assert!(kernel.predict_rows(x.view()).iter().all(|code| *code != 1));
}

#[test]
fn factors_that_weigh_nothing_or_less_are_refused() {
    let (x, codes) = wine();
    for factors in [vec![-1.0], vec![f64::NAN], vec![1.0, f64::INFINITY]] {
        let refused = LogisticRegression::new().class_weight(ClassWeight::Each(factors)).check();
        assert!(matches!(refused, Err(Error::Parameter { name: "class_weight", .. })));
    }
    let nothing = DecisionTreeClassifier::new().class_weight(ClassWeight::Each(vec![0.0; 3]));
    let refused = nothing.check().unwrap().fit_rows(x.view(), &codes, 3, &Control::plain());
    assert!(matches!(refused, Err(Error::Parameter { name: "class_weight", .. })));
}
