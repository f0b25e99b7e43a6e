"""Values of scikit-learn for the support vector machines in `src/learn/src/svm` and `linear_svm`: prints the
constants of their unit tests.

usage: python tests/reference/make_support_vectors.py          needs scikit-learn 1.9.1
"""
import csv
from pathlib import Path

import numpy as np
from sklearn.metrics.pairwise import linear_kernel, polynomial_kernel, rbf_kernel
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, OneClassSVM

FOLDER = Path(__file__).parents[2] / "src/learn/tests/data"


def table(name):
    rows = list(csv.reader((FOLDER / f"{name}.csv").open()))[1:]
    names = sorted({row[-1] for row in rows})
    x = np.array([[float(value) for value in row[:-1]] for row in rows])
    return x, np.array([names.index(row[-1]) for row in rows])


def standardized(x):
    return (x - x.mean(0)) / x.std(0)


def show(what, *values):
    print(what, *([float(v) for v in np.ravel(value)] for value in values))


def thirds(y):
    return np.array([i % 3 for i in range(len(y))], float)


def dual(model, kernel):
    beta = model.dual_coef_[0]
    return 0.5 * beta @ kernel[np.ix_(model.support_, model.support_)] @ beta - np.abs(beta).sum()


def primal(model, short, c):
    plane = np.append(np.ravel(model.coef_), np.ravel(model.intercept_))
    return 0.5 * plane @ plane + c * (short**2).sum()


def classes():
    x, y = table("breast_cancer")
    x = standardized(x)
    gamma = 1 / (x.shape[1] * x.var())
    kernels = {
        "rbf": (0, rbf_kernel(x, gamma=gamma)),
        "linear": (0, linear_kernel(x)),
        "poly": (1, polynomial_kernel(x, gamma=gamma, degree=3, coef0=1)),
    }
    for name, (coef0, kernel) in kernels.items():
        model = SVC(kernel=name, coef0=coef0, tol=1e-9).fit(x, y)
        show(f"SVC {name}", dual(model, kernel), model.decision_function(x[:5]))
    model = SVC(C=3, gamma=0.02, tol=1e-9).fit(x, y, sample_weight=thirds(y))
    show("SVC weights", model.decision_function(x[:5]))
    model = SVC(class_weight="balanced", gamma="auto", tol=1e-9).fit(x, y)
    show("SVC balanced", model.decision_function(x[:5]))
    for loss in ["squared_hinge", "hinge"]:
        model = LinearSVC(loss=loss, dual=True, tol=1e-10, max_iter=10**6).fit(x, y)
        show(f"LinearSVC {loss}", model.decision_function(x[:5]))
    for c in [10, 1000]:
        model = LinearSVC(C=c, dual=False, tol=1e-10, max_iter=10**6).fit(x, y)
        decisions = model.decision_function(x)
        short = np.maximum(0, 1 - np.where(y == 1, 1, -1) * decisions)
        show(f"LinearSVC C={c}", primal(model, short, c), decisions[:5])
    model = LinearSVC(C=0.1, intercept_scaling=10, tol=1e-10, max_iter=10**6)
    model.fit(x, y, sample_weight=thirds(y))
    show("LinearSVC weights", model.decision_function(x[:5]), model.intercept_)
    x, y = table("wine")
    x = standardized(x)
    rows = x[[0, 60, 140]]
    for parameters in [{}, {"kernel": "linear", "C": 0.1}]:
        model = SVC(tol=1e-9, decision_function_shape="ovo", **parameters).fit(x, y)
        show(f"SVC wine {parameters}", model.decision_function(rows), len(model.support_))
    model = LinearSVC(class_weight="balanced", tol=1e-10, max_iter=10**6).fit(x, y)
    show("LinearSVC wine", model.decision_function(rows))
    for name in ["breast_cancer", "wine"]:
        x, y = table(name)
        x = standardized(x)
        right = SVC(probability=True, random_state=0).fit(x, y).predict_proba(x)[np.arange(len(y)), y]
        show(f"SVC probability {name}", right.mean())


def values():
    x, _ = table("wine")
    x, y = standardized(x[:, 1:]), x[:, 0]
    for kernel in ["rbf", "linear"]:
        model = SVR(kernel=kernel, tol=1e-9).fit(x, y)
        beta, rows = model.dual_coef_[0], x[model.support_]
        matrix = rbf_kernel(rows, gamma=1 / (12 * x.var())) if kernel == "rbf" else rows @ rows.T
        objective = 0.5 * beta @ matrix @ beta - beta @ y[model.support_] + 0.1 * np.abs(beta).sum()
        show(f"SVR {kernel}", objective, model.predict(x[:5]))
    model = SVR(C=2, epsilon=0.3, gamma=0.05, tol=1e-9).fit(x, y, sample_weight=thirds(y))
    show("SVR weights", model.predict(x[:5]))
    for nu in [0.5, 0.1]:
        show(f"OneClassSVM {nu}", OneClassSVM(nu=nu, tol=1e-9).fit(x).decision_function(x[:5]))
    model = OneClassSVM(nu=0.2, gamma=0.05, tol=1e-9).fit(x, sample_weight=thirds(y))
    show("OneClassSVM weights", model.decision_function(x[:5]))
    for loss, epsilon in [("epsilon_insensitive", 0.1), ("squared_epsilon_insensitive", 0.1), ("squared_epsilon_insensitive", 0)]:
        model = LinearSVR(loss=loss, epsilon=epsilon, dual=True, tol=1e-10, max_iter=10**6).fit(x, y)
        errors = np.maximum(0, abs(y - model.predict(x)) - epsilon)
        cost = (errors**2 if loss.startswith("squared") else errors).sum()
        objective = 0.5 * (model.coef_ @ model.coef_ + model.intercept_[0] ** 2) + cost
        show(f"LinearSVR {loss} {epsilon}", objective, model.predict(x[:5]))
    model = LinearSVR(C=1e5, loss="squared_epsilon_insensitive", epsilon=0.1, dual=False, tol=1e-10, max_iter=10**6)
    predicted = model.fit(x, y).predict(x)
    show("LinearSVR C=1e5", primal(model, np.maximum(0, abs(y - predicted) - 0.1), 1e5), predicted[:5])


classes()
values()
