"""How a receptive field grows: Araujo, Norris & Sim, Distill 2019."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.explain.derivation.case import Case, Step, step
from cnncalc.explain.derivation.formulas import (
    Quantity,
    Ratio,
    Term,
    Value,
    minus,
    plus,
    times,
)
from cnncalc.geometry import Window
from cnncalc.layers.base import axis_names


class _Seen(NamedTuple):
    """A receptive field along one axis, before the layer and after it."""

    size: int
    stride: Value
    padding: int
    centre: Value
    size_in: int | None
    stride_in: Value | None
    centre_in: Value | None
    window: Window | None


def field(case: Case) -> Iterator[Step]:
    field = case.field
    if field is None:
        return
    before = case.fields_in[0] if len(case.inputs) == 1 else None
    axes = [
        _Seen(
            field.size[i],
            _plain(field.stride[i]),
            field.padding[i],
            _plain(field.centre[i]),
            before.size[i] if before else None,
            _plain(before.stride[i]) if before else None,
            _plain(before.centre[i]) if before else None,
            case.inferred.windows[i] if case.inferred.windows else None,
        )
        for i in range(len(field.size))
    ]
    by_numbers: dict[_Seen, list[str]] = {}
    for name, axis in zip(axis_names(len(axes)), axes, strict=True):
        by_numbers.setdefault(axis, []).append(name)
    for axis, names in by_numbers.items():
        suffix = "" if len(by_numbers) == 1 else f" in {' and '.join(names)}"
        unit = f"input pixels{suffix}"
        size, stride, centre = _field_formulas(axis)
        yield step("field", "r", axis.size, unit, size)
        yield step("field", "j", axis.stride, f"{unit} from one output to the next", stride)
        where = f"{unit} to the centre of output 0"
        yield step("field", "c", axis.centre, where, centre)


def _plain(number: Value) -> Value:
    return number.numerator if number.denominator == 1 else number


def _field_formulas(axis: _Seen) -> tuple[Term | None, Term | None, Term | None]:
    """r = r0 + (E - 1)·j0, j = j0·S and c = c0 + ((E - 1)/2 - P)·j0, where the layer slides a
    window over a regular field."""
    if axis.size_in is None or axis.stride_in is None or axis.centre_in is None:
        return None, None, None
    if axis.window is None:
        return None, None, None
    size = Quantity("r_0", axis.size_in, "the receptive field of the input")
    stride = Quantity(
        "j_0", axis.stride_in, "the input pixels from one of its positions to the next"
    )
    dilated = axis.window.dilation != 1
    kernel = (
        Quantity("E", axis.window.effective)
        if dilated
        else Quantity("F", axis.window.kernel, "the kernel")
    )
    own = Quantity("S", axis.window.stride)
    before = axis.window.before
    padding = Quantity("P_0", before, "the padding before")
    if before == axis.window.after:
        padding = Quantity("P", before, "the padding")
    centre = Quantity("c_0", axis.centre_in, "where the input's position 0 is centred")
    off = minus(Ratio(minus(kernel, 1), 2), padding)
    return (
        plus(size, times(minus(kernel, 1), stride)),
        times(stride, own),
        plus(centre, times(off, stride)),
    )
