"""Writes torchvision networks with seeded random weights as ONNX, 64 x 64 input: export_torchvision.py FOLDER NAME..."""
import sys
import warnings

import torch
import torchvision

warnings.filterwarnings("ignore")
folder, names = sys.argv[1], sys.argv[2:]
for name in names:
    torch.manual_seed(0)
    network = getattr(torchvision.models, name)().eval()
    torch.onnx.export(network, torch.randn(1, 3, 64, 64), f"{folder}/{name}.onnx", opset_version=13, input_names=["image"])
