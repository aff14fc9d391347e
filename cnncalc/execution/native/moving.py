"""Numbers between packed values and arrays (N, *volume)."""

from __future__ import annotations

from cnncalc.execution.native.layout import FLOAT_BYTES, Packed
from cnncalc.execution.native.making import Making
from cnncalc.execution.weights import Array


class Mover:
    """Takes the numbers of a packed value out of the arena, or puts others there."""

    def __init__(self, making: Making, value: Packed) -> None:
        self.value = value
        self._arena = making.arena
        self._positions = value.positions // FLOAT_BYTES
        self._channels = making.channels(value) // FLOAT_BYTES

    @property
    def _shape(self) -> tuple[int, ...]:
        return (self.value.grid.batch, *self.value.spatial, len(self._channels))

    def taken(self) -> Array:
        """A copy of the numbers, (N, *volume)."""
        found: Array = self._arena[self._positions[:, None] + self._channels]
        return found.reshape(self._shape)

    def give(self, numbers: Array) -> None:
        """Put numbers (N, *volume) in place."""
        flat = numbers.reshape(len(self._positions), len(self._channels))
        self._arena[self._positions[:, None] + self._channels] = flat


def shape(value: Packed) -> tuple[int, ...]:
    """(N, *volume) as the value has it."""
    return (value.grid.batch, *value.spatial, value.channels)
