"""PyTorch on MNIST-10k: 784–128–10, Adam 0.001, batch 32, 5 epochs of 8,000; argument: the seed."""
import gzip, json, pathlib, sys, time
import numpy as np, torch, torch.nn as nn

data = pathlib.Path(__file__).resolve().parents[2] / "samples/data"
pixels = np.frombuffer(gzip.open(data / "t10k-images-idx3-ubyte.gz").read(), np.uint8, offset=16)
labels = np.frombuffer(gzip.open(data / "t10k-labels-idx1-ubyte.gz").read(), np.uint8, offset=8)
X = torch.tensor((pixels.reshape(-1, 784) / 255).astype(np.float32))
y = torch.tensor(labels.astype(np.int64))

torch.set_num_threads(2)
torch.manual_seed(int(sys.argv[1]))
net = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
optimizer, loss = torch.optim.Adam(net.parameters(), 1e-3), nn.CrossEntropyLoss()
epochs, batch = 5, 32
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
