"""Text from outside (names, files, arguments, values) made safe for where it goes.

A writer of a format passes everything through the function of its destination, so that no command
has to think of it. Two rules hold for all: what is fit to be seen stays as it is; and where the
format has escapes of its own (JSON, SARIF), the exact text comes back out of them. The others get
an escape that people read, such as `\\x1b`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any


def printable(text: str) -> str:
    """A text with escapes such as \\x1b in place of characters that cannot be printed: controls,
    line breaks, marks that turn the direction of writing or have no width."""
    if text.isprintable():
        return text
    shown = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return "".join(shown)


_COMMAND = re.compile(r"^(\s*):(?=:)|#(?=#(?:vso)?\[)")
"""What runners of workflows take for commands: `::error …` where a line begins, `##[…` in it."""


def terminal(text: str) -> str:
    """Lines for people, on a terminal, in a pipe or in the log of a workflow."""
    return "\n".join(cell(line) for line in text.split("\n"))


def cell(text: str) -> str:
    """The same for what has to stay on one line."""
    text = printable(text)
    if "::" not in text and "##" not in text:
        return text
    return _COMMAND.sub(lambda found: (found[1] or "") + _escape(found[0][-1]), text)


def replacements(line: str) -> Iterator[tuple[int, str]]:
    """Places of characters that do not stay in a line, and what comes instead."""
    commands = {found.end() - 1 for found in _COMMAND.finditer(line)}
    for place, character in enumerate(line):
        if place in commands:
            yield place, _escape(character)
        elif not character.isprintable():
            yield place, printable(character)


def _escape(character: str) -> str:
    return f"\\x{ord(character):02x}"


def as_json(value: Any, indent: int | None = None) -> str:
    """A value in JSON, exactly; readable, but with escapes for what cannot be printed."""
    return "".join(json_pieces(value, indent))


def json_pieces(value: Any, indent: int | None = None) -> Iterator[str]:
    """The same, piece by piece where it is indented."""
    if indent is None:
        yield _json(_ON_ONE_LINE(value))
    else:
        for piece in json.JSONEncoder(ensure_ascii=False, indent=indent).iterencode(value):
            yield _json(piece)


_ON_ONE_LINE = json.JSONEncoder(ensure_ascii=False).encode


def _json(written: str) -> str:
    if written.isprintable() or written.isspace():
        return written
    shown = (c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in written)
    return "".join(shown)


_FORMULA = re.compile(r"'*\s*(?:[=+@-]|::)")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,.]*(?:[eE][+-]?[0-9]+)?")


def csv_cell(value: object) -> object:
    """A cell of CSV: truth values as YAML has them; a text that a spreadsheet would work out, or
    that a workflow's runner would take for a command, gets an apostrophe in front. Numbers stay."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value
    formula = _FORMULA.match(value) and not _NUMBER.fullmatch(value)
    return printable(f"'{value}" if formula else value)


def from_csv(text: str) -> str:
    """What a cell of CSV holds, without the apostrophe that was put in front."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


class Markdown(str):
    """A text that is Markdown of our own, and no name from outside in it."""

    __slots__ = ()

    def __str__(self) -> str:
        return self


_MARKS = re.compile(
    r"<(?=[A-Za-z/!?])"  # HTML
    r"|&(?=#?\w+;)"  # entities
    r"|\]\(|\]:|!\["  # links and pictures
    r"|[`*\\$]|~~"
    r"|(?<![^\W_])_|_(?![^\W_])"  # emphasis; within a word it is none
)
_BLOCK = re.compile(r"^\s*(?:[#>+=-]|\d+[.)])")
"""How headings, quotations, lists and rules begin."""


def markdown(text: str) -> str:
    """A text within a page: what Markdown or HTML would read is written as entities, but for the
    bar, which is one in tables alone."""
    return text if isinstance(text, Markdown) else _MARKS.sub(_entities, cell(text))


def markdown_line(text: str) -> str:
    """A text that begins a line or an item of a list."""
    if isinstance(text, Markdown):
        return text
    written = markdown(text)
    block = _BLOCK.match(written)
    if block is None:
        return written
    last = block.end() - 1
    return f"{written[:last]}&#{ord(written[last])};{written[last + 1 :]}"


def markdown_code(text: str) -> Markdown:
    """A name as code."""
    text = cell(text)
    if "`" not in text and "|" not in text:
        return Markdown(f"`{text}`")
    return Markdown(f"<code>{_PUNCTUATION.sub(_entities, text)}</code>")


_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


def _entities(found: re.Match[str]) -> str:
    return "".join(f"&#{ord(c)};" for c in found[0])


def github_message(text: str) -> str:
    """The sentence of a workflow command; lines stay lines."""
    return "%0A".join(printable(line).replace("%", "%25") for line in text.split("\n"))


def github_property(text: str) -> str:
    """A property of a workflow command."""
    return github_message(printable(text)).replace(":", "%3A").replace(",", "%2C")


def sarif_message(text: str) -> str:
    """A sentence of SARIF, whose readers take [text](target) for a link."""
    return text.replace("](", "\\](")


_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip


def latex(text: str) -> str:
    """Words in LaTeX."""
    return "".join(_LATEX.get(c, c) for c in printable(text))
