"""Golden letterboxes: python test/golden/make_letterbox.py (opencv-python-headless 4.14.0.94, numpy 2.4) -> letterbox.json

The geometry is that of Ultralytics (LetterBox with auto=False): one ratio, both sides rounded by Python's round, padding split at +-0.1.
"""
import base64
import hashlib
import json
import pathlib

import cv2
import numpy as np

rng = np.random.default_rng(20230507)


def packed(a):
    return base64.b64encode(np.ascontiguousarray(a, np.uint8).tobytes()).decode()


def pattern(w, h):
    """The same picture in pattern.ts."""
    y, x = np.mgrid[0:h, 0:w].astype(np.int64)
    return np.stack([(x * 5 + y * 3) % 256, (x * y) % 251, (((x // 7) + (y // 5)) % 2) * 255], axis=-1).astype(np.uint8)


def letterbox(img, W, H, scaleup, center):
    h, w = img.shape[:2]
    r = min(H / h, W / w)
    if not scaleup:
        r = min(r, 1.0)
    nw, nh = round(w * r), round(h * r)
    dw, dh = W - nw, H - nh
    if center:
        dw, dh = dw / 2, dh / 2
    if (w, h) != (nw, nh):
        img = cv2.resize(img, (nw, nh), interpolation=cv2.INTER_LINEAR)
    top, left = (round(dh - 0.1), round(dw - 0.1)) if center else (0, 0)
    bottom, right = round(dh + 0.1), round(dw + 0.1)
    return cv2.copyMakeBorder(img, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(114, 114, 114)), [nw, nh, left, top]


small = []
for (w, h), (W, H) in [((13, 9), (7, 5)), ((13, 9), (29, 31)), ((13, 9), (13, 4)), ((5, 4), (5, 9)), ((1, 1), (4, 3)), ((40, 6), (3, 40)), ((12, 8), (6, 4))]:
    x = rng.integers(0, 256, (h, w, 3), dtype=np.uint8)
    small.append({"from": [w, h], "to": [W, H], "data": packed(x), "linear": packed(cv2.resize(x, (W, H), interpolation=cv2.INTER_LINEAR)),
                  "cubic": packed(cv2.resize(x, (W, H), interpolation=cv2.INTER_CUBIC))})

boxes = []
for (w, h), (W, H) in [((640, 480), (640, 640)), ((640, 480), (320, 320)), ((500, 375), (640, 640)), ((333, 500), (416, 416)), ((427, 640), (320, 320)),
                       ((100, 81), (50, 50)), ((100, 83), (50, 50)), ((200, 150), (640, 640)), ((1280, 720), (640, 384)), ((37, 1000), (64, 64))]:
    for scaleup, center in [(True, True), (False, True), (True, False)]:
        image, place = letterbox(pattern(w, h), W, H, scaleup, center)
        assert image.shape == (H, W, 3)
        boxes.append({"from": [w, h], "to": [W, H], "scaleUp": scaleup, "centre": center, "place": place, "sha256": hashlib.sha256(image.tobytes()).hexdigest()})

pathlib.Path(__file__).with_name("letterbox.json").write_text(json.dumps({"resize": small, "boxes": boxes}) + "\n")
