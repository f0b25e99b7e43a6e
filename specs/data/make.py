"""Writes the files beside it that are made from others, or made up.

Run with Python 3.11.7, numpy 2.4.6, pandas 3.1.1, pyarrow 26.0.1
and scikit-learn 1.9.1:

    python specs/data/make.py [diamonds.csv]

`diamonds.csv` is the whole table of 53,940 rows, with the columns of the R package; without it
`diamonds.csv.gz` is left alone.
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).parent


def screening():
    """Answers in one file, and in another the probabilities that a program gave without having seen them."""
    table = pd.read_csv(HERE / "breast_cancer.csv")
    x, y = table.drop(columns="diagnosis"), table["diagnosis"]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    scores = cross_val_predict(model, x, y, cv=folds, method="predict_proba")[:, 1]
    patients = [f"p{number:03}" for number in range(1, len(table) + 1)]
    with open(HERE / "screening.ndjson", "w", newline="\n") as file:
        for patient, radius, diagnosis in zip(patients, table["mean_radius"], y):
            row = {"patient": patient, "mean_radius": radius, "diagnosis": diagnosis}
            file.write(json.dumps(row, separators=(",", ":")) + "\n")
    order = np.random.default_rng(0).permutation(len(table))
    written = pd.DataFrame({"patient": patients, "malignant": scores.round(6)}).iloc[order]
    written.to_parquet(HERE / "screening_scores.parquet", index=False, compression="snappy")


def demand():
    """Two made-up years of the electricity that a town needs in a day, one file a year."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2023-01-01", "2024-12-31", freq="D")
    turn = 2 * np.pi * days.day_of_year.to_numpy() / 365.25
    temperature = 10 - 9 * np.cos(turn - 0.35) + rng.normal(0, 2.5, len(days))
    weekend = days.day_of_week.to_numpy() >= 5
    heating = np.clip(15 - temperature, 0, None)
    cooling = np.clip(temperature - 20, 0, None)
    megawatt_hours = 420 + 8 * heating + 6 * cooling - 45 * weekend + rng.normal(0, 9, len(days))
    table = pd.DataFrame(
        {
            "day": days.strftime("%Y-%m-%d"),
            "temperature": temperature.round(1) + 0.0,  # no -0.0
            "day_of_week": days.day_name().str[:3].str.lower(),
            "megawatt_hours": megawatt_hours.round(1),
        }
    )
    for year, rows in table.groupby(days.year):
        rows.to_csv(HERE / "demand" / f"{year}.csv", index=False, lineterminator="\n")


def diamonds(path):
    """Every fifth row, compressed without a name or a time, so that the bytes are always the same."""
    lines = Path(path).read_text().splitlines()
    text = "\n".join([lines[0], *lines[1::5]]) + "\n"
    with open(HERE / "diamonds.csv.gz", "wb") as file:
        with gzip.GzipFile("", "wb", compresslevel=9, fileobj=file, mtime=0) as packed:
            packed.write(text.encode())


screening()
demand()
if len(sys.argv) > 1:
    diamonds(sys.argv[1])
