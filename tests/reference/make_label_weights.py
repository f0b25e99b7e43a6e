"""Writes reference cases for the metrics of labels, with weights of rows and with cuts of their own.

usage: make_label_weights.py OUT_DIR FIRST_SEED COUNT      (needs numpy, pandas, scikit-learn; the stored cases: scikit-learn 1.9.1)

The cases have the form of make_metrics.py, with a column "weight" where rows have one. A row that weighs 0 is left out before scikit-learn
sees the rest: for us it does not count. The value is null where scikit-learn warns, and where every true row is of one class.
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


def case(rng, n, k, weighing):
    names = np.array(["ash", "birch", "cedar", "elm", "oak"][:k])
    y = rng.choice(k, n, p=rng.dirichlet(np.full(k, 4)))
    p = np.exp(rng.normal(size=(n, k)) + 1.3 * np.eye(k)[y])
    # Eighths, so that some probabilities are the cut itself.
    p = np.round(8 * p / p.sum(1, keepdims=True)) / 8
    p[:, 0] += 1 - p.sum(1)
    p = np.clip(p, 0, 1)
    label = p.argmax(1)
    weight = {"none": np.ones(n), "some": rng.choice([0, 0.25, 1, 2, 3], n), "any": rng.gamma(0.5, 3, n), "far": 10 ** rng.uniform(-6, 6, n)}[weighing]
    if not weight.any():
        weight[0] = 1
    df = pd.DataFrame({"y": names[y], "label": names[label], "weight": weight})
    for j in range(k):
        df[f"p_{names[j]}"] = p[:, j]
    kept, out = weight > 0, []
    yt, yp, q, w = names[y][kept], names[label][kept], p[kept], weight[kept]
    several = lambda v: v if len(set(yt)) > 1 else np.nan

    def add(metric, f, **params):
        out.append({"metric": metric, "params": params, "value": value(f)})

    def of_all(said, **params):
        add("accuracy", lambda: m.accuracy_score(yt, said, sample_weight=w), **params)
        add("balanced_accuracy", lambda: several(m.balanced_accuracy_score(yt, said, sample_weight=w)), **params)
        add("matthews", lambda: several(m.matthews_corrcoef(yt, said, sample_weight=w)), **params)
        for weights in ["none", "linear", "quadratic"]:
            kappa = lambda: m.cohen_kappa_score(yt, said, labels=names, weights=None if weights == "none" else weights, sample_weight=w)
            add("cohen_kappa", lambda: several(kappa()), weights=weights, **params)
        add("cost", lambda: np.average([price[a].get(b, 0.0) for a, b in zip(yt, said)], weights=w), of=price, **params)
        for average in ["macro", "micro", "weighted"]:
            of_average(yt, said, dict(average=average), dict(average=average, **params))

    def of_average(true, said, asked, params):
        add("precision", lambda: m.precision_score(true, said, sample_weight=w, **asked), **params)
        add("recall", lambda: m.recall_score(true, said, sample_weight=w, **asked), **params)
        add("f1", lambda: m.f1_score(true, said, sample_weight=w, **asked), **params)
        add("jaccard", lambda: m.jaccard_score(true, said, sample_weight=w, **asked), **params)
        for beta in [0.5, 2.0]:
            add("f_beta", lambda: m.fbeta_score(true, said, beta=beta, sample_weight=w, **asked), beta=beta, **params)

    def of_one(one, said, params):
        of_average(one, said, {}, params)
        # scikit-learn gives 0 without a warning where the class is never predicted: undefined for us.
        add("f_beta", lambda: m.fbeta_score(one, said, beta=0, sample_weight=w) if said.any() else np.nan, beta=0.0, **params)
        add("specificity", lambda: m.recall_score(~one, ~said, sample_weight=w), **params)
        add("false_positive_rate", lambda: 1 - m.recall_score(~one, ~said, sample_weight=w), **params)
        add("false_negative_rate", lambda: 1 - m.recall_score(one, said, sample_weight=w), **params)

    price = {a: {b: float(rng.integers(-3, 9)) for b in names if a != b or a == names[0]} for a in names}
    cuts = [0.0, 0.25, 0.5, 0.7, 1.0]
    of_all(yp)
    for j, c in enumerate(names):
        of_one(yt == c, yp == c, {"class": str(c)})
        for cut in cuts:
            of_one(yt == c, q[:, j] > cut, {"class": str(c), "threshold": cut})
    if k == 2:
        of_one(yt == names[1], yp == names[1], {})
        for cut in cuts:
            said = names[(q[:, 1] > cut).astype(int)]
            of_all(said, threshold=cut)
            of_one(yt == names[1], said == names[1], {"threshold": cut})
            of_average(yt == names[1], said == names[1], {}, {"threshold": cut, "average": "binary"})
    columns = {"label": "label", "probabilities": {str(c): f"p_{c}" for c in names}, "weight": None if weighing == "none" else "weight"}
    doc = {"task": "classification", "target": "y", "columns": columns, "classes": [str(c) for c in names], "positive": str(names[1]) if k == 2 else None, "expected": out}
    return df, doc


def main(out, first, count):
    for seed in range(first, first + count):
        rng = np.random.default_rng(2000 + seed)
        k = 2 if seed % 2 == 0 else int(rng.integers(3, 6))
        df, doc = case(rng, int(rng.choice([1, 7, 40, 200])), k, ["none", "some", "any", "far"][seed // 2 % 4])
        df.to_csv(f"{out}/case_{seed}.csv", index=False)
        with open(f"{out}/case_{seed}.json", "w") as file:
            json.dump(doc, file, indent=None, separators=(",", ":"))


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
