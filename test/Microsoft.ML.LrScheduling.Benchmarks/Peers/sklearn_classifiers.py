"""What scikit-learn's linear classifiers reach on the data of the samples BreastCancer and Digits, on the same rows: every fifth one is held out.

    python3 test/Microsoft.ML.LrScheduling.Benchmarks/Peers/sklearn_classifiers.py
"""
import time
from pathlib import Path

import numpy
import sklearn
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

DATA = Path(__file__).resolve().parents[3] / "samples" / "data"

print(f"scikit-learn {sklearn.__version__}")
for name, header, scaler in (("breast_cancer", 1, StandardScaler()), ("digits", 0, MinMaxScaler())):
    table = numpy.loadtxt(DATA / f"{name}.csv", delimiter=",", skiprows=header)
    features, labels = table[:, :-1], table[:, -1].astype(int)
    held_out = numpy.arange(len(labels)) % 5 == 0
    for model in (LogisticRegression(max_iter=10000), SGDClassifier(loss="log_loss", random_state=1)):
        pipeline = make_pipeline(scaler, model)
        started = time.perf_counter()
        pipeline.fit(features[~held_out], labels[~held_out])
        seconds = time.perf_counter() - started
        probabilities = pipeline.predict_proba(features[held_out])
        # As ML.NET has it: in bits for two classes, in nats for more.
        loss = log_loss(labels[held_out], probabilities)
        loss = f"{loss / numpy.log(2):.3f} bits" if probabilities.shape[1] == 2 else f"{loss:.3f} nats"
        auc = f", AUC {roc_auc_score(labels[held_out], probabilities[:, 1]):.4f}" if probabilities.shape[1] == 2 else ""
        print(f"{name}: {type(model).__name__}: accuracy {accuracy_score(labels[held_out], pipeline.predict(features[held_out])):.4f}{auc}, "
              f"log-loss {loss}, {seconds:.3f} s")
