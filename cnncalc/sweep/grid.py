"""Grids of values: `width=0.5,0.75,1.0` and `input=160..224:32`, read lazily and numbered.

A grid of a million points is a few numbers: points are worked out when asked for. What a
key means to a network is in `variants`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from itertools import accumulate
from math import prod
from typing import NamedTuple

from cnncalc.errors import UsageError
from cnncalc.layers.options import shown
from cnncalc.yaml.nodes import Scalar
from cnncalc.yaml.reader import compose, plain_value
from cnncalc.yaml.source import Source

Cell = int | float | str | bool | None
"""A value as a table holds it: numbers as numbers, all that is no scalar as it was written."""

LARGEST = 10**8
"""Points of a grid."""

_NUMBER = r"[-+]?[0-9]{1,15}(?:\.[0-9]{1,15})?"
_RANGE = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})(?:\s*:\s*({_NUMBER}))?")
_PLAIN = re.compile(r"[\w.+-]*\w")
_OPENING = {"[": "]", "(": ")", "{": "}"}


class Span(NamedTuple):
    """Evenly spaced numbers, whole or decimal: `first`, `first + step`, … `size` of them."""

    first: Decimal
    step: Decimal
    size: int
    whole: bool

    def cell(self, index: int) -> int | float:
        number = self.first + index * self.step
        return int(number) if self.whole else float(number)

    def find(self, cell: Cell) -> int | None:
        """Where a value stands, None where it does not."""
        if isinstance(cell, bool) or type(cell) is not (int if self.whole else float):
            return None
        index, rest = divmod(Decimal(str(cell)) - self.first, self.step)
        return int(index) if not rest and 0 <= index < self.size else None

    def overlaps(self, other: Span) -> bool:
        """Whether the stretches from end to end do."""
        last, others = self.first + (self.size - 1) * self.step, other.first
        return self.first <= others + (other.size - 1) * other.step and others <= last


class Listed(NamedTuple):
    """Values one by one, as they were written."""

    texts: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def size(self) -> int:
        return len(self.cells)

    def cell(self, index: int) -> Cell:
        return self.cells[index]


class Axis:
    """A key with the values it takes in turn, each once."""

    def __init__(self, key: str, parts: Iterable[Span | Listed]) -> None:
        self.key = key
        self.parts = tuple(parts)
        self.ends = tuple(accumulate(part.size for part in self.parts))
        self._listed: dict[tuple[type, Cell], int] = {}
        for part, end in zip(self.parts, self.ends, strict=True):
            if isinstance(part, Listed):
                places = enumerate(part.cells, end - part.size)
                self._listed.update(((type(cell), cell), index) for index, cell in places)

    def __len__(self) -> int:
        return self.ends[-1]

    def _part(self, index: int) -> tuple[Span | Listed, int]:
        number = bisect_right(self.ends, index)
        return self.parts[number], index - (self.ends[number - 1] if number else 0)

    def cell(self, index: int) -> Cell:
        part, within = self._part(index)
        return part.cell(within)

    def text(self, index: int) -> str:
        """The value as `--set` takes it."""
        part, within = self._part(index)
        return part.texts[within] if isinstance(part, Listed) else str(part.cell(within))

    def find(self, cell: Cell) -> int | None:
        """The index of a value, None where it is none of these."""
        found = self._listed.get((type(cell), cell))
        for part, end in zip(self.parts, self.ends, strict=True):
            if found is None and isinstance(part, Span):
                index = part.find(cell)
                found = None if index is None else end - part.size + index
        return found

    def __str__(self) -> str:
        """`160..224:32`, as it would be written."""
        words = []
        for part in self.parts:
            if isinstance(part, Span):
                words.append(f"{part.cell(0)}..{part.cell(part.size - 1)}:{_shown(part.step)}")
            else:
                words.extend(part.texts)
        return ",".join(words)


class Grid:
    """All combinations of the axes' values, numbered from 0; the last axis turns fastest."""

    def __init__(self, axes: Iterable[Axis]) -> None:
        self.axes = tuple(axes)

    def __len__(self) -> int:
        return prod(map(len, self.axes))

    def indices(self, number: int) -> list[int]:
        """The index on every axis."""
        indices = []
        for axis in reversed(self.axes):
            number, index = divmod(number, len(axis))
            indices.append(index)
        return indices[::-1]

    def number(self, indices: Iterable[int]) -> int:
        """The point with these indices."""
        number = 0
        for axis, index in zip(self.axes, indices, strict=True):
            number = number * len(axis) + index
        return number

    def cells(self, number: int) -> tuple[Cell, ...]:
        indices = self.indices(number)
        return tuple(axis.cell(i) for axis, i in zip(self.axes, indices, strict=True))

    def texts(self, number: int) -> dict[str, str]:
        """The point as `--set` takes it."""
        indices = self.indices(number)
        return {axis.key: axis.text(i) for axis, i in zip(self.axes, indices, strict=True)}


def grid(vary: Mapping[str, object]) -> Grid:
    """The grid of keys with their values, as texts or as lists. Raises `UsageError`."""
    axes = [axis(key, values) for key, values in vary.items()]
    if not axes:
        raise UsageError(
            "nothing varies: say KEY=VALUES, such as width=0.5,0.75 or input=160..224:32"
        )
    whole = Grid(axes)
    points = prod(map(len, axes))
    if points > LARGEST:
        raise UsageError(f"a grid of {points:,} points; there may be {LARGEST:,}")
    return whole


def axis(key: str, values: object) -> Axis:
    """`0.5,0.75`, `1..9`, `160..224:32`, any mixture of these, or a list. Raises `UsageError`."""
    runs: list[Span | list[tuple[str, Cell]]] = []
    single: set[tuple[type, Cell]] = set()
    for word in _words(key, values):
        spans = [run for run in runs if isinstance(run, Span)]
        if found := _RANGE.fullmatch(word):
            span = _span(key, word, *found.groups())
            twice = any(span.find(value) is not None for _, value in single)
            twice = twice or any(span.overlaps(other) for other in spans)
            runs.append(span)
        else:
            value = cell(key, word)
            twice = (type(value), value) in single
            twice = twice or any(span.find(value) is not None for span in spans)
            single.add((type(value), value))
            if runs and isinstance(last := runs[-1], list):
                last.append((word, value))
            else:
                runs.append([(word, value)])
        if twice:
            raise UsageError(f"{key}: {word} comes twice, and every point of a grid is one row")
    if not runs:
        raise UsageError(f"{key}: there is no value; say {key}=1,2,3 or {key}=1..9:2")
    return Axis(key, (run if isinstance(run, Span) else listed(run) for run in runs))


def listed(values: Iterable[tuple[str, Cell]]) -> Listed:
    """Values by what was written."""
    texts, cells = zip(*values, strict=True)
    return Listed(texts, cells)


def cell(key: str, text: str) -> Cell:
    """A value as a table shows it. Raises `UsageError` for what is no YAML."""
    if _PLAIN.fullmatch(text):
        with suppress(ValueError):
            return plain_value(text)
    node, findings = compose(Source(key, text))
    if node is None or findings:
        why = findings[0].message if findings and text.strip() else "there is no value"
        raise UsageError(f"{key}={text}: {why}")
    if isinstance(node, Scalar):
        # Whether it is a text, a number or a list depends on how it is written.
        if not isinstance(node.value, str):
            return node.value
        if not text.isprintable():
            raise UsageError(f"{key}={text}: there is a character that cannot be printed")
    return text


def _words(key: str, values: object) -> Iterator[str]:
    """The parts of a list of values, as texts."""
    if isinstance(values, str):
        return _split(values)
    if isinstance(values, Iterable):
        return map(shown, values)
    raise UsageError(
        f"{key}: values are a list, or a text such as 0.5,0.75 or 1..9, not {values!r}"
    )


def _split(text: str) -> Iterator[str]:
    """At the commas that stand in no bracket and no quotes."""
    word, closing, quote = "", [""], ""
    for character in text:
        if character == "," and not quote and len(closing) == 1:
            yield word.strip()
            word = ""
            continue
        word += character
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in _OPENING:
            closing.append(_OPENING[character])
        elif character == closing[-1]:
            closing.pop()
    if word.strip() or text.strip():
        yield word.strip()


def _span(key: str, word: str, first: str, last: str, step: str | None) -> Span:
    whole = not any("." in (number or "") for number in (first, last, step))
    if step is None and not whole:
        raise UsageError(f"{key}={word}: a range of decimals needs a step, such as {word}:0.25")
    spacing = Decimal(step or 1)
    if spacing <= 0:
        raise UsageError(f"{key}={word}: the step must be more than 0")
    distance = Decimal(last) - Decimal(first)
    if distance < 0:
        raise UsageError(f"{key}={word}: the range is empty; write the smaller end first")
    return Span(Decimal(first), spacing, int(distance // spacing) + 1, whole)


def _shown(number: Decimal) -> str:
    return format(number.normalize(), "f")
