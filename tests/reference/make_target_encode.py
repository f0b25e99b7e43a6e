"""Writes reference cases for the step target_encode: the encodings of training rows, cross-fitted without shuffling, and of other rows.

usage: make_target_encode.py OUT_DIR      (needs numpy, pandas, scikit-learn; the stored cases: scikit-learn 1.9.1)

A case holds columns of categories (null is missing) for the training rows and, behind them, others; the target of the training rows; the
parameters; and the encoded columns by name, all rows in the same order.
"""
import json, sys, warnings
import numpy as np, pandas as pd
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import TargetEncoder


def column(rng, n, names, missing):
    values = rng.choice(np.array(names, dtype=object), n)
    values[rng.random(n) < missing] = None
    return values


def case(seed, task, smooth, cv):
    rng = np.random.default_rng(seed)
    train, test = int(rng.integers(30, 50)), 12
    few = column(rng, train + test, ["ash", "birch", "cedar"], 0.15)
    many = column(rng, train + test, [f"id{i}" for i in range(40)], 0.1)
    same = np.array(["only"] * train + ["only", "new"] * (test // 2), dtype=object)
    few[train:train + 2] = "never seen"
    x = pd.DataFrame({"few": few, "many": many, "same": same})
    lift = np.array([{"ash": 0.0, "birch": 1.0, "cedar": 2.0}.get(v, 0.5) for v in few[:train]])
    if task == "regression":
        y = 10 * lift + rng.normal(size=train) * 3 + 100
    else:
        names = ["no", "yes"] if task == "binary" else ["elm", "fir", "oak"]
        y = np.array(names, dtype=object)[np.clip(np.round(lift + rng.normal(size=train) * 0.7), 0, len(names) - 1).astype(int)]
    folds = KFold(cv) if task == "regression" else StratifiedKFold(cv)
    kind = {"regression": "continuous", "binary": "binary", "multiclass": "multiclass"}[task]
    encoder = TargetEncoder(smooth=smooth, cv=folds, target_type=kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = np.vstack([encoder.fit_transform(x[:train], y), encoder.transform(x[train:])])
    return {
        "task": task, "smooth": smooth, "cv": cv,
        "columns": {name: [v if isinstance(v, str) else None for v in x[name]] for name in x},
        "target": list(y),
        "expected": {name: list(made[:, at]) for at, name in enumerate(encoder.get_feature_names_out())},
    }


out = sys.argv[1]
at = 0
for task in ["regression", "binary", "multiclass"]:
    for smooth, cv in [("auto", 5), ("auto", 2), (0.0, 5), (2.5, 3), (40.0, 4)]:
        with open(f"{out}/case_{at}.json", "w") as f:
            json.dump(case(at, task, smooth, cv), f)
            f.write("\n")
        at += 1
