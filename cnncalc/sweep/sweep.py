"""`cnncalc sweep`: a row of figures for every point of a grid, in its order, streamed.

Tasks are batches of points for any executor; a worker reads the file's tree once and keeps it. Only
a few batches are under way at a time and rows come in the grid's order, so that memory does not
grow with the grid, and what is there at an interruption is its beginning.
"""

from __future__ import annotations

import pickle
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from cnncalc.diagnostics import did_you_mean
from cnncalc.errors import UsageError, WorkersLost
from cnncalc.geometry import Rounding
from cnncalc.graph.overrides import positive
from cnncalc.language.model import Document
from cnncalc.sweep.conditions import Conditions, conditions
from cnncalc.sweep.grid import Axis, Cell, Grid, grid, listed
from cnncalc.sweep.ranking import Front, keys, ordered
from cnncalc.sweep.variants import INPUT, ROUNDING, Given, Variant, Variants
from cnncalc.workers.pool import WorkerPool, cores, worker_pool

SECONDS_A_BATCH = 0.25
SECONDS_A_PROCESS = 2
LARGEST_BATCH = 500
MOST_VOLUMES = 10**6
MOST_DEATHS = 3
"""Times that workers may die over the same batch."""

FIGURES = (
    "params",
    "weights",
    "biases",
    "macs",
    "flops",
    "memory",
    "peak",
    "param_bytes",
    "output",
    "receptive_field",
    "fits",
    "problem",
)
"""Columns of a row, beside those that vary."""

QUESTION = "question"
"""The first column of a results file: what its rows answer."""

TAKEN = frozenset({*FIGURES, QUESTION})


class Plan(NamedTuple):
    """A sweep before it runs: plain data that goes to every worker."""

    document: Document
    given: Given
    grid: Grid
    conditions: Conditions = Conditions()
    with_fields: bool = True
    seconds: float = 0.01
    """What a point takes, about."""

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of what varies: the keys, renamed where a figure has the same name."""
        return tuple(
            f"vary.{axis.key}" if axis.key in TAKEN else axis.key for axis in self.grid.axes
        )

    def values(self, number: int) -> dict[str, Cell]:
        """A point, by column."""
        return dict(zip(self.names, self.grid.cells(number), strict=True))

    def batch(self, in_flight: int) -> int:
        """Points of a batch: worth the way to a worker, and enough batches to be in flight."""
        by_time = int(SECONDS_A_BATCH / max(self.seconds, 1e-6))
        return max(1, min(by_time, LARGEST_BATCH, len(self.grid) // in_flight))


def plan(
    document: Document,
    given: Given,
    vary: Mapping[str, object],
    where: str | Iterable[str] | None = None,
    *,
    with_fields: bool = True,
) -> Plan:
    """Check what a caller wants. Raises `UsageError`.

    Receptive fields take a tenth of the time; `with_fields` is whether rows need them.
    """
    given.check()
    wanted = conditions(where)
    with_fields = with_fields or "receptive_field" in wanted.names
    variants = Variants(document, given, with_fields=with_fields)
    points = grid(vary)
    points = Grid([_checked(axis, variants) for axis in points.axes])
    for key in {axis.key for axis in points.axes} & given.set.keys():
        raise UsageError(f"{key} is both set and varied: leave one of the two out")
    planned = Plan(document, given, points, wanted, with_fields)
    _refuse_unknown(planned, variants)
    started = time.perf_counter()
    variants.variant(points.texts(0), {})
    return planned._replace(seconds=time.perf_counter() - started)


def sweep(
    planned: Plan,
    *,
    sort: str | Iterable[str] | None = None,
    pareto: str | Iterable[str] | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
) -> Iterator[Variant]:
    """The points that satisfy, in the grid's order, or sorted, or those no other beats.

    Raises `UsageError` at once, and `WorkersLost` on the way.
    """
    positive("jobs", jobs)
    by, front = keys(sort, planned.names), Front(keys(pareto, planned.names))

    def found() -> Iterator[Variant]:
        with worker_pool(jobs, scheduler) as workers:
            for _, variants in stream(planned, workers):
                yield from variants

    if pareto is None and sort is None:
        return found()
    return iter(ordered(front.of(found()) if pareto is not None else found(), by))


def stream(
    planned: Plan, workers: WorkerPool, todo: Iterable[int] | None = None
) -> Iterator[tuple[int, list[Variant]]]:
    """Points done and those of them that satisfy, batch by batch, in the grid's order.

    `todo` are the points wanted, all for None. Raises `WorkersLost` where workers die again and
    again.
    """
    numbers = iter(range(len(planned.grid)) if todo is None else todo)
    packed = pickle.dumps(planned, pickle.HIGHEST_PROTOCOL)
    size = planned.batch(workers.in_flight)
    waiting: deque[tuple[list[int], Future[list[Variant]] | None]] = deque()
    deaths = 0
    while True:
        try:
            _refill(waiting, numbers, size, packed, workers)
            if not waiting:
                return
            batch, future = waiting[0]
            assert future is not None
            found = workers.result(future)
        except BrokenExecutor:
            deaths += 1
            if deaths == MOST_DEATHS:
                place = ", ".join(f"{k}={v}" for k, v in planned.values(waiting[0][0][0]).items())
                raise WorkersLost(
                    f"a worker died {deaths} times, at {place} or soon after"
                ) from None
            workers.renew()
            waiting = deque((batch, _kept(future)) for batch, future in waiting)
            continue
        deaths = 0
        waiting.popleft()
        yield len(batch), found


def _refill(
    waiting: deque[tuple[list[int], Future[list[Variant]] | None]],
    numbers: Iterator[int],
    size: int,
    packed: bytes,
    workers: WorkerPool,
) -> None:
    """Have as many batches under way as keep the workers busy."""
    for place, (batch, future) in enumerate(waiting):
        if future is None:
            waiting[place] = batch, workers.submit(rows, packed, batch)
    while len(waiting) < workers.in_flight and (batch := list(islice(numbers, size))):
        waiting.append((batch, None))
        waiting[-1] = batch, workers.submit(rows, packed, batch)


def _kept(future: Future[list[Variant]] | None) -> Future[list[Variant]] | None:
    """A batch that was done before its worker died."""
    if future is None or not future.done() or future.cancelled() or future.exception() is not None:
        return None
    return future


def jobs_for(planned: Plan) -> int:
    """As many processes as there are cores, fewer where each would have little to do."""
    return max(1, min(cores(), int(len(planned.grid) * planned.seconds / SECONDS_A_PROCESS)))


def rows(packed: bytes, numbers: Sequence[int]) -> list[Variant]:
    """The task: the points of a batch that satisfy the conditions."""
    planned, variants = _unpacked(packed)
    made = (variants.variant(planned.grid.texts(n), planned.values(n)) for n in numbers)
    return [variant for variant in made if planned.conditions.hold(variant.figure)]


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> tuple[Plan, Variants]:
    """Once in every process."""
    planned: Plan = pickle.loads(packed)  # noqa: S301  (what `stream` packed)
    return planned, Variants(planned.document, planned.given, with_fields=planned.with_fields)


def _checked(axis: Axis, variants: Variants) -> Axis:
    """An axis whose values can be set, volumes written out. Raises `UsageError`."""
    if axis.key != ROUNDING and axis.key.partition(".")[0] != INPUT:
        return axis
    if len(axis) > MOST_VOLUMES:
        raise UsageError(f"{axis.key}: {len(axis):,} values; there may be {MOST_VOLUMES:,}")
    texts = [axis.text(index) for index in range(len(axis))]
    if axis.key == ROUNDING:
        for text in texts:
            if text not in tuple(Rounding):
                near = did_you_mean(text, Rounding) or ("it is exact, floor or ceil",)
                raise UsageError(f"rounding={text}: {near[0]}")
        return axis
    volumes = [variants.written_out(axis.key, text) for text in texts]
    if volumes == texts:
        return axis
    written: dict[str, str] = {}
    for volume, text in zip(volumes, texts, strict=True):
        if volume in written:
            raise UsageError(f"{axis.key}: {written[volume]} and {text} are the same volume")
        written[volume] = text
    return Axis(axis.key, [listed(zip(volumes, volumes, strict=True))])


def _refuse_unknown(planned: Plan, variants: Variants) -> None:
    """Raises `UsageError` for a key that means nothing at the first point, nor at the last: layers
    may come and go with what varies."""
    first = variants.unknown(planned.grid.texts(0))
    if first is not None and variants.unknown(planned.grid.texts(len(planned.grid) - 1)):
        raise UsageError(first)
