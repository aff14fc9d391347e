"""The comments of a text: where each stands, and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.yaml.nodes import Node, Scalar, written_nodes

_HASH = re.compile(r"(?<!\S)#")
_LINE = re.compile(r"[^\n\r]*")


class Comment(NamedTuple):
    """A comment with its #, and where it begins.

    `in_header` is one on the line of a `|` or `>`, which is part of that scalar.
    """

    text: str
    start: int
    in_header: bool = False

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def comments(root: Node) -> Iterator[Comment]:
    """The comments of the text that a tree was read from, in order; a # inside a scalar is none."""
    text = root.source.text
    places = (found.start() for found in _HASH.finditer(text))
    place = next(places, len(text))
    for scalar in written_nodes(root):
        if place == len(text):
            return
        if not isinstance(scalar, Scalar) or scalar.end <= place:
            continue
        first = scalar.content_start
        header = _line_end(text, first) if scalar.style in ("|", ">") else first
        while place < scalar.end:
            after = place + 1
            if place < header:
                comment = _comment(text, place)
                yield comment._replace(in_header=place > first)
                after = comment.end
            place = next((p for p in places if p >= after), len(text))
    while place < len(text):
        comment = _comment(text, place)
        yield comment
        place = next((p for p in places if p >= comment.end), len(text))


def _comment(text: str, place: int) -> Comment:
    return Comment(text[place : _line_end(text, place)].rstrip(), place)


def _line_end(text: str, place: int) -> int:
    found = _LINE.match(text, place)
    return found.end() if found else place
