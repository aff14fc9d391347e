"""Variants in order, and those that no other one beats: `macs,-receptive_field`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cnncalc.diagnostics import did_you_mean
from cnncalc.errors import UsageError
from cnncalc.sweep.conditions import NAMES
from cnncalc.sweep.variants import Variant


class Key(NamedTuple):
    """A figure or a varied key; the smaller the better, or the larger where `largest`."""

    name: str
    largest: bool

    def of(self, variant: Variant) -> int | float | None:
        """The number by which variants compare, smaller is better; None where there is none."""
        number = variant.number(self.name)
        return number if number is None or not self.largest else -number


def keys(given: str | Iterable[str] | None, varied: Iterable[str]) -> tuple[Key, ...]:
    """Read `macs,-receptive_field`; a minus says that more is better. Raises `UsageError`."""
    words = given.split(",") if isinstance(given, str) else list(given or ())
    known = (*NAMES, *varied)
    found = []
    for word in filter(None, map(str.strip, words)):
        name = word.removeprefix("-")
        if name not in known:
            near = did_you_mean(name, known) or (f"there are {', '.join(known)}",)
            raise UsageError(f"there is no figure `{name}` to compare; {near[0]}")
        found.append(Key(name, word.startswith("-")))
    if given is not None and not found:
        raise UsageError("name the figures to compare, such as params,macs")
    return tuple(found)


def ordered(variants: Iterable[Variant], by: Sequence[Key]) -> list[Variant]:
    """In the order of the keys; what has no such figure comes last, otherwise as it came."""

    def place(variant: Variant) -> list[tuple[bool, int | float]]:
        numbers = [key.of(variant) for key in by]
        return [(number is None, number or 0) for number in numbers]

    return sorted(variants, key=place)


class Front:
    """The Pareto front of all variants seen: no other is as good in all keys and better in one."""

    def __init__(self, by: Sequence[Key]) -> None:
        self.by = by
        self._members: list[tuple[tuple[int | float, ...], Variant]] = []

    def add(self, variant: Variant) -> None:
        """See one more. One without a figure is never on the front."""
        own = []
        for key in self.by:
            number = key.of(variant)
            if number is None:
                return
            own.append(number)
        vector = tuple(own)
        if any(_beats(other, vector) for other, _ in self._members):
            return
        self._members = [member for member in self._members if not _beats(vector, member[0])]
        self._members.append((vector, variant))

    def of(self, variants: Iterable[Variant]) -> list[Variant]:
        """The front of all these, in their order."""
        for variant in variants:
            self.add(variant)
        return [variant for _, variant in self._members]


def _beats(one: tuple[int | float, ...], other: tuple[int | float, ...]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
