"""What the author wrote, as a typed tree. Nothing is evaluated: values are nodes still."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.diagnostics import Diagnostic
from cnncalc.layers.arguments import Argument
from cnncalc.layers.registry import NamedKind
from cnncalc.yaml.nodes import Node, Scalar
from cnncalc.yaml.source import Source, Span


class Option(NamedTuple):
    """A key with its value. `argument` is what it is to a framework's class, where that is no
    option of the kind, or another."""

    key: Scalar
    value: Node
    argument: Argument | None = None

    @property
    def span(self) -> Span:
        """Key and value where they share a line, otherwise the key: what a caret can underline."""
        key, value = self.key.span, self.value.span
        if value.start == value.end:
            return key
        if value.source is key.source and key.start <= value.start and key.line == value.end_line:
            return Span(key.source, key.start, max(key.end, value.end))
        return key


Defaults = dict[str, dict[str, Option]]
"""Options that the layers of each kind start from."""


class Branch(NamedTuple):
    """A branch of a merge: a list of items, or a reference to an earlier layer. Where its condition
    is false there is the `otherwise` branch in its place, or none."""

    node: Node
    items: tuple[LayerItem, ...] = ()
    reference: Scalar | None = None
    broken: bool = False
    when: Option | None = None
    otherwise: Branch | None = None

    @property
    def all_items(self) -> Iterator[LayerItem]:
        """Items directly in it, whatever its condition says."""
        yield from self.items
        if self.otherwise is not None:
            yield from self.otherwise.all_items


class LayerItem:
    """An item of a list of layers: a kind, its options, and how it is wired.

    One of three things: a built-in kind (`kind`), a block (`block`), or a kind that an expression
    names (`dynamic`). `options` are keyed by the option's own name, or the block's argument; a
    dynamic kind keeps them as written in `written`, and a bare value in `main`. What is repeated
    knows in `mentioned` which names its copies use, and in `copies` the items that the first one,
    the last one, and one that is both are, where they differ. A `broken` item has faults of form:
    what it would make is not known, and what follows from that is not its fault.
    `defaults` are those of the file whose block it stands in, where this is another one.
    """

    __slots__ = (
        "block",
        "branches",
        "broken",
        "copies",
        "counter",
        "defaults",
        "dynamic",
        "first",
        "from_",
        "kind",
        "kind_key",
        "last",
        "layers",
        "main",
        "mentioned",
        "name",
        "node",
        "options",
        "parts",
        "repeat",
        "share",
        "trainable",
        "when",
        "written",
    )

    def __init__(self, node: Node, kind_key: Scalar) -> None:
        self.node = node
        self.kind_key = kind_key
        self.kind: NamedKind | None = None
        self.block: str | None = None
        self.dynamic = False
        self.broken = False
        self.options: dict[str, Option] = {}
        self.defaults: Defaults | None = None
        self.written: tuple[Option, ...] = ()
        self.main: Node | None = None
        self.branches: tuple[Branch, ...] | None = None
        self.layers: tuple[LayerItem, ...] | None = None
        self.parts: tuple[Part, ...] | None = None
        self.name: Option | None = None
        self.from_: Option | None = None
        self.repeat: Option | None = None
        self.mentioned: frozenset[str] = frozenset()
        self.counter: Option | None = None
        self.first: Option | None = None
        self.last: Option | None = None
        self.copies: dict[tuple[bool, bool], LayerItem] = {}
        self.when: Option | None = None
        self.share: Option | None = None
        self.trainable: Option | None = None

    @property
    def children(self) -> Iterator[LayerItem]:
        """Items directly inside: of the branches, of a sequential or a split."""
        for branch in self.branches or ():
            yield from branch.all_items
        yield from self.layers or ()
        yield from (part.item for part in self.parts or ())

    @property
    def wiring(self) -> Iterator[Option]:
        """What stands beside the kind."""
        said = (self.name, self.from_, self.repeat, self.counter, self.first, self.last)
        rest = (self.when, self.share, self.trainable)
        yield from (option for option in (*said, *rest) if option is not None)

    def copy_at(self, index: int, count: int) -> LayerItem:
        """The item as its copy number `index` of `count` says it."""
        if not self.copies:
            return self
        return self.copies.get((index == 0, index == count - 1), self)

    @property
    def kind_span(self) -> Span:
        """The kind, with its value where that is short enough to be on the same line."""
        value = self.main
        if value is not None:
            return Option(self.kind_key, value).span
        return self.kind_key.span


class Part(NamedTuple):
    """A part of a split: the layer that makes it, and how many channels it has; None for as many as
    the others have."""

    item: LayerItem
    channels: Option | None


class BlockDefinition(NamedTuple):
    """A kind of the file's own; an argument whose default is None is required."""

    key: Scalar
    arguments: dict[str, Option]
    required: frozenset[str]
    layers: tuple[LayerItem, ...]
    broken: bool = False


class Remark(NamedTuple):
    """A comment for the linter: `# cnncalc: ignore[code, code]`, `ignore-file` for all lines, or
    `warn` for what is reported on request. `line` is the line that it is about; `codes` is empty
    where none are given."""

    word: str
    codes: tuple[Scalar, ...]
    span: Span
    line: int

    @property
    def asked(self) -> tuple[str, ...]:
        """The warnings that it asks for."""
        return tuple(code.text for code in self.codes) if self.word == "warn" else ()


class Document(NamedTuple):
    """An architecture file, with the files it extends merged in."""

    source: Source
    name: str
    description: str | None = None
    citation: str | None = None
    family: str | None = None
    input: Option | None = None
    rounding: Option | None = None
    vars: dict[str, Option] = {}
    defaults: Defaults = {}
    broken_defaults: frozenset[str] = frozenset()
    blocks: dict[str, BlockDefinition] = {}
    layers: tuple[LayerItem, ...] = ()
    layers_key: Scalar | None = None
    outputs: Option | None = None
    expect: dict[str, Option] = {}
    expect_findings: tuple[Diagnostic, ...] = ()
    extends: Option | None = None
    borrows: Option | None = None
    """Another file whose blocks it takes."""
    orphaned: bool = False
    """It extends a file that could not be read, and so says nothing for sure."""
    mentioned: frozenset[str] = frozenset()
    """Every name that an expression anywhere in the file mentions."""
    mentioned_in_blocks: frozenset[str] = frozenset()
    remarks: tuple[Remark, ...] = ()
