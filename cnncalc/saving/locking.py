"""A file that one process at a time has to itself."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO


class Locked(Exception):
    """Another process has the file."""


if sys.platform == "win32":
    import msvcrt

    _BEYOND = 2**31 - 2
    """The byte that is locked: after all rows, which others may read meanwhile."""

    def _lock(file: BinaryIO) -> None:
        file.seek(_BEYOND)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _unlock(file: BinaryIO) -> None:
        file.seek(_BEYOND)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    # Of a process, not of an open file: processes that are forked do not keep it.
    def _lock(file: BinaryIO) -> None:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: BinaryIO) -> None:
        fcntl.lockf(file, fcntl.LOCK_UN)


@contextmanager
def locked(file: BinaryIO) -> Iterator[None]:
    """Have the file until the block is left, or this process ends, however it ends. Raises `Locked`
    at once where another process has it; `OSError` where its file system knows no locks."""
    try:
        _lock(file)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            raise Locked from None
        raise
    try:
        yield
    finally:
        if not file.closed:  # which has unlocked it
            _unlock(file)
