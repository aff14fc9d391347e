"""A plan made ready for the kernels: an arena, steps, and a crew to carry them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, groupby
from time import perf_counter
from typing import NamedTuple

import numpy as np

from cnncalc.execution.backend import Observed, Piece, Seconds, Stored
from cnncalc.execution.native.algorithms.choice import made_ready, room_for
from cnncalc.execution.native.banding import chained
from cnncalc.execution.native.choosing import Choosing
from cnncalc.execution.native.crew import Crew
from cnncalc.execution.native.fusing import fused
from cnncalc.execution.native.layout import Offsets
from cnncalc.execution.native.library import Library
from cnncalc.execution.native.making import (
    AnyStep,
    Made,
    Making,
    NativeStep,
    PythonStep,
    listed,
)
from cnncalc.execution.native.moving import Mover, shape
from cnncalc.execution.native.placing import Placing, Task, memory
from cnncalc.execution.native.tables import Tables, aligned
from cnncalc.execution.plan import Plan
from cnncalc.execution.weights import Array, Weights


class _Stretch(NamedTuple):
    """Steps that run in one go: native ones at an address, or one of Python's.

    `pieces` are those whose steps they are, in order; `firsts` the first step of each. A copy's
    steps are those of the piece behind it. `clock` has the ticks at the beginning and after each
    step of the last run, `took` the seconds of all.
    """

    steps: tuple[AnyStep, ...]
    pieces: Offsets
    firsts: Offsets
    address: int
    clock: Offsets
    took: list[float]


class NativeProgram:
    """Every task is a piece of its own, but copies, which belong to the task that reads them."""

    def __init__(
        self,
        plan: Plan,
        weights: Weights,
        batch: int,
        threads: int,
        library: Library,
        advance: Callable[[float], None],
    ) -> None:
        jobs = chained(plan, fused(plan), batch)
        placing = Placing(plan, jobs, batch, library.lanes, threads)
        self.plan = plan
        self._tables = Tables()
        self._tasks = placing.tasks
        self._buffers = placing.buffers
        places = memory(self._buffers)
        self._places = places.offsets
        arena = aligned(places.size + SPARE)
        self._room = aligned(room_for(self._tasks, threads) + SPARE)
        self._making = Making(
            library,
            self._tables,
            arena.view(np.float32),
            threads,
            [
                (offset, buffer.grid.plane_bytes)
                for offset, buffer in zip(places.offsets, self._buffers, strict=True)
            ],
            self._room.ctypes.data,
        )
        self._crew = Crew(library, threads)
        choosing = Choosing(self._making, self._crew)
        self._made: list[Made] = []
        for number, task in enumerate(self._tasks):
            self._made.append(made_ready(choosing, plan, task, weights))
            self._making.complete()
            advance((number + 1) / len(self._tasks))
        choosing.remember()
        self._stretches = list(self._in_stretches())
        self._inputs = {
            name: Mover(self._making, placing.packed[value]) for name, value in plan.inputs.items()
        }
        self._outputs = {
            name: Mover(self._making, placing.packed[value]) for name, value in plan.outputs.items()
        }

    @cached_property
    def pieces(self) -> list[Piece]:
        done = list(accumulate(task.job is not None for task in self._tasks))
        return [
            Piece(task.job.nodes, made.algorithm, made.how, self._stored(task, done), task.view)
            for task, made in zip(self._tasks, self._made, strict=True)
            if task.job is not None
        ]

    def _stored(self, task: Task, done: Sequence[int]) -> Stored | None:
        """Where what a task makes lies, in terms of pieces, of which so many are done with each
        task."""
        if task.view:
            return None
        number = task.output.planes[0].buffer
        buffer = self._buffers[number]
        until = done[min(buffer.life.last, len(self._tasks) - 1)] - 1
        return Stored(self._places[number], buffer.planes * buffer.grid.plane_bytes, until)

    def observed(self) -> list[Observed]:
        return [
            Observed(shape(task.output), made.macs, made.literal)
            for task, made in zip(self._tasks, self._made, strict=True)
            if task.job is not None
        ]

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        for name, mover in self._inputs.items():
            mover.give(inputs[name])
        for stretch in self._stretches:
            start = perf_counter()
            if stretch.address:
                self._crew.run(stretch.address, len(stretch.steps), stretch.clock.ctypes.data)
            else:
                for step in stretch.steps:
                    assert isinstance(step, PythonStep)
                    step.action()
            stretch.took[0] = perf_counter() - start
        return {name: mover.taken() for name, mover in self._outputs.items()}

    def seconds(self) -> Seconds:
        found = np.zeros(len(self.pieces))
        for stretch in self._stretches:
            # What the clock of the steps tells is in units of its own.
            ticks = np.add.reduceat(np.diff(stretch.clock), stretch.firsts)
            found[stretch.pieces] += ticks * (stretch.took[0] / max(int(ticks.sum()), 1))
        return found

    def _piece_of(self) -> list[int]:
        """The piece that each task's steps belong to."""
        pieces, count = [], 0
        for task in self._tasks:
            pieces.append(count)
            count += task.job is not None
        return pieces

    def _in_stretches(self) -> Iterator[_Stretch]:
        """Native steps stay together; each of Python's is for itself."""
        piece_of = self._piece_of()
        steps = [(step, piece_of[n]) for n, made in enumerate(self._made) for step in made.steps]
        for native, group in groupby(steps, key=lambda item: isinstance(item[0], NativeStep)):
            members = list(group)
            for some in [members] if native else [[member] for member in members]:
                own = tuple(step for step, _ in some)
                pieces, firsts = np.unique([piece for _, piece in some], return_index=True)
                address = self._tables.words(listed(own)) if native else 0
                clock = np.arange(len(own) + 1)
                yield _Stretch(own, pieces, firsts, address, clock, [0.0])


SPARE = 1 << 14
"""Bytes behind the last buffer that kernels may fetch ahead."""
