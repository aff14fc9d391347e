"""Several variants of a network side by side: a line for each thing that is not the same in all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cnncalc.compare.comparison import TOTALS, Comparison, Match, Status
from cnncalc.compare.whatif import WhatIf
from cnncalc.report.report import Row

QUANTITIES = ("output", "params", "macs")
"""What of a layer is compared besides its options."""

_Key = tuple[str, str]


class Line(NamedTuple):
    """One thing about a layer, or one total: before, and in every variant. None: not there."""

    layer: str
    quantity: str
    before: Any
    values: tuple[Any, ...]


def layer_lines(answer: WhatIf, *, all: bool = False) -> Iterator[Line]:
    """What differs, layer by layer; with `all` volumes, parameters and MACs of every layer."""
    comparisons = [variant.comparison for variant in answer.variants]
    tables = [{_key(match): match for match in c.matches} for c in comparisons]
    for key in _keys(comparisons):
        matches = [table.get(key) for table in tables]
        yield from _lines(key[1], matches, all=all)


def total_lines(answer: WhatIf) -> Iterator[Line]:
    """Every total of `compare.TOTALS`."""
    for name in TOTALS:
        values = [variant.comparison.totals[name] for variant in answer.variants]
        yield Line("", name, values[0].before, tuple(value.after for value in values))


def _key(match: Match) -> _Key:
    if match.before is not None:
        return "before", match.before.name
    return "after", match.row.name


def _keys(comparisons: list[Comparison]) -> list[_Key]:
    """The layers of all variants, each once: the file's in its order, new ones after the layer
    that they follow."""
    following: dict[_Key | None, dict[_Key, None]] = {}
    old: dict[_Key, None] = {}
    for comparison in comparisons:
        last = None
        for match in comparison.matches:
            key = _key(match)
            if match.before is None:
                following.setdefault(last, {})[key] = None
            else:
                last = key
    for row in comparisons[0].before.rows:
        old["before", row.name] = None
    order = list(following.get(None, ()))
    for key in old:
        order += [key, *following.get(key, ())]
    return list(dict.fromkeys(order))


def _lines(name: str, matches: list[Match | None], *, all: bool) -> Iterator[Line]:
    old = next((match.before for match in matches if match is not None), None)
    rows = [None if match is None else match.after for match in matches]
    unknown = [match is not None and match.status is Status.UNKNOWN for match in matches]
    present = [row is not None for row in rows]
    known = [p for p, u in zip(present, unknown, strict=True) if not u]
    if any(p != (old is not None) for p in known):
        yield Line(name, "layer", _there(old is not None), tuple(
            None if u else _there(p) for p, u in zip(present, unknown, strict=True)
        ))  # fmt: skip
    options: dict[str, Any] = {}
    for match in matches:
        for option in match.options if match is not None else ():
            options.setdefault(option.name, option.before)
    for option_name, value in options.items():
        values = tuple(None if row is None else _option(row, option_name) for row in rows)
        yield Line(name, option_name, value, values)
    for quantity in QUANTITIES:
        before = _quantity(old, quantity)
        values = tuple(_quantity(row, quantity) for row in rows)
        if all or any(value not in (before, None) for value in values):
            yield Line(name, quantity, before, values)


def _there(present: bool) -> str:
    return "there" if present else "gone"


def _option(row: Row, name: str) -> Any:
    value = getattr(row.layer, name, None)
    return str(value) if isinstance(value, str) else value


def _quantity(row: Row | None, quantity: str) -> Any:
    if row is None:
        return None
    return row.output_shape if quantity == "output" else getattr(row, quantity)
