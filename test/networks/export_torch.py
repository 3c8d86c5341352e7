"""Small networks of the kinds people have, with seeded weights, as torch.onnx writes them: export_torch.py FOLDER.

residual_NN.onnx: ResNet-like classifier, one file an operator set; mobile.onnx: inverted residuals, squeeze-and-excite, hard swish; fcn.onnx: segmenter
with bilinear upsampling and a skip connection; detector.onnx: two heads over two scales, reshaped and joined; dynamic.onnx: batch, height and width free;
external.onnx: weights in a file beside it. outputs.json: what torch itself computes for the picture of `picture()`.
"""
import json
import sys
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")
folder = sys.argv[1]
SIZE = 64


class Residual(nn.Module):
    def __init__(self, c_in, c, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c)
        self.conv2 = nn.Conv2d(c, c, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c)
        self.down = nn.Conv2d(c_in, c, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.down(x))


class ResNet(nn.Module):
    def __init__(self, classes=5):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU())
        self.layer1 = nn.Sequential(Residual(8, 8, 1), Residual(8, 8, 1))
        self.layer2 = nn.Sequential(Residual(8, 16, 2), Residual(16, 16, 1))
        self.layer3 = nn.Sequential(Residual(16, 32, 2), Residual(32, 32, 1))
        self.fc = nn.Linear(32, classes)

    def features(self, x):
        x = self.layer1(self.stem(x))
        y = self.layer2(x)
        return x, y, self.layer3(y)

    def forward(self, x):
        return self.fc(self.features(x)[2].mean((2, 3)))


class Inverted(nn.Module):
    def __init__(self, c_in, c, stride):
        super().__init__()
        hidden = 4 * c_in
        self.expand = nn.Sequential(nn.Conv2d(c_in, hidden, 1), nn.BatchNorm2d(hidden), nn.Hardswish())
        self.depthwise = nn.Sequential(nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden), nn.BatchNorm2d(hidden), nn.Hardswish())
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(hidden, 8, 1), nn.ReLU(), nn.Conv2d(8, hidden, 1), nn.Hardsigmoid())
        self.project = nn.Conv2d(hidden, c, 1)
        self.short = stride == 1 and c_in == c

    def forward(self, x):
        y = self.depthwise(self.expand(x))
        y = self.project(y * self.gate(y))
        return x + y if self.short else y


class Mobile(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.Hardswish())
        self.blocks = nn.Sequential(Inverted(8, 8, 1), Inverted(8, 12, 2), Inverted(12, 12, 1), Inverted(12, 24, 2))
        self.head = nn.Linear(24, 5)

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)).mean((2, 3)))


class Fcn(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = ResNet()
        self.skip = nn.Conv2d(8, 8, 1)
        self.classify = nn.Sequential(nn.Conv2d(40, 16, 3, 1, 1), nn.ReLU(), nn.Conv2d(16, 4, 1))

    def forward(self, x):
        fine, _, deep = self.body.features(x)
        up = F.interpolate(deep, size=fine.shape[2:], mode="bilinear", align_corners=False)
        out = self.classify(torch.cat([up, self.skip(fine)], 1))
        return F.interpolate(out, scale_factor=2.0, mode="bilinear", align_corners=False)


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = ResNet()
        self.lateral = nn.Conv2d(32, 16, 1)
        self.scores = nn.ModuleList([nn.Conv2d(16, 2 * 3, 3, 1, 1) for _ in range(2)])
        self.boxes = nn.ModuleList([nn.Conv2d(16, 2 * 4, 3, 1, 1) for _ in range(2)])

    def forward(self, x):
        _, fine, deep = self.body.features(x)
        deep = self.lateral(deep)
        fine = fine + F.interpolate(deep, scale_factor=2.0, mode="nearest")
        flat = lambda heads, k: torch.cat([h(f).permute(0, 2, 3, 1).reshape(f.shape[0], -1, k) for h, f in zip(heads, (fine, deep))], 1)
        return flat(self.scores, 3).sigmoid(), flat(self.boxes, 4)


def settled(network, seed):
    """Seeded weights and batch statistics that keep activations alive in depth."""
    torch.manual_seed(seed)
    network = network()
    network.train()
    with torch.no_grad():
        for _ in range(20):
            network(torch.randn(8, 3, SIZE, SIZE))
    return network.eval()


def picture(n=1):
    """(n, 3, SIZE, SIZE), the same on every machine: sines, no random numbers."""
    i = np.arange(n * 3 * SIZE * SIZE, dtype=np.float64).reshape(n, 3, SIZE, SIZE)
    return torch.from_numpy(np.sin(i * 0.37) + np.sin(i * 0.011)).float()


written = {}


def write(name, network, opset, **rest):
    outputs = network(picture())
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    torch.onnx.export(network, picture(), f"{folder}/{name}.onnx", opset_version=opset, input_names=["image"], **rest)
    written[name] = [{"shape": list(o.shape), "values": o.detach().flatten()[:50].tolist()} for o in outputs]


if __name__ == "__main__":
    resnet = settled(ResNet, 1)
    for opset in (11, 13, 17):
        write(f"residual_{opset}", resnet, opset)
    write("mobile", settled(Mobile, 2), 14)
    write("fcn", settled(Fcn, 3), 13)
    write("detector", settled(Detector, 4), 16)
    write("dynamic", resnet, 15, dynamic_axes={"image": {0: "batch", 2: "height", 3: "width"}})
    with open(f"{folder}/outputs.json", "w") as file:
        json.dump(written, file)
