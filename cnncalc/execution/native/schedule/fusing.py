"""Steps that one kernel does together: a sum of two volumes and a function of every number, right
where the numbers are made."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.execution import operations as op
from cnncalc.execution.native.schedule.trimming import Taps, trimmed
from cnncalc.execution.operations import Elementwise, Merging
from cnncalc.execution.plan import Plan, Step, Value

TAKES_FUNCTION = (
    op.Convolution,
    op.Product,
    op.TransposedConvolution,
    op.TableConvolution,
    op.UnsharedConvolution,
    op.ChannelAffine,
    op.Standardization,
    op.WindowPool,
    op.SpanPool,
    op.Merge,
)
"""Operations whose kernels can apply a function to what they store."""
TAKES_SUMMAND = (
    op.Convolution,
    op.Product,
    op.TransposedConvolution,
    op.TableConvolution,
    op.UnsharedConvolution,
)
"""Operations whose kernels can add another volume to what they store."""


class Job(NamedTuple):
    """A step, the value `other` that is added to what it makes, and the function applied to that;
    with `other_last` the function comes first. `nodes` are all layers done in it.

    Jobs `before` it are done together with it, some rows at a time: nobody else reads what they
    make, and it is nowhere as a whole.
    """

    step: Step
    output: Value
    nodes: tuple[int, ...]
    other: Value | None = None
    function: Elementwise | None = None
    other_last: bool = False
    before: tuple[Job, ...] = ()
    taps: Taps = ()
    """Of a convolution, those that its operation has kept of its weights."""

    @property
    def stages(self) -> tuple[Job, ...]:
        """All that is done in it, in order."""
        return (*self.before, self)

    @property
    def inputs(self) -> tuple[Value, ...]:
        """What it reads beside `other`."""
        return self.stages[0].step.inputs


def fused(plan: Plan) -> list[Job]:
    """The jobs of a plan, in an order in which values are made before they are read."""
    return _Fusing(plan).jobs


class _Fusing:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.jobs: list[Job] = []
        self._makers: dict[Value, int] = {}
        self._readers = plan.readers()
        self._outputs = set(plan.outputs.values())
        for step in plan.steps:
            if not (self._as_name(step) or self._as_function(step) or self._as_summand(step)):
                self._makers[step.output] = len(self.jobs)
                self.jobs.append(self._job(step))

    def _job(self, step: Step) -> Job:
        job = Job(step, step.output, step.nodes)
        if not isinstance(step.operation, op.Convolution):
            return job
        read, made = self.plan.values[step.inputs[0]], self.plan.values[step.output]
        o, taps = trimmed(step.operation, read.spatial, made.spatial)
        return job._replace(step=step._replace(operation=o), taps=taps)

    def _only_for(self, value: Value) -> bool:
        """Whether one step alone sees a value."""
        return len(self._readers[value]) == 1 and value not in self._outputs

    def _as_name(self, step: Step) -> bool:
        """What passes its input on, such as dropout, is another name for what was made."""
        number = self._makers.get(step.inputs[0]) if isinstance(step.operation, op.Pass) else None
        if number is None or not self._only_for(step.inputs[0]):
            return False
        self._extend(number, step, self.jobs[number])
        return True

    def _as_function(self, step: Step) -> bool:
        if not isinstance(step.operation, Elementwise):
            return False
        number = self._makers.get(step.inputs[0])
        if number is None or not self._only_for(step.inputs[0]):
            return False
        job = self.jobs[number]
        free = job.function is None and not job.other_last
        if not free or not isinstance(job.step.operation, TAKES_FUNCTION):
            return False
        self._extend(number, step, job._replace(function=step.operation))
        return True

    def _as_summand(self, step: Step) -> bool:
        if step.operation != op.Merge(Merging.ADD) or len(step.inputs) != 2:
            return False
        volumes = {self.plan.values[value] for value in (*step.inputs, step.output)}
        if len(volumes) != 1:
            return False
        (earlier, first), (later, number) = sorted(
            ((value, self._makers.get(value, -1)) for value in step.inputs),
            key=lambda pair: pair[1],
        )
        if first == number or not self._only_for(later):
            return False
        job = self.jobs[number]
        if job.other is not None or not isinstance(job.step.operation, TAKES_SUMMAND):
            return False
        last = job.function is not None
        self._extend(number, step, job._replace(other=earlier, other_last=last))
        return True

    def _extend(self, number: int, step: Step, job: Job) -> None:
        nodes = (*job.nodes, *step.nodes)
        self.jobs[number] = job._replace(output=step.output, nodes=nodes)
        self._makers[step.output] = number
