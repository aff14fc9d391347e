"""Where values lie: those that are alive together never share a byte, and halos stay zero."""

from __future__ import annotations

import numpy as np
import pytest

from cnncalc.execution.native import banding
from cnncalc.execution.native.banding import chained
from cnncalc.execution.native.fusing import fused
from cnncalc.execution.native.layout import LINE, Grid, Packed
from cnncalc.execution.native.placing import Placing, memory
from cnncalc.execution.plan import plan
from tests.execution.native import programs
from tests.execution.native.driving import LANES
from tests.execution.networks import graph
from tests.networks import branching
from tests.slowness import slow_but
from tests.together import together

SEEDS = range(12)


def placed(seed: int, lanes: int, threads: int = 2) -> Placing:
    todo = plan(graph(branching(seed)))
    return Placing(todo, chained(todo, fused(todo), 2), 2, lanes, threads)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_alive_together_lies_apart(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(banding, "WORTH_BYTES", 0)
    monkeypatch.setattr(banding, "TIMES_WEIGHTS", 0)
    buffers = placed(seed, 4).buffers
    places = memory(buffers)
    ends = [start + b.planes * b.grid.plane_bytes
            for start, b in zip(places.offsets, buffers, strict=True)]  # fmt: skip
    assert max(ends) <= places.size
    assert all(start % LINE == 0 for start in places.offsets)
    for a, one in enumerate(buffers):
        for b, other in enumerate(buffers[:a]):
            together = one.life.first <= other.life.last and other.life.first <= one.life.last
            apart = places.offsets[a] >= ends[b] or places.offsets[b] >= ends[a]
            assert apart or not together, (one, other)


@together("seed", SEEDS)
def test_values_live_from_where_they_are_made_to_where_they_are_last_read(seed: int) -> None:
    placing = placed(seed, 4)
    lives = [buffer.life for buffer in placing.buffers]
    made: set[int] = {plane.buffer for value in placing.plan.inputs.values()
                      for plane in placing.packed[value].planes}  # fmt: skip

    def alive(value: Packed, task: int) -> None:
        for plane in value.planes:
            assert plane.buffer in made
            assert lives[plane.buffer].first <= task <= lives[plane.buffer].last

    for number, task in enumerate(placing.tasks):
        if not task.view:
            for value in (*task.inputs, *(() if task.other is None else (task.other,))):
                alive(value, number)
            assert all(lives[plane.buffer].first == number for plane in task.output.planes)
        made.update(plane.buffer for plane in task.output.planes)
    for output in placing.plan.outputs.values():
        alive(placing.packed[output], len(placing.tasks))


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("seed", slow_but(range(4), SEEDS))
def test_halos_stay_zero(seed: int, lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(banding, "WORTH_BYTES", 0)
    monkeypatch.setattr(banding, "TIMES_WEIGHTS", 0)
    monkeypatch.setattr(banding, "CACHE_BYTES", 2_000)
    todo, weights = programs.planned(branching(seed))
    program = programs.made(todo, weights, lanes, 2, 2)
    programs.outputs(program, programs.inputs(todo, 2))
    arena = program._making.arena.view(np.uint8)
    for start, buffer in zip(program._places, program._buffers, strict=True):
        grid = buffer.grid
        for plane in range(buffer.planes):
            first = start + plane * grid.plane_bytes
            content = arena[first : first + grid.plane_bytes].view(np.float32)
            assert not content[halo(grid)].any(), (seed, grid)


def halo(grid: Grid) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which numbers of a plane belong to no position of a volume; what fills its last line may be
    anything."""
    found = np.zeros(grid.plane_bytes // 4, np.bool_)
    shape = (grid.batch, *grid.padded, grid.lanes)
    inside = np.ones(shape, np.bool_)
    volume = tuple(slice(before, before + width)
                   for (before, _), width in zip(grid.halo, grid.spatial, strict=True))  # fmt: skip
    inside[(slice(None), *volume)] = False
    found[: inside.size] = inside.reshape(-1)
    return found
