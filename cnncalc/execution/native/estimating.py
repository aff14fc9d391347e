"""How much memory a program takes, told before anything is made: the arena, weights as they are
drawn, folded and packed, tables of offsets. More than it will be, and not much more."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms import grouped, winograd
from cnncalc.execution.native.algorithms.choice import room_for
from cnncalc.execution.native.algorithms.tiles import Layer
from cnncalc.execution.native.fusing import Job
from cnncalc.execution.native.placing import Placing, Task, memory
from cnncalc.execution.native.tables import PAGE
from cnncalc.execution.operations import FLOAT_BYTES
from cnncalc.execution.plan import Plan, Step

LIBRARIES = 128 << 20
"""Bytes of kernels, of what compiles them the first time, and of all that is small."""

OFFSET_BYTES = 8
MAKING_TABLES = 7
"""What is there while a table of offsets is worked out, in parts of the table."""
DRAWN, FOLDED = FLOAT_BYTES, 4 * FLOAT_BYTES
"""Bytes for a weight while it is drawn, and while a norm is folded into it in double precision."""

_MOVES = (op.Rearrangement, op.Cut, op.Surround, op.Resampling)


def bytes_needed(plan: Plan, placing: Placing) -> int:
    """The most that is there at one time: while a task is made ready or while all of them run."""
    tasks = placing.tasks
    kept = most = 0
    for task in tasks:
        if task.job is None or task.view:
            continue
        drawn = [_elements(plan, stage.step) for stage in task.job.stages]
        folding = sum(
            elements * (FOLDED if stage.step.folded else DRAWN)
            for elements, stage in zip(drawn, task.job.stages, strict=True)
        )
        packings = _packings(plan, task, placing.lanes)
        reordered = 2 * FLOAT_BYTES * sum(drawn)
        tables = _tables(plan, task)
        most = max(most, kept + max(folding, reordered + sum(packings)) + MAKING_TABLES * tables)
        kept += max(packings) + tables
    aside = max((_aside(plan, task) for task in tasks), default=0) * placing.batch
    outside = sum(plan.values[v].size for v in (*plan.inputs.values(), *plan.outputs.values()))
    room = memory(placing.buffers).size + room_for(tasks, placing.threads)
    most = max(most, kept + aside * FLOAT_BYTES)
    return room + most + 3 * outside * placing.batch * FLOAT_BYTES + LIBRARIES


def _elements(plan: Plan, step: Step) -> int:
    """The weights of a step."""
    found = 0
    for array in step.arrays.values():
        tensors = plan.graph.nodes[array.node].inferred.tensors
        found += next(tensor.size for tensor in tensors if tensor.name == array.name)
    return found


def _packings(plan: Plan, task: Task, lanes: int) -> list[int]:
    """Bytes of the packed weights, for each of the algorithms that may be tried."""
    assert task.job is not None
    direct = sum(_pages(_packed(plan, stage, lanes)) for stage in task.job.stages)
    layers: list[Layer] = []
    if not task.job.before:
        layers = [winograd.layer(task, form) for form in winograd.forms(task)]
    return [direct, *(_pages(layer.weight_bytes) for layer in layers)]


def _pages(size: int) -> int:
    """What is large takes whole pages."""
    return -(-size // PAGE) * PAGE if size >= PAGE else size


def _packed(plan: Plan, stage: Job, lanes: int) -> int:
    """Bytes of packed weights: those there are, with zeros where vectors are not full."""
    o, weights = stage.step.operation, _elements(plan, stage.step)
    if not weights:
        return 0
    channels = plan.values[stage.step.inputs[0]].channels
    filters = plan.values[stage.step.output].channels
    filled = -(-filters // lanes) * lanes
    whole = -(-weights * filled // filters) * FLOAT_BYTES
    if not isinstance(o, op.Convolution) or o.groups == 1:
        return whole
    if grouped.applies(o, channels, filters, lanes) or filters // o.groups % lanes == 0:
        return whole
    # A vector reads all groups that it has filters of.
    own, taps = filters // o.groups, prod(w.kernel for w in o.windows)
    groups = sum(
        -(-min(start + lanes, filters) // own) - start // own for start in range(0, filters, lanes)
    )
    return groups * (channels // o.groups) * taps * lanes * FLOAT_BYTES


def _tables(plan: Plan, task: Task) -> int:
    """Bytes of the tables that say where things are read and written."""
    assert task.job is not None
    o, output = task.job.step.operation, plan.values[task.job.step.output]
    positions = [value.positions.size for value in (*task.inputs, task.output)]
    if task.other is not None:
        positions.append(task.other.positions.size)
    match o:
        case op.WindowPool():
            positions.append(task.output.positions.size * prod(w.kernel for w in o.windows))
        case op.SpanPool():
            reads = prod(sum(stop - start for start, stop in spans) for spans in o.spans)
            positions.append(reads * task.output.grid.batch)
        case op.Product():
            positions.append(plan.values[task.job.step.inputs[0]].size)
        case op.Resampling() if any(tap.fraction for taps in o.taps for tap in taps):
            # Offsets and shares of the pixels around each position, for one image.
            positions.append(prod(output.spatial) * 2 ** (len(o.taps) + 1))
        case _ if isinstance(o, _MOVES):
            positions.append(output.size)
    return OFFSET_BYTES * sum(positions)


def _aside(plan: Plan, task: Task) -> int:
    """Numbers for an image that are there beside the arena where NumPy does a task."""
    if task.job is None or not isinstance(task.job.step.operation, op.Merge | op.Declared):
        return 0
    values: Sequence[int] = (*task.job.step.inputs, task.job.step.output)
    return 2 * sum(plan.values[value].size for value in values)
