"""Where numbers lie: grids of positions with a halo of zeros, planes of channels, packed values.

A plane holds as many channels as a vector has lanes, for all positions of all images:
[n][H + halo][W + halo][lanes]. A value names the planes and lanes of its channels one by one. So
a concatenation, a slice of channels and a channel shuffle move nothing: they are other names.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cnncalc.execution.operations import FLOAT_BYTES

Offsets = npt.NDArray[np.int64]
"""Bytes."""

LINE = 64
"""Bytes of a line of cache: planes begin at one."""


class Grid(NamedTuple):
    """The positions of a batch of volumes. `halo` is (before, behind) for every axis; `lanes` the
    channels that lie side by side at a position."""

    batch: int
    spatial: tuple[int, ...]
    halo: tuple[tuple[int, int], ...]
    lanes: int

    @property
    def padded(self) -> tuple[int, ...]:
        """The axes with their halo."""
        halos = zip(self.spatial, self.halo, strict=True)
        return tuple(width + before + behind for width, (before, behind) in halos)

    @property
    def position_bytes(self) -> int:
        return self.lanes * FLOAT_BYTES

    @property
    def strides(self) -> tuple[int, ...]:
        """Bytes from one position of an axis to the next."""
        padded = self.padded
        return tuple(prod(padded[axis + 1 :]) * self.position_bytes for axis in range(len(padded)))

    @property
    def image_bytes(self) -> int:
        return prod(self.padded) * self.position_bytes

    @property
    def plane_bytes(self) -> int:
        """An odd number of lines: planes a power of two apart would share lines of cache."""
        lines = -(-self.batch * self.image_bytes // LINE)
        return (lines + (lines + 1) % 2) * LINE

    def places(self, axes: Sequence[npt.ArrayLike]) -> Offsets:
        """Offsets within a plane, one image after the other, of all combinations of positions on
        the axes; those may lie in the halo."""
        found = np.arange(self.batch, dtype=np.int64) * self.image_bytes
        for stride, (before, _), positions in zip(self.strides, self.halo, axes, strict=True):
            along = (np.asarray(positions, np.int64) + before) * stride
            found = (found[:, None] + along).reshape(-1)
        return found

    def positions(self) -> Offsets:
        """Offsets of all positions, row by row."""
        return self.places([np.arange(width) for width in self.spatial])


class Plane(NamedTuple):
    """A plane of a buffer."""

    buffer: int
    number: int


class Packed(NamedTuple):
    """A value: channel c at a position lies in plane `planes[plane_of[c]]`, `within[c]` bytes
    behind `positions[position]`.

    Usually `within` is a lane. Where a volume is read as a vector it is a position as well, and
    `positions` are the images.
    """

    grid: Grid
    planes: tuple[Plane, ...]
    positions: Offsets
    plane_of: Offsets
    within: Offsets
    spatial: tuple[int, ...]
    """The axes as their readers see them: () for a vector, whatever the grid is."""

    @property
    def channels(self) -> int:
        return len(self.within)

    def arranged_as(self, other: Packed) -> bool:
        """Whether each channel has the lane it has there, and as many planes before its own."""
        return (
            self.grid.lanes == other.grid.lanes
            and len(self.planes) == len(other.planes)
            and np.array_equal(self.plane_of, other.plane_of)
            and np.array_equal(self.within, other.within)
        )


def fresh(grid: Grid, buffer: int, channels: int) -> Packed:
    """A value in a buffer of its own, its channels in order."""
    planes = -(-channels // grid.lanes)
    every = np.arange(channels, dtype=np.int64)
    return Packed(
        grid,
        tuple(Plane(buffer, number) for number in range(planes)),
        grid.positions(),
        every // grid.lanes,
        every % grid.lanes * FLOAT_BYTES,
        grid.spatial,
    )


def selected(value: Packed, channels: Sequence[int] | Offsets) -> Packed:
    """Some channels of a value, in the order given."""
    chosen = np.asarray(channels, np.int64)
    kept, plane_of = np.unique(value.plane_of[chosen], return_inverse=True)
    planes = tuple(value.planes[number] for number in kept.tolist())
    return value._replace(
        planes=planes, plane_of=plane_of.astype(np.int64), within=value.within[chosen]
    )


def joined(values: Sequence[Packed]) -> Packed:
    """Values of one grid, the channels of the first before those of the next."""
    planes: dict[Plane, int] = {}
    plane_of = []
    for value in values:
        numbers = [planes.setdefault(plane, len(planes)) for plane in value.planes]
        plane_of.append(np.array(numbers, np.int64)[value.plane_of])
    return values[0]._replace(
        planes=tuple(planes),
        plane_of=np.concatenate(plane_of),
        within=np.concatenate([value.within for value in values]),
    )


def flattened(value: Packed, order: Offsets, spatial: tuple[int, ...]) -> Packed:
    """All numbers of a volume as channels: `order[j]` is the place of channel j in the volume
    read row by row, channels last. `spatial` is what its axes, of length 1, are called now."""
    images = value.grid.batch
    each = len(value.positions) // images
    position, channel = np.divmod(order, value.channels)
    return value._replace(
        positions=value.positions.reshape(images, each)[:, 0].copy(),
        plane_of=value.plane_of[channel],
        within=value.within[channel] + (value.positions[:each] - value.positions[0])[position],
        spatial=spatial,
    )
