"""Sizes that fit, and repairs, as tables and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnncalc.fit.sizes import AxisFit, Fit
from cnncalc.render.answer import Answer, Block, Group, Lines
from cnncalc.render.numbers import grouped, yes
from cnncalc.render.table import Record, Table, field
from cnncalc.sizes.words import text

if TYPE_CHECKING:
    from cnncalc.fit.repair import Repair, Repairs

_LETTERS = {"depth": "D", "height": "H", "width": "W"}


COLUMNS = (
    field("axis", "axis"),
    field("given", "given", right=True, show=grouped),
    field("fits", "fits", show=yes),
    field("below", "below", right=True, show=grouped),
    field("above", "above", right=True, show=grouped),
    field("smallest", "smallest", right=True, show=grouped),
    field("step", "step", right=True, show=grouped),
    field("sizes", "all that fit", least=20),
    field("floor_smallest", "smallest under floor", right=True, show=grouped),
    field("floor_sizes", "under floor", least=20),
)


def rows(fit: Fit) -> list[tuple[str, AxisFit]]:
    """The axes with what they are called; those of one input that say the same in one row."""
    grouped_axes: dict[tuple[object, ...], list[AxisFit]] = {}
    for axis in fit.axes:
        grouped_axes.setdefault((axis.inputs, axis.given, axis.exact, axis.floor), []).append(axis)
    several = len({axis.inputs for axis in fit.axes}) > 1
    found = []
    for same in grouped_axes.values():
        name = " = ".join(_LETTERS[axis.axis] for axis in same)
        found.append((f"{', '.join(same[0].inputs)}: {name}" if several else name, same[0]))
    return found


def records(fit: Fit) -> list[dict[str, Any]]:
    """One record an axis, for tables and for machines."""
    return [
        {
            "axis": name,
            "given": axis.given,
            "fits": axis.fits,
            "below": axis.exact.below(axis.given),
            "above": axis.exact.above(axis.given),
            "smallest": axis.exact.smallest,
            "step": axis.exact.step,
            "sizes": text(axis.exact),
            "floor_smallest": axis.floor.smallest,
            "floor_sizes": text(axis.floor),
        }
        for name, axis in rows(fit)
    ]


def sentences(fit: Fit) -> Iterator[str]:
    """`AlexNet: H = W = 227 fits; all that fit: 67 + 32k`"""
    for name, axis in rows(fit):
        verdict = "fits" if axis.fits else "does not fit"
        yield f"{fit.name}: {name} = {axis.given} {verdict}; all that fit: {text(axis.exact)}"


@dataclass(frozen=True)
class FittingSizes(Answer):
    """The sizes; sentences and notes for a terminal only."""

    fit: Fit

    def screen(self) -> Iterator[Group]:
        yield [Lines(list(sentences(self.fit)))]
        notes = Lines(self.fit.notes)
        yield [self.table(), notes] if self.fit.axes else [notes]

    def table(self) -> Table[Record]:
        return Table(COLUMNS, records(self.fit))


REPAIR_COLUMNS = (
    field("number", "no", right=True),
    field("places", "places", right=True),
    field("pixels", "pixels", right=True),
    field("changes", "changes", least=30),
)


def repair_records(repairs: Sequence[Repair]) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "places": repair.places,
            "pixels": repair.pixels,
            "changes": "; ".join(map(str, repair.changes)),
        }
        for number, repair in enumerate(repairs, 1)
    ]


@dataclass(frozen=True)
class FoundRepairs(Answer):
    """The repairs; on a terminal below the sizes, with a word on what was looked at."""

    fit: Fit
    repairs: Repairs

    def screen(self) -> Iterator[Group]:
        yield from FittingSizes(self.fit).screen()
        yield [*self._listed()]

    def _listed(self) -> Iterator[Block]:
        if self.fit.fits:
            yield Lines(["nothing to repair: the given size fits"])
            return
        if self.repairs.found:
            yield self.table()
        else:
            yield Lines(["no change of paddings, kernels, strides or roundings was found to help"])
        if not self.repairs.complete:
            yield Lines(["not all sets of changes were tried: there are too many"])

    def table(self) -> Table[Record]:
        return Table(REPAIR_COLUMNS, repair_records(self.repairs.found))
