"""A file as it was at a git revision, together with the files it extends."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cnncalc.document import composer, nodes
from cnncalc.document.extending import LONGEST_CHAIN
from cnncalc.queries.override import Misuse
from cnncalc.source import Source

_SECONDS = 60


def text_at(revision: str, path: Path, folder: Path) -> str:
    """The file's text at a revision. The files it extends are laid into `folder`, which stands for
    the file's own. Raises `Misuse` where git does not have it."""
    place = path.parent
    _git(place, f"git cannot compare {path}", "rev-parse", "--is-inside-work-tree")
    known = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    commit = _git(place, f"there is no revision `{revision}`", *known).strip()
    text = _show(place, commit, path.name)
    if text is None:
        raise Misuse(f"there is no {path.name} at {revision}")
    _lay_out(place, commit, text, folder)
    return text


def _lay_out(place: Path, commit: str, text: str, folder: Path) -> None:
    """Follow `extends:` as far as it names files of the revision."""
    inner = Path()
    for _ in range(LONGEST_CHAIN):
        name = _extended(text)
        if name is None:
            return
        inner = inner.parent / name
        target = (folder / inner).resolve()
        if inner.is_absolute() or not target.is_relative_to(folder.resolve()):
            return
        found = _show(place, commit, inner.as_posix())
        if found is None:
            return
        text = found
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="")


def _extended(text: str) -> str | None:
    root, _ = composer.compose(Source("", text))
    for key, value in root.entries if isinstance(root, nodes.Mapping) else ():
        if key.text == "extends" and isinstance(value, nodes.Scalar) and value.text:
            return value.text
    return None


def _show(place: Path, commit: str, name: str) -> str | None:
    """A file beside the one asked for, None where the revision has none."""
    try:
        return _git(place, "", "show", f"{commit}:./{name}")
    except Misuse:
        return None


def _git(place: Path, why: str, *args: str) -> str:
    """What git prints. Raises `Misuse`."""
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(place), *args],  # noqa: S607
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
        if done.returncode == 0:
            return done.stdout.decode("utf-8-sig")
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise Misuse(f"{why}: git cannot be run ({error})") from None
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    raise Misuse(f"{why}: {said[0].removeprefix('fatal: ')}" if said else why)
