"""What algorithms make steps with: addresses, tables, kernels, learned arrays, threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cnncalc.execution.backend import Choice
from cnncalc.execution.native.kernels.records import STEP, record
from cnncalc.execution.native.library import Library
from cnncalc.execution.native.schedule.layout import Offsets, Packed
from cnncalc.execution.native.tables import Tables
from cnncalc.execution.native.tiling import Tiling, tiling
from cnncalc.execution.operations import FLOAT_BYTES, Elementwise, Function

Floats = npt.NDArray[np.float32]

INFINITY = float("inf")


class NativeStep(NamedTuple):
    """A function of the library and a record for each thread, 0 for one that has nothing to do."""

    function: int
    records: tuple[int, ...]


class PythonStep(NamedTuple):
    """Something that Python does while all threads wait."""

    action: Callable[[], None]


AnyStep = NativeStep | PythonStep


def listed(steps: Sequence[AnyStep]) -> Offsets:
    """Native steps as the driver reads them: of each its function and the threads' records."""
    native = (step for step in steps if isinstance(step, NativeStep))
    return np.array([word for step in native for word in (step.function, *step.records)], np.int64)


class Made(NamedTuple):
    """A task made ready: its steps, what to call its algorithm, the multiply-accumulates it
    executes for the whole batch, those on unused lanes left out, and a few words on how it goes
    about it. `literal`: these are the multiply-accumulates that are counted."""

    steps: Sequence[AnyStep]
    algorithm: str
    macs: int = 0
    how: str = ""
    literal: bool = True
    choice: Choice | None = None


class Making:
    """One for a program."""

    def __init__(
        self,
        library: Library,
        tables: Tables,
        arena: Floats,
        threads: int,
        buffers: Sequence[tuple[int, int]],
        room: int,
    ) -> None:
        self.library = library
        self.tables = tables
        self.arena = arena
        self.threads = threads
        self.room = room
        """The address of memory that any task may use while it runs, as much as was said."""
        self._buffers = buffers
        """Where each buffer begins in the arena, and the bytes of its planes."""

    def apart(self) -> Making:
        """The same with tables of its own."""
        return Making(
            self.library,
            Tables(once=self.tables.once),
            self.arena,
            self.threads,
            self._buffers,
            self.room,
        )

    def complete(self) -> None:
        """Have all kernels that the steps made so far will call."""
        for tiles, size in set(self.tables.tiles()):
            self.library.provide(tiles, [size])

    @property
    def tiling(self) -> Tiling:
        """Which tiles of products are fastest here."""
        return tiling(self.library)

    @property
    def base(self) -> int:
        """The address of the arena."""
        address: int = self.arena.ctypes.data
        return address

    @property
    def lanes(self) -> int:
        return self.library.lanes

    @property
    def vector_bytes(self) -> int:
        return self.lanes * FLOAT_BYTES

    def planes(self, value: Packed) -> list[int]:
        """The addresses of a value's planes."""
        found = []
        for plane in value.planes:
            offset, plane_bytes = self._buffers[plane.buffer]
            found.append(self.base + offset + plane.number * plane_bytes)
        return found

    def channels(self, value: Packed) -> Offsets:
        """Where each channel lies, as an offset from the arena to the first position."""
        planes = np.array(self.planes(value), np.int64) - self.base
        return planes[value.plane_of] + value.within

    def step(self, **fields: int | float) -> int:
        """The address of a thread's record of a step; 0 where it has nothing to do."""
        if fields["start"] == fields["stop"] or fields["entry_start"] == fields["entry_stop"]:
            return 0
        return self.tables.records([record(STEP, **fields)])

    def vectors(self, numbers: npt.NDArray[np.floating], value: Packed) -> Floats:
        """A number for each channel of a value in lanes: [planes][lanes], 0 on unused lanes."""
        found = np.zeros((len(value.planes), self.lanes), np.float32)
        found[value.plane_of, value.within // FLOAT_BYTES] = numbers
        return found


class Finish(NamedTuple):
    """What happens to numbers where they are stored, as fields of a step."""

    lower: float = -INFINITY
    upper: float = INFINITY
    after: int = 0
    after_parameter: float = 0.0


def finish(making: Making, function: Elementwise | None) -> Finish:
    """ReLU and ReLU6 are bounds; other functions go over what was stored."""
    if function is None:
        return Finish()
    if function.function is Function.RELU:
        return Finish(lower=0.0)
    if function.function is Function.RELU6:
        return Finish(lower=0.0, upper=6.0)
    address = making.library.address("functions", f"after_{function.function.value}")
    return Finish(after=address, after_parameter=float(function.parameter))


def shares(total: int, threads: int, unit: int = 1) -> Iterator[tuple[int, int]]:
    """For each thread its part of a range: about the same, whole units but for the last."""
    units = -(-total // unit)
    for thread in range(threads):
        start, stop = (units * t // threads * unit for t in (thread, thread + 1))
        yield min(start, total), min(stop, total)
