"""Times reading a table to a matrix with mlspec and with polars, in turn.

usage: reading.py FOLDER BENCH      needs polars, numpy

BENCH is the program that `cargo bench --bench reading --no-run` names.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import polars as pl

folder, bench = Path(sys.argv[1]), sys.argv[2]
columns = [f"x{i}" for i in range(20)]
readers = [
    ("table.csv", "types from all rows", lambda path: pl.read_csv(path, columns=columns, infer_schema_length=None)),
    ("table.csv", "types from the first 100 rows", lambda path: pl.read_csv(path, columns=columns)),
    ("table.parquet", "", lambda path: pl.read_parquet(path, columns=columns)),
]
print(f"1,000,000 rows × 20 columns, polars {pl.__version__}; best of three, seconds\n")
print("| file | polars reads | mlspec | polars | ratio |\n|---|---|---|---|---|")
for name, how, read in readers:
    path = folder / name
    ours = min(json.loads(subprocess.run([bench, str(path)], capture_output=True, text=True, check=True).stdout))
    theirs = []
    for _ in range(3):
        started = time.perf_counter()
        read(path).to_numpy(order="fortran")
        theirs.append(time.perf_counter() - started)
    print(f"| `{name}` | {how} | {ours:.3f} | {min(theirs):.3f} | {ours / min(theirs):.2f} |")
