"""What a value looks like in a file, as JSON Schema: the forms that types of options share.

A form says only what can be seen in the value itself, not what a network makes of it. Every
constraint is for one JSON type (`minimum` for numbers, `pattern` for texts, `items` for lists), so
that forms can be joined without `anyOf`, of which editors make poor messages. Expressions are
left out: whoever builds a schema of the language adds them everywhere at once.
"""

from __future__ import annotations

import re
from typing import Any

Form = dict[str, Any]

_ONE_OR_MORE = "[ 0]*[1-9][0-9 ]*"
_ZERO_OR_MORE = " *[0-9][0-9 ]*"

VOLUME_PATTERN = f"^{_ONE_OR_MORE}(?:[xX]{_ONE_OR_MORE}){{0,3}}$"
"""A volume as `Volume.parse` reads it, blanks and leading zeros included."""


def any_case(word: str) -> str:
    """A pattern for a word in capitals, small letters or both: JSON Schema knows no flags."""
    return "".join(
        f"[{c.lower()}{c.upper()}]" if c.isascii() and c.isalpha() else re.escape(c) for c in word
    )


def words(*known: str) -> Form:
    """One of a few words, capitals aside; the first ones are what an editor proposes."""
    return {
        "type": ["string"],
        "pattern": f"^(?:{'|'.join(map(any_case, known))})$",
        "patternErrorMessage": f"one of {', '.join(known)}",
        "examples": list(known),
    }


def integer(least: int) -> Form:
    return {"type": ["integer"], "minimum": least}


def extent(least: int) -> Form:
    """A number for all axes, a list with one for each, or `3x5`."""
    side = _ONE_OR_MORE if least else _ZERO_OR_MORE
    return {
        "type": ["integer", "array", "string"],
        "minimum": least,
        "minItems": 1,
        "items": integer(least),
        "pattern": f"^{side}(?:[xX]{side})+$",
        "patternErrorMessage": "a whole number, or one for every spatial axis: [3, 5] or 3x5",
    }


def amounts() -> Form:
    """A number, `3x5`, or a list with a number or a pair for each axis."""
    pair = {"type": ["array"], "minItems": 2, "maxItems": 2, "items": integer(0)}
    return extent(0) | {"items": {**integer(0), **pair, "type": ["integer", "array"]}}


def volume() -> Form:
    """`227x227x3`, a list of up to three spatial axes and the channels, or a vector's length."""
    return {
        "type": ["string", "integer", "array"],
        "minimum": 1,
        "minItems": 1,
        "maxItems": 4,
        "items": integer(1),
        "pattern": VOLUME_PATTERN,
        "patternErrorMessage": "height x width x channels, such as 227x227x3",
    }


def optional(form: Form) -> Form:
    """The form, or nothing at all."""
    return {**form, "type": [*form["type"], "null"]}
