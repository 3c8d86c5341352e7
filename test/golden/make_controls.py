"""Reference values of the controls, written from each measure's published formula. numpy 1.24, scipy 1.10, scikit-learn 1.2.

    /usr/bin/python3 test/golden/make_controls.py      writes test/golden/controls.json

Data are float32 (what a network gives), arithmetic is float64. Y shares some of X's latent factors, so no value is trivial.
"""
import json
import pathlib

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.stats import rankdata, spearmanr
from sklearn.linear_model import Lasso, Ridge
from sklearn.preprocessing import StandardScaler

rng = np.random.RandomState(20230)
n, d1, d2 = 60, 12, 17
latent = rng.randn(n, 6) * np.array([3, 2, 1.5, 1, 0.7, 0.5])
X32 = (latent @ rng.randn(6, d1) + 0.8 * rng.randn(n, d1) + 2).astype(np.float32)
Y32 = np.maximum(latent[:, :4] @ rng.randn(4, d2) + 1.2 * rng.randn(n, d2) + 1, 0).astype(np.float32)
W32 = (latent[:, :3] @ rng.randn(3, 80) + rng.randn(n, 80)).astype(np.float32)  # wide: more features than samples


def centred(a):
    a = a.astype(np.float64)
    return a - a.mean(0)


def hsic1(k, l):  # unbiased HSIC, the trace formula of METHOD.md 3.1 (platonic-rep, metrics.py)
    m = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    a = np.trace(k @ l) + k.sum() * l.sum() / ((m - 1) * (m - 2)) - 2 * (k @ l).sum() / (m - 2)
    return a / (m * (m - 3))


def cka(x, y):
    k, l = centred(x) @ centred(x).T, centred(y) @ centred(y).T
    return hsic1(k, l) / np.sqrt(hsic1(k, k) * hsic1(l, l))


def cka_minibatch(x, y, size):
    total = np.zeros(3)
    for at in range(0, len(x), size):
        a, b = x[at : at + size].astype(np.float64), y[at : at + size].astype(np.float64)
        k, l = a @ a.T, b @ b.T
        total += len(a) * np.array([hsic1(k, l), hsic1(k, k), hsic1(l, l)])
    return total[0] / np.sqrt(total[1] * total[2])


def procrustes(x, y):
    x, y = centred(x), centred(y)
    return np.linalg.norm(x.T @ y, "nuc") / np.linalg.norm(x) / np.linalg.norm(y)


def svcca(x, y, share=0.99):
    def leading(a):
        u, s, _ = np.linalg.svd(centred(a), full_matrices=False)
        return u[:, : np.searchsorted(np.cumsum(s), share * s.sum()) + 1]

    return np.linalg.svd(leading(x).T @ leading(y), compute_uv=False).mean()


def pwcca(x, y):
    x, y = centred(x), centred(y)
    qx, qy = np.linalg.qr(x)[0], np.linalg.qr(y)[0]
    u, rho, _ = np.linalg.svd(qx.T @ qy, full_matrices=False)
    weight = np.abs((qx @ u).T @ x).sum(1)
    return (weight * rho).sum() / weight.sum()


def rsa(x, y, centre):
    x, y = (centred(x), centred(y)) if centre else (x.astype(np.float64), y.astype(np.float64))
    at = np.triu_indices(len(x), 1)
    return spearmanr((1 - np.corrcoef(x))[at], (1 - np.corrcoef(y))[at])[0]


def ceiling(matrices):  # Nili et al. 2014, with ranks
    at = np.triu_indices(len(matrices[0]), 1)
    r = [rankdata((1 - np.corrcoef(centred(m)))[at]) for m in matrices]
    upper = np.mean([spearmanr(a, sum(r))[0] for a in r])
    lower = np.mean([spearmanr(a, sum(r) - a)[0] for a in r])
    return [lower, upper]


def mutual_knn(x, y, k, centre):
    def neighbours(a):
        a = centred(a) if centre else a.astype(np.float64)
        a = a / np.linalg.norm(a, axis=1, keepdims=True)
        s = a @ a.T
        np.fill_diagonal(s, -np.inf)
        return np.argsort(-s, axis=1, kind="stable")[:, :k]

    return np.mean([len(set(a) & set(b)) / k for a, b in zip(neighbours(x), neighbours(y))])


def matching(x, y):
    c = np.corrcoef(x.T.astype(np.float64), y.T.astype(np.float64))[: x.shape[1], x.shape[1] :]
    return c[linear_sum_assignment(-c)].mean()


def folds(groups, k=5):  # images dealt out in order of appearance
    order = {}
    return np.array([order.setdefault(g, len(order) % k) for g in groups])


def lasso_scores(targets, features, groups):
    f, scores = folds(groups), np.zeros(targets.shape[1])
    for k in range(5):
        sx, sy = StandardScaler().fit(features[f != k].astype(np.float64)), StandardScaler().fit(targets[f != k].astype(np.float64))
        for t in range(targets.shape[1]):
            model = Lasso(alpha=0.1, tol=1e-13, max_iter=1000000)
            model.fit(sx.transform(features[f != k].astype(np.float64)), sy.transform(targets[f != k].astype(np.float64))[:, t])
            guess = model.predict(sx.transform(features[f == k].astype(np.float64)))
            if np.ptp(guess) > 1e-12:
                scores[t] += np.corrcoef(guess, targets[f == k, t].astype(np.float64))[0, 1] / 5
    return scores


def predictivity(targets, features, groups, ridge=0.1):
    f, left, total = folds(groups), 0, 0
    for k in range(5):
        x, y = features[f != k].astype(np.float64), targets[f != k].astype(np.float64)
        # scikit-learn's penalty is on the sum, ours on the mean
        alpha = ridge * np.cov(x.T, bias=True).trace() / x.shape[1] * len(x)
        model = Ridge(alpha=alpha).fit(x, y)
        held = targets[f == k].astype(np.float64)
        left += ((held - model.predict(features[f == k].astype(np.float64))) ** 2).sum()
        total += ((held - y.mean(0)) ** 2).sum()
    return 1 - left / total


x, y, w = X32, Y32, W32
groups = np.repeat(np.arange(20), 3)
concepts = np.maximum(x[:, :4], 0)
coefficients = Lasso(alpha=0.1, tol=1e-13, max_iter=1000000).fit(
    StandardScaler().fit_transform(y.astype(np.float64)), StandardScaler().fit_transform(x[:, :1].astype(np.float64))[:, 0]
)
z = (x[:, ::-1] * 0.5 + rng.randn(n, d1)).astype(np.float32)
out = {
    "x": x.tolist(), "y": y.tolist(), "w": w.tolist(), "z": z.tolist(), "concepts": concepts.tolist(), "groups": groups.tolist(),
    "cka": {"xy": cka(x, y), "xw": cka(x, w), "minibatch16": cka_minibatch(x[:56], y[:56], 16)},
    "procrustes": {"xy": procrustes(x, y), "xw": procrustes(x, w)},
    "svcca": {"xy": svcca(x, y), "xy90": svcca(x, y, 0.9)},
    "pwcca": {"xy": pwcca(x, y), "yx": pwcca(y, x)},
    "rsa": {"centred": rsa(x, y, True), "raw": rsa(x, y, False), "ceiling": ceiling([x, y, z])},
    "mutual_knn": {"centred": mutual_knn(x, y, 10, True), "raw5": mutual_knn(x, y, 5, False)},
    "matching": {"xy": matching(x, y)},
    "lasso": {"coefficients": coefficients.coef_.tolist(), "concepts_from_y": lasso_scores(concepts, y, groups).tolist(),
              "y_from_x": lasso_scores(y, x, groups).tolist()},
    "predictivity": {"xy": predictivity(x, y, groups), "yx": predictivity(y, x, groups)},
}
pathlib.Path(__file__).with_name("controls.json").write_text(json.dumps(out) + "\n")
