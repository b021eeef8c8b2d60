"""What PyTorch's AveragedModel makes of a linear regression: reads problems, one JSON object a line, and writes the averaged weights and bias of each.

The first line written has the version. A problem has features, labels, batch, rate, epochs, start (the epochs before the average) and decay (or null).
"""
import json
import sys

import torch
from torch.optim.swa_utils import AveragedModel

print(json.dumps({"version": torch.__version__}))
for line in sys.stdin:
    p = json.loads(line)
    x, y = torch.tensor(p["features"]), torch.tensor(p["labels"])
    model = torch.nn.Linear(x.shape[1], 1)
    with torch.no_grad():
        model.weight.zero_()
        model.bias.zero_()
    decay = p["decay"]
    average = AveragedModel(model, avg_fn=None if decay is None else (lambda a, w, n: decay * a + (1 - decay) * w))
    optimizer = torch.optim.SGD(model.parameters(), lr=p["rate"])
    for epoch in range(p["epochs"]):
        for first in range(0, len(y), p["batch"]):
            optimizer.zero_grad()
            rows = slice(first, first + p["batch"])
            torch.nn.functional.mse_loss(model(x[rows])[:, 0], y[rows]).backward()
            optimizer.step()
        if epoch >= p["start"]:
            average.update_parameters(model)
    print(json.dumps(average.module.weight[0].tolist() + average.module.bias.tolist()))
