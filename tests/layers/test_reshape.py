"""Layers that move elements: every element is sent where the definition says, and seen to fill the
output once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import permutations, product

import pytest

from tests.networks import error, row
from tests.together import together

Place = tuple[int, ...]


def filled(places: Iterable[Place]) -> tuple[int, ...]:
    """The box that places fill, each once."""
    listed = list(places)
    box = tuple(max(axis) + 1 for axis in zip(*listed, strict=True))
    assert sorted(listed) == list(product(*map(range, box)))
    return box


def moved(volume: list[int], to: Callable[[Place], Place]) -> tuple[int, ...]:
    return filled(to(place) for place in product(*map(range, volume)))


def kept(volume: list[int], to: Callable[[Place], Place | None]) -> tuple[int, ...]:
    places = (to(place) for place in product(*map(range, volume)))
    return filled(place for place in places if place is not None)


@pytest.mark.parametrize("volume", [[4], [3, 4], [2, 3, 4], [2, 3, 4, 5]])
def test_permute(volume: list[int]) -> None:
    for axes in permutations(range(len(volume))):

        def to(place: Place, axes: tuple[int, ...] = axes) -> Place:
            return tuple(place[axis] for axis in axes)

        assert row(volume, {"permute": list(axes)}).output_shape == moved(volume, to)


@pytest.mark.parametrize("volume", [[4], [3, 4], [2, 3, 4], [2, 3, 4, 5]])
def test_flatten(volume: list[int]) -> None:
    elements = len(list(product(*map(range, volume))))
    assert row(volume, "flatten").output_shape == (elements,)


RESHAPED: list[tuple[list[int], object, tuple[int, ...]]] = [
    ([24], [2, 3, 4], (2, 3, 4)),
    ([24], "2x3x4", (2, 3, 4)),
    ([2, 3, 4], 24, (24,)),
    ([2, 3, 4], [-1], (24,)),
    ([2, 3, 4], [3, -1], (3, 8)),
    ([2, 3, 4], [-1, 2, 2, 2], (3, 2, 2, 2)),
    ([2, 3, 4], [24, -1], (24, 1)),
]


@pytest.mark.parametrize(("volume", "shape", "output"), RESHAPED)
def test_reshape(volume: list[int], shape: object, output: tuple[int, ...]) -> None:
    assert row(volume, {"reshape": shape}).output_shape == output


@pytest.mark.parametrize("volume", [[4, 8], [3, 4, 16], [2, 3, 2, 64]])
def test_pixel_shuffle_turns_channels_into_squares(volume: list[int]) -> None:
    rank = len(volume) - 1
    for factor in (1, 2, 4):
        if volume[-1] % factor**rank:
            continue

        def to(place: Place, factor: int = factor) -> Place:
            """Channel c·factor^rank + (offsets, the last axis fastest): PyTorch's PixelShuffle."""
            *spatial, channel = place
            for axis in reversed(range(rank)):
                channel, offset = divmod(channel, factor)
                spatial[axis] = spatial[axis] * factor + offset
            return (*spatial, channel)

        output = moved(volume, to)
        assert row(volume, {"pixel_shuffle": factor}).output_shape == output
        assert row(list(output), {"pixel_unshuffle": factor}).output_shape == tuple(volume)


@together("volume", [[7, 2], [6, 7, 2], [6, 7, 8, 1]])
@together("ends", [(0, 0), (1, 0), (0, 2), (2, 3)])
def test_crop_keeps_what_is_not_near_an_end(volume: list[int], ends: tuple[int, int]) -> None:
    before, after = ends

    def to(place: Place) -> Place | None:
        *spatial, channel = place
        widths = volume[:-1]
        if any(not before <= x < w - after for x, w in zip(spatial, widths, strict=True)):
            return None
        return (*(x - before for x in spatial), channel)

    item = {"crop": [list(ends)] * (len(volume) - 1)}
    output = kept(volume, to)
    assert row(volume, item).output_shape == output
    assert row(list(output), {"pad": item["crop"]}).output_shape == tuple(volume)


def test_crop_and_pad_take_a_number_or_one_for_each_axis() -> None:
    assert row([9, 8, 3], {"crop": 2}).output_shape == (5, 4, 3)
    assert row([9, 8, 3], {"crop": [0, 3]}).output_shape == (9, 2, 3)
    assert row([9, 8, 3], {"pad": 2}).output_shape == (13, 12, 3)
    assert row([9, 8, 3], {"pad": [0, 3]}).output_shape == (9, 14, 3)


def test_slice_takes_a_range_of_channels() -> None:
    for start, stop in product(range(5), repeat=2):
        item = {"slice": [start, stop]}
        if start < stop <= 4:
            channels = [c for c in range(4) if start <= c < stop]
            assert row([2, 3, 4], item).output_shape == (2, 3, len(channels))
        else:
            assert error([2, 3, 4], item) == "bad-value"


def test_channel_shuffle_keeps_the_volume() -> None:
    for groups in range(1, 7):
        if 6 % groups:
            assert error([2, 3, 6], {"channel_shuffle": groups}) == "groups-misfit"
        else:
            assert row([2, 3, 6], {"channel_shuffle": groups}).output_shape == (2, 3, 6)


@together(
    ("volume", "item"),
    [
        ([3, 4, 8], "flatten"),
        ([3, 4, 8], {"reshape": [-1]}),
        ([3, 4, 8], {"permute": [2, 1, 0]}),
        ([3, 4, 8], {"pad": 1}),
        ([3, 4, 8], {"crop": 1}),
        ([3, 4, 8], {"pixel_shuffle": 2}),
        ([4, 4, 8], {"pixel_unshuffle": 2}),
        ([3, 4, 8], {"channel_shuffle": 2}),
        ([3, 4, 8], {"slice": [0, 2]}),
        ([3, 4, 8], "identity"),
        ([3, 4, 8], "dropout"),
        ([3, 4, 8], "drop_path"),
    ],
)
def test_moving_costs_nothing(volume: list[int], item: object) -> None:
    reported = row(volume, item)
    assert (reported.params, reported.state, reported.macs, reported.flops) == (0, 0, 0, 0)


@together(
    ("item", "code"),
    [
        ({"reshape": [5, -1]}, "shape-mismatch"),
        ({"reshape": [2, 2]}, "shape-mismatch"),
        ({"reshape": [-1, -1]}, "bad-value"),
        ({"reshape": [0, -1]}, "bad-value"),
        ({"permute": [0, 1]}, "bad-value"),
        ({"permute": [0, 1, 1]}, "bad-value"),
        ({"permute": [1, 2, 3]}, "bad-value"),
        ({"crop": [1, 2]}, "bad-value"),
        ({"pad": [1, 2, 3]}, "rank-mismatch"),
        ({"pad": -1}, "bad-value"),
        ({"pad": {"padding": 0, "channels": [1]}}, "bad-value"),
        ({"pad": {"padding": 0, "channels": [1, 2, 3]}}, "bad-value"),
        ({"pad": {"padding": 0, "channels": [0, -1]}}, "bad-value"),
        ({"pad": {"padding": 0, "channels": 4}}, "bad-value"),
        ({"pixel_shuffle": 4}, "shape-mismatch"),
        ({"pixel_unshuffle": 2}, "shape-mismatch"),
    ],
)
def test_refused(item: object, code: str) -> None:
    assert error([3, 4, 8], item) == code


@pytest.mark.parametrize("kind", ["pad", "crop", "pixel_shuffle", "pixel_unshuffle"])
def test_vectors_have_no_axes_to_move(kind: str) -> None:
    assert error([8], {kind: 1}) == "rank-mismatch"


@together("item", [
    [a, b, c] for a in (None, *range(-6, 7)) for b in (None, *range(-6, 7)) for c in (None, 1, 2, 3)
])  # fmt: skip
def test_slice_counts_as_python_does(item: list[int | None]) -> None:
    """Within 0 to the axis; Python's own slices reach further, and are cut."""
    ends = [0 if item[0] is None else item[0], 5 if item[1] is None else item[1]]
    start, stop = (end + 5 if end < 0 else end for end in ends)
    for kind, volume, other in (
        ({"slice": item}, [2, 3, 5], (2, 3)),
        ({"slice": {"height": item}}, [5, 3, 2], (3, 2)),
        ({"slice": {"width": item}}, [3, 5, 2], (3, 2)),
        ({"slice": {"depth": item}}, [5, 3, 3, 2], (3, 3, 2)),
    ):
        if 0 <= start < stop <= 5:
            length = len(range(5)[slice(*item)])
            assert sorted(row(volume, kind).output_shape) == sorted((*other, length))
        else:
            assert error(volume, kind) == "bad-value"


def test_slice_from_somewhere_and_from_behind() -> None:
    assert row([2, 3, 5], {"slice": [2]}).output_shape == (2, 3, 3)
    assert row([2, 3, 5], {"slice": [-2]}).output_shape == (2, 3, 2)
    assert row([2, 3, 5], {"slice": {"channels": [-4, -1]}}).output_shape == (2, 3, 3)
    both = {"slice": {"height": [1], "width": [None, None, 2]}}
    field = row([4, 3, 5], both).receptive_field
    assert row([4, 3, 5], both).output_shape == (3, 2, 5)
    assert field is not None
    assert (*field.size, *map(int, field.stride), *field.padding) == (1, 1, 1, 2, -1, 0)


@together(
    ("volume", "item", "code"),
    [
        ([2, 3, 5], {"slice": 3}, "wrong-type"),
        ([2, 3, 5], {"slice": []}, "wrong-type"),
        ([2, 3, 5], {"slice": [1, 2, 3, 4]}, "wrong-type"),
        ([2, 3, 5], {"slice": [0, 3, 0]}, "bad-value"),
        ([2, 3, 5], {"slice": [0, 3, -1]}, "bad-value"),
        ([2, 3, 5], {"slice": [0.5, 3]}, "bad-value"),
        ([2, 3, 5], {"slice": {"depth": [0]}}, "rank-mismatch"),
        ([5], {"slice": {"width": [0, 2]}}, "rank-mismatch"),
        ([2, 3, 5], "slice", "missing-option"),
        ([2, 3, 5], {"slice": {}}, "missing-option"),
    ],
)
def test_what_cannot_be_sliced(volume: list[int], item: object, code: str) -> None:
    assert error(volume, item) == code
