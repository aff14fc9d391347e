"""Help for volumes that do not fit: every change proposed was run through the whole network.

A search goes through places, options and nearby values: the input's sizes, what the layer that
failed may say instead (see `Layer.nearby_options`), its rounding. Each is tried by building the
network again, and of each option the nearest value that helps in each direction is proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, starmap
from typing import NamedTuple

from cnncalc.checks.meeting import Work, added_layers, changed_layers
from cnncalc.checks.places import with_options
from cnncalc.diagnostics import Diagnostic
from cnncalc.geometry import Rounding
from cnncalc.graph.builder import build
from cnncalc.graph.graph import FailedLayer, Graph
from cnncalc.graph.meant_input import meant
from cnncalc.graph.overrides import Overrides, everywhere
from cnncalc.language.expressions import Value
from cnncalc.layers.options import shown
from cnncalc.sizes.nearest import nearest
from cnncalc.volume import MAX_SPATIAL_AXES, Volume

FIXABLE = {"stride-misfit": "stride", "kernel-too-large": "kernel", "groups-misfit": "groups"}
"""Diagnostics that a change of one number may fix, and the option that they point at."""

MISMATCH = "shape-mismatch"

MOST_MEETINGS = 3
"""Changes of layers after which branches meet that are named."""

MOST_MISMATCHES = 10
"""Faults of a network up to which branches that do not meet are helped."""

MOST_TRIALS = 40
"""Changes of layers after which branches meet that are tried."""

BUDGET = 40_000
"""Layers that may be built over all trials for one file: a fraction of a second."""

FARTHEST_INPUT = 512
"""How many sizes above and below the given input are looked at."""


class Wording(NamedTuple):
    """How help calls what is made to fit, rounding down, and doing so everywhere."""

    whole: str = "the whole network"
    floor: str = "`rounding: floor`"
    everywhere: str = " for the whole file"


OF_A_FILE = Wording()
OF_ONE_LAYER = Wording("it", "`--rounding floor`", "")
"""A layer that is in no file."""

_Mark = tuple[str, int, int]
"""An error by its code, its source and where it starts."""


class _Candidate(NamedTuple):
    """A change to try: what it says, and the overrides that make it."""

    words: str
    overrides: Overrides


class _Fix(NamedTuple):
    """A change that helps, and whether nothing at all is wrong after it."""

    words: str
    whole: bool


class BudgetExhausted(Exception):
    """The search has used up the work it is allowed."""


def with_suggestions(
    graph: Graph, overrides: Overrides, *, flawed: bool = False, is_single_layer: bool = False
) -> list[Diagnostic]:
    """The graph's findings, with help for those that a change of one number fixes.

    `flawed`: the file has other errors, so that no change makes all of it fit. `is_single_layer`:
    there is no file, and help does not speak of one.
    """
    wording = OF_ONE_LAYER if is_single_layer else OF_A_FILE
    search = FixSearch(graph, overrides, flawed, wording)
    return [search.with_help(fault) for fault in graph.faults]


class FixSearch:
    """Searches for changes of one number that help a network, within one budget."""

    def __init__(self, graph: Graph, overrides: Overrides, flawed: bool, wording: Wording) -> None:
        self.flawed = flawed
        self.wording = wording
        self.graph = graph
        self.overrides = overrides
        self.faults = {
            _mark(fault.diagnostic) for fault in graph.faults if fault.diagnostic.is_error
        }
        self.budget = BUDGET
        self.work = Work()
        self._sizes: dict[Rounding, str] = {}

    def with_help(self, fault: FailedLayer) -> Diagnostic:
        finding = fault.diagnostic
        if finding.code == MISMATCH and fault.layer is not None and fault.layer.merges:
            return finding._replace(help=(*finding.help, *self.help_to_meet(fault)))
        if finding.code not in FIXABLE or fault.layer is None:
            return finding
        return finding._replace(help=(*finding.help, *self.help(fault)))

    def help_to_meet(self, fault: FailedLayer) -> Iterator[str]:
        """Lines of help for branches that do not meet, in a network of few faults."""
        if len(self.faults) > MOST_MISMATCHES:
            return
        found = []
        complete = True
        try:
            if meant := self.help_on_inputs(fault):
                yield from meant
                return
            if sizes := self.fitting_inputs(fault):
                yield sizes
                found.append(sizes)
            for fixes in self.meetings(fault):
                words = " or ".join(fix.words for fix in fixes)
                what = self.wording.whole if fixes[0].whole else "this layer"
                yield f"{'or ' if found else ''}{words} makes {what} fit"
                found.append(words)
        except BudgetExhausted:
            complete = False
        if not found and complete and self.work.left > 0:
            yield "no change of one size or layer nearby makes the branches meet"

    def help_on_inputs(self, fault: FailedLayer) -> list[str]:
        """Help where the one input looks like another framework's: what was meant, and, since a
        batch of pictures looks like a body, the sizes that fit that."""
        other = self.first(fault, self.meant_inputs())
        if other is None:
            return []
        (given,) = self.graph.inputs.values()
        sizes = self.fitting_inputs(fault) if given.rank == MAX_SPATIAL_AXES else ""
        return [other.words, *([f"or, of three axes, {sizes}"] if sizes else [])]

    def meetings(self, fault: FailedLayer) -> Iterator[list[_Fix]]:
        """Changes of layers after which the branches meet, alike ones together."""
        meetings = changed_layers(self.graph, fault, self.overrides, self.work)
        changed = islice(meetings, MOST_TRIALS)
        by_option: dict[str, _Fix] = {}
        for option, words, overrides in changed:
            if len(by_option) == MOST_MEETINGS:
                break
            if option not in by_option:
                fix = self.first(fault, [_Candidate(words, overrides)])
                if fix is not None:
                    by_option[option] = fix
        candidates = (_Candidate(m.words, m.overrides) for m in added_layers(fault, self.overrides))
        added = self.first(fault, candidates)
        all_fixes = [*by_option.values(), *([added] if added else [])]
        for whole in (True, False):
            if alike := [fix for fix in all_fixes if fix.whole is whole]:
                yield alike
                return

    def fitting_inputs(self, fault: FailedLayer) -> str:
        """The nearest sizes of the inputs with which all of the network fits, near or far: worked
        out once for all findings."""
        rounding = fault.rounding[0]
        if rounding not in self._sizes:
            self._sizes[rounding] = self.nearest_inputs(rounding)
        return self._sizes[rounding]

    def nearest_inputs(self, rounding: Rounding) -> str:
        several = len(self.faults) > MOST_MISMATCHES
        if self.flawed or several or any(volume.rank == 0 for volume in self.graph.inputs.values()):
            return ""
        found = nearest(self.graph, self.overrides, rounding)
        fits = [inputs for inputs in found.inputs if self.fixes_all(inputs)]
        if not fits:
            return ""
        sizes = " or ".join(_spatial(next(iter(inputs.values()))) for inputs in fits)
        word = "input" if len(self.graph.inputs) == 1 else "inputs"
        return f"{word} {sizes} makes {self.wording.whole} fit (all that fit: {found.all})"

    def fixes_all(self, inputs: Mapping[str, Volume]) -> bool:
        trial = self.overrides._replace(inputs=inputs, stop_at_first_error=True)
        return build(self.graph.document, trial).complete

    def help(self, fault: FailedLayer) -> Iterator[str]:
        """Lines of help, the changes to numbers first."""
        fixes: dict[str, list[_Fix]] = {}
        complete = True
        try:
            if meant := self.help_on_inputs(fault):
                yield from meant
                return
            for option, candidates in self.directions(fault):
                if fix := self.first(fault, candidates):
                    fixes.setdefault(option, []).append(fix)
        except BudgetExhausted:
            complete = False
        far = "input" not in fixes and fault.diagnostic.code != "groups-misfit"
        if far and (sizes := self.fitting_inputs(fault)):
            yield sizes
            complete = False
        whole = _sentence(fixes, self.wording.whole, whole=True)
        if sentence := whole or _sentence(fixes, "this layer", whole=False):
            yield sentence
        try:
            if rounded := self.first(fault, self.roundings(fault)):
                yield f"{'or ' if fixes else ''}{rounded.words} {_price(fault)}"
        except BudgetExhausted:
            pass
        if not fixes and complete:
            yield (
                "no single change of input, padding, kernel or stride nearby makes it fit"
                if fault.diagnostic.code != "groups-misfit"
                else "no other number of groups near this one divides both"
            )

    # --- one verifier ---------------------------------------------------------------------------

    def first(self, fault: FailedLayer, candidates: Iterable[_Candidate]) -> _Fix | None:
        """The first change that helps. Raises `BudgetExhausted`."""
        for words, overrides in candidates:
            whole = self.fixes(fault, overrides)
            if whole is not None:
                return _Fix(words, whole)
        return None

    def fixes(self, fault: FailedLayer, overrides: Overrides) -> bool | None:
        """None if the fault stays or another comes, otherwise whether the network has none."""
        if self.budget <= 0:
            raise BudgetExhausted
        others = len(self.faults) > 1
        trial = build(self.graph.document, overrides._replace(stop_at_first_error=not others))
        self.budget -= trial.work + 20
        left = {_mark(f.diagnostic) for f in trial.faults if f.diagnostic.is_error}
        if not left:
            return not self.flawed
        if left <= self.faults - {_mark(fault.diagnostic)}:
            return False
        return None

    # --- what is tried --------------------------------------------------------------------------

    def directions(self, fault: FailedLayer) -> Iterator[tuple[str, Iterator[_Candidate]]]:
        """Every option that may be changed, once for each direction, with the values to try from
        the nearest on."""
        assert fault.layer is not None
        grouped = fault.diagnostic.code == "groups-misfit"
        if not grouped:
            yield from (("input", candidates) for candidates in self.inputs(fault))
        for option, values in fault.layer.nearby_options(fault.inputs):
            if (option == "groups") == grouped:
                overrides = ((shown(v), self.patched(fault, option, v)) for v in values)
                yield option, starmap(_Candidate, overrides)

    def patched(self, fault: FailedLayer, option: str, value: Value) -> Overrides:
        """The change made where the finding points: at the item, or at its kind's defaults."""
        assert fault.layer is not None
        assert fault.item is not None
        about = FIXABLE[fault.diagnostic.code]
        defaults = {}
        if fault.item.defaults is None:
            defaults = self.graph.document.defaults.get(fault.layer.kind, {})
        by_default = about in defaults and about not in fault.item.options
        place = fault.layer.kind if by_default else id(fault.item)
        return self.overrides._replace(patches={place: {option: value}})

    def inputs(self, fault: FailedLayer) -> Iterator[Iterator[_Candidate]]:
        """The sizes of the one input below and above, every wrong axis moved alike."""
        if len(self.graph.inputs) != 1:
            return
        (given,) = self.graph.inputs.values()
        if given.rank == 0 or fault.inputs[0].rank != given.rank:
            return
        square = len(set(given.spatial)) == 1
        for step in (-1, 1):
            if square:
                yield self.moved_together(given, step)
            else:
                yield self.moved_apart(fault, given, step)

    def moved_together(self, given: Volume, step: int) -> Iterator[_Candidate]:
        for side in _from(given[0] + step, step, FARTHEST_INPUT):
            volume = Volume((*(side for _ in given.spatial), given.channels))
            yield _Candidate(_spatial(volume), self.with_input(volume))

    def moved_apart(self, fault: FailedLayer, given: Volume, step: int) -> Iterator[_Candidate]:
        """Axis by axis, the others rounded down meanwhile; then together."""
        sides = [self.side(fault, given, axis, step) for axis in range(given.rank)]
        found = [side for side in sides if side is not None]
        if len(found) == len(sides):
            volume = Volume((*found, given.channels))
            yield _Candidate(_spatial(volume), self.with_input(volume))

    def side(self, fault: FailedLayer, given: Volume, axis: int, step: int) -> int | None:
        """The nearest length of one axis with which the network fits along that axis."""
        rounding = [Rounding.FLOOR] * 3
        rounding[axis] = fault.rounding[axis]
        for side in _from(given[axis], step, FARTHEST_INPUT + 1):
            volume = Volume((*given[:axis], side, *given[axis + 1 :]))
            overrides = self.with_input(volume)._replace(rounding=tuple(rounding))
            if self.fixes(fault, overrides) is not None:
                return side
        return None

    def with_input(self, volume: Volume) -> Overrides:
        """The one input with another volume."""
        return self.overrides._replace(inputs=dict.fromkeys(self.graph.inputs, volume))

    def meant_inputs(self) -> Iterator[_Candidate]:
        """The one input, where it looks like another framework's."""
        if len(self.graph.inputs) == 1 and (found := meant(*self.graph.inputs.values())):
            yield _Candidate(found.help, self.with_input(found.volume))

    def roundings(self, fault: FailedLayer) -> Iterator[_Candidate]:
        """Rounding down, on this layer or in the whole file."""
        if fault.diagnostic.code == "stride-misfit":
            words = f"say {self.wording.floor}"
            yield _Candidate(words, self.patched(fault, "rounding", "floor"))
            everywhere_down = self.overrides._replace(rounding=everywhere(Rounding.FLOOR))
            yield _Candidate(words + self.wording.everywhere, everywhere_down)


def _from(start: int, step: int, most: int) -> Iterable[int]:
    """At most `most` sizes, counting up or down from `start`."""
    return range(start, start + most) if step > 0 else range(start, max(start - most, 0), -1)


def _mark(diagnostic: Diagnostic) -> _Mark:
    return diagnostic.code, id(diagnostic.span.source), diagnostic.span.start


def _spatial(volume: Volume) -> str:
    return "x".join(map(str, volume.spatial))


def _price(fault: FailedLayer) -> str:
    """What rounding down would leave unread at this layer."""
    assert fault.layer is not None
    floored = with_options(fault.layer, {"rounding": "floor"})
    assert floored is not None
    unread = max(floored.infer(fault.inputs, fault.rounding).unread)
    if not unread:
        return "to leave out the padding that no window would reach"
    return f"to drop the last {unread} pixel{'s' if unread > 1 else ''}"


def _sentence(fixes: dict[str, list[_Fix]], what: str, *, whole: bool) -> str:
    """`input 227x227, padding …, or stride 3 makes the whole network fit`."""
    parts = [
        f"{option} " + " or ".join(fix.words for fix in found if fix.whole is whole)
        for option, found in fixes.items()
        if any(fix.whole is whole for fix in found)
    ]
    if not parts:
        return ""
    listed = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + ", or " + parts[-1]
    return f"{listed} makes {what} fit"
