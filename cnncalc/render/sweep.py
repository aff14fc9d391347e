"""Rows of a sweep, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.render.numbers import bytes_short, grouped
from cnncalc.render.records import Field


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"


def _plain(value: object) -> str:
    """A varied value as YAML has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


FIGURES = {
    field.key: field
    for field in (
        Field("params", "params", right=True, show=grouped),
        Field("weights", "weights", right=True, show=grouped),
        Field("biases", "biases", right=True, show=grouped),
        Field("macs", "MACs", right=True, show=grouped),
        Field("flops", "FLOPs", right=True, show=grouped),
        Field("memory", "memory", right=True, show=bytes_short),
        Field("peak", "peak memory", right=True, show=bytes_short),
        Field("param_bytes", "size", right=True, show=bytes_short),
        Field("output", "output", right=True),
        Field("receptive_field", "field", right=True),
        Field("fits", "fits", show=_yes),
        Field("problem", "problem", least=16),
    )
}
"""Columns by key. Memory is of all volumes, peak memory of those alive at one time."""

DEFAULT = ("params", "macs", "peak", "output", "receptive_field", "fits")


def fields(varied: Iterable[str], columns: Iterable[str]) -> list[Field]:
    """The columns of what varies, then figures."""
    return [*(varied_field(name) for name in varied), *(FIGURES[column] for column in columns)]


def varied_field(name: str) -> Field:
    return Field(name, name, right=True, show=_plain)


def solution_fields(key: str) -> list[Field]:
    """What `solve` tells: the value, how it was found, and the figures there."""
    told = (
        Field("key", "key"),
        Field("value", key, right=True, show=_plain),
        Field("where", "where"),
        Field("sought", "sought"),
        Field("searched", "searched"),
        Field("tried", "tried", right=True, show=grouped),
        Field("exhaustive", "all tried", show=_yes),
        Field("monotone", "monotone", show=_yes),
        Field("notes", "notes", least=16),
    )
    return [*told, *(field for name, field in FIGURES.items() if name not in ("fits", "problem"))]
