"""Where numbers lie: offsets held to arithmetic done position by position."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from cnncalc.execution.native.schedule.layout import (
    LINE,
    Grid,
    Packed,
    flattened,
    fresh,
    joined,
    selected,
)

GRIDS = [
    Grid(1, (), (), 4),
    Grid(3, (5,), ((1, 2),), 4),
    Grid(2, (3, 4), ((0, 1), (2, 0)), 8),
    Grid(2, (2, 3, 2), ((1, 1), (0, 0), (0, 2)), 4),
]


def placed(grid: Grid, image: int, position: tuple[int, ...]) -> int:
    """The offset of a position, counted through the padded array [n][axes][lanes]."""
    number = image
    for index, width, (before, behind) in zip(position, grid.spatial, grid.halo, strict=True):
        number = number * (before + width + behind) + before + index
    return number * grid.lanes * 4


@pytest.mark.parametrize("grid", GRIDS, ids=str)
class TestGrid:
    def test_positions_are_those_of_a_padded_array(self, grid: Grid) -> None:
        axes = [range(width) for width in grid.spatial]
        expected = [placed(grid, n, at) for n in range(grid.batch) for at in product(*axes)]
        assert grid.positions().tolist() == expected

    def test_places_reach_into_the_halo(self, grid: Grid) -> None:
        axes = [
            range(-before, width + behind)
            for width, (before, behind) in zip(grid.spatial, grid.halo, strict=True)
        ]
        found = grid.places([list(axis) for axis in axes]).tolist()
        assert found == [placed(grid, n, at) for n in range(grid.batch) for at in product(*axes)]
        assert found == [n * grid.position_bytes for n in range(len(found))]

    def test_a_plane_holds_all_and_begins_at_a_line(self, grid: Grid) -> None:
        assert grid.plane_bytes >= grid.batch * grid.image_bytes
        assert grid.plane_bytes % LINE == 0
        assert grid.plane_bytes // LINE % 2 == 1


def lies(value: Packed, channel: int, position: int) -> tuple[int, int, int]:
    """The buffer, the plane and the offset of a number."""
    plane = value.planes[value.plane_of[channel]]
    return plane.buffer, plane.number, int(value.within[channel] + value.positions[position])


class TestNames:
    """Other names for numbers that stay where they are."""

    grid = Grid(2, (2, 3), ((1, 1), (0, 1)), 4)

    def everywhere(self, value: Packed) -> list[list[tuple[int, int, int]]]:
        return [
            [lies(value, channel, position) for position in range(len(value.positions))]
            for channel in range(value.channels)
        ]

    def test_no_two_numbers_share_a_place(self) -> None:
        places = [place for row in self.everywhere(fresh(self.grid, 0, 7)) for place in row]
        assert len(set(places)) == len(places) == 7 * 12

    def test_joined(self) -> None:
        parts = [fresh(self.grid, buffer, channels) for buffer, channels in enumerate((3, 6, 1))]
        whole = joined([*parts, parts[0]])
        assert self.everywhere(whole) == [
            row for part in (*parts, parts[0]) for row in self.everywhere(part)
        ]

    def test_selected(self) -> None:
        value = fresh(self.grid, 0, 11)
        chosen = selected(value, [10, 2, 9, 2])
        rows = self.everywhere(value)
        assert self.everywhere(chosen) == [rows[channel] for channel in (10, 2, 9, 2)]
        assert len(chosen.planes) == 2

    def test_selected_of_joined(self) -> None:
        value = joined([fresh(self.grid, 0, 5), fresh(self.grid, 1, 5)])
        rows = self.everywhere(value)
        order = [0, 5, 1, 6, 2, 7, 3, 8, 4, 9]
        assert self.everywhere(selected(value, order)) == [rows[channel] for channel in order]

    def test_flattened(self) -> None:
        """Channel j of the vector is number j of the volume, for every image."""
        value = fresh(self.grid, 0, 5)
        vector = flattened(value, np.arange(2 * 3 * 5), ())
        for image in range(2):
            for number in range(30):
                position, channel = divmod(number, 5)
                there = lies(value, channel, image * 6 + position)
                assert lies(vector, number, image) == there

    def test_flattened_in_another_order(self) -> None:
        value = fresh(self.grid, 0, 5)
        order = np.arange(30).reshape(6, 5).T.reshape(-1)
        vector, straight = flattened(value, order, ()), flattened(value, np.arange(30), ())
        for number, source in enumerate(order.tolist()):
            assert lies(vector, number, 1) == lies(straight, source, 1)
