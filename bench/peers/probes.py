"""The probes' loss by PyTorch's optimisers, for bench/figures/probes.ts: all concepts at once, until the loss that was asked for."""
import time

import numpy as np
import torch

held = {}


def load(rows, targets, alpha):
    x = np.load(rows)
    sd = x.std(0)
    held["x"] = torch.tensor(np.divide(x - x.mean(0), sd, out=np.zeros_like(x), where=sd > 1e-6 * np.abs(x.mean(0))))
    held["m"] = torch.tensor(np.load(targets))
    held["alpha"] = torch.tensor(alpha, dtype=torch.float32)


def mean_loss(w, b, x, m, lam):
    z = x @ w + b
    alpha = held["alpha"]
    each = alpha * m * torch.nn.functional.softplus(-z) + (1 - alpha) * (1 - m) * torch.nn.functional.softplus(z)
    return each.mean(0).sum() + lam / 2 * (w ** 2).sum()


def fit(optimizer, rate, batch, lam, target, limit):
    """Until the summed loss of all rows is at most `target`, or `limit` seconds; checks are not timed."""
    x, m = held["x"], held["m"]
    torch.manual_seed(0)
    w = torch.zeros(x.shape[1], m.shape[1], requires_grad=True)
    b = torch.zeros(m.shape[1], requires_grad=True)
    opt = {"adam": lambda: torch.optim.Adam([w, b], lr=rate), "sgd": lambda: torch.optim.SGD([w, b], lr=rate, momentum=0.9)}[optimizer]()
    seconds, steps, reached = 0.0, 0, False
    while seconds < limit and not reached:
        start = time.perf_counter()
        if batch:
            order = torch.randperm(len(x))
            parts = [order[i:i + batch] for i in range(0, len(x), batch)]
        else:
            parts = [slice(None)] * 5
        for part in parts:
            opt.zero_grad()
            mean_loss(w, b, x[part], m[part], lam).backward()
            opt.step()
            steps += 1
        seconds += time.perf_counter() - start
        with torch.no_grad():
            loss = float(mean_loss(w, b, x, m, lam))
        reached = loss <= target
    return {"seconds": seconds, "notes": {"loss": loss, "steps": steps, "reached": str(reached)}}
