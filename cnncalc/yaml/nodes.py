"""What YAML is made of: scalars, sequences and mappings, each knowing where it stands and how it is
written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cnncalc.language.expressions import Scalar as Plain
from cnncalc.yaml.source import Source, Span

OUT_OF_RANGE = "a number out of range"
"""The value of a number that was refused; recognised by identity."""

_ANCHOR = re.compile(r"(&[^\s,\[\]{}]+)(?:\s+|(?<!\S)#[^\n\r]*)*")


class Node:
    """A piece of a file."""

    __slots__ = ("length", "source", "start")

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start = start
        # Lengths are small numbers, of which Python keeps one copy; ends are not.
        self.length = end - start

    @property
    def end(self) -> int:
        return self.start + self.length

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)

    @property
    def weight(self) -> int:
        """Nodes in here, this one included, aliases counted in full."""
        return 1

    @property
    def height(self) -> int:
        """Levels of collections in here, those of aliased nodes included."""
        return 0

    @property
    def anchor(self) -> str:
        """The anchor with its `&`; empty where there is none."""
        if not (self.length and self.source.text[self.start] == "&"):
            return ""
        found = _ANCHOR.match(self.source.text, self.start, self.end)
        return found[1] if found else ""

    @property
    def content_start(self) -> int:
        """Where the node begins when its anchor is over."""
        found = _ANCHOR.match(self.source.text, self.start, self.end) if self.anchor else None
        return found.end() if found else self.start


class Scalar(Node):
    """A number, text, truth value or null; `text` is what was written."""

    __slots__ = ("text", "value")

    def __init__(self, source: Source, start: int, end: int, text: str, value: Plain) -> None:
        self.source = source
        self.start = start
        self.length = end - start
        self.text = text
        self.value = value

    @property
    def style(self) -> str:
        """The quote, or `|` or `>`; empty for a plain scalar."""
        first = self.raw[:1]
        return first if first and first in "'\"|>" else ""

    @property
    def raw(self) -> str:
        """The scalar as it is written, without its anchor."""
        return self.source.text[self.content_start : self.end]


class Alias(Node):
    """A place where a node with an anchor is named: `*name`."""

    __slots__ = ("node",)

    def __init__(self, source: Source, start: int, end: int, node: Node) -> None:
        super().__init__(source, start, end)
        self.node = node

    @property
    def height(self) -> int:
        return self.node.height


class Collection(Node):
    """What the two kinds of collections share: how much is in them, and how they are written."""

    __slots__ = ("aliases", "flow", "levels", "total")

    def __init__(self, source: Source, start: int, *, flow: bool = False) -> None:
        super().__init__(source, start, start)
        self.flow = flow
        """Whether it stands in braces or brackets."""
        self.aliases: dict[int, Alias] | None = None
        """Where children are named rather than written, by their numbers."""
        self.total = 1
        self.levels = 1

    def _count(self, child: Node, number: int, alias: Alias | None) -> None:
        """Take note of a child, and of where it is named."""
        self.total += child.weight
        if child.height >= self.levels:
            self.levels = child.height + 1
        if alias is not None:
            self.aliases = self.aliases or {}
            self.aliases[number] = alias

    @property
    def weight(self) -> int:
        return self.total

    @property
    def height(self) -> int:
        return self.levels

    @property
    def size(self) -> int:
        raise NotImplementedError

    def child(self, number: int) -> Node:
        """An item, or a value; an alias is the node that it names."""
        raise NotImplementedError

    def as_written(self, number: int) -> Node:
        """An item, or a value; an alias is an `Alias`."""
        return (self.aliases or {}).get(number) or self.child(number)

    def written(self) -> Iterator[Node]:
        """All items, or values, as they are written."""
        return map(self.as_written, range(self.size))


class Sequence(Collection):
    """A list."""

    __slots__ = ("items",)

    def __init__(self, source: Source, start: int, *, flow: bool = False) -> None:
        super().__init__(source, start, flow=flow)
        self.items: list[Node] = []

    def add(self, item: Node, alias: Alias | None) -> None:
        self._count(item, len(self.items), alias)
        self.items.append(item)

    @property
    def size(self) -> int:
        return len(self.items)

    def child(self, number: int) -> Node:
        return self.items[number]


class Mapping(Collection):
    """Keys and values in the order of the file; every key once."""

    __slots__ = ("entries",)

    def __init__(self, source: Source, start: int, *, flow: bool = False) -> None:
        super().__init__(source, start, flow=flow)
        self.entries: list[tuple[Scalar, Node]] = []

    def add(self, key: Scalar, value: Node, alias: Alias | None) -> None:
        self.total += 1
        self._count(value, len(self.entries), alias)
        self.entries.append((key, value))

    @property
    def size(self) -> int:
        return len(self.entries)

    def child(self, number: int) -> Node:
        return self.entries[number][1]

    @property
    def anchor(self) -> str:
        # The anchor of the first key of a block stands where the block begins.
        of_key = bool(self.entries) and self.entries[0][0].start == self.start
        return "" if of_key else super().anchor


def written_nodes(root: Node) -> Iterator[Node]:
    """A node and all that is written in it, keys included, in the order of the file. What an alias
    names is not written there."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Collection):
            for number in reversed(range(node.size)):
                waiting.append(node.as_written(number))
                if isinstance(node, Mapping):
                    waiting.append(node.entries[number][0])


def plain(node: Node) -> Any:
    """A node's value as numbers, texts, lists and dictionaries."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key.text: plain(value) for key, value in node.entries}
