"""The sizes of one input axis with which a network fits, exactly or rounded down.

The closed form comes from `congruence`; how small a size may be is found by running the network at
single sizes, and every answer about a single size comes from building it. Where there is no closed
form the sizes are tried one by one, and the answer says how far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from cnncalc.geometry import Rounding
from cnncalc.graph.builder import build
from cnncalc.graph.graph import Graph
from cnncalc.graph.overrides import Overrides, everywhere
from cnncalc.language.model import Document
from cnncalc.sizes.complete_graph import reads_size
from cnncalc.sizes.congruence import Undetermined, solve
from cnncalc.sizes.reinfer import Axis, Replay
from cnncalc.sizes.residues import NOTHING, Residues
from cnncalc.volume import LARGEST_NUMBER, NoVolume

LEAST_SEARCHED = 512
"""Sizes that are tried one by one where there is no closed form; up to twice the given one."""

MOST_SEARCHED = 4096

SEARCH_BUDGET = 150_000
"""Layers that may be built or inferred in one such search."""


class Sizes(NamedTuple):
    """The sizes of an axis that fit, in pixels.

    Every size from `first` on whose remainder by `period` is in `residues`, and the `isolated`
    ones. Where `searched` is a number there was no closed form, for the reason `why`, and
    `isolated` are all that fit up to it.
    """

    period: int = 1
    residues: tuple[int, ...] = ()
    first: int | None = None
    isolated: tuple[int, ...] = ()
    searched: int | None = None
    why: str | None = None

    def __contains__(self, size: object) -> bool:
        if not isinstance(size, int):
            return False
        repeats = self.first is not None and size >= self.first
        return (repeats and size % self.period in self.residues) or size in self.isolated

    @property
    def smallest(self) -> int | None:
        """The smallest size that fits."""
        return min((*self.isolated, *([] if self.first is None else [self.first])), default=None)

    @property
    def step(self) -> int | None:
        """The pixels from one size that fits to the next, where that is always the same."""
        return self.period if self.first is not None and len(self.residues) == 1 else None

    def below(self, size: int) -> int | None:
        """The largest size below `size` that fits."""
        found = [n for n in self.isolated if n < size]
        if self.first is not None and size > self.first:
            repeating = Residues(self.period, self.residues)
            found.append(repeating.member(repeating.rank_of(size) - 1))
        return max(found, default=None)

    def above(self, size: int) -> int | None:
        """The smallest size above `size` that fits; None where none is below 2**63."""
        found = [n for n in self.isolated if n > size]
        if self.first is not None:
            repeating = Residues(self.period, self.residues)
            found.append(repeating.member(repeating.rank_of(max(size + 1, self.first))))
        return min((n for n in found if n <= LARGEST_NUMBER), default=None)


def axes_of(graph: Graph) -> Iterator[Axis]:
    """Every spatial axis; inputs of equal spatial axes have theirs together."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for number, volume in enumerate(graph.inputs.values()):
        groups.setdefault(volume.spatial, []).append(number)
    for spatial, numbers in groups.items():
        for index in range(len(spatial)):
            yield Axis(tuple(numbers), index)


class _OtherNetwork(Undetermined):
    """Another size may make another network, so that each has to be built."""


class Question:
    """The sizes of one axis of one network."""

    def __init__(
        self, document: Document, overrides: Overrides, graph: Graph, axis: Axis, strict: bool
    ) -> None:
        self.document = document
        self.overrides = overrides
        self.graph = graph
        self.axis = axis
        self.strict = strict

    def sizes(self, rounding: Rounding, given: int) -> Sizes:
        """The sizes that fit with a rounding along the axis."""
        replay = self.replay(rounding)
        try:
            return self.closed_form(replay, rounding, given)
        except Undetermined as undetermined:
            limit = min(max(LEAST_SEARCHED, 2 * given), MOST_SEARCHED)
            has_to_be_built = isinstance(undetermined, _OtherNetwork)
            fits = partial(self.builds, rounding) if has_to_be_built else replay.fits
            return self.searched(fits, limit, str(undetermined))

    def replay(self, rounding: Rounding) -> Replay:
        """The network run again along the axis."""
        return Replay(self.graph, self.axis, rounding, strict=self.is_strict(rounding))

    def is_strict(self, rounding: Rounding) -> bool:
        return self.strict and rounding is Rounding.EXACT

    def closed_form(self, replay: Replay, rounding: Rounding, given: int) -> Sizes:
        """The sizes that fit, held to networks built near the given size. Raises `Undetermined`."""
        reader = reads_size(self.graph, replay)
        if reader is not None:
            why = f"the expression at {reader} reads the size, which may make another network"
            raise _OtherNetwork(why)
        found = closed(replay, solve(replay))
        near = {given, found.smallest, found.below(given), found.above(given)}
        if any(n is not None and self.builds(rounding, n) != (n in found) for n in near):
            raise _OtherNetwork("sizes that were built contradict the closed form")
        return found

    def builds(self, rounding: Rounding, size: int) -> bool:
        """Whether the network has no faults when it is built at a size."""
        try:
            inputs = self.axis.moved(self.graph.inputs, size)
        except NoVolume:
            return False
        overrides = self.overrides._replace(
            inputs=inputs, rounding=everywhere(Rounding.FLOOR), stop_at_first_error=True
        )
        graph = build(self.document, overrides)
        return graph.complete and self._fits(graph, rounding, size)

    def _fits(self, graph: Graph, rounding: Rounding, size: int) -> bool:
        return Replay(graph, self.axis, rounding, strict=self.is_strict(rounding)).fits(size)

    def searched(self, fits: Callable[[int], bool], limit: int, why: str) -> Sizes:
        """The sizes up to a limit, one by one, as far as the budget reaches."""
        limit = max(min(limit, SEARCH_BUDGET // (len(self.graph.nodes) + 20)), 1)
        found = tuple(size for size in range(1, limit + 1) if fits(size))
        return Sizes(isolated=found, searched=limit, why=why)


def closed(replay: Replay, residues: Residues) -> Sizes:
    """Sizes in closed form from their classes: which is the smallest that is not too small.

    Every length grows with the size, so if one size of the classes fits, all larger ones do.
    """
    first = _first(residues, replay.fits)
    isolated = (n for n in residues.isolated if n >= 1 and replay.fits(n))
    alone = tuple(
        sorted(n for n in isolated if first is None or n < first or not residues.repeats(n))
    )
    if first is None:
        residues = NOTHING
    return Sizes(residues.period, residues.residues, first, alone)


def _first(residues: Residues, fits: Callable[[int], bool]) -> int | None:
    """The smallest of the repeating sizes that fits, by doubling and halving."""
    if not residues.residues:
        return None
    low, high = -1, 1
    while not fits(residues.member(high)):
        low, high = high, 2 * high
        if residues.member(high) > LARGEST_NUMBER:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(residues.member(middle)) else (middle, high)
    return residues.member(high)
