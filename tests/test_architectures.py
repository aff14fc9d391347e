"""The bundled networks: layer by layer against torchvision, and in total against what was published
or can be added up on paper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pytest
import yaml

import cnncalc
from cnncalc import zoo
from cnncalc.analysis.report import Report, Row
from tests.references import reference

# --- torchvision ----------------------------------------------------------------------------------

TYPES = {
    "conv": "Conv2d",
    "depthwise_conv": "Conv2d",
    "dense": "Linear",
    "batch_norm": "BatchNorm2d",
    "max_pool": "MaxPool2d",
    "adaptive_avg_pool": "AdaptiveAvgPool2d",
}
"""What torchvision's own modules are called; a function, such as MobileNet's last pool, is none."""


def compared(row: Row) -> dict[str, object]:
    return {
        "type": TYPES[row.kind],
        "input": list(row.input_shapes[0]),
        "output": list(row.output_shape),
        "weights": row.weights,
        "biases": row.biases,
        "macs": row.macs,
    }


@pytest.mark.parametrize("name", ["vgg16", "resnet18", "resnet50", "mobilenet_v2"])
def test_layer_by_layer_as_in_torchvision(name: str) -> None:
    model = reference("torchvision")[name]
    rows = [compared(row) for row in cnncalc.load(name).rows if row.kind in TYPES]
    layers = [
        {key: value for key, value in layer.items() if key != "name"}
        for layer in model["layers"]
        if layer["type"] in TYPES.values()
    ]
    assert len(layers) > 20
    assert rows == layers


@pytest.mark.parametrize("name", ["vgg16", "resnet18", "resnet50", "mobilenet_v2"])
def test_in_total_as_torchvision_publishes(name: str) -> None:
    model, totals = reference("torchvision")[name], cnncalc.load(name).totals
    assert totals.params == model["params"] == model["published"]["num_params"]
    assert totals.macs == model["macs"]
    assert totals.macs / 1e9 == pytest.approx(model["published"]["gmacs"], abs=0.006)


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


# --- siblings, by the knobs in the files ----------------------------------------------------------

SIBLINGS = [
    # torchvision: num_params in the metadata of the weights.
    ("vgg16", {"depth1": 1, "depth2": 1, "depth3": 2, "depth4": 2, "depth5": 2}, 132_863_336),
    ("vgg16", {"depth3": 2, "depth4": 2, "depth5": 2}, 133_047_848),
    ("vgg16", {"depth3": 4, "depth4": 4, "depth5": 4}, 143_667_240),
    ("resnet18", {"depth1": 3, "depth2": 4, "depth3": 6, "depth4": 3}, 21_797_672),
    ("resnet50", {"depth3": 23}, 44_549_160),
    ("resnet50", {"depth2": 8, "depth3": 36}, 60_192_808),
    ("resnet50", {"groups": 32, "width_per_group": 4}, 25_028_904),
    ("resnet50", {"width_per_group": 128}, 68_883_240),
]


@pytest.mark.parametrize(("name", "knobs", "params"), SIBLINGS)
def test_siblings(name: str, knobs: dict[str, object], params: int) -> None:
    assert cnncalc.load(name, set=knobs).totals.params == params


NARROW_AND_WIDE = {
    0.35: (1_677_128, 14_080),
    0.5: (1_968_680, 18_544),
    0.75: (2_636_424, 26_640),
    1.0: (3_504_872, 34_112),
    1.4: (6_108_776, 47_936),
}
"""keras.applications.MobileNetV2 of Keras 3.15.1, by `alpha`: trainable weights, and the others."""


@pytest.mark.parametrize("width", NARROW_AND_WIDE)
def test_mobilenets_of_other_widths(width: float) -> None:
    totals = cnncalc.load("mobilenet_v2", set={"width": width}).totals
    assert (totals.trainable, totals.state) == NARROW_AND_WIDE[width]


# --- what every file owes -------------------------------------------------------------------------


def test_every_bundled_network_is_held_to_numbers_here() -> None:
    assert set(PUBLISHED) == set(zoo.names())


@pytest.mark.parametrize("name", zoo.names())
def test_no_findings(name: str) -> None:
    told = cnncalc.load(name)
    assert told.diagnostics == ()
    assert told.complete


@pytest.mark.parametrize("name", zoo.names())
def test_files_say_what_they_are_and_what_they_expect(name: str) -> None:
    path = zoo.find(name)
    assert path is not None
    file = yaml.safe_load(path.read_text(encoding="utf-8"))
    told = cnncalc.load(name)
    assert told.name
    assert told.description
    assert told.source
    assert file["expect"]["params"] == told.totals.params
    assert file["expect"]["macs"] == told.totals.macs


def without_place(told: Report) -> Report:
    """The report, wherever the file lies."""
    rows = tuple(row._replace(file="") for row in told.rows)
    return told._replace(file="", rows=rows)


@pytest.mark.parametrize("name", zoo.names())
def test_a_bundled_name_its_path_and_its_text_are_the_same(name: str) -> None:
    path = zoo.find(name)
    assert path is not None
    by_name = without_place(cnncalc.load(name))
    assert without_place(cnncalc.load(path)) == by_name
    assert without_place(cnncalc.loads(path.read_text(encoding="utf-8"), name=name)) == by_name
