"""Repetitions: how many, in which order, and what is kept of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from time import perf_counter

from cnncalc.execution.backend import Program
from cnncalc.execution.shares import Measured
from cnncalc.execution.usage import Memory, Usage, now
from cnncalc.execution.weights import Array

ENOUGH_SECONDS = 2.0
FEWEST, MOST = 5, 100
"""Where a caller leaves the repetitions open: as many as take so long, within bounds."""

ROUNDS = 5
"""Where several programs are measured together, they take turns so many times."""

Advance = Callable[[str, float], None]
"""Called with what is going on, and the share of it that is done."""


class Series:
    """The repetitions of one program on inputs (N, *volume)."""

    def __init__(
        self, program: Program, inputs: Mapping[str, Array], memory: Memory | None = None
    ) -> None:
        self._program = program
        self._inputs = inputs
        self._usages: list[Usage] = []
        self._pieces: list[list[float]] = []
        self._outputs: dict[str, Array] = {}
        self._first: float | None = None
        self.memory = memory or Memory()
        """What the program's memory was watched with when it was made ready."""

    def _run(self) -> Usage:
        """What a run uses. In the first one there is also memory that was not touched before."""
        with self.memory if self._first is None else nullcontext():
            before = now()
            self._outputs = self._program.run(self._inputs)
            used = now().since(before)
        if self._first is None:
            self._first = used.clock
        return used

    def warm_up(self, times: int, advance: Advance) -> None:
        """Run without measuring."""
        for number in range(times):
            advance("warming up", number / times)
            self._run()

    def burst(self, done: Callable[[int, float], float], advance: Advance) -> None:
        """Run until `done`, called with the runs and seconds of this burst, returns 1."""
        begin = perf_counter()
        times = 0
        while (share := done(times, perf_counter() - begin)) < 1:
            advance("running", share)
            self._usages.append(self._run())
            self._pieces.append(self._program.seconds().tolist())
            times += 1

    def measured(self) -> Measured:
        """All bursts together."""
        observed = tuple(self._program.observed())
        assert self._first is not None
        return Measured(self._usages, self._pieces, self._outputs, observed, self._first)


def share_done(times: int, seconds: float, wanted: int | None) -> float:
    """How far a series is after so many runs, of as many as are wanted, or are enough."""
    if wanted is not None:
        return times / wanted
    if times < FEWEST:
        return min(times / FEWEST, 0.99)
    return max(times / MOST, seconds / ENOUGH_SECONDS)


def share_of_round_done(number: int, times: int, seconds: float, wanted: int | None) -> float:
    """How far the burst of a round is, where `ROUNDS` of them make a series."""
    if wanted is not None:
        due = wanted * (number + 1) // ROUNDS - wanted * number // ROUNDS
        return times / due if due else 1.0
    if not times:
        return 0.0
    return max(times * ROUNDS / MOST, seconds * ROUNDS / ENOUGH_SECONDS)


def in_turns(series: Sequence[Series], warmups: int, wanted: int | None, advance: Advance) -> None:
    """Measure several programs, burst by burst in turns: a machine that becomes slower or faster
    does so for all of them. The first run of a turn is not measured, since the others have had the
    caches meanwhile, unless no run is to go unmeasured."""
    for one in series:
        one.warm_up(warmups, lambda what, _: advance(what, 0.0))
    turns = ROUNDS * len(series)
    for turn in range(turns):
        number, place = divmod(turn, len(series))
        advance("running", turn / turns)
        if share_of_round_done(number, 0, 0.0, wanted) >= 1:
            continue
        report = partial(_as_a_whole, advance, turn / turns)
        series[place].warm_up(min(warmups, 1), report)
        series[place].burst(
            lambda times, seconds, number=number: share_of_round_done(  # type: ignore[misc]
                number, times, seconds, wanted
            ),
            report,
        )


def _as_a_whole(advance: Advance, share: float, _what: str, _share: float) -> None:
    """The progress of a single series, as a share of all series."""
    advance("running", share)
