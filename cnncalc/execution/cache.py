"""The user's cache folder: what was measured or compiled once. A cache that cannot be read or
written is none, and never a reason to fail."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

VARIABLE = "CNNCALC_CACHE"
"""An environment variable that names another folder."""


def folder() -> Path:
    """Where the cache lies, whether it is there or not."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else user_cache_path("cnncalc", appauthor=False)


def read(name: str) -> dict[str, Any]:
    """A stored object; an empty one where there is none, or it is damaged."""
    try:
        found = json.loads(read_bytes(f"{name}.json") or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write(name: str, value: dict[str, Any]) -> None:
    """Store an object. Another process that reads meanwhile sees the old one or the new one."""
    write_bytes(f"{name}.json", json.dumps(value, indent=1).encode())


def read_bytes(name: str) -> bytes | None:
    """A stored file, None where there is none that can be read."""
    try:
        return (folder() / name).read_bytes()
    except OSError:
        return None


def write_bytes(name: str, content: bytes) -> None:
    """Store a file whole or not at all."""
    with suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        file = tempfile.NamedTemporaryFile(dir=folder(), delete=False)  # noqa: SIM115
        try:
            with file:
                file.write(content)
            Path(file.name).replace(folder() / name)
        except BaseException:
            # What is left of it would stay for ever, perhaps on a disk that is full.
            with suppress(OSError):
                Path(file.name).unlink()
            raise
