"""How much memory there is for a run: what the system has, or what the container leaves of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cnncalc.execution.refusals import Refused

_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)
"""Limit and use of a container's memory, of both versions."""


def available() -> int | None:
    """Bytes that a run may take, None where the system does not say."""
    known = [bytes for bytes in _known() if bytes is not None]
    return min(known, default=None)


def need(bytes: int, network: str) -> None:
    """Raises `Refused` where there is less memory than that."""
    there = available()
    if there is not None and bytes > there:
        raise Refused(
            f"running {network} takes about {gib(bytes)} of memory, and {gib(there)} are free"
        )


def gib(bytes: int) -> str:
    """2.00 GiB"""
    return f"{bytes / 2**30:,.2f} GiB"


def _known() -> Iterator[int | None]:
    yield _of_system()
    for limit, used in _CGROUPS:
        most, now = _number(Path(limit)), _number(Path(used))
        if most is not None and now is not None:
            # What the system keeps of files counts as used, and it gives that back.
            yield most - now + _file_cache(Path(limit).parent)


def _of_system() -> int | None:
    """What Linux can give without swapping; elsewhere all there is."""
    try:
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):  # `max`: no limit
        return None


def _file_cache(folder: Path) -> int:
    try:
        for line in (folder / "memory.stat").read_text("ascii").splitlines():
            name, value = line.split()
            if name == "inactive_file":
                return int(value)
    except (OSError, ValueError):
        pass
    return 0
