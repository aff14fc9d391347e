"""Faults by the hundred: how many were tried, and in how many something was lost.

`python -m tests.faults.reliability` prints the table of docs/reliability.md.
"""

from __future__ import annotations

import csv
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults.kills import BEFORE, FILES, prepare

ROOT = Path(__file__).parents[2]

LONGEST = 300
"""Seconds after which a command is taken to hang."""


class Tried(NamedTuple):
    """How often a fault was brought about, and how often what is promised did not hold."""

    fault: str
    tries: int
    losses: int


def cnncalc(*args: str, folder: Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    told: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    done: subprocess.CompletedProcess[bytes] = subprocess.run(
        [sys.executable, "-m", "cnncalc", *args],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=LONGEST,
        **told,
    )
    return done


WRITES = {
    "fmt": (["fmt", "{}/net.yaml"], "net.yaml"),
    "check --update": (["check", "--update", "{}/net.yaml"], "net.yaml"),
    "check --output": (["check", "{}/net.yaml", "--output", "{}/told.yaml"], "told.yaml"),
    "whatif --write": (
        ["whatif", "{}/net.yaml", "conv1.filters=5", "--write", "{}/told.yaml"],
        "told.yaml",
    ),
}
"""Commands that write, and the file that they write."""


def kills_of_writes(name: str, number: signal.Signals, *, plainly: bool = False) -> Tried:
    """A signal at each step that a command takes in the folder, one after the other: a file is the
    old one or the new one, and what was left is gone after the next call. `plainly`: files are
    written by what does nothing for that."""
    args, target = WRITES[name]
    with tempfile.TemporaryDirectory() as place:
        told = [arg.format(place) for arg in args]
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.faults.kills",
                *(["plainly"] if plainly else []),
                str(int(number)),
                f"{place}/{target}",
                *told,
            ],
            cwd=place,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
            timeout=LONGEST,
        )
    tries, losses = map(int, done.stdout.split())
    return Tried(f"{number.name} at a step of `{name}`", tries, losses)


POINTS = 3000

SWEPT = "input: 32x32x3\nvars: {w: 1}\nlayers:\n  - {conv: {filters: $w, kernel: 3}}\n"

SWEEP = ("sweep", "net.yaml", "--vary", f"w=1..{POINTS}", "--resume", "out.csv")


def rows_wrong(file: Path) -> int:
    """Points that a file lacks, holds twice, or holds with another number of parameters."""
    found = list(csv.DictReader(file.read_text().splitlines()))
    right = {str(w): str(28 * w) for w in range(1, POINTS + 1)}
    kept = {row["w"]: row["params"] for row in found}
    wrong = [w for w, params in right.items() if kept.get(w) != params]
    return len(found) - len(kept) + len(wrong)


def kills_of_sweeps(number: signal.Signals, tries: int = 10) -> Tried:
    """A signal to a sweep, later and later; resumed, and killed again; then resumed to its end."""
    losses = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "net.yaml").write_text(SWEPT)
        for moment in range(tries):
            process = subprocess.Popen(
                [sys.executable, "-m", "cnncalc", *SWEEP, "--jobs", "2"],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
            )
            time.sleep(0.5 + moment * 0.1)
            os.killpg(process.pid, number)
            process.wait(LONGEST)
            if process.returncode == 0 or moment % 5 == 4:
                cnncalc(*SWEEP, folder=folder)
                losses += rows_wrong(folder / "out.csv")
                (folder / "out.csv").unlink()
        cnncalc(*SWEEP, folder=folder)
        losses += rows_wrong(folder / "out.csv")
    return Tried(f"{number.name} to `sweep --resume`, {POINTS:,} rows", tries, losses)


def at_once(tries: int = 3, together: int = 6) -> Tried:
    """Sweeps into one file at the same time: one works, the others are refused."""
    losses = 0
    for _ in range(tries):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            (folder / "net.yaml").write_text(SWEPT)
            command = [sys.executable, "-m", "cnncalc", *SWEEP]
            quiet = subprocess.DEVNULL
            running = [
                subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet)
                for _ in range(together)
            ]
            codes = [process.wait(LONGEST) for process in running]
            losses += 0 not in codes or not set(codes) <= {0, 2}
            losses += rows_wrong(folder / "out.csv")
    return Tried("sweeps into one file at once", tries * together, losses)


def full_disks(name: str) -> Tried:
    """Files that may get no longer than so many bytes: the old one or the new one, and no 0."""
    args, target = WRITES[name]
    tries = losses = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        told = [arg.format(folder) for arg in args]
        prepare(folder)
        whole = cnncalc(*told, folder=folder).returncode
        after = (folder / target).read_bytes()
        for room in range(0, len(after), max(1, len(after) // 10)):
            prepare(folder)
            done = cnncalc(*told, folder=folder, preexec_fn=_room(room))
            tries += 1
            left = {path.name for path in folder.iterdir()} - {*FILES}
            kept = (folder / target).read_bytes() == BEFORE.encode()
            losses += bool(left) or not kept or done.returncode in (0, whole)
            losses += b"Traceback" in done.stderr
    return Tried(f"no room for `{name}`", tries, losses)


def _room(bytes: int) -> Callable[[], None]:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes, bytes))

    return limit


def full_output() -> Tried:
    """Standard output that takes nothing: 2, and a line on standard error."""
    calls = (
        ("summary", "lenet5"), ("check", "net.yaml"), ("explain",), ("explain", "lenet5", "conv1"),
        ("whatif", "lenet5", "conv1.filters=7"), ("diff", "lenet5", "alexnet"), ("fit", "lenet5"),
        ("sweep", "net.yaml", "--vary", "w=1,2"), ("zoo",), ("zoo", "lenet5"), ("layers",),
        ("solve", "net.yaml", "--for", "w", "--where", "params <= 99"), ("schema",),
        ("conv", "8x8x3", "--filters", "2", "--kernel", "3"), ("fmt", "net.yaml", "--check"),
    )  # fmt: skip
    losses = 0
    with tempfile.TemporaryDirectory() as place, Path("/dev/full").open("wb") as full:
        folder = Path(place)
        (folder / "net.yaml").write_text(SWEPT)
        for call in calls:
            done = cnncalc(*call, folder=folder, stdout=full)
            losses += done.returncode != 2 or done.stderr.count(b"\n") != 1
    return Tried("standard output on a full disk", len(calls), losses)


def caches(change: Callable[[bytes, int], bytes], fault: str, tries: int = 5) -> Tried:
    """Each file of a warm cache changed: the output of a network is what it was, byte for byte."""
    losses = made = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run = ("summary", "lenet5", "--run", "--repeat", "1", "--output-file", "y.npy")

        def output(cache: str) -> bytes | None:
            (folder / "y.npy").unlink(missing_ok=True)
            done = cnncalc(*run, folder=folder, env={**os.environ, "CNNCALC_CACHE": cache})
            return (folder / "y.npy").read_bytes() if done.returncode == 0 else None

        output(str(folder / "warm"))
        right = output(str(folder / "warm"))
        for turn in range(tries):
            shutil.rmtree(folder / "changed", ignore_errors=True)
            shutil.copytree(folder / "warm", folder / "changed")
            for file in _files(folder / "changed"):
                file.write_bytes(change(file.read_bytes(), turn))
                made += 1
            losses += right is None or output(str(folder / "changed")) != right
    return Tried(fault, made, losses)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def flipped(content: bytes, turn: int) -> bytes:
    """One bit the other way round, at another place every turn."""
    if not content:
        return b"\0"
    place = (len(content) * (2 * turn + 1) // 20) % len(content)
    return content[:place] + bytes([content[place] ^ 1 << turn % 8]) + content[place + 1 :]


def foreign(content: bytes, turn: int) -> bytes:
    """What another program would leave there, or a torn write."""
    return (b"", b"{}", b"null", b"\x80\x04N.", content[: len(content) // 2])[turn % 5]


STOPS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)

FAULTS: dict[str, Callable[[], Tried]] = {
    **{
        f"{name} {number.name}": lambda name=name, number=number: kills_of_writes(name, number)  # type: ignore[misc]
        for name in WRITES
        for number in STOPS
    },
    **{
        f"sweep {number.name}": lambda number=number: kills_of_sweeps(number)  # type: ignore[misc]
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
    },
    "at once": at_once,
    **{f"{name} full": lambda name=name: full_disks(name) for name in WRITES},  # type: ignore[misc]
    "output full": full_output,
    "flipped": lambda: caches(flipped, "files of a cache with a flipped bit"),
    "foreign": lambda: caches(foreign, "files of a cache that are foreign or torn"),
}
"""Every fault by a name."""


def main() -> None:
    print("| fault | tries | losses |\n| --- | ---: | ---: |")  # noqa: T201
    for name, bring_about in FAULTS.items():
        if not sys.argv[1:] or name in sys.argv[1:]:
            fault, tries, losses = bring_about()
            print(f"| {fault} | {tries:,} | {losses:,} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
