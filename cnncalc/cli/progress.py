"""How far a command has come, as a bar on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

MANY = 50
"""With this many files or more, a bar is shown."""

_OFTEN = 0.1
"""Seconds from one update of the bar to the next."""

Advance = Callable[[str, float], None]
"""Take what is done now, and how much of the total is."""


@contextmanager
def progress(total: float, *, watched: bool = True) -> Iterator[Advance]:
    """A bar on standard error, if that is a terminal, and `watched`."""
    from cnncalc.cli.console import messages

    console = messages()
    if not (watched and console.is_terminal):
        yield lambda _what, _done: None
        return
    from time import monotonic

    from rich.markup import escape
    from rich.progress import Progress

    from cnncalc.escaping import cell

    # No thread refreshes it: it would take time from what is measured, and processes that are
    # forked have to find this one alone.
    bar = Progress(console=console, transient=True, auto_refresh=False)
    shown = 0.0
    with bar:
        task = bar.add_task("", total=total)

        def advance(what: str, done: float) -> None:
            nonlocal shown
            if monotonic() - shown > _OFTEN:
                bar.update(task, description=escape(cell(what)), completed=done, refresh=True)
                shown = monotonic()

        yield advance


def with_progress(work: Iterable[T], doing: str, files: int) -> Iterator[T]:
    """Work on so many files as it is done, with a bar where there are many."""
    with progress(files, watched=files >= MANY) as advance:
        advance(doing, 0)
        for done, one in enumerate(work, 1):
            yield one
            advance(doing, done)
