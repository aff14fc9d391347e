"""Changes written into the text of a file, with its comments and layout kept.

The tree says how every piece is written (block or flow, an alias, nothing at all) and where it
ends. New pieces are put in place of the old ones, and all else stays the text it was: byte order
mark, line ends, comments, anchors.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from cnncalc.errors import UsageError
from cnncalc.yaml.comments import Comment, comments
from cnncalc.yaml.nodes import Collection, Mapping, Node, Scalar, plain, written_nodes
from cnncalc.yaml.reader import compose
from cnncalc.yaml.source import Source
from cnncalc.yaml.spelling import spelled

Step = tuple[str, ...]
"""A key by all its names, the one to write first: `("filters", "out_channels", "K")`."""

_NOTHING = ("", "~", "null")
_COLON = re.compile(r"\s*:(?=\s|[\[{\"',}\]]|$)")
_LINE_END = re.compile(r"\r\n?|\n|\Z")
_INNER_COMMENT = re.compile(r"(?:(?>\r\n?|\n)[ \t]*)*(?>\r\n?|\n)[ \t]+#[^\r\n]*")
_BLANK_ABOVE = re.compile(r"(?>\r\n?|\n)[ \t]*(?>\r\n?|\n)(?:[ \t]*#[^\r\n]*(?>\r\n?|\n))*[ \t]*\Z")


class CannotRewrite(UsageError):
    """A change that this file cannot say, and why."""


class Edit(NamedTuple):
    """A new value for an entry of a file, which is added where it is missing.

    `value` is YAML, as on the command line. `path` leads from the file's top to the entry:
    `(("vars",), ("classes",))`. With `item` it starts at the item of a list of layers that stands
    at this offset, in characters, and begins with the item's kind: `(("conv",), ("stride", "S"))`.
    `main` is the option that a bare value on the way to it stands for.
    A `value` of None takes the entry out; a comment stays in its place.
    """

    path: tuple[Step, ...]
    value: str | None
    item: int | None = None
    main: str | None = None


def rewrite(text: str, edits: Iterable[Edit], order: Sequence[str] = ()) -> str:
    """The text with all changes made, one after the other; each starts from the given text's
    offsets. A new entry at the top takes its place in `order`. Raises `CannotRewrite`."""
    waiting = list(edits)
    while waiting:
        editor = _Editor(text, order)
        moved: list[Edit] = []
        taken: set[int | None] = set()
        splices: list[_Splice] = []
        for edit in waiting:
            # One at a time for each item, and for all sections: the next may see what this adds.
            if edit.item in taken or (edit.item is None and taken):
                moved.append(edit)
                continue
            taken.add(edit.item)
            splices.append(editor.splice(edit))
        splices = sorted([*splices, *editor.realigned(splices)])
        text = _spliced(text, splices)
        waiting = [edit._replace(item=_shifted(edit.item, splices)) for edit in moved]
    return text


def with_section(text: str, name: str, entries: dict[str, str], order: Sequence[str] = ()) -> str:
    """The text with a section that it lacks or has empty; one entry below the other where the file
    writes its sections so. Values are YAML. Raises `CannotRewrite`."""
    editor = _Editor(text, order)
    root = editor.sections
    known = [number for number, (key, _) in enumerate(root.entries) if key.text == name]
    flow = f"{{{_inside(entries)}}}"
    splice = editor.replaced(root, known[0], flow) if known else editor.section(name, entries)
    return _spliced(text, [splice])


class _Splice(NamedTuple):
    """New text in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def _spliced(text: str, splices: Iterable[_Splice]) -> str:
    """A text with splices in it, which are in order and do not overlap."""
    pieces, at = [], 0
    for splice in splices:
        pieces += [text[at : splice.start], splice.text]
        at = splice.end
    return "".join([*pieces, text[at:]])


def _shifted(offset: int | None, splices: Sequence[_Splice]) -> int | None:
    if offset is None:
        return None
    return offset + sum(len(s.text) - (s.end - s.start) for s in splices if s.start < offset)


def _as_written(value: str) -> str:
    """A value's own spelling where it means the same inside braces, otherwise one that does."""
    node, findings = compose(Source("", value))
    if node is None or findings:
        raise CannotRewrite(f"`{value}` is no value")
    data = plain(node)
    inside, findings = compose(Source("", f"{{k: {value}}}"))
    if "\n" in value or "#" in value or findings or inside is None or plain(inside) != {"k": data}:
        return spelled(data)
    return value.strip()


class _Editor:
    """A text with its tree, and the splices that edits come to."""

    def __init__(self, text: str, order: Sequence[str]) -> None:
        self.text = text
        self.order = order
        source = Source("", text)
        self.newline = source.newline
        root, findings = compose(source)
        if root is None or findings:
            raise CannotRewrite("the file is no YAML that could be changed")
        self.root = root

    @property
    def sections(self) -> Mapping:
        if not isinstance(self.root, Mapping):
            raise CannotRewrite("the file is not a mapping of sections")
        return self.root

    @cached_property
    def values(self) -> dict[int, Node]:
        """All values and items by where they start, those around before those inside."""
        found: dict[int, Node] = {}
        for node in written_nodes(self.root):
            found.setdefault(node.start, node)
        return found

    @cached_property
    def comments(self) -> list[Comment]:
        return list(comments(self.root))

    def comments_between(self, start: int, end: int) -> list[Comment]:
        first = bisect_left(self.comments, start, key=lambda comment: comment.start)
        last = bisect_left(self.comments, end, key=lambda comment: comment.start)
        return self.comments[first:last]

    def splice(self, edit: Edit) -> _Splice:
        if edit.item is None:
            return self.entry(self.sections, edit.path, edit)
        node = self.values.get(edit.item)
        if node is None:
            raise CannotRewrite("the layer does not stand where it was")
        if isinstance(node, Mapping):
            return self.entry(node, edit.path, edit)
        if not isinstance(node, Scalar):
            raise CannotRewrite("a layer is a word or a mapping")
        word = self.text[node.start : node.end]
        if len(edit.path) == 1:
            said = f"{edit.path[0][0]}: {_as_written(edit.value or '')}"
            return _Splice(node.start, node.end, f"{{{word}: {{}}, {said}}}")
        return _Splice(node.start, node.end, f"{{{word}: {self.fresh(edit.path[1:], edit)}}}")

    def entry(self, mapping: Mapping, path: tuple[Step, ...], edit: Edit) -> _Splice:
        """The change of one entry of a mapping, or of what is in it."""
        names, rest = path[0], path[1:]
        for number, (key, value) in enumerate(mapping.entries):
            if key.text not in names:
                continue
            if not rest:
                if edit.value is None:
                    return self.removed(mapping, number)
                return self.replaced(mapping, number, _as_written(edit.value))
            if isinstance(value, Mapping):
                if mapping.as_written(number) is value:
                    return self.entry(value, rest, edit)
                raise CannotRewrite(f"`{key.text}` is an alias, whose anchor says it for others")
            start, end = self.place(mapping, number)
            bare = self.text[start:end]
            if isinstance(value, Collection) and not value.flow:
                # What takes its place is in braces; comments are kept behind it.
                bare = spelled(plain(value))
            if len(rest) == 1 and edit.main in rest[0] and bare not in _NOTHING:
                return self.replaced(mapping, number, _as_written(edit.value or ""))
            return self.replaced(mapping, number, self.fresh(rest, edit, bare))
        if edit.value is None:
            raise CannotRewrite(f"there is no `{names[0]}` to take out")
        new = _as_written(edit.value) if not rest else self.fresh(rest, edit)
        return self.added(mapping, names[0], new)

    def fresh(self, path: tuple[Step, ...], edit: Edit, bare: str = "") -> str:
        """A mapping for the rest of a path, beside the bare value that stood there."""
        assert edit.value is not None
        inner = _as_written(edit.value)
        for step in reversed(path[1:]):
            inner = f"{{{step[0]}: {inner}}}"
        if bare not in _NOTHING and edit.main not in (None, *path[0]):
            kept = bare if bare.startswith(("*", "&")) else _as_written(bare)
            return f"{{{edit.main}: {kept}, {path[0][0]}: {inner}}}"
        return f"{{{path[0][0]}: {inner}}}"

    def realigned(self, splices: Sequence[_Splice]) -> Iterator[_Splice]:
        """Blanks before the comments at the ends of changed lines, so that these stay in place."""
        grown: dict[int, int] = {}
        for splice in splices:
            if not set(splice.text) & {"\n", "\r"}:
                for comment in self.comments_between(splice.end, self.end_of_line(splice.end + 1)):
                    growth = len(splice.text) - (splice.end - splice.start)
                    grown[comment.start] = grown.get(comment.start, 0) + growth
                    break
        for place, growth in grown.items():
            blanks = place - len(self.text[:place].rstrip(" "))
            if blanks >= 2:
                yield _Splice(place - blanks, place, " " * max(blanks - growth, 2))

    # --- pieces of text -------------------------------------------------------------------------

    def place(self, mapping: Mapping, number: int) -> tuple[int, int]:
        """Where an entry's value stands; an alias is its name. Equal where there is nothing."""
        value = mapping.as_written(number)
        if value.length:
            return value.start, value.end
        after = self.after_colon(mapping, number)
        return after, after

    def after_colon(self, mapping: Mapping, number: int) -> int:
        """Where an entry's colon ends, or its key where it has none."""
        key, _ = mapping.entries[number]
        colon = _COLON.match(self.text, key.end)
        return colon.end() if colon else key.end

    def replaced(self, mapping: Mapping, number: int, new: str) -> _Splice:
        key, _ = mapping.entries[number]
        value = mapping.as_written(number)
        start, end = self.place(mapping, number)
        if value.anchor and not new.startswith("{"):
            raise CannotRewrite(f"`{key.text}` is an anchor, whose value others take as well")
        if start == end:
            has_colon = self.text[start - 1 : start] == ":"
            return _Splice(start, end, f" {new}" if has_colon else f": {new}")
        if isinstance(value, Collection) and not value.flow:
            # A block may stand no deeper than its key: what takes its place goes after the colon.
            start, new = self.after_colon(mapping, number), f" {new}"
        if found := self.comments_between(start, end):
            indent = self.newline + " " * (key.span.column - 1)
            new += "  " + indent.join(comment.text for comment in found)
            if self.text[end : end + 1] not in ("", "\n", "\r"):
                new += indent + "  "
        return _Splice(start, end, new)

    def added(self, mapping: Mapping, key: str, new: str) -> _Splice:
        entry = f"{key}: {new}"
        if mapping.flow:
            if not mapping.size:
                start = mapping.content_start + 1
                return _Splice(start, start, entry)
            _, end = self.place(mapping, mapping.size - 1)
            return _Splice(end, end, f", {entry}")
        before = [
            number for number, (known, _) in enumerate(mapping.entries)
            if mapping is not self.root or self.rank(known.text) <= self.rank(key)
        ]  # fmt: skip
        first, _ = mapping.entries[0]
        indent = self.newline + " " * (first.span.column - 1)
        if not before:
            return _Splice(first.start, first.start, entry + indent)
        _, end = self.place(mapping, before[-1])
        end = self.end_of_line(end)
        return _Splice(end, end, indent + entry)

    def rank(self, section: str) -> int:
        return self.order.index(section) if section in self.order else len(self.order)

    def section(self, name: str, entries: dict[str, str]) -> _Splice:
        """A new section at its place, set off by a blank line where the one before it is."""
        root = self.sections
        if root.flow:
            return self.added(root, name, f"{{{_inside(entries)}}}")
        splice = self.added(root, name, "")
        indent = self.newline + " " * (root.entries[0][0].span.column - 1)
        lines = indent + "  " + f"{indent}  ".join(f"{k}: {v}" for k, v in entries.items())
        if not splice.text.startswith(self.newline):
            return splice._replace(text=f"{name}:{lines}{indent}")
        at = splice.start
        while comment := _INNER_COMMENT.match(self.text, at):
            at = comment.end()
        before = [key for key, _ in root.entries if key.start < at]
        above = self.text[: before[-1].start]
        blank = self.newline if len(before) > 1 and _BLANK_ABOVE.search(above) else ""
        return _Splice(at, at, f"{blank}{indent}{name}:{lines}")

    def removed(self, mapping: Mapping, number: int) -> _Splice:
        """An entry taken out: of a block by making it a comment, of braces with its comma."""
        start = mapping.entries[number][0].start
        _, end = self.place(mapping, number)
        if not mapping.flow:
            stop = self.end_of_line(end)
            lines = self.text[start:stop].splitlines(keepends=True)
            return _Splice(start, stop, "".join(f"# {line}" for line in lines))
        if number + 1 < mapping.size:
            following = mapping.entries[number + 1][0].start
            kept = self.newline.join(c.text for c in self.comments_between(end, following))
            return _Splice(start, following, f" {kept}{self.newline}" if kept else "")
        if number:
            _, start = self.place(mapping, number - 1)
        return _Splice(start, end, "")

    def end_of_line(self, end: int) -> int:
        """Where the line ends that the character before `end` is on."""
        found = _LINE_END.search(self.text, max(end - 1, 0))
        assert found is not None
        return found.start()


def _inside(entries: dict[str, str]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in entries.items())
