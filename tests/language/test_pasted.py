"""Networks in other tools' words: one finding says what they are, and how they begin here."""

from __future__ import annotations

import pytest

import cnncalc

PRINTED = """\
AlexNet(
  (features): Sequential(
    (0): Conv2d(3, 64, kernel_size=(11, 11), stride=(4, 4), padding=(2, 2))
    (1): ReLU(inplace=True)
    (2): MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False)
    (3): Conv2d(64, 192, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
  )
)
"""
SOURCE = """\
import torch.nn as nn

model = nn.Sequential(
    nn.Conv2d(1, 20, 5),
    nn.BatchNorm2d(20),
    nn.Dropout(p=0.3),
    nn.Linear(320, 10),
)
"""
CLASS = """\
class Net(nn.Module):
    def __init__(self):
        self.fc = nn.Linear(84, 10)
        self.conv = nn.Conv2d(1, 6, 5)
"""
KERAS = """\
model = keras.Sequential([
  keras.Input(shape=(28, 28, 1)),
  layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
  layers.MaxPooling2D(pool_size=(2, 2)),
  layers.Flatten(),
])
"""
SUMMARY = """\
Model: "sequential"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 conv2d (Conv2D)             (None, 26, 26, 32)        320
"""
TORCHSUMMARY = """\
----------------------------------------------------------------
        Layer (type)               Output Shape         Param #
================================================================
            Conv2d-1           [-1, 64, 55, 55]          23,296
"""
TORCHINFO = """\
==========================================================================================
Layer (type:depth-idx)                   Output Shape              Param #
==========================================================================================
"""
JSON = '{"class_name": "Sequential", "config": {"layers": [{"class_name": "Conv2D"}]}}\n'
PROTOTXT = 'name: "LeNet"\nlayer {\n  name: "conv1"\n  type: "Convolution"\n}\n'
CFG = "# YOLO\n[net]\nbatch=1\n[convolutional]\nfilters=32\n"
ULTRALYTICS = "nc: 80\nbackbone:\n  - [-1, 1, Conv, [64, 3, 2]]\nhead:\n  - [-1, 1, Detect, [nc]]\n"

WHERE_TO_LOOK = "a file has `input:` and a list of `layers:`; `cnncalc zoo lenet5` prints one"


@pytest.mark.parametrize(
    ("text", "code", "called", "begins"),
    [
        (PRINTED, "yaml-syntax", "a printed PyTorch model",
         "{conv: {filters: 64, kernel: 11, stride: 4, padding: 2}}, relu, "
         "{max_pool: {kernel: 3, stride: 2}}, {conv: {filters: 192, kernel: 5, padding: 2}}"),
        ("(0): Conv2d(3, 8, kernel_size=(3, 3))\n", "yaml-syntax", "a printed PyTorch model",
         "{conv: {filters: 8, kernel: 3}}"),
        (SOURCE, "yaml-syntax", "Python source",
         "{conv: {filters: 20, kernel: 5}}, batch_norm, {dropout: 0.3}, {dense: 10}"),
        (KERAS, "yaml-syntax", "Python source",
         "{conv: {filters: 32, kernel: 3, activation: relu}}, {max_pool: 2}, flatten"),
        # A class' layers run as its `forward` says, in whatever order they are made.
        (CLASS, "yaml-syntax", "Python source", None),
        (SUMMARY, "yaml-syntax", "a table of layers, as a framework prints it", None),
        (TORCHSUMMARY, "yaml-syntax", "a table of layers, as a framework prints it", None),
        (TORCHINFO, "yaml-syntax", "a table of layers, as a framework prints it", None),
        (JSON, "unknown-key", "a Keras model as JSON", None),
        (PROTOTXT, "yaml-syntax", "a Caffe prototxt", None),
        (CFG, "yaml-syntax", "a Darknet cfg", None),
        (ULTRALYTICS, "unknown-key", "an Ultralytics model file", None),
    ],
)  # fmt: skip
def test_one_finding(text: str, code: str, called: str, begins: str | None) -> None:
    (finding,) = cnncalc.loads(text).diagnostics
    assert (finding.code, finding.message) == (
        code,
        f"this is {called}, and no architecture file",
    )
    begun = () if begins is None else (f"it begins so here: `layers: [{begins}, …]`",)
    assert finding.help == (*begun, WHERE_TO_LOOK)


@pytest.mark.parametrize(
    ("text", "shapes"),
    [(PRINTED, [(55, 55, 64), (55, 55, 64), (27, 27, 64), (27, 27, 192)])],
)
def test_what_is_named_is_read(text: str, shapes: list[tuple[int, ...]]) -> None:
    (finding,) = cnncalc.loads(text).diagnostics
    layers = finding.help[0].partition("`layers: [")[2].removesuffix(", …]`")
    # AlexNet's volumes as torchvision has them, whose strides round down.
    read = cnncalc.loads(f"input: 224x224x3\nrounding: floor\nlayers: [{layers}]\n")
    assert read.ok
    assert [row.output_shape for row in read.rows] == shapes


@pytest.mark.parametrize(
    "text",
    [
        "input: 8x8x3\nlayers: [relu]\n",
        "# class Net(nn.Module):\ninput: 8x8x3\nlayers: [relu]\n",
        "extends: lenet5\ndescription: as nn.Sequential(…)\n",
    ],
)
def test_a_file_that_mentions_another_tool_is_read(text: str) -> None:
    assert cnncalc.loads(text).ok
