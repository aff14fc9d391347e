"""The bundled networks that are torchvision's: layer for layer, in the order in which they run.

Both sequences are compared as they stand, without sorting: what torchvision runs, and the rows of
the report in file order, of all convolutions, dense layers, normalisations, pools and activations.
The tables
in `tests/reference/zoo/torchvision/` are written by the script beside them.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

import cnncalc
from cnncalc.report.report import Row
from tests.references import FOLDER
from tests.together import together
from tests.zoo.reports import loaded

TABLES = FOLDER / "zoo" / "torchvision"
NAMES = sorted(path.stem for path in TABLES.glob("*.json"))

KINDS = {
    "conv": "conv",
    "depthwise_conv": "conv",
    "dense": "linear",
    "batch_norm": "batchnorm",
    "layer_norm": "layernorm",
    "max_pool": "max_pool",
    "avg_pool": "avg_pool",
    "adaptive_avg_pool": "adaptive_avg_pool",
    "global_avg_pool": "adaptive_avg_pool",
    "relu": "relu",
    "relu6": "hardtanh",
    "silu": "silu",
    "gelu": "gelu",
    "sigmoid": "sigmoid",
    "hard_swish": "hardswish",
    "hard_sigmoid": "hardsigmoid",
}
"""What is compared, and what torchvision's name of it starts with, in small letters."""

WITHOUT_COUNTERPART = {
    "add", "multiply", "concat", "slice", "channel_shuffle", "flatten", "resize", "dropout",
    "drop_path",
}  # fmt: skip
"""Kinds that have no weights, whose volumes those that follow them show."""

Layer = tuple[str, str, str, str, int, int, int]
"""Kind, window, input, output, weights, biases, MACs."""


@cache
def table(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((TABLES / f"{name}.json").read_text(encoding="utf-8"))
    return found


def volume(axes: tuple[int, ...]) -> str:
    return "x".join(map(str, axes))


def pooled(output: str) -> str:
    """A mean over everything, with or without the axes of length 1."""
    return output.split("x")[-1] if set(output.split("x")[:-1]) == {"1"} else output


def figure(axes: tuple[int, ...]) -> str:
    return str(axes[0]) if len(set(axes)) == 1 else volume(axes)


def window(row: Row) -> str:
    """Kernel, stride, padding and dilation as the tables write them."""
    if not row.kernel:
        return ""
    assert all(before == after for before, after in row.padding)
    padding = tuple(before for before, _ in row.padding)
    return "/".join(map(figure, (row.kernel, row.stride, padding, row.dilation)))


def ours(row: Row) -> Layer:
    output = volume(row.output_shape)
    if row.kind == "adaptive_avg_pool":
        output = pooled(output)
    counts = (row.weights, row.biases, row.macs)
    return (KINDS[row.kind], window(row), volume(row.input_shapes[0]), output, *counts)


def theirs(row: list[Any]) -> Layer:
    name, slid, source, output, weights, biases, macs = row
    kind = name.lower()
    if kind == "linear" and "x" in source:
        kind, slid = (
            "conv",
            "1/1/0/1",
        )  # a linear layer over the channels of a volume is a 1x1 convolution
    if kind.startswith(("adaptive_avg_pool", "mean")):
        kind, output = "adaptive_avg_pool", pooled(output)
    (kind,) = [known for known in set(KINDS.values()) if kind.startswith(known)]
    return kind, slid, source, output, weights, biases, macs


def test_tables_are_there() -> None:
    assert len(NAMES) == 78
    assert all(len(table(name)["sequence"]) >= 12 for name in NAMES)


@together("name", NAMES)
@pytest.mark.slow
def test_layer_for_layer(name: str) -> None:
    found = table(name)
    expected = [theirs(found["distinct"][number]) for number in found["sequence"]]
    rows = [row for row in loaded(name).rows if row.kind in KINDS]
    for number, (row, layer) in enumerate(zip(rows, expected, strict=False)):
        assert ours(row) == layer, (number, row.name)
    assert len(rows) == len(expected)


@together("name", NAMES)
def test_nothing_else_has_weights(name: str) -> None:
    """But ConvNeXt's layer scales, outside all layers in torchvision: a total holds them."""
    others = {row.kind for row in loaded(name).rows} - set(KINDS)
    assert others <= WITHOUT_COUNTERPART | ({"scale"} if name.startswith("convnext") else set())
    assert sum(row.params for row in loaded(name).rows if row.kind in WITHOUT_COUNTERPART) == 0


@together("name", NAMES)
def test_totals(name: str) -> None:
    totals, found = loaded(name).totals, table(name)
    assert (totals.params, totals.state, totals.macs) == (
        found["params"],
        found["state"],
        found["macs"],
    )


# --- what torchvision publishes -------------------------------------------------------------------


def side_head(channels: int, classes: int = 21) -> tuple[int, int]:
    """Parameters, and weights of the convolutions, of an FCN head beside the backbone, by hand."""
    between = channels // 4
    weights = channels * between * 9 + between * classes
    return weights + 2 * between + classes, weights


SIDE_HEADS = {
    "fcn_resnet50": 1024,
    "fcn_resnet101": 1024,
    "deeplabv3_resnet50": 1024,
    "deeplabv3_resnet101": 1024,
    "deeplabv3_mobilenet_v3_large": 40,
}
"""The channels that a side head for training sees. Published numbers count it, the files only for
`side_head`."""

INCEPTIONS_SIDE_HEAD = (
    (768 * 128 + 2 * 128) + (5 * 5 * 128 * 768 + 2 * 768) + (768 * 1000 + 1000)  # conv, conv, dense
)


@together("name", NAMES)
def test_parameters_as_published(name: str) -> None:
    with_side_head = name in SIDE_HEADS or name == "inception_v3"
    reported = cnncalc.load(name, set={"side_head": True}) if with_side_head else loaded(name)
    assert reported.complete
    assert reported.totals.params == table(name)["published"]["params"]


@together("name", NAMES)
def test_work_as_published(name: str) -> None:
    """GMACs to the three digits that are stated, on the images they are stated for."""
    published = table(name)["published"]
    same = published["input"] == table(name)["input"]
    reported = loaded(name) if same else cnncalc.load(name, input=published["input"])
    if name in SIDE_HEADS:
        reported = cnncalc.load(name, input=published["input"], set={"side_head": True})
    assert reported.complete
    assert abs(reported.totals.macs / 1e9 - published["gmacs"]) <= 0.0005 + 1e-9


@pytest.mark.parametrize("name", [*SIDE_HEADS, "inception_v3"])
def test_a_side_head_is_what_it_is_by_hand(name: str) -> None:
    reported = cnncalc.load(name, set={"side_head": True})
    assert [str(finding) for finding in reported.diagnostics] == []
    if name == "inception_v3":
        params, macs = INCEPTIONS_SIDE_HEAD, 5 * 5 * 768 * 128 + 128 * 5 * 5 * 768 + 768 * 1000
        assert reported.outputs == {"fc": (1000,), "aux": (1000,)}
    else:
        params, weights = side_head(SIDE_HEADS[name])
        macs = (224 // 8) ** 2 * weights
        assert reported.outputs == {"out": (224, 224, 21), "aux": (224, 224, 21)}
    assert reported.totals.params == loaded(name).totals.params + params
    assert reported.totals.macs == loaded(name).totals.macs + macs


def test_work_is_published_for_the_resolution_of_training() -> None:
    """Else the comparison above would only repeat the totals."""
    other = [name for name in NAMES if table(name)["published"]["input"] != table(name)["input"]]
    assert "efficientnet_b7" in other
    assert "fcn_resnet50" in other
    assert len(other) >= 15


class TestTheTestsThemselves:
    """A comparison that cannot fail proves nothing."""

    @pytest.mark.parametrize(
        "change",
        [
            {"fc.bias": False},
            {"layer2.0.conv1.kernel": 1, "layer2.0.conv1.padding": 0},
            {"layer4.1.conv2.groups": 2},
            {"layer4.1.conv2.dilation": 2, "layer4.1.conv2.padding": 2},
            {"maxpool.padding": 0, "maxpool.kernel": 2},
            {"depth1": 1},
        ],
    )
    def test_another_network_differs_from_it(self, change: dict[str, object]) -> None:
        found = table("resnet18")
        expected = [theirs(found["distinct"][number]) for number in found["sequence"]]
        reported = cnncalc.load("resnet18", set=change)
        assert reported.complete
        rows = [row for row in reported.rows if row.kind in KINDS]
        assert [ours(row) for row in rows] != expected
