"""misaligned-merge: branches that meet position by position, but look at different places.

Compared are the centres of what the positions read, averaged over the repeating pattern of an
upsampling, in pixels of the input.

Some of the difference is inevitable. A 3x3 window at stride 2 with padding 1 is centred half a
pixel beside the two pixels that it stands for, and upsampling brings that half step back enlarged.
So branches are reported that lie more than half a step apart, where a neighbouring position would
fit better: a step of the merge itself or, after a strided or transposed window that is not centred
on its own pixels, a step of that coarser grid. So are branches whose steps differ so much that they
drift apart by more than that towards the borders.

Not checked where there is no receptive field, and in networks of several inputs, whose pixels need
not correspond.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import starmap
from typing import NamedTuple

from cnncalc.checks.lints.context import LintContext
from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Graph, Node
from cnncalc.layers.base import axis_names
from cnncalc.reach import Reach
from cnncalc.report.receptive_field import Field, of_input, reaches

CODE = "misaligned-merge"


class _Branch(NamedTuple):
    """Along one axis, in input pixels: the centre at the middle of the merge, the step from one
    position to the next, and the coarsest grid that leaves the place in doubt."""

    centre: Fraction
    step: Fraction
    doubt: Fraction


def check(context: LintContext) -> Iterator[Diagnostic]:
    graph = context.graph
    apart = [
        index
        for index, row in enumerate(context.report.rows)
        if row.receptive_field is not None and not row.receptive_field.aligned
    ]
    if not apart or len(graph.inputs) > 1:
        return
    fields = reaches(graph)
    doubts = _doubts(graph, fields)
    reported: set[int] = set()
    for index in apart:
        node = graph.nodes[index]
        if id(node.item) not in reported and (message := _sentence(graph, node, fields, doubts)):
            reported.add(id(node.item))
            yield Diagnostic(CODE, message, node.item.kind_key.span, node.name)


_Doubts = list[tuple[Fraction, ...]]


def _doubts(graph: Graph, fields: list[Field]) -> _Doubts:
    """For every node and axis, the coarsest step of a grid that is not centred on its pixels."""
    doubts: _Doubts = []
    for node, field in zip(graph.nodes, fields, strict=True):
        if field is None:
            doubts.append(())
            continue
        known = [doubts[point] if point >= 0 else (Fraction(0),) * len(field)
                 for point in node.inputs]  # fmt: skip
        worst = known[0] if len(known) == 1 else tuple(map(max, zip(*known, strict=True)))
        for axis, reach in enumerate(node.inferred.reach or ()):
            if not _is_centred(reach):
                step = max(field[axis].stride, field[axis].stride / reach.stride)
                worst = (*worst[:axis], max(worst[axis], step), *worst[axis + 1 :])
        doubts.append(worst)
    return doubts


@lru_cache(maxsize=1024)
def _offset(reach: Reach) -> Fraction:
    """Where position 0 would be centred if all positions were equally far apart."""
    ends = enumerate(zip(reach.lows, reach.highs, strict=True))
    centres = [Fraction(low + high, 2) - o * reach.stride for o, (low, high) in ends if low <= high]
    return sum(centres, Fraction(0)) / len(centres)


@lru_cache(maxsize=1024)
def _is_centred(reach: Reach) -> bool:
    """Whether a position is centred on the pixels that it stands for, as in a pool that is as wide
    as its stride. A layer that keeps the number of pixels may shift, but leaves no doubt."""
    return reach.stride == 1 or _offset(reach) == (reach.stride - 1) / 2


def _sentence(graph: Graph, node: Node, fields: list[Field], doubts: _Doubts) -> str | None:
    """What is wrong with the branch that lies farthest off, or None."""
    spatial = node.inferred.output.spatial
    axes = [_branches(graph, node, axis, width, fields, doubts)
            for axis, width in enumerate(spatial)]  # fmt: skip
    usual = Counter(zip(*axes, strict=True)).most_common(1)[0][0]
    first = list(zip(*axes, strict=True)).index(usual)
    worst, message = Fraction(0), None
    for number, branch in enumerate(zip(*axes, strict=True)):
        pairs = list(zip(usual, branch, spatial, strict=True))
        size = max(starmap(_excess, pairs))
        if size > worst:
            names = [f"branch {n + 1} ({graph.point_name(node.inputs[n])})"
                     for n in (number, first)]  # fmt: skip
            worst, message = size, _words(names[0], names[1], pairs)
    return message


def _branches(
    graph: Graph, node: Node, axis: int, width: int, fields: list[Field], doubts: _Doubts
) -> list[_Branch]:
    branches = []
    for point in node.inputs:
        field = fields[point] if point >= 0 else of_input(graph.volume(point))
        assert field is not None
        reach = field[axis]
        centre = _offset(reach) + reach.stride * (width - 1) / 2
        doubt = doubts[point][axis] if point >= 0 else Fraction(0)
        branches.append(_Branch(centre, reach.stride, max(doubt, reach.stride)))
    return branches


def _excess(a: _Branch, b: _Branch, width: int) -> Fraction:
    """How far the branches lie apart in half steps of doubt, 0 where it is no more than one."""
    doubt = max(a.doubt, b.doubt)
    shift, drift = abs(a.centre - b.centre), abs(a.step - b.step) * (width - 1) / 2
    if 2 * shift > doubt or drift > doubt:
        return max(2 * shift, drift) / doubt
    return Fraction(0)


def _words(name: str, other: str, pairs: list[tuple[_Branch, _Branch, int]]) -> str:
    names = axis_names(len(pairs))
    steps = [(n, a, b) for n, (a, b, width) in zip(names, pairs, strict=True)
             if abs(a.step - b.step) * (width - 1) / 2 > max(a.doubt, b.doubt)]  # fmt: skip
    if steps:
        _, a, b = steps[0]
        return (
            f"positions of {name} are {_pixels(b.step)} apart, those of {other} "
            f"{_decimal(a.step)}, in {' and '.join(n for n, _, _ in steps)}"
        )
    shifts: dict[Fraction, list[str]] = {}
    for axis, (a, b, _) in zip(names, pairs, strict=True):
        if 2 * abs(a.centre - b.centre) > max(a.doubt, b.doubt):
            shifts.setdefault(b.centre - a.centre, []).append(axis)
    parts = [
        f"{_pixels(abs(shift))} {'behind' if shift > 0 else 'in front of'} {other} "
        f"in {' and '.join(axes)}"
        for shift, axes in shifts.items()
    ]
    return f"{name} looks " + " and ".join(parts)


def _pixels(number: Fraction) -> str:
    return f"{_decimal(number)} input pixel{'s' if number != 1 else ''}"


def _decimal(number: Fraction) -> str:
    """3, 2.5, or a fraction that two decimals cannot say."""
    if (number * 100).denominator > 1:
        return str(number)
    return f"{float(number):.2f}".rstrip("0").rstrip(".")
