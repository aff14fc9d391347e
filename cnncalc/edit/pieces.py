"""A file as it is laid out: words, mappings and lists with their comments, each where it stood."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cnncalc.errors import UsageError
from cnncalc.yaml import nodes
from cnncalc.yaml.comments import Comment, comments
from cnncalc.yaml.nodes import Alias, Node, Scalar

_BLANKS = re.compile(r"(?:\s+|(?<!\S)#[^\n]*)*")
_COLON = re.compile(r"\s*:")
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_MARKER = re.compile(r"^---(?!\S)", re.MULTILINE)


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
    """A mapping, whose units have keys, or a list. `dangling` are comments after the last unit.

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
    above it, with "" for an empty line; the one after its `key:`; and the one at its end."""

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
    found: list[Comment] = field(default_factory=list)
    """The comments; those on the line of a `|` or `>` are part of that word."""
    marker: int | None = None
    """Where a `---` stands."""
    above_marker: list[str] = field(default_factory=list)
    top: list[str] = field(default_factory=list)
    """Comments above the first key, which stay first."""
    space_below_top: bool = False

    @property
    def comments(self) -> Counter[str]:
        """Every comment with the number of times it stands there."""
        return Counter(comment.text for comment in self.found)

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


def read(root: Node) -> File:
    """The pieces of a text, with line ends of one character, by its tree. Raises `CannotFormat`."""
    if not isinstance(root, nodes.Mapping) or not root.entries:
        raise CannotFormat("the file is not a mapping of sections")
    text = root.source.text
    above = text[: root.start]
    if _DIRECTIVE.search(above):
        raise CannotFormat("a file with a %-directive is left alone")
    marker = _MARKER.search(above)
    found = [comment for comment in comments(root) if not comment.in_header]
    return File(text, _collection(root), found, marker and marker.start())


def _piece(node: Node, after: int, in_flow: bool) -> Piece:
    """The piece that a node is. Where nothing is written it stands at `after`."""
    start, end = node.start, node.end
    if isinstance(node, nodes.Collection):
        return _collection(node)
    if isinstance(node, Alias):
        raw = node.source.text[start:end]
        return Word(raw.removeprefix("*"), raw, "*", start, end, in_flow=in_flow)
    assert isinstance(node, Scalar)
    if not node.length:
        return Word("", "", "", after, after, in_flow=in_flow)
    return Word(node.text, node.raw, node.style, start, end, node.anchor, in_flow)


def _collection(node: nodes.Collection) -> Collection:
    is_mapping = isinstance(node, nodes.Mapping)
    made = Collection(is_mapping, node.flow, node.start, node.end, anchor=node.anchor)
    inside = node.start + len(made.anchor)
    for number, value in enumerate(node.written()):
        if isinstance(node, nodes.Mapping):
            unit = _entry(node.entries[number][0], value, node.flow)
        else:
            unit = _item(value, inside, node.flow)
        made.units.append(unit)
        inside = unit.end
    if not node.flow:
        made.end = inside
    return made


def _entry(key: Scalar, value: Node, flow: bool) -> Unit:
    text, word = key.source.text, _piece(key, key.start, flow)
    if key.anchor or text[key.start : key.end].startswith("*"):
        raise CannotFormat("a key with an anchor or an alias is left alone")
    if not isinstance(word, Word) or word.style in ("|", ">"):
        raise CannotFormat("a key that is a block of text is left alone")
    if not word.raw:
        raise CannotFormat("a key that is empty is left alone")
    colon = _COLON.match(text, key.end)
    after = colon.end() if colon else key.end
    piece = _piece(value, after, flow)
    return Unit(word, piece, key.start, max(piece.end, after), key.span.column - 1)


def _item(value: Node, before: int, flow: bool) -> Unit:
    start, text = value.start, value.source.text
    if not flow:
        found = _BLANKS.match(text, before)
        start = found.end() if found else before
        if text[start : start + 1] != "-":
            raise CannotFormat("an item of a list could not be found")
    after = start if flow else start + 1
    piece = _piece(value, after, flow)
    column = value.source.locate(start)[1] - 1
    return Unit(None, piece, start, max(piece.end, after), column)
