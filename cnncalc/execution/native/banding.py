"""Convolutions done one behind the other in bands of rows: what lies between them stays in a core's
own cache and is never there as a whole.

That is depth-first execution of inverted residuals (Sandler et al. 2018): 1x1, depthwise, 1x1.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from cnncalc.execution import operations as op
from cnncalc.execution.native.fusing import Job
from cnncalc.execution.native.layout import Grid
from cnncalc.execution.operations import FLOAT_BYTES
from cnncalc.execution.plan import Plan
from cnncalc.geometry import Window

CACHE_BYTES = 640 << 10
"""What a band has between its stages, at most: it is to stay in a core's own cache."""
WORTH_BYTES = 1 << 20
"""What a batch has between three stages, at least: less than this stays in the cache anyway."""
TWO_STAGES = 4
"""Two stages must have so many times as much between them: the wider of their volumes is still
there as a whole."""

TIMES_WEIGHTS = 2
"""All weights are read again for every band: what lies between the stages must be so many times as
much, or less is saved than that costs."""


class Span(NamedTuple):
    """Rows from start up to stop."""

    start: int
    stop: int

    def within(self, rows: int) -> Span:
        """The part of it that lies in a volume of so many rows; none of it may."""
        start = min(max(self.start, 0), self.stop)
        return Span(start, max(min(self.stop, rows), start))

    @property
    def length(self) -> int:
        return self.stop - self.start


class Bands(NamedTuple):
    """So many rows of the output at a time, of so many in all."""

    rows: int
    of: int

    @property
    def spans(self) -> list[Span]:
        return [Span(r, min(r + self.rows, self.of)) for r in range(0, self.of, self.rows)]


def read_by(w: Window, span: Span) -> Span:
    """The rows that windows at these rows of the output cover, outside the volume as well."""
    start = span.start * w.stride - w.before
    return Span(start, (span.stop - 1) * w.stride - w.before + w.effective)


def chained(plan: Plan, jobs: Sequence[Job], batch: int) -> list[Job]:
    """The jobs with those put together that are better done in bands."""
    readers: dict[int, int] = dict.fromkeys(plan.outputs.values(), 2)
    for job in jobs:
        for value in (*job.inputs, *(() if job.other is None else (job.other,))):
            readers[value] = readers.get(value, 0) + 1
    makers = {job.output: number for number, job in enumerate(jobs)}
    found: list[Job | None] = list(jobs)
    for number, job in enumerate(jobs):
        if not _is_depthwise(plan, job) or found[number] is None:
            continue
        chain = [job]
        first = makers.get(job.step.inputs[0])
        expands = first is not None and readers[job.step.inputs[0]] == 1
        if expands and first is not None and found[first] is jobs[first]:
            before = jobs[first]
            if before.other is None and _is_pointwise(before):
                chain.insert(0, before)
        behind = next((n for n in range(number + 1, len(jobs))
                       if jobs[n].step.inputs == (job.output,)), None)  # fmt: skip
        alone = job.other is None and readers.get(job.output) == 1
        if alone and behind is not None and _is_pointwise(jobs[behind]):
            chain.append(jobs[behind])
        between = sum(plan.values[stage.output].size for stage in chain[:-1])
        worth = WORTH_BYTES if len(chain) > 2 else TWO_STAGES * WORTH_BYTES
        saved = between * batch * FLOAT_BYTES
        if len(chain) == 1 or saved < max(worth, TIMES_WEIGHTS * _weight_bytes(plan, chain)):
            continue
        last = makers[chain[-1].output]
        for stage in chain[:-1]:
            found[makers[stage.output]] = None
        nodes = tuple(dict.fromkeys(node for stage in chain for node in stage.nodes))
        found[last] = chain[-1]._replace(before=tuple(chain[:-1]), nodes=nodes)
    return [job for job in found if job is not None]


def _weight_bytes(plan: Plan, chain: Sequence[Job]) -> int:
    arrays = [array for stage in chain for array in stage.step.arrays.values()]
    tensors = [
        tensor
        for array in arrays
        for tensor in plan.graph.nodes[array.node].inferred.tensors
        if tensor.name == array.name
    ]
    return FLOAT_BYTES * sum(tensor.size for tensor in tensors)


def _is_pointwise(job: Job) -> bool:
    o = job.step.operation
    return (
        isinstance(o, op.Convolution)
        and o.groups == 1
        and all(w.kernel == w.stride == 1 and w.before == w.after == 0 for w in o.windows)
    )


def _is_depthwise(plan: Plan, job: Job) -> bool:
    o = job.step.operation
    volume, output = plan.values[job.step.inputs[0]], plan.values[job.step.output]
    return (
        isinstance(o, op.Convolution)
        and volume.rank > 1
        and o.groups == volume.channels == output.channels
    )


def window(stage: Job) -> Window:
    """The window of a stage along the rows."""
    assert isinstance(stage.step.operation, op.Convolution)
    return stage.step.operation.windows[0]


def needed(job: Job, span: Span) -> list[Span]:
    """The rows of each stage's output that some rows of the last one's need, outside the volume as
    well."""
    spans = [span]
    for stage in reversed(job.stages[1:]):
        spans.insert(0, read_by(window(stage), spans[0]))
    return spans


def bands(plan: Plan, job: Job, batch: int, lanes: int, threads: int) -> Bands:
    """As many rows as the cache has room for, and enough bands for all threads."""
    rows = plan.values[job.output].spatial[0]
    images = -(-threads // batch)
    most = max(-(-rows // images), 1)
    while most > 1 and _bytes(plan, job, most, lanes) > CACHE_BYTES:
        most -= 1
    count = -(-rows // most)
    return Bands(-(-rows // count), rows)


def _bytes(plan: Plan, job: Job, rows: int, lanes: int) -> int:
    grids = between(plan, job, rows, lanes)
    volumes = [plan.values[stage.output] for stage in job.before]
    planes = [-(-volume.channels // lanes) for volume in volumes]
    return sum(grid.plane_bytes * count for grid, count in zip(grids, planes, strict=True))


def between(plan: Plan, job: Job, rows: int, lanes: int) -> list[Grid]:
    """A grid for what lies between two stages: the rows that a band needs, outside the volume as
    well, and along the other axes a halo for the windows of the next stage."""
    found = []
    spans = needed(job, Span(0, rows))
    for number, stage in enumerate(job.before):
        following = job.stages[number + 1].step
        assert isinstance(following.operation, op.Convolution)
        widths = plan.values[stage.output].spatial[1:]
        positions = plan.values[following.output].spatial[1:]
        halo = []
        for w, width, n in zip(following.operation.windows[1:], widths, positions, strict=True):
            behind = (n - 1) * w.stride + w.effective - w.before - width
            halo.append((w.before, max(behind, 0)))
        found.append(Grid(1, (spans[number].length, *widths), ((0, 0), *halo), lanes))
    return found


def row_positions(spatial: Sequence[int]) -> int:
    """Positions of a row."""
    return prod(spatial[1:])
