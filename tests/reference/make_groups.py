"""Writes reference cases for the metrics that compare clusters with the groups of a target.

usage: make_groups.py OUT_DIR      (needs numpy, pandas, scikit-learn; the stored cases: scikit-learn 1.9.1)

Each case_N.json is {"task": "groups", "target", "columns": {"cluster"}, "expected": [{"metric", "params", "value"}]}. An empty cluster is noise,
a cluster of its own (-1) for scikit-learn. The value is null where a comparison says nothing, by rules of ours: groups that are one, or one a row;
completeness of a single cluster, and homogeneity of one a row.
"""
import json, sys
import numpy as np, pandas as pd
from sklearn import metrics as m


def write(out, number, group, cluster):
    n, expected = len(group), []
    group, cluster = np.asarray(group), np.asarray(cluster)
    groups, clusters = len(set(group)), len(set(cluster))

    def add(metric, f, says=True, **params):
        known = says and 1 < groups < n
        expected.append({"metric": metric, "params": params, "value": float(f(group, cluster, **params)) if known else None})

    add("adjusted_rand", m.adjusted_rand_score)
    add("homogeneity", m.homogeneity_score, clusters < n)
    add("completeness", m.completeness_score, clusters > 1)
    add("v_measure", m.v_measure_score)
    for beta in [0.0, 0.3, 5.0]:
        add("v_measure", lambda a, b, beta: m.v_measure_score(a, b, beta=beta), beta=beta)
    for method in ["arithmetic", "geometric", "min", "max"]:
        add("normalized_mutual_info", m.normalized_mutual_info_score, average_method=method)
        # The least number above 0 stands for 0 / 0 in scikit-learn where each row is a cluster: chance, 0 for us.
        chance = clusters == n
        add("adjusted_mutual_info", (lambda a, b, average_method: 0.0) if chance else m.adjusted_mutual_info_score, average_method=method)
    cells = pd.array([None if c < 0 else int(c) for c in cluster], dtype="Int64")
    pd.DataFrame({"group": group, "cluster": cells}).to_csv(f"{out}/case_{number}.csv", index=False)
    with open(f"{out}/case_{number}.json", "w") as file:
        json.dump({"task": "groups", "target": "group", "columns": {"cluster": "cluster"}, "expected": expected}, file, indent=1)


def main(out):
    number = 0
    for seed in range(16):
        rng = np.random.default_rng(seed)
        n, g, k = int(rng.choice([8, 50, 400, 3000])), int(rng.integers(2, 9)), int(rng.integers(1, 12))
        group = rng.choice(g, n, p=rng.dirichlet(np.full(g, 2)))
        same = rng.random(n) < [0, 0.3, 0.8, 1][seed % 4]
        cluster = np.where(same, group * 3 % 11, rng.integers(-1, k, n))
        write(out, number, group, cluster)
        number += 1
    rng = np.random.default_rng(16)
    for n, g, k in [(400, 150, 170), (1000, 30, 500), (2000, 900, 7)]:
        group = rng.integers(0, g, n)
        write(out, number, group, np.where(rng.random(n) < 0.6, group % k, rng.integers(0, k, n)))
        number += 1
    for group, cluster in [([0] * 5, [0] * 5), ([0] * 5, range(5)), (range(5), range(5)), (range(5), [0] * 5), ([0], [-1]), ([0, 0, 1, 1, 1], [-1] * 5), ([0, 0, 1, 1, 1], range(5)), ([0, 1, 0, 1], [1, 1, 2, 2]), ([0, 1, 2, 1], [4, 1, -1, 1])]:
        write(out, number, list(group), list(cluster))
        number += 1


main(sys.argv[1])
