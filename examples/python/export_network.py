"""A torch network as ONNX for samesight, in ten lines: python3 export_network.py OUT.onnx"""
import sys

import torch
from torch import nn

torch.manual_seed(0)
network = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(), nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU())
network.eval()  # a network in training mode would normalise by the batch at hand
picture = torch.zeros(1, 3, 224, 224)  # the size that samesight will resize photographs to
torch.onnx.export(network, picture, sys.argv[1], opset_version=13, input_names=["image"], dynamic_axes={"image": {0: "batch"}})
