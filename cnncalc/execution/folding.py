"""Batch norms and scales folded into the arrays of the layer before them, as frameworks do it."""

from __future__ import annotations

from cnncalc.execution import operations as op
from cnncalc.execution.plan import Affine, Plan, Step

TAKES_FACTORS = (
    op.Convolution,
    op.UnsharedConvolution,
    op.TransposedConvolution,
    op.Product,
)
"""Operations that end in one number a channel: a factor on it is a factor on its weights."""


def folded(plan: Plan) -> Plan:
    """The plan without the affine steps that can go into the arrays of the step before.

    They can where nothing else reads what that step makes. Numbers change by rounding alone.
    """
    readers = plan.readers()
    outputs = set(plan.outputs.values())
    steps: list[Step] = []
    makers: dict[int, int] = {}
    for step in plan.steps:
        read = step.inputs[0]
        before = makers.get(read)
        alone = len(readers[read]) == 1 and read not in outputs
        affine = isinstance(step.operation, op.ChannelAffine)
        if affine and alone and before is not None and _takes_factors(steps[before]):
            steps[before] = _with(steps[before], step)
            makers[step.output] = before
        else:
            makers[step.output] = len(steps)
            steps.append(step)
    return plan._replace(steps=tuple(steps))


def _takes_factors(step: Step) -> bool:
    return isinstance(step.operation, TAKES_FACTORS)


def _with(step: Step, affine: Step) -> Step:
    assert isinstance(affine.operation, op.ChannelAffine)
    return step._replace(
        output=affine.output,
        nodes=(*step.nodes, *affine.nodes),
        folded=(*step.folded, Affine(affine.arrays, affine.operation.eps)),
    )
