"""What YAML is made of: scalars, sequences and mappings, each knowing where it stands.

Nothing here reads YAML or knows what the keys mean.
"""

from __future__ import annotations

from cnncalc.language.expressions import Scalar as Plain
from cnncalc.yaml.source import Source, Span

OUT_OF_RANGE = "a number out of range"
"""The value of a number that was refused; recognised by identity."""


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
        """Levels of collections in here, those behind aliases included."""
        return 0


class Scalar(Node):
    """A number, text, truth value or null; `text` is what was written."""

    __slots__ = ("text", "value")

    def __init__(self, source: Source, start: int, end: int, text: str, value: Plain) -> None:
        super().__init__(source, start, end)
        self.text = text
        self.value = value


class Collection(Node):
    """What the two kinds of collections share: how much is in them."""

    __slots__ = ("levels", "total")

    def __init__(self, source: Source, start: int) -> None:
        super().__init__(source, start, start)
        self.total = 1
        self.levels = 1

    def count(self, child: Node) -> None:
        self.total += child.weight
        self.levels = max(self.levels, child.height + 1)

    @property
    def weight(self) -> int:
        return self.total

    @property
    def height(self) -> int:
        return self.levels


class Sequence(Collection):
    __slots__ = ("items",)

    def __init__(self, source: Source, start: int) -> None:
        super().__init__(source, start)
        self.items: list[Node] = []


class Mapping(Collection):
    """Keys and values in the order of the file; every key once."""

    __slots__ = ("entries",)

    def __init__(self, source: Source, start: int) -> None:
        super().__init__(source, start)
        self.entries: list[tuple[Scalar, Node]] = []
