"""Trains a small residual classifier for a minute on real photographs and writes it as ONNX: train.py COCO_FOLDER OUT.onnx [SECONDS [SEED]]

COCO_FOLDER holds images/train2017/*.jpg and boxes/train2017/*.txt (class cx cy w h, as Ultralytics has them). Each box is a crop with one of five labels: person,
vehicle, animal, food, other. Enough to have features that are not random; no network to use.
"""
import json
import pathlib
import sys
import time
import warnings

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")
folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
seconds, seed = float((sys.argv + ["60"])[3]), int((sys.argv[4:] or ["0"])[0])
torch.manual_seed(seed)
torch.set_num_threads(2)
SIDE = 64


def group(c):
    return 0 if c == 0 else 1 if c <= 8 else 2 if 14 <= c <= 23 else 3 if 46 <= c <= 55 else 4


def crops():
    pixels, labels = [], []
    for path in sorted(folder.glob("boxes/train2017/*.txt")):
        image = folder / "images/train2017" / (path.stem + ".jpg")
        if not image.exists():
            continue
        picture = Image.open(image).convert("RGB")
        for line in path.read_text().split("\n"):
            if not line.strip():
                continue
            c, x, y, w, h = (float(v) for v in line.split()[:5])
            if min(w * picture.width, h * picture.height) < 20:
                continue
            side = 1.2 * max(w * picture.width, h * picture.height) / 2
            box = [x * picture.width - side, y * picture.height - side, x * picture.width + side, y * picture.height + side]
            pixels.append(np.asarray(picture.crop([round(v) for v in box]).resize((SIDE, SIDE), Image.BILINEAR)))
            labels.append(group(int(c)))
    return torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float() / 255, torch.tensor(labels)


def unit(a, b, stride=1):
    return nn.Sequential(nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b))


class Block(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.one, self.two = unit(a, b, stride), unit(b, b)
        self.short = nn.Identity() if stride == 1 and a == b else nn.Conv2d(a, b, 1, stride)

    def forward(self, x):
        return F.relu(self.two(F.relu(self.one(x))) + self.short(x))


network = nn.Sequential(unit(3, 16, 2), nn.ReLU(), Block(16, 16, 1), Block(16, 32, 2), Block(32, 32, 1), Block(32, 64, 2), Block(64, 64, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 5))
x, y = crops()
weight = 1 / torch.bincount(y, minlength=5).clamp(min=1).float()
optimiser = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=1e-2)
end, steps, right = time.time() + seconds, 0, []
while time.time() < end:
    at = torch.multinomial(weight[y], 64, replacement=True)
    shift = torch.randint(-6, 7, (2,)).tolist()
    batch = torch.roll(x[at], shift, (2, 3)) * (0.7 + 0.6 * torch.rand(64, 1, 1, 1))
    if steps % 2:
        batch = batch.flip(3)
    scores = network(batch)
    loss = F.cross_entropy(scores, y[at])
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    steps += 1
    right.append((scores.argmax(1) == y[at]).float().mean().item())
network.eval()
torch.onnx.export(network, torch.zeros(1, 3, 160, 160), str(out), opset_version=13, input_names=["image"], dynamic_axes={"image": {0: "batch"}})
print(json.dumps({"crops": len(y), "labels": torch.bincount(y).tolist(), "steps": steps, "training accuracy": round(float(np.mean(right[-50:])), 3)}))
