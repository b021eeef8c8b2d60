"""Trains a classifier on sparse rows with scikit-learn's SGDClassifier: the logistic loss, shuffled, a constant rate, one row a step.

Each line of the input is a run, as JSON: data, a file of 32-bit numbers (the feature of each value, the values, a label a row); rows, features, values (those
of a row), penalty, alpha, rate; and seconds of processor time or epochs. Where held_out rows are named, they are the last ones: they are not trained on, and
their scores give an AUC. Each gives a line of JSON.
"""
import json
import sys
import time

import numpy
import scipy.sparse
import sklearn
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import roc_auc_score

print(f"scikit-learn {sklearn.__version__}", flush=True)


def load(run):
    rows, count = run["rows"], run["rows"] * run["values"]
    data = numpy.fromfile(run["data"], dtype=numpy.int32)
    # In the doubles that it works in, so that it is not timed converting.
    values = data[count:2 * count].view(numpy.float32).astype(numpy.float64)
    starts = numpy.arange(rows + 1, dtype=numpy.int32) * run["values"]
    labels = data[2 * count:].view(numpy.float32).astype(int)
    return scipy.sparse.csr_matrix((values, data[:count], starts), shape=(rows, run["features"])), labels


def train(run, features, labels):
    held_out = run.get("held_out", 0)
    trained = features.shape[0] - held_out
    model = SGDClassifier(
        loss="log_loss", penalty=run["penalty"], alpha=run["alpha"], learning_rate="constant", eta0=run["rate"], random_state=1)
    rows, ours = features[:trained], labels[:trained]
    epochs = 0
    started = time.process_time()
    while epochs < run.get("epochs", 1 << 30) and time.process_time() - started < run.get("seconds", 1e9):
        model.partial_fit(rows, ours, classes=[0, 1])
        epochs += 1
    elapsed = time.process_time() - started
    auc = roc_auc_score(labels[trained:], model.decision_function(features[trained:])) if held_out > 0 else None
    return {"rows_per_second": trained * epochs / elapsed, "seconds": elapsed, "auc": auc}


shape, loaded = None, None
for line in sys.stdin:
    run = json.loads(line)
    if shape != run["data"]:
        shape, loaded = run["data"], load(run)
    print(json.dumps(train(run, *loaded)), flush=True)
