"""Processes measured side by side: run in turn, compared pair by pair, told as ratios.

Nothing here knows what is measured. It needs a POSIX system, whose own account of a finished child
is read; and it imports and keeps little, since that account puts no child's peak memory below its
parent's.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

CNNCALC = (sys.executable, "-c", "from cnncalc.__main__ import main; main()")
"""What the installed `cnncalc` script does, by the Python that runs the benchmark."""

_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
_OUTPUT_KEPT = 2**17
_KEPT = ("PYTHONPATH", "PYTHONHOME")


Key = TypeVar("Key")
Outcome = TypeVar("Outcome")


class Run(NamedTuple):
    """A finished process: seconds on the clock, seconds that it kept processors busy, peak resident
    bytes, and the end of what it printed.

    Others on the machine disturb busy seconds less; where a program waits for nothing and uses one
    core, an idle machine's clock tells the same.
    """

    seconds: float
    busy: float
    peak: int
    output: str


class Ratio(NamedTuple):
    """The median of ratios, or of anything else, between two other quantiles."""

    low: float
    median: float
    high: float

    def __str__(self) -> str:
        digits = 2 if self.median < 10 else 1
        return f"{self.median:.{digits}f} ({self.low:.{digits}f}–{self.high:.{digits}f})"


@contextmanager
def fresh_environment() -> Iterator[dict[str, str]]:
    """Variables for children: none of Python's own but the search path, and a place of their own
    for bytecode, so that all programs find theirs compiled, as installed ones do."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or not name.startswith("PYTHON")
    }
    with tempfile.TemporaryDirectory(prefix="cnncalc-bytecode-") as folder:
        yield {**kept, "PYTHONPYCACHEPREFIX": folder}


def run(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Run a command to its end. One that fails ends the benchmark with what it printed."""
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(max(output.seek(0, os.SEEK_END) - _OUTPUT_KEPT, 0))
        printed = output.read().decode(errors="replace")
    if process.returncode:
        sys.exit(f"exit code {process.returncode} from {' '.join(command)}\n{printed[-2000:]}")
    busy = usage.ru_utime + usage.ru_stime
    return Run(seconds, busy, usage.ru_maxrss * _PEAK_UNIT, printed)


def interleaved(
    candidates: Mapping[Key, Callable[[], Outcome]], runs: int, *, warm_up: bool = True
) -> dict[Key, list[Outcome]]:
    """Runs of all candidates in turn, every other round backwards, so that a machine that slows
    down slows all of them. The warm-up is not counted; it leaves bytecode and warm disk caches."""
    if warm_up:
        for candidate in candidates.values():
            candidate()
    measured: dict[Key, list[Outcome]] = {name: [] for name in candidates}
    for number in range(runs):
        names = list(candidates)[:: -1 if number % 2 else 1]
        for name in names:
            measured[name].append(candidates[name]())
    return measured


def spread(values: Sequence[float]) -> Ratio:
    """Quartiles."""
    return _between(values, 4)


def tenths(values: Sequence[float]) -> Ratio:
    """From the first tenth to the last: what all but the odd one out are like."""
    return _between(values, 10)


def _between(values: Sequence[float], parts: int) -> Ratio:
    if len(values) == 1:
        return Ratio(values[0], values[0], values[0])
    cuts = statistics.quantiles(values, n=parts, method="inclusive")
    return Ratio(cuts[0], statistics.median(values), cuts[-1])


def ratio(
    of: Sequence[float],
    to: Sequence[float],
    spread: Callable[[Sequence[float]], Ratio] = spread,
) -> Ratio:
    """Measurements over others of the same rounds."""
    return spread([a / b for a, b in zip(of, to, strict=True)])


def own_peak() -> int:
    """Peak resident bytes of this process: no child's peak is told below it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT


def seconds(runs: Sequence[Run]) -> list[float]:
    return [run.seconds for run in runs]


def busy(runs: Sequence[Run]) -> list[float]:
    return [run.busy for run in runs]


def number_of_runs(question: str | None, default: int) -> int:
    """Read the command line: `--runs`, and `--help` with the question."""
    parser = argparse.ArgumentParser(
        description=question, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=default, help=f"rounds (default {default})")
    runs: int = parser.parse_args().runs
    if runs < 1:
        parser.error("--runs is 1 or more")
    return runs


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A markdown table."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def print_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    print(table(headers, rows))


def print_conditions(runs: int) -> None:
    """What the numbers depend on."""
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"\nPython {version}, {os.cpu_count()} cores, {runs} rounds; medians (quartiles).")


def print_verdict(targets: Mapping[str, bool]) -> None:
    print(verdict(targets))


def verdict(targets: Mapping[str, bool]) -> str:
    """One line: whether all targets are met, and else which are not."""
    missed = [target for target, met in targets.items() if not met]
    return f"Target {'missed' if missed else 'met'}: {'; '.join(missed or targets)}."
