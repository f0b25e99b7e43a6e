"""Times models of mlspec and of scikit-learn in turns: training and prediction, and whole processes.

usage: models.py DATA MLSPEC [--tables 10k,100k,1m] [--kinds ridge,svm] [--seeds N] [--growth | --scores] [--write PAGE]

Needs scikit-learn, pandas. DATA is a folder for the tables, which are written where they are missing;
MLSPEC is the release binary. Prints markdown; with --write it also replaces what stands in PAGE between
the comments `models`, `growth` or `scores`: with --tables or --kinds only their rows of the table there.
The table `wide` has 10,000 rows and 1,000 columns.

--scores compares the scores alone, of the models that depend on a seed: the means of five seeds (--seeds)
on both sides, which may differ by as much as the bound says.

Both sides read the same CSV file, train on its first three quarters with the same parameters, on
all cores, and predict the rest. mlspec's seconds are its own metrics `fit_seconds` and
`predict_seconds`, so that they hold what its trace holds; scikit-learn's are taken around `fit` and
`predict`. Whole processes are timed from outside, from start to exit.
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEER = Path(__file__).with_name("models_peer.py")
TABLES = Path(__file__).with_name("models_tables.py")
ROWS = {"344": 344, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}

# Rows and columns of the tables.
SHAPES = {**{size: (rows, 20) for size, rows in ROWS.items()}, "wide": (10_000, 1000)}
# Of every training of these on both sides a minute is enough at this size.
WIDE = {"logistic_regression", "linear_regression", "ridge", "lasso", "elastic_net", "gaussian_naive_bayes"}
# How far the means of the scores may be apart, and where that is asked.
BOUNDS = {
    "decision_tree": (0.005, ("100k", "1m")),
    "decision_tree_8": (0.005, ("100k", "1m")),
    "decision_tree_8_bins": (0.005, ("100k", "1m")),
    "random_forest": (0.01, ("10k", "100k")),
    "gradient_boosting": (0.005, ("100k", "1m")),
}

# kind, task, the model in mlspec, whether the features are standardized first, tables
KINDS = [
    ("logistic_regression", "clf", {"logistic_regression": {"max_iter": 200}}, False, ("344", "100k", "1m")),
    ("linear_regression", "reg", {"linear_regression": {}}, False, ("344", "100k", "1m")),
    ("ridge", "reg", {"ridge": {}}, False, ("344", "100k", "1m")),
    ("lasso", "reg", {"lasso": {"alpha": 0.1}}, False, ("344", "100k", "1m")),
    ("elastic_net", "reg", {"elastic_net": {"alpha": 0.1, "l1_ratio": 0.5}}, False, ("344", "100k", "1m")),
    ("decision_tree", "clf", {"decision_tree": {}}, False, ("344", "100k", "1m")),
    ("decision_tree", "reg", {"decision_tree": {}}, False, ("344", "100k", "1m")),
    ("decision_tree_8", "clf", {"decision_tree": {"max_depth": 8}}, False, ("344", "100k", "1m")),
    ("decision_tree_8", "reg", {"decision_tree": {"max_depth": 8}}, False, ("344", "100k", "1m")),
    ("decision_tree_8_bins", "clf", {"decision_tree": {"max_depth": 8, "max_bins": 255}}, False, ("100k", "1m")),
    ("decision_tree_8_bins", "reg", {"decision_tree": {"max_depth": 8, "max_bins": 255}}, False, ("100k", "1m")),
    ("random_forest", "clf", {"random_forest": {}}, False, ("344", "10k", "100k")),
    ("random_forest", "reg", {"random_forest": {}}, False, ("344", "10k", "100k")),
    ("gradient_boosting", "clf", {"gradient_boosting": {}}, False, ("344", "100k", "1m")),
    ("gradient_boosting", "reg", {"gradient_boosting": {}}, False, ("344", "100k", "1m")),
    ("gaussian_naive_bayes", "clf", {"gaussian_naive_bayes": {}}, False, ("344", "100k", "1m")),
    ("k_means", "clf", {"k_means": {"n_clusters": 8, "n_init": 1}}, False, ("344", "100k", "1m")),
    ("k_nearest_neighbors", "clf", {"k_nearest_neighbors": {}}, True, ("344", "10k", "100k")),
    ("k_nearest_neighbors", "reg", {"k_nearest_neighbors": {}}, True, ("344", "10k", "100k")),
    ("svm", "clf", {"svm": {}}, True, ("344", "10k",)),
    ("svm", "reg", {"svm": {}}, True, ("344", "10k",)),
]
# Their answers depend on a seed, on both sides.
SEEDED = {"decision_tree", "decision_tree_8", "decision_tree_8_bins", "random_forest", "gradient_boosting", "k_means"}


def table(folder, task, rows, columns=20):
    """The path of a table, written where it is missing.

    By another process: this one stays small, since a child's peak memory counts from its fork.
    """
    path = folder / f"{task}_{rows}x{columns}.csv"
    if not path.exists():
        subprocess.run([sys.executable, str(TABLES), str(path), task, str(rows), str(columns)], check=True)
    return path


def spec(folder, path, kind, task, model, standardize, seed):
    """Writes the spec of one run; JSON is YAML."""
    (name, parameters), = model.items()
    if kind in SEEDED:
        parameters = {**parameters, "seed": seed}
    clustering = kind == "k_means"
    metric = "inertia" if clustering else "accuracy" if task == "clf" else "r2"
    data = {"path": str(path), "split": {"holdout": {"test": 0.25, "shuffle": False, "stratify": False}}}
    if clustering:
        data.update(exclude=["y"])
    else:
        data.update(target="y", task="classification" if task == "clf" else "regression")
    bound = {"min": -1e30} if metric == "r2" else {"min": 1e-9}
    whole = {
        "version": 1,
        "data": data,
        "prepare": ["standardize"] if standardize else [],
        "model": {name: parameters},
        "metrics": [metric, "fit_seconds", "predict_seconds"],
        "thresholds": {metric: bound},
    }
    file = folder / f"{kind}_{task}.mlspec.yaml"
    file.write_text(json.dumps(whole))
    return file


def timed(command):
    """Standard output, seconds from start to exit, and peak memory in MB of one process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out = process.stdout.read()
    err = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        sys.exit(f"{command}: {err.decode()}{out.decode()}")
    return out.decode(), seconds, usage.ru_maxrss / 1000


def ours(mlspec, file):
    out, seconds, memory = timed([mlspec, "run", "--format", "json", str(file)])
    values = {m["name"]: m["value"] for m in json.loads(out)["specs"][0]["measurements"]}
    score = next(values[name] for name in ("accuracy", "r2", "inertia") if name in values)
    return values["fit_seconds"] + values["predict_seconds"], seconds, memory, score


def theirs(path, kind, task, seed):
    out, seconds, memory = timed([sys.executable, str(PEER), str(path), kind, task, str(seed)])
    said = json.loads(out)
    return said["fit"] + said["predict"], seconds, memory, said["score"]


def compare(mlspec, folder, path, kind, task, model, standardize, seeds):
    """Runs both in turns; medians of seconds and memory, means of scores."""
    runs = ([], [])
    for seed in range(seeds):
        runs[0].append(ours(mlspec, spec(folder, path, kind, task, model, standardize, seed)))
        runs[1].append(theirs(path, kind, task, seed))
    middle = [[statistics.median(run[i] for run in side) for i in range(3)] for side in runs]
    scores = [statistics.fmean(run[3] for run in side) for side in runs]
    return middle[0] + scores[:1], middle[1] + scores[1:]


def compared(asked, scratch, tables, kinds):
    """The table of seconds, scores and memory against scikit-learn."""
    version = importlib.metadata.version("scikit-learn")
    yield f"{machine()}; scikit-learn {version}; the middle of {asked.seeds} runs in turns, scores are their means."
    yield ""
    yield ("| kind | task | rows | fit + predict, s | scikit-learn | ratio | score | scikit-learn "
           "| process, s | Python | ratio | memory, MB | Python |")
    yield "|---" * 13 + "|"
    for kind, task, model, standardize, sizes in KINDS:
        for size in sizes + (("wide",) if kind in WIDE else ()):
            if size not in tables or kinds and kind not in kinds:
                continue
            path = table(asked.data, task, *SHAPES[size])
            a, b = compare(asked.mlspec, scratch, path, kind, task, model, standardize, asked.seeds)
            yield (f"| `{kind}` | {task} | {size} | {a[0]:.3g} | {b[0]:.3g} | {a[0] / b[0]:.2f} "
                   f"| {a[3]:.6g} | {b[3]:.6g} | {a[1]:.2f} | {b[1]:.2f} | {a[1] / b[1]:.3f} "
                   f"| {a[2]:.0f} | {b[2]:.0f} |")


def scores(asked, scratch, tables, kinds):
    """The table of mean scores of several seeds on both sides."""
    version = importlib.metadata.version("scikit-learn")
    yield (f"scikit-learn {version}; accuracy for classes and r2 for numbers; the mean of {asked.seeds} seeds on "
           "each side, and from the lowest to the highest of them.")
    yield ""
    yield "| kind | task | rows | score | from | to | scikit-learn | from | to | apart | at most |"
    yield "|---" * 11 + "|"
    for kind, task, model, standardize, _ in KINDS:
        bound, sizes = BOUNDS.get(kind, (0, ()))
        for size in sizes:
            if size not in tables or kinds and kind not in kinds:
                continue
            path = table(asked.data, task, *SHAPES[size])
            sides = ([], [])
            for seed in range(asked.seeds):
                file = spec(scratch, path, kind, task, model, standardize, seed)
                sides[0].append(ours(asked.mlspec, file)[3])
                sides[1].append(theirs(path, kind, task, seed)[3])
            means = [statistics.fmean(side) for side in sides]
            cells = " | ".join(
                f"{mean:.5f} | {min(side):.5f} | {max(side):.5f}" for mean, side in zip(means, sides)
            )
            yield (f"| `{kind}` | {task} | {size} | {cells} | {abs(means[0] - means[1]):.5f} | {bound} |")


def growth(asked, scratch, kinds):
    """The table of seconds of fit + predict over rows and over columns."""
    shapes = [(10_000, 20), (100_000, 20), (1_000_000, 20), (10_000, 10), (10_000, 100), (10_000, 1000)]
    yield "| kind | task | " + " | ".join(f"{rows:,} × {columns:,}" for rows, columns in shapes) + " |"
    yield "|---" * (len(shapes) + 2) + "|"
    for kind, task, model, standardize, sizes in KINDS:
        if kinds and kind not in kinds:
            continue
        cells = []
        for rows, columns in shapes:
            if rows > max(ROWS[size] for size in sizes):
                cells.append("")
                continue
            path = table(asked.data, task, rows, columns)
            seconds = ours(asked.mlspec, spec(scratch, path, kind, task, model, standardize, 0))[0]
            cells.append(f"{seconds:.3g}")
        yield f"| `{kind}` | {task} | " + " | ".join(cells) + " |"


def machine():
    """The processor, and how many there are of it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} × {names[0]}" if names else "An unknown machine"


def replace(page, name, lines, part):
    """Puts the lines between the comments `name` and `end of name`; of a part, its rows among those there."""
    before, rest = page.read_text().split(f"<!-- {name} -->\n", 1)
    old, after = rest.split(f"<!-- end of {name} -->", 1)
    if part and "|---" in old:
        lines = merged(old.strip().split("\n"), lines)
    page.write_text(f"{before}<!-- {name} -->\n\n" + "\n".join(lines) + f"\n\n<!-- end of {name} -->{after}")


def merged(old, new):
    """The rows of a table with those that are new in their places; a row is known by its first cells."""
    def key(line):
        cells = [cell.strip() for cell in line.split("|")[1:4]]
        return tuple(cells if cells[2:] and cells[2] in SHAPES else cells[:2])

    def rows(lines):
        return [line for line in lines if line.startswith("| `")]

    known = {key(line): line for line in rows(new)}
    kept = [known.pop(key(line), line) for line in rows(old)]
    order = {}
    for kind, task, *_ in KINDS:
        order[(f"`{kind}`", task)] = len(order)
    sizes = list(SHAPES)
    place = lambda line: (order.get(key(line)[:2], 99), [sizes.index(size) for size in key(line)[2:]])
    head = [line for line in new if not line.startswith("| `")]
    return head + sorted(kept + list(known.values()), key=place)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("mlspec")
    arguments.add_argument("--tables", "--rows", default="")
    arguments.add_argument("--kinds", default="")
    arguments.add_argument("--seeds", type=int)
    shown = arguments.add_mutually_exclusive_group()
    shown.add_argument("--growth", action="store_true")
    shown.add_argument("--scores", action="store_true")
    arguments.add_argument("--write", type=Path)
    asked = arguments.parse_args()
    asked.data.mkdir(parents=True, exist_ok=True)
    tables = asked.tables.split(",") if asked.tables else list(SHAPES)
    kinds = [kind for kind in asked.kinds.split(",") if kind]
    known = {kind for kind, *_ in KINDS}
    for wrong in [size for size in tables if size not in SHAPES] + [kind for kind in kinds if kind not in known]:
        arguments.error(f"there is no {wrong}: tables are {', '.join(SHAPES)}, kinds are {', '.join(sorted(known))}")
    asked.seeds = asked.seeds or (5 if asked.scores else 3)
    name = "growth" if asked.growth else "scores" if asked.scores else "models"
    lines = []
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        made = {
            "growth": lambda: growth(asked, scratch, kinds),
            "scores": lambda: scores(asked, scratch, tables, kinds),
            "models": lambda: compared(asked, scratch, tables, kinds),
        }[name]()
        for line in made:
            print(line, flush=True)
            lines.append(line)
            # What a long run has measured is not lost when it is ended.
            if asked.write and line.startswith("| `"):
                replace(asked.write, name, lines, part=bool(asked.tables or kinds))


if __name__ == "__main__":
    main()
