"""What rules that follow a metric give: reads cases, one JSON object a line, and writes the rates of each, one list a step.

The first line written has the versions. GreedyLR, keras and paddle are the rules of Hugging Face Transformers, Keras and PaddlePaddle,
written down here; timm is noise from PyTorch's own generator on PyTorch's own plateau; sgd and mlp are scikit-learn itself, which gives the
losses too.
"""
import json
import math
import sys
import warnings

import sklearn
import torch
from sklearn.linear_model import SGDRegressor
from sklearn.neural_network import MLPRegressor


def better(case, current, best):
    way = -1 if case["mode"] == "min" else 1
    if math.isinf(best):
        return way * current > way * best
    if case["threshold_mode"] == "abs":
        return way * current > way * (best + way * case["threshold"])
    return way * current > way * best * (1 + way * case["threshold"])


def greedy(case):
    first, factor, patience, eps = list(case["lrs"]), case["factor"], case["patience"], case["eps"]
    rates, curve = list(first), [list(first)]
    worst = math.inf if case["mode"] == "min" else -math.inf
    best, good, bad, cooldown, warmup, reset, window, total = worst, 0, 0, 0, 0, case["reset_start"], [], 0.0
    for metric in case["metrics"]:
        if case["smooth"]:
            window.append(metric)
            total += metric
            if len(window) > case["window_size"]:
                total -= window.pop(0)
            metric = total / len(window)
        if cooldown > 0:
            cooldown, good, bad = cooldown - 1, 0, 0
        elif warmup > 0:
            warmup, good, bad = warmup - 1, 0, 0
        else:
            if better(case, metric, best):
                best, good, bad = metric, good + 1, 0
            else:
                good, bad = 0, bad + 1
            if good > patience:
                for i, rate in enumerate(rates):
                    up = min(rate / factor, case["max_lr"][i])
                    rates[i] = up if up - rate > eps else rate
                reset, warmup, good = case["reset_start"], case["warmup"], 0
            elif bad > patience:
                for i, rate in enumerate(rates):
                    down = max(rate * factor, case["min_lr"][i])
                    rates[i] = down if rate - down > eps else rate
                if all(rate <= least for rate, least in zip(rates, case["min_lr"])):
                    reset -= 1
                    if reset <= 0:
                        rates, best, good, warmup, reset = list(first), worst, 0, 0, case["reset_start"]
                        window, total = [], 0.0
                cooldown, bad = case["cooldown"], 0
        curve.append(list(rates))
    return {"lrs": curve}


def keras(case):
    way = -1 if case["mode"] == "min" else 1
    (rate,), best, wait, cooldown = case["lrs"], -way * math.inf, 0, 0
    curve = [[rate]]
    for metric in case["metrics"]:
        if cooldown > 0:
            cooldown, wait = cooldown - 1, 0
        if way * metric > way * best + case["threshold"]:
            best, wait = metric, 0
        elif cooldown == 0:
            wait += 1
            if wait >= case["patience"] and rate > case["min_lr"]:
                rate, cooldown, wait = max(rate * case["factor"], case["min_lr"]), case["cooldown"], 0
        curve.append([rate])
    return {"lrs": curve}


def paddle(case):
    way = -1 if case["mode"] == "min" else 1
    (rate,), best, bad, cooldown = case["lrs"], None, 0, 0
    curve = [[rate]]
    for metric in case["metrics"]:
        if cooldown > 0:
            cooldown -= 1
        else:
            least = case["threshold"] if case["threshold_mode"] == "abs" else (best or 0) * case["threshold"]
            if best is None or way * metric > way * (best + way * least):
                best, bad = metric, 0
            else:
                bad += 1
            if bad > case["patience"]:
                cooldown, bad = case["cooldown"], 0
                cut = max(rate * case["factor"], case["min_lr"])
                rate = cut if rate - cut > case["eps"] else rate
        curve.append([rate])
    return {"lrs": curve}


def timm(case):
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in case["lrs"]]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, mode="min", factor=case["factor"], patience=case["patience"], cooldown=case["cooldown"])
    curve = [list(case["lrs"])]
    for t, metric in enumerate(case["metrics"], start=1):
        plateau.step(metric)
        noise = 0.0
        if case["start"] <= t < case["end"]:
            generator = torch.Generator()
            generator.manual_seed(case["seed"] + t)
            if case["type"] == "normal":
                noise = math.inf
                while not abs(noise) < case["pct"]:
                    noise = torch.randn(1, generator=generator).item()
            else:
                noise = 2 * (torch.rand(1, generator=generator).item() - 0.5) * case["pct"]
        curve.append([group["lr"] + group["lr"] * noise for group in optimizer.param_groups])
    return {"lrs": curve}


def sgd(case):
    # One row, x = 1, y = 1, and half its squared error: a step is w -= eta * (w - 1), so that eta follows from the weights.
    def fit(epochs):
        model = SGDRegressor(
            learning_rate="adaptive", eta0=case["lrs"][0], tol=case["tol"], n_iter_no_change=case["n_iter_no_change"], max_iter=epochs,
            penalty=None, fit_intercept=False, shuffle=False)
        model.fit([[1.0]], [1.0])
        return model.coef_[0], model.n_iter_

    weights, losses, curve = [0.0], [], []
    for epoch in range(1, case["epochs"] + 1):
        weight, count = fit(epoch)
        if count < epoch:
            break
        losses.append((weights[-1] - 1) ** 2 / 2)
        curve.append([(weights[-1] - weight) / (weights[-1] - 1)])
        weights.append(weight)
    return {"lrs": curve, "metrics": losses}


def mlp(case):
    curve = []

    class Model(MLPRegressor):
        def _update_no_improvement_count(self, *arguments):
            curve.append([self._optimizer.learning_rate])
            super()._update_no_improvement_count(*arguments)

    generator = torch.Generator().manual_seed(case["seed"])
    features = torch.randn(60, 3, generator=generator).numpy()
    labels = features[:, 0] * features[:, 1] + torch.randn(60, generator=generator).numpy() / 3
    model = Model((4,), solver="sgd", learning_rate="adaptive", learning_rate_init=case["lrs"][0], tol=case["tol"],
                  n_iter_no_change=case["n_iter_no_change"], max_iter=case["epochs"], random_state=case["seed"])
    model.fit(features, labels)
    return {"lrs": curve, "metrics": model.loss_curve_}


RULES = {"greedy": greedy, "keras": keras, "paddle": paddle, "timm": timm, "sgd": sgd, "mlp": mlp}

warnings.simplefilter("ignore")
print(json.dumps({"version": f"PyTorch {torch.__version__}, scikit-learn {sklearn.__version__}"}))
for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps(RULES[case["rule"]](case)))
