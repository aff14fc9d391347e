"""Comments for the linter: `# cnncalc: ignore[code]`, `ignore-file[code]`, `warn[code]`."""

from __future__ import annotations

import re

from cnncalc.language.model import Remark
from cnncalc.yaml.comments import comments
from cnncalc.yaml.nodes import Node, Scalar
from cnncalc.yaml.source import Source, Span

_MARK = "cnncalc:"
_REMARK = re.compile(
    r"#[ \t]*(cnncalc:[ \t]*(?:([\w-]+)[ \t]*\[([^\]\n]*)\]|(ignore(?:-file)?|warn)\b))"
)
_CODE = re.compile(r"[^\s,]+")


def remarks_of(source: Source, root: Node | None) -> tuple[Remark, ...]:
    """The remarks in the comments of a text whose nodes are those of `root`."""
    if _MARK not in source.text:
        return ()
    found = [
        match
        for comment in (comments(root) if root is not None else ())
        for match in _REMARK.finditer(source.text, comment.start, comment.end)
    ]
    below: dict[int, int] = {}
    upwards = [_remark(source, match, below) for match in reversed(found)]
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
