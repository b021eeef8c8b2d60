"""Trains a linear regression with scikit-learn's SGDRegressor: shuffled, a constant rate, no penalty, one row a step.

Each line of the input is a run, as JSON: rows, features, rate; and seconds or epochs. With data, a file of 32-bit floats (a row's features and then its
label, row after row), training is on these; otherwise on random numbers. Each gives a line of JSON. The loss is half the square, so that a rate of r is
one of r/2 where the loss is the square.

    echo '{"rows": 100000, "features": 10, "rate": 0.001, "epochs": 5}' | python3 sklearn_sgd.py
"""
import json
import sys
import time

import numpy
import sklearn
from sklearn.linear_model import SGDRegressor

print(f"scikit-learn {sklearn.__version__}", flush=True)


def load(run):
    # In the doubles that it works in, so that it is not timed converting.
    if "data" in run:
        table = numpy.fromfile(run["data"], dtype=numpy.float32).reshape(run["rows"], run["features"] + 1).astype(numpy.float64)
        return numpy.ascontiguousarray(table[:, :-1]), numpy.ascontiguousarray(table[:, -1])
    random = numpy.random.default_rng(1)
    return random.random((run["rows"], run["features"])), random.random(run["rows"])


def train(run, features, labels):
    model = SGDRegressor(penalty=None, alpha=0.0, learning_rate="constant", eta0=run["rate"], tol=None, max_iter=run.get("epochs", 1), random_state=1)
    epochs = 0
    started = time.perf_counter()
    if "epochs" in run:
        model.fit(features, labels)
        epochs = run["epochs"]
    else:
        while time.perf_counter() - started < run["seconds"]:
            model.partial_fit(features, labels)
            epochs += 1
    elapsed = time.perf_counter() - started
    return {"rows_per_second": run["rows"] * epochs / elapsed, "seconds": elapsed, "weights": model.coef_.tolist(), "bias": float(model.intercept_[0])}


shape, loaded = None, None
for line in sys.stdin:
    run = json.loads(line)
    if shape != (run["rows"], run["features"], run.get("data")):
        shape, loaded = (run["rows"], run["features"], run.get("data")), load(run)
    print(json.dumps(train(run, *loaded)), flush=True)
