"""Which buffers there are, what lies in them, and which jobs are nothing but other names for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from typing import NamedTuple

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.buffers import Arena, Life, placed
from cnncalc.execution.native.kernels.interpolation import FORMS
from cnncalc.execution.native.schedule.banding import Bands, bands, between
from cnncalc.execution.native.schedule.fusing import Job
from cnncalc.execution.native.schedule.layout import (
    Grid,
    Packed,
    flattened,
    fresh,
    joined,
    selected,
)
from cnncalc.execution.native.stamps import residues
from cnncalc.execution.plan import Plan, Value
from cnncalc.geometry import Window
from cnncalc.volume import Volume

Halo = tuple[tuple[int, int], ...]

WINOGRAD_TILE = max(form.outputs for form in FORMS)
"""Winograd's tiles hang over the end of an axis by less than this many outputs."""
WINOGRAD_TAPS = {form.taps for form in FORMS}


class Way(NamedTuple):
    """One algorithm for a task: the bytes of its packed weights, and of what it puts down while it
    runs, in room that all tasks use in turns."""

    name: str
    weight_bytes: int
    room_bytes: int = 0


class Task(NamedTuple):
    """Something to carry out: a job's values where they lie, or, without a job, the numbers of a
    value to be put into lanes in order. A view makes nothing. Of its `ways` the first is the usual
    one."""

    job: Job | None
    inputs: tuple[Packed, ...]
    output: Packed
    other: Packed | None = None
    view: bool = False
    bands: Bands | None = None
    scratch: tuple[tuple[Packed, ...], ...] = ()
    """For each thread, what lies between the stages of a job that is done in bands."""
    stage_volumes: tuple[Volume, ...] = ()
    ways: tuple[Way, ...] = ()


class Buffer(NamedTuple):
    """So many planes of a grid, needed from one task to another. They begin so many bytes behind
    the start of the arena."""

    grid: Grid
    planes: int
    life: Life
    offset: int = 0

    @property
    def bytes(self) -> int:
        return self.planes * self.grid.plane_bytes


class Placing:
    """Where all values of a plan lie, task by task."""

    def __init__(
        self, plan: Plan, jobs: Sequence[Job], batch: int, lanes: int, threads: int
    ) -> None:
        self.plan = plan
        self.batch = batch
        self.lanes = lanes
        self.threads = threads
        self.tasks: list[Task] = []
        self.packed: dict[Value, Packed] = {}
        self._grids: list[tuple[Grid, int]] = []
        self._lives: list[Life] = []
        self._in_order: dict[int, Packed] = {}
        self._halos = halos(plan, jobs)
        self._narrow = _narrow_inputs(plan, jobs, lanes)
        for value in plan.inputs.values():
            self.packed[value] = self._fresh(plan.values[value], narrow=value in self._narrow)
        for job in jobs:
            self._place(job)
        for value in plan.outputs.values():
            self._use(self.packed[value], len(self.tasks))

    @property
    def buffers(self) -> list[Buffer]:
        grids = zip(self._grids, self._lives, strict=True)
        return [Buffer(grid, planes, life) for (grid, planes), life in grids]

    def _fresh(self, volume: Volume, *, narrow: bool = False) -> Packed:
        """A value in a new buffer; narrow: all of its few channels side by side."""
        lanes = volume.channels if narrow else self.lanes
        halo = self._halos.get(volume.spatial, ((0, 0),) * volume.rank)
        return self._in(Grid(self.batch, volume.spatial, halo, lanes), volume.channels)

    def _in(self, grid: Grid, channels: int) -> Packed:
        """A value of a grid in a new buffer, which is needed now."""
        made = fresh(grid, len(self._grids), channels)
        self._grids.append((grid, len(made.planes)))
        self._lives.append(Life(len(self.tasks), len(self.tasks)))
        return made

    def _use(self, value: Packed, task: int) -> None:
        for buffer in {plane.buffer for plane in value.planes}:
            self._lives[buffer] = self._lives[buffer]._replace(last=task)

    def _add(self, task: Task) -> None:
        read = task.inputs if task.other is None else (*task.inputs, task.other)
        for value in () if task.view else read:
            self._use(value, len(self.tasks))
        self.tasks.append(task)

    def _place(self, job: Job) -> None:
        step = job.stages[0].step
        inputs = tuple(self.packed[value] for value in job.inputs)
        volumes = [self.plan.values[value] for value in job.inputs]
        out = self.plan.values[job.output]
        copies = len(self.tasks)
        view = self._view(job, inputs, volumes, out)
        if view is None and _reads_planes(step.operation, inputs):
            inputs = tuple(self._ordered(value) for value in inputs)
            view = self._view(job, inputs, volumes, out)
        if view is not None:
            self._add(Task(job, inputs, view, view=True))
            self.packed[job.output] = view
            return
        other = None if job.other is None else self._in_one(self.packed[job.other])
        for copy in self.tasks[copies:]:
            # It counts as a part of what it is made for.
            self._use(copy.inputs[0], len(self.tasks))
        output = self._fresh(out)
        task = Task(job, inputs, output, other)
        self._add(self._with_scratch(task, job) if job.before else task)
        self.packed[job.output] = output

    def _ordered(self, value: Packed) -> Packed:
        """The value with its channels in lanes in order: itself, or a copy."""
        canonical = fresh(value.grid, 0, value.channels)
        regular = value.spatial == value.grid.spatial and value.grid.lanes == self.lanes
        if regular and value.arranged_as(canonical):
            return value
        return self._copy(value)

    def _in_one(self, value: Packed) -> Packed:
        """The same with its planes one behind the other, as tiles of several planes need them:
        those of a concatenation lie anywhere."""
        ordered = self._ordered(value)
        first = ordered.planes[0]
        follow = (first._replace(number=first.number + n) for n in range(len(ordered.planes)))
        return ordered if ordered.planes == tuple(follow) else self._copy(ordered)

    def _copy(self, value: Packed) -> Packed:
        if id(value) not in self._in_order:
            copy = self._fresh(Volume((*value.spatial, value.channels)))
            self._add(Task(None, (value,), copy))
            self._in_order[id(value)] = copy
        return self._in_order[id(value)]

    def _view(
        self, job: Job, inputs: Sequence[Packed], volumes: Sequence[Volume], out: Volume
    ) -> Packed | None:
        """The output as another name for numbers that are there, None where they must move."""
        if job.function is not None or job.other is not None or job.before:
            return None
        first = inputs[0]
        o = job.step.operation
        match o:
            case op.Pass():
                return first
            case op.Concatenation() if all(value.spatial == out.spatial for value in inputs):
                if len({value.grid for value in inputs}) == 1 and _regular(inputs):
                    return joined(inputs)
            case op.Cut() if out.spatial == volumes[0].spatial:
                return selected(first, np.arange(*o.ranges[-1]))
            case op.Rearrangement():
                return _rearranged(o, first, volumes[0], out)
        return None

    def _with_scratch(self, task: Task, job: Job) -> Task:
        """The task with room for what a band has between its stages, for each thread."""
        chosen = bands(self.plan, job, self.batch, self.lanes, self.threads)
        grids = between(self.plan, job, chosen.rows, self.lanes)
        volumes = tuple(self.plan.values[stage.output] for stage in job.stages)
        scratch = tuple(
            tuple(
                self._in(grid, volume.channels)
                for grid, volume in zip(grids, volumes, strict=False)
            )
            for _ in range(self.threads)
        )
        return task._replace(bands=chosen, scratch=scratch, stage_volumes=volumes)


def _regular(values: Sequence[Packed]) -> bool:
    return all(value.spatial == value.grid.spatial for value in values)


def _rearranged(o: op.Rearrangement, value: Packed, volume: Volume, out: Volume) -> Packed | None:
    rank = volume.rank
    if prod(out.spatial) == 1:
        order = np.arange(volume.size, dtype=np.int64).reshape(o.split).transpose(o.axes)
        return flattened(value, order.reshape(-1), out.spatial)
    stay = o.split[:rank] == volume.spatial and o.axes[:rank] == tuple(range(rank))
    if stay and out.spatial == volume.spatial:
        inner = [axis - rank for axis in o.axes[rank:]]
        order = np.arange(volume.channels, dtype=np.int64).reshape(o.split[rank:])
        return selected(value, order.transpose(inner).reshape(-1))
    return None


def _reads_planes(o: op.Operation, inputs: Sequence[Packed]) -> bool:
    """Whether an operation's kernels read vectors of channels rather than one number at a time."""
    match o:
        case op.Convolution() | op.TableConvolution() | op.UnsharedConvolution():
            # A volume read as a vector has no neighbours, and no halo around it.
            widened = any(w.kernel > 1 or w.padding for w in o.windows)
            return (widened and not _regular(inputs)) or not _sees_all(o)
        case op.TransposedConvolution():
            return not _regular(inputs) or not _sees_all(o)
        case op.Product():
            return False
    return True


def _sees_all(o: op.Operation) -> bool:
    """Whether it is a product of matrices in which all filters read all channels."""
    match o:
        case op.Convolution() | op.TransposedConvolution():
            return o.groups == 1
        case op.Product() | op.TableConvolution() | op.UnsharedConvolution():
            return True
    return False


def halos(plan: Plan, jobs: Sequence[Job]) -> dict[tuple[int, ...], Halo]:
    """The zeros around all values of a spatial shape: what any window of a convolution reaches."""
    found: dict[tuple[int, ...], Halo] = {}
    for step in (stage.step for job in jobs for stage in job.stages):
        widths = plan.values[step.inputs[0]].spatial
        own = _reached(step.operation, widths, plan.values[step.output].spatial)
        before = found.get(widths, ((0, 0),) * len(widths))
        found[widths] = tuple(
            (max(a, c), max(b, d)) for (a, b), (c, d) in zip(before, own, strict=True)
        )
    return found


def _reached(o: op.Operation, widths: Sequence[int], positions: Sequence[int]) -> Halo:
    """Pixels before and behind each axis that positions read."""
    match o:
        case op.Convolution() | op.TableConvolution() | op.UnsharedConvolution():
            tile = WINOGRAD_TILE if _slides_by_one(o.windows) else 1
            under = partial(_under_windows, tile=tile)
            return tuple(map(under, o.windows, widths, positions))
        case op.TransposedConvolution():
            return tuple(map(_of_stamps, o.windows, widths, positions))
    return ((0, 0),) * len(widths)


def _under_windows(w: Window, width: int, positions: int, tile: int) -> tuple[int, int]:
    """Those under the windows of whole tiles of positions."""
    whole = -(-positions // tile) * tile
    return w.before, max((whole - 1) * w.stride + w.effective - w.before - width, 0)


def _of_stamps(w: Window, width: int, positions: int) -> tuple[int, int]:
    """Those whose stamps would reach a position."""
    ends = [residue.reached(width) for residue in residues(w, positions)]
    return max(before for before, _ in ends), max(behind for _, behind in ends)


def _slides_by_one(windows: Sequence[Window]) -> bool:
    return all(w.stride == 1 and w.kernel in WINOGRAD_TAPS for w in windows)


def _narrow_inputs(plan: Plan, jobs: Sequence[Job], lanes: int) -> set[Value]:
    """Inputs of few channels that nothing but products of matrices reads."""
    found = {v for v in plan.inputs.values() if plan.values[v].channels < lanes}
    for job in jobs:
        o = job.stages[0].step.operation
        if not _sees_all(o):
            found -= set(job.inputs)
        found -= {job.other}
    return found


def in_turns(buffers: Sequence[Buffer]) -> tuple[tuple[Buffer, ...], int]:
    """The buffers with places in an arena, and its bytes. Those of one grid take turns in a stretch
    of their own, plane on plane, so that a halo stays zero whichever value lies there."""
    offsets = [0] * len(buffers)
    size = 0
    for grid in dict.fromkeys(buffer.grid for buffer in buffers):
        own = [number for number, buffer in enumerate(buffers) if buffer.grid == grid]
        turns: Arena = placed(
            [buffers[number].life for number in own], [buffers[number].planes for number in own]
        )
        for number, plane in zip(own, turns.offsets, strict=True):
            offsets[number] = size + plane * grid.plane_bytes
        size += turns.size * grid.plane_bytes
    both = zip(buffers, offsets, strict=True)
    return tuple(buffer._replace(offset=offset) for buffer, offset in both), size
