"""The interface of a backend, which carries plans out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from cnncalc.execution.plan import Plan
from cnncalc.execution.weights import Array, Weights

Seconds = npt.NDArray[np.float64]


class Stored(NamedTuple):
    """Where what a piece makes lies in the memory that values take turns in: bytes from its start,
    and how many. They are needed until piece number `until` is done."""

    offset: int
    bytes: int
    until: int


class Choice(NamedTuple):
    """An algorithm chosen by measuring: the least seconds of each that was tried, and the day."""

    algorithm: str
    seconds: dict[str, float]
    measured: str


class Piece(NamedTuple):
    """A stretch of work with a time of its own. `nodes` are the layers it computes, the first of
    which shows its time; `algorithm` is a word or two for people, `how` a few more. `stored` is
    None where it makes no numbers of its own, or where that is not planned. A `view` is another
    name for numbers that are there, and does nothing. `choice` is None where there was none."""

    nodes: tuple[int, ...]
    algorithm: str
    how: str = ""
    stored: Stored | None = None
    view: bool = False
    choice: Choice | None = None


class Span(NamedTuple):
    """What a thread did in a run: a part of a piece, None where it waits for others. `start` is in
    seconds by a clock that began at any time."""

    thread: int
    piece: int | None
    start: float
    seconds: float


class Observed(NamedTuple):
    """What a piece did when it last ran: the array it made, (N, *volume), and the
    multiply-accumulates it executed for the whole batch. `literal`: each that is counted once, and
    no other."""

    shape: tuple[int, ...]
    macs: int
    literal: bool = True


class Program(Protocol):
    """A plan made ready: arrays packed, code compiled, memory taken."""

    @property
    def pieces(self) -> Sequence[Piece]:
        """In the order they run."""

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """The outputs by name, (N, *volume) float32, for inputs of the same form. Inputs are not
        changed, and outputs are the caller's to keep."""

    def seconds(self) -> Seconds:
        """For each piece, what the last run took."""

    def observed(self) -> Sequence[Observed]:
        """For each piece, what the last run did."""

    def traced(self, inputs: Mapping[str, Array]) -> list[Span]:
        """What every thread does in one more run. Raises `Refused` where that cannot be told."""


class Schedule(Protocol):
    """A plan as a backend will carry it out: data, made once."""

    @property
    def plan(self) -> Plan: ...

    @property
    def bytes(self) -> int:
        """An upper estimate of the memory that a program takes, arrays included."""


class Backend(Protocol):
    """Carries plans out."""

    @property
    def name(self) -> str: ...

    def schedule(self, plan: Plan, batch: int, threads: int, *, direct: bool) -> Schedule:
        """What is to be done for a plan. `direct`: without Winograd's
        convolutions. Raises `Refused` where there is far too little memory."""

    def bind(self, schedule: Any, weights: Weights, advance: Callable[[float], None]) -> Program:
        """Make a schedule of its own ready. `advance` is called with the share that is done, from
        0 to 1. May do what takes long, such as compiling; `Program.run` may not."""
