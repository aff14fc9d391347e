"""How a network was carried out, as a table of steps with its totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cnncalc.render.answer import Group, Labelled, Title
from cnncalc.render.numbers import bytes_short, grouped, milliseconds, percent, plural
from cnncalc.render.table import Column, Record, Table, field
from cnncalc.report.execution_plan import ExecutionPlan, PlanStep

LEAST_FOR_LAYERS = 24
"""The width for names of layers on a narrow terminal."""


def plan_blocks(plan: ExecutionPlan, width: int | None) -> Iterator[Group]:
    """Below a report; `width` is that of a terminal, None where there is room for all."""
    for_layers = None if width is None else max(LEAST_FOR_LAYERS, width // 4)
    records = _records(plan, for_layers)
    yield [Title("Plan", level=3)]
    yield [Table(_columns(records, for_layers), records)]
    yield [Labelled(_totals(plan))]


def _columns(records: Sequence[Record], for_layers: int | None) -> list[Column[Record]]:
    """The columns that hold something, the most wanted first: narrow terminals leave the last ones
    out."""
    columns = (
        field("step", "step", right=True, show=grouped),
        field("layers", "layers", least=for_layers),
        field("algorithm", "algorithm"),
        field("reads", "reads", least=8),
        field("bytes", "result", right=True, show=bytes_short),
        field("until", "until", right=True, show=grouped),
        field("how", "how", least=20),
        field("offset", "at", right=True, show=bytes_short),
    )
    return [column for column in columns if any(map(column.people, records))]


def _records(plan: ExecutionPlan, width: int | None) -> list[dict[str, Any]]:
    return [_record(step, width) for step in plan.steps]


def _record(step: PlanStep, width: int | None) -> dict[str, Any]:
    place = step.place
    return {
        "step": step.number,
        "layers": layers_text(step.layers, width),
        "algorithm": step.algorithm or "not executed",
        "how": ", ".join(filter(None, (step.how, _tried(step)))),
        "reads": ", ".join([*step.inputs, *ranges(step.reads)]),
        "bytes": None if place is None else place.bytes,
        "until": None if place is None else place.until,
        "offset": None if place is None else place.offset,
    }


def _tried(step: PlanStep) -> str:
    """0.31 ms, direct 0.42 ms on 2026-11-29"""
    if not step.tried:
        return ""
    others = [f"{name} {milliseconds(took)}" for name, took in step.tried.items()
              if name != step.algorithm]  # fmt: skip
    own = milliseconds(step.tried[step.algorithm]) if step.algorithm in step.tried else ""
    return f"{', '.join(filter(None, (own, *others)))} on {step.measured}"


def _totals(plan: ExecutionPlan) -> Iterator[tuple[str, str]]:
    fused = f", {grouped(plan.fused)} of them in the step of another" if plan.fused else ""
    yield "steps", f"{grouped(len(plan.steps))} for {plural(plan.layers, 'layer')}{fused}"
    if plan.placed:
        share = percent(plan.padding_bytes / plan.apart_bytes)
        yield (
            "results",
            f"{bytes_short(plan.apart_bytes)}, which take turns in "
            f"{bytes_short(plan.shared_bytes)} of memory; {share} of them are halos and unused "
            "lanes",
        )


def layers_text(names: Sequence[str], width: int | None) -> str:
    """block1.conv + .norm + .relu: names after the first leave out the path that they share with
    it. Where there is no room for all: block1.conv +2."""
    first = names[0]
    path = first.rpartition(".")[0]
    inside = f"{path}." if path else None
    whole = " + ".join(
        [first, *(name[len(path):] if inside and name.startswith(inside) else name
                  for name in names[1:])]
    )  # fmt: skip
    if width is None or len(whole) <= width:
        return whole
    more = f" +{len(names) - 1:,}" if names[1:] else ""
    room = width - len(more)
    return (first if len(first) <= room else f"…{first[len(first) - room + 1 :]}") + more


def ranges(numbers: Sequence[int]) -> list[str]:
    """1–3, 7: neighbours of three or more together. The numbers are in order."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return [
        text
        for run in found
        for text in ([f"{run[0]}–{run[-1]}"] if len(run) > 2 else map(str, run))
    ]
