"""Help for volumes that do not fit: every change proposed was run through the whole network.

Candidates come from the layer that failed (see `Layer.alternatives`) and from input sizes nearby;
each is tried by building the network again. Nothing here writes files or knows a kind by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.diagnostics import Diagnostic
from cnncalc.expressions import Value
from cnncalc.geometry import Rounding
from cnncalc.graph.build import build
from cnncalc.graph.graph import Fault, Graph
from cnncalc.graph.settings import Settings, everywhere
from cnncalc.layers.options import shown
from cnncalc.volume import Volume

CURED = {"stride-misfit": "stride", "kernel-too-large": "kernel", "groups-misfit": "groups"}
"""Findings that a change of one number may mend, and the option they stand at."""

BUDGET = 40_000
"""Layers that may be built, over all tries for one file: a fraction of a second."""

FARTHEST_INPUT = 512
"""How many sizes above and below the given input are looked at."""

_Place = tuple[str, int, int]


class _Trial(NamedTuple):
    """What was changed, in words, and whether nothing at all is wrong after it."""

    words: str
    whole: bool


class BudgetExhausted(Exception):
    """The budget is spent."""


def with_suggestions(graph: Graph, settings: Settings, *, flawed: bool = False) -> list[Diagnostic]:
    """The graph's findings, with help for those that a change of one number mends.

    `flawed`: the file has faults of form besides, so that no change makes all of it fit.
    """
    search = FixSearch(graph, settings, flawed)
    return [search.suggest(fault) for fault in graph.faults]


class FixSearch:
    def __init__(self, graph: Graph, settings: Settings, flawed: bool) -> None:
        self.flawed = flawed
        self.graph = graph
        self.settings = settings
        self.faults = {
            _place(fault.diagnostic) for fault in graph.faults if fault.diagnostic.is_error
        }
        self.budget = BUDGET

    def suggest(self, fault: Fault) -> Diagnostic:
        finding = fault.diagnostic
        if finding.code not in CURED or fault.layer is None:
            return finding
        return finding._replace(help=(*finding.help, *self.help(fault)))

    def help(self, fault: Fault) -> Iterator[str]:
        """Lines of help, the changes to numbers first."""
        cured: dict[str, list[_Trial]] = {}
        complete = True
        try:
            for option, trial in self.trials(fault):
                cured.setdefault(option, []).append(trial)
        except BudgetExhausted:
            complete = False
        for whole in (True, False):
            wording = _sentence(cured, whole=whole)
            if wording:
                yield wording
                break
        rounding = None
        if fault.diagnostic.code == "stride-misfit":
            rounding = self.rounding_help(fault)
        if rounding:
            yield f"or {rounding}" if cured else rounding
        if swapped := self.channels_first(fault):
            yield swapped
        if not cured and complete:
            yield (
                "no single change of input, padding, kernel or stride nearby makes it fit"
                if fault.diagnostic.code != "groups-misfit"
                else "no other number of groups near this one divides both"
            )

    def trials(self, fault: Fault) -> Iterator[tuple[str, _Trial]]:
        """Every change that helps, by the option changed; at most one in each direction."""
        if fault.diagnostic.code != "groups-misfit":
            yield from self.inputs(fault)
        assert fault.layer is not None
        for change in fault.layer.alternatives(fault.inputs):
            if (change.option == "groups") != (fault.diagnostic.code == "groups-misfit"):
                continue
            for value in change.values:
                whole = self.cures(fault, self.patched(fault, change.option, value))
                if whole is not None:
                    yield change.option, _Trial(shown(value), whole)
                    break

    def patched(self, fault: Fault, option: str, value: Value) -> Settings:
        """The change made where the finding points: at the item, or at its kind's defaults."""
        assert fault.layer is not None
        assert fault.item is not None
        about = CURED[fault.diagnostic.code]
        defaults = self.graph.document.defaults.get(fault.layer.kind, {})
        by_default = about in defaults and about not in fault.item.options
        place = fault.layer.kind if by_default else id(fault.item)
        return self.settings._replace(patches={place: {option: value}})

    def cures(self, fault: Fault, settings: Settings) -> bool | None:
        """None where the fault stays or another comes; else whether the network has no fault."""
        if self.budget <= 0:
            raise BudgetExhausted
        others = len(self.faults) > 1
        trial = build(self.graph.document, settings._replace(hurried=not others))
        self.budget -= trial.work + 20
        left = {_place(f.diagnostic) for f in trial.faults if f.diagnostic.is_error}
        if not left:
            return not self.flawed
        if left <= self.faults - {_place(fault.diagnostic)}:
            return False
        return None

    # --- input sizes ----------------------------------------------------------------------------

    def inputs(self, fault: Fault) -> Iterator[tuple[str, _Trial]]:
        """The nearest sizes of the one input below and above, every wrong axis moved alike."""
        if len(self.graph.inputs) != 1 or fault.layer is None:
            return
        ((name, given),) = self.graph.inputs.items()
        if given.rank == 0 or fault.inputs[0].rank != given.rank:
            return
        if len(set(given.spatial)) == 1:
            yield from self.moved_together(fault, name, given)
        else:
            yield from self.moved_apart(fault, name, given)

    def moved_together(
        self, fault: Fault, name: str, given: Volume
    ) -> Iterator[tuple[str, _Trial]]:
        for step in (-1, 1):
            for amount in range(1, FARTHEST_INPUT + 1):
                side = given[0] + step * amount
                if side < 1:
                    break
                volume = Volume((*(side for _ in given.spatial), given.channels))
                whole = self.cures(fault, self.with_input(name, volume))
                if whole is not None:
                    yield "input", _Trial(_spatial(volume), whole)
                    break

    def moved_apart(self, fault: Fault, name: str, given: Volume) -> Iterator[tuple[str, _Trial]]:
        """Axis by axis, the others rounded down meanwhile; then tried together."""
        for step in (-1, 1):
            sides = [self.side(fault, name, given, axis, step) for axis in range(given.rank)]
            if None in sides:
                continue
            volume = Volume((*(side or 1 for side in sides), given.channels))
            whole = self.cures(fault, self.with_input(name, volume))
            if whole is not None:
                yield "input", _Trial(_spatial(volume), whole)

    def side(self, fault: Fault, name: str, given: Volume, axis: int, step: int) -> int | None:
        """The nearest length of one axis with which the network fits along that axis."""
        rounding = [Rounding.FLOOR] * 3
        rounding[axis] = fault.rounding[axis]
        for amount in range(FARTHEST_INPUT + 1):
            side = given[axis] + step * amount
            if side < 1:
                return None
            axes = list(given)
            axes[axis] = side
            settings = self.with_input(name, Volume(axes))._replace(rounding=tuple(rounding))
            if self.cures(fault, settings) is not None:
                return side
        return None

    def with_input(self, name: str, volume: Volume) -> Settings:
        return self.settings._replace(inputs={name: volume})

    def channels_first(self, fault: Fault) -> str | None:
        """Whether the input was written as channels x height x width."""
        volumes = list(self.graph.inputs.values())
        if len(volumes) != 1 or len(volumes[0]) < 3 or not volumes[0][0] <= 4 < volumes[0][1]:
            return None
        volume = Volume((*volumes[0][1:], volumes[0][0]))
        try:
            if self.cures(fault, self.with_input(next(iter(self.graph.inputs)), volume)) is None:
                return None
        except BudgetExhausted:
            return None
        return f"volumes are height x width x channels: is the input {volume}?"

    # --- rounding -------------------------------------------------------------------------------

    def rounding_help(self, fault: Fault) -> str | None:
        """Whether rounding down would do, on this layer or on the whole file."""
        try:
            if self.cures(fault, self.patched(fault, "rounding", "floor")) is not None:
                return f"say `rounding: floor` {_price(fault)}"
            settings = self.settings._replace(rounding=everywhere(Rounding.FLOOR))
            if self.cures(fault, settings) is not None:
                return f"say `rounding: floor` for the whole file {_price(fault)}"
        except BudgetExhausted:
            pass
        return None


def _place(diagnostic: Diagnostic) -> _Place:
    return diagnostic.code, id(diagnostic.span.source), diagnostic.span.start


def _spatial(volume: Volume) -> str:
    return "x".join(map(str, volume.spatial))


def _price(fault: Fault) -> str:
    """What rounding down would leave unread at this layer."""
    assert fault.layer is not None
    floored = type(fault.layer).model_validate(
        {**fault.layer.model_dump(exclude_unset=True), "rounding": "floor"}
    )
    dropped = max(floored.infer(fault.inputs, fault.rounding).dropped)
    if not dropped:
        return "to leave out the padding that no window would reach"
    return f"to drop the last {dropped} pixel{'s' if dropped > 1 else ''}"


def _sentence(cured: dict[str, list[_Trial]], *, whole: bool) -> str:
    """`input 227x227, padding …, or stride 3 makes the whole network fit`."""
    parts = [
        f"{option} " + " or ".join(trial.words for trial in trials if trial.whole is whole)
        for option, trials in cured.items()
        if any(trial.whole is whole for trial in trials)
    ]
    if not parts:
        return ""
    listed = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + ", or " + parts[-1]
    return f"{listed} makes {'the whole network' if whole else 'this layer'} fit"
