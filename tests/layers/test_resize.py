"""Resampling: lengths, and the cost of an interpolated element counted product by product."""

from __future__ import annotations

from itertools import product

import pytest

from tests.networks import error, row

VOLUMES = ([5, 2], [3, 4, 2], [2, 3, 4, 2])


@pytest.mark.parametrize("volume", VOLUMES)
def test_upsample_repeats_every_pixel(volume: list[int]) -> None:
    *spatial, channels = volume
    for scales in product((1, 2, 3), repeat=len(spatial)):
        output = [sum(scale for _ in range(w)) for w, scale in zip(spatial, scales, strict=True)]
        told = row(volume, {"upsample": list(scales)})
        assert told.output_shape == (*output, channels)
        assert (told.flops, told.params) == (0, 0)


@pytest.mark.parametrize("volume", VOLUMES)
def test_resize_makes_axes_of_the_given_length(volume: list[int]) -> None:
    *spatial, channels = volume
    for sizes in product((1, 4, 7), repeat=len(spatial)):
        told = row(volume, {"resize": list(sizes)})
        assert told.output_shape == (*sizes, channels)
        assert (told.flops, told.params) == (0, 0)


@pytest.mark.parametrize("item", [{"upsample": {"scale": 2}}, {"resize": {"size": 6}}])
@pytest.mark.parametrize("volume", VOLUMES)
def test_an_interpolated_element_weighs_its_neighbours(
    volume: list[int], item: dict[str, dict[str, object]]
) -> None:
    ((kind, options),) = item.items()
    for mode in ("bilinear", "linear", "trilinear", "BILINEAR"):
        told = row(volume, {kind: {**options, "mode": mode}})
        operations = 0
        for _ in product(*map(range, told.output_shape)):
            neighbours = len(list(product((0, 1), repeat=len(volume) - 1)))
            operations += neighbours  # one product each
            operations += neighbours - 1  # summed
        assert told.flops == operations
        assert told.macs == 0


@pytest.mark.parametrize(
    ("volume", "item", "code"),
    [
        ([3, 4, 2], {"upsample": 0}, "bad-value"),
        ([3, 4, 2], {"upsample": -1.5}, "bad-value"),
        ([3, 4, 2], {"upsample": 0.25}, "bad-value"),
        ([3, 4, 2], {"upsample": [2]}, "rank-mismatch"),
        ([3, 4, 2], {"upsample": {"scale": 2, "mode": "cubic"}}, "bad-value"),
        ([3, 4, 2], {"resize": {}}, "missing-option"),
        ([6], {"upsample": 2}, "rank-mismatch"),
        ([6], {"resize": 2}, "rank-mismatch"),
    ],
)
def test_refused(volume: list[int], item: object, code: str) -> None:
    assert error(volume, item) == code
