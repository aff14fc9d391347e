"""Where a thing was written: a text, and a stretch of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n?|\n")


class Source:
    """A text with a name to show, for files, standard input and command-line values alike.

    Offsets count characters from 0; lines and columns count from 1. `mark` is the byte order mark
    that stood before the text, if one did. `is_override`: a caller gives the text beside the file.
    """

    __slots__ = ("_line_starts", "is_override", "mark", "name", "text")

    def __init__(self, name: str, text: str, mark: str = "", *, is_override: bool = False) -> None:
        self.name = name
        self.text = text
        self.mark = mark
        self.is_override = is_override
        self._line_starts: list[int] | None = None

    def _starts(self) -> list[int]:
        if self._line_starts is None:
            starts, at = [0], 0
            for line in self.text.splitlines(keepends=True):
                at += len(line)
                if line.endswith(("\n", "\r")):
                    starts.append(at)
            self._line_starts = starts
        return self._line_starts

    def locate(self, offset: int) -> tuple[int, int]:
        """Line and column of the character at `offset`."""
        starts = self._starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of a line without its line end; empty past the last line."""
        starts = self._starts()
        if not 1 <= line <= len(starts):
            return ""
        end = starts[line] if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r\n")

    @property
    def newline(self) -> str:
        """How the first line ends, and a new one would."""
        found = _LINE_END.search(self.text)
        return found[0] if found else "\n"

    def __repr__(self) -> str:
        return f"Source({self.name!r})"


class Span(NamedTuple):
    """The characters `start` to `end` (exclusive) of a source."""

    source: Source
    start: int
    end: int

    @property
    def file(self) -> str:
        return self.source.name

    @property
    def line(self) -> int:
        return self.source.locate(self.start)[0]

    @property
    def column(self) -> int:
        return self.source.locate(self.start)[1]

    @property
    def end_line(self) -> int:
        return self.source.locate(self.end)[0]

    @property
    def end_column(self) -> int:
        return self.source.locate(self.end)[1]

    def __str__(self) -> str:
        line, column = self.source.locate(self.start)
        return f"{self.source.name}:{line}:{column}"
