"""Changes to a file that make a given input size fit everywhere: `cnncalc fit --repair`, as data.

Tried are other paddings, kernels, strides and roundings of the layers a misfit follows from: sets
of one place in the file, then of two, then of three; a set is followed up only while each change
moves the first misfit further down. Axis by axis first, on the finished graph; what is returned was
then built as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import NamedTuple

from cnncalc.checks.places import OPTIONS, Number, Place, places_of
from cnncalc.checks.suggestions import BudgetExhausted
from cnncalc.geometry import Rounding, Window
from cnncalc.graph.builder import build
from cnncalc.graph.graph import Graph
from cnncalc.graph.overrides import Overrides, everywhere
from cnncalc.language.expressions import Value
from cnncalc.language.model import Document, LayerItem
from cnncalc.layers.base import Layer
from cnncalc.layers.options import shown
from cnncalc.sizes.complete_graph import complete_graph
from cnncalc.sizes.reinfer import OWN, Axis, Replay
from cnncalc.sizes.sizes import axes_of
from cnncalc.volume import Volume

FARTHEST = {"padding": 16, "kernel": 8, "stride": 3}
"""How many pixels an option is moved at most."""

MOST_PLACES = 3

BUDGET = 1_000_000
"""Work that may be done for one axis, some seconds: a layer run again is 1, or `UNSEEN` where it
was not seen at its volumes before."""

UNSEEN = 10

MOST_COMBINED = 40
"""Repairs of each axis that are put together with those of the others."""


class Change(NamedTuple):
    """Another value for one option of one item of the file, which is `times` layers.

    `layer` is the name of the first of them, `made` what it is; `old` and `new` are values as the
    file would say them.
    """

    item: LayerItem
    made: Layer
    layer: str
    times: int
    option: str
    old: Value
    new: Value

    def __str__(self) -> str:
        where = self.layer if self.times == 1 else f"{self.layer} ({self.times} layers)"
        old = "unset" if self.old is None else shown(self.old)
        return f"{where}: {self.option} {old} → {shown(self.new)}"


class Repair(NamedTuple):
    """Changes that together make the size fit everywhere. `pixels` is by how much paddings, kernels
    and strides move, all axes together."""

    changes: tuple[Change, ...]
    pixels: int

    @property
    def places(self) -> int:
        """Items of the file that change."""
        return len({id(change.item) for change in self.changes})

    @property
    def patches(self) -> dict[int | str, dict[str, Value]]:
        """The changes as overrides of a build."""
        patches: dict[int | str, dict[str, Value]] = {}
        for change in self.changes:
            patches.setdefault(id(change.item), {})[change.option] = change.new
        return patches


class Repairs(NamedTuple):
    """The repairs found, least first. `complete` is false where not all that was meant to be tried
    could be."""

    found: tuple[Repair, ...] = ()
    complete: bool = True


class _Step(NamedTuple):
    """One option of one place moved along the axis."""

    place: int
    option: str
    value: Number
    pixels: int
    upward: bool


_Steps = tuple[_Step, ...]


def repairs(
    document: Document, overrides: Overrides, *, strict: bool = False, most: int = 10
) -> Repairs:
    """The least repairs of a network that does not fit at its given size; none where it does."""
    graph = complete_graph(document, overrides)
    if not graph.complete:
        return Repairs()
    given = build(document, overrides._replace(rounding=everywhere(Rounding.FLOOR))).inputs
    places = [place for place in places_of(graph).values() if place.tunable]
    complete = True
    solutions: list[tuple[Axis, list[_Steps]]] = []
    for axis in axes_of(graph):
        size = given[list(graph.inputs)[axis.inputs[0]]].spatial[axis.position]
        replay = Replay(graph, axis, Rounding.EXACT, strict=strict)
        if replay.fits(size):
            continue
        search = _Search(replay, places, size, strict)
        solutions.append((axis, search.solutions()))
        complete = complete and search.complete
    found = []
    exact = overrides._replace(rounding=everywhere(Rounding.EXACT), stop_at_first_error=True)
    for repair in _combined(places, solutions):
        patched = build(document, exact._replace(patches=repair.patches))
        if patched.complete and not (strict and _rounds(patched)):
            found.append(repair)
            if len(found) == most:
                break
    return Repairs(tuple(found), complete)


def _rounds(graph: Graph) -> bool:
    return any(node.inferred.rounded is not None for node in graph.nodes)


# --- one axis ------------------------------------------------------------------------------------


class _Search:
    """Sets of changes that make one axis fit at a size."""

    def __init__(self, replay: Replay, places: list[Place], size: int, strict: bool) -> None:
        self.replay = replay
        self.places = places
        self.size = size
        self.strict = strict
        self.left = BUDGET
        self.complete = True
        self.found: dict[tuple[tuple[int, str, bool], ...], _Steps] = {}
        self.above: list[int] = []
        for index, node in enumerate(replay.graph.nodes):
            above = 1 << index
            for point in node.inputs:
                above |= self.above[point] if point >= 0 else 0
            self.above.append(above)

    def solutions(self) -> list[_Steps]:
        """The solutions of the fewest places, least change first."""
        try:
            outputs, failing = self.run({}, [], 0)
            assert failing is not None
            for places in range(1, MOST_PLACES + 1):
                self.extend((), {}, outputs, failing, places)
                if self.found:
                    break
        except BudgetExhausted:
            self.complete = False
        return sorted(self.found.values(), key=_cost)

    def extend(
        self, steps: _Steps, instead: dict[int, Layer], outputs: list[Volume], failing: int,
        places: int,
    ) -> None:  # fmt: skip
        """Follow up a set of changes after which `failing` is the first node that does not fit."""
        used = {step.place for step in steps}
        for number, place in enumerate(self.places):
            if number in used or not any(self.above[failing] >> i & 1 for i in place.indices):
                continue
            for step in self.steps(number, place):
                layers = place.changed({step.option: place.value(step.option, self.along(step))})
                if layers is None:
                    continue
                start = place.indices[0]
                then = {**instead, **layers}
                further, stop = self.run(then, outputs, start)
                if stop is None:
                    self.keep((*steps, step))
                elif places > 1 and stop > failing:
                    self.extend((*steps, step), then, further, stop, places - 1)

    def run(
        self, instead: Mapping[int, Layer], outputs: list[Volume], start: int
    ) -> tuple[list[Volume], int | None]:
        """Outputs up to the first node that does not fit, those before `start` being known."""
        before = self.replay.spent
        further, stop = self.replay.volumes_at(self.size, instead, outputs[:start])
        self.left -= len(further) + 1 - start + (UNSEEN - 1) * (self.replay.spent - before)
        if self.left < 0:
            raise BudgetExhausted
        return further, stop

    def keep(self, steps: _Steps) -> None:
        """Keep a solution if it is the least that moves the same options the same way."""
        key = tuple(sorted((step.place, step.option, step.upward) for step in steps))
        known = self.found.get(key)
        if known is None or _cost(steps) < _cost(known):
            self.found[key] = steps

    # --- changes ---------------------------------------------------------------------------------

    def along(self, step: _Step) -> dict[int, Number]:
        """The step's value on the axis of its place that follows from the axis looked at."""
        return dict.fromkeys(self.positions(self.places[step.place]), step.value)

    def positions(self, place: Place) -> list[int]:
        sway = self.replay.sway(self.replay.graph.nodes[place.indices[0]].inputs[0])
        return [position for position, by in enumerate(sway[:-1]) if by & OWN]

    def steps(self, number: int, place: Place) -> Iterator[_Step]:
        """Every change to one option of a place along the axis."""
        positions = self.positions(place)
        if not positions:
            return
        windows = self.replay.graph.nodes[place.indices[0]].inferred.windows
        for option, numbers in place.options.items():
            if option == "rounding":
                if not self.strict:
                    for rounding in (Rounding.FLOOR, Rounding.CEIL):
                        if rounding is not numbers[0]:
                            yield _Step(number, option, rounding, 0, rounding is Rounding.CEIL)
                continue
            old = numbers[positions[0]]
            window = windows[positions[0]] if windows else None
            for amount in range(1, FARTHEST[option] + 1):
                for signed in (-amount, amount):
                    value = _moved(old, signed, window)
                    if value is not None:
                        yield _Step(number, option, value, amount, signed > 0)


def _moved(old: Number, by: int, window: Window | None) -> Number | None:
    """A value moved by so many pixels; None where it would make no sense."""
    if isinstance(old, tuple):
        total = sum(old) + by
        after = total - total // 2
        # A window that lies in padding alone reads nothing.
        return (total // 2, after) if total >= 0 and (window is None or after < window.effective) \
            else None  # fmt: skip
    assert isinstance(old, int)
    return old + by if old + by >= 1 else None


def _cost(steps: _Steps) -> tuple[object, ...]:
    """Fewest places, then what is least to change, then fewest pixels, then file order."""
    kinds = sorted((OPTIONS.index(step.option) for step in steps), reverse=True)
    pixels = sum(step.pixels for step in steps)
    return len({step.place for step in steps}), kinds, pixels, [step.place for step in steps]


# --- all axes ------------------------------------------------------------------------------------


def _combined(places: list[Place], solutions: list[tuple[Axis, list[_Steps]]]) -> Iterator[Repair]:
    """Solutions of all axes put together, least change first."""
    if not solutions or not all(found for _, found in solutions):
        return
    each = MOST_COMBINED if len(solutions) < 3 else MOST_COMBINED // 4
    lists = [found for _, found in solutions]
    alike = all(found == lists[0] for found in lists[1:])
    choices = zip(*lists, strict=True) if alike else product(*(islice(f, each) for f in lists))
    together = []
    for choice in choices:
        merged: dict[tuple[int, str], dict[int, Number]] = {}
        for (axis, _), steps in zip(solutions, choice, strict=True):
            for step in steps:
                merged.setdefault((step.place, step.option), {})[axis.position] = step.value
        rounding = [set(v.values()) for (_, option), v in merged.items() if option == "rounding"]
        if any(len(values) > 1 for values in rounding):
            continue
        together.append((merged, tuple(step for steps in choice for step in steps)))
    together.sort(key=lambda entry: (len(entry[0]), _cost(entry[1])))
    known = set()
    for merged, steps in together:
        # Of repairs that change the same options, one up and one down will do.
        key = (*merged, all(step.upward for step in steps), any(step.upward for step in steps))
        if key not in known:
            known.add(key)
            yield _repair(places, merged, sum(step.pixels for step in steps))


def _repair(
    places: list[Place], merged: dict[tuple[int, str], dict[int, Number]], pixels: int
) -> Repair:
    changes = []
    for (number, option), moved in sorted(merged.items(), key=lambda entry: entry[0]):
        place = places[number]
        name = place.graph.nodes[place.indices[0]].name
        old = None
        if option == "rounding":
            old = getattr(place.layer, "rounding", None)
        else:
            old = place.value(option, {})
        new = place.value(option, moved)
        old = str(old) if isinstance(old, Rounding) else old
        changes.append(Change(place.item, place.layer, name, len(place.indices), option, old, new))
    return Repair(tuple(changes), pixels)
