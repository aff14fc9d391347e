"""Every column a report can show: what it reads, and how that looks to people and machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from fractions import Fraction
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from cnncalc.geometry import Rounding
from cnncalc.render import numbers
from cnncalc.render.table import Column
from cnncalc.volume import Volume

if TYPE_CHECKING:
    # The names of the columns stand in `--help`, which should not load the engine.
    from cnncalc.report.report import Row
    from cnncalc.report.timing import LayerTime


class Layout(StrEnum):
    """The order in which a volume's axes are printed."""

    HWC = "hwc"
    CHW = "chw"


def arranged(volume: Volume, layout: Layout) -> tuple[int, ...]:
    """A volume's axes in the order of the layout."""
    if layout is Layout.CHW:
        return (volume.channels, *volume.spatial)
    return tuple(volume)


def volume_text(volume: Volume, layout: Layout = Layout.HWC) -> str:
    """[55x55x96], as on the CS231n slides."""
    return f"[{times(arranged(volume, layout))}]"


def times(values: Sequence[object]) -> str:
    """11x11"""
    return "x".join(map(str, values))


def _folded_times(values: Sequence[object]) -> str:
    """One number where all axes say the same."""
    return str(values[0]) if values and len(set(values)) == 1 else times(values)


def padding_text(padding: Sequence[tuple[int, int]]) -> str:
    """2, or 1+2 for before and after, joined over the axes."""
    return _folded_times([str(b) if b == a else f"{b}+{a}" for b, a in padding])


def rounding_mark(row: Row) -> str:
    """↓ where a stride that did not fit was rounded down, with the pixels dropped; ↑ for up."""
    if row.rounded is None:
        return ""
    if row.rounded is Rounding.CEIL:
        return " ↑"
    dropped = max(row.dropped, default=0)
    return f" ↓{dropped or ''}"


def kind_text(row: Row) -> str:
    if row.layers > 1:
        return f"{row.kind} ({row.layers} layers)"
    if row.shares is not None:
        return f"{row.kind} = {row.shares}"
    return f"{row.kind} (declared)" if row.declared else row.kind


def _column(
    key: str, header: str, description: str,
    people: Callable[[Row], str], machine: Callable[[Row], object],
    *, right: bool = True, least: int | None = None,
) -> Column[Row]:  # fmt: skip
    """A column; the names in those that may be cut keep their ends."""
    return Column(
        key,
        header,
        people,
        machine,
        description=description,
        right=right,
        least=least,
        tail=least is not None,
    )


def _text(
    key: str, header: str, description: str, read: Callable[[Row], str], least: int | None = None
) -> Column[Row]:
    return _column(key, header, description, read, read, right=False, least=least)


def _number(
    key: str, header: str, description: str, *, totalled: bool = True, bytes: bool = False
) -> Column[Row]:
    show = numbers.bytes_short if bytes else numbers.grouped
    read = attrgetter(key)
    column = _column(key, header, description, lambda row: show(read(row)), read)
    return column._replace(total=lambda totals: show(read(totals))) if totalled else column


def _axes(
    key: str, header: str, description: str, read: Callable[[Row], Sequence[object]]
) -> Column[Row]:
    return _column(
        key,
        header,
        description,
        lambda row: _folded_times(read(row)),
        lambda row: times(read(row)),
    )


def _volumes(
    key: str, header: str, description: str, read: Callable[[Row], Sequence[Volume]],
    layout: Layout, mark: Callable[[Row], str] = lambda _: "",
) -> Column[Row]:  # fmt: skip
    return _column(
        key,
        header,
        description,
        lambda row: " ".join(volume_text(v, layout) for v in read(row)) + mark(row),
        lambda row: " ".join(times(arranged(v, layout)) for v in read(row)),
        right=False,
    )


def _field(row: Row, part: str) -> tuple[object, ...]:
    if row.receptive_field is None:
        return ()
    values = getattr(row.receptive_field, part)
    return tuple(numbers.fraction(v) if isinstance(v, Fraction) else v for v in values)


def _receptive_field(row: Row) -> str:
    if row.receptive_field is None:
        return "—"
    mark = "" if row.receptive_field.aligned else " ≠"
    return times(row.receptive_field.size) + mark


def columns_of(layout: Layout) -> dict[str, Column[Row]]:
    """All columns by key, in the order of `--columns all`."""
    return {column.key: column for column in (
        _text("name", "layer", "name under its block's path", lambda row: row.name, 16),
        _column("kind", "kind", "kind of layer", kind_text, lambda row: row.kind, right=False,
                least=8),
        _text("from", "from", "layers it reads", lambda row: " ".join(row.inputs), 8),
        _volumes("input", "input", "input volumes", lambda row: row.input_shapes, layout),
        _volumes("output", "output", "output volume; ↓ and ↑: the stride was rounded",
                 lambda row: (row.output_shape,), layout, rounding_mark),
        _axes("kernel", "kernel", "side of the window", lambda row: row.kernel),
        _axes("stride", "stride", "pixels from window to window", lambda row: row.stride),
        _column("padding", "padding", "zeros around, before+after where they differ",
                lambda row: padding_text(row.padding),
                lambda row: times([f"{b}+{a}" for b, a in row.padding])),
        _axes("dilation", "dilation", "pixels from tap to tap", lambda row: row.dilation),
        _number("weights", "weights", "learned factors"),
        _number("biases", "biases", "learned summands"),
        _number("params", "params", "weights and biases"),
        _column("share", "share", "share of the network's parameters",
                lambda row: numbers.percent(row.share_of_params),
                lambda row: round(row.share_of_params, 6)),
        _number("state", "state", "kept but not learned: running statistics"),
        _number("trainable", "trainable", "parameters that are not held fixed"),
        _number("macs", "MACs", "multiply-accumulates"),
        _number("flops", "FLOPs", "2·MACs + bias additions + element-wise operations"),
        _number("activation_bytes", "activation", "memory of the output volume", bytes=True),
        _column("receptive_field", "field", "receptive field in input pixels; ≠: branches disagree",
                _receptive_field, lambda row: times(_field(row, "size"))),
        _axes("effective_stride", "eff. stride", "input pixels from output to output",
              lambda row: _field(row, "stride")),
        _axes("effective_padding", "eff. padding", "input pixels the first output reaches outside",
              lambda row: _field(row, "padding")),
        _axes("centre", "centre", "input pixel, from 0, on which the first output is centred",
              lambda row: tuple(map(numbers.exact, row.receptive_field.centre))
              if row.receptive_field else ()),
        _axes("dropped", "dropped", "input rows and columns that rounding down leaves unread",
              lambda row: row.dropped),
        _text("rounded", "rounded", "how a stride that did not fit was rounded",
              lambda row: row.rounded or ""),
        _text("shares", "weights of", "the layer whose weights it shares",
              lambda row: row.shares or "", 8),
        _number("line", "line", "line of the file", totalled=False),
    )}  # fmt: skip


def _measured(
    key: str, header: str, description: str,
    read: Callable[[LayerTime], float | int | None], show: Callable[[Any], str],
) -> Column[Row]:  # fmt: skip
    """Empty where the layer has no such number, and where a view took no time at all."""

    def value(row: Row) -> float | int | None:
        return None if row.timing is None else read(row.timing)

    def people(row: Row) -> str:
        found = value(row)
        idle = row.timing is not None and row.timing.seconds == 0 and not found
        return "" if found is None or idle else show(found)

    return _column(key, header, description, people, value)


def _algorithm(row: Row) -> str:
    if row.timing is None:
        return ""
    if row.timing.computed_in is not None:
        return f"in {row.timing.computed_in}"
    return row.timing.algorithm or "not executed"


_TIMES = (
    _measured("time", "time", "median time of a run", lambda t: t.seconds, numbers.milliseconds),
    _measured("time_share", "of time", "share of the time of all layers", lambda t: t.share,
              numbers.percent),
    _measured("gflops", "GFLOP/s", "FLOPs over time", lambda t: t.gflops, numbers.tenths),
    _measured("of_peak", "of peak", "part of what the machine can do", lambda t: t.of_peak,
              numbers.percent),
    _measured("executed_macs", "executed", "multiply-accumulates executed", lambda t: t.macs,
              numbers.grouped),
    _text("algorithm", "algorithm", "how it was computed, or the layer that it was computed in",
          _algorithm),
)  # fmt: skip

_ROOFLINE = (
    _measured("bytes", "moved", "bytes read and written, each once",
              lambda t: t.roof and t.roof.bytes, numbers.bytes_short),
    _measured("intensity", "FLOP/B", "FLOPs for each of these bytes",
              lambda t: t.roof and t.roof.intensity, numbers.per_byte),
    _measured("predicted", "predicted", "the least time that the machine allows",
              lambda t: t.roof and t.roof.predicted, numbers.milliseconds),
    _measured("of_roof", "of roof", "predicted over measured time", lambda t: t.of_roof,
              numbers.percent),
    _text("bound", "bound", "what allows no less: memory or compute",
          lambda row: (row.timing and row.timing.roof and row.timing.roof.bound) or ""),
)  # fmt: skip

COLUMNS = columns_of(Layout.HWC)
"""Those of a layout, for their keys."""

TIMES = {column.key: column for column in _TIMES}
"""Columns of what a run measured."""

ROOFLINE = {column.key: column for column in _ROOFLINE}
"""Columns of what the machine allows."""

DEFAULT = ("name", "kind", "output", "weights", "biases", "macs", "receptive_field")

DEFAULT_TIMED = ("name", "output", "macs", "time", "time_share", "gflops", "of_peak")
"""Where the network was run."""

DEFAULT_ROOFLINE = ("name", "time", "time_share", "gflops", "intensity", "predicted", "of_roof",
                    "bound")  # fmt: skip
"""Where it was held to the roofline."""
