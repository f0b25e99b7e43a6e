//! Other names for what the language has: scikit-learn's classes, short forms, and keys that stand
//! at another level.

use crate::diagnostic::{Route, Segment};

const NAMES: &[(&str, &str)] = &[
    ("accuracy_score", "accuracy"),
    ("adaboost", "ada_boost"),
    ("adaboostclassifier", "ada_boost"),
    ("adaboostregressor", "ada_boost"),
    ("agglomerative", "hierarchical"),
    ("agglomerativeclustering", "hierarchical"),
    ("auc", "roc_auc"),
    ("base_estimator", "model"),
    ("bernoullinb", "bernoulli_naive_bayes"),
    ("calibrated", "calibrate"),
    ("calibratedclassifiercv", "calibrate"),
    ("calibration", "calibrate"),
    ("categoricalnb", "categorical_naive_bayes"),
    ("complementnb", "complement_naive_bayes"),
    ("cross_validation", "k_fold"),
    ("cv", "folds"),
    ("decisiontreeclassifier", "decision_tree"),
    ("decisiontreeregressor", "decision_tree"),
    ("dummyclassifier", "dummy"),
    ("dummyregressor", "dummy"),
    ("elasticnet", "elastic_net"),
    ("estimator", "model"),
    ("estimators", "of"),
    ("extratreesclassifier", "extra_trees"),
    ("extratreesregressor", "extra_trees"),
    ("f1_macro", "f1"),
    ("f1_micro", "f1"),
    ("f1_weighted", "f1"),
    ("final_estimator", "final"),
    ("gammaregressor", "generalized_linear"),
    ("gaussianmixture", "gaussian_mixture"),
    ("gaussiannb", "gaussian_naive_bayes"),
    ("gbm", "gradient_boosting"),
    ("glm", "generalized_linear"),
    ("gmm", "gaussian_mixture"),
    ("gradientboostingclassifier", "gradient_boosting"),
    ("gradientboostingregressor", "gradient_boosting"),
    ("grid_search", "search"),
    ("gridsearchcv", "search"),
    ("groupkfold", "grouped"),
    ("groupshufflesplit", "grouped"),
    ("halvinggridsearchcv", "search"),
    ("halvingrandomsearchcv", "search"),
    ("histgradientboostingclassifier", "gradient_boosting"),
    ("histgradientboostingregressor", "gradient_boosting"),
    ("huberregressor", "huber"),
    ("isolationforest", "isolation_forest"),
    ("isotonic_regression", "isotonic"),
    ("isotonicregression", "isotonic"),
    ("kfold", "k_fold"),
    ("kneighborsclassifier", "k_nearest_neighbors"),
    ("kneighborsregressor", "k_nearest_neighbors"),
    ("knn", "k_nearest_neighbors"),
    ("lightgbm", "gradient_boosting"),
    ("linearsvc", "linear_svm"),
    ("linearsvr", "linear_svm"),
    ("logit", "logistic_regression"),
    ("max_train_size", "window"),
    ("mcc", "matthews"),
    ("mean_absolute_error", "mae"),
    ("mean_squared_error", "mse"),
    ("multinomialnb", "multinomial_naive_bayes"),
    ("n_repeats", "repeats"),
    ("n_splits", "folds"),
    ("naive_bayes", "gaussian_naive_bayes"),
    ("neg_log_loss", "log_loss"),
    ("neg_mean_absolute_error", "mae"),
    ("neg_mean_squared_error", "mse"),
    ("neg_root_mean_squared_error", "rmse"),
    ("ols", "linear_regression"),
    ("oneclasssvm", "one_class_svm"),
    ("onehotencoder", "one_hot"),
    ("param_distributions", "over"),
    ("param_grid", "over"),
    ("pls", "partial_least_squares"),
    ("plsregression", "partial_least_squares"),
    ("poisson_regression", "generalized_linear"),
    ("poissonregressor", "generalized_linear"),
    ("predefinedsplit", "by_column"),
    ("quantileregressor", "quantile_regression"),
    ("random_search", "search"),
    ("random_state", "seed"),
    ("randomforestclassifier", "random_forest"),
    ("randomforestregressor", "random_forest"),
    ("randomizedsearchcv", "search"),
    ("repeatedkfold", "k_fold"),
    ("repeatedstratifiedkfold", "k_fold"),
    ("root_mean_squared_error", "rmse"),
    ("scoring", "metric"),
    ("sensitivity", "recall"),
    ("shufflesplit", "holdout"),
    ("simpleimputer", "impute"),
    ("stackingclassifier", "stacking"),
    ("stackingregressor", "stacking"),
    ("standardscaler", "standardize"),
    ("strategy", "numeric"),
    ("stratifiedkfold", "k_fold"),
    ("svc", "svm"),
    ("svr", "svm"),
    ("test_size", "test"),
    ("time_series", "rolling"),
    ("timeseriessplit", "rolling"),
    ("train_test_split", "holdout"),
    ("tree", "decision_tree"),
    ("tweedieregressor", "generalized_linear"),
    ("votingclassifier", "voting"),
    ("votingregressor", "voting"),
    ("xgboost", "gradient_boosting"),
];

const TOP: &[&str] = &["name", "tags", "prepare", "model", "metrics", "thresholds", "version"];
const DATA: &[&str] = &[
    "path",
    "target",
    "task",
    "positive",
    "features",
    "exclude",
    "derive",
    "where",
    "types",
    "missing_target",
    "split",
];

/// The name that the language has for a word of the field.
pub fn of(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    NAMES.iter().find(|(other, _)| *other == word).map(|(_, name)| *name)
}

/// Names that say more than ours: an average, a family of distributions, a sign that is turned
/// round, or a parameter that is split in two here.
const SAY_MORE: &[&str] = &[
    "cross_validation",
    "f1_macro",
    "f1_micro",
    "f1_weighted",
    "gammaregressor",
    "groupkfold",
    "groupshufflesplit",
    "halvinggridsearchcv",
    "halvingrandomsearchcv",
    "neg_log_loss",
    "neg_mean_absolute_error",
    "neg_mean_squared_error",
    "neg_root_mean_squared_error",
    "poisson_regression",
    "poissonregressor",
    "predefinedsplit",
    "random_search",
    "randomizedsearchcv",
    "repeatedkfold",
    "repeatedstratifiedkfold",
    "strategy",
    "stratifiedkfold",
];

/// Whether the name that the language has for a word leaves something out.
pub fn says_more(word: &str) -> bool {
    SAY_MORE.contains(&word.to_ascii_lowercase().as_str())
}

/// Where a key belongs that stands at the wrong level.
pub fn home(parent: &Route, key: &str) -> Option<String> {
    match parent.segments() {
        [] if DATA.contains(&key) => Some(format!("`{key}` belongs under `data`: indent it there")),
        [Segment::Key(data)] if &**data == "data" => match key {
            "csv" | "parquet" | "format" => {
                Some(format!("write it beside the path: `path: {{ path: …, {key}: … }}`"))
            }
            _ if TOP.contains(&key) => {
                Some(format!("`{key}` belongs at the top: take its indent away"))
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_field_are_known() {
        assert_eq!(of("GaussianNB"), Some("gaussian_naive_bayes"));
        assert_eq!(of("mlp"), None);
        assert!(SAY_MORE.iter().all(|word| of(word).is_some()));
        assert!(NAMES.is_sorted(), "in the order of the alphabet, so that none stands twice");
    }
}
