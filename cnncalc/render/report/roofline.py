"""A run under the roofline, drawn: FLOP/s over FLOPs for each byte, a dot a layer.

Blue, orange and grey can be distinguished by people with colour blindness (Okabe & Ito), and the
shapes without colour.

"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from math import atan2, cos, degrees, pi, sin
from typing import Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, NullFormatter
from matplotlib.transforms import Bbox

from cnncalc.escaping import printable
from cnncalc.render.numbers import gigas, milliseconds, per_byte, percent, plural
from cnncalc.report.report import Report, Row
from cnncalc.report.roofline import Bound, Limits
from cnncalc.report.timing import Run

LABELS = 6
"""Layers that are named, those with the most time first."""
LARGEST, SMALLEST = 700.0, 5.0
"""Areas in square points: of the dot with the most time, and the least a dot has to be seen."""

_LOOKS = {
    Bound.MEMORY: ("#D55E00", "o", "bound by memory"),
    Bound.COMPUTE: ("#0072B2", "s", "bound by compute"),
    Bound.MIXED: ("#7F7F7F", "D", "some by each"),
}
_STYLE: Any = {"svg.hashsalt": "cnncalc", "font.size": 9.0, "axes.linewidth": 0.8}


class _Dot(NamedTuple):
    """A layer: FLOPs a byte, GFLOP/s, its share of the time and its area."""

    name: str
    x: float
    y: float
    share: float
    area: float
    bound: Bound


def drawn(report: Report, rows: Sequence[Row], format: str) -> bytes:
    """A picture, `svg` or `png`, of the rows of a report that was held to the roofline."""
    out = BytesIO()
    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        # Letters that the font does not have are drawn as boxes; the warning is of no use.
        warnings.simplefilter("ignore")
        metadata = {"Date": None} if format == "svg" else {}
        figure(report, rows).savefig(out, format=format, metadata=metadata)
    return out.getvalue()


def figure(report: Report, rows: Sequence[Row]) -> Figure:
    """The picture before it becomes bytes."""
    assert report.run is not None
    assert report.run.roofline is not None
    made = Figure(figsize=(7.2, 4.8), dpi=150, layout="constrained")
    canvas = FigureCanvasAgg(made)
    axes = made.add_subplot()
    dots, limits = _dots(rows), report.run.roofline.limits
    _draw(axes, report, report.run, limits, dots)
    _legend(made, rows, dots)
    made.draw_without_rendering()
    _name_slope(axes, limits)
    _name(axes, canvas, limits, dots)
    return made


def _dots(rows: Sequence[Row]) -> list[_Dot]:
    """The layers that a logarithmic scale can show, the largest first."""
    times = [(row.name, row.timing, row.timing.roof) for row in rows if row.timing is not None]
    shown = [
        (name, roof.intensity, time.gflops, time.share or 0.0, roof.bound)
        for name, time, roof in times
        if roof is not None and roof.bound is not None and roof.intensity and time.gflops
    ]
    most = max((share for _, _, _, share, _ in shown), default=0.0) or 1.0
    dots = [
        _Dot(name, x or 0.0, y or 0.0, share, max(LARGEST * share / most, SMALLEST), bound)
        for name, x, y, share, bound in shown
    ]
    return sorted(dots, key=lambda dot: -dot.share)


def _draw(axes: Axes, report: Report, run: Run, limits: Limits, dots: list[_Dot]) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    _frame(axes, limits, dots)
    _roofs(axes, limits)
    for bound, (colour, marker, _) in _LOOKS.items():
        own = [dot for dot in dots if dot.bound is bound]
        axes.scatter(
            [dot.x for dot in own], [dot.y for dot in own], [dot.area for dot in own],
            c=colour, marker=marker, alpha=0.65, edgecolors="black", linewidths=0.4, zorder=3,
        )  # fmt: skip
    axes.set_xlabel("FLOPs for each byte moved")
    axes.set_ylabel("GFLOP/s")
    axes.set_title(
        f"{printable(report.name)}: {milliseconds(run.latency.median)}, "
        f"{plural(run.threads, 'thread')}, batch of {report.batch}, {run.backend} backend",
        fontsize=10, loc="left", parse_math=False,
    )  # fmt: skip
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
        axis.set_minor_formatter(NullFormatter())
    axes.grid(which="major", color="#DDDDDD", linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)


def _frame(axes: Axes, limits: Limits, dots: list[_Dot]) -> None:
    """Room for all dots and for the bend of the roof."""
    peak = limits.flops_per_second / 10**9
    xs = [limits.balance, *(dot.x for dot in dots)]
    ys = [peak, *(dot.y for dot in dots)]
    axes.set_xlim(min(xs) / 3, max(max(xs) * 3, limits.balance * 10))
    axes.set_ylim(min(min(ys) / 3, peak / 30), max(ys) * 3)


def _roofs(axes: Axes, limits: Limits) -> None:
    left, right = axes.get_xlim()
    low, _ = axes.get_ylim()
    peak, bandwidth = limits.flops_per_second / 10**9, limits.bytes_per_second / 10**9
    axes.plot([left, limits.balance, right], [left * bandwidth, peak, peak], "k-", lw=1.4, zorder=2)
    axes.plot([limits.balance] * 2, [low, peak], "k:", lw=0.8, zorder=1)
    axes.annotate(
        f"peak {gigas(limits.flops_per_second)} GFLOP/s", (right, peak), (-4, 4),
        textcoords="offset points", ha="right", va="bottom",
    )  # fmt: skip
    axes.annotate(
        f"{per_byte(limits.balance)} FLOP/B", (limits.balance, low), (4, 4),
        textcoords="offset points", ha="left", va="bottom", color="#555555",
    )  # fmt: skip


def _name_slope(axes: Axes, limits: Limits) -> None:
    """Write along the roof, whose slope on paper is known once everything has its place."""
    bandwidth = limits.bytes_per_second / 10**9
    start = max(axes.get_xlim()[0], axes.get_ylim()[0] / bandwidth)
    middle = (start * limits.balance) ** 0.5
    ends = axes.transData.transform([(x, x * bandwidth) for x in (middle, limits.balance)])
    across, up = ends[1] - ends[0]
    axes.annotate(
        f"memory {gigas(limits.bytes_per_second)} GB/s", (middle, middle * bandwidth), (-2, 2),
        textcoords="offset points", ha="center", va="bottom",
        rotation=degrees(atan2(up, across)), rotation_mode="anchor",
    )  # fmt: skip


def _legend(figure: Figure, rows: Sequence[Row], dots: list[_Dot]) -> None:
    present = {dot.bound for dot in dots}
    handles = [
        Line2D([], [], ls="", marker=marker, color=colour, alpha=0.65, mec="black", label=text)
        for bound, (colour, marker, text) in _LOOKS.items()
        if bound in present
    ]
    shown = {dot.name for dot in dots}
    rest = sum((row.timing.share or 0.0) for row in rows if row.timing and row.name not in shown)
    said = "areas: share of time"
    if rest >= 0.001:
        said += f" (layers without FLOPs, {percent(rest)}, are not shown)"
    handles.append(Line2D([], [], ls="", label=said))
    figure.legend(handles=handles, loc="outside lower center", ncols=4, fontsize=8, frameon=False)


def _name(axes: Axes, canvas: FigureCanvasAgg, limits: Limits, dots: list[_Dot]) -> None:
    """Name the largest dots where there is room, with a line to the dot from further away."""
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    points = canvas.figure.dpi / 72
    inside = axes.get_window_extent(renderer)
    names = [text.get_window_extent(renderer) for text in axes.texts]
    taken = [*names, *(_box(axes, dot, points) for dot in dots)]
    roof = _roof_boxes(axes, limits)
    for dot in dots[:LABELS]:
        label = axes.annotate(
            f"{dot.name} {percent(dot.share)}", (dot.x, dot.y), (0, 0),
            textcoords="offset points", fontsize=8, zorder=5, ha="center", va="center",
            arrowprops={"arrowstyle": "-", "lw": 0.5, "color": "#555555"}, parse_math=False,
        )  # fmt: skip
        label.update_positions(renderer)
        size = Text.get_window_extent(label, renderer)
        for x, y, far in _offsets(dot, size.width / points, size.height / points):
            box = size.translated(x * points, y * points).padded(points)
            line = _along(size, box) if far else []
            free = not any(box.overlaps(other) for other in (*taken, *roof))
            free = free and not any(spot.overlaps(name) for spot in line for name in names)
            if free and _within(box, inside):
                label.set_position((x, y))
                if label.arrow_patch is not None:
                    label.arrow_patch.set_visible(far)
                names.append(box)
                taken += [box, *line]
                break
        else:
            label.remove()


def _along(start: Bbox, stop: Bbox) -> list[Bbox]:
    """Spots on the line from the middle of one box to that of another, outside of both."""
    (x, y), (to_x, to_y) = ((box.xmin + box.width / 2, box.ymin + box.height / 2)
                            for box in (start, stop))  # fmt: skip
    parts = (step / 20 for step in range(1, 20))
    spots = (Bbox.from_bounds(x + p * (to_x - x), y + p * (to_y - y), 1, 1) for p in parts)
    return [spot for spot in spots if not spot.overlaps(stop)]


def _roof_boxes(axes: Axes, limits: Limits) -> list[Bbox]:
    """What lies on the roof and above it, in narrow strips: names go below."""
    left, right = axes.get_xlim()
    _, top = axes.get_ylim()
    xs = [left * (right / left) ** (step / 60) for step in range(61)]
    return [
        Bbox(axes.transData.transform([(a, _allowed(a, limits)), (b, top)]))
        for a, b in pairwise(xs)
    ]


def _allowed(intensity: float, limits: Limits) -> float:
    """GFLOP/s at so many FLOPs a byte."""
    return min(limits.flops_per_second, intensity * limits.bytes_per_second) / 10**9


def _within(box: Bbox, outer: Bbox) -> bool:
    return tuple(Bbox.union([box, outer]).extents) == tuple(outer.extents)


def _box(axes: Axes, dot: _Dot, points: float) -> Bbox:
    """A square of the area of a dot."""
    x, y = axes.transData.transform((dot.x, dot.y))
    half = points * dot.area**0.5 / 2
    return Bbox([[x - half, y - half], [x + half, y + half]])


def _offsets(dot: _Dot, width: float, height: float) -> Iterator[tuple[float, float, bool]]:
    """Where the middle of a name of this size may stand, in points from the dot's; and whether
    that is so far that a line has to lead there."""
    radius = dot.area**0.5 / 2
    for ring in range(6):
        for step in range(16):
            angle = pi / 2 - step * pi / 8
            reach = radius + 3 + ring * height * 1.5
            x = cos(angle) * (reach + width / 2)
            y = sin(angle) * (reach + height / 2)
            yield x, y, ring > 0
