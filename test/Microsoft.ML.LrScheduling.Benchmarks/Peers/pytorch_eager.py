"""Trains a linear regression with PyTorch as a tutorial writes it: nn.Linear, mse_loss, autograd, optim.SGD, over slices of one tensor, without shuffling.

Each line of the input is a run, as JSON: rows, features, batch, rate, threads; and seconds or epochs. With data, a file of 32-bit floats (a row's features
and then its label, row after row), training is on these and begins with weights of zero; otherwise on random numbers. Each gives a line of JSON.

    echo '{"rows": 100000, "features": 10, "batch": 32, "rate": 0.001, "threads": 1, "seconds": 0.5}' | python3 pytorch_eager.py
"""
import json
import sys
import time

import torch

print(f"PyTorch {torch.__version__}", flush=True)


def load(run):
    if "data" in run:
        values = torch.from_file(run["data"], shared=False, size=run["rows"] * (run["features"] + 1), dtype=torch.float32)
        table = values.reshape(run["rows"], run["features"] + 1)
        return table[:, :-1].contiguous(), table[:, -1:].contiguous()
    return torch.rand(run["rows"], run["features"]), torch.rand(run["rows"], 1)


def train(run, features, labels):
    rows, batch = run["rows"], run["batch"]
    model = torch.nn.Linear(run["features"], 1)
    if "data" in run:
        torch.nn.init.zeros_(model.weight)
        torch.nn.init.zeros_(model.bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=run["rate"])
    seconds, last = run.get("seconds", float("inf")), rows * run.get("epochs", float("inf"))
    trained = start = 0
    started = time.perf_counter()
    while trained < last and time.perf_counter() - started < seconds:
        end = min(start + batch, rows)
        loss = torch.nn.functional.mse_loss(model(features[start:end]), labels[start:end])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        trained += end - start
        start = end if end < rows else 0
    elapsed = time.perf_counter() - started
    return {"rows_per_second": trained / elapsed, "seconds": elapsed, "weights": model.weight.flatten().tolist(), "bias": model.bias.item()}


shape, loaded = None, None
for line in sys.stdin:
    run = json.loads(line)
    if shape != (run["rows"], run["features"], run.get("data")):
        shape, loaded = (run["rows"], run["features"], run.get("data")), load(run)
    torch.set_num_threads(run["threads"])
    print(json.dumps(train(run, *loaded)), flush=True)
