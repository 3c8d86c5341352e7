"""Reference for test/concepts/nmf.test.ts, run by it: scikit-learn's NMF from the same start on the same data.
Reads {"v": [[...]], "s": [[...]], "p": [[...]], "g": [[...]], "b": [[...]]} on stdin; prints the final objective, scipy's NNLS scores and
scikit-learn's own NNDSVDa start."""
import json
import sys

import numpy as np
from scipy.optimize import nnls
from sklearn.decomposition import NMF
from sklearn.decomposition._nmf import _initialize_nmf

data = json.load(sys.stdin)
v, s, p = (np.array(data[name], dtype=np.float64) for name in ("v", "s", "p"))
model = NMF(n_components=p.shape[0], init="custom", solver="cd", tol=1e-6, max_iter=2000)
w = model.fit_transform(v, W=s.copy(), H=p.copy())
objective = 0.5 * np.linalg.norm(v - w @ model.components_) ** 2
concepts, pixels = np.array(data["concepts"]), np.array(data["pixels"])
scores = [nnls(concepts.T, pixel)[0].tolist() for pixel in pixels]
first_s, first_p = _initialize_nmf(v, p.shape[0], init="nndsvda", random_state=0)
print(json.dumps({"objective": objective, "scores": scores, "start": {"s": first_s.tolist(), "p": first_p.tolist()}}))
