"""Golden bytes of resized pictures: /usr/bin/python3 test/golden/make_pil.py (Pillow 9.4, PyTorch 1.13, numpy 1.24) -> pil.json"""
import base64
import hashlib
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

rng = np.random.default_rng(20230507)
KIND = {"nearest": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def packed(a):
    return base64.b64encode(np.ascontiguousarray(a, np.uint8).tobytes()).decode()


def pattern(w, h):
    """The same picture in pattern.ts: hard edges, ramps and noise without a stored file."""
    y, x = np.mgrid[0:h, 0:w].astype(np.int64)
    return np.stack([(x * 5 + y * 3) % 256, (x * y) % 251, (((x // 7) + (y // 5)) % 2) * 255], axis=-1).astype(np.uint8)


small = []
for (w, h), (W, H) in [((13, 9), (7, 5)), ((13, 9), (29, 31)), ((13, 9), (13, 4)), ((13, 9), (5, 9)), ((1, 1), (4, 3)), ((40, 3), (3, 40)), ((2, 50), (1, 1))]:
    x = rng.integers(0, 256, (h, w, 3), dtype=np.uint8)
    t = torch.from_numpy(x.astype(np.float32)).permute(2, 0, 1)[None]
    entry = {"from": [w, h], "to": [W, H], "data": packed(x)}
    for kind, code in KIND.items():
        # the exact call
        entry[kind] = packed(np.asarray(Image.fromarray(x).resize((W, H), code)))
    for kind in ["bilinear", "bicubic"]:
        y = F.interpolate(t, size=(H, W), mode=kind, align_corners=False, antialias=False)[0].permute(1, 2, 0).numpy()
        entry[f"torch_{kind}"] = [round(float(v), 3) for v in y.ravel()]
    small.append(entry)

large = []
for (w, h), (W, H) in [((640, 480), (300, 300)), ((640, 480), (320, 240)), ((640, 427), (341, 256)), ((500, 375), (640, 480)), ((333, 500), (224, 224)), ((1201, 77), (97, 801))]:
    x = Image.fromarray(pattern(w, h))
    large.append({"from": [w, h], "to": [W, H], **{k: hashlib.sha256(np.asarray(x.resize((W, H), c)).tobytes()).hexdigest() for k, c in KIND.items()}})

grey = []
for (w, h), (W, H) in [((640, 480), (640, 480)), ((640, 480), (224, 224)), ((50, 37), (64, 64))]:
    x = Image.fromarray(pattern(w, h)).convert("L").resize((W, H), Image.Resampling.BILINEAR)
    grey.append({"from": [w, h], "to": [W, H], "sha256": hashlib.sha256(np.asarray(x).tobytes()).hexdigest()})

out = pathlib.Path(__file__).with_name("pil.json")
out.write_text(json.dumps({"small": small, "large": large, "grey": grey}) + "\n")
