"""Writes torch_layers.json, which TorchLayers.swift reads: outputs and derivatives of PyTorch's layers,
losses and optimizers in 64 bits, on numbers that both sides compute. Parameters are laid out as mfs
lays them out; autograd brings their derivatives back to that layout.
python torch_layers.py > torch_layers.json"""
import json
import torch, torch.nn as nn, torch.nn.functional as F
from torch.func import functional_call

torch.set_default_dtype(torch.float64)


def wave(rows, columns, shift, scale=1.0):
    i = torch.arange(rows * columns).reshape(rows, columns)
    return scale * torch.sin(i * 0.7 + shift)


def show(tensor):
    rows = tensor.detach().reshape(tensor.shape[0], -1).tolist()
    return [[round(x, 12) for x in row] for row in rows]


def images(x, h, w, c):
    return x.reshape(-1, h, w, c).permute(0, 3, 1, 2)


def flat(y):
    return y.permute(0, 2, 3, 1).reshape(y.shape[0], -1)


def conv(h, w, c, f, k, stride=1, same=False):
    def run(x, p):
        weight = p[:-1].reshape(k, k, c, f).permute(3, 2, 0, 1)
        image = images(x, h, w, c)
        if same:
            def pads(n):
                total = max((-(-n // stride) - 1) * stride + k - n, 0)
                return total // 2, total - total // 2
            image = F.pad(image, (*pads(w), *pads(h)))
        return flat(F.conv2d(image, weight, p[-1], stride))
    return h * w * c, (k * k * c + 1, f), run


def pool(function, h, w, c):
    return h * w * c, None, lambda x, p: flat(function(images(x, h, w, c)))


def recurrent(make, gates, t, k, n, both=False, sequence=False):
    module = make(k, n, batch_first=True, bidirectional=both)
    biases = 2 if gates == 3 else 1
    own = k + n + biases

    def run(x, p):
        weights = {}
        for d, suffix in enumerate(["", "_reverse"][: 2 if both else 1]):
            q = p[d * own : (d + 1) * own]
            weights["weight_ih_l0" + suffix] = q[:k].T
            weights["weight_hh_l0" + suffix] = q[k : k + n].T
            weights["bias_ih_l0" + suffix] = q[k + n]
            weights["bias_hh_l0" + suffix] = q[-1] if biases == 2 else torch.zeros(gates * n)
        y = functional_call(module, weights, (x.reshape(-1, t, k),))[0]
        if sequence:
            return y.reshape(x.shape[0], -1)
        return torch.cat([y[:, -1, :n], y[:, 0, n:]], 1)
    return t * k, ((2 if both else 1) * own, gates * n), run


layers = {
    "conv": conv(5, 6, 1, 3, 3),
    "convOfChannels": conv(4, 5, 5, 4, 2),
    "convSameStride": conv(5, 6, 2, 3, 3, stride=2, same=True),
    "maxpool": pool(lambda x: F.max_pool2d(x, 2), 5, 6, 3),
    "avgpool": pool(lambda x: F.avg_pool2d(x, 3, 2), 5, 7, 2),
    "rnn": recurrent(nn.RNN, 1, 4, 3, 5),
    "gru": recurrent(nn.GRU, 3, 4, 3, 5),
    "gruBoth": recurrent(nn.GRU, 3, 3, 2, 4, both=True, sequence=True),
    "lstm": recurrent(nn.LSTM, 4, 4, 3, 5),
    "lstmBoth": recurrent(nn.LSTM, 4, 3, 2, 4, both=True),
    "layernorm": (6, (2, 6), lambda x, p: F.layer_norm(x, (6,), p[0], p[1])),
}
functions = {
    "relu": F.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "softmax": lambda x: torch.softmax(x, 1),
    "leaky_relu": F.leaky_relu, "elu": F.elu, "softplus": F.softplus, "gelu": F.gelu, "silu": F.silu,
}
for name, f in functions.items():
    layers[name] = (7, None, lambda x, p, f=f: f(x))

found = {"torch": torch.__version__.split("+")[0], "layers": {}, "losses": {}, "optimizers": {}}
for name, (inputs, shape, run) in layers.items():
    x = wave(3, inputs, 0.3).requires_grad_()
    p = wave(*shape, 1.1, 0.5).requires_grad_() if shape else None
    y = run(x, p)
    (y * wave(*y.shape, 2.0)).sum().backward()
    found["layers"][name] = {"outputs": show(y), "inputGradient": show(x.grad)}
    if shape:
        found["layers"][name]["parameterGradient"] = show(p.grad)

z, t = wave(4, 3, 0.3, 2.0), wave(4, 3, 1.9)
shares = torch.sigmoid(3 * t)
probabilities = torch.softmax(t, 1)
sides = torch.sign(wave(4, 1, 1.9))
losses = {
    "mse": (z, t, lambda z: F.mse_loss(z, t)),
    "mae": (z, t, lambda z: F.l1_loss(z, t)),
    "huber": (z, t, lambda z: F.huber_loss(z, t)),
    "binary_crossentropy": (z, shares, lambda z: F.binary_cross_entropy_with_logits(z, shares)),
    "crossentropy": (z, probabilities, lambda z: F.cross_entropy(z, probabilities)),
    "kl": (z, probabilities, lambda z: F.kl_div(F.log_softmax(z, 1), probabilities, reduction="batchmean")),
    "hinge": (z, torch.tensor([[0.0], [2], [1], [2]]), lambda z: F.multi_margin_loss(z, torch.tensor([0, 2, 1, 2]))),
}
for name, (z, targets, run) in losses.items():
    z = z.clone().requires_grad_()
    loss = run(z)
    loss.backward()
    found["losses"][name] = {"targets": show(targets), "loss": loss.item(), "gradient": show(z.grad)}

# A row of weights after five steps on the gradients wave(1, 6, step).
optimizers = {
    "adamw": lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, 0.01, alpha=0.9),
    "adagrad": lambda p: torch.optim.Adagrad(p, 0.1),
}
for name, make in optimizers.items():
    p = wave(1, 6, 0.3).requires_grad_()
    optimizer = make([p])
    for step in range(1, 6):
        p.grad = wave(1, 6, float(step))
        optimizer.step()
    found["optimizers"][name] = show(p)

# A line for each kind of thing and each case.
lines = [
    f'"{kind}": {{\n' + ",\n".join(f"{json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items()) + "\n}"
    for kind, cases in found.items() if kind != "torch"
]
print(f'{{"torch": {json.dumps(found["torch"])},\n' + ",\n".join(lines) + "}")
