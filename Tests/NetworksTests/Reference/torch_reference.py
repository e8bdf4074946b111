"""The reference numbers of TorchReference.swift: forward, loss and steps of PyTorch in 64 bits."""
import torch, torch.nn as nn

torch.set_default_dtype(torch.float64)


def show(name, tensor):
    rows = tensor.detach().reshape(-1, tensor.shape[-1]).tolist()
    print(f"  static let {name} = Matrix([")
    for row in rows:
        print("    [" + ", ".join(repr(round(x, 12)) for x in row) + "],")
    print("  ])")


def wave(rows, columns, shift):
    """Numbers that need no file: both sides compute them."""
    i = torch.arange(rows * columns).reshape(rows, columns)
    return torch.sin(i * 0.7 + shift)


def network(activation):
    net = nn.Sequential(nn.Linear(3, 4), activation, nn.Linear(4, 3))
    for layer, shift in ((net[0], 1.0), (net[2], 2.0)):
        layer.weight.data = wave(*layer.weight.T.shape, shift).T.contiguous()
        layer.bias.data = wave(1, layer.bias.shape[0], shift + 0.5)[0]
    return net


x, labels = wave(5, 3, 0.0), torch.tensor([0, 1, 2, 1, 0])
print("import Matrices\n\n/// Written by torch_reference.py with PyTorch " + torch.__version__.split("+")[0] + ".")
print("enum TorchReference {")
net = network(nn.ReLU())
show("probabilities", torch.softmax(net(x), 1))
print(f"  static let crossEntropy = {nn.CrossEntropyLoss()(net(x), labels).item()!r}")
linear = network(nn.Tanh())
print(f"  static let meanSquaredError = {nn.MSELoss()(linear(x), wave(5, 3, 3.0)).item()!r}")
optimizers = {
    "sgd": lambda p: torch.optim.SGD(p, 0.1),
    "momentum": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, 0.01),
}
for name, make in optimizers.items():
    net = network(nn.ReLU())
    optimizer = make(net.parameters())
    for _ in range(5):
        optimizer.zero_grad()
        nn.CrossEntropyLoss()(net(x), labels).backward()
        optimizer.step()
    show(f"{name}Weights", net[0].weight.T)
    show(f"{name}Bias", net[2].bias[None])
print("}")
