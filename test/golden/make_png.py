"""Golden PNGs with their stored values: /usr/bin/python3 test/golden/make_png.py > test/golden/png.json (Pillow 9.4). `png` is base64, `values` are what numpy sees."""
import base64
import io
import json
import sys

import numpy as np
from PIL import Image

rng = np.random.default_rng(3)
out = []


def add(name, image, values, **options):
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    out.append({"name": name, "size": list(image.size), "png": base64.b64encode(buffer.getvalue()).decode(), "values": np.asarray(values).ravel().tolist()})


ramp = np.add.outer(np.arange(9), np.arange(13)) % 251
add("grey 8 bit, smooth: filters are used", Image.fromarray(ramp.astype(np.uint8)), ramp)
noise = rng.integers(0, 256, (7, 11))
add("grey 8 bit, noise", Image.fromarray(noise.astype(np.uint8)), noise)
wide = rng.integers(0, 65536, (5, 6))
add("grey 16 bit", Image.fromarray(wide.astype(np.uint16)), wide)
bits = rng.integers(0, 2, (6, 10))
add("grey 1 bit", Image.fromarray((bits * 255).astype(np.uint8)).convert("1"), bits)
for depth in (1, 2, 4, 8):
    ids = rng.integers(0, 2**depth, (5, 13))
    image = Image.fromarray(ids.astype(np.uint8), "P")
    # colours that say nothing of the index: VOC's and Cityscapes' palettes are such
    image.putpalette(rng.integers(0, 256, 3 * 2**depth).astype(np.uint8).tobytes())
    add(f"palette {depth} bit", image, ids, bits=depth)
json.dump(out, sys.stdout)
