# Tells benign tumours from malignant ones, as a tutorial of PyTorch would.
#   python3 samples/FromPyTorch/train.py samples/data/breast_cancer.csv
import sys

import numpy
import torch

rows = torch.from_numpy(numpy.loadtxt(sys.argv[1], delimiter=",", skiprows=1, dtype="float32"))
x, y = rows[:, :30], rows[:, 30:]
mean, std = x[:426].mean(0), x[:426].std(0)
x = (x - mean) / std
x_train, y_train, x_test, y_test = x[:426], y[:426], x[426:], y[426:]

torch.manual_seed(1)
model = torch.nn.Linear(30, 1)
criterion = torch.nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.3)

for epoch in range(30):
    total = 0
    for batch in torch.randperm(len(x_train)).split(32):
        optimizer.zero_grad()
        loss = criterion(model(x_train[batch]), y_train[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    print(f"epoch {epoch + 1}: rate {scheduler.get_last_lr()[0]:.4g}, loss {total / len(x_train):.3f}")
    scheduler.step()

with torch.no_grad():
    accuracy = ((model(x_test) > 0) == (y_test > 0)).float().mean()
print(f"accuracy {accuracy:.3f}")
