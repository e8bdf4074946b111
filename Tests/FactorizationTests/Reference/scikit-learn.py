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
    ("itakuraSaito", "itakura-saito", "mu", 5),
    ("half", 0.5, "mu", 5),
    ("oneAndAHalf", 1.5, "mu", 5),
    ("three", 3, "mu", 5),
]:
    W, H, _ = non_negative_factorization(
        X, W=W0.copy(), H=H0.copy(), n_components=2, init="custom", solver=solver,
        beta_loss=loss, max_iter=iterations, tol=0)
    print(f"  /// {iterations} iterations of {solver}, {loss}.")
    print(f"  static let {name} = (")
    print(f"    iterations: {iterations},")
    print(f"    w: Matrix([{rows(W)}]),")
    print(f"    h: Matrix([{rows(H)}]))")
# The same numbers as least squares: rows of codes by scipy.optimize.nnls.
from scipy.optimize import nnls
print("  /// Codes of the rows of `x` for the parts `h0`, by scipy.optimize.nnls.")
print(f"  static let codes = Matrix([{rows([nnls(H0.T, row)[0] for row in X])}])")
A = np.round(random.normal(size=(20, 8)) + 0.3, 3)
B = np.round(random.normal(size=(9, 20)), 3)
print("  /// Least squares over x ≥ 0 of `design` x against the rows of `targets`, by scipy.")
print(f"  static let design = Matrix([{rows(A)}])")
print(f"  static let targets = Matrix([{rows(B)}])")
print(f"  static let solutions = Matrix([{rows([nnls(A, b)[0] for b in B])}])")
print("}")
