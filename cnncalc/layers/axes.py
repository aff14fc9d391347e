"""Axes of a volume as options name them: by words, or counted from behind.

Frameworks count axes from the front with the batch among them, PyTorch with the channels first as
well, so that no number from the front would mean the same everywhere. It is refused.
"""

from __future__ import annotations

from cnncalc.diagnostics import RuleError
from cnncalc.layers import forms
from cnncalc.layers.base import Option
from cnncalc.layers.forms import Form
from cnncalc.layers.options import bad_value, integer, wrong_type
from cnncalc.volume import MAX_SPATIAL_AXES, Volume

Axes = str | tuple[int, ...]
"""`channels`, `spatial`, `all`, or numbers in ascending order: below zero, but Keras'."""

CHANNELS, SPATIAL, ALL = "channels", "spatial", "all"
_NUMBERS = {CHANNELS: -1, "width": -2, "height": -3, "depth": -4}
_MOST = MAX_SPATIAL_AXES + 1


def _number(value: object) -> int:
    if isinstance(value, str):
        number = _NUMBERS.get(value.lower())
        if number is None:
            raise wrong_type(f"axes such as `{CHANNELS}`, `width` or -2", value)
        return number
    number = integer(value, "an axis")
    if not -_MOST <= number < 0:
        raise bad_value(
            f"counts axes from behind, from -1, the channels, to -{_MOST}, or names them "
            f"({', '.join(_NUMBERS)}); {number} would be another axis in every framework"
        )
    return number


def _told(numbers: tuple[int, ...]) -> Axes:
    return CHANNELS if numbers == (-1,) else numbers


class AxesOption(Option[Axes]):
    """One or several axes: words, or numbers below zero."""

    groups: tuple[str, ...] = (SPATIAL, ALL)
    """Words for several axes at once."""
    several = True

    def read(self, value: object) -> Axes:
        if isinstance(value, str) and value.lower() in self.groups:
            return value.lower()
        values = value if isinstance(value, tuple) else (value,)
        if not values or (len(values) > 1 and not self.several):
            raise wrong_type(f"one axis such as `{CHANNELS}` or -2", value)
        numbers = tuple(map(_number, values))
        if len(set(numbers)) < len(numbers):
            raise bad_value("names an axis twice")
        return _told(tuple(sorted(numbers)))

    def schema(self) -> Form:
        one = {
            **forms.words(*_NUMBERS),
            "type": ["integer", "string"],
            "minimum": -_MOST,
            "maximum": -1,
        }
        words = forms.words(*_NUMBERS, *self.groups)
        most = {} if self.several else {"maxItems": 1}
        types = {"type": ["integer", "string", "array"]}
        return {**one, **words, **types, "minItems": 1, **most, "items": one}


def _is_after_batch(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


class KerasAxesOption(AxesOption):
    """Axes by a word that Keras alone has, so that a number above zero is what it is there: counted
    after the batch."""

    def read(self, value: object) -> Axes:
        values = value if isinstance(value, tuple) else (value,)
        after = [v for v in values if _is_after_batch(v)]
        counted = tuple(integer(v, "an axis") for v in after)
        if counted and (max(counted) > _MOST or len(set(counted)) < len(counted)):
            raise bad_value(f"names axes after the batch once each, from 1 to {_MOST}")
        if len(after) == len(values) > 0:
            return tuple(sorted(counted))
        others = super().read(tuple(v for v in values if v not in after) if after else value)
        numbers = (-1,) if others == CHANNELS else others
        return tuple(sorted((*numbers, *counted))) if isinstance(numbers, tuple) else others

    def schema(self) -> Form:
        form = super().schema()
        bounds = {"maximum": _MOST, "not": {"const": 0}}
        return {**form, **bounds, "items": {**form["items"], **bounds}}


class AxisOption(AxesOption):
    """One axis."""

    groups = ()
    several = False


def numbered(axes: Axes, volume: Volume, at: str) -> tuple[int, ...]:
    """The axes of a volume, counted from 0, in order. Raises `RuleError` for one it lacks."""
    if axes == CHANNELS:
        return (volume.rank,)
    if axes == SPATIAL:
        if volume.rank == 0:
            raise RuleError("rank-mismatch", f"{volume} is a vector: no spatial axes", at=at)
        return tuple(range(volume.rank))
    if axes == ALL:
        return tuple(range(len(volume)))
    assert isinstance(axes, tuple)
    missing = [number for number in axes if abs(number) > len(volume)]
    if missing:
        raise RuleError("rank-mismatch", f"{volume} has no axis {missing[0]}", at=at)
    return tuple(number - 1 if number > 0 else len(volume) + number for number in axes)
