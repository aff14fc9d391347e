"""misaligned-merge: branches that meet position by position, but look at different places.

Compared are the centres of what the positions read, averaged over the repeating pattern of an
upsampling, in pixels of the input. Branches that end with the same pixel are aligned as well where
the shorter one reaches as far in front of the input as after it: causal ones stand for their last
sample.

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
from collections.abc import Iterator, Sequence, Set
from fractions import Fraction
from functools import lru_cache
from itertools import islice, starmap
from typing import NamedTuple

from cnncalc.checks.lints.context import LintContext, in_words
from cnncalc.checks.lints.moves import Move, moves
from cnncalc.diagnostics import Diagnostic
from cnncalc.graph.graph import Graph, Node
from cnncalc.layers.base import axis_names
from cnncalc.reach import Ends, Reach
from cnncalc.report.receptive_field import (
    Field,
    ReceptiveField,
    of_input,
    reaches,
    receptive_fields,
)

CODE = "misaligned-merge"


class _Branch(NamedTuple):
    """Along one axis, in input pixels, at the middle of the merge: where a position is centred,
    the step from one position to the next, the coarsest grid that leaves the place in doubt, and
    the last pixel that is read.

    `faces_back` where positions reach as far in front of the input as after it.
    """

    centre: Fraction
    step: Fraction
    doubt: Fraction
    last: Fraction
    size: int
    faces_back: bool

    @property
    def place(self) -> tuple[Fraction, Fraction, Fraction]:
        """What branches that look at the same place have in common, however much they see."""
        return self.centre, self.step, self.doubt


MOST_TRIED = 16
"""Other crops and paddings that are tried for a network, each on the whole of it."""

MOST_LAYERS = 20_000
"""Layers that all tries together look at; one try there always is."""


class _Finding(NamedTuple):
    """A branch that lies apart from another, by their numbers, and how far behind it on each axis,
    in input pixels."""

    node: Node
    number: int
    usual: int
    shifts: tuple[Fraction, ...]
    message: str


def check(context: LintContext) -> Iterator[Diagnostic]:
    graph = context.graph
    if len(graph.inputs) > 1:
        return
    found = _findings(graph, [row.receptive_field for row in context.report.rows])
    helper = _Helper(context, found.keys())
    for finding in found.values():
        node = finding.node
        help = tuple(islice(helper.help(finding), 1))
        yield Diagnostic(CODE, finding.message, node.item.kind_key.span, node.name, help=help)


def _findings(graph: Graph, known: Sequence[ReceptiveField | None]) -> dict[int, _Finding]:
    """The first finding of every item, by the item's identity."""
    apart = [n for n, field in enumerate(known) if field is not None and not field.aligned]
    if not apart:
        return {}
    fields = reaches(graph)
    doubts = _doubts(graph, fields)
    found: dict[int, _Finding] = {}
    for index in apart:
        node = graph.nodes[index]
        if id(node.item) not in found and (finding := _finding(graph, node, fields, doubts)):
            found[id(node.item)] = finding
    return found


class _Helper:
    """Looks for other ends of a crop or a padding with which the branches of a finding meet, and
    all others that did."""

    def __init__(self, context: LintContext, reported: Set[int]) -> None:
        self.context = context
        self.reported = reported
        layers = max(len(context.graph.nodes), 1)
        self.left = max(min(MOST_TRIED, MOST_LAYERS // layers), 1)
        self.fields = reaches(context.graph) if reported else []

    def help(self, finding: _Finding) -> Iterator[str]:
        inputs = finding.node.inputs
        back = tuple(-shift for shift in finding.shifts)
        for branch, pixels in ((finding.number, back), (finding.usual, finding.shifts)):
            if self.left == 0:
                return
            for moved in moves(self.context.graph, self.fields, inputs[branch], pixels):
                if self.left == 0:
                    return
                self.left -= 1
                if self.mends(finding, moved):
                    named = f"{in_words(moved.options)} in {moved.node.name}"
                    yield f"with {named} they look at one place"

    def mends(self, finding: _Finding, moved: Move) -> bool:
        changed = self.context.changed(moved.node, moved.options)
        if changed is None:
            return False
        left = _findings(changed, receptive_fields(changed)).keys()
        return left <= self.reported - {id(finding.node.item)}


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
def _is_centred(reach: Reach) -> bool:
    """Whether a position is centred on the pixels that it stands for, as in a pool that is as wide
    as its stride. A layer that keeps the number of pixels may shift, but leaves no doubt, and nor
    does an upsampling that is whole positions off: a crop mends that."""
    off = reach.offset - (reach.stride - 1) / 2
    return reach.stride == 1 or off == 0 or (reach.stride < 1 and (off / reach.stride) % 1 == 0)


@lru_cache(maxsize=1024)
def _last(reach: Reach) -> Fraction:
    """The last pixel that position 0 would read if all positions were equally far apart."""
    lasts = (Fraction(high) - o * reach.stride for o, high in enumerate(reach.highs))
    return sum(lasts, Fraction(0)) / reach.period


def _finding(graph: Graph, node: Node, fields: list[Field], doubts: _Doubts) -> _Finding | None:
    """What is wrong with the branch that lies farthest off, or None."""
    spatial = node.inferred.output.spatial
    axes = [_branches(graph, node, axis, width, fields, doubts)
            for axis, width in enumerate(spatial)]  # fmt: skip
    branches = list(zip(*axes, strict=True))
    first = _usual(branches)
    worst, finding = Fraction(0), None
    for number, branch in enumerate(branches):
        pairs = list(zip(branches[first], branch, spatial, strict=True))
        size = max(starmap(_excess, pairs))
        if size > worst:
            names = [f"branch {n + 1} ({graph.point_name(node.inputs[n])})"
                     for n in (number, first)]  # fmt: skip
            shifts = tuple(_shift(a, b) for a, b, _ in pairs)
            message = _words(names[0], names[1], pairs)
            worst, finding = size, _Finding(node, number, first, shifts, message)
    return finding


def _usual(branches: list[tuple[_Branch, ...]]) -> int:
    """The first of the branches that look where most do, or end where most do."""
    places = [tuple(axis.place for axis in branch) for branch in branches]
    place, number = Counter(places).most_common(1)[0]
    if number > 1:
        return places.index(place)
    lasts = [tuple(axis.last for axis in branch) for branch in branches]
    return lasts.index(Counter(lasts).most_common(1)[0][0])


def _branches(
    graph: Graph, node: Node, axis: int, width: int, fields: list[Field], doubts: _Doubts
) -> list[_Branch]:
    branches = []
    for point in node.inputs:
        field = fields[point] if point >= 0 else of_input(graph.volume(point))
        assert field is not None
        reach = field[axis]
        middle = reach.stride * (width - 1) / 2
        doubt = doubts[point][axis] if point >= 0 else Fraction(0)
        (volume,) = graph.inputs.values()
        branches.append(
            _Branch(
                reach.offset + middle,
                reach.stride,
                max(doubt, reach.stride),
                _last(reach) + middle,
                reach.size,
                Ends(volume.spatial[axis], width).faces_back(reach),
            )
        )
    return branches


def _excess(a: _Branch, b: _Branch, width: int) -> Fraction:
    """How far the branches lie apart in half steps of doubt, 0 where it is no more than one."""
    doubt = max(a.doubt, b.doubt)
    shift, drift = abs(_shift(a, b)), abs(a.step - b.step) * (width - 1) / 2
    if 2 * shift > doubt or drift > doubt:
        return max(2 * shift, drift) / doubt
    return Fraction(0)


def _shift(a: _Branch, b: _Branch) -> Fraction:
    """How far b looks after a: by their centres, or by their last pixels where these meet and the
    shorter branch faces back."""
    centres, lasts = b.centre - a.centre, b.last - a.last
    shorter = min(a, b, key=lambda branch: branch.size)
    together = 2 * abs(lasts) <= max(a.doubt, b.doubt)
    return min(centres, lasts, key=abs) if shorter.faces_back and together else centres


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
        if 2 * abs(_shift(a, b)) > max(a.doubt, b.doubt):
            shifts.setdefault(_shift(a, b), []).append(axis)
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
