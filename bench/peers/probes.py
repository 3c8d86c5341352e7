"""The probes' loss by PyTorch's optimisers, for bench/figures/probes.ts: all concepts at once, from raw activations until the loss that was asked for."""
import time

import numpy as np
import torch

held = {}


def load(rows, targets, alpha):
    held["raw"] = torch.tensor(np.load(rows))
    held["m"] = torch.tensor(np.load(targets))
    held["alpha"] = torch.tensor(alpha, dtype=torch.float32)


def standardised(x):
    sd, mean = torch.std_mean(x, 0, unbiased=False)
    return (x - mean) * torch.where(sd > 1e-6 * mean.abs(), 1 / sd, torch.zeros_like(sd))


def mean_loss(w, b, x, m, lam):
    z = x @ w + b
    alpha = held["alpha"]
    each = alpha * m * torch.nn.functional.softplus(-z) + (1 - alpha) * (1 - m) * torch.nn.functional.softplus(z)
    return each.mean(0).sum() + lam / 2 * (w ** 2).sum()


def optimiser(name, parameters, rate):
    if name == "adam":
        return torch.optim.Adam(parameters, lr=rate)
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=rate, momentum=0.9)
    return torch.optim.LBFGS(parameters, lr=1, max_iter=1, history_size=12, line_search_fn="strong_wolfe")


def fit(name, rate, batch, lam, target, limit, decay=False):
    """Until the summed loss of all rows is at most `target`, or `limit` seconds; looking at it is not timed. batch 0: all rows. decay: rate / (1 + epoch)."""
    m = held["m"]
    torch.manual_seed(0)
    seconds, steps, epochs, reached, x = 0.0, 0, 0, False, None
    w = torch.zeros(held["raw"].shape[1], m.shape[1], requires_grad=True)
    b = torch.zeros(m.shape[1], requires_grad=True)
    opt = optimiser(name, [w, b], rate)
    while seconds < limit and not reached:
        start = time.perf_counter()
        if x is None:
            x = standardised(held["raw"])
        if batch:
            order = torch.randperm(len(x))
            parts = [order[i:i + batch] for i in range(0, len(x), batch)]
        else:
            parts = [slice(None)]
        for part in parts:

            def closure():
                opt.zero_grad()
                value = mean_loss(w, b, x[part], m[part], lam)
                value.backward()
                return value

            opt.step(closure)
            steps += 1
        epochs += 1
        if decay:
            for group in opt.param_groups:
                group["lr"] = rate / (1 + epochs)
        seconds += time.perf_counter() - start
        with torch.no_grad():
            loss = float(mean_loss(w, b, x, m, lam))
        reached = loss <= target
    return {"seconds": seconds, "notes": {"loss": loss, "steps": steps, "reached": str(reached)}}
