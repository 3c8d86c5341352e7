"""Golden numbers of maps, masks and statistics: python3 test/golden/make_maps.py (numpy 1.24, scipy 1.10, PyTorch 1.13) -> maps.json"""
import json
import pathlib

import numpy as np
import scipy.stats as st
import torch
import torch.nn.functional as F

rng = np.random.default_rng(20230507)


def numbers(a):
    # nine digits give back every float32
    return [float(f"{v:.9g}") for v in np.asarray(a, dtype=float).ravel()]


resize = []
for (h, w), (ho, wo) in [((7, 5), (20, 14)), ((10, 13), (28, 28)), ((12, 9), (5, 9)), ((8, 8), (8, 8)), ((1, 1), (3, 2))]:
    x = rng.normal(size=(2, h, w)).round(3).astype(np.float32)
    t = torch.from_numpy(x)[None]
    resize.append({
        "input": [2, h, w], "output": [ho, wo], "data": numbers(x),
        "bilinear": numbers(F.interpolate(t, size=(ho, wo), mode="bilinear", align_corners=False)),
    })

area = []
for (h, w), (ho, wo) in [((8, 12), (4, 3)), ((28, 42), (14, 7)), ((6, 6), (6, 6))]:  # whole multiples: adaptive pooling is the area mean
    x = rng.normal(size=(1, h, w)).round(3).astype(np.float32)
    area.append({
        "input": [1, h, w], "output": [ho, wo], "data": numbers(x),
        "area": numbers(F.adaptive_avg_pool2d(torch.from_numpy(x)[None], (ho, wo))),
    })
# any ratio: repeat every cell so often that both grids divide the raster, then pool
for (h, w), (ho, wo) in [((10, 7), (4, 3)), ((9, 11), (7, 10))]:
    x = rng.normal(size=(1, h, w)).round(3)
    fine = np.repeat(np.repeat(x[0], ho, axis=0), wo, axis=1)  # h*ho x w*wo
    area.append({
        "input": [1, h, w], "output": [ho, wo], "data": numbers(x),
        "area": numbers(fine.reshape(ho, h, wo, w).mean(axis=(1, 3))),
    })

values = np.round(rng.gamma(0.5, size=701), 2).astype(np.float32)  # many ties, many zeros
values[::3] *= -1
quantile = {
    "values": values.astype(float).tolist(),
    "inverted_cdf": {str(p): float(np.quantile(values, 1 - p, method="inverted_cdf")) for p in (0.02, 0.1, 0.2, 0.37)},
    "linear": {str(q): float(np.quantile(values.astype(float), q)) for q in (0, 0.025, 0.5, 0.9, 1)},
}

n, ka, kb, cells = 5, 3, 6, 203
a, b = rng.normal(size=(n, ka, cells)).round(2).astype(np.float32), rng.normal(size=(n, kb, cells)).round(2).astype(np.float32)
ta, tb = [1.0, 0.5, 9.0], [0.0, 0.8, 1.2, 0.3, 1.5, -9.0]
ma, mb = a > np.float32(ta)[:, None], b > np.float32(tb)[:, None]
order = [3, 0, 0, 4, 1]
iou = {
    "n": n, "ka": ka, "kb": kb, "a": numbers(a), "b": numbers(b), "ta": ta, "tb": tb, "order": order,
    "areas": ma.sum(2).ravel().tolist(),
    "packed": np.packbits(ma, axis=2, bitorder="little").ravel().tolist(),
    "intersections": (ma[:, :, None] & mb[:, None]).sum(3).ravel().tolist(),
    "permuted": (ma[:, :, None] & mb[order][:, None]).sum(3).sum(0).ravel().tolist(),
}

x, y, z = rng.integers(0, 9, 30).astype(float), rng.normal(size=30), rng.normal(size=30)
y, z = y + 0.3 * x, z + 0.2 * x
res = lambda u: u - np.polyval(np.polyfit(z, u, 1), z)  # residuals of the regression on z
s, d = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
statistics = {
    "x": x.tolist(), "y": y.tolist(), "z": z.tolist(),
    "pearson": float(st.pearsonr(x, y)[0]), "spearman": float(st.spearmanr(x, y)[0]), "ranks": numbers(st.rankdata(x)),
    "partial": float(st.pearsonr(res(x), res(y))[0]),
    "cdf": [[z0, float(st.norm.cdf(z0))] for z0 in (-37.5, -8, -3.01, -2.99, -1, 0, 0.3, 1.96, 4)],
    "ppf": [[p0, float(st.norm.ppf(p0))] for p0 in (1e-300, 1e-12, 0.025, 0.3, 0.5, 0.975, 0.999999)],
    "t975": [[v, float(st.t.ppf(0.975, v))] for v in (3, 5, 15, 63, 500)],
}
out = {"resize": resize, "area": area, "quantile": quantile, "iou": iou, "statistics": statistics}
pathlib.Path(__file__).with_name("maps.json").write_text(json.dumps(out) + "\n")
