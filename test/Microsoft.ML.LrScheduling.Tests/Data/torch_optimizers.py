"""What PyTorch's optimizers do with gradients: reads configurations, one JSON object a line, and writes for each the parameters after every step.

The first line written has the version. optimizer, dtype and groups (start and options) say how it begins; gradients has for each step one
vector a group, null where there is none; change has the step before which the first group gets other options.
"""
import json
import sys

import torch

NAMES = {"RMSProp": "RMSprop"}


def spell(options, betas=(0.9, 0.999)):
    options = dict(options)
    if "beta1" in options or "beta2" in options:
        options["betas"] = (options.pop("beta1", betas[0]), options.pop("beta2", betas[1]))
    return options


def run(case):
    dtype = getattr(torch, case["dtype"])
    parameters = [torch.tensor(group["start"], dtype=dtype, requires_grad=True) for group in case["groups"]]
    options = [spell(group["options"]) for group in case["groups"]]
    groups = [{"params": [parameter], **given} for parameter, given in zip(parameters, options)]
    kind = case["optimizer"]
    optimizer = getattr(torch.optim, NAMES.get(kind, kind))(groups, **options[0])
    trajectory = []
    for step, gradients in enumerate(case["gradients"]):
        if step == case["change"]["step"]:
            group = optimizer.param_groups[0]
            group.update(spell(case["change"]["options"], group.get("betas")))
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = None if gradient is None else torch.tensor(gradient, dtype=dtype)
        optimizer.step()
        trajectory.append([value for parameter in parameters for value in parameter.tolist()])
    return trajectory


def main():
    print(json.dumps({"version": torch.__version__}))
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))))


main()
