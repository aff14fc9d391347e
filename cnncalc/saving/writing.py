"""From text or bytes to a file, whole or not at all: the only place that replaces files."""

from __future__ import annotations

import errno
import os
import re
import secrets
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from shutil import copyfileobj
from types import FrameType
from typing import BinaryIO

from cnncalc.links import followed

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


Content = str | bytes | Callable[[BinaryIO], object]
"""A text, bytes, or what writes into a file that it is given."""


def write_whole(path: str | Path, content: Content, *, expected: bytes | None = None) -> None:
    """Write a text as it stands, line ends included, or bytes; nobody ever sees half of it.

    A link stays one: what it leads to is replaced by a file with the same mode, owner, group and
    extended attributes. Where these cannot be had, and where the file has other names (hard links),
    it is written in place. With `expected`, a file that holds anything else by now is left alone;
    so is one that may not be written, though its folder would allow to replace it. Devices and
    pipes are written to as they are. Raises `OSError`, or `ValueError` for a path that cannot be
    one and for a file that has changed.
    """
    if str(path).startswith(_STREAMS):
        # Standard output may be a file that others write to: it is added to, not replaced.
        with Path(path).open("ab") as stream:
            _fill(stream, content)
        return
    try:
        target = followed(path)
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, "the working folder is gone", str(path)) from None
    try:
        before = target.stat()
    except FileNotFoundError:
        if expected is not None:
            raise ValueError("it has been removed since it was read") from None
        before = None
    if before is not None:
        if not stat.S_ISREG(before.st_mode):
            with target.open("wb") as stream:
                _fill(stream, content)
            return
        with target.open("r+b"):  # whether it may be written
            pass
    _remove_left_over(target.parent)
    with _signals_waiting():
        _put(target, content, before, expected)


def _put(
    target: Path, content: Content, before: os.stat_result | None, expected: bytes | None
) -> None:
    beside, file = _temporary(target, 0o666 if before is None else 0o600)
    try:
        with file:
            replaces = before is None or _is_made_alike(file.fileno(), target, before)
            _fill(file, content)
            file.flush()
            os.fsync(file.fileno())
            if fcntl is None:
                file.close()
            if expected is not None and target.read_bytes() != expected:
                raise ValueError("it has changed since it was read")
            if replaces:
                beside.replace(target)
            else:
                _copy_over(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def _temporary(target: Path, mode: int) -> tuple[Path, BinaryIO]:
    """A new file beside the target, locked until it is closed."""
    while True:
        beside = target.with_name(f".{target.name[:50]}.{secrets.token_hex(4)}{_SUFFIX}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
        file = os.fdopen(descriptor, "wb")
        _lock(file, wait=True)
        if os.fstat(descriptor).st_nlink or fcntl is None:
            return beside, file
        file.close()  # It was taken for left over before it was locked.


def _lock(file: BinaryIO, *, wait: bool) -> bool:
    """Lock a file; whether that succeeded. Without `wait`, a file that others lock is not."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True


@cache
def _remove_left_over(folder: Path) -> None:
    """Remove what writers that were killed have left in a folder: nobody locks it any more."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(OSError), Path(entry.path).open("rb") as file:
                    if _lock(file, wait=False):
                        Path(entry.path).unlink(missing_ok=True)


def _is_made_alike(descriptor: int, target: Path, before: os.stat_result) -> bool:
    """Give a new, empty file what belongs to the one it is to replace; whether all can be had."""
    if os.name != "posix":
        return True
    if before.st_nlink > 1:
        return False
    try:
        own = os.fstat(descriptor)
        if (own.st_uid, own.st_gid) != (before.st_uid, before.st_gid):
            os.fchown(descriptor, before.st_uid, before.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
        for name in _attributes(target):
            os.setxattr(descriptor, name, os.getxattr(target, name))
    except OSError:
        return False
    return True


def _attributes(target: Path) -> list[str]:
    """The extended attributes of a file; none where there are no such things."""
    try:
        return os.listxattr(target)
    except (OSError, AttributeError):
        return []


def _fill(file: BinaryIO, content: Content) -> None:
    if callable(content):
        content(file)
    else:
        file.write(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))


def _copy_over(beside: Path, target: Path) -> None:
    """Write over what is in a file, once there is room for it."""
    size = beside.stat().st_size
    with beside.open("rb") as new, target.open("r+b") as file:
        if hasattr(os, "posix_fallocate") and size:
            os.posix_fallocate(file.fileno(), 0, size)
        copyfileobj(new, file)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _signals_waiting() -> Iterator[None]:
    """Signals that end the process take effect when a file is whole and nothing is left beside it.

    Python hands signals to the main thread alone; in others nothing changes.
    """
    came: list[int] = []

    def take(number: int, _: FrameType | None) -> None:
        came.append(number)

    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in _ENDING:
            handler = signal.getsignal(number)
            if handler is not None:  # None where something other than Python handles it
                before[number] = handler
                signal.signal(number, take)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came[:1]:
            signal.raise_signal(number)


_ENDING = [
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name)
]
_SUFFIX = ".cnncalc"
_TEMPORARY = re.compile(rf"\..+\.[0-9a-f]{{8}}{re.escape(_SUFFIX)}", re.DOTALL)
_STREAMS = ("/dev/", "/proc/")
_BINARY = getattr(os, "O_BINARY", 0)
