"""Standard output and standard error, watched: what cannot be written is reported, never passed
over.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, TextIO, cast

INPUT, OUTPUT, ERROR = 0, 1, 2
"""Their file descriptors."""


class Unwritable(Exception):
    """A standard stream takes no more. Not an `OSError`, which commands take to be about a file."""

    def __init__(self, descriptor: int, why: str) -> None:
        super().__init__(why)
        self.descriptor = descriptor


class _Watched(io.FileIO):
    """A standard stream's bytes on their way out. A broken pipe stays one: its reader has had
    enough, and nothing is lost."""

    def __init__(self, descriptor: int, why: str | None = None) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self.why = why

    def write(self, data: Any, /) -> int:
        if not data:  # which a full disk would refuse, too
            return 0
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Unwritable(self.fileno(), self.why or error.strerror or str(error)) from None


@contextmanager
def watched() -> Iterator[None]:
    """Ends the command with 2 and a line on standard error where output is lost on a full disk or
    a stream that was closed, whichever command it is and whatever it would have ended with; quietly
    with 1 where a pipe's reader has gone."""
    if sys.stdin is None:  # closed, which is as good as empty
        _to_nowhere(INPUT, os.O_RDONLY)
        sys.stdin = open(INPUT, closefd=False)  # noqa: SIM115  (it has no path)
    sys.stdout, sys.stderr = _stream(sys.stdout, OUTPUT), _stream(sys.stderr, ERROR)
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
    except Unwritable as lost:
        _to_nowhere(lost.descriptor)
        if lost.descriptor == OUTPUT:
            with suppress(Unwritable, OSError):
                sys.stderr.write(f"cnncalc: standard output: {lost}\n")
                sys.stderr.flush()
        _to_nowhere(ERROR)
        raise SystemExit(2) from None
    except BrokenPipeError:
        _to_nowhere(OUTPUT)
        _to_nowhere(ERROR)
        raise SystemExit(1) from None


def _stream(stream: TextIO | None, descriptor: int) -> TextIO:
    """A stream that works like the given one, and reports what it loses."""
    if stream is None:
        return _closed(descriptor)
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    stream.reconfigure(errors="replace")
    unbuffered = isinstance(stream.buffer, io.RawIOBase)
    bytes = stream.buffer if unbuffered else getattr(stream.buffer, "raw", None)
    # A console of Windows is no file.
    if type(bytes) is not io.FileIO or bytes.fileno() != descriptor:
        return stream
    stream.flush()
    raw = _Watched(descriptor)
    return io.TextIOWrapper(
        cast("BinaryIO", raw) if unbuffered else io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors="replace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _closed(descriptor: int) -> TextIO:
    """In the place of a stream that was closed before the start: output there is lost, messages
    nobody wanted. Its descriptor is taken, else the next file that is opened would get it."""
    mode = os.O_RDONLY if descriptor == OUTPUT else os.O_WRONLY
    _to_nowhere(descriptor, mode)
    raw = _Watched(descriptor, "it was closed")
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="replace")


def _to_nowhere(descriptor: int, mode: int = os.O_WRONLY) -> None:
    """What is still on its way to a descriptor ends there, so that the interpreter may close it."""
    nowhere = os.open(os.devnull, mode)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
