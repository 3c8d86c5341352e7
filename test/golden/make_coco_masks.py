"""Golden masks of the COCO API. Reference call: pycocotools 2.0.11 (pip install pycocotools), mask.decode, mask.frPyObjects.

`published` are RLE texts printed in public threads (the url says where); `runs` are their lengths by the independent decoder below, written from the
definition in cocoapi's common/maskApi.c and checked here against mask.decode. `polygons` are random ones (numpy seed 7) on small pictures: stars, slivers,
repeated corners, corners outside, self-overlaps, and boxes.

    python3 test/golden/make_coco_masks.py > test/golden/coco_masks.json
"""

import json
import sys

import numpy as np
from pycocotools import mask

PUBLISHED = [
    ("cocodataset/cocoapi issue 135", [5, 10], "b1"),
    ("hoel-bagard/cocotools-rs, tests", [4, 4], "52203"),
    ("cocodataset/cocoapi issue 550", [576, 752], "ZbQ:1ma06J3N2N1O2M4K6K3N1N3M3J7K4M2N3M2M5K7J3N1O2N2L4N2M3N1O2L4M3M3N2M2M5K4M4L3N1N4K4K5N2O10O0100O1O10O0110O000O100101OO0O0100O11O00O010O1010OO100O1013L000O01004MOO10O010020O0OO010010O000O10O1100O1OO100O2N2N010O001O2O0O001O2O1N2N001O1O1O1O1O001N2O1N3N0O2O1N3K5J5L3N3L4H8E;L4M2O2L4K5K5N2M2O3L4K4M3N2N2M4K5K4M5Khl?"),
    ("open-mmlab/mmdetection issue 1208", [800, 800], "fXQ79eh06J5L4L5L5I7K4L4L3M4L6J2N4L7I2N4NOO2L201O02O0O00001O0000002M3N1M200O10OO2N1F:10N1017H2O001O1O2N2N4L1O001O0000FaYOTN_f0b1fYOUNN8]f0b1jYO^NWf0`1iYOaNZf0Q23N5K4K2M6K2\\NfXO^1bg0L6J9F?A7FZVh:"),
]


def runs_of_text(text):
    """Groups of 5 bits, lowest first, 48 added; bit 6 says that more follow, bit 5 of the last is the sign; differences to two before."""
    runs = []
    at = 0
    while at < len(text):
        value, shift = 0, 0
        while True:
            code = ord(text[at]) - 48
            value += (code % 32) << shift
            shift += 5
            at += 1
            if code < 32:
                break
        if code >= 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
    return runs


def mask_of_runs(runs, size):
    flat = np.concatenate([np.full(n, i % 2, np.uint8) for i, n in enumerate(runs)])
    return flat.reshape(size[1], size[0]).T


def text_of(m):
    return mask.encode(np.asfortranarray(m))["counts"].decode()


published = []
for where, size, text in PUBLISHED:
    runs = runs_of_text(text)
    decoded = mask.decode({"size": size, "counts": text})
    assert sum(runs) == size[0] * size[1] and np.array_equal(mask_of_runs(runs, size), decoded), where
    rows, cols = np.nonzero(decoded)
    published.append(
        {
            "where": where,
            "size": size,
            "counts": text,
            "runs": runs,
            "area": int(decoded.sum()),
            "box": [int(cols.min()), int(rows.min()), int(cols.max()), int(rows.max())] if len(rows) else None,
        }
    )

rng = np.random.default_rng(7)
texts = []
for h, w, p in [(1, 1, 0.5), (7, 5, 0.5), (40, 33, 0.02), (64, 64, 0.97), (3, 200, 0.3), (12, 9, 1.0)]:
    m = (rng.random((h, w)) < p).astype(np.uint8)
    texts.append({"size": [h, w], "rows": ["".join(map(str, r)) for r in m], "counts": text_of(m)})


def polygon(h, w, kind):
    n = int(rng.integers(3, 12))
    if kind == "free":
        xy = rng.uniform([-0.3 * w, -0.3 * h], [1.3 * w, 1.3 * h], (n, 2))
    elif kind == "star":
        a = np.sort(rng.uniform(0, 2 * np.pi, n))
        r = rng.uniform(0.1, 0.5, n)
        xy = np.stack([w * (0.5 + r * np.cos(a)), h * (0.5 + r * np.sin(a))], 1)
    elif kind == "tiny":
        xy = rng.uniform([0, 0], [w, h]) + rng.uniform(-1.5, 1.5, (n, 2))
    elif kind == "whole":
        xy = rng.integers([0, 0], [w + 1, h + 1], (n, 2)).astype(float)
    else:  # repeated corners, and corners on the border
        xy = np.repeat(rng.uniform(0, 1, (n, 2)).round(1) * [w, h], 2, 0)
    return [round(float(v), 2) for v in xy.ravel()]


polygons = []
for i in range(120):
    h, w = (int(v) for v in rng.integers(4, 48, 2))
    xy = polygon(h, w, ["free", "star", "tiny", "whole", "repeated"][i % 5])
    rle = mask.frPyObjects([xy], h, w)[0]
    polygons.append({"size": [h, w], "xy": xy, "counts": rle["counts"].decode()})
boxes = []
for _ in range(20):
    h, w = (int(v) for v in rng.integers(4, 48, 2))
    x, y, bw, bh = (round(float(v), 2) for v in rng.uniform(0, 1, 4) * [w, h, w, h])
    rle = mask.frPyObjects(np.array([[x, y, bw, bh]]), h, w)[0]
    boxes.append({"size": [h, w], "box": [x, y, bw, bh], "counts": rle["counts"].decode()})

json.dump({"published": published, "texts": texts, "polygons": polygons, "boxes": boxes}, sys.stdout)
