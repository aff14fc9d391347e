"""The architecture files that paths, folders and globs mean."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from cnncalc import bundled
from cnncalc.errors import UsageError


def architecture_files(paths: Iterable[str]) -> list[str]:
    """The files of all paths, folders and globs, each once, in order; bundled names and `-` as they
    are. Raises `UsageError` where there are none."""
    named = list(paths)
    files = list(dict.fromkeys(_files(named)))
    if not files:
        raise UsageError(f"no architecture files in {', '.join(named)}" if named else "no paths")
    return files


def _files(paths: Iterable[str]) -> Iterator[str]:
    """The files that paths, folders and globs mean, in order; and folders that cannot be read, for
    which reading them finds what is wrong."""
    from glob import has_magic

    for path in paths:
        if path != "-" and _is(Path.is_dir, path):
            yield from _inside(Path(path))
        elif has_magic(path) and not _is(Path.exists, path):
            for found in _matching(path):
                yield from _inside(found) if _is(Path.is_dir, found) else (str(found),)
        else:
            yield path


def _is(property: Callable[[Path], bool], path: str | Path) -> bool:
    """Whether a path is a folder, or is there; not for one that cannot be reached."""
    try:
        return property(Path(path))
    except OSError:
        return False


def _matching(glob: str) -> list[Path]:
    """What a glob stands for, in order. Hidden files and folders are passed over, as shells do,
    unless the glob names hidden ones; folders that cannot be read are among what `**` stands for.
    """
    pattern = Path(glob)
    # Some versions of Python refuse `**` beside other characters, where it means no more than `*`.
    parts = [part if part == "**" else _STARS.sub("*", part) for part in pattern.parts]
    below = Path(pattern.anchor)
    parts = parts[len(below.parts) :]
    hidden = any(_is_hidden(part) for part in parts)
    found = list(below.glob("/".join(parts)))
    if "**" in parts:
        before = "/".join(parts[: parts.index("**")])
        for start in below.glob(before) if before else [below]:
            _walk(start, found)
    shown = (path for path in found if hidden or not any(map(_is_hidden, path.parts)))
    return sorted(set(shown))


_STARS = re.compile(r"\*{2,}")


def _is_hidden(part: str) -> bool:
    return part.startswith(".") and part != ".."


def _inside(folder: Path) -> list[str]:
    """The YAML files in a folder and its folders, in order; hidden ones are passed over. Folders
    that cannot be read are among them."""
    found: list[Path] = []
    for place, names in _walk(folder, found):
        found += (
            Path(place, name)
            for name in names
            if not _is_hidden(name) and Path(name).suffix in bundled.SUFFIXES
        )
    return [str(path) for path in sorted(found)]


def _walk(folder: Path, unread: list[Path]) -> list[tuple[str, list[str]]]:
    """A folder and those in it, hidden ones passed over, with the names of their files; those that
    cannot be read are added to `unread`."""
    walked = []

    def note(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # gone meanwhile
            unread.append(Path(str(error.filename)))

    for place, folders, files in os.walk(folder, onerror=note):
        folders[:] = (name for name in folders if not _is_hidden(name))
        walked.append((place, files))
    return walked
