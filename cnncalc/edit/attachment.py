"""Which unit of a file each of its comments belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cnncalc.edit.pieces import Collection, File, Unit, Word
from cnncalc.yaml.comments import Comment

_CLOSERS = re.compile(r"[\s,\]}]*")


class _Place(NamedTuple):
    """A unit with the collections it stands in, from the root down."""

    unit: Unit
    path: tuple[Collection, ...]


def attach(file: File, fixed: Mapping[int, int]) -> None:
    """Give every comment to a unit, and note which units have an empty line above them.

    `fixed` are comments that belong to the line of a place, by where both stand.
    """
    _Attaching(file, fixed).run()


class _Attaching:
    def __init__(self, file: File, fixed: Mapping[int, int]) -> None:
        self.file = file
        self.fixed = fixed
        self.text = file.text
        self.places = list(_places(file.root, ()))
        self.above: dict[int, list[Comment]] = {}
        self.dangling: dict[int, list[Comment]] = {}
        self.ending: dict[int, list[Unit]] = {}
        for place in self.places:
            line = self.text.rfind("\n", 0, place.unit.end) + 1
            self.ending.setdefault(line, []).append(place.unit)

    def run(self) -> None:
        ahead = 0
        for comment in self.file.found:
            while ahead < len(self.places) and self.places[ahead].unit.start < comment.start:
                ahead += 1
            self.place(comment, ahead)
        first = self.places[0].unit
        for place in self.places:
            unit = place.unit
            found = self.above.get(id(unit), [])
            unit.leading = self.spaced(found)
            unit.space_above = self.blank_above(found[0].start if found else unit.start)
            if unit is first:
                marker = -1 if self.file.marker is None else self.file.marker
                self.file.above_marker = self.spaced([c for c in found if c.start < marker])
                self.file.top = self.spaced([c for c in found if c.start > marker])
                self.file.space_below_top = bool(found) and self.blank_above(unit.start)
                unit.leading, unit.space_above = [], False
        for place in self.places:
            for collection in place.path:
                if found := self.dangling.pop(id(collection), []):
                    blank = [""] if self.blank_above(found[0].start) else []
                    collection.dangling = [*blank, *self.spaced(found)]
        # What is left belongs to collections without units.
        for place in self.places:
            if found := self.dangling.pop(id(place.unit.value), []):
                place.unit.trailing += [comment.text for comment in found]

    def place(self, comment: Comment, ahead: int) -> None:
        if comment.start in self.fixed:
            place = self.fixed[comment.start]
            unit = [p.unit for p in self.places if p.unit.start <= place][-1]
            unit.header.append(comment.text)
            return
        line = self.text.rfind("\n", 0, comment.start) + 1
        if self.text[line : comment.start].strip() not in ("", "---", "..."):
            if self.at_end_of_line(comment, line):
                return
            if (opener := self.opener(comment, ahead)) is not None:
                opener.header.append(comment.text)
                return
        self.on_its_own(comment, comment.start - line, ahead)

    def at_end_of_line(self, comment: Comment, line: int) -> bool:
        """After a unit that ends on the line: the last one, and of several the innermost."""
        best: Unit | None = None
        for unit in self.ending.get(line, ()):
            if unit.end <= comment.start and (best is None or unit.end >= best.end):
                best = unit
        if best is None:
            return False
        between = _CLOSERS.match(self.text, best.end)
        if between is None or between.end() < comment.start:
            return False
        best.trailing.append(comment.text)
        return True

    def opener(self, comment: Comment, ahead: int) -> Unit | None:
        """The unit whose value begins after the comment."""
        unit = self.places[ahead - 1].unit if ahead else None
        if unit is None or unit.end <= comment.start:
            return None
        value = unit.value
        if isinstance(value, Word):
            begins = value.end - len(value.raw)
        else:
            begins = value.units[0].start if value.units else value.start
        return unit if begins > comment.start else None

    def on_its_own(self, comment: Comment, column: int, ahead: int) -> None:
        """Above the next unit, or after the last one of a collection that is indented so."""
        following = self.places[ahead] if ahead < len(self.places) else None
        closing = self.closing(comment, ahead, following)
        flow = [c for c in closing if c.flow]
        if flow:
            self.dangling.setdefault(id(flow[-1]), []).append(comment)
            return
        target = self.column(following.unit.start) if following else -1
        deeper = [c for c in closing if self.column(c.units[0].start) <= column]
        if (following is None or column > target) and deeper:
            self.dangling.setdefault(id(deeper[-1]), []).append(comment)
        elif following is not None:
            self.above.setdefault(id(following.unit), []).append(comment)
        else:
            self.dangling.setdefault(id(self.file.root), []).append(comment)

    def closing(self, comment: Comment, ahead: int, following: _Place | None) -> list[Collection]:
        """The collections, from the outside in, that have no unit after the comment; of those in
        braces, which say where they end, only the ones that are still open."""
        if not ahead:
            return []
        last = self.places[ahead - 1]
        path = list(last.path)
        value = last.unit.value
        if isinstance(value, Collection) and value.flow and not value.units:
            path.append(value)
        kept = () if following is None else following.path
        return [
            c for c in path
            if not any(c is k for k in kept)
            and (c.start < comment.start < c.end if c.flow else bool(c.units))
        ]  # fmt: skip

    def column(self, at: int) -> int:
        return at - (self.text.rfind("\n", 0, at) + 1)

    def blank_above(self, at: int) -> bool:
        """Whether the line above the one of this place is empty."""
        line = self.text.rfind("\n", 0, at) + 1
        return line > 1 and not self.text[self.text.rfind("\n", 0, line - 1) + 1 : line - 1].strip()

    def spaced(self, found: list[Comment]) -> list[str]:
        """The lines of comments, with an empty one where there were any between two."""
        lines: list[str] = []
        for comment in found:
            if lines and self.blank_above(comment.start):
                lines.append("")
            lines.append(comment.text)
        return lines


def _places(collection: Collection, path: tuple[Collection, ...]) -> Iterator[_Place]:
    """Every unit in the order of the file, those around before those inside."""
    path = (*path, collection)
    for unit in collection.units:
        yield _Place(unit, path)
        if isinstance(unit.value, Collection):
            yield from _places(unit.value, path)
