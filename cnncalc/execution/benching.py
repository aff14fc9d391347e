"""Several networks run beside one another, so that what disturbs the machine disturbs all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cnncalc.execution import memory
from cnncalc.execution.refusals import Refused
from cnncalc.execution.repeating import Advance, Series, in_turns
from cnncalc.execution.request import RunRequest
from cnncalc.execution.running import (
    FinishedRun,
    ReadyRun,
    machine_of,
    made_ready,
    over,
    planned_for,
    reported,
    threads_of,
)
from cnncalc.execution.threads import bounded
from cnncalc.graph.graph import Graph
from cnncalc.report.report import Report


def run_all(
    jobs: Iterable[tuple[Graph, Report]], number: int, wanted: RunRequest, advance: Advance
) -> list[Report | Refused]:
    """Execute complete networks on random inputs, as many of them in turns as fit into the
    memory together. Where one does not fit at all the answer is why. Raises `Disagreement`."""
    with bounded(threads_of(wanted)):
        bench = _Bench(number, wanted, advance)
        for graph, report in jobs:
            bench.add(graph, report)
        bench.measure()
    answers = [bench.answers[place] for place in sorted(bench.answers)]
    if not any(isinstance(answer, FinishedRun) for answer in answers):
        return [answer for answer in answers if isinstance(answer, Refused)]
    machine = machine_of(wanted)
    return [
        answer if isinstance(answer, Refused) else reported(answer, machine) for answer in answers
    ]


class _Waiting(NamedTuple):
    """A network that waits for its turns, and the place of its answer."""

    place: int
    ready: ReadyRun


class _Bench:
    """Networks on their way from plans to answers; `answers` by the order in which they came."""

    def __init__(self, number: int, wanted: RunRequest, advance: Advance) -> None:
        self.answers: dict[int, FinishedRun | Refused] = {}
        self._number = number
        self._wanted = wanted
        self._advance = advance
        self._held: list[_Waiting] = []
        self._room = memory.available()

    def add(self, graph: Graph, report: Report) -> None:
        """Make a network ready; where there is no room beside those before, they are measured."""
        place = len(self.answers) + len(self._held)
        try:
            planned = planned_for(graph, report, self._wanted)
            if self._is_full(planned.schedule.bytes):
                self.measure()
                self._room = memory.available()
            ready = made_ready(
                planned,
                None,
                lambda what, share: self._report_progress(f"{what} {report.name}", share),
            )
        except Refused as refused:
            self.answers[place] = refused
        except MemoryError:
            self.answers[place] = Refused(f"there is too little memory to run {report.name}")
        else:
            self._held.append(_Waiting(place, ready))

    def measure(self) -> None:
        """Measure what is ready, and free its memory."""
        ready = [held.ready for held in self._held]
        series = [Series(one.program, one.inputs, one.memory) for one in ready]
        turns = len(self._held)
        in_turns(
            series,
            self._wanted.warmup,
            self._wanted.repeat,
            lambda what, share: self._report_progress(what, share * turns),
        )
        for held, one in zip(self._held, series, strict=True):
            done = over(held.ready, one)
            measured = done.measured._replace(outputs={})
            self.answers[held.place] = done._replace(measured=measured)
        self._held.clear()

    def _is_full(self, bytes: int) -> bool:
        """Whether there is no room for so many beside what waits."""
        taken = sum(held.ready.planned.schedule.bytes for held in self._held)
        return bool(self._held) and self._room is not None and taken + bytes > self._room

    def _report_progress(self, what: str, steps: float) -> None:
        """Every network takes a step to be made ready, and one to be measured."""
        done = 2 * len(self.answers) + len(self._held) + steps
        self._advance(what, min(done / (2 * self._number), 1.0))
