"""Layers under the roofline: the bytes that each has to move at the least, and what follows."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.execution import operations as op
from cnncalc.execution.backend import Piece
from cnncalc.execution.operations import FLOAT_BYTES
from cnncalc.execution.plan import Plan, Step, Value
from cnncalc.report.report import Report
from cnncalc.report.roofline import Limits, roof, roofline


def under_the_roofline(report: Report, moved: dict[int, int], limits: Limits) -> Report:
    """A report with timings, every layer at its place; `moved` are `bytes_moved`."""
    assert report.run is not None
    rows = list(report.rows)
    placed = []
    for node, bytes in moved.items():
        time = rows[node].timing
        if time is not None and time.seconds is not None:
            place = roof(time.flops, bytes, limits)
            rows[node] = rows[node]._replace(timing=time._replace(roof=place))
            placed.append((place, time.seconds))
    return report._replace(
        rows=tuple(rows), run=report.run._replace(roofline=roofline(placed, limits))
    )


def bytes_moved(plan: Plan, pieces: Sequence[Piece], batch: int) -> dict[int, int]:
    """Bytes for the whole batch, by the layer that shows the time.

    Values that come from elsewhere, learned arrays, and values that are read elsewhere or are
    outputs of the network, each once. What stays between layers computed together does not count,
    nor what is only passed on or renamed. Norms that were folded away have no arrays of their
    own.
    """
    together: dict[int, set[int]] = {}
    for piece in pieces:
        together.setdefault(piece.nodes[0], set()).update(piece.nodes)
    readers = plan.readers()
    busy = {piece.nodes[0] for piece in pieces if not piece.view}
    moved = {}
    for lead, nodes in together.items():
        if lead not in busy:
            moved[lead] = 0
            continue
        own = {n: step for n, step in enumerate(plan.steps) if step.nodes[0] in nodes}
        leaving = {
            step.output
            for step in own.values()
            if step.output in plan.outputs.values()
            or any(number not in own for number in readers.get(step.output, ()))
        }
        values = _read_and_written(plan, list(own.values()), leaving)
        moved[lead] = FLOAT_BYTES * (_learned(plan, list(own.values())) + batch * values)
    return moved


def _read_and_written(plan: Plan, steps: Sequence[Step], leaving: set[Value]) -> int:
    """Elements for one image that steps read from elsewhere, and leave there."""
    same: dict[Value, Value] = {}
    made: set[Value] = set()
    read: dict[Value, int] = {}
    for step in steps:
        inputs = [same.get(value, value) for value in step.inputs]
        if _passes_on(step):
            same[step.output] = inputs[0]
            continue
        for value in inputs:
            if value not in made:
                read[value] = max(read.get(value, 0), _elements_read(plan, step, value))
        made.add(step.output)
    written = {same.get(value, value) for value in leaving} & made
    return sum(read.values()) + sum(plan.values[value].size for value in written)


def _passes_on(step: Step) -> bool:
    """Whether the output is the input, number by number in the same order."""
    match step.operation:
        case op.Pass():
            return True
        case op.Rearrangement(_, axes):
            return axes == tuple(range(len(axes)))
    return False


def _elements_read(plan: Plan, step: Step, value: Value) -> int:
    if isinstance(step.operation, op.Declared):
        return 0
    if isinstance(step.operation, op.Cut):
        return plan.values[step.output].size
    return plan.values[value].size


def _learned(plan: Plan, steps: Sequence[Step]) -> int:
    """Elements of the arrays that steps use."""
    names = {name for step in steps for name in step.arrays.values()}
    tensors = {
        (node, tensor.name): tensor.size
        for node in {name.node for name in names}
        for tensor in plan.graph.nodes[node].inferred.tensors
    }
    return sum(tensors[name] for name in names)
