"""Times mlspec's metrics and scikit-learn's on the same arrays, in turn, and prints a table.

usage: metrics.py FOLDER BENCH      needs numpy, scikit-learn

FOLDER holds what make_data.py wrote; BENCH is the program that `cargo bench --bench metrics --no-run` names.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics as m

folder, bench = Path(sys.argv[1]), sys.argv[2]
load = lambda name, kind: np.fromfile(folder / f"{name}.{'u32' if kind == np.uint32 else 'f64'}", kind)
actual, predicted = load("actual", np.uint32), load("predicted", np.uint32)
score, price, forecast = load("score", float), load("price", float), load("forecast", float)
both = np.column_stack([1 - score, score])


def at_recall():
    precision, recall, _ = m.precision_recall_curve(actual, score)
    return precision[recall >= 0.9].max()


def at_precision():
    precision, recall, _ = m.precision_recall_curve(actual, score)
    return recall[precision >= 0.9].max()


peers = {
    "accuracy": lambda: m.accuracy_score(actual, predicted),
    "balanced_accuracy": lambda: m.balanced_accuracy_score(actual, predicted),
    "top_k_accuracy": lambda: m.top_k_accuracy_score(actual, score, k=1),
    "precision": lambda: m.precision_score(actual, predicted),
    "recall": lambda: m.recall_score(actual, predicted),
    "f1": lambda: m.f1_score(actual, predicted),
    "f_beta": lambda: m.fbeta_score(actual, predicted, beta=2),
    "jaccard": lambda: m.jaccard_score(actual, predicted),
    "roc_auc": lambda: m.roc_auc_score(actual, score),
    "average_precision": lambda: m.average_precision_score(actual, score),
    "precision_at_recall": at_recall,
    "recall_at_precision": at_precision,
    "log_loss": lambda: m.log_loss(actual, both),
    "brier": lambda: m.brier_score_loss(actual, score),
    "matthews": lambda: m.matthews_corrcoef(actual, predicted),
    "cohen_kappa": lambda: m.cohen_kappa_score(actual, predicted),
    "mae": lambda: m.mean_absolute_error(price, forecast),
    "mse": lambda: m.mean_squared_error(price, forecast),
    "rmse": lambda: m.root_mean_squared_error(price, forecast),
    "rmsle": lambda: m.root_mean_squared_log_error(price, forecast),
    "mape": lambda: m.mean_absolute_percentage_error(price, forecast),
    "median_absolute_error": lambda: m.median_absolute_error(price, forecast),
    "max_error": lambda: m.max_error(price, forecast),
    "r2": lambda: m.r2_score(price, forecast),
    "explained_variance": lambda: m.explained_variance_score(price, forecast),
    "poisson_deviance": lambda: m.mean_poisson_deviance(price, forecast),
    "gamma_deviance": lambda: m.mean_gamma_deviance(price, forecast),
    "pinball": lambda: m.mean_pinball_loss(price, forecast, alpha=0.5),
}
ours = json.loads(subprocess.run([bench, str(folder)], capture_output=True, text=True, check=True).stdout)
print(f"{len(actual):,} rows, scikit-learn {sklearn.__version__}; milliseconds\n")
print("| metric | mlspec | scikit-learn | ratio |\n|---|---|---|---|")
for name, peer in peers.items():
    started = time.perf_counter()
    peer()
    theirs = time.perf_counter() - started
    print(f"| `{name}` | {ours[name] * 1e3:.0f} | {theirs * 1e3:.0f} | {ours[name] / theirs:.3f} |")
