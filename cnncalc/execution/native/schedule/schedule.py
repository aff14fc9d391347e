"""A plan scheduled for a kind of machine: tasks fused, banded and placed, their ways and bytes.

Made once for a run. The estimate of its memory and what is told of a plan are read off it; `bind`
makes the program that it describes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from cnncalc.execution import memory
from cnncalc.execution import operations as op
from cnncalc.execution.backend import Stored
from cnncalc.execution.native.schedule.banding import chained
from cnncalc.execution.native.schedule.fusing import fused
from cnncalc.execution.native.schedule.layout import Packed
from cnncalc.execution.native.schedule.placing import Buffer, Placing, Task, in_turns
from cnncalc.execution.native.schedule.ways import elements, table_bytes, ways
from cnncalc.execution.native.tables import PAGE
from cnncalc.execution.operations import FLOAT_BYTES
from cnncalc.execution.plan import Plan
from cnncalc.execution.reference.backend import aside

LIBRARIES = 128 << 20
"""Bytes of kernels, of what compiles them, and of all that is small."""
MAKING_TABLES = 7
"""What is there while a table of offsets is worked out, in parts of the table."""
FOLDED = 4
"""What is there while a norm is folded into weights in double precision, in parts of these."""


@dataclass(frozen=True)
class Schedule:
    """`inputs` and `outputs` say where the network's own lie. Sizes are in bytes."""

    plan: Plan
    batch: int
    lanes: int
    threads: int
    tasks: tuple[Task, ...]
    buffers: tuple[Buffer, ...]
    inputs: dict[str, Packed]
    outputs: dict[str, Packed]
    arena_bytes: int

    @cached_property
    def room_bytes(self) -> int:
        """What a task puts down while it runs, at most."""
        return max((way.room_bytes for task in self.tasks for way in task.ways), default=0)

    @cached_property
    def shares_weights(self) -> bool:
        """Whether several steps have the same arrays."""
        own = [_learned(task) for task in self.tasks if _learned(task)]
        return len(own) > len(set(own))

    @cached_property
    def bytes(self) -> int:
        """The most that is there at one time, while a task is made ready or while all of them run.
        More than it will be, and not much more."""
        kept = most = 0
        known: set[str] = set()
        for task in self.tasks:
            packings = [_in_pages(way.weight_bytes) for way in task.ways]
            if not packings or task.job is None:
                continue
            tables = table_bytes(self.plan, task)
            drawn = [(stage.step, elements(self.plan, stage.step)) for stage in task.job.stages]
            folding = sum(n * (FOLDED if step.folded else 1) for step, n in drawn)
            reordering = 2 * FLOAT_BYTES * sum(n for _, n in drawn) + sum(packings)
            making = max(folding * FLOAT_BYTES, reordering) + MAKING_TABLES * tables
            most = max(most, kept + making)
            kept += tables + (0 if _learned(task) in known else max(packings))
            known.add(_learned(task))
        beside = max(map(self._aside, self.tasks), default=0)
        volumes = [*self.plan.inputs.values(), *self.plan.outputs.values()]
        outside = 3 * FLOAT_BYTES * self.batch * sum(self.plan.values[v].size for v in volumes)
        return self.arena_bytes + self.room_bytes + max(most, kept + beside) + outside + LIBRARIES

    def _aside(self, task: Task) -> int:
        """What is there beside the arena where NumPy does a task."""
        if task.job is None:
            return 0
        step = task.job.step
        numbers = sum(self.plan.values[value].size for value in (*step.inputs, step.output))
        if isinstance(step.operation, op.BY_REFERENCE):
            return FLOAT_BYTES * self.batch * (aside(self.plan, step) + numbers)
        if isinstance(step.operation, op.Merge | op.Declared):
            return 2 * FLOAT_BYTES * self.batch * numbers
        return 0

    def stored(self, number: int) -> Stored | None:
        """Where what a task makes lies, and the last of those with a job that needs it."""
        task = self.tasks[number]
        if task.view:
            return None
        buffer = self.buffers[task.output.planes[0].buffer]
        until = self._done[min(buffer.life.last, len(self.tasks) - 1)] - 1
        return Stored(buffer.offset, buffer.bytes, until)

    @cached_property
    def _done(self) -> list[int]:
        """How many tasks with a job are done with each task."""
        return list(accumulate(task.job is not None for task in self.tasks))

    def __str__(self) -> str:
        """A line for each task: its layers, the ways it may be carried out, where its result
        lies, and from which task to which."""
        head = (
            f"batch of {self.batch}, {self.lanes} lanes, {self.threads} threads: "
            f"{len(self.tasks)} tasks, {self.arena_bytes:,} bytes in turns, {self.room_bytes:,} of "
            f"room, {self.bytes:,} in all"
        )
        return "\n".join([head, *self._lines()])

    def _lines(self) -> Iterator[str]:
        for number, task in enumerate(self.tasks):
            layers = "copy"
            if task.job is not None:
                layers = " + ".join(self.plan.graph.nodes[n].name for n in task.job.nodes)
            told = [" or ".join(f"{way.name} {way.weight_bytes:,}" for way in task.ways)]
            if task.bands is not None:
                told.append(f"bands of {task.bands.rows} of {task.bands.of} rows")
            buffer = self.buffers[task.output.planes[0].buffer]
            where = f"{buffer.bytes:,} at {buffer.offset:,}, {buffer.life.first}-{buffer.life.last}"
            told.append("view" if task.view else where)
            yield f"{number} {layers}: {'; '.join(filter(None, told))}"


def schedule(plan: Plan, batch: int, lanes: int, threads: int, *, direct: bool = False) -> Schedule:
    """What a program of a plan will do, for vectors of so many lanes and so many threads. `direct`:
    without Winograd's convolutions.

    Raises `Refused` where a volume does not fit into the memory by itself: what says where its
    numbers lie would not fit either.
    """
    jobs = chained(plan, fused(plan), batch, lanes, threads)
    whole = (*plan.inputs.values(), *(job.output for job in jobs))
    largest = FLOAT_BYTES * batch * max(plan.values[value].size for value in whole)
    memory.need(largest, plan.graph.document.name)
    placing = Placing(plan, jobs, batch, lanes, threads)
    buffers, size = in_turns(placing.buffers)
    return Schedule(
        plan, batch, lanes, threads,
        tuple(t._replace(ways=ways(plan, t, lanes, threads, direct=direct)) for t in placing.tasks),
        buffers,
        {name: placing.packed[value] for name, value in plan.inputs.items()},
        {name: placing.packed[value] for name, value in plan.outputs.items()},
        size,
    )  # fmt: skip


def _learned(task: Task) -> str:
    """What tells a task's arrays from others, folded norms included; nothing where it has none."""
    stages = () if task.job is None else task.job.stages
    arrays = [(sorted(s.step.arrays.items()), s.step.folded, s.taps) for s in stages
              if s.step.arrays]  # fmt: skip
    return repr(arrays) if arrays else ""


def _in_pages(size: int) -> int:
    """What is large takes whole pages."""
    return -(-size // PAGE) * PAGE if size >= PAGE else size
