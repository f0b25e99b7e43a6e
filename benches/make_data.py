"""Writes what the benchmarks read into a folder.

usage: make_data.py OUT [ROWS]      needs numpy, pandas, pyarrow

- predictions.parquet: ROWS (10 million) predictions of a classifier of two classes (actual, predicted,
  score) and of a model for numbers (price, forecast), a region to slice by, a weight
- *.f64, *.u32: the same columns as little-endian arrays
- table.csv, table.parquet: 1 million rows of 20 numbers and a target
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

out, rows = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
out.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(0)

actual = (random.random(rows) < 0.3).astype(np.uint32)
score = 1 / (1 + np.exp(-(random.normal(size=rows) + 1.6 * actual - 1.2)))
score = np.clip(score, 1e-6, 1 - 1e-6)
price = random.gamma(2.0, 50.0, rows) + 1.0
forecast = np.maximum(price * random.normal(1.0, 0.2, rows), 0.5)
columns = {
    "actual": actual,
    "predicted": (score > 0.5).astype(np.uint32),
    "score": score,
    "price": price,
    "forecast": forecast,
}
for name, values in columns.items():
    values.tofile(out / f"{name}.{'u32' if values.dtype == np.uint32 else 'f64'}")
frame = pd.DataFrame(columns).astype({"actual": "int64", "predicted": "int64"})
frame["region"] = random.choice(["north", "south", "east", "west"], rows)
frame.to_parquet(out / "predictions.parquet", index=False)

table = pd.DataFrame(random.normal(size=(1_000_000, 20)), columns=[f"x{i}" for i in range(20)])
table["y"] = (table["x0"] + table["x1"] > random.normal(size=len(table))).astype(int)
table.to_csv(out / "table.csv", index=False, float_format="%.6g")
table.to_parquet(out / "table.parquet", index=False)
