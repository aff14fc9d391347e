"""The types of layer options, and how PyTorch, Keras and CS231n spell them.

Every type reads the plain values an architecture file can hold (numbers, texts, booleans, tuples)
and says in one sentence what it takes. Nothing here knows a layer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from cnncalc.diagnostics import Problem
from cnncalc.geometry import Rounding
from cnncalc.layers import forms
from cnncalc.volume import LARGEST_NUMBER, Volume

Pairs = tuple[tuple[int, int], ...]
"""Padding or cropping: (before, after) for every spatial axis."""


def option(default: Any, description: str, *spellings: str, name: str | None = None) -> Any:
    """An option of a layer: its default (`...`: required), one line on it, its other spellings.

    `name` is the option's own name, needed where there are other spellings.
    """
    if not spellings:
        return Field(default, description=description)
    assert name is not None
    alias = AliasChoices(name, *spellings)
    return Field(default, description=description, validation_alias=alias)


def shown(value: object) -> str:
    """A value as the file would say it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    return str(value)


_LOOKS_PLAIN = re.compile(r"[+-]?[0-9][0-9.x]*(e[+-]?[0-9]+)?|true|false|null|~", re.IGNORECASE)


def wrong_type(expected: str, value: object) -> PydanticCustomError:
    if isinstance(value, str) and _LOOKS_PLAIN.fullmatch(value):
        # Between backquotes it would look like what is asked for.
        return PydanticCustomError("wrong-type", f'takes {expected}, not the text "{value}"')
    return PydanticCustomError("wrong-type", f"takes {expected}, not `{shown(value)}`")


def bad_value(message: str) -> PydanticCustomError:
    return PydanticCustomError("bad-value", message)


def integer(value: object, expected: str = "a whole number") -> int:
    """A whole number; a float that is one (the result of an expression) counts."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        if isinstance(value, float):
            raise bad_value(f"must be {expected}, and {value:.10g} is none")
        raise wrong_type(expected, value)
    if abs(value) > LARGEST_NUMBER:
        raise bad_value("must be below 2**63")
    return value


def _at_least(least: int, value: object, expected: str = "a whole number") -> int:
    number = integer(value, expected)
    if number < least:
        raise bad_value(f"must be {least} or more, not {number}")
    return number


def _axes(value: str) -> tuple[int, ...] | None:
    """The numbers of `3x5`, None for any other text."""
    parts = value.replace(" ", "").lower().split("x")
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    # A longer run of digits is out of range whatever it says.
    return tuple(int(part[:20]) for part in parts)


def _extent(least: int) -> Callable[[object], int | tuple[int, ...]]:
    expected = "a whole number, or one for every spatial axis"

    def read(value: object) -> int | tuple[int, ...]:
        if isinstance(value, str):
            value = _axes(value) or value
        if isinstance(value, tuple):
            if not value:
                raise wrong_type(expected, value)
            return tuple(_at_least(least, item, expected) for item in value)
        return _at_least(least, value, expected)

    return read


def _pair(value: object) -> int | tuple[int, int]:
    if isinstance(value, tuple):
        if len(value) != 2:
            raise wrong_type("pairs such as [1, 2], before and after", value)
        return _at_least(0, value[0]), _at_least(0, value[1])
    return _at_least(0, value)


def _amounts(value: object) -> int | tuple[int | tuple[int, int], ...]:
    if isinstance(value, str):
        value = _axes(value) or value
    if isinstance(value, tuple):
        if not value:
            raise wrong_type("a whole number or a list with one entry for every axis", value)
        return tuple(_pair(item) for item in value)
    return _at_least(0, value, "a whole number or a list with one entry for every axis")


def _padding(value: object) -> int | str | tuple[int | tuple[int, int], ...]:
    if isinstance(value, str) and _axes(value) is None:
        if value.lower() not in ("same", "valid"):
            raise wrong_type("a whole number, a list, `valid` or `same`", value)
        return value.lower()
    return _amounts(value)


def number(value: object) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong_type("a number", value)
    return float(value)


def _rate(value: object) -> float:
    rate = number(value)
    if not 0 <= rate < 1:
        raise bad_value(f"must be at least 0 and below 1, not {shown(value)}")
    return rate


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise wrong_type("true or false", value)
    return value


def choice(*names: str) -> Callable[[object], str]:
    """A validator for one of a few words."""

    def read(value: object) -> str:
        if isinstance(value, str) and value.lower() in names:
            return value.lower()
        raise bad_value(f"must be {' or '.join(f'`{n}`' for n in names)}, not `{shown(value)}`")

    return read


def _rounding(value: object) -> Rounding:
    return Rounding(choice(*Rounding)(value))


def _volume(value: object) -> Volume:
    try:
        if isinstance(value, str):
            return Volume.parse(value)
        if isinstance(value, tuple):
            return Volume(integer(axis) for axis in value)
        return Volume((integer(value),))
    except ValueError as error:
        raise bad_value(str(error)) from None


def _connections(value: object) -> tuple[tuple[int, ...], ...]:
    expected = "a list with one entry a filter: the input channels it sees, from 0"
    if not isinstance(value, tuple) or not value:
        raise wrong_type(expected, value)
    rows = []
    for entry in value:
        if not isinstance(entry, tuple) or not entry:
            raise wrong_type(expected, entry)
        row = tuple(_at_least(0, channel) for channel in entry)
        if len(set(row)) != len(row):
            raise bad_value(f"names an input channel twice: {shown(row)}")
        rows.append(row)
    return tuple(rows)


def _integers(least: int) -> Callable[[object], tuple[int, ...]]:
    def read(value: object) -> tuple[int, ...]:
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,20}(x-?\d{1,20})+", value, re.ASCII):
            value = tuple(map(int, value.split("x")))
        if isinstance(value, (int, float)):
            value = (value,)
        if not isinstance(value, tuple) or not value:
            raise wrong_type("a list of whole numbers", value)
        return tuple(_at_least(least, item) for item in value)

    return read


Count = Annotated[
    int, PlainValidator(lambda value: _at_least(1, value)), WithJsonSchema(forms.integer(1))
]
NonNegative = Annotated[
    int, PlainValidator(lambda value: _at_least(0, value)), WithJsonSchema(forms.integer(0))
]
Extent = Annotated[
    int | tuple[int, ...], PlainValidator(_extent(1)), WithJsonSchema(forms.extent(1))
]
ExtentFromZero = Annotated[
    int | tuple[int, ...], PlainValidator(_extent(0)), WithJsonSchema(forms.extent(0))
]
Padding = Annotated[
    int | str | tuple[int | tuple[int, int], ...],
    PlainValidator(_padding),
    WithJsonSchema(forms.padding()),
]
Amounts = Annotated[
    int | tuple[int | tuple[int, int], ...],
    PlainValidator(_amounts),
    WithJsonSchema(forms.amounts()),
]
Number = Annotated[float, PlainValidator(number), WithJsonSchema(forms.number())]
Rate = Annotated[float, PlainValidator(_rate), WithJsonSchema(forms.rate())]
Flag = Annotated[bool, PlainValidator(_flag), WithJsonSchema(forms.flag())]
RoundingOption = Annotated[
    Rounding, PlainValidator(_rounding), WithJsonSchema(forms.words(*Rounding))
]
VolumeOption = Annotated[Volume, PlainValidator(_volume), WithJsonSchema(forms.volume())]
Connections = Annotated[
    tuple[tuple[int, ...], ...],
    PlainValidator(_connections),
    WithJsonSchema(forms.connections()),
]
Indices = Annotated[
    tuple[int, ...], PlainValidator(_integers(0)), WithJsonSchema(forms.integers(0))
]
Sizes = Annotated[
    tuple[int, ...], PlainValidator(_integers(-1)), WithJsonSchema(forms.integers(-1))
]
NormalizedAxes = Annotated[
    str, PlainValidator(choice("channels", "all")), WithJsonSchema(forms.words("channels", "all"))
]


class Interpolation(StrEnum):
    NEAREST = "nearest"
    BILINEAR = "bilinear"


_INTERPOLATIONS_OF_PYTORCH = ("linear", "trilinear")
"""What PyTorch calls bilinear interpolation in one and in three dimensions."""


def _interpolation(value: object) -> Interpolation:
    word = value.lower() if isinstance(value, str) else value
    if word in _INTERPOLATIONS_OF_PYTORCH:
        return Interpolation.BILINEAR
    return Interpolation(choice(*Interpolation)(value))


InterpolationOption = Annotated[
    Interpolation,
    PlainValidator(_interpolation),
    WithJsonSchema(forms.words(*Interpolation, *_INTERPOLATIONS_OF_PYTORCH)),
]


def _prelu_parameters(value: object) -> int | Literal["channels"]:
    if isinstance(value, str):
        choice("channels")(value)
        return "channels"
    return _at_least(1, value, "a whole number or `channels`")


PReLUParameters = Annotated[
    int | Literal["channels"],
    PlainValidator(_prelu_parameters),
    WithJsonSchema(forms.count_or_word(1, "channels")),
]


def per_axis(value: int | tuple[int, ...], rank: int, at: str) -> tuple[int, ...]:
    """One number for each of `rank` axes. Raises `Problem` where their number differs."""
    if isinstance(value, int):
        return (value,) * rank
    if len(value) != rank:
        raise _axes_differ(len(value), rank, at)
    return value


def pairs(value: int | tuple[int | tuple[int, int], ...], rank: int, at: str) -> Pairs:
    """(before, after) for each of `rank` axes. Raises `Problem` where their number differs."""
    if isinstance(value, int):
        return ((value, value),) * rank
    if len(value) != rank:
        raise _axes_differ(len(value), rank, at)
    return tuple((entry, entry) if isinstance(entry, int) else entry for entry in value)


def _axes_differ(given: int, rank: int, at: str) -> Problem:
    axes = "axis" if rank == 1 else "axes"
    entries = "entry" if given == 1 else "entries"
    return Problem(
        "rank-mismatch",
        f"`{at}` has {given} {entries} for {rank} spatial {axes}",
        at=at,
    )
