"""Golden numbers of the probes: python3 test/golden/make_probe.py (numpy 1.24, scikit-learn 1.2, PyTorch 1.13) -> probe.json

The optimum is scikit-learn's: soft targets as two weighted copies of each row, the penalty as C = 1 / lambda, features standardised with the
same row weights, intercept free. The Dice loss and its gradient at a point are PyTorch's, in double precision."""
import json
import pathlib

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(12)
r, c, k, images = 480, 9, 3, 24
lam = 1e-3

mix = rng.normal(size=(c, c))
x = np.maximum(rng.normal(size=(r, c)) @ mix, 0) * np.array([1, 30, 0.01, 1, 1, 1, 2, 1, 1]) + np.array([0, 0, 0, 9, 0, 0, 0, 0, 0])
x[:, 7] = 4.0  # a dead channel
x = x.astype(np.float32).round(5)
z = (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1)
logits = z @ rng.normal(size=(c, k)) * 2 + np.array([-4.5, 0, 3]) + rng.normal(size=(r, k))
m = 1 / (1 + np.exp(-logits))
m = np.where(m < 0.05, 0, np.where(m > 0.9, 1, m)).astype(np.float32).round(3)
u = np.where(rng.random(r) < 0.2, rng.random(r), 1).astype(np.float32).round(3)
u[5] = 0


def numbers(a):
    return [float(f"{v:.9g}") for v in np.asarray(a, dtype=float).ravel()]


w = u.astype(float) / u.sum(dtype=float)
mean = w @ x.astype(float)
sd = np.sqrt(w @ (x.astype(float) - mean) ** 2)
std = np.divide(x.astype(float) - mean, sd, out=np.zeros((r, c)), where=sd > 1e-6 * abs(mean))
fits = []
for j in range(k):
    t = m[:, j].astype(float)
    alpha = 1 - w @ t
    sample = np.concatenate([w * alpha * t, w * (1 - alpha) * (1 - t)])
    reg = LogisticRegression(C=1 / lam, tol=1e-12, max_iter=100_000, solver="lbfgs")
    reg.fit(np.concatenate([std, std]), np.repeat([1, 0], r), sample_weight=sample)
    coef, bias = reg.coef_[0], reg.intercept_[0]
    s = std @ coef + bias
    loss = sample[:r] @ np.logaddexp(0, -s) + sample[r:] @ np.logaddexp(0, s) + lam / 2 * coef @ coef
    raw = np.divide(coef, sd, out=np.zeros(c), where=std.std(0) > 0)
    fits.append({"alpha": alpha, "loss": loss, "vector": numbers(raw), "bias": bias - raw @ mean})

j = 0
point = torch.tensor(rng.normal(size=c + 1) * 0.3, dtype=torch.float64, requires_grad=True)
xt, mt, ut = torch.tensor(std), torch.tensor(m[:, j].astype(float)), torch.tensor(w)
alpha = 1 - (ut * mt).sum()
s = torch.sigmoid(xt @ point[:c] + point[c])
bce = -(ut * (alpha * mt * s.log() + (1 - alpha) * (1 - mt) * (1 - s).log())).sum() + lam / 2 * (point[:c] ** 2).sum()
dice = 1 - 2 * (ut * mt * s).sum() / ((ut * s).sum() + (ut * mt).sum())
(bce + dice).backward()

out = {
    "rows": r, "channels": c, "concepts": k, "lambda": lam,
    "x": numbers(x), "targets": numbers(m), "weights": numbers(u), "images": (np.arange(r) * images // r).tolist(),
    "fits": fits,
    "dice": {"concept": j, "point": numbers(point.detach()), "bce": float(bce), "value": float(bce + dice), "gradient": numbers(point.grad)},
}
pathlib.Path(__file__).with_name("probe.json").write_text(json.dumps(out) + "\n")
