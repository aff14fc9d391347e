"""Numbers between packed values and arrays (N, *volume)."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnncalc.execution.native.making import Floats, Making
from cnncalc.execution.native.schedule.layout import Packed, fresh
from cnncalc.execution.operations import FLOAT_BYTES
from cnncalc.execution.weights import Array


def shape(value: Packed) -> tuple[int, ...]:
    """(N, *volume) as the value has it."""
    return (value.grid.batch, *value.spatial, value.channels)


class Mover:
    """Takes the numbers of a packed value out of the arena, or puts others there."""

    def __init__(self, making: Making, value: Packed) -> None:
        self.value = value
        self._arena = making.arena
        self._positions = value.positions // FLOAT_BYTES
        self._channels = making.channels(value) // FLOAT_BYTES
        self._views = list(self._planes()) if _in_order(value) else []

    def taken(self) -> Array:
        """A copy of the numbers, (N, *volume)."""
        if self._views:
            return np.concatenate(self._views, axis=-1)
        found: Array = self._arena[self._positions[:, None] + self._channels]
        return found.reshape(shape(self.value))

    def give(self, numbers: Array) -> None:
        """Put numbers (N, *volume) in place."""
        if not self._views:
            flat = numbers.reshape(len(self._positions), len(self._channels))
            self._arena[self._positions[:, None] + self._channels] = flat
        rows = self._by_row
        if rows is not None:
            rows[...] = numbers.reshape(rows.shape)
            return
        channel = 0
        for view in self._views:
            behind = channel + view.shape[-1]
            view[...] = numbers[..., channel:behind]
            channel = behind

    def _planes(self) -> list[Floats]:
        """Each plane's part of the arena, (N, *spatial, lanes in use)."""
        grid = self.value.grid
        strides = (grid.image_bytes, *grid.strides, FLOAT_BYTES)
        found = []
        for first in range(0, self.value.channels, grid.lanes):
            lanes = min(grid.lanes, self.value.channels - first)
            start = self._arena[self._positions[0] + self._channels[first] :]
            found.append(as_strided(start, (grid.batch, *grid.spatial, lanes), strides))
        return found

    @property
    def _by_row(self) -> Floats | None:
        """Where all channels lie side by side, rows as a whole: (N, *spatial but W, W·C)."""
        grid = self.value.grid
        if len(self._views) != 1 or not grid.spatial or grid.lanes != self.value.channels:
            return None
        (view,) = self._views
        *shape, width, channels = view.shape
        strides = (*view.strides[:-2], FLOAT_BYTES)
        return as_strided(view, (*shape, width * channels), strides)


def _in_order(value: Packed) -> bool:
    regular = value.spatial == value.grid.spatial
    return regular and value.arranged_as(fresh(value.grid, 0, value.channels))
