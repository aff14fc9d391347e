"""What each layer has of the measured times, and the FLOPs that were done in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cnncalc.execution.backend import Observed, Piece
from cnncalc.execution.plan import Plan
from cnncalc.execution.usage import Usage
from cnncalc.execution.weights import Array
from cnncalc.report.report import Report
from cnncalc.report.timing import LayerTime


class Measured(NamedTuple):
    """Every repetition: what it used as a whole, and the seconds of its pieces; what the last one
    made; the seconds of the very first run."""

    usages: list[Usage]
    pieces: list[list[float]]
    outputs: dict[str, Array]
    observed: tuple[Observed, ...]
    first: float

    @property
    def latencies(self) -> list[float]:
        """Seconds of every repetition."""
        return [usage.clock for usage in self.usages]


def executed_flops(plan: Plan, report: Report) -> int:
    """FLOPs counted for all that was executed: not for what was folded away or is declared."""
    leads = {node for step in plan.steps for node in step.nodes[:1]}
    return sum(_flops(plan, report, node) for node in leads)


def _flops(plan: Plan, report: Report, node: int) -> int:
    return 0 if plan.is_declared(node) else report.rows[node].flops


def layer_times(
    plan: Plan, pieces: Sequence[Piece], measured: Measured, report: Report, peak: float | None
) -> list[LayerTime]:
    """A time for every layer: those of the pieces that it leads, added up."""
    medians = np.median(np.array(measured.pieces), axis=0).tolist()
    idle = [all(map(plan.is_declared, piece.nodes)) for piece in pieces]
    whole = sum(took for took, none in zip(medians, idle, strict=True) if not none) or 1.0
    counted = {node for step in plan.steps for node in step.nodes[1:]}
    times = [LayerTime()] * len(report.rows)
    all_pieces = zip(pieces, medians, measured.observed, idle, strict=True)
    for piece, seconds, observed, none in all_pieces:
        lead, *others = piece.nodes
        for node in others:
            times[node] = LayerTime(computed_in=report.rows[lead].name)
        if none:
            continue
        before = times[lead]
        total = seconds + (before.seconds or 0.0)
        new = [node for node in piece.nodes if node not in counted]
        counted.update(new)
        flops = (before.flops or 0) + sum(_flops(plan, report, node) for node in new)
        rate = flops / total if flops and total else None
        times[lead] = LayerTime(
            algorithm=piece.algorithm,
            seconds=total,
            share=total / whole,
            flops_per_second=rate,
            of_peak=rate / peak if rate and peak else None,
            macs=observed.macs + (before.macs or 0),
            flops=flops,
        )
    return times
