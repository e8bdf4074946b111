"""PyTorch on what Benchmarks/network-memory.mfs does: with the argument "train" an epoch, else up to there."""
import gzip, pathlib, sys
import numpy as np, torch, torch.nn as nn

data = pathlib.Path(__file__).resolve().parents[2] / "samples/data"
pixels = np.frombuffer(gzip.open(data / "t10k-images-idx3-ubyte.gz").read(), np.uint8, offset=16)
labels = np.frombuffer(gzip.open(data / "t10k-labels-idx1-ubyte.gz").read(), np.uint8, offset=8)
X = torch.tensor((pixels.reshape(-1, 1, 28, 28) / 255).astype(np.float32))
y = torch.tensor(labels.astype(np.int64))
torch.set_num_threads(2)
torch.manual_seed(1)
net = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 26 * 26, 10))
optimizer, loss = torch.optim.Adam(net.parameters(), 1e-3), nn.CrossEntropyLoss()
if sys.argv[1] == "train":
    order = torch.randperm(8000)
    for i in range(0, 8000, 128):
        rows = order[i : i + 128]
        optimizer.zero_grad()
        loss(net(X[rows]), y[rows]).backward()
        optimizer.step()
