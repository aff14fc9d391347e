"""Two networks compared: two files, or one as it was at a git revision and as it is."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from cnncalc.compare.comparison import Comparison, compare
from cnncalc.errors import UsageError
from cnncalc.graph.overrides import MAX_LAYERS
from cnncalc.language.extending import file_of
from cnncalc.language.inheritance import MOST_FILES
from cnncalc.language.parser import parse
from cnncalc.links import followed
from cnncalc.network import Network, resolve
from cnncalc.yaml import nodes
from cnncalc.yaml.reading import STANDARD_INPUT
from cnncalc.yaml.source import Source

_SECONDS = 60
_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_NO_FILES = {
    "040000": "a folder",
    "120000": "a symbolic link",
    "160000": "another repository",
}
"""What git may have under a name other than a file, by its mode."""


def difference(
    a: str,
    b: str | None,
    revision: str | None,
    *,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = MAX_LAYERS,
) -> Comparison:
    """Two networks compared, or, without `b`, a file at a git revision with the file as it is.

    Raises `UsageError` where it is not clear which two, or git does not have the first.
    """
    if (b is None) == (revision is None):
        given = "one is" if b is None else "three are"
        raise UsageError(
            f"a comparison is of two networks, and {given} given: say A B, or --git REV A"
        )
    if a == b == STANDARD_INPUT:
        raise UsageError("standard input can be read once: say - for one of the two")
    if b is not None:
        before = Network.load(a, batch=batch, dtype=dtype, max_layers=max_layers)
        after = Network.load(b, batch=batch, dtype=dtype, max_layers=max_layers)
        return compare(before.report, after.report)
    assert revision is not None
    if a == STANDARD_INPUT:
        raise UsageError("standard input has no revisions: name a file")
    after = Network.load(a, batch=batch, dtype=dtype, max_layers=max_layers)
    return compare(_at_revision(revision, a, after).report, after.report)


def _at_revision(revision: str, name: str, now: Network) -> Network:
    path = resolve(name)
    with TemporaryDirectory() as folder:
        text = text_at(revision, path, Path(folder))
        source = Source(f"{revision}:{path}", text.removeprefix("\ufeff"))
        then = Network.parsed(source, Path(folder) / path.name)
    return replace(then, overrides=now.overrides, batch=now.batch, dtype=now.dtype)


def text_at(revision: str, path: Path, folder: Path) -> str:
    """The file's text at a revision. The files it extends are laid into `folder`, which stands for
    the file's own. Raises `UsageError` where git does not have it."""
    place = path.parent
    _git(place, f"git cannot compare {path}", "rev-parse", "--is-inside-work-tree")
    then = Revision(place, revision, _commit(place, revision))
    text = then.text(path.name)
    if text is None:
        raise UsageError(f"there is no {path.name} at {revision}")
    _lay_out(then, text, folder)
    return text


def _commit(place: Path, revision: str) -> str:
    """The one commit that is meant. Raises `UsageError`."""
    why = f"there is no revision `{revision}`"
    if revision.startswith("^") or ".." in revision:
        why += "; name one commit, not a range"
    known = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    found = _git(place, why, *known).decode("ascii", "replace").strip()
    if not _COMMIT.fullmatch(found):
        raise UsageError(why)
    return found


class Revision(NamedTuple):
    """What a folder held at a commit. `name` is what the user calls that."""

    place: Path
    name: str
    commit: str

    def text(self, file: str) -> str | None:
        """A file beside the one asked for, None where there is none. Raises `UsageError` where it
        is something else."""
        try:
            listed = _git(self.place, "", "ls-tree", "-z", self.commit, "--", f"./{file}")
        except UsageError:  # out of the repository
            return None
        if not listed:
            return None
        mode, _, digest = listed.partition(b"\t")[0].decode("ascii").split()
        if mode in _NO_FILES:
            raise UsageError(f"{file} is {_NO_FILES[mode]} at {self.name}, not a file")
        content = _git(self.place, f"git cannot read {file}", "cat-file", "blob", digest)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UsageError(f"{file} is not UTF-8 at {self.name}") from None


def _lay_out(then: Revision, text: str, folder: Path) -> None:
    """Follow `extends:` and `blocks: {from: …}` as far as they name files of the revision."""
    waiting = [(text, Path())]
    seen: set[Path] = set()
    while waiting and len(seen) < MOST_FILES:
        text, inner = waiting.pop()
        for name in _named(text):
            other = inner.parent / name
            target = followed(folder / other)
            if other.is_absolute() or not target.is_relative_to(followed(folder)):
                continue
            found = None if target in seen else then.text(other.as_posix())
            if found is None:
                continue
            seen.add(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(found, "utf-8", newline="")
            waiting.append((found, other))


def _named(text: str) -> list[str]:
    """The files that a text extends or takes blocks from, as it names them."""
    document, _ = parse(Source("", text))
    extends = document.extends and file_of(document.extends)
    said = [option.value for option in (extends, document.borrows) if option is not None]
    return [value.text for value in said if isinstance(value, nodes.Scalar) and value.text]


def _git(place: Path, why: str, *args: str) -> bytes:
    """What git prints. Raises `UsageError`."""
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(place), *args],  # noqa: S607
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
        if done.returncode == 0:
            return done.stdout
    except subprocess.TimeoutExpired:
        raise UsageError(f"{why}: git takes longer than {_SECONDS} s") from None
    except OSError as error:
        raise UsageError(f"{why}: git cannot be run ({error.strerror})") from None
    except ValueError:
        raise UsageError(f"{why}: git takes no NUL among its arguments") from None
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    raise UsageError(f"{why}: {said[0].removeprefix('fatal: ')}" if said else why)
