"""numpy's side of bench/iou.bench.ts: python3 bench/iou.py IMAGES CONCEPTS CELLS -> JSON, seconds for all intersections of all pairs on every image."""
import json
import sys
import time

import numpy as np

n, k, cells = map(int, sys.argv[1:4])
part = 25  # images a piece: the time of a piece does not depend on the others
rng = np.random.default_rng(0)
masks = rng.random((part, k, cells)) < 0.1


def seconds(f, pieces):
    f()
    best = min(timed(f) for _ in range(3))
    return best * pieces


def timed(f):
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


as_float = masks.astype(np.float32)
packed = np.packbits(masks, axis=2)
table = np.array([bin(i).count("1") for i in range(256)], np.uint8)


def by_bits():  # one image: 256-entry table, numpy before 2.0 has no bitwise_count
    x = packed[0]
    return np.stack([table[x & row].sum(1, dtype=np.int32) for row in x])


product = seconds(lambda: [a @ a.T for a in as_float], n / part)
bits = seconds(by_bits, n)
print(json.dumps({"numpy": np.__version__, "product": product, "bits": bits}))
