"""Texts with expressions in them: `$name`, `$(…)`, and texts that are one expression throughout."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from cnncalc.diagnostics import RuleError
from cnncalc.language.expressions import Expression, Names, Value, evaluate, parse

LONGEST_TEXT = 1000

_NAME = r"(?:(?:in|block_input)\.)?[A-Za-z_]\w*"
_REFERENCE = re.compile(rf"\$(?:\$|(?P<name>{_NAME})|(?P<open>\())")


class Template(NamedTuple):
    """A text with expressions in it; one that is nothing but an expression keeps its type."""

    parts: tuple[str | Expression, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset().union(*(p.names for p in self.parts if isinstance(p, Expression)))

    @property
    def reads_volume(self) -> bool:
        return any(part.reads_volume for part in self.parts if isinstance(part, Expression))

    def value(self, names: Names) -> Value:
        """Raises `RuleError` (unknown-variable, bad-expression, limit-exceeded)."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Expression):
            return evaluate(self.parts[0], names)
        pieces = []
        for part in self.parts:
            piece = evaluate(part, names) if isinstance(part, Expression) else part
            if isinstance(piece, tuple):
                raise RuleError("bad-expression", "a list cannot stand inside a text")
            pieces.append(
                "null"
                if piece is None
                else str(piece).lower()
                if isinstance(piece, bool)
                else str(piece)
            )
        text = "".join(pieces)
        if len(text) > LONGEST_TEXT:
            raise RuleError("limit-exceeded", f"a text of {len(text)} characters")
        return text


def has_expression(text: str) -> bool:
    return "$" in text


@lru_cache(maxsize=4096)
def template(text: str) -> Template:
    """Read a text that may hold `$name`, `$(expression)` and `$$`. Raises `RuleError`."""
    if "${" in text:
        named = re.search(r"\$\{\s*([A-Za-z_]\w*)\s*\}", text)
        help = [f"write ${named[1]}" if named else "write $name or $(expression)"]
        raise RuleError("bad-expression", f"`{text}`: `${{` is not read here", help=help)
    parts: list[str | Expression] = []
    at = 0
    while found := _REFERENCE.search(text, at):
        literal = text[at : found.start()]
        if name := found["name"]:
            parts += [literal, parse(name)]
            at = found.end()
        elif found["open"]:
            end = _closing(text, found.end())
            parts += [literal, parse(text[found.end() : end])]
            at = end + 1
        else:
            parts.append(literal + "$")
            at = found.end()
    parts.append(text[at:])
    return Template(tuple(part for part in parts if part != ""))


def bare(text: str) -> Template:
    """An expression whose sigil may be left out, as in `when` and `repeat`. Raises `RuleError`."""
    return template(text) if has_expression(text) else Template((parse(text),))


def _closing(text: str, at: int) -> int:
    depth, quote = 1, ""
    for position in range(at, len(text)):
        character = text[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return position
    raise RuleError(
        "bad-expression",
        f"`{text}`: the parenthesis of `$(` is not closed",
        help=["inside {…} and […] put quotes around an expression that holds a comma or a quote"],
    )
