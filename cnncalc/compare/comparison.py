"""Two reports side by side: layers that belong together, what differs in them, and in the totals.

Every difference a user sees is worked out here, never while printing.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from cnncalc.compare.alignment import align, is_running
from cnncalc.report.report import Report, Row
from cnncalc.volume import Volume


class Status(StrEnum):
    """What became of a layer. Unknown: the faults of one network leave it out."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    UNKNOWN = "unknown"


class Difference(NamedTuple):
    """A number before and after; None where it is not known, or there is no such layer."""

    before: int | None
    after: int | None

    @property
    def change(self) -> int | None:
        """After minus before; what is not there counts as 0, what is not known as None."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before

    @property
    def share(self) -> float | None:
        """The change as a part of what was before: 0.5 for half as much again."""
        change = self.change
        return change / self.before if change is not None and self.before else None


class OptionChange(NamedTuple):
    """An option by its own name, with its values."""

    name: str
    before: Any
    after: Any


class Match(NamedTuple):
    """A layer of one network and the layer of the other that it is; None where there is none.

    `differs` names what is not the same: kind, name, options, inputs, input, output, weights,
    biases, state, trainable, macs, flops, activation_bytes, shares, rounded.
    """

    before: Row | None
    after: Row | None
    status: Status
    options: tuple[OptionChange, ...] = ()
    differs: tuple[str, ...] = ()

    @property
    def row(self) -> Row:
        """The layer as it is now, or as it was."""
        row = self.after or self.before
        assert row is not None
        return row

    @property
    def params(self) -> Difference:
        return self._difference("params")

    @property
    def macs(self) -> Difference:
        return self._difference("macs")

    def _difference(self, quantity: str) -> Difference:
        before = None if self.before is None else int(getattr(self.before, quantity))
        after = None if self.after is None else int(getattr(self.after, quantity))
        if self.status is Status.ADDED:
            before = 0
        if self.status is Status.REMOVED:
            after = 0
        return Difference(before, after)


TOTALS = ("layers", "params", "trainable", "state", "macs", "flops", "param_bytes",
          "activation_bytes", "peak_activation_bytes")  # fmt: skip


class Comparison(NamedTuple):
    """Two networks compared. `matches` follow the order of the second, with what was removed where
    it stood; `totals` are keyed as in `TOTALS`, None where a network is not wholly known."""

    before: Report
    after: Report
    matches: tuple[Match, ...]
    totals: dict[str, Difference]

    @property
    def same(self) -> bool:
        """Whether no layer and no total differs, and both networks are wholly known."""
        return (
            self.before.complete
            and self.after.complete
            and self.before.inputs == self.after.inputs
            and not any(self.changed())
        )

    def changed(self) -> Iterator[Match]:
        """Layers that are added, removed or changed."""
        for match in self.matches:
            if match.status not in (Status.SAME, Status.UNKNOWN):
                yield match

    def count(self, status: Status) -> int:
        """How many layers are of a status."""
        return sum(match.status is status for match in self.matches)


def compare(before: Report, after: Report) -> Comparison:
    """The comparison of two reports, complete or not."""
    pairs = align(before.rows, after.rows)
    renamed = {before.rows[i].name: after.rows[j].name for i, j in pairs}
    return Comparison(
        before=before,
        after=after,
        matches=tuple(_matches(before, after, {j: i for i, j in pairs}, renamed)),
        totals={name: _total(before, after, name) for name in TOTALS},
    )


def _matches(
    before: Report, after: Report, partners: dict[int, int], renamed: dict[str, str]
) -> Iterator[Match]:
    """In the order of `after`; removed layers follow the layer that they followed."""
    gone = Status.REMOVED if after.complete else Status.UNKNOWN
    new = Status.ADDED if before.complete else Status.UNKNOWN
    kept = set(partners.values())

    def removed(index: int) -> Iterator[Match]:
        while index < len(before.rows) and index not in kept:
            yield Match(before.rows[index], None, gone)
            index += 1

    yield from removed(0)
    for j, row in enumerate(after.rows):
        if j in partners:
            yield _match(before.rows[partners[j]], row, renamed)
            yield from removed(partners[j] + 1)
        else:
            yield Match(None, row, new)


def _match(before: Row, after: Row, renamed: dict[str, str]) -> Match:
    options = tuple(_option_changes(before, after))
    differs = tuple(_differs(before, after, bool(options), renamed))
    return Match(before, after, Status.CHANGED if differs else Status.SAME, options, differs)


_COMPARED = ("kind", "weights", "biases", "state", "trainable", "macs", "flops",
             "activation_bytes", "rounded")  # fmt: skip


def _differs(before: Row, after: Row, options: bool, renamed: dict[str, str]) -> Iterator[str]:
    if options:
        yield "options"
    if before.name != after.name and not (is_running(before) and is_running(after)):
        yield "name"
    # Whose output it reads, whatever that one is called now; network inputs keep their names.
    if tuple(renamed.get(name, name) for name in before.inputs) != after.inputs:
        yield "inputs"
    if before.input_shapes != after.input_shapes:
        yield "input"
    if before.output_shape != after.output_shape:
        yield "output"
    if (before.shares and renamed.get(before.shares, before.shares)) != after.shares:
        yield "shares"
    for quantity in _COMPARED:
        if getattr(before, quantity) != getattr(after, quantity):
            yield quantity


def _option_changes(before: Row, after: Row) -> Iterator[OptionChange]:
    """Options whose values differ, defaults counted; between kinds, those that were written."""
    a, b = before.layer, after.layer
    if a is b or a == b or a is None or b is None:
        return
    names = list(a.options)
    if a.kind != b.kind:
        names = [n for n in a.options | b.options if n in a.given or n in b.given]
    for name in names:
        old, new = getattr(a, name, None), getattr(b, name, None)
        if old != new or isinstance(old, bool) != isinstance(new, bool):
            yield OptionChange(name, _plain(old), _plain(new))


def _plain(value: Any) -> Any:
    """An option's value as plain data."""
    if isinstance(value, Volume):
        return str(value)
    return str(value) if isinstance(value, StrEnum) else value


def _total(before: Report, after: Report, name: str) -> Difference:
    return Difference(
        int(getattr(before.totals, name)) if before.complete else None,
        int(getattr(after.totals, name)) if after.complete else None,
    )
