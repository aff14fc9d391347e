"""What slides, in all small geometries: kernels against the reference, on whole numbers, exactly.

A network of a case is one input that many layers read, all of them outputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Any

import pytest

from tests.execution.native.driving import LANES
from tests.execution.native.programs import algorithms, hold
from tests.execution.native.winograd import in_form
from tests.networks import written

Options = dict[str, Any]

pytestmark = pytest.mark.parametrize("lanes", LANES)

ENDS = ((0, 0), (1, 1), (0, 1), (1, 0), (2, 0), (1, 2))
AXES: list[Options] = [
    {"kernel": kernel, "stride": stride, "dilation": dilation, "padding": ends}
    for kernel, stride, dilation, ends in product((1, 2, 3), (1, 2, 3), (1, 2), ENDS)
]
"""Every geometry of one axis."""


def effective(axis: Options) -> int:
    return int(axis["dilation"] * (axis["kernel"] - 1) + 1)


def fits(axis: Options, width: int) -> bool:
    return effective(axis) <= width + sum(axis["padding"])


def joined(axes: list[Options]) -> Options:
    """Options of a layer from those of its axes."""
    return {key: [list(a[key]) if key == "padding" else a[key] for a in axes] for key in axes[0]}


def side_by_side(
    volume: list[int], kind: str, layers: list[Options], rounding: str = "floor"
) -> str:
    """Layers of a kind that all read the same volume."""
    names = [f"l{number}" for number in range(len(layers))]
    items = [
        {"name": name, "from": "first", kind: options}
        for name, options in zip(names, layers, strict=True)
    ]
    first = {"name": "first", "dropout": {}}
    return written(volume, first, *items, outputs=names, rounding=rounding)


def sampled(spatial: list[int], seed: object, count: int) -> Iterator[Options]:
    """Geometries that fit, the same for the same seed."""
    random = Random(repr(seed))
    for _ in range(count):
        yield joined([random.choice([a for a in AXES if fits(a, w)]) for w in spatial])


def channels(lanes: int) -> list[int]:
    return [1, 2, 3, lanes - 1, lanes, lanes + 1, 2 * lanes + 3]


@pytest.mark.parametrize(
    ("width", "rounding"), [(1, "floor"), (2, "ceil"), (5, "floor"), (6, "ceil")]
)
def test_every_geometry_of_an_axis(lanes: int, width: int, rounding: str) -> None:
    layers = [{"filters": 3, **joined([a])} for a in AXES if fits(a, width)]
    text = side_by_side([width, 3], "conv", layers, rounding)
    hold(text, lanes, batch=1 + width % 2, threads=1 + width % 2)


@pytest.mark.parametrize("spatial", [[7], [5, 6], [6, 17], [3, 4, 5]], ids=repr)
def test_channels_of_all_numbers(lanes: int, spatial: list[int]) -> None:
    """Every number of channels with every other, as far as lanes tell them apart."""
    for number, read in enumerate(channels(lanes)):
        geometries = sampled(spatial, (spatial, read), 7)
        layers = [
            {"filters": filters, "bias": filters % 2 == 0, **geometry}
            for filters, geometry in zip(channels(lanes), geometries, strict=True)
        ]
        text = side_by_side([*spatial, read], "conv", layers, ("floor", "ceil")[number % 2])
        hold(text, lanes, batch=1 + number % 3, threads=1 + number % 3)


GROUPS = [(2, 2, 6), (3, 5, 15), (5, 2, 5), (2, 34, 32), (3, 3, 48), (7, 1, 14), (4, 4, 4)]
"""Groups, channels of each, filters."""


@pytest.mark.parametrize("spatial", [[7], [5, 6], [3, 4, 5]], ids=repr)
def test_groups(lanes: int, spatial: list[int]) -> None:
    for number, (groups, each, filters) in enumerate(GROUPS):
        layers = [
            {"filters": filters, "groups": groups, **geometry}
            for geometry in sampled(spatial, (spatial, groups, each), 3)
        ]
        text = side_by_side([*spatial, groups * each], "conv", layers, "floor")
        hold(text, lanes, batch=1 + number % 3, threads=1 + number % 3)


@pytest.mark.parametrize("width", [1, 2, 4, 8])
@pytest.mark.slow
def test_narrow_groups(lanes: int, width: int) -> None:
    """As many filters as channels, in groups that lie inside a vector or just fill one."""
    for number, groups in enumerate({2, 3, lanes // width + 1, 2 * lanes // width + 1}):
        read = groups * width
        spatial = [[7], [5, 6], [3, 4, 5], [4, 19]][number]
        layers = [
            {"filters": read, "groups": groups, "bias": groups % 2 == 0, **geometry}
            for geometry in sampled(spatial, (width, groups), 4)
        ]
        text = side_by_side([*spatial, read], "conv", layers, ("floor", "ceil")[number % 2])
        program = hold(text, lanes, batch=1 + number % 3, threads=1 + number % 3)
        if width < lanes:
            assert set(algorithms(program)) == {"view", "depthwise" if width == 1 else "grouped"}


def test_a_halo_is_as_large_as_one_layer_needs(lanes: int) -> None:
    """Geometries alone, where no other layer makes the halo larger."""
    for number, geometry in enumerate(sampled([4, 5], "alone", 12)):
        groups = (1, 3)[number % 2]
        item = {"conv": {"filters": 3, "groups": groups, **geometry}}
        text = written([4, 5, 3], "relu", item, rounding=("floor", "ceil")[number // 2 % 2])
        hold(text, lanes, batch=1 + number % 2, threads=1 + number % 3)


@pytest.mark.parametrize("form", ["F(2x2,3x3)", "F(4x4,3x3)", "F(2x2,5x5)"])
@pytest.mark.slow
def test_winograd(lanes: int, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outputs of all sizes modulo a tile, channels and filters of all numbers."""
    in_form(monkeypatch, form)
    kernel = int(form[-2])
    for number, (height, width) in enumerate([(5, 5), (6, 8), (7, 9), (12, 6), (5, 23)]):
        read = channels(lanes)[number + 1]
        layers = [
            {"filters": filters, "kernel": kernel, "padding": [list(ENDS[a]), list(ENDS[b])],
             "activation": activation}
            for filters, a, b, activation in (
                (channels(lanes)[number], 1, 1, "identity"), (lanes, 0, 5, "relu"),
                (channels(lanes)[-number], 3, 2, "leaky_relu"),
            )
        ]  # fmt: skip
        text = side_by_side([height, width, read], "conv", layers, "exact")
        program = hold(text, lanes, batch=1 + number % 3, threads=1 + number % 4, error=1e-5)
        assert set(algorithms(program)) == {"view", f"winograd {form}"}


POOLS = [a for a in AXES if max(a["padding"]) <= effective(a) // 2]


@pytest.mark.parametrize("rounding", ["floor", "ceil"])
@pytest.mark.parametrize("read", ["some", "more"])
def test_pools(lanes: int, rounding: str, read: str) -> None:
    wide = 3 if read == "some" else lanes + 1
    for threads, width in ((1, 2), (2, 6)):
        own = [joined([a]) for a in POOLS if fits(a, width)]
        hold(side_by_side([width, wide], "max_pool", own, rounding), lanes, threads=threads)
        plain = [{k: o[k] for k in ("kernel", "stride", "padding")} for o in own
                 if o["dilation"] == [1]]  # fmt: skip
        means = [{**o, "count_include_pad": bool(n % 2)} for n, o in enumerate(plain)]
        text = side_by_side([width, wide], "avg_pool", means, rounding)
        hold(text, lanes, threads=threads, error=1e-6)


@pytest.mark.parametrize("spatial", [[5, 7], [3, 4, 6]], ids=repr)
def test_pools_of_more_axes(lanes: int, spatial: list[int]) -> None:
    random = Random(repr(spatial))
    chosen = [joined([random.choice([a for a in POOLS if fits(a, w)]) for w in spatial])
              for _ in range(12)]  # fmt: skip
    hold(side_by_side([*spatial, 5], "max_pool", chosen, "floor"), lanes, batch=3)
    sizes = [{"size": [1 + (n + a) % 4 for a in range(len(spatial))]} for n in range(4)]
    for kind, error in (("adaptive_avg_pool", 1e-6), ("adaptive_max_pool", 0)):
        hold(side_by_side([*spatial, lanes + 3], kind, sizes, "floor"), lanes, error=error)
    for kind in ("global_avg_pool", "global_max_pool"):
        keeping = [{"keepdims": keep} for keep in (True, False)]
        hold(side_by_side([*spatial, lanes + 3], kind, keeping, "floor"), lanes, error=1e-6)


@pytest.mark.parametrize("batch", [1, 2, 9])
def test_dense(lanes: int, batch: int) -> None:
    for volume in ([1], [lanes + 1], [3, 5], [2, 3, lanes + 2], [2, 1, 2, 3]):
        layers = [{"units": units, "bias": units % 2 == 0} for units in channels(lanes)]
        text = side_by_side(volume, "dense", layers, "exact")
        hold(text, lanes, batch=batch, threads=len(volume))
