"""What PyTorch's optimizers make of given gradients: reads runs, one JSON object a line, and writes for each the values after every step.

The first line written has the version. A run has optimizer (as options of the trainers have it in JSON), decays (whether its weight decay
concerns the values), l2, start (the values), and for each step gradients, rates and momenta (or null; of Adam the momentum is beta1).
"""
import json
import sys

import torch


def optimizer_of(o, parameter, decays):
    kind, decay = o["type"], o["weightDecay"] if decays else 0.0
    if kind == "Sgd":
        return torch.optim.SGD(
            [parameter], lr=0.1, momentum=o["momentum"], dampening=o["dampening"], nesterov=o["nesterov"], weight_decay=decay)
    if kind in ("Adam", "AdamW"):
        make = getattr(torch.optim, kind)
        return make([parameter], lr=0.1, betas=(o["beta1"], o["beta2"]), eps=o["epsilon"], amsgrad=o["amsGrad"], weight_decay=decay)
    if kind == "RmsProp":
        return torch.optim.RMSprop(
            [parameter], lr=0.1, alpha=o["alpha"], eps=o["epsilon"], momentum=o["momentum"], centered=o["centered"], weight_decay=decay)
    return torch.optim.Adagrad(
        [parameter], lr=0.1, lr_decay=o["lrDecay"], initial_accumulator_value=o["initialAccumulatorValue"], eps=o["epsilon"],
        weight_decay=decay)


def run(case):
    parameter = torch.tensor(case["start"], requires_grad=True)
    optimizer = optimizer_of(case["optimizer"], parameter, case["decays"])
    group = optimizer.param_groups[0]
    trajectory = []
    for step, gradient in enumerate(case["gradients"]):
        group["lr"] = case["rates"][step]
        if case["momenta"] is not None:
            momentum = case["momenta"][step]
            group.update({"betas": (momentum, group["betas"][1])} if "betas" in group else {"momentum": momentum})
        # The penalty's gradient, which of AdamW is apart from its decay.
        parameter.grad = torch.tensor(gradient).add(parameter.detach(), alpha=case["l2"])
        optimizer.step()
        trajectory.append(parameter.tolist())
    return trajectory


print(json.dumps({"version": torch.__version__}))
for line in sys.stdin:
    print(json.dumps(run(json.loads(line))))
