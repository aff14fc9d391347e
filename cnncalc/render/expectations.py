"""Expectations that were changed: what each was, and what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnncalc.escaping import printable
from cnncalc.saving.expectations import ExpectationChange


def written_lines(file: str, changes: Sequence[ExpectationChange]) -> Iterator[str]:
    """That a file is written, and what its `expect:` says now."""
    yield f"{file} is written"
    yield from change_lines(changes)


def change_lines(changes: Sequence[ExpectationChange]) -> Iterator[str]:
    """A line for each expectation, old → new."""
    width = max((len(change.path) for change in changes), default=0)
    for path, before, after in changes:
        now = "taken out: no such layer now" if after is None else printable(after)
        was = "" if before is None else f"{printable(before)} → "
        yield f"  expect.{printable(path):<{width}}  {was}{now}"
