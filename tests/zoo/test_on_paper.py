"""The older networks, added up layer by layer from the figures of their papers."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import NamedTuple

import pytest

import cnncalc
from tests.together import together


class Figures(NamedTuple):
    """What one layer, or many together, have and do."""

    params: int
    macs: int


def conv(
    width: int | tuple[int, ...],
    kernel: int | tuple[int, ...],
    channels: int,
    filters: int,
    *,
    bias: bool = True,
) -> Figures:
    """A convolution onto `width` x `width` pixels, or onto a volume of any form."""
    pixels = width**2 if isinstance(width, int) else prod(width)
    taps = kernel**2 if isinstance(kernel, int) else prod(kernel)
    weights = taps * channels * filters
    return Figures(weights + filters * bias, pixels * weights)


def local(width: int, kernel: int, channels: int, filters: int) -> Figures:
    """A convolution with weights and biases of their own for every pixel."""
    weights = width**2 * kernel**2 * channels * filters
    return Figures(weights + width**2 * filters, weights)


def dense(inputs: int, outputs: int) -> Figures:
    return Figures(inputs * outputs + outputs, inputs * outputs)


def normalized(channels: int) -> Figures:
    """Batch normalisation: a scale and a shift a channel."""
    return Figures(2 * channels, 0)


def unused(layer: Figures) -> Figures:
    """A layer that uses another's weights."""
    return Figures(0, layer.macs)


def added(layers: Iterable[Figures]) -> Figures:
    params, macs = zip(*layers, strict=True)
    return Figures(sum(params), sum(macs))


def stream(channels: int) -> list[Figures]:
    """Half of a two-stream network, Figure 1: on frames or on optical flow."""
    return [
        conv(109, 7, channels, 96),
        conv(26, 5, 96, 256),
        conv(13, 3, 256, 512),
        conv(13, 3, 512, 512),
        conv(13, 3, 512, 512),
        dense(6 * 6 * 512, 4096),
        dense(4096, 2048),
        dense(2048, 101),
    ]


TOWER = [
    conv(96, 10, 1, 64),
    conv(42, 7, 64, 128),
    conv(18, 4, 128, 128),
    conv(6, 4, 128, 256),
    dense(6 * 6 * 256, 4096),
]
"""Half of a Siamese network, Figure 4."""

VGG: list[tuple[tuple[int, int], list[tuple[int, int]]]] = [
    ((360, 480), [(3, 64), (64, 64)]),
    ((180, 240), [(64, 128), (128, 128)]),
    ((90, 120), [(128, 256), (256, 256), (256, 256)]),
    ((45, 60), [(256, 512), (512, 512), (512, 512)]),
    ((23, 30), [(512, 512), (512, 512), (512, 512)]),
]
"""SegNet's encoder: the pixels of a stage, and the channels that go in and come out."""


def segnet() -> list[Figures]:
    layers = []
    for stage, (pixels, convolutions) in enumerate(VGG):
        back = [(filters, channels) for channels, filters in reversed(convolutions)]
        if stage == 0:
            back.pop()  # the classifier, in place of the mirror image of the first convolution
        for channels, filters in convolutions + back:
            layers += [conv(pixels, 3, channels, filters), normalized(filters)]
    return [*layers, conv((360, 480), 3, 64, 11)]


def cube(side: int, depth: int, channels: int, filters: int) -> Figures:
    """A convolution of 3D U-Net, whose volumes are a little less deep than wide."""
    return conv((side, side, depth), (3, 3, 3), channels, filters)


def up(side: int, depth: int, channels: int) -> Figures:
    """An up-convolution of 3D U-Net, that multiplies at every voxel of its input."""
    return conv((side, side, depth), (2, 2, 2), channels, channels, bias=False)


def prelu(channels: int) -> Figures:
    """A slope for each channel."""
    return Figures(channels, 0)


def vnet() -> list[Figures]:
    """Figure 2, of the widths 16 to 256 at sides of 128 to 8; half as deep as wide."""
    sides, widths, depths = (128, 64, 32, 16, 8), (16, 32, 64, 128, 256), (1, 2, 3, 3, 3)
    volumes = [(side, side, side // 2) for side in sides]
    layers = []
    for level, (volume, width, depth) in enumerate(zip(volumes, widths, depths, strict=True)):
        if level:
            layers += [conv(volume, (2, 2, 2), width // 2, width), prelu(width)]
        for number in range(depth):
            channels = 1 if level == number == 0 else width
            layers += [conv(volume, (5, 5, 5), channels, width), prelu(width)]
    channels = 256
    for level in (3, 2, 1, 0):
        width = widths[level]
        # An up-convolution multiplies at every voxel of its input, which lies one level below.
        layers += [conv(volumes[level + 1], (2, 2, 2), channels, width), prelu(width)]
        channels = 2 * width
        stage = [conv(volumes[level], (5, 5, 5), channels, channels), prelu(channels)]
        layers += depths[level] * stage
    return [*layers, conv(volumes[0], (1, 1, 1), channels, 2)]


NETWORKS = {
    "alexnet": [
        conv(55, 11, 3, 96),
        conv(27, 5, 96, 256),
        conv(13, 3, 256, 384),
        conv(13, 3, 384, 384),
        conv(13, 3, 384, 256),
        dense(6 * 6 * 256, 4096),
        dense(4096, 4096),
        dense(4096, 1000),
    ],
    "alexnet-two-gpu": [
        conv(55, 11, 3, 48),
        conv(55, 11, 3, 48),
        conv(27, 5, 48, 128),
        conv(27, 5, 48, 128),
        conv(13, 3, 256, 384),
        conv(13, 3, 192, 192),
        conv(13, 3, 192, 192),
        conv(13, 3, 192, 128),
        conv(13, 3, 192, 128),
        dense(6 * 6 * 256, 4096),
        dense(4096, 4096),
        dense(4096, 1000),
    ],
    "zfnet": [
        conv(110, 7, 3, 96),
        conv(26, 5, 96, 256),
        conv(13, 3, 256, 384),
        conv(13, 3, 384, 384),
        conv(13, 3, 384, 256),
        dense(6 * 6 * 256, 4096),
        dense(4096, 4096),
        dense(4096, 1000),
    ],
    "deeppose": [
        conv(55, 11, 3, 96),
        conv(27, 5, 96, 256),
        conv(13, 3, 256, 384),
        conv(13, 3, 384, 384),
        conv(13, 3, 384, 256),
        dense(6 * 6 * 256, 4096),
        dense(4096, 4096),
        dense(4096, 2 * 14),
    ],
    "deepface": [
        conv(142, 11, 3, 32),
        conv(63, 9, 32, 16),
        local(55, 9, 16, 16),
        local(25, 7, 16, 16),
        local(21, 5, 16, 16),
        dense(21 * 21 * 16, 4096),
        dense(4096, 4030),
    ],
    "neocognitron": [conv(16, 5, 1, 24), conv(8, 5, 24, 24), conv(2, 5, 24, 24)],
    "dqn": [
        conv(20, 8, 4, 32),
        conv(9, 4, 32, 64),
        conv(7, 3, 64, 64),
        dense(7 * 7 * 64, 512),
        dense(512, 18),
    ],
    "traffic-signs": [
        conv(28, 5, 1, 108),
        conv(10, 5, 108, 108),
        dense(5 * 5 * 108 + 7 * 7 * 108, 100),
        dense(100, 43),
    ],
    "two-stream": [*stream(3), *stream(20)],
    "siamese-omniglot": [*TOWER, *map(unused, TOWER), dense(4096, 1)],
    "srcnn": [conv(25, 9, 1, 64), conv(25, 1, 64, 32), conv(21, 5, 32, 1)],
    "espcn": [conv(17, 5, 1, 64), conv(17, 3, 64, 32), conv(17, 3, 32, 9)],
    "segnet": segnet(),
    "vnet": vnet(),
    "convnetjs-mnist": [conv(24, 5, 1, 8), conv(12, 5, 8, 16), dense(4 * 4 * 16, 10)],
    "convnetjs-cifar10": [
        conv(32, 5, 3, 16),
        conv(16, 5, 16, 20),
        conv(8, 5, 20, 20),
        dense(4 * 4 * 20, 10),
    ],
    "tf-tutorial": [
        conv(28, 5, 3, 32, bias=False),
        conv(14, 5, 32, 64, bias=False),
        dense(7 * 7 * 64, 10),
    ],
    "classic": [
        conv(32, 3, 3, 32),
        conv(32, 3, 32, 32),
        conv(16, 3, 32, 64),
        conv(16, 3, 64, 64),
        conv(8, 3, 64, 128),
        conv(8, 3, 128, 128),
        dense(4 * 4 * 128, 512),
        dense(512, 512),
        dense(512, 10),
    ],
    "unet": [
        *(conv(570, 3, 1, 64), conv(568, 3, 64, 64)),
        *(conv(282, 3, 64, 128), conv(280, 3, 128, 128)),
        *(conv(138, 3, 128, 256), conv(136, 3, 256, 256)),
        *(conv(66, 3, 256, 512), conv(64, 3, 512, 512)),
        *(conv(30, 3, 512, 1024), conv(28, 3, 1024, 1024)),
        # An up-convolution multiplies at every pixel of its input.
        *(conv(28, 2, 1024, 512), conv(54, 3, 1024, 512), conv(52, 3, 512, 512)),
        *(conv(52, 2, 512, 256), conv(102, 3, 512, 256), conv(100, 3, 256, 256)),
        *(conv(100, 2, 256, 128), conv(198, 3, 256, 128), conv(196, 3, 128, 128)),
        *(conv(196, 2, 128, 64), conv(390, 3, 128, 64), conv(388, 3, 64, 64)),
        conv(388, 1, 64, 2),
    ],
    "unet3d": [
        *(cube(130, 114, 3, 32), cube(128, 112, 32, 64)),
        *(cube(62, 54, 64, 64), cube(60, 52, 64, 128)),
        *(cube(28, 24, 128, 128), cube(26, 22, 128, 256)),
        *(cube(11, 9, 256, 256), cube(9, 7, 256, 512)),
        *(up(9, 7, 512), cube(16, 12, 256 + 512, 256), cube(14, 10, 256, 256)),
        *(up(14, 10, 256), cube(26, 18, 128 + 256, 128), cube(24, 16, 128, 128)),
        *(up(24, 16, 128), cube(46, 30, 64 + 128, 64), cube(44, 28, 64, 64)),
        conv((44, 44, 28), (1, 1, 1), 64, 3),
    ],
}


@together("name", NETWORKS)
def test_totals(name: str) -> None:
    totals = cnncalc.load(name).totals
    assert Figures(totals.params, totals.macs) == added(NETWORKS[name])


def test_googlenet_without_its_side_heads() -> None:
    """What is left once training is over: 6,998,552 parameters (Keras, Caffe), 1.6 GMACs."""
    rows = [row for row in cnncalc.load("googlenet").rows
            if not row.name.startswith(("loss1", "loss2"))]  # fmt: skip
    assert sum(row.params for row in rows) == 6_998_552
    assert sum(row.macs for row in rows) == 1_582_671_872


INCEPTION = {
    "3a": (28, 256), "3b": (28, 480),
    "4a": (14, 512), "4b": (14, 512), "4c": (14, 512), "4d": (14, 528), "4e": (14, 832),
    "5a": (7, 832), "5b": (7, 1024),
}  # fmt: skip
"""Table 1 of the paper: the output sizes of the inception modules."""


def test_googlenet_modules_are_those_of_its_table() -> None:
    shapes = {row.name: row.output_shape for row in cnncalc.load("googlenet").rows}
    for module, (side, channels) in INCEPTION.items():
        assert shapes[f"inception_{module}.output"] == (side, side, channels)


def test_lenet5_layers_are_those_of_its_paper() -> None:
    """Section II.B: parameters of C1, S2, C3, S4, C5 and F6."""
    rows = {row.name: row for row in cnncalc.load("lenet5").rows}
    params = [rows[name].params for name in ("C1", "S2.scale", "C3", "S4.scale", "C5", "F6")]
    assert params == [156, 12, 1516, 32, 48_120, 10_164]
    assert rows["RBF"].declared


@pytest.mark.parametrize(
    ("name", "knobs", "weights"),
    [("srcnn", {"middle": 1}, 8_032), ("srcnn", {"middle": 3}, 24_416),
     ("srcnn", {"middle": 5}, 57_184)],
)  # fmt: skip
def test_srcnn_of_other_widths(name: str, knobs: dict[str, object], weights: int) -> None:
    """Section 4.3.2 of the paper: 9-1-5, 9-3-5 and 9-5-5."""
    assert cnncalc.load(name, set=knobs).totals.weights == weights


@together("actions", range(4, 19))
def test_dqn_for_every_game(actions: int) -> None:
    body = added(NETWORKS["dqn"][:-1])
    assert body.params == 1_684_128
    totals = cnncalc.load("dqn", set={"actions": actions}).totals
    assert totals.params == body.params + 513 * actions


HOURGLASSES = {
    1: (3_426_448, 5_150_343_168),
    2: (6_570_400, 8_334_606_336),
    8: (25_434_112, 27_440_185_344),
}
"""PyTorch 2.13.0 on the authors' definition: parameters, and MACs its operation counter saw."""


@pytest.mark.parametrize("stacks", HOURGLASSES)
def test_hourglasses_of_other_heights(stacks: int) -> None:
    totals = cnncalc.load("hourglass", set={"stacks": stacks}).totals
    assert (totals.params, totals.macs) == HOURGLASSES[stacks]
