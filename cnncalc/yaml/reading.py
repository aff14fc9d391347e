"""From a path to text: the only place that opens architecture files.

Refuses what is no small UTF-8 text in a regular file, so that nothing hangs or fills memory.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from cnncalc.diagnostics import Diagnostic
from cnncalc.yaml.source import Source, Span

LARGEST_FILE = 64 * 2**20
"""Bytes; a file of 100,000 layers written out is about 8 MiB."""

STANDARD_INPUT = "-"


class Unreadable(Exception):
    """A file that could not be read, as the diagnostic that says so."""

    def __init__(self, name: str, message: str, help: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.diagnostic = Diagnostic(
            "file-unreadable", message, Span(Source(name, ""), 0, 0), help=help
        )


def read(path: str | Path, name: str | None = None) -> Source:
    """Read a file, or standard input for `-`. Raises `Unreadable`."""
    name = str(path) if name is None else name
    if str(path) == STANDARD_INPUT:
        data = sys.stdin.buffer.read(LARGEST_FILE + 1)
        name = "<stdin>"
    else:
        data = _bytes_of(Path(path), name)
    if len(data) > LARGEST_FILE:
        raise Unreadable(name, f"the file is larger than {LARGEST_FILE // 2**20} MiB")
    text = _decode(data, name)
    mark = text[:1] if text.startswith("\ufeff") else ""
    return Source(name, text.removeprefix(mark), mark)


def _bytes_of(path: Path, name: str) -> bytes:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise Unreadable(name, _why_no_folder(path) or "this is a folder, not a file")
        if not stat.S_ISREG(mode):
            raise Unreadable(
                name,
                "this is not a regular file but a pipe or a device",
                ("give `-` to read standard input",),
            )
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise Unreadable(name, "there is no such file") from None
    except OSError as error:
        raise Unreadable(name, f"the file cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise Unreadable(name, "the path holds a NUL character") from None


def _why_no_folder(path: Path) -> str | None:
    """Why a folder cannot be listed."""
    try:
        os.scandir(path).close()
    except OSError as error:
        return f"the folder cannot be read: {error.strerror or error}"
    return None


def _decode(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(
            name, "the text is UTF-16; an architecture file is UTF-8", ("save it as UTF-8",)
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            name,
            f"byte {error.start} (line {line}) is not UTF-8: 0x{data[error.start]:02x}",
            ("save it as UTF-8",),
        ) from None
