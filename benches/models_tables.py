"""Writes one table for `models.py`: COLUMNS features x0, x1, … and a target y.

usage: models_tables.py OUT.csv clf|reg ROWS COLUMNS      needs scikit-learn, pandas
"""

import sys

import pandas as pd
from sklearn.datasets import make_classification, make_regression

out, task, rows, columns = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
informative = columns // 2
if task == "clf":
    x, y = make_classification(
        rows, columns, n_informative=informative, n_redundant=columns // 4, class_sep=0.8, random_state=0
    )
else:
    x, y = make_regression(rows, columns, n_informative=informative, noise=20.0, random_state=0)
frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(columns)]).assign(y=y)
frame.to_csv(out, index=False, float_format="%.6g")
