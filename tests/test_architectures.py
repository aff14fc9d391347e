"""The bundled networks in total, against what was published or can be added up on paper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pytest

import cnncalc

# --- published totals -----------------------------------------------------------------------------


class Published(NamedTuple):
    output: tuple[int, ...] | dict[str, tuple[int, ...]]
    params: int
    macs: int


PUBLISHED = {
    # Krizhevsky et al. 2012 on one GPU: 62.4 M; the two-GPU table sums up to 60,965,224.
    "alexnet": Published((1000,), 62_378_344, 1_135_256_096),
    "alexnet-two-gpu": Published((1000,), 60_965_224, 724_406_816),
    # LeCun et al. 1998: "60,000 trainable parameters".
    "lenet5": Published((10,), 60_000, 326_520),
    "convnetjs-cifar10": Published((10,), 22_466, 3_920_000),
    "tf-tutorial": Published((10,), 84_970, 11_948_160),
    # Szegedy et al. 2015 with both side heads, as in Caffe's bvlc_googlenet.
    "googlenet": Published(
        {"classifier": (1000,), "loss1": (1000,), "loss2": (1000,)}, 13_378_280, 1_591_044_096
    ),
    "unet": Published((388, 388, 2), 31_030_658, 150_428_424_448),
    "classic": Published((10,), 1_603_882, 39_949_312),
    "vgg16": Published((1000,), 138_357_544, 15_470_264_320),
    "resnet18": Published((1000,), 11_689_512, 1_814_073_344),
    "resnet50": Published((1000,), 25_557_032, 4_089_184_256),
    "mobilenet_v2": Published((1000,), 3_504_872, 300_774_272),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_totals(name: str) -> None:
    told, published = cnncalc.load(name), PUBLISHED[name]
    outputs = told.outputs if len(told.outputs) > 1 else next(iter(told.outputs.values()))
    assert outputs == published.output
    assert (told.totals.params, told.totals.macs) == (published.params, published.macs)


def conv(width: int, kernel: int, channels: int, filters: int) -> tuple[int, int]:
    """Parameters and MACs of a convolution onto `width` x `width` pixels, by hand."""
    weights = kernel * kernel * channels * filters
    return weights + filters, width * width * weights


def dense(inputs: int, outputs: int) -> tuple[int, int]:
    return inputs * outputs + outputs, inputs * outputs


def added(figures: Iterable[tuple[int, int]]) -> tuple[int, int]:
    params, macs = zip(*figures, strict=True)
    return sum(params), sum(macs)


ON_PAPER = {
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
    "convnetjs-cifar10": [
        conv(32, 5, 3, 16),
        conv(16, 5, 16, 20),
        conv(8, 5, 20, 20),
        dense(4 * 4 * 20, 10),
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
}
"""Layer for layer from the figures of the papers."""


@pytest.mark.parametrize("name", ON_PAPER)
def test_totals_on_paper(name: str) -> None:
    totals = cnncalc.load(name).totals
    assert (totals.params, totals.macs) == added(ON_PAPER[name])


def test_totals_on_paper_without_biases() -> None:
    """The tutorial's convolutions have none."""
    layers = [conv(28, 5, 3, 32), conv(14, 5, 32, 64)]
    totals = cnncalc.load("tf-tutorial").totals
    params, macs = added([*layers, dense(7 * 7 * 64, 10)])
    assert (totals.params, totals.macs) == (params - 32 - 64, macs)


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
