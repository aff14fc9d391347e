"""What a caller may ask of a run. Plain data, read without numpy."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from cnncalc.errors import UsageError


class BackendName(StrEnum):
    """Who carries the plan out."""

    NATIVE = "native"
    REFERENCE = "reference"


class RunRequest(NamedTuple):
    """None is for run to choose: all cores, as many repetitions as take two seconds."""

    backend: BackendName = BackendName.NATIVE
    threads: int | None = None
    repeat: int | None = None
    warmup: int = 1
    seed: int = 0
    fold: bool = True
    roofline: bool = False
    explain_plan: bool = False


def request(
    *,
    backend: str = BackendName.NATIVE,
    threads: int | None = None,
    repeat: int | None = None,
    warmup: int = 1,
    seed: int = 0,
    fold: bool = True,
    roofline: bool = False,
    explain_plan: bool = False,
) -> RunRequest:
    """A request of values that anyone may have given. Raises `UsageError` where one makes no
    sense."""
    from cnncalc.graph.overrides import positive

    if backend not in list(BackendName):
        raise UsageError(f"there is no backend `{backend}`; there are {', '.join(BackendName)}")
    for what, number in (("threads", threads), ("repeat", repeat)):
        if number is not None:
            positive(what, number)
    for what, number in (("warmup", warmup), ("seed", seed)):
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise UsageError(f"`{what}` is a whole number of 0 or more, not {number!r}")
    return RunRequest(
        BackendName(backend), threads, repeat, warmup, seed, fold, roofline, explain_plan
    )


class ArrayFiles(NamedTuple):
    """Where inputs are read from and outputs written to; None: random inputs, nothing written."""

    input: Path | None = None
    output: Path | None = None
