"""Writes whole runs: specs over the examples' data, and what scikit-learn and pandas make of the same.

usage: make_whole_runs.py OUT_DIR      (needs numpy, pandas, polars, pyarrow, scikit-learn; the stored runs: scikit-learn 1.9.1)

Each run is NAME.mlspec.yaml beside NAME.json: {"scikit-learn", "tolerance", "measurements", "verdicts"}. A measurement has, for the metric `name` on a slice (or
none), "folds": [{"value", "dummy", "train", "rows"}], "mean" and "pooled": {"value", "dummy", "train", "rows"}; what is undefined is null. The tolerance is relative
to max(1, |value|). Where the solver is iterative, it is wider: both solvers stop near the optimum, not at it.
"""
import gzip, json, sys, warnings
from pathlib import Path
import numpy as np, pandas as pd, polars as pl, pyarrow as pa, sklearn
from sklearn import metrics as m
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler, TargetEncoder
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

OUT = Path(sys.argv[1])
DATA = Path(__file__).resolve().parents[2] / "specs" / "data"


def read(name):
    return pd.read_csv(DATA / f"{name}.csv")


# --- metrics: (y, answer, weights) -> value; an answer has "label" and "proba", or "value" ---------------------------------------------------------------

def label(f, **more):
    return lambda y, a, w: f(y, a["label"], sample_weight=w, **more)


def number(f, **more):
    return lambda y, a, w: f(y, a["value"], sample_weight=w, **more)


def proba(f, classes, positive=None, **more):
    def value(y, a, w):
        if positive is None:
            return f(y, a["proba"], sample_weight=w, labels=classes, **more)
        return f((y == positive).astype(int), a["proba"][:, classes.index(positive)], sample_weight=w, **more)
    return value


def cut(f, classes, positive, p, **more):
    def value(y, a, w):
        return f(y == positive, a["proba"][:, classes.index(positive)] > p, sample_weight=w, **more)
    return value


def specificity(positive):
    return lambda y, a, w: m.recall_score(y != positive, a["label"] != positive, sample_weight=w)


def mean_error(y, a, w):
    return np.average(a["value"] - y, weights=w)


def rmse(y, a, w):
    return np.sqrt(m.mean_squared_error(y, a["value"], sample_weight=w))


def top_k(k, classes):
    return lambda y, a, w: m.top_k_accuracy_score(y, a["proba"], k=k, labels=classes, sample_weight=w)


def varied(f):
    """Undefined here where the truth is of one class, where scikit-learn says 0."""
    return lambda y, a, w: f(y, a, w) if len(set(y)) > 1 else None


def measured(f, y, answer, w):
    if answer is None or len(y) == 0 or (w is not None and not w.any()):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            value = float(f(y, answer, w))
        except Exception:
            return None
    return value if np.isfinite(value) else None


# --- folds ------------------------------------------------------------------------------------------------------------------------------------------------

def part(answer, keep):
    return None if answer is None else {k: v[keep] for k, v in answer.items()}


def joined(answers):
    if not answers or any(a is None for a in answers):
        return None
    return {k: np.concatenate([a[k] for a in answers]) for k in answers[0]}


class Side:
    """Rows of one fold that are judged, with what the model and the dummies answer."""
    def __init__(self, rows, answer, usual, median=None, level=None):
        self.rows, self.answer, self.usual, self.median, self.level = np.asarray(rows), answer, usual, median, level

    def only(self, mask):
        keep = mask[self.rows]
        return Side(self.rows[keep], part(self.answer, keep), part(self.usual, keep), part(self.median, keep))

    @staticmethod
    def pool(sides):
        usual = joined([s.usual for s in sides])
        # Side by side the dummies of the folds rank a class below all others: what a fold judges is missing from what its dummy knows.
        level = usual and {k: np.tile(v.mean(axis=0), (len(v), 1)) if k == "proba" else v for k, v in usual.items()}
        return Side(np.concatenate([s.rows for s in sides]), joined([s.answer for s in sides]), usual, joined([s.median for s in sides]), level)


def reading(name, f, test, train, y, w):
    of = lambda side, answer: measured(f, y[side.rows], answer, None if w is None else w[side.rows])
    ranks = name in ("roc_auc", "average_precision") and test.level is not None
    dummy = test.median if name == "mae" else test.level if ranks else test.usual
    return {"value": of(test, test.answer), "dummy": of(test, dummy), "train": None if train is None else of(train, train.answer), "rows": len(test.rows)}


def mean(readings):
    of = lambda key: None if any(r[key] is None for r in readings) else float(np.mean([r[key] for r in readings]))
    return {"value": of("value"), "dummy": of("dummy"), "train": of("train"), "rows": sum(r["rows"] for r in readings)}


def measurements(metrics, folds, slices, y, w=None, min_rows=1):
    """folds: [(test, train or None)]; slices: [(name, value or None, mask over all rows)]."""
    out = []
    for name_of_slice, value, mask in [(None, None, np.ones(len(y), bool))] + slices:
        sides = [(test.only(mask), train and train.only(mask)) for test, train in folds]
        rows = sum(len(test.rows) for test, _ in sides)
        for name, f in metrics.items():
            at = {"name": name, "slice": name_of_slice and {"name": name_of_slice, "value": value}}
            if name_of_slice and rows < min_rows:
                out.append({**at, "folds": [], "skipped": True, "rows": rows})
                continue
            each = [reading(name, f, test, train, y, w) for test, train in sides]
            train = Side.pool([t for _, t in sides]) if sides[0][1] else None
            pooled = reading(name, f, Side.pool([t for t, _ in sides]), train, y, w)
            out.append({**at, "folds": each, "mean": mean(each), "pooled": pooled})
    return out


def classify(fit, predict_train, X, y, splits, classes, decision=None, weights=None):
    """fit(train rows) -> model over rows; the dummy answers the most frequent class, and the shares."""
    folds = []
    for train, test in splits:
        model = fit(train)
        dummy = DummyClassifier(strategy="prior").fit(X[train], y[train], sample_weight=None if weights is None else weights[train])

        def answer(of, rows, x):
            p = np.zeros((len(rows), len(classes)))
            p[:, [classes.index(c) for c in of.classes_]] = of.predict_proba(x)
            labels = of.predict(x)
            if decision is not None:
                positive, cut_at = decision
                i = classes.index(positive)
                labels = np.where(p[:, i] > cut_at, positive, classes[1 - i])
            return {"label": np.asarray(labels, object), "proba": p}

        sides = []
        for rows in (test, train):
            sides.append(Side(rows, answer(model, rows, X[rows]), answer(dummy, rows, X[rows])))
        folds.append((sides[0], sides[1] if predict_train else None))
    return folds


def regress(fit, predict_train, X, y, splits, weights=None):
    folds = []
    for train, test in splits:
        model = fit(train)
        w = None if weights is None else weights[train]
        usual = DummyRegressor(strategy="mean").fit(X[train], y[train], sample_weight=w)
        median = DummyRegressor(strategy="median").fit(X[train], y[train], sample_weight=w)
        sides = [Side(rows, *({"value": np.asarray(of.predict(X[rows]), float)} for of in (model, usual, median))) for rows in (test, train)]
        folds.append((sides[0], sides[1] if predict_train else None))
    return folds


class Framed:
    """Rows of a data frame by position, so that the folds can index it as an array."""
    def __init__(self, frame):
        self.frame = frame

    def __getitem__(self, rows):
        return self.frame.iloc[rows]


def logistic(c=1.0):
    # Newton's method ends within rounding of the optimum.
    return LogisticRegression(C=c, solver="newton-cholesky", tol=1e-12, max_iter=1000)


def by(name, column, values=None, missing=False):
    column = pd.Series(column)
    values = sorted(column.dropna().unique()) if values is None else values
    out = [(name, str(v).lower() if isinstance(v, (bool, np.bool_)) else str(v), (column == v).to_numpy()) for v in values]
    return out + ([(name, "(missing)", column.isna().to_numpy())] if missing else [])


def ranges(name, column, edges):
    column = np.asarray(column, float)
    show = lambda v: repr(v) if v != int(v) else str(int(v))
    out = [(name, f"< {show(edges[0])}", column < edges[0])]
    out += [(name, f"[{show(a)}, {show(b)})", (a <= column) & (column < b)) for a, b in zip(edges, edges[1:])]
    return out + [(name, f">= {show(edges[-1])}", column >= edges[-1])]


def write(name, spec, of, verdicts=(), tolerance=1e-9, files=()):
    for file, frame in files:
        frame.to_csv(OUT / file, index=False, lineterminator="\n")
    (OUT / f"{name}.mlspec.yaml").write_text(spec.lstrip("\n"))
    lines = lambda items: "[\n  " + ",\n  ".join(json.dumps(item) for item in items) + "\n]"
    found = {"scikit-learn": json.dumps(sklearn.__version__), "tolerance": json.dumps(tolerance), "measurements": lines(of), "verdicts": lines(verdicts)}
    (OUT / f"{name}.json").write_text("{\n" + ",\n".join(f'"{key}": {value}' for key, value in found.items()) + "\n}\n")


def pick(of, name, kind, key="value"):
    return next(x for x in of if x["name"] == name and x["slice"] is None)[kind][key]


# --- the runs -----------------------------------------------------------------------------------------------------------------------------------------------

def iris():
    d = read("iris")
    X, y = d.drop(columns="species").to_numpy(), d["species"].to_numpy(object)
    classes = sorted(set(y))
    splits = list(StratifiedKFold(5).split(X, y))
    folds = classify(lambda t: make_pipeline(StandardScaler(), logistic(0.5)).fit(X[t], y[t]), True, X, y, splits, classes)
    metrics = {
        "accuracy": label(m.accuracy_score), "f1": label(m.f1_score, average="macro", zero_division=0), "log_loss": proba(m.log_loss, classes),
        "roc_auc": proba(m.roc_auc_score, classes, average="macro", multi_class="ovr"), "cohen_kappa": varied(lambda y, a, w: m.cohen_kappa_score(y, a["label"])),
        "matthews": varied(label(m.matthews_corrcoef)), "balanced_accuracy": lambda y, a, w: m.balanced_accuracy_score(y, a["label"]),
        "brier": lambda y, a, w: np.mean(((y[:, None] == np.array(classes, object)).astype(float) - a["proba"]) ** 2 @ np.ones(3)),
    }
    slices = ranges("petals", d["petal_length_cm"], [2, 4.9]) + [("wide", None, (d["sepal_width_cm"] > 3).to_numpy())]
    of = measurements(metrics, folds, slices, y, min_rows=40)
    f = lambda name, key: [x[key] for x in next(o for o in of if o["name"] == name and o["slice"] is None)["folds"]]
    accuracy, loss = f("accuracy", "value"), f("log_loss", "value")
    gaps = [a - b for a, b in zip(loss, f("log_loss", "train"))]
    verdicts = [
        {"value": np.mean(accuracy), "status": "pass"}, {"value": min(accuracy), "status": "pass"}, {"value": sorted(accuracy)[2], "status": "pass"},
        {"value": pick(of, "accuracy", "pooled"), "status": "pass"}, {"value": np.mean(accuracy) - np.mean(f("accuracy", "dummy")), "status": "pass"},
        {"value": np.mean(gaps), "status": "pass"}, {"value": max(gaps), "status": "fail"}, {"value": max(loss), "status": "pass"},
        {"value": pick(of, "f1", "pooled"), "status": "pass"}, {"value": np.mean(f("f1", "value")), "status": "pass"},
    ]
    write("iris", f"""
version: 1
data:
  path: ../../../specs/data/iris.csv
  target: species
  split: {{ k_fold: {{ folds: 5, shuffle: false, stratify: true }} }}
prepare:
  - standardize
model: {{ logistic_regression: {{ c: 0.5, tol: 1e-12, max_iter: 10000 }} }}
metrics:
  - accuracy
  - f1: {{ average: macro }}
  - log_loss
  - roc_auc: {{ multi_class: ovr, average: macro }}
  - cohen_kappa
  - matthews
  - balanced_accuracy
  - brier
slices:
  petals: {{ by: petal_length_cm, bins: [2, 4.9], min_rows: 40 }}
  wide: {{ where: "sepal_width_cm > 3" }}
thresholds:
  accuracy:
    - "> 0.8"
    - {{ min: 0.8, folds: worst }}
    - {{ min: 0.8, folds: 3 of 5 }}
    - {{ min: 0.8, folds: pooled }}
    - {{ over_dummy: 0.3 }}
  log_loss:
    - {{ max_train_gap: 0.3 }}
    - {{ max_train_gap: 0, folds: worst }}
    - {{ max: 5, folds: worst }}
  f1:
    - "> 0.5"
    - {{ min: 0.5, folds: mean }}
""", of, verdicts, tolerance=1e-8)


def breast_cancer():
    d = read("breast_cancer")
    X, y = d.drop(columns="diagnosis").to_numpy(), d["diagnosis"].to_numpy(object)
    classes, positive = sorted(set(y)), "malignant"
    splits = list(KFold(4).split(X))
    folds = classify(lambda t: make_pipeline(StandardScaler(), logistic()).fit(X[t], y[t]), False, X, y, splits, classes, decision=(positive, 0.3))
    of_positive = dict(pos_label=positive)
    metrics = {
        "accuracy": label(m.accuracy_score), "precision": label(m.precision_score, **of_positive), "recall": label(m.recall_score, **of_positive),
        "f1": label(m.f1_score, zero_division=np.nan, **of_positive), "strict_recall": cut(m.recall_score, classes, positive, 0.7), "strict_precision": cut(m.precision_score, classes, positive, 0.7),
        "specificity": specificity(positive), "roc_auc": proba(m.roc_auc_score, classes, positive), "average_precision": proba(m.average_precision_score, classes, positive),
        "brier": proba(m.brier_score_loss, classes, positive), "log_loss": proba(m.log_loss, classes),
        "cost": lambda y, a, w: np.mean(5.0 * ((y == positive) & (a["label"] != positive)) + 1.0 * ((y != positive) & (a["label"] == positive))),
    }
    slices = [("large", None, (d["mean_radius"] > 15).to_numpy())] + ranges("by_texture", d["mean_texture"], [15, 20.5, 35])
    of = measurements(metrics, folds, slices, y, min_rows=30)
    write("breast_cancer", f"""
version: 1
data:
  path: ../../../specs/data/breast_cancer.csv
  target: diagnosis
  positive: malignant
  split: {{ k_fold: {{ folds: 4, shuffle: false }} }}
model: {{ logistic_regression: {{ tol: 1e-12, max_iter: 10000 }} }}
decision: {{ threshold: 0.3 }}
metrics:
  - accuracy
  - precision
  - recall
  - f1
  - recall: {{ threshold: 0.7, as: strict_recall }}
  - precision: {{ threshold: 0.7, as: strict_precision }}
  - specificity
  - roc_auc
  - average_precision
  - brier
  - log_loss
  - cost: {{ of: {{ malignant: {{ benign: 5 }}, benign: {{ malignant: 1 }} }} }}
slices:
  large: {{ where: "mean_radius > 15" }}
  by_texture: {{ by: mean_texture, bins: [15, 20.5, 35] }}
thresholds:
  recall: "> 0.9"
""", of, [{"value": pick(of, "recall", "pooled"), "status": "pass"}], tolerance=1e-7)


def diabetes():
    d = read("diabetes")
    X, y = d.drop(columns="progression").drop(columns=["age", "s6"]).to_numpy(), d["progression"].to_numpy()
    fit_w, w = d["age"].to_numpy(), d["s6"].to_numpy() - 58
    splits = list(KFold(4).split(X))
    folds = regress(lambda t: LinearRegression().fit(X[t], y[t], sample_weight=fit_w[t]), True, X, y, splits, weights=fit_w)
    metrics = {
        "mae": number(m.mean_absolute_error), "mse": number(m.mean_squared_error), "rmse": rmse, "r2": number(m.r2_score), "explained_variance": number(m.explained_variance_score),
        "mape": number(m.mean_absolute_percentage_error), "mean_error": mean_error, "pinball": number(m.mean_pinball_loss, alpha=0.8), "median_absolute_error": None,
        "max_error": lambda y, a, w: m.max_error(y, a["value"]),
    }
    del metrics["median_absolute_error"]
    woman = (d["sex"] > 1.5).to_numpy()
    slices = by("by_sex", woman) + ranges("by_bmi", d["bmi"], [22.5, 25, 30]) + [("high", None, (d["progression"] >= 200).to_numpy())]
    of = measurements(metrics, folds, slices, y, w, min_rows=30)
    values = lambda key: np.array([x[key] for x in next(o for o in of if o["name"] == "mean_error" and o["slice"] is None)["folds"]])
    verdicts = [
        {"value": pick(of, "mae", "mean", "dummy") - pick(of, "mae", "mean"), "status": "pass"}, {"value": pick(of, "mae", "mean") - pick(of, "mae", "mean", "train"), "status": "pass"},
        {"value": max((abs(values("value")) - abs(values("train"))).tolist()), "status": "fail"},
        {"value": pick(of, "r2", "pooled") - pick(of, "r2", "pooled", "dummy"), "status": "pass"},
    ]
    write("diabetes", f"""
version: 1
data:
  path: ../../../specs/data/diabetes.csv
  target: progression
  derive:
    woman: sex > 1.5
    counts: s6 - 58
  weight: {{ fit: age, score: counts }}
  exclude: [woman, s6]
  split: {{ k_fold: {{ folds: 4, shuffle: false }} }}
prepare: []
model: {{ linear_regression: {{}} }}
metrics: [mae, mse, rmse, r2, explained_variance, mape, mean_error, {{ pinball: {{ alpha: 0.8 }} }}, max_error]
slices:
  by_sex: {{ by: woman }}
  by_bmi: {{ by: bmi, bins: [22.5, 25, 30] }}
  high: {{ where: progression >= 200 }}
thresholds:
  mae:
    - {{ over_dummy: 10 }}
    - {{ max_train_gap: 20 }}
  mean_error: {{ max_train_gap: 0, folds: worst }}
  r2: {{ over_dummy: 0.1 }}
""", of, verdicts)


def penguins_rolling():
    d = read("penguins")
    d = d[d["body_mass_g"].notna()].reset_index(drop=True)
    x = d.drop(columns=["body_mass_g", "year"])
    X, y, year = Framed(x), d["body_mass_g"].to_numpy(), d["year"].to_numpy()
    numbers, words = x.select_dtypes("number").columns.tolist(), x.select_dtypes(exclude="number").columns.tolist()
    prepare = lambda: make_pipeline(ColumnTransformer([
        ("n", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        ("c", make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore", sparse_output=False), StandardScaler()), words),
    ]), Ridge(alpha=2.0))
    # Sorted by year, and no year is cut: the folds are the last two years.
    splits = [(np.flatnonzero(year < this), np.flatnonzero(year == this)) for this in (2008, 2009)]
    folds = regress(lambda t: prepare().fit(X[t], y[t]), True, X, y, splits)
    metrics = {
        "mae": number(m.mean_absolute_error), "rmse": rmse, "r2": number(m.r2_score), "median_absolute_error": number(m.median_absolute_error),
        "mape": number(m.mean_absolute_percentage_error), "mean_error": mean_error, "max_error": lambda y, a, w: m.max_error(y, a["value"]),
        "poisson_deviance": number(m.mean_poisson_deviance), "gamma_deviance": number(m.mean_gamma_deviance),
        "rmsle": lambda y, a, w: m.root_mean_squared_log_error(y, a["value"]),
    }
    both = d["species"] + ", " + d["sex"].fillna("(missing)")
    order = [f"{s}, {g}" for s in sorted(set(d["species"])) for g in ["female", "male", "(missing)"]]
    slices = by("by_sex", d["sex"], missing=True) + by("by_both", both, [o for o in order if (both == o).any()])
    of = measurements(metrics, folds, slices, y, min_rows=20)
    write("penguins_rolling", f"""
version: 1
data:
  path: ../../../specs/data/penguins.csv
  target: body_mass_g
  missing_target: {{ drop: true, max: 0.1 }}
  split: {{ rolling: {{ column: year, folds: 2 }} }}
prepare:
  - impute: {{ numeric: median, categorical: most_frequent }}
  - one_hot
  - standardize
model: {{ ridge: {{ alpha: 2.0 }} }}
metrics: [mae, rmse, r2, median_absolute_error, mape, mean_error, max_error, poisson_deviance, gamma_deviance, rmsle]
slices:
  by_sex: {{ by: sex, min_rows: 20 }}
  by_both: {{ by: [species, sex], min_rows: 20 }}
thresholds:
  mae: [{{ max_train_gap: 1000 }}, {{ over_dummy: 100, folds: worst }}]
""", of, [{"value": pick(of, "mae", "mean") - pick(of, "mae", "mean", "train"), "status": "pass"},
          {"value": min(x["dummy"] - x["value"] for x in of[0]["folds"]), "status": "pass"}])


def wine():
    d = read("wine")
    x = d.drop(columns=["cultivar", "proline"])
    X, y, time = x.to_numpy(), d["cultivar"].to_numpy(object), d["proline"].to_numpy()
    classes = sorted(set(y))
    start = np.sort(time)[len(y) - int(np.ceil(0.4 * len(y)))]
    train, test = np.flatnonzero(time < start), np.flatnonzero(time >= start)
    trees = [DecisionTreeClassifier(max_depth=2, random_state=seed).fit(X[train], y[train]) for seed in range(20)]
    same = all((tree.predict(X) == trees[0].predict(X)).all() for tree in trees)
    assert same, "the tree depends on the order of the features"
    folds = classify(lambda t: trees[0], True, X, y, [(train, test)], classes)
    metrics = {
        "accuracy": label(m.accuracy_score), "balanced_accuracy": lambda y, a, w: m.balanced_accuracy_score(y, a["label"]), "f1": label(m.f1_score, average="weighted", zero_division=0),
        "log_loss": proba(m.log_loss, classes), "class_1": lambda y, a, w: m.recall_score(y == "class_1", a["label"] == "class_1"), "two": top_k(2, classes),
    }
    of = measurements(metrics, folds, ranges("by_alcohol", d["alcohol"], [13.5]), y, min_rows=20)
    write("wine", f"""
version: 1
data:
  path: ../../../specs/data/wine.csv
  target: cultivar
  split: {{ chronological: {{ column: proline, test: 0.4 }} }}
model: {{ decision_tree: {{ max_depth: 2 }} }}
metrics:
  - accuracy
  - balanced_accuracy
  - f1: {{ average: weighted }}
  - log_loss
  - recall: {{ class: class_1, as: class_1 }}
  - top_k_accuracy: {{ k: 2, as: two }}
slices:
  by_alcohol: {{ by: alcohol, bins: [13.5], min_rows: 20 }}
thresholds:
  accuracy: {{ max_train_gap: 0.99 }}
""", of, [{"value": of[0]["folds"][0]["train"] - of[0]["folds"][0]["value"], "status": "pass"}])


def penguins_encoded():
    d = read("penguins")
    d = d[d["sex"].notna()].reset_index(drop=True)
    d["ratio"] = d["bill_length_mm"] / d["bill_depth_mm"]
    x = d.drop(columns=["sex", "year", "bill_depth_mm"])
    X, y, year = Framed(x), d["sex"].to_numpy(object), d["year"].to_numpy()
    classes, positive = sorted(set(y)), "female"
    numbers, words = x.select_dtypes("number").columns.tolist(), x.select_dtypes(exclude="number").columns.tolist()
    # The columns in the order of the table: their order says in which order sums are made, and nothing else.
    pipeline = lambda: make_pipeline(ColumnTransformer([("n", SimpleImputer(strategy="median"), numbers), ("c", TargetEncoder(cv=5, shuffle=False, target_type="binary"), words)]), StandardScaler(), logistic())
    splits = [(np.flatnonzero(np.isin(year, [2007, 2009])), np.flatnonzero(year == 2008))]
    folds = classify(lambda t: pipeline().fit(X[t], y[t]), False, X, y, splits, classes)
    metrics = {"accuracy": label(m.accuracy_score), "roc_auc": proba(m.roc_auc_score, classes, positive), "log_loss": proba(m.log_loss, classes), "f1": label(m.f1_score, pos_label=positive, zero_division=0)}
    of = measurements(metrics, folds, by("by_island", d["island"]), y, min_rows=10)
    write("penguins_encoded", f"""
version: 1
data:
  path: ../../../specs/data/penguins.csv
  target: sex
  positive: female
  where: sex IS NOT NULL
  derive: {{ ratio: bill_length_mm / bill_depth_mm }}
  exclude: [bill_depth_mm]
  split: {{ by_column: {{ column: year, train: [2007, 2009], test: 2008 }} }}
prepare:
  - impute: {{ numeric: median }}
  - target_encode: {{ cv: 5, shuffle: false }}
  - standardize
model: {{ logistic_regression: {{ tol: 1e-12, max_iter: 10000 }} }}
metrics: [accuracy, roc_auc, log_loss, f1]
slices:
  by_island: {{ by: island, min_rows: 10 }}
thresholds:
  roc_auc: {{ over_dummy: 0.1 }}
""", of, [{"value": of[1]["folds"][0]["value"] - 0.5, "status": "pass"}], tolerance=1e-7)


def given_files():
    d = read("penguins").dropna(subset=["bill_length_mm"]).reset_index(drop=True)
    order = np.random.default_rng(5).permutation(len(d))
    train, test = d.iloc[order[:200]].reset_index(drop=True), d.iloc[order[200:]].reset_index(drop=True)
    # A category that no training row has.
    test.loc[:4, "island"] = "Anvers"
    both = pd.concat([train, test], ignore_index=True)
    names = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
    X, y, w = Framed(both[names + ["island"]]), both["species"].to_numpy(object), both["year"].to_numpy() - 2007.0
    classes = sorted(set(y))
    prepare = lambda: make_pipeline(ColumnTransformer([("n", MinMaxScaler(), names), ("c", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["island"])]), GaussianNB())
    splits = [(np.arange(200), np.arange(200, len(both)))]
    folds = classify(lambda t: prepare().fit(X[t], y[t]), True, X, y, splits, classes)
    metrics = {"accuracy": label(m.accuracy_score), "f1": label(m.f1_score, average="micro"), "log_loss": proba(m.log_loss, classes), "matthews": label(m.matthews_corrcoef)}
    of = measurements(metrics, folds, by("by_island", both["island"]), y, w, min_rows=30)
    write("given_files", f"""
version: 1
data:
  train: given_files_train.csv
  test: given_files_test.csv
  target: species
  features: [bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g, island]
  derive: {{ years: year - 2007 }}
  weight: {{ score: years }}
prepare: [min_max, one_hot]
model: {{ gaussian_naive_bayes: {{}} }}
metrics: [accuracy, {{ f1: {{ average: micro }} }}, log_loss, matthews]
slices:
  by_island: {{ by: island }}
thresholds:
  accuracy: {{ max_train_gap: 0.5 }}
""", of, [{"value": of[0]["folds"][0]["train"] - of[0]["folds"][0]["value"], "status": "pass"}], tolerance=1e-7, files=[("given_files_train.csv", train), ("given_files_test.csv", test)])


def predictions():
    d = read("wine")
    X, y = d.drop(columns="cultivar").to_numpy(), d["cultivar"].to_numpy(object)
    classes = sorted(set(y))
    p = GaussianNB().fit(X[::2, :4], y[::2]).predict_proba(X[:, :4]).round(6)
    p[:, 2] = 1 - p[:, 0] - p[:, 1]
    p = p.round(6).clip(0, 1)
    label_of = np.array(classes, object)[p.argmax(1)]
    data = pd.DataFrame({"key": [f"row {i}" for i in range(len(y))], "region": np.array(["north", "south", "west"])[np.arange(len(y)) % 3], "counts": np.arange(len(y)) % 4, "cultivar": y})
    order = np.random.default_rng(3).permutation(len(y))
    other = pd.DataFrame({"p2": p[:, 2], "key": data["key"], "p0": p[:, 0], "p1": p[:, 1]}).iloc[order]
    answer = {"label": label_of, "proba": p}
    w = data["counts"].to_numpy(float)
    metrics = {
        "accuracy": label(m.accuracy_score), "log_loss": proba(m.log_loss, classes), "two": top_k(2, classes), "f1": label(m.f1_score, average="macro", zero_division=0),
        "roc_auc": proba(m.roc_auc_score, classes, average="weighted", multi_class="ovr"),
    }
    of = measurements(metrics, [(Side(np.arange(len(y)), answer, None), None)], by("by_region", data["region"]), y, w, min_rows=30)
    write("predictions", f"""
version: 1
data:
  path: predictions_truth.csv
  target: cultivar
  weight: {{ score: counts }}
model:
  predictions:
    path: predictions_made.csv
    on: key
    probabilities: {{ class_2: p2, class_0: p0, class_1: p1 }}
metrics: [accuracy, log_loss, {{ top_k_accuracy: {{ k: 2, as: two }} }}, {{ f1: {{ average: macro }} }}, {{ roc_auc: {{ multi_class: ovr, average: weighted }} }}]
slices:
  by_region: {{ by: region }}
thresholds:
  accuracy@by_region: "> 0.1"
""", of, [{"value": x["folds"][0]["value"], "status": "pass"} for x in of if x["name"] == "accuracy" and x["slice"]], files=[("predictions_truth.csv", data), ("predictions_made.csv", other)])


def grouped():
    """Groups that are slices at once: each slice is judged in one fold, and trains in the others."""
    d = read("penguins")
    d = d[d["body_mass_g"].notna()].reset_index(drop=True)
    X, y = d[["flipper_length_mm", "bill_length_mm"]].to_numpy(), d["body_mass_g"].to_numpy()
    groups = d["year"].to_numpy()
    # Three groups in three folds: the largest first.
    sizes = d["year"].value_counts()
    splits = [(np.flatnonzero(groups != g), np.flatnonzero(groups == g)) for g in sizes.index]
    folds = regress(lambda t: DecisionTreeRegressor(max_depth=2).fit(X[t], y[t]), True, X, y, splits)
    metrics = {"mae": number(m.mean_absolute_error), "r2": number(m.r2_score)}
    slices = by("by_species", d["species"]) + by("by_year", d["year"])
    of = measurements(metrics, folds, slices, y, min_rows=30)
    write("grouped", f"""
version: 1
data:
  path: ../../../specs/data/penguins.csv
  target: body_mass_g
  where: body_mass_g IS NOT NULL
  features: [flipper_length_mm, bill_length_mm]
  split: {{ grouped: {{ column: year, folds: 3 }} }}
prepare: []
model: {{ decision_tree: {{ max_depth: 2 }} }}
metrics: [mae, r2]
slices:
  by_species: {{ by: species }}
  by_year: {{ by: year }}
thresholds:
  mae: {{ max_train_gap: 100 }}
""", of, [{"value": pick(of, "mae", "mean") - pick(of, "mae", "mean", "train"), "status": "pass"}])


def formats():
    """One table in every format; the plain one is the example's."""
    text = (DATA / "penguins.csv").read_bytes()
    folder = OUT / "formats"
    folder.mkdir(exist_ok=True)
    table = pl.read_csv(text, null_values=["NA", ""])
    lines = table.write_ndjson().encode()
    (folder / "penguins.csv.gz").write_bytes(gzip.compress(text, mtime=0))
    (folder / "penguins.csv.zst").write_bytes(pa.compress(text, codec="zstd", asbytes=True))
    (folder / "penguins.tsv").write_bytes(text.replace(b",", b"\t"))
    (folder / "penguins.ndjson").write_bytes(lines)
    (folder / "penguins.ndjson.gz").write_bytes(gzip.compress(lines, mtime=0))
    table.write_parquet(folder / "penguins.parquet")
    table.write_ipc(folder / "penguins.arrow")


# --- models made of models: each fold within the training rows is prepared anew -----------------------------------------------------------------------------

def scaled(model):
    return make_pipeline(StandardScaler(), model)


class Hard:
    """A vote without probabilities."""
    def __init__(self, model):
        self.model, self.classes_ = model, model.classes_

    def predict(self, x):
        return self.model.predict(x)

    def predict_proba(self, x):
        return np.full((len(x), len(self.classes_)), np.nan)


def of_numbers(name, fit, model, prepare, tolerance=1e-9):
    d = read("diabetes")
    X, y = d.drop(columns="progression").to_numpy(), d["progression"].to_numpy()
    folds = regress(lambda t: fit().fit(X[t], y[t]), True, X, y, list(KFold(4).split(X)))
    of = measurements({"mae": number(m.mean_absolute_error), "r2": number(m.r2_score), "max_error": lambda y, a, w: m.max_error(y, a["value"])}, folds, [], y)
    write(name, f"""
version: 1
data:
  path: ../../../specs/data/diabetes.csv
  target: progression
  split: {{ k_fold: {{ folds: 4, shuffle: false }} }}
prepare: [{prepare}]
model: {model}
metrics: [mae, r2, max_error]
thresholds:
  mae: {{ max_train_gap: 100 }}
""", of, [{"value": pick(of, "mae", "mean") - pick(of, "mae", "mean", "train"), "status": "pass"}], tolerance)


def of_classes(name, table, target, fit, model, prepare="standardize", tolerance=1e-7, hard=False):
    d = read(table)
    X, y = d.drop(columns=target).to_numpy(), d[target].to_numpy(object)
    classes = sorted(set(y))
    folds = classify(lambda t: fit().fit(X[t], y[t]) if not hard else Hard(fit().fit(X[t], y[t])), True, X, y, list(StratifiedKFold(4).split(X, y)), classes)
    metrics = {"accuracy": label(m.accuracy_score), "balanced_accuracy": lambda y, a, w: m.balanced_accuracy_score(y, a["label"])}
    if not hard:
        one_hot = lambda y: (y[:, None] == np.array(classes, object)).astype(float)
        metrics |= {"log_loss": proba(m.log_loss, classes)}
        if len(classes) > 2:
            metrics |= {"brier": lambda y, a, w: np.mean((one_hot(y) - a["proba"]) ** 2 @ np.ones(len(classes)))}
    of = measurements(metrics, folds, [], y)
    names = ", ".join(metrics)
    write(name, f"""
version: 1
data:
  path: ../../../specs/data/{table}.csv
  target: {target}
  split: {{ k_fold: {{ folds: 4, shuffle: false, stratify: true }} }}
prepare: [{prepare}]
model: {model}
metrics: [{names}]
thresholds:
  accuracy: {{ max_train_gap: 0.9 }}
""", of, [{"value": pick(of, "accuracy", "mean", "train") - pick(of, "accuracy", "mean"), "status": "pass"}], tolerance)


def composed():
    exact = "{ tol: 1e-12, max_iter: 10000 }"
    alphas = [0.01, 1, 10, 30, 100, 1000]
    of_numbers("search_ridge", lambda: GridSearchCV(scaled(Ridge()), {"ridge__alpha": alphas}, cv=KFold(5)),
               f"{{ search: {{ model: {{ ridge: {{}} }}, over: {{ alpha: {alphas} }}, shuffle: false }} }}", "standardize")
    of_numbers("search_tree", lambda: GridSearchCV(DecisionTreeRegressor(random_state=0, min_samples_leaf=7), {"max_depth": [1, 2, 3, 4]}, cv=KFold(3), scoring="neg_mean_absolute_error"),
               "{ search: { model: { decision_tree: { min_samples_leaf: 7 } }, over: { max_depth: [1, 2, 3, 4] }, metric: mae, folds: 3, shuffle: false } }", "")
    of_numbers("voting_numbers", lambda: scaled(VotingRegressor([("a", Ridge(5.0)), ("b", DecisionTreeRegressor(max_depth=2)), ("c", LinearRegression())], weights=[2, 1, 0.5])),
               "{ voting: { of: [{ ridge: { alpha: 5 } }, { decision_tree: { max_depth: 2 } }, linear_regression], weights: [2, 1, 0.5] } }", "standardize")
    of_numbers("stacking_numbers", lambda: StackingRegressor([("a", scaled(Ridge(5.0))), ("b", scaled(Ridge(500.0)))], final_estimator=Ridge(0.5), cv=KFold(5)),
               "{ stacking: { of: [{ ridge: { alpha: 5 } }, { ridge: { alpha: 500 } }], final: { ridge: { alpha: 0.5 } }, shuffle: false } }", "standardize")
    of_numbers("stacking_passthrough", lambda: StackingRegressor([("a", Ridge(5.0)), ("b", LinearRegression())], final_estimator=Ridge(), cv=KFold(5), passthrough=True),
               "{ stacking: { of: [{ ridge: { alpha: 5 } }, linear_regression], passthrough: true, shuffle: false } }", "")
    votes = lambda how, weights=None: VotingClassifier([("a", logistic()), ("b", GaussianNB()), ("c", DecisionTreeClassifier(max_depth=1))], voting=how, weights=weights)
    of = f"of: [{{ logistic_regression: {exact} }}, gaussian_naive_bayes, {{ decision_tree: {{ max_depth: 1 }} }}]"
    of_classes("voting_soft", "wine", "cultivar", lambda: scaled(votes("soft", [2, 1, 1.5])), f"{{ voting: {{ {of}, voting: soft, weights: [2, 1, 1.5] }} }}")
    of_classes("voting_hard", "wine", "cultivar", lambda: scaled(votes("hard")), f"{{ voting: {{ {of} }} }}", hard=True)
    of_classes("search_classes", "iris", "species", lambda: GridSearchCV(scaled(logistic()), {"logisticregression__C": [0.01, 1, 100]}, cv=StratifiedKFold(5), scoring="neg_log_loss"),
               f"{{ search: {{ model: {{ logistic_regression: {exact} }}, over: {{ c: [0.01, 1, 100] }}, metric: log_loss, shuffle: false }} }}")
    members = lambda: [("a", scaled(logistic())), ("b", scaled(GaussianNB()))]
    of = f"of: [{{ logistic_regression: {exact} }}, gaussian_naive_bayes], final: {{ logistic_regression: {exact} }}, shuffle: false"
    of_classes("stacking_two", "breast_cancer", "diagnosis", lambda: StackingClassifier(members(), final_estimator=logistic(), cv=StratifiedKFold(5)), f"{{ stacking: {{ {of} }} }}")
    of_classes("stacking_three", "iris", "species", lambda: StackingClassifier(members(), final_estimator=logistic(), cv=StratifiedKFold(5)), f"{{ stacking: {{ {of} }} }}")
    # Without probabilities `stack_method: auto` takes decisions.
    decided = lambda: [("a", scaled(SVC(tol=1e-9))), ("b", scaled(GaussianNB()))]
    of = f"of: [{{ svm: {{ tol: 1.0e-9 }} }}, gaussian_naive_bayes], final: {{ logistic_regression: {exact} }}, shuffle: false"
    for name, table, target in [("stacking_decisions", "breast_cancer", "diagnosis"), ("stacking_decisions_of_three", "iris", "species")]:
        of_classes(name, table, target, lambda: StackingClassifier(decided(), final_estimator=logistic(), cv=StratifiedKFold(5)), f"{{ stacking: {{ {of} }} }}", tolerance=1e-5)
    for name, table, target, model, ours, method, ensemble in [
        ("calibrate_sigmoid", "breast_cancer", "diagnosis", GaussianNB(), "gaussian_naive_bayes: {}", "sigmoid", True),
        ("calibrate_margins", "iris", "species", logistic(), f"logistic_regression: {exact}", "sigmoid", True),
        ("calibrate_isotonic", "wine", "cultivar", GaussianNB(), "gaussian_naive_bayes: {}", "isotonic", True),
        ("calibrate_svm", "breast_cancer", "diagnosis", SVC(tol=1e-9), "svm: { tol: 1.0e-9 }", "sigmoid", True),
        ("calibrate_svm_of_three", "iris", "species", SVC(tol=1e-9), "svm: { tol: 1.0e-9 }", "sigmoid", True),
        ("calibrate_once", "breast_cancer", "diagnosis", logistic(), f"logistic_regression: {exact}", "sigmoid", False),
    ]:
        of_classes(name, table, target, lambda: CalibratedClassifierCV(scaled(model), cv=StratifiedKFold(5), method=method, ensemble=ensemble),
                   f"{{ calibrate: {{ model: {{ {ours} }}, method: {method}, ensemble: {str(ensemble).lower()}, shuffle: false }} }}", tolerance=1e-5)


OUT.mkdir(exist_ok=True)
formats()
for run in (iris, breast_cancer, diabetes, penguins_rolling, wine, penguins_encoded, given_files, predictions, grouped, composed):
    run()
