"""A plan made ready for the kernels: an arena, steps, and a crew to carry them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from time import perf_counter
from typing import NamedTuple

import numpy as np

from cnncalc.execution.backend import Observed, Piece, Seconds, Stored
from cnncalc.execution.native.algorithms.choice import made_ready, room_for
from cnncalc.execution.native.banding import chained
from cnncalc.execution.native.choosing import Choosing
from cnncalc.execution.native.crew import Crew
from cnncalc.execution.native.fusing import fused
from cnncalc.execution.native.library import Library
from cnncalc.execution.native.making import AnyStep, Made, Making, NativeStep
from cnncalc.execution.native.moving import Mover, shape
from cnncalc.execution.native.placing import Placing, Task, memory
from cnncalc.execution.native.tables import Tables, aligned
from cnncalc.execution.plan import Plan
from cnncalc.execution.weights import Array, Weights


class _Stretch(NamedTuple):
    """Steps that run in one go: native ones at an address, or one of Python's. `tasks` are the
    tasks that they belong to, step by step."""

    steps: tuple[AnyStep, ...]
    tasks: tuple[int, ...]
    address: int


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
            advance((number + 1) / len(self._tasks))
        choosing.remember()
        self._stretches = list(self._in_stretches())
        self._inputs = {
            name: Mover(self._making, placing.packed[value]) for name, value in plan.inputs.items()
        }
        self._outputs = {
            name: Mover(self._making, placing.packed[value]) for name, value in plan.outputs.items()
        }
        longest = max((len(stretch.steps) for stretch in self._stretches), default=0)
        self._clock = np.zeros(longest + 1, np.int64)

    @property
    def pieces(self) -> list[Piece]:
        return [
            Piece(task.job.nodes, made.algorithm, made.how, self._stored(task))
            for task, made in zip(self._tasks, self._made, strict=True)
            if task.job is not None
        ]

    def _stored(self, task: Task) -> Stored | None:
        """Where what a task makes lies, in terms of pieces."""
        if task.view:
            return None
        number = task.output.planes[0].buffer
        buffer = self._buffers[number]
        # A copy belongs to the piece that is behind it.
        until = sum(earlier.job is not None for earlier in self._tasks[: buffer.life.last])
        return Stored(self._places[number], buffer.planes * buffer.grid.plane_bytes, until)

    def observed(self) -> list[Observed]:
        return [
            Observed(shape(task.output), made.macs)
            for task, made in zip(self._tasks, self._made, strict=True)
            if task.job is not None
        ]

    def run(self, inputs: Mapping[str, Array], seconds: Seconds) -> dict[str, Array]:
        for name, mover in self._inputs.items():
            mover.give(inputs[name])
        spent = np.zeros(len(self._tasks))
        for stretch in self._stretches:
            start = perf_counter()
            if isinstance(stretch.steps[0], NativeStep):
                self._crew.run(stretch.address, len(stretch.steps), self._clock.ctypes.data)
                whole = perf_counter() - start
                ticks = np.diff(self._clock[: len(stretch.steps) + 1])
                each = ticks * (whole / max(int(ticks.sum()), 1))
                np.add.at(spent, list(stretch.tasks), each)
            else:
                stretch.steps[0].action()
                spent[stretch.tasks[0]] += perf_counter() - start
        self._tell(spent, seconds)
        return {name: np.array(mover.taken(), np.float32) for name, mover in self._outputs.items()}

    def _tell(self, spent: Seconds, seconds: Seconds) -> None:
        """The times of the pieces: a copy's time goes to the next task that is a piece."""
        piece, carried = 0, 0.0
        for task, time in zip(self._tasks, spent.tolist(), strict=True):
            carried += time
            if task.job is not None:
                seconds[piece] = carried
                piece, carried = piece + 1, 0.0

    def _in_stretches(self) -> list[_Stretch]:
        steps = [(step, number) for number, made in enumerate(self._made) for step in made.steps]
        found = []
        for (native, _), group in groupby(
            enumerate(steps),
            key=lambda item: (isinstance(item[1][0], NativeStep), _alone(item)),
        ):
            members = [member for _, member in group]
            address = 0
            if native:
                words = [
                    (step.function, *step.records)
                    for step, _ in members
                    if isinstance(step, NativeStep)
                ]
                address = self._tables.words(np.array(words, np.int64).reshape(-1))
            found.append(
                _Stretch(
                    tuple(step for step, _ in members),
                    tuple(number for _, number in members),
                    address,
                )
            )
        return found


SPARE = 1 << 14
"""Bytes behind the last buffer that kernels may fetch ahead."""


def _alone(item: tuple[int, tuple[AnyStep, int]]) -> int:
    """Native steps stay together; each of Python's is for itself."""
    number, (step, _) = item
    return -1 if isinstance(step, NativeStep) else number
