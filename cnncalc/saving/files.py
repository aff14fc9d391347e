"""Files written whole or not at all, with what goes wrong told as misuse."""

from __future__ import annotations

from pathlib import Path

from cnncalc.errors import UsageError
from cnncalc.saving.writing import write_whole


def write(name: str | Path, text: str | bytes, *, keep_mark: bool = False) -> None:
    """Write a file whole or not at all. Raises `UsageError`."""
    try:
        write_whole(name, text, keep_mark=keep_mark)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{name} cannot be written: {why}") from None
