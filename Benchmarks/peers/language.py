"""CPython and NumPy on what Benchmarks/language.mfs does, under the same names."""
import json, statistics, time
import numpy as np


def timed(task, f, count):
    f()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    print(json.dumps({"task": task, "nanoseconds": statistics.median(times) / count * 1e9}), flush=True)


def scalars():
    s = 0.0
    for i in range(2_000_000):
        s = s + i * 2


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def steps():
    X = np.arange(1.0, 10.0).reshape(3, 3)
    W = np.array([[1.0, 0], [0, 1], [-1, -1]])
    H = np.eye(2)
    for _ in range(20_000):
        R = X - W @ H @ W.T
        gW = -2 * (R @ W @ H.T + R.T @ W @ H)
        gH = -2 * W.T @ R @ W
        W = W - 1e-6 * gW
        H = H - 1e-6 * gH


def builtins():
    s = 0
    for i in range(1, 500_001):
        s = s + max(i % 7, 3)


def scaled(x, factor=1):
    return x * factor


def named():
    s = 0
    for i in range(200_000):
        s = s + scaled(i, factor=3)


def vectors():
    v, s = np.array([1.0, 2, 3]), 0
    for _ in range(100_000):
        s = s + np.linalg.norm(np.sqrt(v))


def softmax(A):
    e = np.exp(A - A.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


timed("loop", scalars, 2e6)
timed("fib", lambda: fib(22), 28657)
timed("builtins", builtins, 1e6)
timed("named", named, 200000)
timed("vectors", vectors, 200000)
timed("small", steps, 20000)

A, B = np.random.rand(4000, 1000), np.random.rand(4000, 1000)
timed("chain", lambda: A * B + 0.5 * A - B**2, 4e6)
timed("exp", lambda: np.exp(A), 4e6)
timed("tanh", lambda: np.tanh(A), 4e6)
timed("softmax", lambda: softmax(A), 4e6)

x = np.random.rand(10_000_000)
timed("sort", lambda: np.sort(x), 1e7)
timed("unique", lambda: np.unique(x), 1e7)
timed("cumsum", lambda: np.cumsum(x), 1e7)
timed("median", lambda: np.median(x), 1e7)
timed("quantile", lambda: np.quantile(x, [0.1, 0.5, 0.9]), 1e7)
