"""A file together with the files it extends, each read once and merged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from cnncalc.diagnostics import Diagnostic, did_you_mean
from cnncalc.language.model import Document, Option
from cnncalc.language.parser import parse
from cnncalc.yaml.nodes import Scalar
from cnncalc.yaml.reading import Unreadable, read
from cnncalc.yaml.source import Source

LONGEST_CHAIN = 32

FindBundled = Callable[[str], Path | None]
"""From the name of a bundled architecture to its file."""


def parse_file(
    source: Source, path: Path | None, find_bundled: FindBundled
) -> tuple[Document, list[Diagnostic]]:
    """The tree of a file, bases merged in. `path` is where the file is, None for a bare text."""
    return _parse(source, path, find_bundled, ())


def _parse(
    source: Source, path: Path | None, find_bundled: FindBundled, chain: tuple[Path, ...]
) -> tuple[Document, list[Diagnostic]]:
    inherited: list[Diagnostic] = []

    def refuse(option: Option, code: str, message: str, *help: str) -> None:
        inherited.append(Diagnostic(code, message, option.span, help=help))

    def inherit(option: Option) -> Document | None:
        node = option.value
        if not isinstance(node, Scalar) or not isinstance(node.value, str) or not node.text:
            refuse(option, "wrong-type", "`extends` names one other file or bundled architecture")
            return None
        folder = Path() if path is None else path.parent
        base, escapes = _locate(node.text, folder, find_bundled)
        if escapes:
            message = f"`{node.text}` leaves the folder of this file"
            refuse(option, "bad-value", message, "`extends` stays in the folder of its file")
            return None
        if base is None:
            message = f"there is no file or bundled architecture `{node.text}`"
            refuse(option, "file-unreadable", message, *_near(node.text, folder))
            return None
        if base.resolve() in chain:
            names = " → ".join(p.name for p in (*chain, base))
            refuse(option, "recursive-block", f"the file extends itself: {names}")
            return None
        if len(chain) == LONGEST_CHAIN:
            refuse(option, "limit-exceeded", f"a chain of more than {LONGEST_CHAIN} files")
            return None
        try:
            text = read(base)
        except Unreadable as fault:
            refuse(option, "file-unreadable", f"`{node.text}`: {fault.message}", *fault.help)
            return None
        document, findings = _parse(text, base, find_bundled, (*chain, base.resolve()))
        inherited.extend(findings)
        return document

    if path is not None and not chain:
        chain = (path.resolve(),)
    document, findings = parse(source, inherit)
    return document, inherited + findings


def base_of(document: Document, path: Path, find_bundled: FindBundled) -> Path | None:
    """The file that a file itself extends, if it does and that can be found."""
    option = document.extends
    if option is None or not isinstance(option.value, Scalar):
        return None
    return _locate(option.value.text, path.parent, find_bundled)[0]


def bases(path: Path, find_bundled: FindBundled) -> Iterator[Path]:
    """The file that a file extends, the one that that extends, and so on, as far as they can be
    read."""
    for _ in range(LONGEST_CHAIN):
        try:
            source = read(path)
        except Unreadable:
            return
        # Most files extend none, and need not be parsed to know that.
        base = None
        if "extends" in source.text:
            base = base_of(parse(source)[0], path, find_bundled)
        if base is None:
            return
        yield base
        path = base


def _near(name: str, folder: Path) -> tuple[str, ...]:
    try:
        return did_you_mean(name, sorted(path.name for path in folder.glob("*.y*ml")))
    except OSError:
        return ()


def _locate(name: str, folder: Path, find_bundled: FindBundled) -> tuple[Path | None, bool]:
    """The file that a name means, and whether the name leads out of the folder."""
    try:
        candidate = folder / name
        inside = candidate.resolve().is_relative_to(folder.resolve())
        if inside and candidate.is_file():
            return candidate, False
        bundled = find_bundled(name)
        if bundled is not None:
            return bundled, False
        return (candidate, False) if inside and candidate.exists() else (None, not inside)
    except (OSError, ValueError, RuntimeError):
        return None, False
