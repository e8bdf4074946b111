"""PyTorch on MNIST-10k, Adam 0.001, 8,000 images; arguments: network, batch, epochs, seed."""
import gzip, json, pathlib, sys, time
import numpy as np, torch, torch.nn as nn

name, batch, epochs, seed = sys.argv[1], *map(int, sys.argv[2:5])
data = pathlib.Path(__file__).resolve().parents[2] / "samples/data"
pixels = np.frombuffer(gzip.open(data / "t10k-images-idx3-ubyte.gz").read(), np.uint8, offset=16)
labels = np.frombuffer(gzip.open(data / "t10k-labels-idx1-ubyte.gz").read(), np.uint8, offset=8)
X = torch.tensor((pixels.reshape(-1, 784) / 255).astype(np.float32))
y = torch.tensor(labels.astype(np.int64))


class Recurrent(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell, self.out = cell(28, 64, batch_first=True), nn.Linear(64, 10)

    def forward(self, x):
        return self.out(self.cell(x)[0][:, -1])


class BothWays(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.out = nn.GRU(28, 32, batch_first=True, bidirectional=True), nn.Linear(64, 10)

    def forward(self, x):
        last = self.cell(x)[1]
        return self.out(torch.cat([last[0], last[1]], 1))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.out = nn.Linear(784, 64), nn.Linear(64, 10)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64)) for _ in range(2))

    def forward(self, x):
        x = torch.relu(self.first(x))
        for block in self.blocks:
            x = x + block(x)
        return self.out(x)


makers = {
    "mlp": lambda: nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)),
    "cnn": lambda: nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 26 * 26, 10)),
    "cnn2": lambda: nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10)),
    "rnn": lambda: Recurrent(nn.RNN), "gru": lambda: Recurrent(nn.GRU), "lstm": lambda: Recurrent(nn.LSTM),
    "residual": Residual, "gru_both_ways": BothWays,
}
if name.startswith("cnn"):
    X = X.reshape(-1, 1, 28, 28)
elif name not in ("mlp", "residual"):
    X = X.reshape(-1, 28, 28)
torch.set_num_threads(2)
torch.manual_seed(seed)
net = makers[name]()
optimizer, loss = torch.optim.Adam(net.parameters(), 1e-3), nn.CrossEntropyLoss()
start = time.perf_counter()
for _ in range(epochs):
    order = torch.randperm(8000)
    for i in range(0, 8000, batch):
        rows = order[i : i + batch]
        optimizer.zero_grad()
        loss(net(X[rows]), y[rows]).backward()
        optimizer.step()
seconds = (time.perf_counter() - start) / epochs
with torch.no_grad():
    accuracy = (net(X[8000:]).argmax(1) == y[8000:]).float().mean().item()
print(json.dumps(dict(seconds=seconds, accuracy=accuracy)))
