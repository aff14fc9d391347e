"""Files written whole or not at all, and those that are read as data, with errors raised as
`UsageError`.
"""

from __future__ import annotations

import stat
from pathlib import Path

from cnncalc.errors import UsageError
from cnncalc.saving.writing import Content, write_whole
from cnncalc.yaml.source import Source


def need_regular(path: Path) -> None:
    """Raises `UsageError` for a pipe or a device, which may never end; `OSError` where nothing can
    be read."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise UsageError(f"{path}: this is not a regular file but a pipe or a device")


def need_name(path: str | Path) -> None:
    """Raises `UsageError` for `-`, which is standard output to who writes it."""
    if str(path) == "-":
        raise UsageError("- is not a file to write to; name one")


def write(path: str | Path, content: Content, *, expected: bytes | None = None) -> None:
    """Write a file whole or not at all, see `write_whole`. Raises `UsageError`, for `-` too: where
    answers go, no file can."""
    need_name(path)
    try:
        write_whole(path, content, expected=expected)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{path} cannot be written: {why}") from None


def write_edited(path: str | Path, text: str, source: Source) -> None:
    """Write the new text of a file that was read as `source`; a byte order mark stays.

    Written back to where it was read, the file is left alone if it has changed since. Raises
    `UsageError`.
    """
    as_read = (source.mark + source.text).encode() if _is_file(path, source.name) else None
    write(path, source.mark + text, expected=as_read)


def _is_file(path: str | Path, name: str) -> bool:
    """Whether a path leads to the file of a name."""
    try:
        return Path(path).samefile(name)
    except (OSError, ValueError):
        return Path(path).absolute() == Path(name).absolute()
