"""A file together with the files it extends, each read once and merged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cnncalc import bundled
from cnncalc.diagnostics import Diagnostic, did_you_mean
from cnncalc.language.model import Document, Option
from cnncalc.language.parser import Parser, parse
from cnncalc.links import followed
from cnncalc.yaml.nodes import Scalar
from cnncalc.yaml.reading import Unreadable, read
from cnncalc.yaml.source import Source

LONGEST_CHAIN = 32


def parse_file(source: Source, path: Path | None) -> tuple[Document, list[Diagnostic]]:
    """The tree of a file, those it extends merged in. `path` is where it is, None for a text."""
    return _parse(source, path, () if path is None else (followed(path),))


def _parse(
    source: Source, path: Path | None, chain: tuple[Path, ...]
) -> tuple[Document, list[Diagnostic]]:
    parser = Parser(source)
    if parser.extends is None:
        return parser.document(), parser.findings
    base, inherited = _extended(parser.extends, path, chain)
    document = parser.document(base, orphaned=base is None)
    return document, [*inherited, *parser.findings]


def _extended(
    option: Option, path: Path | None, chain: tuple[Path, ...]
) -> tuple[Document | None, list[Diagnostic]]:
    """The tree of the file that `extends:` names, with its findings; None where it is not to be
    had, with the finding that says why."""

    def refused(code: str, message: str, *help: str) -> tuple[None, list[Diagnostic]]:
        return None, [Diagnostic(code, message, option.span, help=help)]

    node = option.value
    if not isinstance(node, Scalar) or not isinstance(node.value, str) or not node.text:
        return refused("wrong-type", "`extends` names one other file or bundled architecture")
    folder = Path() if path is None else path.parent
    base, escapes = _locate(node.text, folder)
    if escapes:
        message = f"`{node.text}` leaves the folder of this file"
        return refused("bad-value", message, "`extends` stays in the folder of its file")
    if base is None:
        message = f"there is no file or bundled architecture `{node.text}`"
        return refused("file-unreadable", message, *_near(node.text, folder))
    if followed(base) in chain:
        names = " → ".join(p.name for p in (*chain, base))
        return refused("recursive-block", f"the file extends itself: {names}")
    if len(chain) == LONGEST_CHAIN:
        return refused("limit-exceeded", f"a chain of more than {LONGEST_CHAIN} files")
    try:
        text = read(base)
    except Unreadable as fault:
        return refused("file-unreadable", f"`{node.text}`: {fault.message}", *fault.help)
    return _parse(text, base, (*chain, followed(base)))


def base_of(document: Document, path: Path) -> Path | None:
    """The file that a file itself extends, if it does and that can be found."""
    option = document.extends
    if option is None or not isinstance(option.value, Scalar):
        return None
    return _locate(option.value.text, path.parent)[0]


def bases(path: Path) -> Iterator[Path]:
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
            base = base_of(parse(source)[0], path)
        if base is None:
            return
        yield base
        path = base


def _near(name: str, folder: Path) -> tuple[str, ...]:
    try:
        return did_you_mean(name, sorted(path.name for path in folder.glob("*.y*ml")))
    except OSError:
        return ()


def _locate(name: str, folder: Path) -> tuple[Path | None, bool]:
    """The file that a name means, and whether the name leads out of the folder."""
    try:
        candidate = folder / name
        inside = followed(candidate).is_relative_to(followed(folder))
        if inside and candidate.is_file():
            return candidate, False
        found = bundled.find(name)
        if found is not None:
            return found, False
        return (candidate, False) if inside and candidate.exists() else (None, not inside)
    except (OSError, ValueError):
        return None, False
