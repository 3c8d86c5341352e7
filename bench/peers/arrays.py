"""numpy, scipy, scikit-learn and torch for the smaller figures. Each function named *_... times itself on arrays loaded before."""
import os
import time

import numpy as np

held = {}


def load(**files):
    for name, file in files.items():
        held[name] = np.load(file)
    held["results"] = {}


def timed(work, **notes):
    start = time.perf_counter()
    out = work()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "notes": {k: f(out) for k, f in notes.items()}}


def total(out):
    return float(np.asarray(out, dtype=np.float64).sum())


# thresholds: scores n x k x cells


def quantile_numpy(q):
    scores = held["scores"]
    return timed(lambda: np.quantile(scores.transpose(1, 0, 2).reshape(scores.shape[1], -1), q, axis=1, method="inverted_cdf"), sum=total)


def partition_numpy(q):
    scores = held["scores"]

    def work():
        rows = scores.transpose(1, 0, 2).reshape(scores.shape[1], -1)
        at = rows.shape[1] - 1 - int(np.floor((1 - q) * rows.shape[1] * (1 + 1e-12)))
        return np.partition(rows, at, axis=1)[:, at]

    return timed(work, sum=total)


# resampling: planes n x h x w


def interpolate_torch(size):
    import torch

    torch.set_num_threads(int(os.environ["TORCH_THREADS"]))
    planes = torch.from_numpy(held["planes"])[None]
    with torch.no_grad():
        return timed(lambda: torch.nn.functional.interpolate(planes, size=size, mode="bilinear", align_corners=False), sum=lambda t: total(t.numpy()))


# NNLS: activations n x c x cells, vectors k x c


def nnls_scipy():
    from scipy.optimize import nnls

    a, basis = held["activations"], held["vectors"].T.astype(np.float64)

    def work():
        pixels = a.transpose(0, 2, 1).reshape(-1, a.shape[1]).astype(np.float64)
        return np.stack([nnls(basis, pixel)[0] for pixel in pixels])

    return timed(work, sum=total)


def transform_sklearn():
    from sklearn.decomposition import NMF

    a, h = held["activations"], held["vectors"]
    model = NMF(n_components=len(h))
    model.components_, model.n_components_, model.n_features_in_ = h, len(h), h.shape[1]
    model._n_components = len(h)

    def work():
        return model.transform(np.ascontiguousarray(a.transpose(0, 2, 1).reshape(-1, a.shape[1])))

    return timed(work, sum=total)


# bootstrap: intersections n x ka x kb, areas n x ka, n x kb of one pair of layers, `pairs` times with the same weights


def bootstrap_numpy(cells, pairs, resamples):
    i, a, b = (held[n].astype(np.float32) for n in ("intersections", "areasA", "areasB"))
    n = len(i)

    def work():
        w = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), resamples).astype(np.float32)
        for _ in range(pairs):
            both = (w @ i.reshape(n, -1)).reshape(resamples, a.shape[1], b.shape[1]).astype(np.float64)
            aa, bb = (w @ a).astype(np.float64)[:, :, None], (w @ b).astype(np.float64)[:, None, :]
            j = both / (aa + bb - both)
            pa, pb = aa / (n * cells), bb / (n * cells)
            chance = pa * pb / (pa + pb - pa * pb)
            m = (j - chance) / (1 - chance)
            s = (m.max(2).mean(1) + m.max(1).mean(1)) / 2
        return s

    return timed(work, sd=lambda s: float(s.std(ddof=1)))


# IoU: packed masks n x k x bytes (little bit order, padded)


def load_masks(file, count, cells):
    packed = np.load(file)
    held["packed"] = packed
    held["bits"] = np.unpackbits(packed, axis=2, bitorder="little")[:, :, :cells]
    table = np.unpackbits(np.arange(65536, dtype=np.uint16).view(np.uint8).reshape(-1, 2), axis=1).sum(1)
    held["table"] = table.astype(np.uint8)


def iou_product(each_image):
    """Intersections by float32 products of the 0/1 bytes, of each image or summed over all (25 images a product)."""
    bits = held["bits"]
    n, k, _ = bits.shape
    step = 1 if each_image else 25

    def work():
        summed = np.zeros((k, k)) if not each_image else []
        for at in range(0, n, step):
            part = bits[at:at + step].transpose(1, 0, 2).reshape(k, -1).astype(np.float32)
            if each_image:
                summed.append(part @ part.T)
            else:
                summed += part @ part.T
        return summed

    return timed(work, sum=total)


def iou_bits(images):
    """By packed bits and a table of 16-bit counts (numpy before 2.0 has no bitwise_count), on the first images, times their share."""
    words, table = held["packed"].view(np.uint16), held["table"]

    def work():
        return [[table[row & words[x]].sum(1, dtype=np.int32) for row in words[x]] for x in range(images)]

    out = timed(work)
    return {"seconds": out["seconds"] * len(words) / images, "notes": {"measured images": images}}


# CKA: batches of several taps


def cka_numpy(samples, batch, widths, form):
    data = [np.load(f) for f in widths]
    n = batch

    def open_kernel(x):
        k = x @ x.T
        np.fill_diagonal(k, 0)
        return k

    def pair(k, l):  # METHOD.md 3.1, products with ones as sums
        return ((k * l).sum(dtype=np.float64) + k.sum(dtype=np.float64) * l.sum(dtype=np.float64) / ((n - 1) * (n - 2))
                - 2 * k.sum(0, dtype=np.float64) @ l.sum(0, dtype=np.float64) / (n - 2)) / (n * (n - 3))

    def centred(x):
        k = open_kernel(x)
        row = k.sum(0) / (n - 2)
        k -= row
        k -= row[:, None]
        k += row.sum() / (n - 1)
        np.fill_diagonal(k, 0)
        return k.ravel()

    def work():
        sums = np.zeros((len(data), len(data)))
        for _ in range(samples // n):
            if form == "formula":
                kernels = [open_kernel(x) for x in data]
                for i in range(len(data)):
                    for j in range(i + 1):
                        sums[i, j] += pair(kernels[i], kernels[j])
            else:
                u = np.stack([centred(x) for x in data])
                sums += u @ u.T / (n * (n - 3))
        d = np.sqrt(sums.diagonal())
        return sums[1, 0] / d[0] / d[1]

    return timed(work, cka=float)
