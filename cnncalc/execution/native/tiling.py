"""How many planes of output channels a tile takes: what is fastest here, measured once.

Which tiles are best depends on the processor: how many registers it has, and whether it can read
and multiply at once. A measurement of all kernels takes some milliseconds and is remembered.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import cache
from time import perf_counter

import numpy as np

from cnncalc.execution import cache as folder
from cnncalc.execution.native.kernels import shapes
from cnncalc.execution.native.kernels.records import ENTRY, STEP, record
from cnncalc.execution.native.library import Library, sources
from cnncalc.execution.native.tables import Tables
from cnncalc.execution.operations import FLOAT_BYTES

READS = (16, 64, 256)
"""Numbers that a position reads, for which kernels are measured: short sums cost more to begin and
to end than they take."""
TILES = 48
"""Tiles of a measured call: enough that the call itself does not count."""
APART = 4
"""Tiles whose numbers are not the same ones."""
ROUNDS = 5
FEW_POSITIONS = 4

MEMORY = "tiles"
"""The name of what is remembered in the cache."""

Key = tuple[int, int, int]
"""Reads, positions and planes of a tile."""


class Tiling:
    """Seconds that a tile takes, by kernel, and what follows for a layer."""

    def __init__(self, lanes: int, seconds: dict[Key, float]) -> None:
        self._largest = shapes.products(lanes)
        self._seconds = seconds

    def planes(self, planes: int, positions: int, reads: int) -> list[tuple[int, int]]:
        """How planes are put together, (first, how many), for so many positions at a time that
        each read so many numbers: so that all tiles together take the least time."""
        if positions <= FEW_POSITIONS:
            # Weights are used once or little more: what counts is to read them in long stretches.
            widest = max(g for g, most in self._largest.items() if most >= positions)
            return self._in_groups(planes, widest)
        known = min(READS, key=lambda measured: abs(np.log(measured / max(reads, 1))))
        costs = {g: self._all_tiles(known, positions, g) for g in self._largest}
        best: list[tuple[float, int]] = [(0.0, 0)]
        for left in range(1, planes + 1):
            best.append(
                min((best[left - g][0] + cost, g) for g, cost in costs.items() if g <= left)
            )
        found, first = [], 0
        while first < planes:
            size = best[planes - first][1]
            found.append((first, size))
            first += size
        return found

    def _in_groups(self, planes: int, most: int) -> list[tuple[int, int]]:
        """Groups of so many planes, and at the end of as many as there are kernels for."""
        found, first = [], 0
        while first < planes:
            size = max(g for g in self._largest if g <= min(most, planes - first))
            found.append((first, size))
            first += size
        return found

    def _all_tiles(self, reads: int, positions: int, planes: int) -> float:
        """Seconds for all positions, in tiles of about the same size as the driver cuts them."""
        tiles = -(-positions // self._largest[planes])
        each, larger = divmod(positions, tiles)
        cost = (tiles - larger) * self.seconds(reads, each, planes)
        return cost + (larger * self.seconds(reads, each + 1, planes) if larger else 0.0)

    def seconds(self, reads: int, positions: int, planes: int) -> float:
        """Of a tile: between those that were measured in proportion, and no less than any."""
        sizes = _sizes(self._largest[planes])
        measured = [self._seconds[reads, size, planes] for size in sizes]
        return float(np.interp(positions, sizes, measured))


def _sizes(largest: int) -> list[int]:
    """The tiles that are measured: half the largest, and that."""
    return sorted({-(-largest // 2), largest})


@cache
def tiling(library: Library) -> Tiling:
    """What was measured for a library's kernels, now or by an earlier process."""
    key = f"{library.host.cpu}, {library.lanes} lanes, {sources()[:8]}"
    kernels = list(_kernels(library.lanes))
    found = folder.read(MEMORY).get(key, [])
    if not _complete(found, len(kernels)):
        found = _measured(library, kernels)
        rounded = [float(f"{seconds:.3g}") for seconds in found]
        folder.change(MEMORY, lambda known: {**known, key: rounded})
    return Tiling(library.lanes, dict(zip(kernels, map(float, found), strict=True)))


def _complete(found: object, kernels: int) -> bool:
    """Whether what was stored is a time for each kernel."""
    return (
        isinstance(found, list)
        and len(found) == kernels
        and all(isinstance(seconds, float) and seconds >= 0 for seconds in found)
    )


def _kernels(lanes: int) -> Iterator[Key]:
    for reads in READS:
        for planes, largest in shapes.products(lanes).items():
            for positions in _sizes(largest):
                yield reads, positions, planes


def _measured(library: Library, kernels: list[Key]) -> list[float]:
    """Seconds of a tile, the best of several rounds, on numbers that are in the nearest cache."""
    tables = Tables()
    vector = library.lanes * FLOAT_BYTES
    places = max(positions for _, positions, _ in kernels) * APART
    planes = max(planes for _, _, planes in kernels)
    _, source = tables.floats((places + max(READS)) * library.lanes)
    _, weights = tables.floats(max(READS) * planes * library.lanes)
    _, target = tables.floats(places * planes * library.lanes)
    turns = np.arange(shapes.LARGEST_TILE * TILES) % places
    offsets = tables.words(turns * vector)
    reads = tables.words(np.arange(max(READS)) * FLOAT_BYTES)
    steps = []
    for count, positions, size in kernels:
        kernel = library.address("contraction", shapes.product_name(positions, size))
        entry = record(
            ENTRY,
            kernels=tables.words([kernel] * (positions + 1)),
            largest=positions,
            input=source,
            weights=weights,
            bias=weights,
            output=target,
            reads=reads,
            count=count,
            ahead=weights,
        )
        steps.append(
            tables.records([
                record(
                    STEP,
                    entries=tables.records([entry]),
                    entry_stop=1,
                    stop=positions * TILES,
                    block=positions * TILES,
                    input_offsets=offsets,
                    output_offsets=offsets,
                    output_plane=places * vector,
                    lower=0.0,
                    upper=1.0,
                )
            ])
        )  # fmt: skip
    drive = library.code("driver").function("drive", ctypes.c_void_p)
    best = [float("inf")] * len(steps)
    for _ in range(ROUNDS):
        for number, step in enumerate(steps):
            start = perf_counter()
            drive(step)
            best[number] = min(best[number], perf_counter() - start)
    return [seconds / TILES for seconds in best]
