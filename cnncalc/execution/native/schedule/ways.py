"""The ways in which a task can be carried out, the usual one first, and what each takes."""

from __future__ import annotations

from itertools import product
from math import prod

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms import grouped, products, tiles, winograd
from cnncalc.execution.native.schedule.fusing import Job
from cnncalc.execution.native.schedule.placing import Task, Way
from cnncalc.execution.native.stamps import residues
from cnncalc.execution.operations import FLOAT_BYTES
from cnncalc.execution.plan import Plan, Step
from cnncalc.volume import Volume


def ways(plan: Plan, task: Task, lanes: int, threads: int, *, direct: bool) -> tuple[Way, ...]:
    """`direct`: without those of Winograd."""
    if task.job is None or task.view:
        return ()
    weights = sum(weight_bytes(plan, stage, lanes) for stage in task.job.stages)
    usual = Way(_name(plan, task, lanes), weights)
    if usual.name != "direct" or direct:
        return (usual,)
    found = [usual]
    for form in winograd.forms(task):
        cut = winograd.layer(task, form)
        own = Way(f"winograd {form}", cut.weight_bytes, tiles.scratch_bytes(cut, threads))
        found.insert(0 if form == winograd.usual(task) else len(found), own)
    return tuple(found)


def _name(plan: Plan, task: Task, lanes: int) -> str:
    """What there is one way of is called by its operation."""
    assert task.job is not None
    o, (volume, output) = task.job.step.operation, _ends(plan, task.job)
    if task.job.before:
        return "depth-first"
    if not isinstance(o, op.Convolution):
        return "dense" if isinstance(o, op.Product) else type(o).__name__
    if grouped.applies(o, volume.channels, output.channels, lanes):
        return "depthwise" if o.groups == volume.channels else "grouped"
    return "direct"


def elements(plan: Plan, step: Step) -> int:
    """The learned numbers of a step, as they are drawn."""
    found = 0
    for array in step.arrays.values():
        tensors = plan.graph.nodes[array.node].inferred.tensors
        found += next(tensor.size for tensor in tensors if tensor.name == array.name)
    return found


def weight_bytes(plan: Plan, job: Job, lanes: int) -> int:
    """Bytes of a step's learned numbers as kernels read them, in vectors that need not be full."""
    o, (volume, output) = job.step.operation, _ends(plan, job)
    filters, channels = output.channels, volume.channels
    vectors = -(-filters // lanes)
    narrow = grouped.applies(o, channels, filters, lanes)

    def packed(taps: int, groups: int = 1) -> int:
        if narrow and taps:
            return (taps * channels // groups + 1) * vectors * lanes
        return products.packed_floats(taps, channels, groups, filters, lanes) + vectors * lanes

    match o:
        case op.Convolution():
            floats = packed(prod(w.kernel for w in o.windows), o.groups)
        case op.TableConvolution():
            floats = packed(prod(w.kernel for w in o.windows))
        case op.UnsharedConvolution():
            floats = prod(output.spatial) * packed(prod(w.kernel for w in o.windows))
        case op.TransposedConvolution():
            axes = zip(o.windows, output.spatial, strict=True)
            sets = product(*([len(r.taps) for r in residues(w, n)] for w, n in axes))
            floats = sum(packed(prod(taps), o.groups) for taps in sets)
        case op.Product():
            floats = packed(prod(volume.spatial))
        case _:
            floats = -(-elements(plan, job.step) // filters) * vectors * lanes
    return floats * FLOAT_BYTES


def table_bytes(plan: Plan, task: Task) -> int:
    """Bytes of the tables that say where things are read and written."""
    if task.job is None or task.view:
        return 0
    o, (volume, output) = task.job.step.operation, _ends(plan, task.job)
    read = (*task.inputs, *([] if task.other is None else [task.other]))
    entries = sum(value.positions.size for value in (*read, task.output))
    match o:
        case op.WindowPool():
            entries += task.output.positions.size * prod(w.kernel for w in o.windows)
        case op.SpanPool():
            reads = prod(sum(stop - start for start, stop in spans) for spans in o.spans)
            entries += reads * task.output.grid.batch
        case op.Product():
            entries += volume.size
        case op.Resampling() if any(tap.fraction for taps in o.taps for tap in taps):
            # Offsets and shares of the pixels around each position, for one image.
            entries += prod(output.spatial) * 2 ** (len(o.taps) + 1)
        case op.Rearrangement() | op.Cut() | op.Surround() | op.Resampling():
            entries += output.size
    return OFFSET_BYTES * entries


OFFSET_BYTES = 8


def _ends(plan: Plan, job: Job) -> tuple[Volume, Volume]:
    """What a job's own step reads first, and what it makes."""
    return plan.values[job.step.inputs[0]], plan.values[job.step.output]
