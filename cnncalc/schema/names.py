"""Patterns for the names of a file: kinds in any spelling, expressions, identifiers."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

from cnncalc.language.sections import RESERVED
from cnncalc.layers import registry
from cnncalc.layers.forms import any_case

EXPRESSION = r"\$[A-Za-z_(]"
"""Where a text holds `$name` or `$(…)`. What stands inside is left to cnncalc."""

_SEPARATORS = "[-_]*"
_RANK = f"(?:[123]{_SEPARATORS}[dD]{_SEPARATORS})?"
_AT_MOST_ONE_RANK = f"(?!.*[123]{_SEPARATORS}[dD].*[123]{_SEPARATORS}[dD])"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def identifier(*taken: str) -> str:
    """A pattern for what variables, arguments and blocks may be called."""
    reserved = "|".join((*RESERVED, *keyword.kwlist, *taken))
    return f"^(?!.*__)(?!(?:{reserved})$)[A-Za-z_][A-Za-z0-9_]*$"


def spelled(kinds: Iterable[str]) -> str:
    """A pattern, without its ends, for every spelling of these kinds.

    Letters of any case, with underscores and hyphens anywhere; a 1d, 2d or 3d after any of the
    words that a name is made of.
    """
    spellings = dict.fromkeys(_pattern(name) for kind in kinds for name in _names(kind))
    return _AT_MOST_ONE_RANK + "(?:" + "|".join(spellings) + ")"


def other_spellings(kind: str) -> str:
    """A pattern for the names of a kind but its own."""
    return whole(f"(?!{kind}$){spelled([kind])}")


def _names(kind: str) -> tuple[str, ...]:
    layer = registry.KINDS.get(kind)
    return (kind,) if layer is None else (kind, *layer.aliases)


def _pattern(name: str) -> str:
    words = _WORD.findall(re.sub("(?<=[a-z])[123][dD]", "", name))
    return _SEPARATORS + "".join(map(_word, words))


def _word(word: str) -> str:
    spaced = "".join(any_case(character) + _SEPARATORS for character in word)
    return spaced + _RANK if word[-1].isalpha() else spaced


def whole(pattern: str) -> str:
    """A pattern for the whole of a text."""
    return f"^{pattern}$"


def or_expression(pattern: str) -> str:
    """A pattern for a text, or for one that holds an expression."""
    return f"{EXPRESSION}|{pattern}"
