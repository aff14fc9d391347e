"""Which algorithm carries a task out."""

from __future__ import annotations

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms import (
    cross_channel,
    fallback,
    grouped,
    moments,
    moves,
    pointwise,
    pools,
    products,
    resampling,
    transposed,
    unshared,
    winograd,
)
from cnncalc.execution.native.algorithms.bands import in_bands
from cnncalc.execution.native.choosing import Candidate, Choosing
from cnncalc.execution.native.kernels.interpolation import Form
from cnncalc.execution.native.making import Made, Making
from cnncalc.execution.native.schedule.fusing import Job
from cnncalc.execution.native.schedule.placing import Task
from cnncalc.execution.operations import Together
from cnncalc.execution.plan import Affine, Plan
from cnncalc.execution.weights import Array, Weights


def made_ready(choosing: Choosing, plan: Plan, task: Task, weights: Weights) -> Made:
    """A task's steps: by kernels where there are some for it, and otherwise as the reference
    does it."""
    making = choosing.making
    if task.view:
        return Made([], "view")
    if task.job is None:
        return moves.in_order(making, task)
    found: Made | None
    if task.job.before:
        found = in_bands(making, task, [_arrays(weights, stage) for stage in task.job.stages])
    else:
        found = _by_kernels(choosing, plan, task, weights)
    if found is None:
        arrays = weights.of(task.job.step)
        out = plan.values[task.job.step.output]
        return fallback.by_reference(making, task, arrays, out)
    trimmed = any(stage.taps for stage in task.job.stages)
    return found._replace(literal=False) if trimmed else found


def _arrays(weights: Weights, job: Job) -> dict[str, Array]:
    """The arrays of a job's step, of the taps that are kept."""
    arrays = weights.of(job.step)
    return {**arrays, "weight": arrays["weight"][job.taps]} if job.taps else arrays


def _by_kernels(choosing: Choosing, plan: Plan, task: Task, weights: Weights) -> Made | None:
    assert task.job is not None
    making = choosing.making
    step = task.job.step
    match step.operation:
        case op.Convolution() | op.Product() | op.TransposedConvolution():
            return _contraction(choosing, task, _arrays(weights, task.job))
        case op.TableConvolution():
            return unshared.connected(making, task, weights.of(step))
        case op.UnsharedConvolution():
            return unshared.convolution(making, task, weights.of(step))
        case op.Softmax() | op.NeighbourNormalization() | op.Standardization():
            return _of_many(making, task, weights.of(step))
        case op.WindowPool() | op.SpanPool():
            return pools.pool(making, task)
        case op.Elementwise():
            return pointwise.function(making, task)
        case op.ChannelAffine():
            factor, shift = weights.affine(Affine(step.arrays, step.operation.eps))
            return pointwise.affine(making, task, factor, shift)
        case op.LearnedSlope():
            return pointwise.slope(making, task, weights.of(step))
        case op.Merge():
            return pointwise.merge(making, task)
    sources = moves.sources(step.operation, plan.values[step.inputs[0]], plan.values[step.output])
    if sources is None and isinstance(step.operation, op.Resampling):
        return resampling.blended(making, task)
    return None if sources is None else moves.moved(making, task, sources)


def _of_many(making: Making, task: Task, arrays: dict[str, Array]) -> Made | None:
    """Numbers by what they are among others."""
    assert task.job is not None
    match task.job.step.operation:
        case op.Softmax():
            return cross_channel.softmax(making, task)
        case op.NeighbourNormalization():
            return cross_channel.neighbours(making, task)
        case op.Standardization(Together.CHANNELS):
            return cross_channel.standardization(making, task, arrays)
    return moments.standardization(making, task, arrays)


def _contraction(choosing: Choosing, task: Task, arrays: dict[str, Array]) -> Made:
    """Products of matrices, or of narrow groups."""
    assert task.job is not None
    o = task.job.step.operation
    channels = task.inputs[0].channels, task.output.channels
    if isinstance(o, op.TransposedConvolution):
        return transposed.convolution(choosing.making, task, arrays)
    if grouped.applies(o, *channels, choosing.making.lanes):
        return grouped.convolution(choosing.making, task, arrays)
    return _convolution(choosing, task, arrays)


def _convolution(choosing: Choosing, task: Task, arrays: dict[str, Array]) -> Made:
    """Directly, or in one of Winograd's forms."""

    def directly(making: Making) -> Made:
        return products.contracted(making, task, arrays)

    def in_form(form: Form) -> Candidate:
        return lambda making: winograd.convolution(making, task, arrays, form)

    assert task.job is not None
    forms = {f"winograd {form}": form for form in winograd.forms(task)}
    candidates: dict[str, Candidate] = {
        way.name: in_form(forms[way.name]) if way.name in forms else directly for way in task.ways
    }
    (value,), output = task.inputs, task.output
    macs = len(output.positions) * arrays["weight"].size
    told = (
        f"{value.grid.batch} of {'x'.join(map(str, (*value.spatial, value.channels)))}, "
        f"{'x'.join(map(str, arrays['weight'].shape))} to {'x'.join(map(str, output.spatial))}"
    )
    return choosing.best(told, macs, candidates, task.ways[0].name, arrays["weight"].nbytes)
