"""scikit-learn's NMF, 100 iterations from nndsvda: `nmf.py TASK [FILE [SOURCE]]`.

Tasks: mnist (coordinate descent, rank 50), kl (multiplicative updates, rank 50, MNIST-10k), planted
(5000×2000 of rank 20 with noise, written to FILE), faces (rank 49) and leukemia (rank 5), whose data in
SOURCE may not be shipped and are written to FILE as f32.
"""
import gzip, json, pathlib, sys, time, warnings
import numpy as np
from sklearn.decomposition import NMF

warnings.filterwarnings("ignore")
task = sys.argv[1]
if task in ("mnist", "kl"):
    images = pathlib.Path(__file__).resolve().parents[2] / "samples/data/t10k-images-idx3-ubyte.gz"
    pixels = np.frombuffer(gzip.open(images).read(), np.uint8, offset=16)
    X = (pixels.reshape(-1, 784) / 255).astype(np.float32)
elif task == "planted":
    random = np.random.default_rng(0)
    X = random.uniform(size=(5000, 20)) @ random.uniform(size=(20, 2000))
    X = (X + 0.1 * X.mean() * random.uniform(size=X.shape)).astype(np.float32)
elif task == "faces":
    X = (np.load(sys.argv[3]) / 255).astype(np.float32)
else:
    X = np.loadtxt(sys.argv[3], delimiter="\t").astype(np.float32)
if len(sys.argv) > 2:
    np.save(sys.argv[2], X)

rank = dict(mnist=50, kl=50, planted=20, faces=49, leukemia=5)[task]
start = time.perf_counter()
if task == "kl":
    model = NMF(rank, init="nndsvda", solver="mu", beta_loss="kullback-leibler", max_iter=100, tol=0, random_state=0)
else:
    model = NMF(rank, init="nndsvda", solver="cd", max_iter=100, tol=0, random_state=0)
W = model.fit_transform(X)
seconds = time.perf_counter() - start
Y = W.astype(np.float64) @ model.components_
if task == "kl":
    known = X > 0
    value = float((X[known] * np.log(X[known] / Y[known])).sum() - X.sum(dtype=np.float64) + Y.sum())
else:
    # NumPy sums the squares of f32 in f32.
    value = float(np.linalg.norm(X - Y) / np.linalg.norm(X.astype(np.float64)))
print(json.dumps(dict(seconds=seconds, value=value)))
