"""scikit-learn's NMF of sparse matrices.

`sparse.py ratings FILE LOSS`: MovieLens 100k, rank 20, 100 iterations from nndsvda: seconds and the value
reached. `sparse.py drawn ROWS COLUMNS ELEMENTS RANK LOSS`: seconds an iteration on a drawn matrix.
"""
import json, sys, time, warnings
import numpy as np
import scipy.sparse as sp
from sklearn.decomposition import NMF

warnings.filterwarnings("ignore")


def fitted(X, rank, loss, iterations, **options):
    solver = "mu" if loss == "kl" else "cd"
    model = NMF(rank, solver=solver, beta_loss="kullback-leibler" if loss == "kl" else "frobenius",
                max_iter=iterations, tol=0, random_state=0, **options)
    start = time.perf_counter()
    W = model.fit_transform(X)
    return time.perf_counter() - start, W, model.components_


if sys.argv[1] == "ratings":
    table = np.loadtxt(sys.argv[2], dtype=int)
    X = sp.csr_matrix((table[:, 2].astype(float), (table[:, 0] - 1, table[:, 1] - 1)))
    loss = sys.argv[3]
    seconds, W, H = fitted(X, 20, loss, 100, init="nndsvda")
    if loss == "kl":
        rows, columns = X.nonzero()
        x = X.data
        y = np.einsum("ik,ki->i", W[rows], H[:, columns])
        value = float((x * np.log(x / y)).sum() - x.sum() + W.sum(axis=0) @ H.sum(axis=1))
    else:
        squares = float((X.data**2).sum())
        rest = squares - 2 * float(((X @ H.T) * W).sum()) + float(((W.T @ W) * (H @ H.T)).sum())
        value = (max(rest, 0) / squares) ** 0.5
    print(json.dumps(dict(seconds=seconds, value=value)))
else:
    m, n, count, rank = map(int, sys.argv[2:6])
    loss = sys.argv[6]
    random = np.random.default_rng(1)
    X = sp.coo_matrix((random.uniform(0.5, 1.5, count), (random.integers(0, m, count), random.integers(0, n, count))),
                      shape=(m, n)).tocsr()
    few, many = (fitted(X, rank, loss, iterations, init="random")[0] for iterations in (2, 6))
    print(json.dumps(dict(seconds=(many - few) / 4)))
