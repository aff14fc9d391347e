"""What was executed held to what was inferred: volumes, and multiply-accumulates."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.execution.backend import Observed, Piece
from cnncalc.execution.plan import Plan
from cnncalc.execution.refusals import Disagreement


def check(
    plan: Plan, pieces: Sequence[Piece], observed: Sequence[Observed], batch: int, *, literal: bool
) -> None:
    """Raises `Disagreement` where the volume a piece made is not the one inferred for its last
    layer, or, with `literal`, where a layer executed other than the MACs counted for it."""
    nodes = plan.graph.nodes
    macs: dict[tuple[int, ...], int] = {}
    shapes: dict[int, tuple[int, ...]] = {}
    for piece, seen in zip(pieces, observed, strict=True):
        macs[piece.nodes[:1]] = macs.get(piece.nodes[:1], 0) + seen.macs
        # A layer in several pieces is there as a whole where the last of them ends.
        for node in piece.nodes:
            shapes.pop(node, None)
        shapes[piece.nodes[-1]] = seen.shape
    for node, shape in shapes.items():
        inferred = (batch, *nodes[node].inferred.output)
        if shape != inferred:
            raise Disagreement(
                f"{nodes[node].name} came out as {_volume(shape)}, not as {_volume(inferred)}, "
                "batch first, which was inferred"
            )
    for (node,), executed in macs.items():
        counted = nodes[node].inferred.macs * batch
        if literal and not nodes[node].inferred.declared and executed != counted:
            raise Disagreement(
                f"{nodes[node].name} executed {executed:,} multiply-accumulates, not the "
                f"{counted:,} that were counted"
            )


def _volume(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
