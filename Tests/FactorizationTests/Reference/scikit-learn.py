"""Writes ScikitLearn.swift: iterates of scikit-learn's NMF from a given start, as an oracle.

Run with a Python that has scikit-learn 1.5 or newer: python scikit-learn.py > ScikitLearn.swift
"""
import warnings
import numpy as np
from sklearn.decomposition import non_negative_factorization

warnings.filterwarnings("ignore")
random = np.random.default_rng(7)
X = np.round(random.uniform(0.5, 4, (6, 5)), 3)
W0 = np.round(random.uniform(0.1, 1, (6, 2)), 3)
H0 = np.round(random.uniform(0.1, 1, (2, 5)), 3)


def rows(matrix):
    return ", ".join("[" + ", ".join(repr(float(x)) for x in row) + "]" for row in matrix)


print("""import Matrices

// Made by scikit-learn.py.
// swift-format-ignore-file

/// Iterates of scikit-learn's NMF on a 6×5 matrix from the start `w0`, `h0`.
enum ScikitLearn {""")
for name, matrix in [("x", X), ("w0", W0), ("h0", H0)]:
    print(f"  static let {name} = Matrix([{rows(matrix)}])")
for name, loss, solver, iterations in [
    ("descent", "frobenius", "cd", 3),
    ("squaredError", "frobenius", "mu", 5),
    ("divergence", "kullback-leibler", "mu", 5),
]:
    W, H, _ = non_negative_factorization(
        X, W=W0.copy(), H=H0.copy(), n_components=2, init="custom", solver=solver,
        beta_loss=loss, max_iter=iterations, tol=0)
    print(f"  /// {iterations} iterations of {solver}, {loss}.")
    print(f"  static let {name} = (")
    print(f"    iterations: {iterations},")
    print(f"    w: Matrix([{rows(W)}]),")
    print(f"    h: Matrix([{rows(H)}]))")
print("}")
