"""Does a network of ten times the layers take ten times as long, and how much memory is a layer?

Networks of 1,000, 10,000 and 100,000 layers, written out in the file or by `repeat`, of widths that
change from unit to unit so that neighbours differ. Times are processor time: of `loads` within its
process, of `summary` for the whole process, its start included. Memory is the peak of the whole
process above that of a network of four layers.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from measuring import (
    CNNCALC,
    Ratio,
    Run,
    busy,
    fresh_environment,
    interleaved,
    number_of_runs,
    own_peak,
    print_conditions,
    print_table,
    print_verdict,
    ratio,
    run,
    spread,
)

LONGER = 12
KIBIBYTES = 4
LAYERS_PER_UNIT = 4
EMPTY, *SIZES = LAYERS_PER_UNIT, 1_000, 10_000, 100_000
WIDTHS = 50

LOADS = """
import sys
import time
from pathlib import Path

import cnncalc

text, small = (Path(name).read_text() for name in sys.argv[1:])
cnncalc.loads(small)
started = time.process_time()
report = cnncalc.loads(text)
seconds = time.process_time() - started
assert report.ok, report.diagnostics[0]
print(len(report.rows), report.totals.params, seconds)
"""


def written_out(layers: int) -> Iterator[str]:
    """The lines of a network in which every layer stands in the file."""
    yield "input: 32x32x3\nlayers:\n"
    for unit in range(layers // LAYERS_PER_UNIT):
        filters = 8 * (1 + unit % WIDTHS)
        yield f"  - {{name: conv{unit}, conv: {{filters: {filters}, kernel: 3, padding: 1}}}}\n"
        yield f"  - {{name: bn{unit}, batch_norm: {{}}}}\n"
        yield f"  - add: [[{{conv: {{filters: {filters}, kernel: 1}}}}], []]\n"


def repeated(layers: int) -> Iterator[str]:
    """The same network by a block that is repeated."""
    yield f"""\
input: 32x32x3
blocks:
  unit:
    args: {{filters: ~}}
    layers:
      - conv: {{filters: $filters, kernel: 3, padding: 1}}
      - batch_norm
      - add: [[{{conv: {{filters: $filters, kernel: 1}}}}], []]
layers:
  - {{unit: $(8 * (1 + index % {WIDTHS})), repeat: {layers // LAYERS_PER_UNIT}}}
"""


WAYS = {"written out": written_out, "`repeat`": repeated}
ROADS = ("loads", "summary --format json", "summary --format table")


class Case(NamedTuple):
    way: str
    road: str
    layers: int


def timed_loads(command: tuple[str, ...], environment: Mapping[str, str], layers: int) -> Run:
    """A process that loads a network, with the time of that alone."""
    ended = run(command, environment)
    rows, _, taken = ended.output.split()
    assert int(rows) == layers
    return ended._replace(busy=float(taken))


def silent(command: tuple[str, ...], environment: Mapping[str, str]) -> Run:
    """A process whose output is not kept, which would make this one large."""
    return run(command, environment)._replace(output="")


def candidates(folder: Path, environment: Mapping[str, str]) -> dict[Case, Callable[[], Run]]:
    """A process for every case, its file written."""
    found: dict[Case, Callable[[], Run]] = {}
    for number, (way, lines) in enumerate(WAYS.items()):
        files = {layers: folder / f"{number}-{layers}.yaml" for layers in (EMPTY, *SIZES)}
        for layers, file in files.items():
            with file.open("w", encoding="utf-8") as out:
                out.writelines(lines(layers))
            loads = (sys.executable, "-c", LOADS, str(file), str(files[EMPTY]))
            found[Case(way, ROADS[0], layers)] = partial(timed_loads, loads, environment, layers)
            for road in ROADS[1:]:
                command = (*CNNCALC, *road.split(" "), str(file))
                found[Case(way, road, layers)] = partial(silent, command, environment)
    return found


def longer(measured: Mapping[Case, list[Run]], case: Case) -> Ratio:
    """The time of a case over that of a tenth of its layers."""
    tenth = case._replace(layers=case.layers // 10)
    return ratio(busy(measured[case]), busy(measured[tenth]))


def memory(measured: Mapping[Case, list[Run]], case: Case) -> Ratio:
    """Kibibytes a layer."""
    empty = [run.peak for run in measured[case._replace(layers=EMPTY)]]
    assert min(empty) > own_peak(), "the benchmark itself takes more memory than what it measures"
    peaks = [run.peak for run in measured[case]]
    return spread([(a - b) / 1024 / case.layers for a, b in zip(peaks, empty, strict=True)])


def main() -> None:
    runs = number_of_runs(__doc__, 3)
    with fresh_environment() as environment, tempfile.TemporaryDirectory() as name:
        found = candidates(Path(name), environment)
        for case, candidate in found.items():
            if case.layers == EMPTY:
                candidate()
        measured = interleaved(found, runs, warm_up=False)
    largest = [Case(way, road, SIZES[-1]) for way in WAYS for road in ROADS]
    steps = {
        case: [longer(measured, case._replace(layers=layers)) for layers in SIZES[1:]]
        for case in largest
    }
    kibibytes = {case: memory(measured, case) for case in largest}
    print_table(
        [
            "network",
            "by",
            *(f"time of {layers:,} layers / {layers // 10:,}" for layers in SIZES[1:]),
            f"KiB a layer at {SIZES[-1]:,}",
        ],
        [[case.way, f"`{case.road}`", *steps[case], kibibytes[case]] for case in largest],
    )
    print_conditions(runs)
    print_verdict(
        {
            f"ten times the layers take at most {LONGER} times as long": all(
                step.median <= LONGER for case in largest for step in steps[case]
            ),
            f"a layer takes less than {KIBIBYTES} KiB": all(
                taken.median < KIBIBYTES for taken in kibibytes.values()
            ),
        }
    )


if __name__ == "__main__":
    main()
