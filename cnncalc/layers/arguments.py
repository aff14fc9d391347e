"""Arguments of PyTorch's and Keras' classes that are no options here: what each of them says.

One says what comes in, one that something is as it always is, one an option in other words. An
argument is taken where what it says is so, and refused with the reason where it is not. Which
class has which stands in `classes`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncalc.diagnostics import RuleError
from cnncalc.layers import forms
from cnncalc.layers.axes import CHANNELS
from cnncalc.layers.base import Layer, axis_names
from cnncalc.layers.forms import Form
from cnncalc.layers.options import bad_value, integer, shown, wrong_type
from cnncalc.layers.translations import is_none, is_number
from cnncalc.volume import Volume

Values = dict[str, Any]
"""The options that a layer is made of, by their own names."""

NO_EFFECT = "no volume and no count depends on it, only values: leave it out"


class Argument:
    """An argument that may say anything: it decides neither a volume nor a count."""

    option = ""
    """The option that it says in other words; empty where it says none."""
    supplies = ""
    """The option that need not be given beside it."""
    of_volume = True
    """Whether what it says can be held against a volume only."""
    read_at_all = False
    """Whether its value has to be known."""
    source = 0
    """Which of several volumes it is held against, from 0; the last one where there are fewer."""

    def give(self, value: Any, values: Values) -> None:
        """Put what a value means into the options. Raises `RuleError`."""

    def hold(self, name: str, value: Any, layer: Layer, volume: Volume) -> None:
        """Hold what a value says against the layer and what comes in. Raises `RuleError`."""

    def schema(self) -> Form:
        return {}


class Read(Argument):
    """An argument whose value counts."""

    read_at_all = True


class Only(Read):
    """Taken with these values alone: what is always so here."""

    of_volume = False

    def __init__(self, *accepted: object, why: str, instead: str = NO_EFFECT) -> None:
        self.accepted = accepted
        self.why = why
        self.instead = instead

    def hold(self, name: str, value: Any, layer: Layer, volume: Volume) -> None:
        if is_none(value):
            return
        said = value.lower() if isinstance(value, str) else value
        if not any(said == a and isinstance(said, bool) == isinstance(a, bool)
                   for a in self.accepted):  # fmt: skip
            message = f"`{name}: {shown(value)}`: {self.why}"
            raise RuleError("bad-value", message, help=[self.instead])

    def schema(self) -> Form:
        words = [*(str(a) for a in self.accepted if isinstance(a, str)), "None"]
        pattern = rf"\$|{forms.words(*words)['pattern']}"
        others = [a for a in self.accepted if not isinstance(a, str)]
        return {
            "anyOf": [{"enum": [*others, None]}, {"type": "string", "pattern": pattern}],
            "errorMessage": self.why,
        }


class Never(Read):
    """Not taken at all, whatever it says: other words are meant."""

    def __init__(self, why: str, *instead: str) -> None:
        self.why = why
        self.instead = instead

    def give(self, value: Any, values: Values) -> None:
        if not is_none(value):
            raise RuleError("bad-value", self.why, help=self.instead)


class IncomingChannels(Read):
    """The channels of what comes in: `in_channels`, `num_features`."""

    def __init__(self, *, source: int = 0) -> None:
        self.source = source

    def expected(self, layer: Layer, volume: Volume) -> int:
        return volume.channels

    def told(self, layer: Layer, volume: Volume) -> str:
        return f"{volume} has {volume.channels} channels" if volume.rank else f"{volume} come in"

    def hold(self, name: str, value: Any, layer: Layer, volume: Volume) -> None:
        if is_none(value):
            return
        number, right = _whole(name, value), self.expected(layer, volume)
        if number != right:
            message = f"says {name} {number}, and {self.told(layer, volume)}"
            help = [f"say `{name}: {right}`, or leave it out", *self.otherwise(number, volume)]
            raise RuleError("shape-mismatch", message, help=help)

    def otherwise(self, number: int, volume: Volume) -> list[str]:
        """More help for a number that something else than the layer has."""
        return []

    def schema(self) -> Form:
        return forms.optional(forms.integer(1))


class IncomingNumbers(IncomingChannels):
    """What a dense layer's units see: `in_features`."""

    def expected(self, layer: Layer, volume: Volume) -> int:
        return volume.channels if vars(layer).get("axes") == "channels" else volume.size

    def told(self, layer: Layer, volume: Volume) -> str:
        if volume.rank and self.expected(layer, volume) == volume.size:
            return f"{volume} = {volume.size} come in"
        return super().told(layer, volume)

    def otherwise(self, number: int, volume: Volume) -> list[str]:
        if volume.rank and number == volume.channels:
            return [f"`axes: channels` works on the {number} channels of each position alone"]
        return []


class IncomingVolume(Read):
    """Keras' `input_shape`, without the batch or with it. None stands for any number."""

    def __init__(self, *, batch: bool = False) -> None:
        self.batch = batch

    def hold(self, name: str, value: Any, layer: Layer, volume: Volume) -> None:
        if is_none(value):
            return
        try:
            axes = _axes(value)
        except RuleError as refused:
            raise RuleError(refused.code, f"`{name}` {refused.message}") from None
        own = axes[1:] if self.batch else axes
        if len(own) != len(volume) or any(
            not is_none(axis) and axis != there for axis, there in zip(own, volume, strict=True)
        ):
            right = shown(["~", *volume] if self.batch else list(volume))
            message = f"says {name} {shown(value)}, and {volume} comes in"
            help = [f"say `{name}: {right}`, or leave it out"]
            raise RuleError("shape-mismatch", message, help=help)


class ChannelAxis(Read):
    """The number of the axis of channels where a batch goes first: the last, as in Keras, or 1, as
    in PyTorch, where the last one is the channels too as long as there is one spatial axis.
    `beside` is the option of a kind that can work on other axes as well."""

    def __init__(self, *, first: bool, beside: str = "") -> None:
        self.first = first
        self.beside = beside

    def hold(self, name: str, value: Any, layer: Layer, volume: Volume) -> None:
        if is_none(value):
            return
        if isinstance(value, (tuple, list)) and len(value) == 1:
            value = value[0]
        rank = volume.rank
        right = (1, *([-1] if rank < 2 else [])) if self.first else (rank + 1, -1)
        number = _whole(name, value, least=-4)
        if number not in right:
            axes = ("batch", *axis_names(rank), "channels") if rank else ("batch", "channels")
            if self.first:
                axes = ("batch", "channels", *axes[1:-1])
            there = -len(axes) <= number < len(axes)
            is_the = f"is the {axes[number]}" if there else "is no axis"
            told = " or ".join(map(str, right))
            message = (
                f"`{name}: {number}` {is_the} of {volume} there, and {layer.kind} works on the "
                f"channels here: {told}"
            )
            help = [f"say `{name}: {right[0]}`"]
            if self.beside and there and axes[number] not in ("batch", "channels"):
                help.append(f"say `{self.beside}: {axes[number]}` in its place for this axis")
            raise RuleError("bad-value", message, help=help)
        if self.beside and layer.values[self.beside] != CHANNELS:
            message = f"`{name}: {number}` is the channels, and `{self.beside}` says another axis"
            raise RuleError("bad-value", message, help=["leave one out"])


class Translated(Read):
    """An option in other words."""

    def __init__(self, option: str, meaning: Callable[[Any], Any], form: Form | None = None):
        self.option = self.supplies = option
        self.meaning = meaning
        self.form = form or {}

    def give(self, value: Any, values: Values) -> None:
        try:
            values[self.option] = self.meaning(value)
        except RuleError as refused:
            message = f"`{self.option}` {refused.message}"
            raise RuleError(refused.code, message, help=refused.help) from None

    def schema(self) -> Form:
        return self.form


class Guarded(Translated):
    """An option in its own words, but for values that a class has and the kind has not."""


class Side(Read):
    """One number of an option that has one for each axis: Keras' `height` and `width`."""

    def __init__(self, option: str, index: int) -> None:
        self.supplies = option
        self.index = index

    def give(self, value: Any, values: Values) -> None:
        sides = list(values.get(self.supplies, (None, None)))
        sides[self.index] = value
        values[self.supplies] = tuple(sides)

    def schema(self) -> Form:
        return forms.integer(1)


class DividedAlpha(Read):
    """PyTorch's factor of the mean of squares, where here it is one of their sum."""

    option = "alpha"
    default_size = 5

    def give(self, value: Any, values: Values) -> None:
        size = values.get("size", self.default_size)
        known = is_number(value) and isinstance(size, int) and size > 0
        values["alpha"] = value / size if known else value


class NormalizedShape(Read):
    """PyTorch's `normalized_shape`: the channels alone, or every axis of the volume."""

    def give(self, value: Any, values: Values) -> None:
        if isinstance(value, str) and not is_none(value):
            values.setdefault("axes", value)  # what an expression has come to
        elif isinstance(value, tuple) and len(value) > 1:
            values.setdefault("axes", "all")

    def hold(self, name: str, value: Any, layer: Layer, volume: Volume) -> None:
        if value is None or isinstance(value, str):
            return
        said = value if isinstance(value, tuple) else (value,)
        for number in said:
            _whole(name, number)
        whole = vars(layer).get("axes") == "all"
        right: list[tuple[int, ...]] = [(volume.channels,)]
        if whole:
            right = [(volume.channels, *volume.spatial), tuple(volume)]
        if said not in right:
            message = f"says {name} {shown(value)}, and {volume} comes in"
            shape = right[0] if whole else right[0][0]
            help = [f"say `{name}: {shown(shape)}`, or leave it out"]
            raise RuleError("shape-mismatch", message, help=help)


class NormalizedByNumber(ChannelAxis):
    """Keras' `axis` of a layer normalisation: the channels, or a list of all axes."""

    def __init__(self) -> None:
        super().__init__(first=False)

    def give(self, value: Any, values: Values) -> None:
        if isinstance(value, tuple) and len(value) > 1:
            values.setdefault("axes", "all")

    def hold(self, name: str, value: Any, layer: Layer, volume: Volume) -> None:
        if not (isinstance(value, tuple) and len(value) > 1):
            super().hold(name, value, layer, volume)
            return
        axes = len(volume)
        numbers = sorted(
            n + axes + 1 if n < 0 else n for n in (_whole(name, v, least=-4) for v in value)
        )
        if numbers != list(range(1, axes + 1)):
            message = (
                f"`{name}: {shown(value)}`: {layer.kind} works on the channels, "
                f"{axes} or -1, or on all axes of {volume}"
            )
            help = [f"say `{name}: -1`, or `{name}: {shown(list(range(1, axes + 1)))}`"]
            raise RuleError("bad-value", message, help=help)


class Constraint(Argument):
    """What a class refuses, or does otherwise, however its arguments are spelled."""

    def __init__(self, check: Callable[[Layer, Volume], None]) -> None:
        self.check = check

    def hold(self, name: str, value: Any, layer: Layer, volume: Volume) -> None:
        self.check(layer, volume)


def _whole(name: str, value: object, least: int = 0) -> int:
    try:
        number = integer(value)
        if number < least:
            raise bad_value(f"must be {least} or more, not {number}")
    except RuleError as refused:
        raise RuleError(refused.code, f"`{name}` {refused.message}") from None
    return number


def _axes(value: object) -> tuple[int | None, ...]:
    """A volume that may leave axes open."""
    if isinstance(value, str):
        try:
            return tuple(Volume.parse(value))
        except ValueError:
            raise wrong_type("a list of axes, channels last", value) from None
    if isinstance(value, (int, float)):
        value = (value,)
    if not isinstance(value, tuple):
        raise wrong_type("a list of axes, channels last", value)
    return tuple(None if is_none(axis) else integer(axis) for axis in value)
