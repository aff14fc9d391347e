"""YAML to nodes, each knowing where it stands. Strict: YAML 1.2 scalars, no tags, no surprises.

Works on the parser's events rather than on composed nodes: memory stays small, depth is bounded
before anything recurses, and an alias is the node it names, never a copy.
What the keys mean is for `language`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from cnncalc.diagnostics import Diagnostic
from cnncalc.language.expressions import Scalar as Plain
from cnncalc.volume import LARGEST_NUMBER
from cnncalc.yaml.nodes import OUT_OF_RANGE, Alias, Mapping, Node, Scalar, Sequence
from cnncalc.yaml.slips import NOT_YAML, slip
from cnncalc.yaml.source import Source, Span

DEEPEST = 60
"""Levels of nesting a file may have."""

MOST_NODES = 1_500_000
"""Scalars and collections of a file; a file of 100,000 layers written out has about 1,200,000."""

LARGEST_ALIAS_EXPANSION = 100_000
"""Nodes that all aliases of a file may stand for, aliases inside aliases counted in full."""

_INTEGER = re.compile(r"[-+]?[0-9]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Plain] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# The C parser reads several times faster; both give the same events.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Unparsable(Exception):
    """The text is not the YAML read here; carries the one diagnostic that says why."""

    def __init__(self, code: str, message: str, span: Span, *help: str) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, span, help=help)


def compose(source: Source) -> tuple[Node | None, list[Diagnostic]]:
    """The one document in a text, or None, and what is wrong with it. Never raises."""
    reader = _Reader(source)
    try:
        return reader.read(), reader.findings
    except Unparsable as fault:
        return None, [*reader.findings, fault.diagnostic]


def plain_value(text: str) -> Plain:
    """What an unquoted scalar means in YAML 1.2, decimal integers only.

    Raises `ValueError` for a number that is out of range.
    """
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if not (first.isdigit() or first in "+-."):
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > 4000 or abs(int(text)) > LARGEST_NUMBER:
            raise ValueError
        return int(text)
    if FLOAT.fullmatch(text):
        value = float(text)
        if not math.isfinite(value):
            raise ValueError
        return value
    return text


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings: list[Diagnostic] = []
        self.anchors: dict[str, Node] = {}
        self.expanded = 0
        self.read_nodes = 0
        self.plain: dict[str, tuple[str, Plain]] = {}

    def read(self) -> Node:
        text = self.source.text
        if found := _FORBIDDEN.search(text):
            raise Unparsable(
                "yaml-syntax",
                f"the character U+{ord(found[0]):04X} may not stand in a file",
                Span(self.source, found.start(), found.end()),
            )
        try:
            return self._documents(yaml.parse(text, Loader=_LOADER))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = min(mark.index, len(text)) if mark else 0
            self._hold_to_depth(at)
            begun = error.context_mark.index if error.context_mark else None
            in_token = isinstance(error, yaml.scanner.ScannerError)
            message, help = slip(text, at, begun, in_token=in_token)
            at = min(at, len(text) - 1)
            span = Span(self.source, at, at + 1)
            raise Unparsable("yaml-syntax", message, span, *filter(None, [help])) from None
        except (yaml.YAMLError, RecursionError):
            raise Unparsable("yaml-syntax", NOT_YAML, Span(self.source, 0, 0)) from None

    def _documents(self, events: Iterator[yaml.Event]) -> Node:
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise Unparsable(
                        "yaml-syntax", "a second document; a file holds one", self._span(event)
                    )
                if event.tags:
                    raise Unparsable("yaml-syntax", "tags are not read here", self._span(event))
            elif isinstance(event, yaml.NodeEvent):
                root = self._node(event, events)
        if root is None or (isinstance(root, Scalar) and root.text == ""):
            raise Unparsable(
                "yaml-syntax",
                "the file is empty",
                Span(self.source, 0, 0),
                "a file has `input:` and `layers:` at least",
            )
        return root

    def _hold_to_depth(self, end: int) -> None:
        """Refuse nesting that is too deep before `end`, where the parser has given up.

        The parser reads ahead of its events and may have a bound of its own. The text before that
        place gives the events that it has held back, so the bound here comes first.
        """
        again = _Reader(self.source)
        try:
            again._documents(yaml.parse(self.source.text[:end], Loader=_LOADER))
        except Unparsable as fault:
            if fault.diagnostic.code == "limit-exceeded":
                raise
        except yaml.YAMLError:
            pass

    def _node(self, first: yaml.Event, events: Iterator[yaml.Event]) -> Node:
        """Build a node from its events, without recursion."""
        finished = self._leaf(first)
        if finished is not None:
            return finished
        open_nodes: list[_Open] = [self._open(first)]
        for event in events:
            if isinstance(event, yaml.ScalarEvent):  # as most are
                open_nodes[-1].take(self._scalar(event))
                continue
            if isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                node = self._close(open_nodes.pop(), event)
                if not open_nodes:
                    return node
            else:
                leaf = self._leaf(event)
                if len(open_nodes) + (1 if leaf is None else leaf.height) > DEEPEST:
                    message = f"nesting of more than {DEEPEST} levels"
                    raise Unparsable("limit-exceeded", message, self._span(event))
                if leaf is None:
                    open_nodes.append(self._open(event))
                    continue
                node = leaf
            open_nodes[-1].take(node)
        raise Unparsable("yaml-syntax", "the file ends too early", Span(self.source, 0, 0))

    def _leaf(self, event: yaml.Event) -> Node | None:
        """A scalar or an alias; None for the start of a collection."""
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        return None

    def _open(self, event: Any) -> _Open:
        self._accept(event)
        start = event.start_mark.index
        made = Sequence if isinstance(event, yaml.SequenceStartEvent) else Mapping
        return _Open(self, made(self.source, start, flow=bool(event.flow_style)), event.anchor)

    def _close(self, opened: _Open, event: Any) -> Node:
        node = opened.node
        end = event.end_mark.index
        if node.size and not node.flow:
            # A block ends where its last entry does; the event stands at the next token.
            end = node.as_written(node.size - 1).end
        node.length = end - node.start
        if opened.anchor is not None:
            self.anchors[opened.anchor] = node
        return node

    def _scalar(self, event: Any) -> Scalar:
        self._accept(event)
        start, end = event.start_mark.index, event.end_mark.index
        text = event.value
        if event.style in (None, ""):
            try:
                known = self.plain.get(text)
                if known is None:
                    known = self.plain[text] = (text, plain_value(text))
                text, value = known
            except ValueError:
                value = OUT_OF_RANGE
                shown = text if len(text) <= 30 else text[:27] + "…"
                self.findings.append(
                    Diagnostic(
                        "bad-value",
                        f"the number {shown} is out of range: integers are below 2**63",
                        Span(self.source, start, end),
                    )
                )
        else:
            value = text
        node = Scalar(self.source, start, end, text, value)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> Alias:
        node = self.anchors.get(event.anchor)
        if node is None:
            raise Unparsable(
                "yaml-syntax",
                f"the alias *{event.anchor} names no anchor that is complete by here",
                self._span(event),
            )
        self.expanded += node.weight
        if self.expanded > LARGEST_ALIAS_EXPANSION:
            raise Unparsable(
                "limit-exceeded",
                f"aliases stand for more than {LARGEST_ALIAS_EXPANSION:,} nodes",
                self._span(event),
            )
        return Alias(*self._span(event), node)

    def _accept(self, event: Any) -> None:
        """Count a node, and refuse tags."""
        self.read_nodes += 1
        if self.read_nodes > MOST_NODES:
            message = f"the file holds more than {MOST_NODES:,} values"
            raise Unparsable("limit-exceeded", message, self._span(event), "`repeat` says it once")
        if event.tag is not None:
            raise Unparsable(
                "yaml-syntax",
                "tags are not read here: an architecture is plain data",
                self._span(event),
            )

    def _span(self, event: Any) -> Span:
        return Span(self.source, event.start_mark.index, event.end_mark.index)


class _Open:
    """A collection whose end has not come yet."""

    __slots__ = ("anchor", "key", "keys", "node", "reader", "torn")

    def __init__(self, reader: _Reader, node: Sequence | Mapping, anchor: str | None) -> None:
        self.reader = reader
        self.node = node
        self.anchor = anchor
        self.key: Scalar | None = None
        self.keys: dict[str, Scalar] = {}
        self.torn = 0

    def take(self, written: Node) -> None:
        """The next key, value or item."""
        node = self.node
        alias = written if isinstance(written, Alias) else None
        child = written if alias is None else alias.node
        if isinstance(node, Sequence):
            if not (node.flow and self._belongs_to_torn(child)):
                node.add(child, alias)
        elif self.key is None:
            self.key = self._as_key(child, alias)
        else:
            key, self.key = self.key, None
            if node.flow:
                if self._belongs_to_torn(key):
                    return
                self._belongs_to_torn(child)
            if key.text == "<<":
                message = "the merge key `<<` is not part of YAML 1.2"
                help = ("`defaults:` or a block says a thing once",)
                self.reader.findings.append(Diagnostic("yaml-syntax", message, key.span, help=help))
            elif self._is_new(key):
                node.add(key, child, alias)

    def _as_key(self, child: Node, alias: Alias | None) -> Scalar:
        if isinstance(child, Scalar):
            if alias is None:
                return child
            return Scalar(alias.source, alias.start, alias.end, child.text, child.value)
        raise Unparsable("yaml-syntax", "a key must be a single word", child.span)

    def _is_new(self, key: Scalar) -> bool:
        first = self.keys.setdefault(key.text, key)
        if first is key:
            return True
        self.reader.findings.append(
            Diagnostic(
                "duplicate-key",
                f"`{key.text}` stands here twice",
                key.span,
                notes=(f"it stands first at {first.span}",),
            )
        )
        return False

    def _belongs_to_torn(self, child: Node) -> bool:
        """An expression with a comma, unquoted inside {…} or […], comes apart in several pieces:
        say so once, at the first, and pass over the rest."""
        if not isinstance(child, Scalar):
            return False
        if self.torn > 0:
            self.torn += child.text.count("(") - child.text.count(")")
            return True
        # Quoted text cannot be torn: its closing quote is part of the span.
        if child.length != len(child.text):
            return False
        if child.text.startswith("(") and ")" not in child.text:
            self.torn = 1
            message = f"`{child.text}` ends at the comma"
            help = ("a list is written [5, 5], and for numbers alone also 5x5",)
            self.reader.findings.append(Diagnostic("bad-value", message, child.span, help=help))
        elif "$(" in child.text:
            self.torn = max(child.text.count("(") - child.text.count(")"), 0)
            if self.torn:
                self.reader.findings.append(
                    Diagnostic(
                        "bad-expression",
                        f"`{child.text}` ends at the comma",
                        child.span,
                        help=("inside {…} and […] quote an expression that holds a comma: "
                              f'"{child.text}, …"',),
                    )
                )  # fmt: skip
        return False
