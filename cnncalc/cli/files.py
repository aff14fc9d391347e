"""The files that a command's arguments mean: paths, folders, globs; progress over many of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

MANY = 50
"""Files from which on they are worth a progress bar."""


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
            pattern = Path(path)
            for found in sorted(
                Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
            ):
                yield from _inside(found) if found.is_dir() else (str(found),)
        else:
            yield path


def _inside(folder: Path) -> Iterator[str]:
    """The YAML files in a folder and its folders, hidden ones passed over."""
    for path in sorted(folder.rglob("*.y*ml")):
        parts = path.relative_to(folder).parts
        if path.suffix in (".yaml", ".yml") and not any(part.startswith(".") for part in parts):
            yield str(path)


def with_progress(work: Iterable[T], doing: str, files: int) -> Iterator[T]:
    """Work on so many files as it is done, with a progress bar where there are many and someone
    watches."""
    from cnncalc.cli.console import messages

    console = messages()
    if files < MANY or not console.is_terminal:
        yield from work
        return
    from rich.progress import track

    # No thread refreshes it: processes that are forked have to find this one alone.
    yield from track(
        work, description=doing, total=files, console=console, transient=True, auto_refresh=False
    )
