"""A file as it is written: words, mappings and lists with their comments, each where it stood.

ruamel.yaml's parser says what is what and where it begins and ends. Nothing here knows what keys
mean, or what is a good layout.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cnncalc.errors import UsageError
from cnncalc.yaml.edit import round_trip

_BLANKS = re.compile(r"(?:\s+|(?<!\S)#[^\n]*)*")
_COLON = re.compile(r"\s*:")


class CannotFormat(UsageError):
    """A text that has to stay as it is, and why."""


@dataclass(slots=True)
class Word:
    """A scalar or an alias. `style` is the quote or `|`, `>`; "" for plain; "*" for an alias."""

    value: str
    raw: str
    style: str
    start: int
    end: int
    anchor: str = ""
    in_flow: bool = False
    """Whether it stood inside braces, where fewer texts go without quotes."""


@dataclass(slots=True)
class Collection:
    """A mapping, whose units have keys, or a list. `dangling` are comments behind the last unit.

    `spread` means a line for each unit, whatever its length. `bare` lets an item with one key do
    without braces: `- dense: 10`. `unfolded` are the units in the order they take where each has
    its own line, if that is another one.
    """

    is_mapping: bool
    flow: bool
    start: int
    end: int
    units: list[Unit] = field(default_factory=list)
    anchor: str = ""
    dangling: list[str] = field(default_factory=list)
    spread: bool = False
    bare: bool = False
    unfolded: list[Unit] | None = None

    def get(self, key: str) -> Unit | None:
        """The unit with a key."""
        return next((u for u in self.units if u.key is not None and u.key.value == key), None)


Piece = Word | Collection


@dataclass(slots=True)
class Unit:
    """An entry of a mapping or an item of a list, with its comments: those on lines of their own
    above it, with "" for an empty line; the one behind its `key:`; and the one at its end."""

    key: Word | None
    value: Piece
    start: int
    end: int
    column: int
    leading: list[str] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    trailing: list[str] = field(default_factory=list)
    space_above: bool = False


@dataclass(slots=True)
class File:
    """The pieces of a text, and what stands around them."""

    text: str
    root: Collection
    marker: int | None = None
    """Where a `---` stands."""
    above_marker: list[str] = field(default_factory=list)
    top: list[str] = field(default_factory=list)
    """Comments above the first key, which stay first."""
    space_below_top: bool = False
    comments: Counter[str] = field(default_factory=Counter)
    """Every comment with the number of times it stands there."""

    @property
    def has_anchors(self) -> bool:
        return any(piece.anchor for piece in walk(self.root))


def walk(piece: Piece) -> Iterator[Piece]:
    """A piece and all in it, keys included, in the order of the file."""
    yield piece
    if isinstance(piece, Collection):
        for unit in piece.units:
            if unit.key is not None:
                yield unit.key
            yield from walk(unit.value)


def read(text: str) -> File:
    """The pieces of a text with line ends of one character. Raises `CannotFormat`."""
    yaml = round_trip("formatting")
    from ruamel.yaml.error import YAMLError

    try:
        with warnings.catch_warnings(action="ignore"):
            events = iter(list(yaml.parse(text)))
    except (YAMLError, RecursionError, ValueError, AssertionError, IndexError):
        raise CannotFormat("the YAML is read differently by different readers") from None
    return _Reader(text, events).file()


class _Reader:
    def __init__(self, text: str, events: Iterator[Any]) -> None:
        self.text = text
        self.events = events

    def file(self) -> File:
        marker = None
        for event in self.events:
            name = type(event).__name__
            if name == "DocumentStartEvent":
                if event.version or event.tags:
                    raise CannotFormat("a file with a %-directive is left alone")
                marker = event.start_mark.index if event.explicit else None
            elif name == "MappingStartEvent":
                root = self.collection(event, 0, False)
                if not root.units:
                    break
                return File(self.text, root, marker)
            elif name != "StreamStartEvent":
                break
        raise CannotFormat("the file is no mapping of sections")

    def piece(self, event: Any, after: int, in_flow: bool) -> Piece:
        """The piece that begins with an event. Where nothing is written it stands at `after`."""
        name = type(event).__name__
        if name in ("MappingStartEvent", "SequenceStartEvent"):
            return self.collection(event, after, in_flow)
        start, end = event.start_mark.index, event.end_mark.index
        raw = self.text[start:end]
        if name == "AliasEvent":
            return Word(event.anchor, raw, "*", start, end, in_flow=in_flow)
        style = event.style or ""
        anchor = f"&{event.anchor}" if event.anchor else ""
        if not style and not event.value and not anchor:
            return Word("", "", "", after, after, in_flow=in_flow)
        if anchor:
            raw = raw[len(anchor) :].lstrip()
        return Word(event.value, raw, style, start, end, anchor, in_flow)

    def collection(self, event: Any, after: int, in_flow: bool) -> Collection:
        is_mapping = type(event).__name__ == "MappingStartEvent"
        flow = bool(event.flow_style)
        start = event.start_mark.index
        anchor = f"&{event.anchor}" if event.anchor else ""
        made = Collection(is_mapping, flow, start, start, anchor=anchor)
        inside = start + len(anchor)
        for child in self.events:
            if type(child).__name__ in ("MappingEndEvent", "SequenceEndEvent"):
                made.end = child.end_mark.index if flow else inside
                return made
            unit = self.entry(child, flow) if is_mapping else self.item(child, inside, flow)
            made.units.append(unit)
            inside = unit.end
        raise CannotFormat("the file ends too early")

    def entry(self, event: Any, flow: bool) -> Unit:
        key = self.piece(event, event.start_mark.index, flow)
        if not isinstance(key, Word) or key.anchor or key.style not in ("", "'", '"'):
            raise CannotFormat("a key with an anchor or an alias is left alone")
        if not key.raw:
            raise CannotFormat("a key that is empty is left alone")
        colon = _COLON.match(self.text, key.end)
        value = self.piece(next(self.events), colon.end() if colon else key.end, flow)
        end = max(value.end, colon.end() if colon else key.end)
        return Unit(key, value, key.start, end, self.column(key.start))

    def item(self, event: Any, before: int, flow: bool) -> Unit:
        start = event.start_mark.index
        if not flow:
            found = _BLANKS.match(self.text, before)
            start = found.end() if found else before
            if self.text[start : start + 1] != "-":
                raise CannotFormat("an item of a list could not be found")
        value = self.piece(event, start if flow else start + 1, flow)
        end = max(value.end, start if flow else start + 1)
        return Unit(None, value, start, end, self.column(start))

    def column(self, at: int) -> int:
        return at - (self.text.rfind("\n", 0, at) + 1)
