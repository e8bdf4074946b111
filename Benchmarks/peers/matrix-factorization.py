"""X ≈ W H Wᵀ + b on the 3×3 matrix in PyTorch: written out by hand, and again with autograd."""
import torch

X = torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]], dtype=torch.float64)
torch.manual_seed(7)
W, H, b = 0.5 * torch.randn(3, 2, dtype=torch.float64), torch.eye(2, dtype=torch.float64), X.mean()
for _ in range(2000):
    R = X - W @ H @ W.T - b
    gW, gH, gb = R @ W @ H.T + R.T @ W @ H, W.T @ R @ W, R.sum()
    W, H, b = W + 0.01 * gW, H + 0.01 * gH, b + 0.01 * gb
print(float((X - W @ H @ W.T - b).norm() / X.norm()))

W = (0.5 * torch.randn(3, 2, dtype=torch.float64)).requires_grad_()
H = torch.eye(2, dtype=torch.float64, requires_grad=True)
b = X.mean().clone().requires_grad_()
optimizer = torch.optim.SGD([W, H, b], 0.01)
for _ in range(2000):
    optimizer.zero_grad()
    loss = 0.5 * ((X - W @ H @ W.T - b) ** 2).sum()
    loss.backward()
    optimizer.step()
print(float((X - W @ H @ W.T - b).norm() / X.norm()))
