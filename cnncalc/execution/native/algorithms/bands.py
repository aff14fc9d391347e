"""Several convolutions in bands of rows: a thread takes band after band, each stage after stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from cnncalc.execution import operations as op
from cnncalc.execution.native.algorithms import grouped, reads
from cnncalc.execution.native.algorithms.grouped import Grouped
from cnncalc.execution.native.algorithms.products import Products
from cnncalc.execution.native.algorithms.stage import Stage, finished, in_sequence
from cnncalc.execution.native.kernels.records import ENTRY, WORD, record
from cnncalc.execution.native.making import Made, Making, NativeStep, shares
from cnncalc.execution.native.schedule.banding import Span, needed, row_positions, window
from cnncalc.execution.native.schedule.layout import Packed
from cnncalc.execution.native.schedule.placing import Task
from cnncalc.execution.weights import Array

WHOLE = 1 << 40
"""Positions in a block: all there are."""


def in_bands(making: Making, task: Task, arrays: Sequence[dict[str, Array]]) -> Made:
    """The stages of a job with the arrays of each."""
    assert task.job is not None
    assert task.bands is not None
    stages = [
        _stage(making, stage.step.operation, value, output, own)
        for stage, value, output, own in zip(
            task.job.stages, *_ends(task, task.scratch[0]), arrays, strict=True
        )
    ]
    images = task.output.grid.batch
    items = [(image, span) for image in range(images) for span in task.bands.spans]
    records = []
    for scratch, (first, last) in zip(
        task.scratch, shares(len(items), making.threads), strict=True
    ):
        member = _Member(making, task, stages, scratch)
        parts = [part for item in items[first:last] for part in member.parts(*item)]
        records.append(in_sequence(making, parts))
    function = making.library.address("driver", "parts")
    macs = sum(
        stage.macs_each * images * prod(volume.spatial)
        for stage, volume in zip(stages, task.stage_volumes, strict=True)
    )
    return Made(
        [NativeStep(function, tuple(records))],
        "depth-first",
        macs,
        f"bands of {task.bands.rows} rows",
    )


def _ends(task: Task, scratch: Sequence[Packed]) -> tuple[list[Packed], list[Packed]]:
    """What each stage reads and what it makes, with what lies between in this scratch."""
    return [task.inputs[0], *scratch], [*scratch, task.output]


def _stage(
    making: Making, o: op.Operation, value: Packed, output: Packed, arrays: dict[str, Array]
) -> Stage:
    assert isinstance(o, op.Convolution)
    if grouped.applies(o, value.channels, output.channels, making.lanes):
        return Grouped(making, reads.of(o), output, arrays)
    return Products(making, reads.of(o), value, output, arrays, len(output.positions))


def _by_row(stage: Stage) -> bool:
    return isinstance(stage, Grouped) and stage.by_row


class _Member:
    """What a thread needs for its bands: entries and tables with its own scratch."""

    def __init__(
        self, making: Making, task: Task, stages: Sequence[Stage], scratch: Sequence[Packed]
    ) -> None:
        assert task.job is not None
        self.making = making
        self.task = task
        self.scratch = scratch
        tables = making.tables
        values, outputs = _ends(task, scratch)
        others = [None] * len(scratch) + [task.other]
        self.fields: list[dict[str, int | float]] = []
        volumes = task.stage_volumes
        for job, stage, volume, value, output, other in zip(
            task.job.stages, stages, volumes, values, outputs, others, strict=True
        ):
            entries = stage.entries(value, output, other)
            whole = value is task.inputs[0]
            starts = stage.starts(value, volume.spatial if whole else output.spatial)
            if not whole:
                # What a band needs begins at the first row of the scratch, padding included.
                starts = starts + window(job).before * value.grid.strides[0]
            self.fields.append(
                finished(making, job, output, other)
                | {
                    "entries": tables.records(entries),
                    "entry_start": 0,
                    "entry_stop": len(entries),
                    "input_offsets": tables.words(starts),
                    "start": 0,
                    "block": volume.spatial[-1] if _by_row(stage) else WHOLE,
                }
            )
        self.clearing = [self._clearing(value) for value in scratch]

    def parts(self, image: int, span: Span) -> Iterator[tuple[int, int]]:
        """Functions and records for a band of an image."""
        assert self.task.job is not None
        drive = self.making.library.address("driver", "drive")
        wanted = needed(self.task.job, span)
        last = len(wanted) - 1
        for number, (rows, fields) in enumerate(zip(wanted, self.fields, strict=True)):
            done = rows.within(self.task.stage_volumes[number].spatial[0])
            width = row_positions(self._output(number).spatial)
            if number < last:
                for gap in (Span(rows.start, done.start), Span(done.stop, rows.stop)):
                    if gap.length > 0:
                        clear = self.clearing[number]
                        yield drive, self._record(clear, gap.length * width, output=(
                            gap.start - rows.start) * width)  # fmt: skip
            if not done.length:
                continue
            whole = (image * self.task.stage_volumes[number].spatial[0] + done.start) * width
            inside = (done.start - rows.start) * width
            yield (
                drive,
                self._record(
                    fields,
                    done.length * width,
                    input=whole if number == 0 else inside,
                    output=whole if number == last else inside,
                    other=whole,
                ),
            )

    def _output(self, number: int) -> Packed:
        return [*self.scratch, self.task.output][number]

    def _record(
        self,
        fields: dict[str, int | float],
        positions: int,
        *,
        input: int = 0,
        output: int = 0,
        other: int = 0,
    ) -> int:
        """A record for so many positions, whose tables begin at those given."""
        moved = dict(fields)
        for name, places in (("input", input), ("output", output), ("other", other)):
            if f"{name}_offsets" in moved:
                moved[f"{name}_offsets"] += places * WORD
        return self.making.step(**moved, stop=positions)

    def _clearing(self, value: Packed) -> dict[str, int | float]:
        kernel = self.making.library.address("clearing", "clear")
        planes = self.making.planes(value)
        entries = [record(ENTRY, kernels=kernel, largest=0, output=plane) for plane in planes]
        return {
            "entries": self.making.tables.records(entries),
            "entry_start": 0,
            "entry_stop": len(entries),
            "output_offsets": self.making.tables.words(value.positions),
            "start": 0,
            "block": WHOLE,
        }
