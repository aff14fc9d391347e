"""Which sizes of one input axis a network takes, in closed form, by congruences.

Sizes are classes W = r + m·t. Every length in the network is a straight line in t; a layer whose
step does not divide the line's slope splits the class, and the parts it refuses fall away; where
branches meet, their lines must be the same. Layers infer their outputs at large sizes, and their
reach says how often the answer repeats. `fit` finds how small a size may be.

A class is split only where a layer needs it, and parts that go on alike are followed once. Trying
all remainders by the least common multiple of the effective strides would prove the same, but 30
strides of 2 have 2^30 of them.

Every layer's output length is ⌊(W + a)/S⌋ + b, a multiple of W, or fixed: what holds for S large
sizes in a row holds for all. The tests compare the result with every size tried one by one.
"""

from __future__ import annotations

from itertools import combinations
from math import gcd, lcm
from typing import NamedTuple

from cnncalc.diagnostics import RuleError
from cnncalc.geometry import Rounding
from cnncalc.graph.graph import ValueRef
from cnncalc.layers.base import Inferred
from cnncalc.sizes.reinfer import Replay
from cnncalc.sizes.residues import EVERYTHING, NOTHING, Residues, TooMany, woven
from cnncalc.volume import NoVolume, Volume

MOST_INFERENCES = 50_000
MOST_VISITS = 500_000
"""Bounds on the work, beside what every layer costs once: a second or two."""

DEEPEST = 150
"""Splits inside one another."""

LONGEST_STEP = 4096
"""Beyond so many pixels from window to window a layer is not followed."""

LARGE = 2**20
"""Lengths, in pixels, at which layers are asked: beyond any kernel."""

Line = tuple[int, int]
"""Slope and value at t = 0."""

Shape = tuple[Line, ...]
"""A volume whose lengths move with t."""

Live = dict[ValueRef, Shape]


class Undetermined(Exception):
    """No closed form was found; the argument says why."""


class _Passed(NamedTuple):
    """What comes out of a layer: for t = step·u + i the shape `parts[i]` in u; `isolated` are
    further t, outside all parts, at which the layer may be passed."""

    step: int
    parts: dict[int, Shape]
    isolated: frozenset[int] = frozenset()


def solve(replay: Replay) -> Residues:
    """The sizes that fit if they are large enough; isolated ones are candidates, to be tried.

    Raises `Undetermined`.
    """
    try:
        return _Solver(replay).solve()
    except TooMany:
        raise Undetermined("the sizes fall into too many classes") from None
    except NoVolume:
        raise Undetermined("the classes of sizes leave the range of numbers") from None


class _Solver:
    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.nodes = replay.graph.nodes
        self.visits = 0
        self.passed: dict[tuple[object, ...], _Passed] = {}
        self.solved: dict[tuple[object, ...], Residues] = {}
        self.last_use: dict[ValueRef, int] = {}
        for index, node in enumerate(self.nodes):
            self.last_use[index] = index
            self.last_use.update(dict.fromkeys(node.inputs, index))

    def solve(self) -> Residues:
        live: Live = {}
        for number, volume in enumerate(self.replay.graph.inputs.values()):
            lines = [(0, length) for length in volume]
            if number in self.replay.axis.inputs:
                lines[self.replay.axis.position] = (1, 0)
            live[-1 - number] = tuple(lines)
        return self.from_node(0, live, 0)

    def from_node(self, start: int, live: Live, depth: int) -> Residues:
        """The t with which all nodes from `start` on fit."""
        scale, shift = 1, 0
        isolated: set[int] = set()
        rest = EVERYTHING
        for index in range(start, len(self.nodes)):
            self.count()
            passed = self.through(index, tuple(live[p] for p in self.nodes[index].inputs))
            isolated.update(scale * t + shift for t in passed.isolated)
            if len(passed.parts) != 1:
                rest = self.parted(index, live, passed, depth)
                break
            ((place, shape),) = passed.parts.items()
            if passed.step > 1:
                live = {p: _narrowed(s, passed.step, place) for p, s in live.items()}
                scale, shift = scale * passed.step, scale * place + shift
            live[index] = shape
            self.drop(live, index)
        found = woven({shift: rest}, scale)
        return found._replace(isolated=found.isolated | isolated)

    def parted(self, index: int, live: Live, passed: _Passed, depth: int) -> Residues:
        """The t with which all nodes after `index` fit, part by part."""
        if depth > DEEPEST:
            raise Undetermined(f"classes of sizes split more than {DEEPEST} times")
        found: dict[int, Residues] = {}
        for place, shape in passed.parts.items():
            inner = {p: _narrowed(s, passed.step, place) for p, s in live.items()}
            inner[index] = shape
            self.drop(inner, index)
            found[place] = self.remembered(index + 1, inner, depth + 1)
        return woven(found, passed.step) if found else NOTHING

    def remembered(self, start: int, live: Live, depth: int) -> Residues:
        """`from_node`, once for classes that differ in nothing but where t starts counting."""
        slope, value = next((line for shape in live.values() for line in shape if line[0]), (1, 0))
        back = value // slope
        moved = {p: tuple((s, v - s * back) for s, v in shape) for p, shape in live.items()}
        key = (start, *sorted(moved.items()))
        if key not in self.solved:
            self.solved[key] = self.from_node(start, moved, depth)
        return self.solved[key].shifted(-back)

    def drop(self, live: Live, index: int) -> None:
        """Forget the volumes that nothing after a node reads."""
        for point in (index, *self.nodes[index].inputs):
            if self.last_use[point] <= index:
                live.pop(point, None)

    def count(self) -> None:
        self.visits += 1
        once = 10 * len(self.nodes)
        if self.visits > MOST_VISITS + once or self.replay.spent > MOST_INFERENCES + once:
            raise Undetermined("the network is too large to follow every class of sizes")

    # --- one layer -----------------------------------------------------------------------------

    def through(self, index: int, shapes: tuple[Shape, ...]) -> _Passed:
        """What a node makes of shapes, each class of t by itself."""
        key = (id(self.nodes[index].layer), self.replay.rule(index), shapes)
        if key not in self.passed:
            if not any(slope for shape in shapes for slope, _ in shape):
                inferred = self.replay.infer(index, _at(shapes, 0))
                self.passed[key] = _Passed(1, {0: _fixed(inferred)} if inferred else {})
            elif len(shapes) > 1:
                self.passed[key] = self.joined(index, shapes)
            else:
                self.passed[key] = self.sifted(index, shapes)
        return self.passed[key]

    def joined(self, index: int, shapes: tuple[Shape, ...]) -> _Passed:
        """A merge: lines that are the same, or single t where lines cross or one of them is 1."""
        shape = self.line(index, shapes, 1, 0, _far(shapes, LARGE))
        if shape is not None:
            return _Passed(1, {0: shape})
        isolated: set[int] = set()
        for first, second in combinations(shapes, 2):
            for (s1, v1), (s2, v2) in zip(first, second, strict=False):
                if (s1, v1) != (s2, v2):
                    isolated.update(_roots(s1 - s2, v1 - v2), _roots(s1, v1 - 1))
                    isolated.update(_roots(s2, v2 - 1))
        return _Passed(1, {}, frozenset(isolated))

    def sifted(self, index: int, shapes: tuple[Shape, ...]) -> _Passed:
        """A layer with one input: the parts of the class that it takes."""
        for length in (LARGE, LARGE**2):
            far = _far(shapes, length)
            step = self.step(index, shapes, far)
            if step is None:
                continue
            parts = {}
            for place in range(step):
                shape = self.line(index, shapes, step, place, -(-far // step))
                if shape is not None:
                    parts[place] = shape
            return _Passed(step, parts)
        name = self.nodes[index].name
        raise Undetermined(f"{name} takes no large sizes, or not in a pattern that is known here")

    def line(
        self, index: int, shapes: tuple[Shape, ...], step: int, place: int, turn: int
    ) -> Shape | None:
        """The output for t = step·u + place as lines in u, found at three u; None where it fails.

        Raises `Undetermined` where it is no line, or fails at some u only.
        """
        turns = (turn, turn + 1, turn + 5)
        found = [self.replay.infer(index, _at(shapes, step * u + place)) for u in turns]
        outputs = [inferred.output for inferred in found if inferred is not None]
        if not outputs:
            return None
        name = self.nodes[index].name
        if len(outputs) < len(turns) or len({len(output) for output in outputs}) > 1:
            raise Undetermined(f"{name} takes large sizes in a pattern that is not known here")
        lines = []
        for first, second, last in zip(*outputs, strict=True):
            slope = second - first
            if last - first != 5 * slope:
                raise Undetermined(f"{name} makes of large sizes what is not known here")
            lines.append((slope, first - slope * turn))
        return tuple(lines)

    def step(self, index: int, shapes: tuple[Shape, ...], far: int) -> int | None:
        """How many t in a row stand for all; None where the layer takes nothing near `far`."""
        layer = self.nodes[index].layer
        (shape,) = shapes
        moving = [position for position, (slope, _) in enumerate(shape) if slope]

        def tried(volume: Volume) -> Inferred | None:
            try:
                return layer.infer((volume,), (Rounding.FLOOR,) * 3)
            except (RuleError, NoVolume):
                return None

        volume = _at(shapes, far)[0]
        inferred = tried(volume)
        if inferred is None and len(moving) == 1:
            # What never rounds is asked pixel by pixel.
            (at,) = moving
            for more in range(1, LONGEST_STEP):
                near = Volume((*volume[:at], volume[at] + more, *volume[at + 1 :]))
                if (inferred := tried(near)) is not None:
                    volume = near
                    break
        if inferred is None:
            return None
        if not inferred.reach:
            return 1
        step = 1
        for position in moving:
            if position < len(inferred.reach):
                advance = inferred.reach[position].advance
                step = lcm(step, advance // gcd(advance, shape[position][0]))
        if step == 1:
            return 1
        turns = min(step, LONGEST_STEP)
        further = tried(Volume(w + turns * s for w, (s, _) in zip(volume, shape, strict=True)))
        if further is None or further.reach != inferred.reach:
            # Resizing to a fixed length reads another stretch at every size.
            return 1
        if step > LONGEST_STEP:
            raise Undetermined(f"{self.nodes[index].name} moves too far from window to window")
        return step


def _at(shapes: tuple[Shape, ...], t: int) -> tuple[Volume, ...]:
    return tuple(Volume(slope * t + value for slope, value in shape) for shape in shapes)


def _fixed(inferred: Inferred) -> Shape:
    return tuple((0, length) for length in inferred.output)


def _narrowed(shape: Shape, step: int, place: int) -> Shape:
    """The same lengths for t = step·u + place, as lines in u."""
    return tuple((slope * step, value + slope * place) for slope, value in shape)


def _far(shapes: tuple[Shape, ...], length: int) -> int:
    """A t at which every moving line has at least so many pixels."""
    return max(
        -(-(length - value) // slope) for shape in shapes for slope, value in shape if slope > 0
    )


def _roots(slope: int, value: int) -> tuple[int, ...]:
    """The t with slope·t + value = 0."""
    return (-value // slope,) if slope and value % slope == 0 else ()
