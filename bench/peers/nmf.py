"""scikit-learn's NMF and MiniBatchNMF with their defaults, for bench/figures/nmf.ts."""
import time

import numpy as np
from sklearn.decomposition import NMF, MiniBatchNMF

held = {}


def planted(file, rows, cols, sources):
    """Rows like those behind a ReLU: sources that are sparse over channels and over cells, noise, shifted down and clipped at 0; RMS 1."""
    rng = np.random.default_rng(0)
    p = rng.gamma(1.0, 1.0, (sources, cols)) * (rng.random((sources, cols)) < 0.3)
    s = rng.gamma(0.7, 1.0, (rows, sources)) * (rng.random((rows, sources)) < 0.25)
    v = s.astype(np.float32) @ p.astype(np.float32)
    spread = v.std()
    v += rng.standard_normal(v.shape, dtype=np.float32) * (0.5 * spread) - 0.1 * spread
    np.maximum(v, 0, out=v)
    v /= np.sqrt(np.mean(np.square(v), dtype=np.float64)).astype(np.float32)
    np.save(file, v)
    return {"zeros": float((v == 0).mean())}


def load(file):
    held["v"] = np.load(file)


def objective(w, h):
    """0.5 ||V - W H||^2 in double precision."""
    v, total = held["v"], 0.0
    for at in range(0, len(v), 10000):
        rest = v[at:at + 10000].astype(np.float64) - w[at:at + 10000].astype(np.float64) @ h.astype(np.float64)
        total += np.square(rest).sum()
    return 0.5 * total


def fit(k):
    model = NMF(n_components=k)
    start = time.perf_counter()
    w = model.fit_transform(held["v"])
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "notes": {"objective": objective(w, model.components_), "iterations": int(model.n_iter_)}}


def minibatch(k):
    model = MiniBatchNMF(n_components=k, random_state=0)
    start = time.perf_counter()
    model.fit(held["v"])
    seconds = time.perf_counter() - start
    # scores of the whole for its concepts, not timed: MiniBatchNMF of this version does not keep good ones for all rows
    w = model.transform(held["v"])
    return {"seconds": seconds, "notes": {"objective": objective(w, model.components_), "steps": int(model.n_steps_)}}
