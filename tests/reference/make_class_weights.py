"""Values of scikit-learn for classes that weigh by a factor each: prints the constants of
`src/learn/src/class_weight_tests.rs`.

usage: python tests/reference/make_class_weights.py          needs scikit-learn 1.9.1
"""
import csv
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

FOLDER = Path(__file__).parents[2] / "src/learn/tests/data"
WEIGHTS = {1: 0.25, 2: 3}
ROWS = [0, 60, 140]


def wine():
    rows = list(csv.reader((FOLDER / "wine.csv").open()))[1:]
    names = sorted({row[-1] for row in rows})
    x = np.array([[float(value) for value in row[:-1]] for row in rows])
    return (x - x.mean(0)) / x.std(0), np.array([names.index(row[-1]) for row in rows])


x, y = wine()
machines = {
    "LinearSVC": LinearSVC(class_weight=WEIGHTS, tol=1e-10, max_iter=10**6),
    "SVC": SVC(class_weight=WEIGHTS, tol=1e-9, decision_function_shape="ovo"),
}
for name, model in machines.items():
    print(name, model.fit(x, y).decision_function(x[ROWS]).ravel().tolist())
others = {
    "logistic": LogisticRegression(class_weight=WEIGHTS, tol=1e-12, max_iter=100000),
    "tree": DecisionTreeClassifier(class_weight=WEIGHTS, max_depth=2),
    "boosting": HistGradientBoostingClassifier(class_weight=WEIGHTS, max_iter=5),
}
for name, model in others.items():
    print(name, model.fit(x, y).predict_proba(x[ROWS]).ravel().tolist())
