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


class Algorithms(StrEnum):
    """Which a run may choose among: all, or all but Winograd's."""

    FASTEST = "fastest"
    DIRECT = "direct"


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
    algorithms: Algorithms = Algorithms.FASTEST
    verify: bool = False


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
    algorithms: str = Algorithms.FASTEST,
    verify: bool = False,
) -> RunRequest:
    """A request of values that anyone may have given. Raises `UsageError` where one makes no
    sense."""
    from cnncalc.graph.overrides import positive

    if backend not in list(BackendName):
        raise UsageError(f"there is no backend `{backend}`; there are {', '.join(BackendName)}")
    if algorithms not in list(Algorithms):
        raise UsageError(f"`algorithms` is {' or '.join(Algorithms)}, not {algorithms!r}")
    for what, number in (("threads", threads), ("repeat", repeat)):
        if number is not None:
            positive(what, number)
    for what, number in (("warmup", warmup), ("seed", seed)):
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise UsageError(f"`{what}` is a whole number of 0 or more, not {number!r}")
    return RunRequest(
        BackendName(backend),
        threads,
        repeat,
        warmup,
        seed,
        fold,
        roofline,
        explain_plan,
        Algorithms(algorithms),
        verify,
    )


class ArrayFiles(NamedTuple):
    """Where inputs are read from, and outputs and a trace written to; None: random inputs, nothing
    written."""

    input: Path | None = None
    output: Path | None = None
    trace: Path | None = None
