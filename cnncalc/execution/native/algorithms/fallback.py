"""What has no kernels: done as the reference does it, on numbers taken out of their planes."""

from __future__ import annotations

import numpy as np

from cnncalc.execution import operations as op
from cnncalc.execution.native.making import Made, Making, PythonStep
from cnncalc.execution.native.moving import Mover
from cnncalc.execution.native.schedule.placing import Task
from cnncalc.execution.operations import Merging
from cnncalc.execution.reference.backend import WORK, Work
from cnncalc.execution.reference.contractions import Tally
from cnncalc.execution.weights import Array
from cnncalc.volume import Volume


def by_reference(making: Making, task: Task, arrays: dict[str, Array], out: Volume) -> Made:
    """The reference's own work on arrays (N, *volume)."""
    job = task.job
    assert job is not None
    takers = [Mover(making, value) for value in task.inputs]
    other = None if task.other is None else Mover(making, task.other)
    giver = Mover(making, task.output)

    def compute(operation: op.Operation, inputs: list[Array]) -> Array:
        learned = arrays if operation is job.step.operation else {}
        return WORK[type(operation)](Work(operation, inputs, learned, out, Tally()))

    def act() -> None:
        with np.errstate(all="ignore"):
            result = compute(job.step.operation, [taker.taken() for taker in takers])
            if other is not None and not job.other_last:
                result = compute(op.Merge(Merging.ADD), [result, other.taken()])
            if job.function is not None:
                result = compute(job.function, [result])
            if other is not None and job.other_last:
                result = compute(op.Merge(Merging.ADD), [result, other.taken()])
        giver.give(result)

    nothing = isinstance(job.step.operation, op.Declared)
    return Made([PythonStep(act)], "none" if nothing else "numpy", literal=False)
