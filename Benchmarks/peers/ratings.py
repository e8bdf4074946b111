"""Recommenders of Python on MovieLens 100k: seconds a fold and five-fold RMSE of Surprise, or seconds
and objective of implicit.

    ratings.py svd|svdpp|implicit PATH-OF-u.data
"""
import json, os, sys, time
os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np

task, path = sys.argv[1:3]
ratings = np.loadtxt(path, dtype=int)[:, :3]


def objective(model, counts):
    """Σ c (1 − ŷ)² over what was chosen, ŷ² over all other pairs, and the penalty."""
    users, items = (np.asarray(f, dtype=np.float64) for f in (model.user_factors, model.item_factors))
    places = counts.tocoo()
    predicted = np.einsum("ij,ij->i", users[places.row], items[places.col])
    known = places.data @ (1 - predicted) ** 2 - predicted @ predicted
    everywhere = np.sum((users.T @ users) * (items.T @ items))
    return known + everywhere + model.regularization * (np.sum(users**2) + np.sum(items**2))


if task == "implicit":
    import scipy.sparse as sparse
    from implicit.als import AlternatingLeastSquares
    counts = sparse.csr_matrix(
        (ratings[:, 2].astype(np.float32), (ratings[:, 0] - 1, ratings[:, 1] - 1)))
    model = AlternatingLeastSquares(64, iterations=15, num_threads=2, use_cg=True, random_state=0)
    start = time.perf_counter()
    model.fit(counts, show_progress=False)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "objective": float(objective(model, counts))}))
else:
    import pandas as pd
    from surprise import SVD, Dataset, Reader, SVDpp, accuracy
    folds = np.array_split(np.random.default_rng(0).permutation(len(ratings)), 5)
    # The long one is timed on one fold.
    errors, times = [], []
    for held in range(5 if task == "svd" else 1):
        train = ratings[np.concatenate([f for k, f in enumerate(folds) if k != held])]
        data = Dataset.load_from_df(pd.DataFrame(train), Reader(rating_scale=(1, 5)))
        model = (SVD if task == "svd" else SVDpp)(random_state=0)
        trainset = data.build_full_trainset()
        start = time.perf_counter()
        model.fit(trainset)
        times.append(time.perf_counter() - start)
        tests = [tuple(row) for row in ratings[folds[held]]]
        errors.append(accuracy.rmse(model.test(tests), verbose=False))
    print(json.dumps({"seconds": float(np.median(times)), "rmse": float(np.mean(errors))}))
