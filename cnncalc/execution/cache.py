"""The user's cache folder: what was measured or compiled once. A cache that cannot be read or
written is none, and never a reason to fail; so is one that others may write to."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from time import sleep, time
from typing import Any

from platformdirs import user_cache_path

from cnncalc.execution import ownership
from cnncalc.saving.locking import Locked, locked

VARIABLE = "CNNCALC_CACHE"
"""An environment variable that names another folder."""

DIGEST = 16
"""Bytes of the check sum before stored content: what was damaged or exchanged must not be run."""
UNUSED_SECONDS = 90 * 24 * 60 * 60
"""Content that was not asked for so long is removed."""
DAY_SECONDS = 24 * 60 * 60
LARGEST_OBJECT = 1 << 20
"""Bytes of an object that grows: it is read at every start."""
TRIES, BETWEEN_SECONDS = 100, 0.01
"""How long others that change an object are waited for."""

_TEMPORARY = ".writing-"
_LOCK = ".lock"
_OURS = re.compile(rf"[0-9a-f]{{{2 * DIGEST}}}|{re.escape(_TEMPORARY)}.*")
"""What may be removed: names of stored content, and what a killed process left."""


def folder() -> Path:
    """Where the cache lies, whether it is there or not."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else user_cache_path("cnncalc", appauthor=False)


def refusal() -> str:
    """What is to be said where the cache is not used, though it is there."""
    try:
        ownership.check_folder(folder())
    except ownership.Foreign as why:
        return f"the cache is not used: {why}"
    except OSError:
        pass
    return ""


def read(name: str) -> dict[str, Any]:
    """A stored object; an empty one where there is none, or it is damaged."""
    try:
        found = json.loads(_read(f"{name}.json") or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write(name: str, value: dict[str, Any]) -> None:
    """Store an object. Another process that reads meanwhile sees the old one or the new one."""
    _write(f"{name}.json", json.dumps(value, indent=1).encode())


def change(name: str, changed: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Store what becomes of an object, the later half of it where it has become too large; other
    processes that change it take turns."""
    with _in_turns():
        value = changed(read(name))
        while len(value) > 1 and len(json.dumps(value)) > LARGEST_OBJECT:
            value = dict([*value.items()][len(value) // 2 :])
        write(name, value)


def content(key: str) -> bytes | None:
    """What was stored under a key, None where that cannot be had whole."""
    name = _name(key)
    found = _read(name)
    if found is None or found[:DIGEST] != _digest(key, found[DIGEST:]):
        return None
    with suppress(OSError):
        if (folder() / name).stat().st_mtime < time() - DAY_SECONDS:
            os.utime(folder() / name)
    return found[DIGEST:]


def keep(key: str, content: bytes) -> None:
    """Store content under a key; what nobody has asked for for months is removed."""
    _write(_name(key), _digest(key, content) + content)
    with suppress(OSError, ownership.Foreign):
        ownership.check_folder(folder())
        with os.scandir(folder()) as entries:
            old = [entry.path for entry in entries if _is_unused(entry)]
        for path in old:
            Path(path).unlink(missing_ok=True)


def _is_unused(entry: os.DirEntry[str]) -> bool:
    if not _OURS.fullmatch(entry.name) or not entry.is_file(follow_symlinks=False):
        return False
    age = time() - entry.stat(follow_symlinks=False).st_mtime
    return age > (DAY_SECONDS if entry.name.startswith(_TEMPORARY) else UNUSED_SECONDS)


def _name(key: str) -> str:
    return blake2b(key.encode(), digest_size=DIGEST).hexdigest()


def _digest(key: str, content: bytes) -> bytes:
    """Of both, so that content is none under another key."""
    bound = blake2b(key.encode(), digest_size=DIGEST).digest()
    return blake2b(bound + content, digest_size=DIGEST).digest()


def _read(name: str) -> bytes | None:
    """A stored file, None where there is none that can be read and trusted."""
    try:
        ownership.check_folder(folder())
        return ownership.read(folder() / name)
    except (OSError, ownership.Foreign):
        return None


def _write(name: str, content: bytes) -> None:
    """Store a file whole or not at all."""
    with suppress(OSError, ownership.Foreign):
        _make_folder()
        file = tempfile.NamedTemporaryFile(  # noqa: SIM115
            dir=folder(), prefix=_TEMPORARY, delete=False
        )
        try:
            with file:
                file.write(content)
            Path(file.name).replace(folder() / name)
        except BaseException:
            # What is left of it would stay for ever, perhaps on a disk that is full.
            with suppress(OSError):
                Path(file.name).unlink()
            raise


def _make_folder() -> None:
    """The folder, and those it lies in, for this user alone. Raises `Foreign`, `OSError`."""
    with suppress(FileNotFoundError):
        ownership.check_folder(folder())
        return
    for place in (*reversed(folder().parents), folder()):
        if not place.exists():
            place.mkdir(0o700, exist_ok=True)
    ownership.check_folder(folder())


@contextmanager
def _in_turns() -> Iterator[None]:
    """Within it no other process is. One that takes too long is not waited for, and where there
    are no locks nobody is."""
    descriptor = None
    with suppress(OSError, ownership.Foreign):
        _make_folder()
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(folder() / _LOCK, flags, 0o600)
    if descriptor is None:
        yield
        return
    with os.fdopen(descriptor, "r+b", buffering=0) as file, ExitStack() as stack:
        for _ in range(TRIES):
            try:
                stack.enter_context(locked(file))
                break
            except Locked:
                sleep(BETWEEN_SECONDS)
            except OSError:
                break
        yield
