"""What a derivation starts from, its steps, and the letters they are written in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from cnncalc.explain.derivation.formulas import Quantity, Ratio, Term, Value, times, value
from cnncalc.geometry import Window
from cnncalc.layers.base import Inferred, Layer, Role, Tensor, axis_names
from cnncalc.report.receptive_field import ReceptiveField
from cnncalc.volume import Volume

LETTERS = {"depth": "Z", "height": "H", "width": "W"}
"""The letters of the spatial axes; D is the dilation, as in rule A."""

_MANY = re.compile(r"^((?:input )?(?:pixel|channel|value|parameter))s\b")
"""Units of several things."""

PER_CHANNEL = "per input channel"


class Case(NamedTuple):
    """What a derivation starts from: a layer, what went in, and what it inferred.

    `fields_in` are the receptive fields of the inputs. Where `channels_known` is false the input
    has one channel as a stand-in.
    """

    layer: Layer
    inputs: tuple[Volume, ...]
    inferred: Inferred
    field: ReceptiveField | None
    fields_in: tuple[ReceptiveField | None, ...]
    flops: int
    channels_known: bool = True


class Step(NamedTuple):
    """One line: `results` = formula = value, in `unit`.

    `about` is what it belongs to: output, parameters, MACs, FLOPs or field. Several results share
    the formula where axes are alike; `formula` is None where the number stands alone.
    """

    about: str
    results: tuple[str, ...]
    formula: Term | None
    value: Value
    unit: str = ""


def step(
    about: str, result: str | Iterable[str], known: Value, unit: str, *candidates: Term | None
) -> Step:
    """A step with the first formula that comes to the known number, or with none."""
    results = (result,) if isinstance(result, str) else tuple(result)
    if known == 1:
        unit = _MANY.sub(r"\1", unit)
    fitting = (c for c in candidates if c is not None and value(c) == known)
    return Step(about, results, next(fitting, None), known, unit)


def letters_of(rank: int) -> list[str]:
    return [LETTERS[name] for name in axis_names(rank)]


class Symbols:
    """The letters of one axis' window; with the axis' own subscript where axes differ."""

    def __init__(self, windows: list[Window], letters: list[str], index: int) -> None:
        own = windows[index]

        def quantity(letter: str, name: str, meaning: str) -> Quantity:
            differ = len({getattr(window, name) for window in windows}) > 1
            symbol = f"{letter}_{letters[index].lower()}" if differ else letter
            return Quantity(symbol, getattr(own, name), meaning)

        self.kernel = quantity("F", "kernel", "the kernel")
        self.stride = quantity("S", "stride", "the stride")
        self.dilation = quantity("D", "dilation", "the dilation")
        self.before = Quantity("P_0", own.before, "the padding before")
        self.after = Quantity("P_1", own.after, "the padding after")
        self.pad = quantity("P", "before", "the padding")
        self.effective = quantity("E", "effective", "the kernel from its first tap to its last")
        if own.dilation == 1:
            self.effective = self.kernel
        self.padding: tuple[Term, ...] = (self.before, self.after)
        if own.before == own.after:
            self.padding = (times(2, self.pad),)


def of_role(case: Case, role: Role) -> list[Tensor]:
    return [tensor for tensor in case.inferred.tensors if tensor.role is role]


def is_dense(case: Case) -> bool:
    """Whether every output has a weight for every input."""
    shape = (case.inputs[0].size, case.inferred.output.size)
    weights = of_role(case, Role.WEIGHTS)
    return case.inferred.output.rank == 0 and [t.shape for t in weights] == [shape]


def fan_in(case: Case) -> list[Term] | None:
    """The factors of the weights of one filter: F·F·C; None where filters are not all alike."""
    weights = of_role(case, Role.WEIGHTS)
    if len(weights) != 1:
        return None
    shape, windows, channels = weights[0].shape, case.inferred.windows, case.inputs[0].channels
    if is_dense(case):
        return [Quantity("n", shape[0], "the inputs")]
    if not windows or shape[: len(windows)] != tuple(w.kernel for w in windows):
        return None
    if len(shape) != len(windows) + 2 or channels % shape[-2]:
        return None
    letters = letters_of(len(windows))
    factors: list[Term] = [
        Symbols(list(windows), letters, index).kernel for index in range(len(windows))
    ]
    if case.channels_known:
        seen = Quantity("C", channels, "the input's channels")
        groups = Quantity("groups", channels // shape[-2])
        factors.append(seen if shape[-2] == channels else Ratio(seen, groups))
    return factors


def filters_of(case: Case) -> Quantity:
    count = of_role(case, Role.WEIGHTS)[0].shape[-1]
    return Quantity("units", count) if is_dense(case) else Quantity("K", count, "the filters")
