"""Golden steps of Net2Vec: python3 test/golden/make_net2vec.py (numpy 1.24, PyTorch 1.13) -> net2vec.json

The published loss, -(1/n) sum [alpha M s + (1 - alpha)(1 - M)(1 - s)] with s = sigmoid(bilinear upsampling of w . 1[a > T]), by PyTorch's autograd and
torch.optim.SGD(lr, momentum 0.9), in double precision; the first batches of an epoch of 16 images a step. The rate is larger than the published 1e-4, so
that weights move far enough to be told apart."""
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(5)
n, c, h, w, size = 36, 6, 5, 4, 12
a = (rng.random((n, c, h, w)) < 0.25).astype(np.uint8)
field = torch.tensor(rng.normal(size=(n, 1, 4, 4)))
m = (F.interpolate(field, size=(size, size), mode="bilinear", align_corners=False)[:, 0].numpy() > 0.4).astype(np.uint8)
start = (2 * rng.random(c) - 1) / np.sqrt(c)
alpha = float(1 - m.mean())

steps = []
for rate in (1e-4, 1e-2):
    v = torch.tensor(start.reshape(1, c, 1, 1).copy(), requires_grad=True)
    opt = torch.optim.SGD([v], lr=rate, momentum=0.9)
    losses, weights = [], []
    for epoch in range(4):
        for at in range(0, n, 16):
            x, mask = torch.tensor(a[at:at + 16], dtype=torch.float64), torch.tensor(m[at:at + 16], dtype=torch.float64)
            s = torch.sigmoid(F.interpolate((x * v).sum(1, keepdim=True), size=(size, size), mode="bilinear", align_corners=False))[:, 0]
            loss = -(1.0 / len(x)) * (alpha * mask * s + (1 - alpha) * (1 - mask) * (1 - s)).sum()
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(float(loss))
            weights.append([float(f"{t:.9g}") for t in v.detach().numpy().ravel()])
    steps.append({"rate": rate, "losses": losses, "weights": weights})

out = {"n": n, "c": c, "h": h, "w": w, "size": size, "alpha": alpha, "a": a.ravel().tolist(), "m": m.ravel().tolist(),
       "start": start.tolist(), "steps": steps}
pathlib.Path(__file__).with_name("net2vec.json").write_text(json.dumps(out) + "\n")
