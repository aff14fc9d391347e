"""The crops of Long, Shelhamer & Darrell's fully convolutional networks, as their prototxts have
them: https://github.com/shelhamer/fcn.berkeleyvision.org. Padding is 100 around the first layer,
and what `Crop` layers leave out in front is 19 (FCN-32s), 5 and 27 (16s), 5, 9 and 31 (8s)."""

from __future__ import annotations

from typing import Any

import pytest

import cnncalc
from tests.networks import written


def conv(kernel: int, padding: int = 0) -> dict[str, Any]:
    return {"conv": {"filters": 2, "kernel": kernel, "padding": padding}}


def up(stride: int) -> dict[str, Any]:
    return {"conv_transpose": {"filters": 2, "kernel": 2 * stride, "stride": stride}}


def trunk() -> list[dict[str, Any]]:
    """VGG-16 up to the scores: pools 3, 4 and 5 are named."""
    layers: list[dict[str, Any]] = []
    for stage, depth in enumerate((2, 2, 3, 3, 3), 1):
        layers += [conv(3, 100 if stage == 1 and n == 0 else 1) for n in range(depth)]
        layers.append({"name": f"pool{stage}", "max_pool": 2})
    return [*layers, conv(7), conv(1), conv(1)]


def cut(in_front: int, of: int, to: int) -> list[list[int]]:
    return [[in_front, of - to - in_front]] * 2


def skip(pool: str, cropping: list[list[int]]) -> dict[str, Any]:
    side = [{"from": pool, **conv(1)}, {"name": f"{pool}c", "crop": cropping}]
    return {"name": f"fuse_{pool}", "add": [[], side]}


def fcn(stride: int, pool4: int = 5, pool3: int = 9, last: int = 0) -> cnncalc.Report:
    """On 500x500, where the scores are 16x16, pool4 44x44 and pool3 88x88."""
    layers, side = trunk(), 16
    if stride < 32:
        layers += [up(2), skip("pool4", cut(pool4, 44, 34))]
        side = 34
    if stride < 16:
        layers += [up(2), skip("pool3", cut(pool3, 88, 70))]
        side = 70
    raised = (side - 1) * stride + 2 * stride
    layers += [
        {"name": "upscore", **up(stride)},
        {"name": "score", "crop": cut(last, raised, 500)},
        {"name": "fuse", "add": [[], [{"from": "input", **conv(1)}]]},
    ]
    return cnncalc.loads(written([500, 500, 3], *layers, rounding="ceil"))


def told(result: cnncalc.Report) -> list[tuple[str | None, tuple[str, ...]]]:
    assert result.complete, result.diagnostics
    return [(d.layer, d.help) for d in result.diagnostics if d.code == "misaligned-merge"]


PUBLISHED = {32: 19, 16: 27, 8: 31}


@pytest.mark.parametrize("stride", PUBLISHED)
def test_the_published_crops_are_right(stride: int) -> None:
    result = fcn(stride, last=PUBLISHED[stride])
    assert told(result) == []
    fields = {row.name: row.receptive_field for row in result.rows}
    for name, centre in (("upscore", -PUBLISHED[stride]), ("score", 0)):
        field = fields[name]
        assert field is not None
        assert list(field.centre) == [centre, centre]


@pytest.mark.parametrize("stride", PUBLISHED)
@pytest.mark.parametrize("off", [-3, -1, 1, 2])
def test_another_one_is_told_with_the_one_that_is_right(stride: int, off: int) -> None:
    right = PUBLISHED[stride]
    ((layer, help),) = told(fcn(stride, last=right + off))
    assert layer == "fuse"
    side = {32: 544, 16: 560, 8: 568}[stride]
    ends = [right, side - 500 - right]
    assert help == (f"with cropping [{ends}, {ends}] in score they look at one place",)


def test_crops_of_the_skips() -> None:
    """Of coarser positions, 16 and 8 pixels apart."""
    ((layer, help),) = told(fcn(16, pool4=4, last=27))
    assert (layer, help) == ("fuse_pool4", ("with cropping 5 in pool4c they look at one place",))
    ((layer, help),) = told(fcn(8, pool3=8, last=31))
    assert (layer, help) == ("fuse_pool3", ("with cropping 9 in pool3c they look at one place",))


def test_quiet_where_centres_agree_though_paddings_differ() -> None:
    """A 7x7 padded by 3, a 3x3 by 1, a 5x5 cut on both sides of the skip."""
    layers = [
        {"name": "stem", **conv(1)},
        {"add": [[conv(7, 3)], [conv(3, 1)], []]},
        {"add": [[conv(5)], [conv(3, 2), conv(7)], [{"crop": 2}]]},
    ]
    assert told(cnncalc.loads(written([64, 64, 2], *layers))) == []


def test_a_transposed_convolution_and_a_padding_are_mended_where_they_are() -> None:
    """A step up that is cut in front alone, and a branch that is padded in front alone."""
    raised = {"filters": 2, "kernel": 6, "stride": 2, "padding": [[4, 0], [2, 2]]}
    item = {"add": [[{"max_pool": 2}, {"name": "up", "conv_transpose": raised}], []]}
    ((_, help),) = told(cnncalc.loads(written([32, 32, 2], item)))
    assert help == ("with padding 2 in up they look at one place",)
    grown = {"name": "grown", "pad": [[1, 3], [2, 2]]}
    ((_, help),) = told(cnncalc.loads(written([32, 32, 2], {"add": [[grown, conv(5)], []]})))
    assert help == ("with padding 2 in grown they look at one place",)
    beside = {"name": "beside", **conv(5)}
    beside["conv"]["padding"] = [[1, 3], [2, 2]]
    ((_, help),) = told(cnncalc.loads(written([32, 32, 2], {"add": [[beside, "relu"], [conv(1)]]})))
    assert help == ("with padding 2 in beside they look at one place",)
