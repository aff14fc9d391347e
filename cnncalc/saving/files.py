"""Files written whole or not at all, with what goes wrong told as misuse."""

from __future__ import annotations

from pathlib import Path

from cnncalc.document.writing import write_whole
from cnncalc.queries.override import Misuse


def write(name: str | Path, text: str | bytes, *, keep_mark: bool = False) -> None:
    """Write a file whole or not at all. Raises `Misuse`."""
    try:
        write_whole(name, text, keep_mark=keep_mark)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise Misuse(f"{name} cannot be written: {why}") from None
