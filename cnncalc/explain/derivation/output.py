"""How the output's volume comes about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.explain.derivation.case import (
    Case,
    Step,
    Symbols,
    is_dense,
    letters_of,
    of_role,
    step,
)
from cnncalc.explain.derivation.formulas import (
    Largest,
    Quantity,
    Ratio,
    Rounded,
    Sum,
    Term,
    minus,
    plus,
    times,
)
from cnncalc.geometry import Rounding, Window
from cnncalc.layers.base import Role, axis_names
from cnncalc.layers.sliding import Sliding


class _Axis(NamedTuple):
    """A spatial axis that a window moves along: from `width` to `out` pixels."""

    window: Window
    width: int
    out: int


def output(case: Case) -> Iterator[Step]:
    inferred, first = case.inferred, case.inputs[0]
    if inferred.windows and inferred.output.rank == first.rank:
        axes = [
            _Axis(*axis)
            for axis in zip(inferred.windows, first.spatial, inferred.output.spatial, strict=True)
        ]
        for alike in _alike(axes):
            yield from _along(case, axes, alike)
    yield from _channels(case)


def _alike(axes: list[_Axis]) -> Iterator[list[int]]:
    """Axes with equal numbers together, by their indices; the last is their spokesman."""
    by_numbers: dict[_Axis, list[int]] = {}
    for index, axis in enumerate(axes):
        by_numbers.setdefault(axis, []).append(index)
    return iter(by_numbers.values())


def _along(case: Case, axes: list[_Axis], alike: list[int]) -> Iterator[Step]:
    """The steps along axes that are alike."""
    index = alike[-1]
    axis, letters = axes[index], letters_of(len(axes))
    results = [f"{letters[i]}_2" for i in reversed(alike)]
    symbols = Symbols([a.window for a in axes], letters, index)
    width = Quantity(f"{letters[index]}_1", axis.width, f"the input's {_name(axes, index)}")
    if axis.window.dilation != 1:
        reach = plus(times(symbols.dilation, minus(symbols.kernel, 1)), 1)
        yield step("output", symbols.effective.symbol, axis.window.effective, "pixels", reach)
    if not isinstance(case.layer, Sliding):
        yield step("output", results, axis.out, "pixels", *_spread(axis, width, symbols))
    elif case.layer.padding == "same":
        yield from _same(axis, width, symbols, results)
    else:
        how = case.inferred.rounded
        unit = "pixels" + _lost(axis, how)
        yield step("output", results, axis.out, unit, *_slid(axis, width, symbols, how))


def _name(axes: list[_Axis], index: int) -> str:
    return axis_names(len(axes))[index]


def _slid(axis: _Axis, width: Quantity, symbols: Symbols, how: Rounding | None) -> Iterator[Term]:
    """Rule A, (W - F + 2P)/S + 1, rounded as the layer was."""
    window = axis.window
    travel = Sum(((1, width), (-1, symbols.effective), *((1, p) for p in symbols.padding)))
    steps: Term = Ratio(travel, symbols.stride)
    if window.travel(axis.width) % window.stride:
        steps = Rounded(steps, up=how is Rounding.CEIL)
    yield plus(steps, 1)
    # Rounded up, a last window that would start in the trailing padding is dropped.
    yield Sum(((1, steps), (1, 1), (-1, 1)))


def _lost(axis: _Axis, how: Rounding | None) -> str:
    """A remark where rounding up has one window less than it would have."""
    steps, remainder = divmod(axis.window.travel(axis.width), axis.window.stride)
    if how is not Rounding.CEIL or not remainder or axis.out != steps + 1:
        return ""
    return ", less one window that would start in the padding"


def _same(axis: _Axis, width: Quantity, symbols: Symbols, results: list[str]) -> Iterator[Step]:
    """TensorFlow's rule: the output first, then the padding that it takes."""
    positions = Rounded(Ratio(width, symbols.stride), up=True)
    yield step("output", results, axis.out, "pixels", positions)
    out = Quantity(results[0], axis.out)
    covered = Sum(
        (
            (1, times(minus(out, 1), symbols.stride)),
            (1, symbols.effective),
            (-1, width),
        )
    )
    unit = f"pixels: {axis.window.before} before, {axis.window.after} after"
    padding = axis.window.padding
    yield step("output", "padding", padding, unit, Largest((covered, 0)))


def _spread(axis: _Axis, width: Quantity, symbols: Symbols) -> Iterator[Term]:
    """A transposed window: (W - 1)S - 2P + E + output padding."""
    extra = axis.out - axis.window.spread(axis.width)
    terms: list[tuple[int, Term]] = [(1, times(minus(width, 1), symbols.stride))]
    terms += [(-1, padding) for padding in symbols.padding]
    terms.append((1, symbols.effective))
    if extra:
        terms.append((1, Quantity("A", extra, "the output padding")))
    yield Sum(tuple(terms))


def _channels(case: Case) -> Iterator[Step]:
    """Where the output's channels come from."""
    first, output = case.inputs[0], case.inferred.output
    about, name, count = "output", "C_2", output.channels
    kernels = of_role(case, Role.WEIGHTS)
    if len(case.inputs) > 1 and all(volume.rank for volume in case.inputs):
        parts = [Quantity(f"C_{n}", v.channels) for n, v in enumerate(case.inputs, 1)]
        sum_of_channels = step(about, "C", count, "channels", plus(*parts))
        if sum_of_channels.formula is not None:
            yield sum_of_channels
    elif case.inferred.windows and kernels and kernels[-1].shape[-1] == count:
        yield step(about, name, count, "channels", Quantity("K", count, "the filters"))
    elif case.inferred.windows and count == first.channels and case.channels_known:
        yield step(about, name, count, "channels", Quantity("C_1", count, "the input's channels"))
    elif is_dense(case) and first.rank:
        letters = letters_of(first.rank)
        sides = [Quantity(letter, side) for letter, side in zip(letters, first, strict=False)]
        whole = times(*sides, Quantity("C", first.channels))
        yield step(about, "n", first.size, "values, the volume stretched to a vector", whole)
