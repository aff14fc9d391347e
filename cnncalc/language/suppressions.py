"""Comments for the linter: `# cnncalc: ignore[code]`, `# cnncalc: warn[code]`.

The reader of YAML passes over comments, so they are looked for in the text; what stands inside a
scalar is text and no comment. Nothing here knows which codes there are.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from cnncalc.language.model import Remark
from cnncalc.yaml.nodes import Mapping, Node, Scalar, Sequence
from cnncalc.yaml.source import Source, Span

_MARK = "cnncalc:"
_REMARK = re.compile(r"#[ \t]*(cnncalc:[ \t]*(?:(\w+)[ \t]*\[([^\]\n]*)\]|(ignore|warn)\b))")
_CODE = re.compile(r"[^\s,]+")


def remarks_of(source: Source, root: Node | None) -> tuple[Remark, ...]:
    """The remarks in the comments of a text whose nodes are those of `root`."""
    if _MARK not in source.text:
        return ()
    found = list(_REMARK.finditer(source.text))
    if not found or root is None:
        return ()
    inside = _inside_scalars([match.start() for match in found], root)
    below: dict[int, int] = {}
    upwards = [
        _remark(source, match, below) for match in reversed(found) if match.start() not in inside
    ]
    return tuple(reversed(upwards))


def _remark(source: Source, match: re.Match[str], below: dict[int, int]) -> Remark:
    codes = [
        Scalar(source, match.start(3) + code.start(), match.start(3) + code.end(), code[0], code[0])
        for code in _CODE.finditer(match[3] or "")
    ]
    span = Span(source, match.start(1), match.end())
    line = span.line
    if _is_comment(source.line_text(line)):
        meant = below[line] = _next_line(source, line, below)
        return Remark(match[2] or match[4], tuple(codes), span, meant)
    return Remark(match[2] or match[4], tuple(codes), span, line)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _next_line(source: Source, line: int, below: dict[int, int]) -> int:
    """The next line that says something, itself where there is none. `below` holds the answers for
    lines further down, so that a long row of comments is gone through once."""
    last = source.locate(len(source.text))[0]
    for number in range(line + 1, last + 1):
        if number in below:
            return below[number]
        text = source.line_text(number)
        if text.strip() and not _is_comment(text):
            return number
    return line


def _inside_scalars(places: list[int], root: Node) -> set[int]:
    """Those of the places, in rising order, that lie inside a quoted, plain or block scalar."""
    inside: set[int] = set()
    for scalar in _scalars(root):
        if scalar.length < len(_MARK):
            continue
        text, first = scalar.source.text, scalar.start
        if text[first] in "|>":
            # Behind the sign of a block scalar there may be a comment.
            first = text.find("\n", first, scalar.end)
        inside.update(places[bisect_left(places, first) : bisect_left(places, scalar.end)])
    return inside


def _scalars(root: Node) -> Iterator[Scalar]:
    """All scalars, keys among them; what aliases stand for is looked at once."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            if isinstance(node, Sequence):
                waiting += node.items
            elif isinstance(node, Mapping):
                for key, value in node.entries:
                    waiting += (key, value)
