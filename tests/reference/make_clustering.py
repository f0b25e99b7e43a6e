"""Writes reference cases for metrics of clusters: a CSV of features, clusters and distances, and the values scikit-learn gives for it.

usage: make_clustering.py OUT_DIR      (needs numpy, pandas, scikit-learn; the stored cases: scikit-learn 1.9.1)

Each case_N.json is {"task", "columns": {"features": [...], "cluster", "squared_distance"}, "expected": [{"metric", "params", "value"}]}. An empty
cluster is noise: it is left out before scikit-learn sees the rows. The value is null where scikit-learn refuses the clusters.
"""
import json, sys
import numpy as np, pandas as pd
from sklearn import metrics as m
from sklearn.cluster import DBSCAN, KMeans


def value(score, x, label):
    kept = label >= 0
    try:
        return float(score(x[kept], label[kept]))
    except ValueError:
        return None


def write(out, number, x, label, distance=None, inertia=None):
    features = [f"x{j}" for j in range(x.shape[1])]
    frame = pd.DataFrame(x, columns=features)
    frame["cluster"] = pd.array([None if c < 0 else int(c) for c in label], dtype="Int64")
    scores = [("silhouette", m.silhouette_score), ("davies_bouldin", m.davies_bouldin_score), ("calinski_harabasz", m.calinski_harabasz_score)]
    expected = [{"metric": name, "params": {}, "value": value(score, x, label)} for name, score in scores]
    columns = {"features": features, "cluster": "cluster", "squared_distance": None}
    if distance is not None:
        frame["squared_distance"] = distance
        columns["squared_distance"] = "squared_distance"
        expected.append({"metric": "inertia", "params": {}, "value": inertia})
    frame.to_csv(f"{out}/case_{number}.csv", index=False)
    with open(f"{out}/case_{number}.json", "w") as file:
        json.dump({"task": "clustering", "columns": columns, "expected": expected}, file, indent=1)


def main(out):
    number = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        n, d, k = int(rng.choice([12, 60, 200])), int(rng.integers(1, 6)), int(rng.integers(2, 6))
        x = (rng.normal(size=(n, d)) + 3 * rng.normal(size=(k, d))[rng.integers(0, k, n)]).round(4)
        fit = KMeans(k, n_init=3, random_state=seed).fit(x)
        distance = ((x - fit.cluster_centers_[fit.labels_]) ** 2).sum(1)
        write(out, number, x, fit.labels_, distance, float(fit.inertia_))
        number += 1
        write(out, number, x, DBSCAN(eps=0.9, min_samples=4).fit_predict(x))
        number += 1
    x = np.random.default_rng(8).normal(size=(9, 2))
    for label in ([0] * 9, range(9), [-1] * 9, [-1] * 7 + [0, 1], [0] * 4 + [1] + [2] * 4):
        write(out, number, x, np.array(label))
        number += 1


main(sys.argv[1])
