"""A schedule made ready for the kernels: an arena, steps, and a crew to carry them out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import groupby
from time import perf_counter
from typing import NamedTuple

import numpy as np

from cnncalc.execution.backend import Observed, Piece, Seconds, Span
from cnncalc.execution.native.algorithms.choice import made_ready
from cnncalc.execution.native.choosing import Choosing
from cnncalc.execution.native.crew import Crew
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
from cnncalc.execution.native.schedule.layout import Offsets, Packed
from cnncalc.execution.native.schedule.schedule import Schedule
from cnncalc.execution.native.tables import Tables, aligned
from cnncalc.execution.native.tracing import stamped
from cnncalc.execution.refusals import Refused
from cnncalc.execution.threads import affinity
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
        schedule: Schedule,
        weights: Weights,
        library: Library,
        advance: Callable[[float], None],
    ) -> None:
        self.schedule = schedule
        tasks = schedule.tasks
        self._tables = Tables(once=schedule.shares_weights)
        arena = aligned(schedule.arena_bytes + SPARE)
        self._room = aligned(schedule.room_bytes + SPARE)
        self._making = Making(
            library,
            self._tables,
            arena.view(np.float32),
            schedule.threads,
            [(buffer.offset, buffer.grid.plane_bytes) for buffer in schedule.buffers],
            self._room.ctypes.data,
        )
        self._surroundings, self._crew = _surroundings(), Crew(library, schedule.threads)
        choosing = Choosing(self._making, self._crew)
        self._made: list[Made] = []
        for number, task in enumerate(tasks):
            self._made.append(made_ready(choosing, schedule.plan, task, weights))
            self._making.complete()
            advance((number + 1) / len(tasks))
        choosing.remember()
        self._stretches = list(self._in_stretches())
        self._inputs = _movers(self._making, schedule.inputs)
        self._outputs = _movers(self._making, schedule.outputs)

    @cached_property
    def pieces(self) -> list[Piece]:
        numbered = zip(range(len(self._made)), self.schedule.tasks, self._made, strict=True)
        where = self.schedule.stored
        return [
            Piece(task.job.nodes, made.algorithm, made.how, where(number), task.view, made.choice)
            for number, task, made in numbered
            if task.job is not None
        ]

    def observed(self) -> list[Observed]:
        return [
            Observed(shape(task.output), made.macs, made.literal)
            for task, made in zip(self.schedule.tasks, self._made, strict=True)
            if task.job is not None
        ]

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        self._begin(inputs)
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

    def _begin(self, inputs: Mapping[str, Array]) -> None:
        """Put inputs in place, with a crew that is there: after a fork the child has no threads but
        the caller's, and where a process may run on other cores now, others have to be kept."""
        here = _surroundings()
        if here != self._surroundings:
            self._surroundings = here
            self._crew = Crew(self._making.library, self.schedule.threads)
        for name, mover in self._inputs.items():
            mover.give(inputs[name])

    def traced(self, inputs: Mapping[str, Array]) -> list[Span]:
        """Raises `Refused` where the processor has no clock that all threads can read."""
        if not self._ticks:
            raise Refused("--trace: this processor has no clock that kernels can read")
        self._begin(inputs)
        return [span for stretch in self._stretches for span in self._spans(stretch)]

    def _spans(self, stretch: _Stretch) -> Iterator[Span]:
        """What threads do in a stretch that is run."""
        places = np.searchsorted(stretch.firsts, np.arange(len(stretch.steps)), "right") - 1
        pieces = stretch.pieces[places].tolist()
        native = [step for step in stretch.steps if isinstance(step, NativeStep)]
        start = perf_counter()
        if not native:
            (step,) = stretch.steps
            assert isinstance(step, PythonStep)
            step.action()
            took = perf_counter() - start
            for thread in range(self.schedule.threads):
                yield Span(thread, None if thread else pieces[0], start, took)
            return
        clock, ticks = stamped(self._making.library, self._crew, native)
        second = (perf_counter() - start) / max(int(clock[-1] - clock[0]), 1)

        def span(thread: int, what: int | None, low: int, high: int) -> Iterator[Span]:
            if high > low:
                at = start + (low - int(clock[0])) * second
                yield Span(thread, what, at, (high - low) * second)

        for thread in range(self.schedule.threads):
            free = int(clock[0])
            for piece, (begin, end) in zip(pieces, ticks[:, thread].tolist(), strict=True):
                if end:
                    yield from span(thread, None, free, begin)
                    yield from span(thread, piece, begin, end)
                    free = end
            yield from span(thread, None, free, int(clock[-1]))

    @cached_property
    def _ticks(self) -> bool:
        """Whether kernels can read a clock: what LLVM has for it may be the constant 0."""
        clock = np.zeros(2, np.int64)
        # A step in which nobody has anything to do: without any, threads would not wait.
        nothing = np.zeros(1 + self.schedule.threads, np.int64)
        self._crew.run(nothing.ctypes.data, 1, clock.ctypes.data)
        return bool(clock.any())

    def seconds(self) -> Seconds:
        found = np.zeros(len(self.pieces))
        for stretch in self._stretches:
            if not self._ticks:
                found[stretch.pieces] += stretch.took[0]
                continue
            # What the clock of the steps tells is in units of its own.
            ticks = np.add.reduceat(np.diff(stretch.clock), stretch.firsts)
            found[stretch.pieces] += ticks * (stretch.took[0] / max(int(ticks.sum()), 1))
        return found

    def _piece_of(self) -> list[int]:
        """The piece that each task's steps belong to."""
        pieces, count = [], 0
        for task in self.schedule.tasks:
            pieces.append(count)
            count += task.job is not None
        return pieces

    def _in_stretches(self) -> Iterator[_Stretch]:
        """Native steps stay together where they can tell their times; each of Python's is for
        itself."""
        piece_of = self._piece_of()
        steps = [(step, piece_of[n]) for n, made in enumerate(self._made) for step in made.steps]
        for native, group in groupby(steps, key=lambda item: isinstance(item[0], NativeStep)):
            members = list(group)
            whole = native and self._ticks
            for some in [members] if whole else [[member] for member in members]:
                own = tuple(step for step, _ in some)
                pieces, firsts = np.unique([piece for _, piece in some], return_index=True)
                address = self._tables.words(listed(own)) if native else 0
                clock = np.arange(len(own) + 1)
                yield _Stretch(own, pieces, firsts, address, clock, [0.0])


def _surroundings() -> tuple[int, frozenset[int]]:
    """The process, and the cores that it may run on."""
    return os.getpid(), frozenset(affinity())


def _movers(making: Making, values: Mapping[str, Packed]) -> dict[str, Mover]:
    return {name: Mover(making, value) for name, value in values.items()}


SPARE = 1 << 14
"""Bytes behind the last buffer that kernels may fetch ahead."""
