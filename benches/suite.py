"""Times mlspec on a thousand small specs: cold, with nothing changed, with one more metric in each, and cut into
four parts; and on one spec whose forest takes longer, before and after it is given one more metric.

usage: suite.py MLSPEC [--specs N] [--write PAGE]

MLSPEC is the release binary. The specs are written to a temporary folder, over penguins, iris, wine and
breast cancer, ten models in turn, each with a seed of its own, so that no two ask for the same. The parts are
merged and held to the run of all of them. Prints markdown; with --write it also replaces what stands
in PAGE between the comments `suite`.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from models import machine, replace

DATA = Path(__file__).parent.parent / "specs" / "data"
TARGETS = {"penguins": "species", "iris": "species", "wine": "class", "breast_cancer": "diagnosis"}
MODELS = [
    {"logistic_regression": {}},
    {"decision_tree": {"max_depth": 4}},
    {"k_nearest_neighbors": {}},
    {"gaussian_naive_bayes": {}},
    {"random_forest": {"n_estimators": 10}},
    {"gradient_boosting": {"max_iter": 10}},
    {"svm": {}},
    {"extra_trees": {"n_estimators": 10}},
    {"logistic_regression": {"c": 0.1}},
    {"dummy": {}},
]


def target(name):
    """The first of the likely targets that the table has."""
    header = (DATA / f"{name}.csv").read_text().split("\n", 1)[0].replace('"', "").strip().split(",")
    likely = [TARGETS[name], "species", "class", "cultivar", "diagnosis", "target", "kind"]
    return next(column for column in likely if column in header)


def write(folder, count):
    """Specs and their tables."""
    (folder / "data").mkdir()
    for name in TARGETS:
        shutil.copy(DATA / f"{name}.csv", folder / "data")
    names = list(TARGETS)
    for i in range(count):
        name, model = names[i % 4], MODELS[i // 4 % len(MODELS)]
        spec = {
            "version": 1,
            "name": f"{name} {i}",
            "data": {"path": f"data/{name}.csv", "target": target(name), "split": {"holdout": {"test": 0.25, "seed": i}}},
            "model": model,
            "metrics": ["accuracy", {"f1": {"average": "macro"}}],
            "thresholds": {"accuracy": {"min": 0.05}},
        }
        (folder / f"s{i:04}.mlspec.yaml").write_text(json.dumps(spec, indent=1))


def timed(command, folder, cache):
    """Seconds and output of a process that has to end with 0."""
    started = time.perf_counter()
    ran = subprocess.run(command, cwd=folder, env={**os.environ, "MLSPEC_CACHE_DIR": str(cache)}, capture_output=True)
    seconds = time.perf_counter() - started
    if ran.returncode:
        sys.exit(f"{command} ended with {ran.returncode}: {ran.stderr.decode()[-2000:]}{ran.stdout.decode()[-2000:]}")
    return seconds, ran.stdout


def without_times(value):
    """A report without what differs from run to run."""
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in ("duration_ms", "cached", "kept")}
    if isinstance(value, list):
        return [without_times(v) for v in value]
    return value


def measure_more(folder):
    """One more metric in each spec."""
    for path in folder.glob("*.mlspec.yaml"):
        spec = json.loads(path.read_text())
        spec["metrics"].append("balanced_accuracy")
        path.write_text(json.dumps(spec, indent=1))


def forest(mlspec, scratch):
    """Seconds of a forest on a larger table: trained, and then measured once more; and whether that is the same."""
    folder, cache = scratch / "forest", scratch / "forest-cache"
    folder.mkdir()
    chance = random.Random(1)
    with (folder / "data.csv").open("w") as table:
        table.write(",".join([*(f"x{i}" for i in range(20)), "y"]) + "\n")
        for _ in range(100_000):
            row = [chance.gauss(0, 1) for _ in range(20)]
            said = "yes" if row[0] + row[1] * row[2] + chance.gauss(0, 1) > 0 else "no"
            table.write(",".join(f"{x:.5f}" for x in row) + f",{said}\n")
    spec = {
        "version": 1,
        "data": {"path": "data.csv", "target": "y", "positive": "yes", "split": {"holdout": {"test": 0.25, "seed": 1}}},
        "model": {"random_forest": {"n_estimators": 100, "seed": 1}},
        "metrics": ["accuracy"],
        "thresholds": {"accuracy": {"min": 0.5}},
    }
    (folder / "spec.mlspec.yaml").write_text(json.dumps(spec))
    run = [mlspec, "run", "--quiet", "--format", "json"]
    trained = timed(run, folder, cache)[0]
    measure_more(folder)
    again, report = timed(run, folder, cache)
    fresh = timed([*run, "--no-cache"], folder, cache)[1]
    return trained, again, without_times(json.loads(report)) == without_times(json.loads(fresh))


def lines(mlspec, count):
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        folder, cache = scratch / "specs", scratch / "cache"
        folder.mkdir()
        write(folder, count)
        run = [mlspec, "run", "--quiet"]
        cold = timed([*run, "--report", f"json={scratch}/all.json"], folder, cache)[0]
        warm = timed([*run, "--report", f"json={scratch}/warm.json"], folder, cache)[0]
        measured = shutil.copytree(folder, scratch / "measured")
        measure_more(measured)
        more = timed([*run, "--report", f"json={scratch}/more.json"], measured, cache)[0]
        timed([*run, "--no-cache", "--report", f"json={scratch}/fresh.json"], measured, cache)
        page = timed([*run, "--report", f"html={scratch}/all.html"], folder, scratch / "other")[0]
        parts = []
        for part in range(1, 5):
            parts.append(f"{scratch}/{part}.json")
            timed([*run, "--no-cache", "--partition", f"hash:{part}/4", "--report", f"json={parts[-1]}"], folder, cache)
        merged = timed([mlspec, "report", "merge", *parts], folder, cache)[1]
        whole, again = (without_times(json.loads((scratch / f).read_text())) for f in ("all.json", "warm.json"))
        merged = without_times(json.loads(merged))
        anew, fresh = (without_times(json.loads((scratch / f).read_text())) for f in ("more.json", "fresh.json"))
        trained, again_measured, same = forest(mlspec, scratch)
        paths = [[spec["path"] for spec in json.loads(Path(part).read_text())["specs"]] for part in parts]
        size = (scratch / "all.html").stat().st_size / 1e6
    yield f"{machine()}; {count:,} specs over four tables, ten models in turn."
    yield ""
    yield "| what | came to |"
    yield "|---|---|"
    yield f"| nothing kept from before | {cold:.2f} s |"
    yield f"| nothing changed since | {warm:.2f} s |"
    yield f"| one more metric in each since | {more:.2f} s |"
    yield f"| nothing kept, with the HTML report and its charts | {page:.2f} s, {size:.1f} MB |"
    yield f"| specs of the four parts | {' + '.join(str(len(p)) for p in paths)}, each in one part: {sorted(sum(paths, [])) == sorted(s['path'] for s in whole['specs'])} |"
    yield f"| the merged report equals that of one run, but for durations | {merged == whole} |"
    yield f"| so does the report of what was kept | {again == whole} |"
    yield f"| and that of one more metric equals the report of a run that keeps nothing | {anew == fresh} |"
    yield f"| a forest of 100 trees on 100,000 rows × 20 | {trained:.2f} s |"
    yield f"| the same with one more metric | {again_measured:.2f} s; the same report: {same} |"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("mlspec")
    arguments.add_argument("--specs", type=int, default=1000)
    arguments.add_argument("--write", type=Path)
    asked = arguments.parse_args()
    made = []
    for line in lines(os.path.abspath(asked.mlspec), asked.specs):
        print(line, flush=True)
        made.append(line)
    if asked.write:
        replace(asked.write, "suite", made, part=False)


if __name__ == "__main__":
    main()
