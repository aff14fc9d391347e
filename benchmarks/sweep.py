"""How many variants of ResNet-50 does `cnncalc sweep` work out in a second of a core?

The grid changes widths, depths and the input, so that layers are shared by few. A whole process
that writes CSV is timed, less one of the same grid's first point; its seconds are those of the
processor. Besides: how peak memory grows from 5,000 rows to 20,000 of LeNet-5.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from measuring import (
    CNNCALC,
    Run,
    fresh_environment,
    interleaved,
    number_of_runs,
    print_conditions,
    print_table,
    print_verdict,
    ratio,
    run,
    spread,
)

TARGET = 200
MOST_GROWTH = 1.1

FIRST = ("sweep", "resnet50", "--vary", "width_per_group=64", "--vary", "input=160")
GRID = (
    "sweep", "resnet50", "--vary", "width_per_group=64..128:8", "--vary", "depth3=4..8",
    "--vary", "input=160..256:16",
)  # fmt: skip
POINTS = 9 * 5 * 7
AS_CSV = ("--format", "csv", "--jobs", "1")

FEW, MANY = 5_000, 20_000

CPU_SECONDS = """
import atexit, sys, time
atexit.register(lambda: print(time.process_time(), file=sys.stderr))
"""


def seconds_of(command: tuple[str, ...], environment: Mapping[str, str]) -> Run:
    """A process with the seconds that it kept a core busy."""
    ended = run((CNNCALC[0], "-c", CPU_SECONDS + CNNCALC[-1], *command), environment)
    *_, told = ended.output.splitlines()
    return ended._replace(seconds=float(told))


def lenet(points: int, folder: Path) -> tuple[str, ...]:
    file = folder / f"{points}.csv"
    return ("sweep", "lenet5", "--vary", f"F6.units=1..{points}", "--resume", str(file))


def fresh(points: int, folder: Path, environment: Mapping[str, str]) -> Run:
    """A sweep into a file that is not there yet."""
    (folder / f"{points}.csv").unlink(missing_ok=True)
    return seconds_of((*lenet(points, folder), "--jobs", "1"), environment)


def main() -> None:
    runs = number_of_runs(__doc__, 5)
    with fresh_environment() as environment, tempfile.TemporaryDirectory() as name:
        candidates: dict[str, Callable[[], Run]] = {
            "first": partial(seconds_of, (*FIRST, *AS_CSV), environment),
            "grid": partial(seconds_of, (*GRID, *AS_CSV), environment),
        }
        for points in (FEW, MANY):
            candidates[str(points)] = partial(fresh, points, Path(name), environment)
        measured = interleaved(candidates, runs)
    assert measured["grid"][0].output.count("\n") == POINTS + 2
    pairs = zip(measured["grid"], measured["first"], strict=True)
    speed = spread([(POINTS - 1) / (grid.seconds - first.seconds) for grid, first in pairs])
    growth = ratio(
        [many.peak for many in measured[str(MANY)]], [few.peak for few in measured[str(FEW)]]
    )
    print_table(
        ["question", "answer"],
        [
            ["ResNet-50 variants a second of a core", speed],
            [f"peak memory of {MANY:,} rows / of {FEW:,}", growth],
        ],
    )
    print_conditions(runs)
    print_verdict(
        {
            f"at least {TARGET} variants a second of a core": speed.median >= TARGET,
            f"memory grows at most {MOST_GROWTH}-fold": growth.median <= MOST_GROWTH,
        }
    )


if __name__ == "__main__":
    main()
