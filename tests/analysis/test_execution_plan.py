"""Sums over the steps of a plan."""

from __future__ import annotations

from random import Random

from cnncalc.report.execution_plan import ExecutionPlan, Place, PlanStep
from tests.together import together


def step(number: int, layers: tuple[str, ...], place: Place | None = None) -> PlanStep:
    return PlanStep(number, layers, "direct", "", (), (), place, numbers=3)


@together("seed", range(30))
def test_bytes(seed: int) -> None:
    """Held to a set of all bytes."""
    random = Random(seed)
    places = [
        Place(random.randrange(40), random.randint(3, 20), 9) if random.random() < 0.8 else None
        for _ in range(random.randrange(8))
    ]
    plan = ExecutionPlan(tuple(step(n, (f"l{n}",), place) for n, place in enumerate(places, 1)))
    there = [place for place in places if place is not None]
    every = [byte for p in there for byte in range(p.offset, p.offset + p.bytes)]
    assert plan.apart_bytes == len(every)
    assert plan.shared_bytes == len(set(every))
    assert plan.padding_bytes == len(every) - 3 * len(there)
    assert plan.placed == len(there)


def test_layers() -> None:
    plan = ExecutionPlan(
        (step(1, ("a", "b", "c")), step(2, ("d",)), step(3, ("d", "e")), step(4, ("f",)))
    )
    assert plan.layers == 6
    assert plan.fused == 3, "b and c in a's step, e in d's; d has two steps of its own"
