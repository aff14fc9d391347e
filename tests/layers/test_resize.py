"""Resampling: lengths, and the cost of an interpolated element counted product by product."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from tests.networks import error, row

VOLUMES = ([5, 2], [3, 4, 2], [2, 3, 4, 2])


@pytest.mark.parametrize("volume", VOLUMES)
def test_upsample_repeats_every_pixel(volume: list[int]) -> None:
    *spatial, channels = volume
    for scales in product((1, 2, 3), repeat=len(spatial)):
        output = [sum(scale for _ in range(w)) for w, scale in zip(spatial, scales, strict=True)]
        reported = row(volume, {"upsample": list(scales)})
        assert reported.output_shape == (*output, channels)
        assert (reported.flops, reported.params) == (0, 0)


@pytest.mark.parametrize("volume", VOLUMES)
def test_resize_makes_axes_of_the_given_length(volume: list[int]) -> None:
    *spatial, channels = volume
    for sizes in product((1, 4, 7), repeat=len(spatial)):
        reported = row(volume, {"resize": list(sizes)})
        assert reported.output_shape == (*sizes, channels)
        assert (reported.flops, reported.params) == (0, 0)


@pytest.mark.parametrize("item", [{"upsample": {"scale": 2}}, {"resize": {"size": 6}}])
@pytest.mark.parametrize("volume", VOLUMES)
def test_an_interpolated_element_weighs_its_neighbours(
    volume: list[int], item: dict[str, dict[str, object]]
) -> None:
    ((kind, options),) = item.items()
    for mode in ("bilinear", "linear", "trilinear", "BILINEAR"):
        reported = row(volume, {kind: {**options, "mode": mode}})
        operations = 0
        for _ in product(*map(range, reported.output_shape)):
            neighbours = len(list(product((0, 1), repeat=len(volume) - 1)))
            operations += neighbours  # one product each
            operations += neighbours - 1  # summed
        assert reported.flops == operations
        assert reported.macs == 0


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


def test_fractions_round_down_as_in_pytorch() -> None:
    """torch.nn.functional.interpolate(scale_factor=s): floor(W·s)."""
    for (width, scale), length in {
        (5, 1.5): 7, (7, 0.5): 3, (10, 0.1): 1, (10, 1.1): 11, (3, 2.5): 7, (100, 0.29): 29,
    }.items():  # fmt: skip
        assert row([width, 2], {"upsample": scale}).output_shape == (length, 2)
    assert row([4, 6, 1], {"upsample": [1.5, 2]}).output_shape == (6, 12, 1)
    assert error([4, 6, 1], {"upsample": [1.5, 2, 2]}) == "rank-mismatch"


def test_a_bicubic_element_weighs_four_pixels_an_axis() -> None:
    for volume in VOLUMES:
        told = row(volume, {"upsample": {"scale": 1.5, "mode": "bicubic"}})
        neighbours = len(list(product(range(4), repeat=len(volume) - 1)))
        elements = len(list(product(*map(range, told.output_shape))))
        assert told.flops == elements * (neighbours + neighbours - 1)


def test_area_is_an_adaptive_mean() -> None:
    for volume in VOLUMES:
        for size in (1, 3, 5):
            told = row(volume, {"resize": {"size": size, "mode": "area"}})
            pool = row(volume, {"adaptive_avg_pool": size})
            assert (told.output_shape, told.flops) == (pool.output_shape, pool.flops)


def test_fields_of_fractions() -> None:
    """Upsampling by 3/2: three positions for two pixels, 2/3 of a pixel from one to the next.

    Nearest: position o reads ⌊2o/3⌋. Bilinear: around (o + 1/2)·2/3 − 1/2 = −1/6, 1/2, 7/6, two
    pixels each. Bicubic: four."""
    for mode, size in (("nearest", 1), ("nearest-exact", 1), ("bilinear", 2), ("bicubic", 4)):
        told = row([6, 2], {"upsample": {"scale": 1.5, "mode": mode}}).receptive_field
        assert told is not None
        assert (told.size, told.stride) == ((size,), (Fraction(2, 3),))
