use linfa::ParamGuard;
use ndarray::{Array2, Axis};

use super::*;
use crate::test_support::*;

fn fit(parameters: GaussianMixture, x: &Array2<f64>) -> FittedGaussianMixture {
    checked(parameters).fit_rows(x.view(), &Control::plain()).unwrap()
}

const TYPES: [CovarianceType; 4] =
    [CovarianceType::Full, CovarianceType::Tied, CovarianceType::Diag, CovarianceType::Spherical];

#[test]
fn reaches_the_likelihood_of_scikit_learn() {
    // scikit-learn 1.9.1, GaussianMixture(k, covariance_type=t, n_init=20, tol=1e-9, max_iter=5000,
    // random_state=0).fit(StandardScaler()...): lower_bound_, and how many rows are of each component, sorted.
    for (name, components, kind, likelihood, sizes) in CASES {
        let x = standardized(&table(name).0);
        let parameters = GaussianMixture::new().n_components(components).covariance_type(kind);
        let found = fit(parameters.n_init(20).tol(1e-9).max_iter(5000), &x);
        let error = (found.lower_bound() - likelihood).abs();
        assert!(error < 1e-6, "{name} {kind:?}: {} is not {likelihood}", found.lower_bound());
        let mut counts = vec![0; components];
        for label in found.predict_rows(x.view()) {
            counts[label as usize] += 1;
        }
        counts.sort_unstable();
        assert_eq!(counts, sizes, "{name} {kind:?}");
    }
}

const CASES: [(&str, usize, CovarianceType, f64, &[usize]); 4] = [
    ("iris", 2, CovarianceType::Full, -2.164668596100509, &[50, 100]),
    ("iris", 2, CovarianceType::Tied, -2.7119543974291362, &[50, 100]),
    ("iris", 2, CovarianceType::Diag, -3.3102062123035187, &[50, 100]),
    ("iris", 2, CovarianceType::Spherical, -4.247230231783509, &[49, 101]),
];

#[test]
fn whole_weights_are_repeated_rows() {
    for kind in TYPES {
        let x = standardized(&table("iris").0);
        let (weights, repeated) = whole_weights(150, 3);
        let parameters = GaussianMixture::new().n_components(2).covariance_type(kind).n_init(10);
        let parameters = parameters.tol(1e-10).max_iter(5000);
        let found =
            checked(parameters.clone()).fit_rows(x.view(), &Control::weighted(&weights)).unwrap();
        let expected = fit(parameters, &x.select(Axis(0), &repeated));
        let error = (found.lower_bound() - expected.lower_bound()).abs();
        assert!(error < 1e-7, "{kind:?}: {error:e}");
    }
}

#[test]
fn awkward_tables_have_components_or_an_error() {
    for (name, x) in awkward_tables() {
        for kind in TYPES {
            for components in [1, 3] {
                let parameters = GaussianMixture::new().n_components(components.min(x.nrows()));
                let result =
                    checked(parameters.covariance_type(kind)).fit_rows(x.view(), &Control::plain());
                match result {
                    Ok(found) => {
                        assert!(found.lower_bound().is_finite(), "{name} {kind:?}");
                        let labels = found.predict_rows(x.view());
                        assert!(labels.iter().all(|label| (*label as usize) < components));
                    }
                    Err(error) => {
                        let extreme = ["huge", "beyond squares", "mixed scales", "far from 0"];
                        assert!(extreme.contains(&name), "{name} {kind:?}: {error}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_component_that_collapses_names_the_parameter() {
    let x = Array2::from_elem((10, 2), 0.3);
    let result =
        checked(GaussianMixture::new().reg_covar(0.0)).fit_rows(x.view(), &Control::plain());
    assert!(matches!(result, Err(Error::Parameter { name: "reg_covar", .. })), "{result:?}");
}

#[test]
fn unsound_parameters_and_a_stop_are_refused() {
    for parameters in [
        GaussianMixture::new().n_components(0),
        GaussianMixture::new().max_iter(0),
        GaussianMixture::new().n_init(0),
        GaussianMixture::new().tol(-1.0),
        GaussianMixture::new().reg_covar(f64::NAN),
    ] {
        assert!(parameters.check().is_err());
    }
    let x = uniform(5, 2, 1);
    let many = checked(GaussianMixture::new().n_components(6));
    let many = many.fit_rows(x.view(), &Control::plain());
    assert!(matches!(many, Err(Error::Parameter { name: "n_components", .. })));
    let stopped = Control { weights: None, stop: &|| true };
    let stopped = checked(GaussianMixture::new()).fit_rows(x.view(), &stopped);
    assert!(matches!(stopped, Err(Error::Stopped)));
    let short = checked(GaussianMixture::new().n_components(2).max_iter(1).tol(1e-12));
    let short = short.fit_rows(x.view(), &Control::plain()).unwrap();
    assert_eq!((short.iterations(), short.converged()), (1, false));
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = uniform(6000, 3, 2);
    assert_same_bits(|| {
        let found = fit(GaussianMixture::new().n_components(3).max_iter(20), &x);
        let labels = found.predict_rows(x.view());
        labels.iter().map(|label| f64::from(*label)).chain([found.lower_bound()]).collect()
    });
}
