"""How machine formats name files: from a root that both sides know, with forward slashes."""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import quote


def relative(file: PurePath, root: PurePath) -> str:
    """The path of a file below `root`, or all of it where it lies elsewhere. Both are absolute."""
    inside = file.is_relative_to(root)
    return (file.relative_to(root) if inside else file).as_posix()


def uri(file: PurePath, root: PurePath) -> tuple[str, bool]:
    """The same as a URI reference, and whether it is relative to `root`."""
    if file.is_relative_to(root):
        return quote(relative(file, root), errors="surrogateescape"), True
    return file.as_uri(), False
