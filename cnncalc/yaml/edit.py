"""Changes written into the text of a file, with its comments and layout kept.

ruamel.yaml's round-trip reader says how every piece was written (block or flow, an alias, nothing
at all) and where it ends; its writer spells the new values. Whole files do not go through that
writer, which joins lines, indents anew and turns `~` into `null`: new pieces are put in place of
the old ones, and all else stays the text it was.
What a change means, and whether it can be written at all, is the affair of `placing`.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc import packages
from cnncalc.errors import UsageError
from cnncalc.yaml import nodes, reader
from cnncalc.yaml.source import Source

if TYPE_CHECKING:
    from ruamel.yaml import YAML

SECTIONS = ("name", "description", "source", "family", "extends", "input", "rounding", "vars",
            "defaults", "blocks", "layers", "outputs", "expect")  # fmt: skip
"""The order in which a new section takes its place among those that are there."""

Step = tuple[str, ...]
"""A key by all its names, the one to write first: `("filters", "out_channels", "K")`."""

_NOTHING = ("", "~", "null")
_ALIAS = re.compile(r"\*[^\s,\[\]{}]+")
_COLON = re.compile(r"\s*:(?=\s|[\[{\"',}\]]|$)")
_INNER_COMMENT = re.compile(r"(?:\r?\n[ \t]*)*\r?\n[ \t]+#[^\r\n]*")
_BLANK_ABOVE = re.compile(r"\n[ \t]*\r?\n(?:[ \t]*#[^\r\n]*\r?\n)*[ \t]*\Z")
_COMMENT = re.compile(r"(?<!\S)#[^\n\r]*")


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


def rewrite(text: str, edits: Iterable[Edit]) -> str:
    """The text with all changes made, one after the other; each starts from the given text's
    offsets. Raises `CannotRewrite`."""
    waiting = list(edits)
    while waiting:
        editor = _Editor(text)
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
        splices = sorted([*splices, *editor.realigned(splices)], reverse=True)
        for splice in splices:
            text = text[: splice.start] + splice.text + text[splice.end :]
        waiting = [edit._replace(item=_shifted(edit.item, splices)) for edit in moved]
    return text


def with_section(text: str, name: str, entries: Mapping[str, str]) -> str:
    """The text with a section that it lacks or has empty; one entry below the other where the file
    writes its sections so. Values are YAML. Raises `CannotRewrite`."""
    editor = _Editor(text)
    if not _is_mapping(editor.root):
        raise CannotRewrite("the file is no mapping of sections")
    empty = [(key, value) for key, value in editor.root.value if key.value == name]
    flow = f"{{{_inside(entries)}}}"
    splice = editor.replaced(*empty[0], flow) if empty else editor.section(name, entries)
    return text[: splice.start] + splice.text + text[splice.end :]


def spelled(data: object) -> str:
    """A value as YAML in one line, fit for any place: ruamel.yaml decides what needs quotes."""
    out = io.StringIO()
    round_trip().dump({"k": data}, out)
    return out.getvalue().strip().removeprefix("{k: ").removesuffix("}")


def plain(node: nodes.Node) -> Any:
    """A node's value as numbers, texts, lists and dictionaries."""
    if isinstance(node, nodes.Scalar):
        return node.value
    if isinstance(node, nodes.Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, nodes.Mapping)
    return {key.text: plain(value) for key, value in node.entries}


class _Splice(NamedTuple):
    """New text in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def _shifted(offset: int | None, splices: Sequence[_Splice]) -> int | None:
    if offset is None:
        return None
    return offset + sum(len(s.text) - (s.end - s.start) for s in splices if s.start < offset)


def round_trip(what: str = "writing changed files") -> YAML:
    """ruamel.yaml's round-trip reader and writer, for whoever needs them. Raises `CannotRewrite`
    where it is missing."""
    try:
        from ruamel.yaml import YAML
    except ImportError:
        raise CannotRewrite(packages.need(what, packages.EDIT)) from None
    yaml = YAML(typ="rt")
    yaml.default_flow_style = True
    yaml.width = 10**9
    return yaml


def _as_written(value: str) -> str:
    """A value's own spelling where it means the same inside braces, else one that does."""
    node, findings = reader.compose(Source("", value))
    if node is None or findings:
        raise CannotRewrite(f"`{value}` is no value")
    data = plain(node)
    inside, findings = reader.compose(Source("", f"{{k: {value}}}"))
    if "\n" in value or "#" in value or findings or inside is None or plain(inside) != {"k": data}:
        return spelled(data)
    return value.strip()


class _Editor:
    """A text as ruamel.yaml reads it, and the pieces that edits come to."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        yaml = round_trip()
        from ruamel.yaml.error import YAMLError

        try:
            with warnings.catch_warnings(action="ignore"):
                self.root = yaml.compose(text)
        except (YAMLError, RecursionError, ValueError):
            raise CannotRewrite("the file is no YAML that could be changed") from None

    def splice(self, edit: Edit) -> _Splice:
        if edit.item is None:
            if not _is_mapping(self.root):
                raise CannotRewrite("the file is no mapping of sections")
            return self.entry(self.root, edit.path, edit, None)
        node = next((n for n in _values(self.root) if n.start_mark.index == edit.item), None)
        if node is None:
            raise CannotRewrite("the layer does not stand where it was")
        if _is_mapping(node):
            return self.entry(node, edit.path, edit, None)
        if not isinstance(node.value, str):
            raise CannotRewrite("a layer is a word or a mapping")
        start, end = _span(node)
        inner = self.fresh(edit.path[1:], edit)
        return _Splice(start, end, f"{{{self.text[start:end]}: {inner}}}")

    def entry(self, mapping: Any, path: tuple[Step, ...], edit: Edit, step: Step | None) -> _Splice:
        """The change of one entry of a mapping, or of what is in it. `step` led to the mapping."""
        names, rest = path[0], path[1:]
        for index, (key, value) in enumerate(mapping.value):
            if key.value not in names:
                continue
            if not rest:
                if edit.value is None:
                    return self.removed(mapping, index)
                return self.replaced(key, value, _as_written(edit.value))
            if _is_mapping(value) and not self.is_alias(key, value):
                return self.entry(value, rest, edit, names)
            if _is_mapping(value):
                raise CannotRewrite(f"`{key.value}` is an alias, whose anchor says it for others")
            start, end = self.place(key, value)
            bare = self.text[start:end]
            if len(rest) == 1 and edit.main in rest[0] and bare not in _NOTHING:
                return self.replaced(key, value, _as_written(edit.value or ""))
            return self.replaced(key, value, self.fresh(rest, edit, bare))
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
        grown: dict[tuple[int, int], int] = {}
        leaves: list[tuple[int, int]] | None = None
        for splice in splices:
            stop = self.end_of_line(splice.end + 1)
            if "\n" in splice.text or not self.text.find("#", splice.end, stop) > 0:
                continue
            leaves = [_span(leaf) for leaf in _leaves(self.root)] if leaves is None else leaves
            for found in _COMMENT.finditer(self.text, splice.end, stop):
                if not any(first <= found.start() < last for first, last in leaves):
                    blanks = len(self.text[splice.end : found.start()])
                    blanks -= len(self.text[splice.end : found.start()].rstrip(" "))
                    place = (found.start() - blanks, found.start())
                    growth = len(splice.text) - (splice.end - splice.start)
                    grown[place] = grown.get(place, 0) + growth
                    break
        for (start, end), growth in grown.items():
            if end - start >= 2:
                yield _Splice(start, end, " " * max(end - start - growth, 2))

    # --- pieces of text -------------------------------------------------------------------------

    def is_alias(self, key: Any, value: Any) -> bool:
        return bool(value.start_mark.index < key.end_mark.index)

    def place(self, key: Any, value: Any) -> tuple[int, int]:
        """Where an entry's value stands; an alias is its name. Equal where there is nothing."""
        after = _span(key)[1]
        colon = _COLON.match(self.text, after)
        if self.is_alias(key, value):
            found = _ALIAS.search(self.text, colon.end() if colon else after)
            assert found is not None
            return found.span()
        start, end = _span(value)
        if start == end:
            start = end = colon.end() if colon else after
        return start, end

    def replaced(self, key: Any, value: Any, new: str) -> _Splice:
        start, end = self.place(key, value)
        if self.text.startswith("&", start) and not new.startswith("{"):
            raise CannotRewrite(f"`{key.value}` is an anchor, whose value others take as well")
        if start == end:
            has_colon = self.text[start - 1 : start] == ":"
            return _Splice(start, end, f" {new}" if has_colon else f": {new}")
        comments = [] if self.is_alias(key, value) else list(self.comments(start, end, value))
        if not _is_leaf(value) and not value.flow_style:
            # A block may stand no deeper than its key: what takes its place goes behind the colon.
            colon = _COLON.match(self.text, _span(key)[1])
            assert colon is not None
            comments = list(self.comments(colon.end(), end, value))
            start, new = colon.end(), f" {new}"
        if comments:
            indent = self.newline + " " * key.start_mark.column
            new += f"  {indent.join(comments)}"
            if self.text[end : end + 1] not in ("", "\n", "\r"):
                new += indent + "  "
        return _Splice(start, end, new)

    def comments(self, start: int, end: int, node: Any) -> Iterator[str]:
        """The comments between two places, which lie in or around a node."""
        scalars = [_span(leaf) for leaf in _leaves(node)]
        for found in _COMMENT.finditer(self.text, start, end):
            if not any(first <= found.start() < last for first, last in scalars):
                yield found[0].rstrip()

    def added(self, mapping: Any, key: str, new: str) -> _Splice:
        entry = f"{key}: {new}"
        if mapping.flow_style:
            if not mapping.value:
                start = self.text.index("{", mapping.start_mark.index) + 1
                return _Splice(start, start, entry)
            _, end = self.place(*mapping.value[-1])
            return _Splice(end, end, f", {entry}")
        before = [
            index for index, (known, _) in enumerate(mapping.value)
            if mapping is not self.root or _rank(known.value) <= _rank(key)
        ]  # fmt: skip
        column = mapping.value[0][0].start_mark.column
        if not before:
            start = mapping.value[0][0].start_mark.index
            return _Splice(start, start, entry + self.newline + " " * column)
        _, end = self.place(*mapping.value[before[-1]])
        end = self.end_of_line(end)
        return _Splice(end, end, self.newline + " " * column + entry)

    def section(self, name: str, entries: Mapping[str, str]) -> _Splice:
        """A new section at its place, set off by a blank line where the one before it is."""
        if self.root.flow_style:
            return self.added(self.root, name, f"{{{_inside(entries)}}}")
        splice = self.added(self.root, name, "")
        column = self.root.value[0][0].start_mark.column
        indent = self.newline + " " * column
        lines = indent + "  " + f"{indent}  ".join(f"{k}: {v}" for k, v in entries.items())
        if not splice.text.startswith(self.newline):
            return splice._replace(text=f"{name}:{lines}{indent}")
        at = splice.start
        while comment := _INNER_COMMENT.match(self.text, at):
            at = comment.end()
        before = [key for key, _ in self.root.value if key.start_mark.index < at]
        above = self.text[: before[-1].start_mark.index]
        blank = self.newline if len(before) > 1 and _BLANK_ABOVE.search(above) else ""
        return _Splice(at, at, f"{blank}{indent}{name}:{lines}")

    def removed(self, mapping: Any, index: int) -> _Splice:
        """An entry taken out: of a block by making it a comment, of braces with its comma."""
        key, value = mapping.value[index]
        start = _span(key)[0]
        end = self.place(key, value)[1]
        if not mapping.flow_style:
            stop = self.end_of_line(end)
            lines = self.text[start:stop].splitlines(keepends=True)
            return _Splice(start, stop, "".join(f"# {line}" for line in lines))
        if index + 1 < len(mapping.value):
            following = _span(mapping.value[index + 1][0])[0]
            kept = self.newline.join(self.comments(end, following, value))
            return _Splice(start, following, f" {kept}{self.newline}" if kept else "")
        if index:
            start = self.place(*mapping.value[index - 1])[1]
        return _Splice(start, end, "")

    def end_of_line(self, end: int) -> int:
        """Where the line ends that the character before `end` is on."""
        found = re.compile(r"[\r\n]|\Z").search(self.text, max(end - 1, 0))
        assert found is not None
        return found.start()


def _inside(entries: Mapping[str, str]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in entries.items())


def _rank(section: str) -> int:
    return SECTIONS.index(section) if section in SECTIONS else len(SECTIONS)


def _is_mapping(node: Any) -> bool:
    return (
        node is not None
        and bool(node.value or node.tag.endswith(":map"))
        and (node.tag.endswith(":map"))
    )


def _is_leaf(node: Any) -> bool:
    return isinstance(node.value, str)


def _span(node: Any) -> tuple[int, int]:
    """Where a node stands; a block ends where its last entry does."""
    start, end = node.start_mark.index, node.end_mark.index
    if not _is_leaf(node) and not node.flow_style and node.value:
        last = node.value[-1]
        last = last[1] if isinstance(last, tuple) else last
        # An alias at the end stands elsewhere; the block's own end will do.
        if last.start_mark.index >= start:
            end = _span(last)[1]
    return start, end


def _values(root: Any) -> Iterator[Any]:
    """Every node that is no key."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if not _is_leaf(node):
            waiting.extend(v[1] if isinstance(v, tuple) else v for v in node.value)


def _leaves(node: Any) -> Iterator[Any]:
    """Every scalar in a node, keys included."""
    if _is_leaf(node):
        yield node
        return
    for child in node.value:
        for part in child if isinstance(child, tuple) else (child,):
            yield from _leaves(part)
