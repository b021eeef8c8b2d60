"""What PyTorch's autograd and optimizers train: reads problems, one JSON object a line, and writes for each its weights and biases, and by how much at the most
they differ when trained in double precision: what rounding alone does.

The first line written has the version. A problem has features, labels, weights (or null), batches (the rows of each step), rates (of weights and biases, a
step), momenta (the same, or null), outputs, optimizer and loss (as options of the trainers have them in JSON), l1, l2, and clipNorm and clipValue (or null).
"""
import json
import sys

import torch
from torch.nn import functional as F


def loss_of(loss, scores, labels):
    kind = loss["type"]
    if kind == "CrossEntropy":
        return F.cross_entropy(scores, labels.long(), reduction="none", label_smoothing=loss.get("labelSmoothing", 0.0))
    score = scores[:, 0]
    margin = score * (2 * labels - 1)
    return {
        "Squared": lambda: F.mse_loss(score, labels, reduction="none"),
        "Absolute": lambda: F.l1_loss(score, labels, reduction="none"),
        "Huber": lambda: F.huber_loss(score, labels, reduction="none", delta=loss.get("delta", 1.0)),
        "Poisson": lambda: F.poisson_nll_loss(score, labels, reduction="none"),
        "Quantile": lambda: torch.maximum(loss["level"] * (labels - score), (loss["level"] - 1) * (labels - score)),
        "Logistic": lambda: F.binary_cross_entropy_with_logits(score, labels, reduction="none"),
        "Hinge": lambda: torch.relu(1 - margin),
        "SquaredHinge": lambda: torch.relu(1 - margin) ** 2,
    }[kind]()


def optimizer_of(o, weights, bias, l2):
    kind, decay = o["type"], o.get("weightDecay", 0.0)
    groups = [{"params": [weights], "weight_decay": decay if kind == "AdamW" else decay + l2}, {"params": [bias], "weight_decay": 0.0}]
    if kind == "Sgd":
        return torch.optim.SGD(groups, lr=0.1, momentum=o["momentum"], dampening=o["dampening"], nesterov=o["nesterov"])
    if kind in ("Adam", "AdamW"):
        make = getattr(torch.optim, kind)
        return make(groups, lr=0.1, betas=(o["beta1"], o["beta2"]), eps=o["epsilon"], amsgrad=o["amsGrad"])
    if kind == "RmsProp":
        return torch.optim.RMSprop(groups, lr=0.1, alpha=o["alpha"], eps=o["epsilon"], momentum=o["momentum"], centered=o["centered"])
    return torch.optim.Adagrad(groups, lr=0.1, lr_decay=o["lrDecay"], initial_accumulator_value=o["initialAccumulatorValue"], eps=o["epsilon"])


def train(p, dtype):
    torch.set_default_dtype(dtype)
    features, labels = torch.tensor(p["features"], dtype=dtype), torch.tensor(p["labels"], dtype=dtype)
    example_weights = torch.ones(len(labels)) if p["weights"] is None else torch.tensor(p["weights"], dtype=dtype)
    weights = torch.zeros(p["outputs"], features.shape[1], requires_grad=True)
    bias = torch.zeros(p["outputs"], requires_grad=True)
    optimizer = optimizer_of(p["optimizer"], weights, bias, p["l2"])
    for step, rows in enumerate(p["batches"]):
        for i, group in enumerate(optimizer.param_groups):
            group["lr"] = p["rates"][step][i]
            if p["momenta"] is not None:
                momentum = p["momenta"][step][i]
                group.update({"betas": (momentum, group["betas"][1])} if "betas" in group else {"momentum": momentum})
        optimizer.zero_grad()
        losses = loss_of(p["loss"], F.linear(features[rows], weights, bias), labels[rows])
        penalty = p["l2"] / 2 * (weights ** 2).sum() if p["optimizer"]["type"] == "AdamW" else 0.0
        ((losses * example_weights[rows]).mean() + penalty).backward()
        if p["clipValue"] is not None:
            torch.nn.utils.clip_grad_value_([weights, bias], p["clipValue"])
        if p["clipNorm"] is not None:
            torch.nn.utils.clip_grad_norm_([weights, bias], p["clipNorm"])
        optimizer.step()
        if p["l1"] > 0:
            with torch.no_grad():
                weights.copy_(weights.sign() * (weights.abs() - p["rates"][step][0] * p["l1"]).clamp(min=0))
    return weights.flatten().tolist(), bias.tolist()


def answer(p):
    (weights, biases), exact = train(p, torch.float32), train(p, torch.float64)
    rounding = max(abs(a - b) for a, b in zip(weights + biases, exact[0] + exact[1]))
    return {"weights": weights, "biases": biases, "rounding": rounding}


print(json.dumps({"version": torch.__version__}))
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
