"""From pieces to lines: what fits stands on one line, in braces; what does not, a line for each
unit. Comments at the ends of lines stand below one another where there is room."""

from __future__ import annotations

import re
from typing import NamedTuple

from cnncalc.edit.pieces import CannotFormat, Collection, File, Piece, Unit, Word
from cnncalc.edit.spelling import spelled

WIDTH = 120
"""Columns of a line without its comment."""

COMMENT_COLUMN = 37
"""Blanks and text before a comment at the end of a line; more text pushes it further."""

_GAP = 3
_INDENT = 2
_IGNORE = re.compile(r"cnncalc: ignore(?!-)")


class Line(NamedTuple):
    """A line of the file; several where a block of text stands in it."""

    text: str
    comment: str = ""

    def __str__(self) -> str:
        if not self.comment:
            return self.text
        if not self.text.strip():
            return self.text + self.comment
        return f"{self.text:<{max(COMMENT_COLUMN, len(self.text) + _GAP)}}{self.comment}"


def lay_out(file: File) -> str:
    """The text of a file, its pieces as they stand, with a line end after the last line."""
    lines = [Line(text) for text in file.above_marker]
    if file.marker is not None:
        lines.append(Line("---"))
    lines += [Line(text) for text in file.top]
    if file.space_below_top:
        lines.append(Line(""))
    hoisted, body = _collection(file.root, 0)
    lines += _comments(hoisted, 0)
    lines += body
    return "".join(f"{line}\n" for line in lines)


def _comments(texts: list[str], column: int) -> list[Line]:
    return [Line(" " * column + text if text else "") for text in texts]


def _collection(collection: Collection, column: int) -> tuple[list[str], list[Line]]:
    """The lines of a collection with a line for each unit, and the comments above the first unit,
    which may have to stand further up."""
    units = collection.units if collection.unfolded is None else collection.unfolded
    above: list[str] = []
    lines: list[Line] = []
    for number, unit in enumerate(units):
        comments, own = _unit(unit, column)
        if number == 0:
            above = comments
        else:
            if unit.space_above:
                lines.append(Line(""))
            lines += _comments(comments, column)
        lines += own
    lines += _comments(collection.dangling, column)
    return above, lines


def _unit(unit: Unit, column: int) -> tuple[list[str], list[Line]]:
    """The comments above a unit, and its lines."""
    above = list(unit.leading)
    prefix = "- " if unit.key is None else f"{spelled(unit.key, in_flow=False)}: "
    indent = " " * column
    folded = _folded(unit, column, prefix)
    if folded is not None:
        text, comments = folded
        return [*above, *comments[:-1]], [
            Line((indent + prefix + text).rstrip(), "".join(comments[-1:]))
        ]
    comments = [*unit.header, *unit.trailing]
    value = unit.value
    if isinstance(value, Word):
        return [*above, *comments], _block_of_text(value, indent + prefix, column - unit.column)
    below = _below(unit, column)
    prefix = indent + prefix + (f"{value.anchor} " if value.anchor and below is None else "")
    if below is not None:
        first = Line(prefix.rstrip(), "".join(comments[-1:]))
        return [*above, *comments[:-1]], [first, Line(below)]
    hoisted, lines = _collection(value, column + _INDENT)
    if unit.key is None and not value.anchor:
        above += hoisted
        lone = _lone(value, column + _INDENT) if len(lines) == 1 else None
        lines[0] = lines[0]._replace(text=prefix + (lone or lines[0].text.lstrip()))
    else:
        lines = [Line(prefix.rstrip()), *_comments(hoisted, column + _INDENT), *lines]
    if comments and not lines[0].comment and "\n" not in lines[0].text:
        lines[0] = lines[0]._replace(comment=comments.pop())
    return [*above, *comments], lines


def _folded(unit: Unit, column: int, prefix: str) -> tuple[str, list[str]] | None:
    """A unit's value on the line of its key or dash, and its comments; None where it has to take
    more lines."""
    value = unit.value
    if isinstance(value, Collection) and value.bare and _is_plain_entry(value):
        entry = value.units[0]
        assert entry.key is not None
        inner = _folded(entry, column, f"{prefix}{spelled(entry.key, in_flow=False)}: ")
        if inner is None or entry.leading or value.dangling or len(inner[1]) > 1:
            return None
        text = f"{spelled(entry.key, in_flow=False)}: {inner[0]}".rstrip()
        return text, [*unit.header, *inner[1], *unit.trailing]
    if isinstance(value, Word):
        if value.style in ("|", ">"):
            return None
        return spelled(value, in_flow=False), [*unit.header, *unit.trailing]
    found = _in_braces(value)
    if found is None:
        return None
    text, inside = found
    around = [*unit.header, *unit.trailing]
    if inside and around:
        return None
    comments = inside or around
    if column + len(prefix) + len(text) > WIDTH and value.units and not _stays(unit, comments):
        return None
    return text, comments


def _lone(item: Collection, column: int) -> str | None:
    """An item that was to have a line for each key, and has one key on one line: in braces, as it
    would be without the comments that kept it from that."""
    text = "" if _is_plain_entry(item) else (_in_braces(item) or ("",))[0]
    return text if column + len(text) <= WIDTH else None


def _below(unit: Unit, column: int) -> str | None:
    """A mapping in braces on the line below its key, where it fits there."""
    value = unit.value
    if unit.key is None or isinstance(value, Word) or not value.is_mapping:
        return None
    text, comments = _in_braces(value) or ("", [])
    fits = column + _INDENT + len(text) <= WIDTH
    return " " * (column + _INDENT) + text if text and fits and not comments else None


def _stays(unit: Unit, comments: list[str]) -> bool:
    """Whether a value has to stay on one line, for its comment to be on the line of all in it."""
    value = unit.value
    return any(_IGNORE.search(comment) for comment in comments) and not (
        isinstance(value, Collection) and not value.flow
    )


def _is_plain_entry(item: Collection) -> bool:
    """Whether an item is one key with a value that is no mapping: `- dense: 10`."""
    if len(item.units) != 1 or item.anchor:
        return False
    value = item.units[0].value
    return isinstance(value, Word) or not value.is_mapping


def _in_braces(piece: Piece) -> tuple[str, list[str]] | None:
    """A piece on one line, and the comments at its end; None where comments inside, or its nature,
    keep it from that."""
    if isinstance(piece, Word):
        if piece.style in ("|", ">"):
            return None
        return spelled(piece, in_flow=True), []
    if (piece.spread or piece.dangling) and piece.units:
        return None
    texts = []
    comments: list[str] = list(piece.dangling)
    for unit in piece.units:
        if comments or unit.leading:
            return None
        inner = _in_braces(unit.value)
        if inner is None:
            return None
        text, comments = inner[0], [*unit.header, *inner[1], *unit.trailing]
        if unit.key is not None:
            text = f"{spelled(unit.key, in_flow=True)}: {text}"
        texts.append(text)
    # After the last of several lines a comment is about that line.
    if len(comments) > 1 or (comments and len(piece.units) > 1 and not piece.flow):
        return None
    opening, closing = "{}" if piece.is_mapping else "[]"
    anchor = f"{piece.anchor} " if piece.anchor else ""
    return f"{anchor}{opening}{', '.join(texts)}{closing}", comments


def _block_of_text(word: Word, prefix: str, shift: int) -> list[Line]:
    """A `|` or `>` text after its key, moved as far as its key is."""
    first, *rest = spelled(word, in_flow=False).rstrip("\n").split("\n")
    if "+" in first.partition("#")[0]:
        raise CannotFormat("a text that keeps its last empty lines (`|+`) is left alone")
    lines = [first]
    for line in rest:
        blanks = len(line) - len(line.lstrip(" "))
        if line.strip() and blanks + shift < 1:
            raise CannotFormat("a block of text could not be indented again")
        lines.append(" " * (blanks + shift) + line.lstrip(" ") if line.strip() else "")
    return [Line(prefix + "\n".join(lines))]
