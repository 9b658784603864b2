"""The same network in PyTorch: reads a picture with the weights that `shapes train` wrote, and writes them back.

python3 pytorch.py PICTURE WEIGHTS NEW-WEIGHTS
"""
import sys

import numpy
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn


class ShapeNet(nn.Module):
    def __init__(self, class_count):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 5, padding=2)
        self.conv2 = nn.Conv2d(8, 16, 5, padding=2)
        self.classes = nn.Linear(16, class_count)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.classes(x.mean([2, 3]))


picture, weights, new_weights = sys.argv[1:]
names = open(weights + ".classes").read().split("\n")
model = ShapeNet(len(names))
model.load_state_dict(load_file(weights))

ink = 1 - numpy.asarray(Image.open(picture).convert("L"), dtype=numpy.float32) / 255
with torch.no_grad():
    probabilities = torch.softmax(model(torch.from_numpy(ink)[None, None]), 1)[0]
for name, p in zip(names, probabilities.tolist()):
    print(f"{name} {p:.4f}")
save_file(model.state_dict(), new_weights)
