"""What was executed held to what was inferred: volumes, and multiply-accumulates."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.execution.backend import Observed, Piece
from cnncalc.execution.plan import Plan
from cnncalc.execution.refusals import Disagreement


def check(plan: Plan, pieces: Sequence[Piece], observed: Sequence[Observed], batch: int) -> None:
    """Raises `Disagreement` where the volume a piece made is not the one inferred for its last
    layer, or where pieces that do what is counted, and no other, executed other than the
    multiply-accumulates counted for their layers."""
    _check_volumes(plan, pieces, observed, batch)
    _check_macs(plan, pieces, observed, batch)


def _check_volumes(
    plan: Plan, pieces: Sequence[Piece], observed: Sequence[Observed], batch: int
) -> None:
    nodes = plan.graph.nodes
    shapes: dict[int, tuple[int, ...]] = {}
    for piece, seen in zip(pieces, observed, strict=True):
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


def _check_macs(
    plan: Plan, pieces: Sequence[Piece], observed: Sequence[Observed], batch: int
) -> None:
    nodes = plan.graph.nodes
    for together, members in _by_layers(pieces):
        seen = [observed[number] for number in members]
        if not all(one.literal for one in seen):
            continue
        if any(map(plan.is_declared, together)):
            continue
        executed = sum(one.macs for one in seen)
        counted = sum(nodes[node].inferred.macs for node in together) * batch
        if executed != counted:
            named = [node for node in together if nodes[node].inferred.macs] or together
            names = ", ".join(nodes[node].name for node in named)
            raise Disagreement(
                f"{names} executed {executed:,} multiply-accumulates, not the {counted:,} that "
                "were counted"
            )


def _by_layers(pieces: Sequence[Piece]) -> list[tuple[list[int], list[int]]]:
    """Layers, and the pieces that compute them: those of a layer that takes several pieces stand
    together, with all other layers of these."""
    found: list[tuple[list[int], list[int]]] = []
    where: dict[int, tuple[list[int], list[int]]] = {}
    for number, piece in enumerate(pieces):
        # A later piece goes on with at most one layer of those before it.
        group = next((where[node] for node in piece.nodes if node in where), None)
        if group is None:
            group = ([], [])
            found.append(group)
        layers, members = group
        members.append(number)
        for node in piece.nodes:
            if node not in where:
                where[node] = group
                layers.append(node)
    return found


def _volume(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
