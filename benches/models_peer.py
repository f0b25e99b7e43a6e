"""One scikit-learn program as people write it: load a CSV, train on the first three quarters, score
the rest. Prints one JSON line with the seconds of each part; `models.py` calls it.

usage: models_peer.py TABLE.csv KIND clf|reg SEED
"""

import json
import sys
import time

path, kind, task, seed = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])

import pandas as pd
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

classes = task == "clf"
MODELS = {
    "logistic_regression": lambda: LogisticRegression(max_iter=200),
    "linear_regression": lambda: LinearRegression(),
    "ridge": lambda: Ridge(),
    "lasso": lambda: Lasso(alpha=0.1),
    "elastic_net": lambda: ElasticNet(alpha=0.1, l1_ratio=0.5),
    "decision_tree": lambda: (DecisionTreeClassifier if classes else DecisionTreeRegressor)(random_state=seed),
    "decision_tree_8": lambda: (DecisionTreeClassifier if classes else DecisionTreeRegressor)(
        max_depth=8, random_state=seed
    ),
    "decision_tree_8_bins": lambda: (DecisionTreeClassifier if classes else DecisionTreeRegressor)(
        max_depth=8, random_state=seed
    ),
    "random_forest": lambda: (RandomForestClassifier if classes else RandomForestRegressor)(
        100, n_jobs=-1, random_state=seed
    ),
    "gradient_boosting": lambda: (HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor)(
        early_stopping=False, random_state=seed
    ),
    "gaussian_naive_bayes": lambda: GaussianNB(),
    "k_means": lambda: KMeans(8, n_init=1, random_state=seed),
    "k_nearest_neighbors": lambda: make_pipeline(
        StandardScaler(), (KNeighborsClassifier if classes else KNeighborsRegressor)(n_jobs=-1)
    ),
    "svm": lambda: make_pipeline(StandardScaler(), (SVC if classes else SVR)()),
}

frame = pd.read_csv(path)
x, y = frame.drop(columns="y").to_numpy(), frame["y"].to_numpy()
train = len(y) * 3 // 4
model = MODELS[kind]()
started = time.perf_counter()
model.fit(x[:train], y[:train])
fitted = time.perf_counter()
predicted = model.predict(x[train:])
done = time.perf_counter()
if kind == "k_means":
    score = float(-model.score(x[train:]))
elif classes:
    score = float(accuracy_score(y[train:], predicted))
else:
    score = float(r2_score(y[train:], predicted))
print(json.dumps({"fit": fitted - started, "predict": done - fitted, "score": score}))
