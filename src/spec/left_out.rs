//! What scikit-learn's estimators take and the models here do not, each with the reason: for whoever
//! writes such a name, and for the pages of the models.

use crate::diagnostic::{Route, Segment};
use crate::spec::nested::{self, Holds};

struct LeftOut {
    /// The models whose namesake has it; none for any.
    models: &'static [&'static str],
    name: &'static str,
    because: &'static str,
}

const fn of_models(
    models: &'static [&'static str],
    name: &'static str,
    because: &'static str,
) -> LeftOut {
    LeftOut { models, name, because }
}

const ANY: &[&str] = &[];
const TREES: &[&str] = &["decision_tree", "random_forest", "extra_trees"];
const DESCENT: &[&str] = &["lasso", "elastic_net"];
const COUNTS: &[&str] = &[
    "multinomial_naive_bayes",
    "complement_naive_bayes",
    "bernoulli_naive_bayes",
    "categorical_naive_bayes",
];
const NEAR: &[&str] = &["k_nearest_neighbors", "dbscan", "optics"];

const LIST: &[LeftOut] = &[
    of_models(ANY, "n_jobs", "models share the threads of the program"),
    of_models(ANY, "verbose", "`mlspec run --trace` tells what training came to"),
    of_models(ANY, "warm_start", "a run trains each model once, from nothing"),
    of_models(ANY, "copy_x", "the data is never changed"),
    of_models(ANY, "copy", "the data is never changed"),
    of_models(ANY, "memory", "nothing is stored between trainings"),
    of_models(
        &["logistic_regression"],
        "solver",
        "it follows from penalty and size, and all find the same optimum",
    ),
    of_models(
        &["logistic_regression", "linear_svm"],
        "dual",
        "the form follows from the loss and the size; the optimum is the same",
    ),
    of_models(
        &["logistic_regression"],
        "intercept_scaling",
        "the intercept is not penalized, so nothing has to be scaled",
    ),
    of_models(
        &["logistic_regression", "linear_svm"],
        "multi_class",
        "`logistic_regression` is multinomial, and `linear_svm` sets each class against the rest",
    ),
    of_models(&["linear_svm"], "penalty", "there is only `l2`; `logistic_regression` has `l1`"),
    of_models(
        &["ridge", "linear_regression"],
        "positive",
        "`lasso` and `elastic_net` have it; a small `alpha` comes near to this model",
    ),
    of_models(&["ridge"], "solver", "the solution is direct, so there is nothing to choose"),
    of_models(&["ridge", "linear_regression"], "tol", "the solution is direct"),
    of_models(&["ridge"], "max_iter", "the solution is direct"),
    of_models(DESCENT, "selection", "coefficients are gone through in their order"),
    of_models(DESCENT, "precompute", "products are kept where that is faster"),
    of_models(&["quantile_regression"], "solver", "there is one, an interior point method"),
    of_models(&["quantile_regression"], "solver_options", "the one solver has none"),
    of_models(&["generalized_linear"], "solver", "there is one; the optimum is the same"),
    of_models(&["partial_least_squares"], "max_iter", "with one target nothing is iterated"),
    of_models(&["partial_least_squares"], "tol", "with one target nothing is iterated"),
    of_models(&["decision_tree"], "splitter", "`extra_trees` draws its splits at random"),
    of_models(TREES, "monotonic_cst", "`gradient_boosting` has it; here it has not been built"),
    of_models(
        TREES,
        "min_weight_fraction_leaf",
        "`min_samples_leaf` takes a number of rows; by weight it has not been built",
    ),
    of_models(&["ada_boost"], "estimator", "it boosts trees, whose depth is `max_depth`"),
    of_models(
        &["gradient_boosting"],
        "categorical_features",
        "the type of a column says it: name it `category` in `data.types`",
    ),
    of_models(&["gradient_boosting"], "interaction_cst", "it has not been built"),
    of_models(&["gradient_boosting"], "scoring", "early stopping goes by the loss"),
    of_models(NEAR, "p", "choose the `metric`: `manhattan` is p = 1, `euclidean` p = 2"),
    of_models(NEAR, "metric_params", "none of the distances has parameters"),
    of_models(
        &["dbscan", "optics"],
        "algorithm",
        "it follows from rows and columns; all find the same",
    ),
    of_models(&["dbscan", "optics"], "leaf_size", "it changes no answer"),
    of_models(&["svm"], "break_ties", "ties go to the first class"),
    of_models(
        &["svm"],
        "decision_function_shape",
        "the answers are classes and, on request, probabilities",
    ),
    of_models(
        &["gaussian_naive_bayes"],
        "priors",
        "they are the shares of the training rows; weigh the rows to change them",
    ),
    of_models(
        COUNTS,
        "class_prior",
        "they are the shares of the training rows; weigh the rows to change them",
    ),
    of_models(COUNTS, "force_alpha", "`alpha` is taken as it is"),
    of_models(
        &["categorical_naive_bayes"],
        "min_categories",
        "the categories are those of the training rows",
    ),
    of_models(
        &["k_means"],
        "init",
        "centres begin as greedy k-means++ draws them; `n_init` begins anew",
    ),
    of_models(&["k_means"], "algorithm", "all of them find the same clusters"),
    of_models(
        &["gaussian_mixture"],
        "init_params",
        "components begin with the clusters of k-means",
    ),
    of_models(&["gaussian_mixture"], "means_init", "components begin with the clusters of k-means"),
    of_models(
        &["gaussian_mixture"],
        "weights_init",
        "components begin with the clusters of k-means",
    ),
    of_models(
        &["gaussian_mixture"],
        "precisions_init",
        "components begin with the clusters of k-means",
    ),
    of_models(&["hierarchical"], "connectivity", "any two rows may be joined"),
    of_models(&["hierarchical"], "compute_distances", "nothing looks at them"),
    of_models(&["hierarchical"], "compute_full_tree", "it changes no answer"),
    of_models(&["search"], "refit", "the best model is always trained on all training rows"),
    of_models(&["search"], "error_score", "a combination whose training fails cannot win"),
    of_models(
        &["search"],
        "return_train_score",
        "combinations are compared on rows they were not trained on",
    ),
    of_models(&["search"], "resource", "rounds differ in their rows"),
    of_models(&["search"], "max_resources", "the last round may have all rows"),
    of_models(&["search"], "aggressive_elimination", "it has not been built"),
    of_models(&["search"], "pre_dispatch", "models share the threads of the program"),
    of_models(
        &["stacking"],
        "stack_method",
        "it is `auto`: probabilities, or else decisions, or else answers",
    ),
    of_models(&["voting"], "flatten_transform", "it changes no answer"),
];

/// Why the model that stands at `route` has no such parameter; none where it is unknown altogether.
pub fn because(route: &Route, name: &str) -> Option<&'static str> {
    let (Segment::Key(kind), above) = route.segments().split_last()? else { return None };
    if nested::at(above) != Some(Holds::Model) {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let fits = |each: &&LeftOut| {
        each.name == name && (each.models.is_empty() || each.models.contains(&&**kind))
    };
    LIST.iter().find(fits).map(|each| each.because)
}

/// The parameters that a model lacks and its namesake in scikit-learn has, with the reasons; what all
/// models lack is not among them.
pub fn of(kind: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    LIST.iter()
        .filter(move |each| each.models.contains(&kind))
        .map(|each| (each.name, each.because))
}

#[cfg(test)]
mod tests {
    use schemars::SchemaGenerator;

    use super::*;
    use crate::kinds::Family;
    use crate::kinds::models::AnyModel;

    #[test]
    fn what_is_left_out_is_not_there() {
        for entry in AnyModel::ALL {
            let schema = entry.parameters(&mut SchemaGenerator::default());
            for (name, _) in of(entry.name) {
                assert!(schema["properties"].get(name).is_none(), "{} has {name}", entry.name);
            }
        }
        let known = |kind: &&&str| AnyModel::ALL.iter().any(|entry| entry.name == **kind);
        let all = LIST.iter().flat_map(|each| each.models);
        assert_eq!(all.filter(|kind| !known(kind)).count(), 0, "a list names no model");
    }

    #[test]
    fn a_name_is_looked_for_where_a_model_stands() {
        let model = Route::root().key("model");
        assert!(because(&model.key("k_means"), "init").is_some());
        assert!(because(&model.key("ridge"), "init").is_none());
        assert!(because(&model.key("search").key("model").key("k_means"), "n_jobs").is_some());
        assert!(because(&Route::root().key("data"), "n_jobs").is_none());
    }
}
