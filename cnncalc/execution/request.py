"""What a caller may ask of a run. Plain data, read without numpy."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple


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


class ArrayFiles(NamedTuple):
    """Where inputs are read from and outputs written to; None: random inputs, nothing written."""

    input: Path | None = None
    output: Path | None = None
