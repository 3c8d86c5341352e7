"""Minibatch debiased CKA of 24 taps in numpy, float32: the twin of bench/cka.bench.ts. Prints seconds and CKA[0, 1].

    /usr/bin/python3 bench/cka_numpy.py SAMPLES BATCH formula|stacked
"""
import sys
import time

import numpy as np

WIDTHS = [24, 32, 48, 64, 96, 96, 128, 128, 160, 160, 192, 192, 256, 256, 256, 320, 320, 384, 384, 448, 480, 512, 576, 672]
samples, size, form = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(0)
data = [rng.standard_normal((size, d), dtype=np.float32) for d in WIDTHS]


def open_kernel(x):
    k = x @ x.T
    np.fill_diagonal(k, 0)
    return k


def pair(k, l, n):  # the formula as METHOD.md 3.1 has it, products with ones as sums
    return ((k * l).sum(dtype=np.float64) + k.sum(dtype=np.float64) * l.sum(dtype=np.float64) / ((n - 1) * (n - 2))
            - 2 * k.sum(0, dtype=np.float64) @ l.sum(0, dtype=np.float64) / (n - 2)) / (n * (n - 3))


def u_centred(x):
    k = open_kernel(x)
    n = len(k)
    row = k.sum(0) / (n - 2)
    k -= row
    k -= row[:, None]
    k += row.sum() / (n - 1)
    np.fill_diagonal(k, 0)
    return k.ravel()


total = np.zeros((len(WIDTHS), len(WIDTHS)))
start = time.perf_counter()
for _ in range(samples // size):
    if form == "formula":
        kernels = [open_kernel(x) for x in data]
        for i in range(len(WIDTHS)):
            for j in range(i + 1):
                total[i, j] += pair(kernels[i], kernels[j], size)
    else:
        u = np.stack([u_centred(x) for x in data])
        total += u @ u.T / (size * (size - 3))
print(time.perf_counter() - start)
