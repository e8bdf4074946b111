"""Four points, 2–10–2, relu, softmax, SGD 0.1, 1000 steps in PyTorch."""
import torch, torch.nn as nn

X = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
y = torch.tensor([0, 1, 1, 0])
torch.manual_seed(1)
net = nn.Sequential(nn.Linear(2, 10), nn.ReLU(), nn.Linear(10, 2))
optimizer, loss = torch.optim.SGD(net.parameters(), 0.1), nn.CrossEntropyLoss()
for _ in range(1000):
    optimizer.zero_grad()
    loss(net(X), y).backward()
    optimizer.step()
print(torch.softmax(net(X), 1), (net(X).argmax(1) == y).float().mean())
