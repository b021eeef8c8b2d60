"""What PyTorch's schedulers give: reads configurations, one JSON object a line, and writes each with its rates, or with its error.

The first line written has the version. The names are those of schedules.jsonl: scheduler, params, optimizer, base_lrs, steps, metrics; to
these come lrs and, where a momentum is cycled, momenta.
"""
import json
import math
import sys
import warnings

import torch
from torch.optim import lr_scheduler

FUNCTIONS = {name: getattr(math, name) for name in ("exp", "log", "sqrt", "cos", "sin", "floor", "ceil", "pi")}


def function(text, argument):
    return eval(f"lambda {argument}: {text}", {**FUNCTIONS, "__builtins__": {"min": min, "max": max, "abs": abs}})


def build(optimizer, kind, params):
    params = dict(params)
    if kind == "ChainedScheduler":
        return lr_scheduler.ChainedScheduler(parts(optimizer, params))
    if kind == "SequentialLR":
        return lr_scheduler.SequentialLR(optimizer, parts(optimizer, params), params["milestones"])
    if "lr_lambda" in params:
        texts = params["lr_lambda"]
        several = isinstance(texts, list)
        params["lr_lambda"] = [function(text, "epoch") for text in texts] if several else function(texts, "epoch")
    if params.get("scale_fn") is not None:
        params["scale_fn"] = function(params["scale_fn"], "x")
    if "pct_start" in params:
        params["pct_start"] = float(params["pct_start"])
    return getattr(lr_scheduler, kind)(optimizer, **params)


def parts(optimizer, params):
    return [build(optimizer, part["scheduler"], part["params"]) for part in params["schedulers"]]


def curve(case):
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in case["base_lrs"]]
    optimizer = torch.optim.Adam(groups) if case.get("optimizer") == "Adam" else torch.optim.SGD(groups, lr=1.0, momentum=0.9)
    scheduler = build(optimizer, case["scheduler"], case["params"])
    lrs, momenta = [], []
    for step in range(case["steps"] + 1):
        if step > 0:
            scheduler.step(*(float(metric) for metric in case["metrics"][step - 1 : step])) if "metrics" in case else scheduler.step()
        lrs.append([group["lr"] for group in optimizer.param_groups])
        momenta.append([group["betas"][0] if "betas" in group else group["momentum"] for group in optimizer.param_groups])
    return {"lrs": lrs, "momenta": momenta} if case["params"].get("cycle_momentum") else {"lrs": lrs}


def main():
    warnings.simplefilter("ignore")
    print(json.dumps({"version": torch.__version__}))
    for line in sys.stdin:
        case = json.loads(line)
        try:
            case.update(curve(case))
        except Exception as error:
            case["error"] = f"{type(error).__name__}: {error}"
        print(json.dumps(case))


main()
