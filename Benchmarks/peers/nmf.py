"""scikit-learn's NMF (coordinate descent) on MNIST-10k: 100 iterations from nndsvda, rank 50."""
import gzip, json, pathlib, time, warnings
import numpy as np
from sklearn.decomposition import NMF

warnings.filterwarnings("ignore")
images = pathlib.Path(__file__).resolve().parents[2] / "samples/data/t10k-images-idx3-ubyte.gz"
pixels = np.frombuffer(gzip.open(images).read(), np.uint8, offset=16)
X = (pixels.reshape(-1, 784) / 255).astype(np.float32)

start = time.perf_counter()
model = NMF(50, init="nndsvda", solver="cd", max_iter=100, tol=0, random_state=0)
W = model.fit_transform(X)
seconds = time.perf_counter() - start
error = np.linalg.norm(X - W @ model.components_) / np.linalg.norm(X)
print(json.dumps(dict(seconds=seconds, error=round(float(error), 5))))
