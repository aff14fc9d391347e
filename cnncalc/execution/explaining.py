"""A program's pieces as a plan for people: what each computes, reads and makes, and where."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence

from cnncalc.execution.backend import Piece
from cnncalc.execution.operations import FLOAT_BYTES
from cnncalc.execution.plan import Plan, Step, Value
from cnncalc.report.execution_plan import ExecutionPlan, Place, PlanStep
from cnncalc.report.report import Report


def explained(plan: Plan, pieces: Sequence[Piece], report: Report) -> ExecutionPlan:
    """The plan that pieces carry out, in the names of the report's layers."""
    own = _steps_of(plan, pieces)
    makers = {step.output: number for number, steps in enumerate(own) for step in steps}
    names = {value: name for name, value in plan.inputs.items()}
    read = [_read(steps) for steps in own]
    planned = []
    for number, (piece, steps, values) in enumerate(zip(pieces, own, read, strict=True)):
        declared = all(map(plan.is_declared, piece.nodes))
        stored = piece.stored
        planned.append(
            PlanStep(
                number=number + 1,
                layers=tuple(report.rows[node].name for node in dict.fromkeys(piece.nodes)),
                algorithm="" if declared else piece.algorithm,
                how=piece.how,
                reads=tuple(sorted({makers[v] + 1 for v in values if v in makers})),
                inputs=tuple(names[v] for v in values if v in names),
                place=stored and Place(stored.offset, stored.bytes, stored.until + 1),
                tried=piece.choice.seconds if piece.choice else {},
                measured=piece.choice.measured if piece.choice else "",
                numbers=FLOAT_BYTES * report.batch * plan.values[steps[-1].output].size,
            )
        )
    return ExecutionPlan(tuple(planned))


def _steps_of(plan: Plan, pieces: Sequence[Piece]) -> list[list[Step]]:
    """The plan's steps that each piece carries out, in the plan's order.

    A layer may take two steps, as a separable convolution does: these are in one piece, or in two
    in the same order.
    """
    places: dict[int, deque[int]] = defaultdict(deque)
    for number, piece in enumerate(pieces):
        for node in dict.fromkeys(piece.nodes):
            places[node].append(number)
    own: list[list[Step]] = [[] for _ in pieces]
    for step in plan.steps:
        among = places[step.nodes[0]]
        own[among.popleft() if len(among) > 1 else among[0]].append(step)
    assert all(own), "a piece does something"
    return own


def _read(steps: Sequence[Step]) -> list[Value]:
    """What steps take from elsewhere."""
    made = {step.output for step in steps}
    return list(dict.fromkeys(v for step in steps for v in step.inputs if v not in made))
