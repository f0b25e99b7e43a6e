"""Writes what scikit-learn's models answer when they are trained on weighted rows.

usage: make_weights.py OUT_DIR      (needs numpy, scikit-learn; the stored cases: scikit-learn 1.9.1)

A case holds rows, a class code and a number for each, weights with zeros among them, and models with their answers on the same rows:
probabilities, values, or squared distances to the nearest centre. In the odd cases one class has no weight at all; most of scikit-learn's
models do not take that, so they are trained on the other rows, and the class gets probability 0. Rows are drawn until no model depends on
scikit-learn's own draws: trees have ties between questions, and k-means has optima of several depths.
"""
import json, sys
import numpy as np
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, QuantileRegressor, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.class_weight import compute_class_weight


def agreed(answers):
    """What all draws agree on; none where they do not."""
    return answers[0] if all(np.allclose(a, answers[0], atol=1e-12) for a in answers) else None


def again(model, draw):
    return clone(model).set_params(**({"random_state": draw} if "random_state" in model.get_params() else {}))


def case(number, seed):
    rng = np.random.default_rng(seed)
    n, k = 60, 2 if number in (2, 6) else 3
    codes = rng.integers(0, k, n)
    x = rng.normal(size=(n, 3)) + 1.2 * np.eye(3)[codes]
    y = x @ [1.0, -2.0, 0.5] + rng.normal(size=n)
    w = rng.uniform(0.1, 3, n) * (rng.random(n) > 0.25)
    if number % 2:
        w[codes == 1] = 0
        keep = w > 0
    else:
        keep = np.ones(n, dtype=bool)
    fit = x[keep], codes[keep], w[keep]
    classes = np.unique(codes[keep])
    # scikit-learn's trees balance by rows; ours by weights, as its logistic regression does.
    by_weight = dict(zip(classes, compute_class_weight("balanced", classes=classes, y=fit[1], sample_weight=fit[2])))
    logistic = {"tol": 1e-10, "max_iter": 100000}
    classifiers = [
        ("logistic_regression", {"c": 0.7, **logistic}, LogisticRegression(C=0.7, solver="newton-cholesky", **logistic)),
        ("logistic_regression", {"class_weight": "balanced", **logistic}, LogisticRegression(class_weight="balanced", solver="newton-cholesky", **logistic)),
        ("gaussian_naive_bayes", {"var_smoothing": 0.0}, GaussianNB(var_smoothing=0)),
        ("decision_tree", {"max_depth": 3}, DecisionTreeClassifier(max_depth=3)),
        ("decision_tree", {"max_depth": 3, "criterion": "entropy"}, DecisionTreeClassifier(max_depth=3, criterion="entropy")),
        ("decision_tree", {"max_depth": 2, "class_weight": "balanced"}, DecisionTreeClassifier(max_depth=2, class_weight=by_weight)),
        ("dummy", {}, DummyClassifier(strategy="prior")),
        ("dummy", {"strategy": "most_frequent"}, DummyClassifier(strategy="most_frequent")),
    ]
    models = []
    for name, parameters, model in classifiers:
        p = np.zeros((n, k))
        draws = range(20) if name == "decision_tree" else [0]
        stable = agreed([again(model, draw).fit(fit[0], fit[1], sample_weight=fit[2]).predict_proba(x) for draw in draws])
        if stable is None:
            return None
        p[:, classes] = stable
        models.append({"model": {name: parameters}, "probabilities": p.tolist()})
    regressors = [
        ("linear_regression", {}, LinearRegression()),
        ("linear_regression", {"fit_intercept": False}, LinearRegression(fit_intercept=False)),
        ("ridge", {"alpha": 2.5}, Ridge(alpha=2.5, solver="cholesky")),
        ("lasso", {"alpha": 0.1, "tol": 1e-12}, Lasso(alpha=0.1, tol=1e-14, max_iter=10**6)),
        ("elastic_net", {"alpha": 0.2, "l1_ratio": 0.3, "tol": 1e-12}, ElasticNet(alpha=0.2, l1_ratio=0.3, tol=1e-14, max_iter=10**6)),
        ("quantile_regression", {"quantile": 0.3, "alpha": 0.05}, QuantileRegressor(quantile=0.3, alpha=0.05)),
        ("decision_tree", {"max_depth": 3, "min_samples_leaf": 3}, DecisionTreeRegressor(max_depth=3, min_samples_leaf=3)),
        ("decision_tree", {"max_depth": 2, "criterion": "absolute_error"}, DecisionTreeRegressor(max_depth=2, criterion="absolute_error")),
        ("dummy", {}, DummyRegressor()),
        ("dummy", {"strategy": "median"}, DummyRegressor(strategy="median")),
    ]
    for name, parameters, model in regressors:
        draws = range(20) if name == "decision_tree" else [0]
        stable = agreed([again(model, draw).fit(x, y, sample_weight=w).predict(x) for draw in draws])
        if stable is None:
            return None
        models.append({"model": {name: parameters}, "values": stable.tolist()})
    groups = {"n_clusters": 3, "n_init": 10, "tol": 0.0}
    stable = agreed([KMeans(random_state=draw, **groups).fit(x, sample_weight=w).transform(x).min(1) ** 2 for draw in range(20)])
    if stable is None:
        return None
    models.append({"model": {"k_means": groups}, "squared_distances": stable.tolist()})
    return {"x": x.tolist(), "codes": codes.tolist(), "classes": k, "values": y.tolist(), "weights": w.tolist(), "models": models}


for number in range(8):
    found = next(filter(None, (case(number, 1000 * number + seed) for seed in range(1000))))
    with open(f"{sys.argv[1]}/case_{number}.json", "w") as f:
        json.dump(found, f)
        f.write("\n")
