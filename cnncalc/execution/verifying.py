"""What a run made, held to what the reference makes of the same inputs in double precision."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cnncalc.execution import memory
from cnncalc.execution.backend import Schedule
from cnncalc.execution.reference.backend import Reference
from cnncalc.execution.refusals import Disagreement
from cnncalc.execution.weights import Array, Weights
from cnncalc.report.timing import Verified

LARGEST_ERROR = 1e-3
"""Of the largest number: float32 and Winograd's method stay far below it."""


def verified(
    schedule: Schedule, weights: Weights, inputs: Mapping[str, Array], made: Mapping[str, Array]
) -> tuple[Verified, ...]:
    """The error of every output. Raises `Refused` where there is too little memory for that,
    `Disagreement` where one is no error of rounding."""
    backend = Reference(np.float64)
    batch = len(next(iter(inputs.values())))
    own = backend.schedule(schedule.plan, batch, 1)
    memory.need(own.bytes, f"{schedule.plan.graph.document.name} for --verify")
    expected = backend.bind(own, weights, lambda _: None).run(inputs)
    found = tuple(_error(name, made[name], y) for name, y in expected.items())
    for one in found:
        if one.largest is not None and one.error > LARGEST_ERROR * max(one.largest, 1e-30):
            raise Disagreement(
                f"{one.output} is off by {one.error:.3g}, and its largest number is "
                f"{one.largest:.3g}, by the reference backend"
            )
    return found


def _error(name: str, made: Array, expected: Array) -> Verified:
    """By the numbers that are finite in the reference; where others are not, `largest` is None."""
    finite = np.isfinite(expected)
    with np.errstate(invalid="ignore"):
        apart = np.abs(made.astype(np.float64) - expected)[finite & np.isfinite(made)]
    error = float(apart.max(initial=0.0))
    if not finite.all():
        return Verified(name, error, None)
    largest = float(np.abs(expected).max(initial=0.0))
    return Verified(name, error if np.isfinite(made).all() else float("inf"), largest)
