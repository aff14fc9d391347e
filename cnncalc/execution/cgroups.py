"""The control groups of Linux that this process is in, whose limits are its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path("/")
"""What `/proc` and the mounted groups are looked for in."""

UNIFIED = frozenset({"*"})
"""In the place of its controllers, the second version's, where one group has them all."""


class Cgroup(NamedTuple):
    """A group, by the folder that holds its limits, and what it controls."""

    folder: Path
    controllers: frozenset[str]


def own() -> Iterator[Cgroup]:
    """Every group of this process, each followed by those it lies in: the limits of all hold."""
    paths = dict(_paths())
    for mounted, root, controllers in _mounts():
        for named, path in paths.items():
            if named != controllers and not (named & controllers):
                continue
            yield from _upwards(mounted, root, path, controllers)


def number(path: Path) -> int | None:
    """What a file says, None where that is no number, such as `max`, or there is no file."""
    try:
        (word,) = words(path)
        return int(word)
    except ValueError:
        return None


def words(path: Path) -> list[str]:
    """The words in a file; none where it cannot be read."""
    try:
        return path.read_text("ascii").split()
    except (OSError, ValueError):
        return []


def _upwards(mounted: Path, root: str, path: str, controllers: frozenset[str]) -> Iterator[Cgroup]:
    """A group as it is seen under a mount of `root`, and those it lies in.

    In a container the mount may show only the container's own group, and its path be that outside.
    """
    inner = path.removeprefix(root.rstrip("/")).strip("/") if _lies_in(path, root) else ""
    folder = mounted / inner
    if ".." in folder.parts or not folder.is_dir():
        folder = mounted
    while True:
        yield Cgroup(folder, controllers)
        if folder == mounted:
            return
        folder = folder.parent


def _lies_in(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _paths() -> Iterator[tuple[frozenset[str], str]]:
    """Controllers and path of each group: `4:memory:/user.slice`, `0::/user.slice`."""
    for line in _lines(ROOT / "proc/self/cgroup"):
        _, _, rest = line.partition(":")
        controllers, colon, path = rest.partition(":")
        if colon:
            yield frozenset(controllers.split(",")) if controllers else UNIFIED, path


def _mounts() -> Iterator[tuple[Path, str, frozenset[str]]]:
    """Where groups are mounted, which group is seen there, and what is controlled there:
    `32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu`."""
    for line in _lines(ROOT / "proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        fields, (kind, *rest) = before.split(" "), after.split(" ")
        if len(fields) < 5 or kind not in ("cgroup", "cgroup2"):
            continue
        root, place = map(_unescaped, fields[3:5])
        options = frozenset(rest[-1].split(",")) if rest else frozenset()
        yield (ROOT / place.lstrip("/"), root, UNIFIED if kind == "cgroup2" else options)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []


def _unescaped(field: str) -> str:
    """A blank in a path is written \\040."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), field)
