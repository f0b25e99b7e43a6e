"""Writes reference cases for splits without randomness: the rows of each fold that scikit-learn gives.

usage: make_splits.py OUT_DIR      (needs numpy, scikit-learn; the stored cases: scikit-learn 1.9.1)

OUT_DIR/cases.json is a list of {"split", "rows", "classes", "column", "folds": [{"train", "test"}]} or, of splits whose ties are drawn, with
"sizes" (test rows a fold) in place of "folds". A split of null folds is one that scikit-learn refuses. `column` holds numbers, `classes` names.
"""
import json, sys, warnings
import numpy as np
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, TimeSeriesSplit


def folds(splitter, x, y=None, groups=None, order=None):
    order = np.arange(len(x)) if order is None else order
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a rare class is an error here
            pairs = list(splitter.split(x, y, groups) if groups is not None else splitter.split(x, y))
    except (ValueError, UserWarning):
        return None
    return [{"train": order[train].tolist(), "test": order[test].tolist()} for train, test in pairs]


def main(out):
    cases = []

    def add(split, rows, found, classes=None, column=None, sizes=None):
        case = {"split": split, "rows": rows, "classes": classes, "column": column}
        cases.append(case | ({"sizes": sizes} if sizes is not None else {"folds": found}))

    rng = np.random.default_rng(0)
    for rows in (4, 5, 8, 23):
        for k in (2, 3, 5, 7):
            x = np.zeros(rows)
            add({"k_fold": {"folds": k, "shuffle": False}}, rows, folds(KFold(k), x))
            for count in (2, 3):
                y = rng.choice(["b", "c", "a"][:count], rows, p=[[0.6, 0.4], [0.5, 0.3, 0.2]][count - 2])
                split = {"k_fold": {"folds": k, "shuffle": False, "stratify": True}}
                add(split, rows, folds(StratifiedKFold(k), x, y), classes=y.tolist())
    for rows in (6, 11, 30):
        time = rng.permutation(rows * 3)[:rows]
        order = np.argsort(time, kind="stable")
        for k in (2, 3, 5):
            for test in (None, 1, 2, 4):
                for gap in (0, 1, 3):
                    for window in (None, 1, 5):
                        splitter = TimeSeriesSplit(k, test_size=test, gap=gap, max_train_size=window)
                        given = {"folds": k, "test": test, "gap": gap, "window": window}
                        given = {name: value for name, value in given.items() if value is not None}
                        found = folds(splitter, time, order=order)
                        # A fold without a training row is one that scikit-learn lets through.
                        if found is not None and any(not fold["train"] for fold in found):
                            found = None
                        add({"rolling": {"column": "day"} | given}, rows, found, column=time.tolist())
    for rows in (6, 20, 60):
        for count in (2, 4, 9):
            groups = rng.choice(count, rows, p=(w := rng.exponential(size=count)) / w.sum())
            for k in (2, 3, 5):
                found = folds(GroupKFold(k), groups, groups=groups)
                sizes = None if found is None else [len(fold["test"]) for fold in found]
                split = {"grouped": {"column": "day", "folds": k, "seed": 3}}
                add(split, rows, found, column=groups.tolist(), sizes=sizes)
    with open(f"{out}/cases.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
    print(len(cases), "cases,", sum(case.get("folds", case.get("sizes")) is None for case in cases), "refused")


main(sys.argv[1])
