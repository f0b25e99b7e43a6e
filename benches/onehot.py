"""Times linear models on one-hot columns, where most values are 0: mlspec against scikit-learn with the sparse matrix
of its `OneHotEncoder`, in turns.

usage: onehot.py DATA MLSPEC [--rows N] [--levels N] [--kinds ridge,linear_svm] [--runs N] [--write PAGE]

Needs scikit-learn, pandas. DATA is a folder for the table, which is written where it is missing: three columns
of categories and one of numbers. Both sides train on its first three quarters with the same parameters and predict
the rest. The seconds are those of fitting and predicting alone, without the encoding; whole processes are timed from
outside. Prints markdown; with --write it also replaces what stands in PAGE between the comments `onehot`.
"""

import argparse
import importlib.metadata
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from models import machine, ours, replace, timed

# kind (after a colon what it is with other parameters), the column that it learns, its parameters in mlspec
KINDS = [
    ("logistic_regression", "class", {"max_iter": 200}),
    ("linear_svm", "class", {}),
    ("ridge", "number", {}),
    ("linear_regression", "number", {}),
    ("lasso", "number", {"alpha": 0.001}),
    ("elastic_net", "number", {"alpha": 0.001, "l1_ratio": 0.5}),
    ("logistic_regression:l1", "class", {"penalty": "l1", "max_iter": 200}),
    ("generalized_linear", "count", {"power": 1, "alpha": 0.001, "max_iter": 200}),
]
CATEGORIES = ["a", "b", "c"]


def table(folder, rows, levels):
    """The path of the table; each category has an effect of its own."""
    path = folder / f"onehot_{rows}x{levels}.csv"
    if not path.exists():
        drawn = random.Random(1)
        effects = [[drawn.gauss(0, 0.5) for _ in range(levels)] for _ in CATEGORIES]
        with path.open("w") as file:
            file.write(",".join(CATEGORIES) + ",x,class,number,count\n")
            for _ in range(rows):
                codes = [drawn.randrange(levels) for _ in CATEGORIES]
                x = drawn.gauss(0, 1)
                score = 0.5 * x + sum(effect[code] for effect, code in zip(effects, codes))
                number = score + drawn.gauss(0, 1)
                cells = [f"{name}{code}" for name, code in zip(CATEGORIES, codes)]
                kind = "yes" if number > 0 else "no"
                file.write(f"{','.join(cells)},{x:.6g},{kind},{number:.6g},{max(0, round(2 + number))}\n")
    return path


def spec(folder, path, kind, target, parameters):
    """Writes the spec of one run; JSON is YAML."""
    metric, bound = ("accuracy", {"min": 1e-9}) if target == "class" else ("r2", {"min": -1e30})
    whole = {
        "version": 1,
        "data": {
            "path": str(path),
            "target": target,
            "task": "classification" if target == "class" else "regression",
            "features": [*CATEGORIES, "x"],
            "split": {"holdout": {"test": 0.25, "shuffle": False, "stratify": False}},
        },
        "prepare": ["one_hot"],
        "model": {kind.split(":")[0]: parameters},
        "metrics": [metric, "fit_seconds", "predict_seconds"],
        "thresholds": {metric: bound},
    }
    if target == "class":
        whole["data"]["positive"] = "yes"
    file = folder / f"onehot_{kind.replace(':', '_')}.mlspec.yaml"
    file.write_text(json.dumps(whole))
    return file


def peer(path, kind, target):
    """The other side, in a process of its own."""
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, PoissonRegressor, Ridge
    from sklearn.preprocessing import OneHotEncoder
    from sklearn.svm import LinearSVC

    models = {
        "logistic_regression": LogisticRegression(max_iter=200),
        "linear_svm": LinearSVC(),
        "ridge": Ridge(),
        "linear_regression": LinearRegression(),
        "lasso": Lasso(alpha=0.001),
        "elastic_net": ElasticNet(alpha=0.001, l1_ratio=0.5),
        # liblinear penalises the intercept as well, and is the faster of the two solvers that know this penalty.
        "logistic_regression:l1": LogisticRegression(l1_ratio=1.0, solver="liblinear"),
        "generalized_linear": PoissonRegressor(alpha=0.001, max_iter=200),
    }
    frame = pd.read_csv(path)
    y = frame[target].to_numpy()
    train = len(y) * 3 // 4
    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), CATEGORIES), ("passthrough", ["x"]), sparse_threshold=1.0
    )
    x = encoder.fit_transform(frame[:train]), encoder.transform(frame[train:])
    model = models[kind]
    started = time.perf_counter()
    model.fit(x[0], y[:train])
    fitted = time.perf_counter()
    predicted = model.predict(x[1])
    done = time.perf_counter()
    if target == "class":
        score = float((predicted == y[train:]).mean())
    else:
        rest = y[train:]
        score = 1 - float(((rest - predicted) ** 2).sum() / ((rest - rest.mean()) ** 2).sum())
    print(json.dumps({"seconds": done - started, "fit": fitted - started, "score": score}))


def theirs(path, kind, target):
    out, seconds, memory = timed([sys.executable, __file__, "--peer", str(path), kind, target])
    said = json.loads(out)
    return said["seconds"], seconds, memory, said["score"]


def compared(asked, scratch):
    """The table of seconds, scores and memory."""
    path = table(asked.data, asked.rows, asked.levels)
    version = importlib.metadata.version("scikit-learn")
    yield (f"{machine()}; scikit-learn {version}; {asked.rows:,} rows, {len(CATEGORIES)} columns of {asked.levels} categories "
           f"and one of numbers; the middle of {asked.runs} runs in turns.")
    yield ""
    yield "| kind | fit + predict, s | scikit-learn | ratio | score | scikit-learn | process, s | Python | ratio | memory, MB | Python |"
    yield "|---" * 11 + "|"
    for kind, target, parameters in KINDS:
        if asked.kinds and kind not in asked.kinds.split(","):
            continue
        runs = ([], [])
        for _ in range(asked.runs):
            runs[0].append(ours(asked.mlspec, spec(scratch, path, kind, target, parameters)))
            runs[1].append(theirs(path, kind, target))
        a, b = ([statistics.median(run[i] for run in side) for i in range(4)] for side in runs)
        yield (f"| `{kind}` | {a[0]:.3g} | {b[0]:.3g} | {a[0] / b[0]:.2f} | {a[3]:.5f} | {b[3]:.5f} "
               f"| {a[1]:.2f} | {b[1]:.2f} | {a[1] / b[1]:.2f} | {a[2]:.0f} | {b[2]:.0f} |")


def main():
    if sys.argv[1:2] == ["--peer"]:
        return peer(*sys.argv[2:])
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("mlspec")
    arguments.add_argument("--rows", type=int, default=200_000)
    arguments.add_argument("--levels", type=int, default=300)
    arguments.add_argument("--kinds", default="")
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--write", type=Path)
    asked = arguments.parse_args()
    asked.data.mkdir(parents=True, exist_ok=True)
    lines = []
    with tempfile.TemporaryDirectory() as scratch:
        for line in compared(asked, Path(scratch)):
            print(line, flush=True)
            lines.append(line)
    if asked.write:
        replace(asked.write, "onehot", lines, part=False)


if __name__ == "__main__":
    main()
