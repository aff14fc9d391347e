"""A file together with the files it extends, each read once and merged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cnncalc import bundled
from cnncalc.diagnostics import Diagnostic, did_you_mean
from cnncalc.language.extending import file_of
from cnncalc.language.model import Document, Option
from cnncalc.language.parser import Parser, parse
from cnncalc.links import followed
from cnncalc.yaml.nodes import Scalar
from cnncalc.yaml.reading import Unreadable, read
from cnncalc.yaml.source import Source

LONGEST_CHAIN = 32

MOST_FILES = 1000
"""Files that one is followed to."""


def parse_file(source: Source, path: Path | None) -> tuple[Document, list[Diagnostic]]:
    """The tree of a file, those it extends merged in. `path` is where it is, None for a text."""
    return _Reading().parse(source, path, () if path is None else (followed(path),))


class _Reading:
    """Files read for the sake of one. However many lead to a file, it is read once, and its
    findings are given once."""

    def __init__(self) -> None:
        self.known: dict[Path, Document | None] = {}

    def parse(
        self, source: Source, path: Path | None, chain: tuple[Path, ...]
    ) -> tuple[Document, list[Diagnostic]]:
        parser = Parser(source)
        folder = Path() if path is None else path.parent
        base = lender = None
        inherited: list[Diagnostic] = []
        orphaned = False
        if parser.extension is not None:
            if parser.extension.file is not None:
                base, inherited = self.other(parser.extension.file, "extends", folder, chain)
            orphaned = base is None
        if parser.borrows is not None:
            lender, findings = self.other(parser.borrows, "from", folder, chain)
            inherited += findings
            orphaned = orphaned or lender is None
        document = parser.document(base, lender, orphaned=orphaned)
        return document, [*inherited, *parser.findings]

    def other(
        self, option: Option, word: str, folder: Path, chain: tuple[Path, ...]
    ) -> tuple[Document | None, list[Diagnostic]]:
        """The tree of another file that an option names, with its findings; None where it is not
        to be had, with the finding that says why."""

        def refused(code: str, message: str, *help: str) -> tuple[None, list[Diagnostic]]:
            return None, [Diagnostic(code, message, option.span, help=help)]

        node = option.value
        if not isinstance(node, Scalar) or not isinstance(node.value, str) or not node.text:
            return refused("wrong-type", f"`{word}` names one other file or bundled architecture")
        other, escapes = _locate(node.text, folder)
        if escapes:
            message = f"`{node.text}` leaves the folder of this file"
            return refused("bad-value", message, f"`{word}` stays in the folder of its file")
        if other is None:
            message = f"there is no file or bundled architecture `{node.text}`"
            return refused("file-unreadable", message, *_near(node.text, folder))
        place = followed(other)
        if place in chain:
            names = " → ".join(p.name for p in (*chain, other))
            does = "extends itself" if word == "extends" else "takes blocks from itself"
            return refused("recursive-block", f"the file {does}: {names}")
        if place in self.known:
            return self.known[place], []
        if len(chain) == LONGEST_CHAIN:
            return refused("limit-exceeded", f"a chain of more than {LONGEST_CHAIN} files")
        try:
            text = read(other)
        except Unreadable as fault:
            return refused("file-unreadable", f"`{node.text}`: {fault.message}", *fault.help)
        document, findings = self.parse(text, other, (*chain, place))
        self.known[place] = document
        return document, findings


def base_of(document: Document, path: Path) -> Path | None:
    """The file that a file itself extends, if it does and that can be found."""
    option = document.extends
    return None if option is None else _named(file_of(option), path)


def bases(path: Path) -> Iterator[Path]:
    """The files that a file extends or takes blocks from, those that these do so, and so on, as
    far as they can be read."""
    seen = {followed(path)}
    waiting = [path]
    while waiting and len(seen) <= MOST_FILES:
        path = waiting.pop(0)
        for other in _others(path):
            if followed(other) not in seen:
                seen.add(followed(other))
                yield other
                waiting.append(other)


def _others(path: Path) -> Iterator[Path]:
    try:
        source = read(path)
    except Unreadable:
        return
    # Most files name none, and need not be parsed to know that.
    if "extends" in source.text or "blocks" in source.text:
        document = parse(source)[0]
        named = (base_of(document, path), _named(document.borrows, path))
        yield from (other for other in named if other is not None)


def _named(option: Option | None, path: Path) -> Path | None:
    if option is None or not isinstance(option.value, Scalar):
        return None
    return _locate(option.value.text, path.parent)[0]


def _near(name: str, folder: Path) -> tuple[str, ...]:
    try:
        files = sorted(path.name for path in folder.glob("*.y*ml"))
        return did_you_mean(name, files) or did_you_mean(name, bundled.names())
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
