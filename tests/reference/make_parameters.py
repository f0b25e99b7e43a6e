"""Writes reference cases for metric parameters that make_metrics.py leaves out, and for metrics that scikit-learn has under another name.

usage: make_parameters.py OUT_DIR FIRST_SEED COUNT      (needs numpy, pandas, scikit-learn; the stored cases: scikit-learn 1.9.1)

The cases have the form of make_metrics.py. Where scikit-learn has no such metric, the value is written out here with numpy.
"""
import json, sys, warnings
import numpy as np, pandas as pd
from fractions import Fraction
from sklearn import metrics as m


def value(f):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            v = float(f())
        except Exception:
            return None
    return v if np.isfinite(v) else None


def calibration(p, y, bins, strategy):
    if strategy == "uniform":
        ends = np.arange(1, bins) / bins
    else:
        # Exact positions: numpy's percentiles may miss a row by a rounding error.
        s, at = np.sort(p), [Fraction(i * (len(p) - 1), bins) for i in range(1, bins)]
        ends = [s[int(a)] + (s[min(int(a) + 1, len(p) - 1)] - s[int(a)]) * float(a - int(a)) for a in at]
    b = np.searchsorted(ends, p)
    return sum(abs(p[b == i].mean() - y[b == i].mean()) * (b == i).mean() for i in np.unique(b))


def cuts(y, p):
    if y.all() or not y.any():
        raise ValueError("one side has no row")
    precision, recall, _ = m.precision_recall_curve(y, p)
    return precision, recall


def average_precision(y, p):
    cuts(y, p)
    return m.average_precision_score(y, p)


def classification(rng, n, k, ties):
    names = np.array(["ash", "birch", "cedar", "elm", "oak"][:k])
    y = rng.choice(k, n, p=rng.dirichlet(np.full(k, 4)))
    p = np.exp(rng.normal(size=(n, k)) + 1.3 * np.eye(k)[y])
    p /= p.sum(1, keepdims=True)
    if ties:
        p = np.round(p * 8)
        p[p.sum(1) == 0, 0] = 1
        p /= p.sum(1, keepdims=True)
    label = p.argmax(1)
    df = pd.DataFrame({"y": names[y], "label": names[label]})
    for j in range(k):
        df[f"p_{names[j]}"] = p[:, j]
    yt, yp, out = names[y], names[label], []

    def add(metric, f, **params):
        out.append({"metric": metric, "params": params, "value": value(f)})

    for weights in ["none", "linear", "quadratic"]:
        # One true class is undefined for us, hence null; scikit-learn gives 0, or NaN where it is the predicted one too.
        kappa = lambda: m.cohen_kappa_score(yt, yp, labels=names, weights=None if weights == "none" else weights)
        add("cohen_kappa", lambda: kappa() if len(set(yt)) > 1 else np.nan, weights=weights)
    for j, c in enumerate(names):
        one, said, q, params = yt == c, yp == c, p[:, j], {"class": str(c)}
        add("jaccard", lambda: m.jaccard_score(one, said), **params)
        add("specificity", lambda: m.recall_score(~one, ~said), **params)
        add("false_positive_rate", lambda: 1 - m.recall_score(~one, ~said), **params)
        add("false_negative_rate", lambda: 1 - m.recall_score(one, said), **params)
        add("average_precision", lambda: average_precision(one, q), **params)
        add("brier", lambda: m.brier_score_loss(one, q, pos_label=True), **params)
        for beta in [0.0, 0.5, 3.0]:
            # scikit-learn gives 0 here without a warning: undefined for us, hence null.
            known = said.any() or (beta > 0 and one.any())
            add("f_beta", lambda: m.fbeta_score(one, said, beta=beta) if known else np.nan, beta=beta, **params)
        for level in [0.25, 0.5, 0.9, 1.0]:
            add("precision_at_recall", lambda: max(a for a, b in zip(*cuts(one, q)) if b >= level), recall=level, **params)
            add("recall_at_precision", lambda: max(b for a, b in zip(*cuts(one, q)) if a >= level), precision=level, **params)
        for bins in [1, 4, 10, 15]:
            for strategy in ["uniform", "quantile"]:
                add("expected_calibration_error", lambda: calibration(q, one, bins, strategy), bins=bins, strategy=strategy, **params)
    price = {a: {b: float(rng.integers(-3, 9)) for b in names if a != b or a == names[0]} for a in names}
    add("cost", lambda: np.mean([price[a].get(b, 0.0) for a, b in zip(yt, yp)]), of=price)
    if k == 2:
        positive = yt == names[1]
        add("brier", lambda: m.brier_score_loss(positive, p[:, 1], pos_label=True))
        add("average_precision", lambda: average_precision(positive, p[:, 1]))
        add("expected_calibration_error", lambda: calibration(p[:, 1], positive, 15, "uniform"))
        for metric, f in [("jaccard", m.jaccard_score), ("specificity", lambda a, b: m.recall_score(~a, ~b))]:
            add(metric, lambda: f(positive, yp == names[1]))
        add("f_beta", lambda: m.fbeta_score(positive, yp == names[1], beta=2), beta=2.0, average="binary")
    else:
        add("brier", lambda: m.brier_score_loss(yt, p, labels=names))
        add("expected_calibration_error", lambda: calibration(p.max(1), yt == yp, 15, "uniform"))
        for average in ["macro", "weighted"]:
            areas = lambda: [average_precision(yt == c, p[:, j]) for j, c in enumerate(names)]
            add("average_precision", lambda: np.average(areas(), weights=None if average == "macro" else [(yt == c).sum() for c in names]), average=average)
            add("f_beta", lambda: m.fbeta_score(yt, yp, beta=0.5, average=average), beta=0.5, average=average)
        for top in range(1, k):
            add("top_k_accuracy", lambda: m.top_k_accuracy_score(yt, p, k=top, labels=names), k=top)
    columns = {"label": "label", "probabilities": {str(c): f"p_{c}" for c in names}}
    doc = {"task": "classification", "target": "y", "columns": columns, "classes": [str(c) for c in names], "positive": str(names[1]) if k == 2 else None, "expected": out}
    return df, doc


def regression(rng, n, kind):
    y = rng.poisson(2, n).astype(float) if kind else rng.gamma(2, 3, n)
    v = rng.gamma(2, 2, n)
    if rng.random() < 0.3:
        v[0] = -1.5
    out = []

    def add(metric, f, **params):
        out.append({"metric": metric, "params": params, "value": value(f)})

    for alpha in [0.0, 0.25, 0.5, 1.0]:
        add("pinball", lambda: m.mean_pinball_loss(y, v, alpha=alpha), alpha=alpha)
    add("pinball", lambda: m.mean_pinball_loss(y, v))
    add("smape", lambda: np.mean(np.where(y == v, 0, 2 * abs(y - v) / (abs(y) + abs(v)))))
    add("mape", lambda: m.mean_absolute_percentage_error(y, v) if y.all() else np.nan)
    add("rmsle", lambda: m.root_mean_squared_log_error(y, v))
    add("poisson_deviance", lambda: m.mean_poisson_deviance(y, v))
    add("gamma_deviance", lambda: m.mean_gamma_deviance(y, v))
    add("mean_error", lambda: np.mean(v - y))
    add("median_absolute_error", lambda: m.median_absolute_error(y, v))
    add("max_error", lambda: m.max_error(y, v))
    add("explained_variance", lambda: m.explained_variance_score(y, v) if len(set(y)) > 1 else np.nan)
    return pd.DataFrame({"y": y, "value": v}), {"task": "regression", "target": "y", "columns": {"value": "value"}, "expected": out}


def main(out, first, count):
    for seed in range(first, first + count):
        rng = np.random.default_rng(1000 + seed)
        n = int(rng.choice([1, 7, 40, 200]))
        if seed % 3 == 2:
            df, doc = regression(rng, n, seed % 2 == 0)
        else:
            df, doc = classification(rng, n, 2 if seed % 3 == 0 else int(rng.integers(3, 6)), seed % 2 == 1)
        df.to_csv(f"{out}/case_{seed}.csv", index=False)
        with open(f"{out}/case_{seed}.json", "w") as file:
            json.dump(doc, file, indent=1)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
