"""What the shell proposes after a command: names that are there, without loading a network.

A shell completes paths itself wherever nothing is proposed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from cnncalc import bundled

Propose = Callable[[str], list[str]]
"""From the beginning of a word to the words that it may become."""


def files(incomplete: str) -> list[str]:
    """Bundled names, and the files beside them that begin alike; nothing for a path."""
    named = _beginning(incomplete, bundled.names())
    if not named or "." in incomplete:
        return []
    return [*named, *_beginning(incomplete, _here())]


def bundled_names(incomplete: str) -> list[str]:
    return _beginning(incomplete, bundled.names())


def files_or_codes(incomplete: str) -> list[str]:
    from cnncalc.diagnostics import CATALOGUE

    codes = _beginning(incomplete, sorted(CATALOGUE))
    return [*files(incomplete), *codes]


def kinds(incomplete: str) -> list[str]:
    from cnncalc.layers.registry import KINDS

    return _beginning(incomplete, KINDS)


def left_out(incomplete: str) -> list[str]:
    """Completions for the last of a list of codes: those of diagnostics that may be left out."""
    from cnncalc.checks.files import may_be_left_out
    from cnncalc.diagnostics import CATALOGUE

    return _last_of_list(incomplete, filter(may_be_left_out, CATALOGUE))


def dtypes(incomplete: str) -> list[str]:
    from cnncalc.report.memory import BITS

    return _beginning(incomplete, BITS)


def listed(known: Iterable[str]) -> Propose:
    """Proposals for the last word of a list such as `name,kind,output`."""

    def propose(incomplete: str) -> list[str]:
        return _last_of_list(incomplete, (*known, "all"))

    return propose


def _last_of_list(incomplete: str, known: Iterable[str]) -> list[str]:
    before, comma, last = incomplete.rpartition(",")
    given = before.split(",")
    words = [word for word in known if word not in given]
    return [f"{before}{comma}{word}" for word in _beginning(last, words)]


def _beginning(start: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word.startswith(start)]


def _here() -> list[str]:
    """Architecture files and folders in the current folder."""
    try:
        entries = sorted(Path().iterdir())
        return [
            f"{entry.name}/" if entry.is_dir() else entry.name
            for entry in entries
            if not entry.name.startswith(".")
            and (entry.is_dir() or entry.suffix in bundled.SUFFIXES)
        ]
    except OSError:
        return []
