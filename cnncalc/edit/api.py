"""Files laid out, from Python."""

from __future__ import annotations

from cnncalc.arguments import GivenPath
from cnncalc.edit.formatted import Formatted, format_path, write_formatted


def fmt(path: GivenPath, *, write: bool = False) -> Formatted:
    """The text of a file in the one layout: the same network, with every comment.

    `changes` is whether it differs from what was read. A file that cannot be read or is not YAML
    has `findings`; one that is left as it is has a `reason`. With `write` the file is written where
    it changes; raises `ValueError` where that fails.
    """
    done = format_path(str(path))
    if write:
        write_formatted(str(path), done)
    return done
