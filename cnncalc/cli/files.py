"""The files that a command's arguments mean: paths, folders, globs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from cnncalc import bundled

STANDARD_OUTPUT = (None, Path("-"), Path("/dev/stdout"))
"""What `--output` may say for it."""


def meant(paths: list[str]) -> list[str]:
    """The files of all arguments, each once, in order. Ends the command where there are none."""
    from cnncalc.cli.console import misuse

    files = list(dict.fromkeys(_files(paths)))
    if not files:
        misuse(f"no architecture files in {', '.join(paths)}")
    return files


def _files(paths: list[str]) -> Iterator[str]:
    """The files that paths, folders and globs mean, in order."""
    from glob import has_magic

    for path in paths:
        if path != "-" and Path(path).is_dir():
            yield from _inside(Path(path))
        elif has_magic(path) and not Path(path).exists():
            for found in _matching(path):
                yield from _inside(found) if found.is_dir() else (str(found),)
        else:
            yield path


def _matching(glob: str) -> list[Path]:
    """What a glob stands for, in order. Hidden files and folders are passed over, as shells do,
    unless the glob names hidden ones; what cannot be read is none."""
    pattern = Path(glob)
    # Some versions of Python refuse `**` beside other characters, where it means no more than `*`.
    parts = [part if part == "**" else _STARS.sub("*", part) for part in pattern.parts]
    below = Path(pattern.anchor)
    parts = parts[len(below.parts) :]
    hidden = any(_is_hidden(part) for part in parts)
    found = below.glob("/".join(parts))
    return sorted(path for path in found if hidden or not any(map(_is_hidden, path.parts)))


_STARS = re.compile(r"\*{2,}")


def _is_hidden(part: str) -> bool:
    return part.startswith(".") and part != ".."


def _inside(folder: Path) -> list[str]:
    """The YAML files in a folder and its folders, in order; hidden ones are passed over."""
    found: list[Path] = []
    for place, folders, files in os.walk(folder):
        folders[:] = (name for name in folders if not _is_hidden(name))
        found += (
            Path(place, name)
            for name in files
            if not _is_hidden(name) and Path(name).suffix in bundled.SUFFIXES
        )
    return [str(path) for path in sorted(found)]


def check_target(output: Path, files: list[str]) -> None:
    """End the command before the work where the file to write cannot be meant."""
    from cnncalc.cli.console import misuse

    if not output.parent.is_dir():
        misuse(f"--output {output}: there is no folder {output.parent}")
    if output.is_dir():
        misuse(f"--output {output}: this is a folder")
    if not output.is_file():
        return
    from cnncalc.language.inheritance import bases

    for file in files:
        path = Path(file)
        if file == "-" or not path.exists():
            continue
        if output.samefile(path):
            misuse(f"--output {output}: this is one of the files given")
        if any(output.samefile(base) for base in bases(path, bundled.find)):
            misuse(f"--output {output}: {file} extends this file")
