"""From text or bytes to a file, whole or not at all: the only place that replaces files."""

from __future__ import annotations

import os
import secrets
import stat
from codecs import BOM_UTF8
from contextlib import suppress
from pathlib import Path


def write_whole(path: str | Path, text: str | bytes, *, keep_mark: bool = False) -> None:
    """Write a text as it stands, line ends included, or bytes; nobody ever sees half of it.

    A link stays one: what it leads to is replaced, which keeps its mode, and its owner where that
    is allowed. With `keep_mark` a byte order mark at the start of the file stays. A file that may
    not be written is left alone, though its folder would allow to replace it. Devices and pipes
    are written to as they are. Raises `OSError`, or `ValueError` for a path that cannot be one.
    """
    data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    if str(path).startswith(_STREAMS):
        # Standard output may be a file that others write to: it is added to, not replaced.
        with Path(path).open("ab") as stream:
            stream.write(data)
        return
    target = Path(path).resolve()
    try:
        before = target.stat()
    except FileNotFoundError:
        _put(target, data, None)
        return
    if not stat.S_ISREG(before.st_mode):
        target.write_bytes(data)
        return
    with target.open("r+b") as file:  # whether it may be written
        marked = file.read(len(BOM_UTF8)) == BOM_UTF8
    _put(target, BOM_UTF8 + data if keep_mark and marked else data, before)


def _put(target: Path, data: bytes, before: os.stat_result | None) -> None:
    beside = target.with_name(f".{target.name[:50]}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if before is not None:
            beside.chmod(stat.S_IMODE(before.st_mode))
            with suppress(OSError, AttributeError):
                os.chown(beside, before.st_uid, before.st_gid)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


_STREAMS = ("/dev/", "/proc/")
_BINARY = getattr(os, "O_BINARY", 0)
