"""Writes reference cases for metrics of weighted rows: a CSV with a column of weights, and the values scikit-learn gives for it.

usage: make_weighted.py OUT_DIR FIRST_SEED COUNT      (needs numpy, pandas, scikit-learn; the stored cases: scikit-learn 1.9.1)

The cases have the form of make_metrics.py, with the name of the weights' column as "weight". Where scikit-learn has no such metric, or takes no weights, the
value is written out here with numpy. Some weights are 0; whether a metric is undefined is asked of the other rows.
"""
import json, sys, warnings
import numpy as np, pandas as pd
from sklearn import metrics as m


def value(f):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            v = float(f())
        except Exception:
            return None
    return v if np.isfinite(v) else None


def weights(rng, n):
    w = [lambda: rng.integers(0, 4, n).astype(float), lambda: rng.gamma(1, 2, n) * (rng.random(n) < 0.8), lambda: rng.random(n), lambda: np.full(n, 0.5)][rng.integers(4)]()
    if not w.any():
        w[-1] = 1.0
    return w


def calibration(p, y, w, bins, strategy):
    p, y, w = p[w > 0], y[w > 0], w[w > 0]
    ends = np.arange(1, bins) / bins
    if strategy == "quantile":
        ends = np.quantile(p, ends, weights=w, method="inverted_cdf")
    b = np.searchsorted(ends, p)
    return sum(abs(np.average(p[b == i], weights=w[b == i]) - np.average(y[b == i], weights=w[b == i])) * w[b == i].sum() for i in np.unique(b)) / w.sum()


def both(y, w):
    if y[w > 0].all() or not y[w > 0].any():
        raise ValueError("one side has no row")


def cuts(y, p, w):
    both(y, w)
    precision, recall, _ = m.precision_recall_curve(y, p, sample_weight=w)
    return precision, recall


def area(y, p, w):
    both(y, w)
    return m.roc_auc_score(y, p, sample_weight=w)


def average_precision(y, p, w):
    both(y, w)
    return m.average_precision_score(y, p, sample_weight=w)


def one_against_one(y, p, w, average):
    # scikit-learn takes no weights here: the mean of both directions of each pair of classes.
    areas, shares = [], []
    for a in range(p.shape[1]):
        for b in range(a + 1, p.shape[1]):
            of = (y == a) | (y == b)
            areas.append((area(y[of] == a, p[of, a], w[of]) + area(y[of] == b, p[of, b], w[of])) / 2)
            shares.append(w[of].sum())
    return np.average(areas, weights=shares if average == "weighted" else None)


def classification(rng, n, k, ties):
    names = np.array(["ash", "birch", "cedar", "elm", "oak"][:k])
    y = rng.choice(k, n, p=rng.dirichlet(np.full(k, 4)))
    p = np.exp(rng.normal(size=(n, k)) + 1.3 * np.eye(k)[y])
    p /= p.sum(1, keepdims=True)
    if ties:
        p = np.round(p * 8)
        p[p.sum(1) == 0, 0] = 1
        p /= p.sum(1, keepdims=True)
    w = weights(rng, n)
    label = p.argmax(1)
    df = pd.DataFrame({"y": names[y], "label": names[label]})
    for j in range(k):
        df[f"p_{names[j]}"] = p[:, j]
    df["w"] = w
    yt, out = names[y], []

    def add(metric, f, **params):
        out.append({"metric": metric, "params": params, "value": value(f)})

    add("log_loss", lambda: m.log_loss(yt, p, labels=names, sample_weight=w))
    for j, c in enumerate(names):
        one, q, params = yt == c, p[:, j], {"class": str(c)}
        add("roc_auc", lambda: area(one, q, w), **params)
        add("average_precision", lambda: average_precision(one, q, w), **params)
        add("brier", lambda: m.brier_score_loss(one, q, pos_label=True, sample_weight=w), **params)
        # No recall or precision of weighted rows is within rounding of these levels.
        for level in [0.2503, 0.5003, 0.9003]:
            add("precision_at_recall", lambda: max(a for a, b in zip(*cuts(one, q, w)) if b >= level), recall=level, **params)
            add("recall_at_precision", lambda: max(b for a, b in zip(*cuts(one, q, w)) if a >= level), precision=level, **params)
        for bins in [1, 4, 15]:
            for strategy in ["uniform", "quantile"]:
                add("expected_calibration_error", lambda: calibration(q, one, w, bins, strategy), bins=bins, strategy=strategy, **params)
    if k == 2:
        add("roc_auc", lambda: area(y == 1, p[:, 1], w))
        add("brier", lambda: m.brier_score_loss(y == 1, p[:, 1], sample_weight=w))
    else:
        add("brier", lambda: m.brier_score_loss(yt, p, labels=names, sample_weight=w))
        add("expected_calibration_error", lambda: calibration(p.max(1), yt == names[label], w, 15, "uniform"))
        of = [w[y == j].sum() for j in range(k)]
        for average in ["macro", "weighted"]:
            by = of if average == "weighted" else None
            # scikit-learn warns of a class without weight, or not: undefined for us, hence null.
            add("roc_auc", lambda: m.roc_auc_score(yt, p, multi_class="ovr", average=average, labels=names, sample_weight=w) if all(of) else np.nan, multi_class="ovr", average=average)
            add("roc_auc", lambda: one_against_one(y, p, w, average), multi_class="ovo", average=average)
            add("average_precision", lambda: np.average([average_precision(y == j, p[:, j], w) for j in range(k)], weights=by), average=average)
        add("roc_auc", lambda: m.roc_auc_score(yt, p, multi_class="ovr", average="micro", labels=names, sample_weight=w), multi_class="ovr", average="micro")
        for top in range(1, k):
            add("top_k_accuracy", lambda: m.top_k_accuracy_score(yt, p, k=top, labels=names, sample_weight=w), k=top)
    columns = {"label": "label", "probabilities": {str(c): f"p_{c}" for c in names}}
    doc = {"task": "classification", "target": "y", "weight": "w", "columns": columns, "classes": [str(c) for c in names], "positive": str(names[1]) if k == 2 else None, "expected": out}
    return df, doc


def regression(rng, n, ties):
    y, v, w = rng.gamma(2, 3, n), rng.gamma(2, 2, n), weights(rng, n)
    if ties:
        y, v = y.round() + 1, v.round() + 1
    out = []

    def add(metric, f, **params):
        out.append({"metric": metric, "params": params, "value": value(f)})

    varied = len(set(y[w > 0])) > 1
    for name, f in [("mae", m.mean_absolute_error), ("mse", m.mean_squared_error), ("rmse", m.root_mean_squared_error), ("rmsle", m.root_mean_squared_log_error),
                    ("mape", m.mean_absolute_percentage_error), ("median_absolute_error", m.median_absolute_error), ("poisson_deviance", m.mean_poisson_deviance),
                    ("gamma_deviance", m.mean_gamma_deviance), ("pinball", m.mean_pinball_loss)]:
        add(name, lambda: f(y, v, sample_weight=w))
    for name, f in [("r2", m.r2_score), ("explained_variance", m.explained_variance_score)]:
        add(name, lambda: f(y, v, sample_weight=w) if varied else np.nan)
    add("pinball", lambda: m.mean_pinball_loss(y, v, sample_weight=w, alpha=0.9), alpha=0.9)
    add("max_error", lambda: m.max_error(y[w > 0], v[w > 0]))
    add("mean_error", lambda: np.average(v - y, weights=w))
    add("smape", lambda: np.average(2 * abs(y - v) / (abs(y) + abs(v)), weights=w))
    return pd.DataFrame({"y": y, "value": v, "w": w}), {"task": "regression", "target": "y", "weight": "w", "columns": {"value": "value"}, "expected": out}


def main(out, first, count):
    for seed in range(first, first + count):
        rng = np.random.default_rng(2000 + seed)
        n = int(rng.choice([2, 7, 40, 200]))
        if seed % 3 == 2:
            df, doc = regression(rng, n, seed % 2 == 0)
        else:
            df, doc = classification(rng, n, 2 if seed % 3 == 0 else int(rng.integers(3, 6)), seed % 2 == 1)
        df.to_csv(f"{out}/case_{seed}.csv", index=False)
        with open(f"{out}/case_{seed}.json", "w") as file:
            json.dump(doc, file, indent=1)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
