"""Whether a folder and a file in it are this user's alone to write, as what is run has to be.

Windows keeps a user's folder from others by itself; there nothing is looked at.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

OTHERS = stat.S_IWGRP | stat.S_IWOTH
MOST_LINKS = 40

_READING = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # or a pipe without a writer would be waited for
    | getattr(os, "O_BINARY", 0)
)


class Foreign(Exception):
    """Others may write there. The words are fit for a user."""


def check_folder(folder: Path) -> None:
    """Raises `Foreign` where others could write to a folder, or put another in its place or in
    that of one on the way to it; `OSError` where it cannot be reached."""
    if os.name != "posix":
        folder.lstat()
        return
    place, status = Path(), os.lstat("/")
    for place, status in _way(folder.absolute()):
        if status.st_uid not in (0, os.geteuid()):
            raise Foreign(f"{place} belongs to another user")
        # In a sticky folder nobody exchanges what others have put there.
        if _is_open(status) and not status.st_mode & stat.S_ISVTX:
            raise Foreign(f"others may write to {place}")
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(place))
    if status.st_uid != os.geteuid():
        raise Foreign(f"{place} belongs to another user")
    if _is_open(status):
        raise Foreign(f"others may write to {place}")


def _way(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """What is passed on the way to a file, links and what they lead to; it is the last."""
    place, left, links = Path(path.anchor), list(reversed(path.parts[1:])), 0
    yield place, place.lstat()
    while left:
        part = left.pop()
        if part == "..":
            place = place.parent
            continue
        status = (place / part).lstat()
        yield place / part, status
        if not stat.S_ISLNK(status.st_mode):
            place /= part
            continue
        links += 1
        if links > MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        target = (place / part).readlink()
        place = Path(target.anchor) if target.is_absolute() else place
        left += reversed(target.parts[1:] if target.is_absolute() else target.parts)
    yield place, place.lstat()


def read(path: Path) -> bytes:
    """The content of a file. Raises `Foreign` where it is a link, a pipe, or another user's, or
    where others may write to it; `OSError`."""
    descriptor = os.open(path, _READING)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Foreign(f"{path} is not a plain file")
        if os.name == "posix" and (status.st_uid != os.geteuid() or _is_open(status)):
            raise Foreign(f"others may write to {path}")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def _is_open(status: os.stat_result) -> bool:
    return bool(status.st_mode & OTHERS) and not stat.S_ISLNK(status.st_mode)
