"""The types of layer options: what each takes, as it is read and as JSON Schema.

A type is one class; an option of a layer is an object of it, with a default and other spellings.
Every type reads the plain values an architecture file can hold: numbers, texts, booleans, tuples.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from cnncalc.diagnostics import RuleError
from cnncalc.geometry import Rounding
from cnncalc.layers import forms
from cnncalc.layers.base import Option
from cnncalc.layers.forms import Form
from cnncalc.volume import LARGEST_NUMBER, Volume

Pairs = tuple[tuple[int, int], ...]
"""Padding or cropping: (before, after) for every spatial axis."""

W_co = TypeVar("W_co", bound=str, covariant=True)


class WrongValue(RuleError, ValueError):
    """A value that a type does not take."""


def shown(value: object) -> str:
    """A value as the file would say it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(shown, value)) + "]"
    return str(value)


_LOOKS_PLAIN = re.compile(r"[+-]?[0-9][0-9.x]*(e[+-]?[0-9]+)?|true|false|null|~", re.IGNORECASE)


def wrong_type(expected: str, value: object) -> WrongValue:
    if isinstance(value, str) and _LOOKS_PLAIN.fullmatch(value):
        # Between backquotes it would look like what is asked for.
        return WrongValue("wrong-type", f'takes {expected}, not the text "{value}"')
    return WrongValue("wrong-type", f"takes {expected}, not `{shown(value)}`")


def bad_value(message: str) -> WrongValue:
    return WrongValue("bad-value", message)


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


def axes_of(value: str) -> tuple[int, ...] | None:
    """The numbers of `3x5`, None for any other text."""
    parts = value.replace(" ", "").lower().split("x")
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    # A longer run of digits is out of range whatever it says.
    return tuple(int(part[:20]) for part in parts)


class NonNegative(Option[int]):
    least = 0

    def read(self, value: object) -> int:
        return _at_least(self.least, value)

    def schema(self) -> Form:
        return forms.integer(self.least)


class Count(NonNegative):
    least = 1


class ExtentFromZero(Option[int | tuple[int, ...]]):
    """A number for all axes, a list with one for each, or `3x5`."""

    least = 0

    def read(self, value: object) -> int | tuple[int, ...]:
        expected = "a whole number, or one for every spatial axis"
        if isinstance(value, str):
            value = axes_of(value) or value
        if isinstance(value, tuple):
            if not value:
                raise wrong_type(expected, value)
            return tuple(_at_least(self.least, item, expected) for item in value)
        return _at_least(self.least, value, expected)

    def schema(self) -> Form:
        return forms.extent(self.least)


class Extent(ExtentFromZero):
    least = 1


def _pair(value: object) -> int | tuple[int, int]:
    if isinstance(value, tuple):
        if len(value) != 2:
            raise wrong_type("pairs such as [1, 2], before and after", value)
        return _at_least(0, value[0]), _at_least(0, value[1])
    return _at_least(0, value)


class Padding(Option[int | str | tuple[int | tuple[int, int], ...]]):
    """`Amounts`, or one of the usual words for them."""

    words: tuple[str, ...] = ("same", "valid", "half", "causal")

    def read(self, value: object) -> int | str | tuple[int | tuple[int, int], ...]:
        if isinstance(value, str) and axes_of(value) is None:
            if value.lower() not in self.words:
                *known, last = [f"`{word}`" for word in self.words]
                known_words = f"{', '.join(known)} or {last}"
                raise wrong_type(f"a whole number, a list, {known_words}", value)
            return value.lower()
        return _amounts(value)

    def schema(self) -> Form:
        amounts, known = forms.amounts(), forms.words(*self.words)
        return {
            **amounts,
            "pattern": f"{known['pattern']}|{amounts['pattern']}",
            "patternErrorMessage": "a whole number, one for every spatial axis, or one of "
            + ", ".join(self.words),
            "examples": known["examples"],
        }


class CutPadding(Padding):
    """What is cut off around a transposed window's output."""

    words = ("same", "valid", "half")


class Amounts(Option[int | tuple[int | tuple[int, int], ...]]):
    """A number, `3x5`, or a list with a number or a pair for each axis."""

    def read(self, value: object) -> int | tuple[int | tuple[int, int], ...]:
        return _amounts(value)

    def schema(self) -> Form:
        return forms.amounts()


def _amounts(value: object) -> int | tuple[int | tuple[int, int], ...]:
    expected = "a whole number or a list with one entry for every axis"
    if isinstance(value, str):
        value = axes_of(value) or value
    if isinstance(value, tuple):
        if not value:
            raise wrong_type(expected, value)
        return tuple(_pair(item) for item in value)
    return _at_least(0, value, expected)


class Number(Option[float]):
    """A finite number."""

    def read(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise wrong_type("a number", value)
        return float(value)

    def schema(self) -> Form:
        return {"type": ["number"]}


class Rate(Number):
    def read(self, value: object) -> float:
        rate = super().read(value)
        if not 0 <= rate < 1:
            raise bad_value(f"must be at least 0 and below 1, not {shown(value)}")
        return rate

    def schema(self) -> Form:
        return {"type": ["number"], "minimum": 0, "exclusiveMaximum": 1}


class Flag(Option[bool]):
    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise wrong_type("true or false", value)
        return value

    def schema(self) -> Form:
        return {"type": ["boolean"]}


class Word(Option[W_co]):
    """One of a few words, capitals aside."""

    words: Mapping[str, W_co]
    """What each word means; several may mean the same."""

    def read(self, value: object) -> W_co:
        word = value.lower() if isinstance(value, str) else ""
        if word not in self.words:
            meanings = " or ".join(f"`{meaning}`" for meaning in dict.fromkeys(self.words.values()))
            raise bad_value(f"must be {meanings}, not `{shown(value)}`")
        return self.words[word]

    def schema(self) -> Form:
        return forms.words(*self.words)


class RoundingOption(Word[Rounding]):
    words = {str(rounding): rounding for rounding in Rounding}


class NormalizedAxes(Word[str]):
    words = {"channels": "channels", "all": "all"}


class SeenAxes(Word[str]):
    words = {"channels": "channels", "last": "channels", "all": "all"}


class Interpolation(StrEnum):
    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    AREA = "area"


class InterpolationOption(Word[Interpolation]):
    words = {str(mode): mode for mode in Interpolation} | dict.fromkeys(
        # What PyTorch calls bilinear interpolation in one and in three dimensions.
        ("linear", "trilinear"),
        Interpolation.BILINEAR,
    )


class VolumeOption(Option[Volume]):
    def read(self, value: object) -> Volume:
        try:
            if isinstance(value, str):
                return Volume.parse(value)
            axes = value if isinstance(value, tuple) else (value,)
            return Volume(integer(axis) for axis in axes)
        except ValueError as error:
            raise bad_value(str(error)) from None

    def schema(self) -> Form:
        return forms.volume()


class Connections(Option[tuple[tuple[int, ...], ...]]):
    """For each filter the input channels that it sees."""

    def read(self, value: object) -> tuple[tuple[int, ...], ...]:
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

    def schema(self) -> Form:
        row = {"type": ["array"], "minItems": 1, "uniqueItems": True, "items": forms.integer(0)}
        return {"type": ["array"], "minItems": 1, "items": row}


class Indices(Option[tuple[int, ...]]):
    """A list of numbers, or `4x4x8`; one number is a list of one."""

    least = 0

    def read(self, value: object) -> tuple[int, ...]:
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,20}(x-?\d{1,20})+", value, re.ASCII):
            value = tuple(map(int, value.split("x")))
        if isinstance(value, (int, float)):
            value = (value,)
        if not isinstance(value, tuple) or not value:
            raise wrong_type("a list of whole numbers", value)
        return tuple(_at_least(self.least, item) for item in value)

    def schema(self) -> Form:
        axis = r"-?[0-9]{1,20}" if self.least < 0 else "0*[0-9]{1,20}"
        return {
            "type": ["integer", "array", "string"],
            "minimum": self.least,
            "minItems": 1,
            "items": forms.integer(self.least),
            "pattern": f"^{axis}(?:x{axis})+$",
            "patternErrorMessage": "a list of whole numbers",
        }


class Order(Option[tuple[str, ...]]):
    """The layer itself, its normalization and its activation, in the order in which they come."""

    usual = ("layer", "norm", "activation")

    def read(self, value: object) -> tuple[str, ...]:
        words = (
            tuple(word.lower() for word in value if isinstance(word, str))
            if isinstance(value, tuple)
            else ()
        )
        if sorted(words) != sorted(self.usual) or not isinstance(value, tuple) or len(value) != 3:
            raise wrong_type("a list of `layer`, `norm` and `activation` in some order", value)
        return words

    def schema(self) -> Form:
        return {
            "type": ["array"],
            "minItems": len(self.usual),
            "maxItems": len(self.usual),
            "uniqueItems": True,
            "items": forms.words(*self.usual),
        }


class Sizes(Indices):
    """Lengths of axes, where −1 is worked out."""

    least = -1


class Stretch(Option[tuple[int | None, ...]]):
    """A part of an axis: `[start, stop]`, `[start]` or `[start, stop, step]`, counted from 0, or
    from behind where negative; null as a start is the first, as a stop the end."""

    def read(self, value: object) -> tuple[int | None, ...]:
        expected = "a list such as [start, stop], [start] or [start, stop, step]"
        if not isinstance(value, tuple) or not 1 <= len(value) <= 3:
            raise wrong_type(expected, value)
        return tuple(None if item is None else integer(item) for item in value)

    def schema(self) -> Form:
        return {
            "type": ["array"],
            "minItems": 1,
            "maxItems": 3,
            "items": forms.optional({"type": ["integer"]}),
        }


class Parameters(Option[int | str]):
    """How many numbers are learned: so many, or one for each channel or each element."""

    words: tuple[str, ...] = ("channels", "all")

    def read(self, value: object) -> int | str:
        if isinstance(value, str):
            if value.lower() not in self.words:
                raise bad_value(
                    f"must be {' or '.join(f'`{w}`' for w in self.words)}, not `{value}`"
                )
            return value.lower()
        return _at_least(1, value, f"a whole number or {' or '.join(f'`{w}`' for w in self.words)}")

    def schema(self) -> Form:
        return forms.words(*self.words) | forms.integer(1) | {"type": ["integer", "string"]}


class Numbers(Option[tuple[float, ...]]):
    """A finite number, or a list with one for each channel."""

    def read(self, value: object) -> tuple[float, ...]:
        values = value if isinstance(value, tuple) else (value,)
        if not values or any(
            isinstance(v, bool) or not isinstance(v, (int, float)) for v in values
        ):
            raise wrong_type("a number, or a list with one for each channel", value)
        return tuple(map(float, values))

    def schema(self) -> Form:
        return {"type": ["number", "array"], "minItems": 1, "items": {"type": ["number"]}}


def per_axis(value: int | tuple[int, ...], rank: int, at: str) -> tuple[int, ...]:
    """One number for each of `rank` axes. Raises `RuleError` where their number differs."""
    if isinstance(value, int):
        return (value,) * rank
    if len(value) != rank:
        raise _axes_differ(len(value), rank, at)
    return value


def pairs(value: int | tuple[int | tuple[int, int], ...], rank: int, at: str) -> Pairs:
    """(before, after) for each of `rank` axes. Raises `RuleError` where their number differs."""
    if isinstance(value, int):
        return ((value, value),) * rank
    if len(value) != rank:
        raise _axes_differ(len(value), rank, at, _ends_of_axes(value, rank, at))
    return tuple((entry, entry) if isinstance(entry, int) else entry for entry in value)


def _ends_of_axes(value: tuple[int | tuple[int, int], ...], rank: int, at: str) -> tuple[str, ...]:
    """Help for a list with a number for each end of each axis, as other frameworks have it."""
    ends = [entry for entry in value if isinstance(entry, int)]
    if len(ends) != 2 * rank or len(ends) < len(value):
        return ()
    if len(set(ends)) == 1:
        return (f"write `{at}: {ends[0]}`",)
    begin_end = list(zip(ends[:rank], ends[rank:], strict=True))
    last_first = list(zip(ends[::2], ends[1::2], strict=True))[::-1]
    if rank == 1 or begin_end == last_first:
        return (f"write `{at}: {shown(begin_end)}`",)
    return (
        f"for all that begin and then all that end, as in ONNX, write `{at}: {shown(begin_end)}`; "
        f"for the last axis first, as in PyTorch, `{at}: {shown(last_first)}`",
    )


def _axes_differ(given: int, rank: int, at: str, help: tuple[str, ...] = ()) -> RuleError:
    axes = "axis" if rank == 1 else "axes"
    entries = "entry" if given == 1 else "entries"
    return RuleError(
        "rank-mismatch",
        f"`{at}` has {given} {entries} for {rank} spatial {axes}",
        at=at,
        help=help,
    )
