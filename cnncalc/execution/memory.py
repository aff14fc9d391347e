"""How much memory there is for a run: what the system has, or what the container leaves of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cnncalc.execution import cgroups
from cnncalc.execution.cgroups import Cgroup
from cnncalc.execution.refusals import Refused

_FILES = {
    True: ("memory.max", "memory.current"),
    False: ("memory.limit_in_bytes", "memory.usage_in_bytes"),
}
"""Limit and use of a control group's memory, of the unified version and of the first one."""


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
    yield from map(_left, cgroups.own())


def _left(group: Cgroup) -> int | None:
    """What a control group leaves of its limit."""
    unified = group.controllers == cgroups.UNIFIED
    if not unified and "memory" not in group.controllers:
        return None
    limit, used = _FILES[unified]
    most, now = cgroups.number(group.folder / limit), cgroups.number(group.folder / used)
    if most is None or now is None:
        return None
    # What the system keeps of files counts as used, and it gives that back.
    return max(most - now + _file_cache(group.folder), 0)


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


def _file_cache(folder: Path) -> int:
    """Of a group and those in it, which the first version counts apart."""
    found = {}
    try:
        for line in (folder / "memory.stat").read_text("ascii").splitlines():
            name, value = line.split()
            found[name] = int(value)
    except (OSError, ValueError):
        return 0
    return found.get("total_inactive_file", found.get("inactive_file", 0))
