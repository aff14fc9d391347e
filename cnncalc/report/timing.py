"""What was measured when a network ran: frozen data beside the report's own numbers.

Measured by `execution`; also the sums that folding rows needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cnncalc.report.execution_plan import ExecutionPlan
from cnncalc.report.roofline import Roof, Roofline, joined


class LayerTime(NamedTuple):
    """A layer's part of a run. Times are seconds for the whole batch.

    `seconds` is the median over the repetitions, `share` its part of the sum over all layers.
    `flops_per_second` are the FLOPs counted for the layers that were computed in this time, folded
    ones left out; `of_peak` their part of what the machine can do. `macs` are those executed. A
    layer that another one's step computes has no time: `computed_in` names that layer. `algorithm`
    is a word or two; it is empty where nothing was executed, and then there is no time either.
    """

    algorithm: str = ""
    seconds: float | None = None
    share: float | None = None
    flops_per_second: float | None = None
    of_peak: float | None = None
    macs: int | None = None
    computed_in: str | None = None
    flops: int = 0
    """What `flops_per_second` is made of."""
    roof: Roof | None = None
    """Its place under the roofline, where that was asked for."""

    @property
    def of_roof(self) -> float | None:
        """The predicted part of the time: 1 where the layer is as fast as the machine allows."""
        if self.roof is None or not self.roof.predicted or not self.seconds:
            return None
        return self.roof.predicted / self.seconds

    @property
    def gflops(self) -> float | None:
        """`flops_per_second` in units of 10^9."""
        return None if self.flops_per_second is None else self.flops_per_second / 10**9


class Spread(NamedTuple):
    """Seconds: half of the repetitions took at most `median`, a tenth at most `p10`, nine tenths
    at most `p90`."""

    median: float
    p10: float
    p90: float


class Interval(NamedTuple):
    """Seconds that a median lies between, with this probability."""

    low: float
    high: float
    confidence: float


class Verified(NamedTuple):
    """The largest error of an output, and its largest number, by the reference in double precision;
    `largest` is None where the reference makes infinities or NaNs, which are left out."""

    output: str
    error: float
    largest: float | None


class Effort(NamedTuple):
    """What all measured runs took beside the clock. `processor` are the seconds that all threads
    had of cores, for a run; `on_core` is the part of the time in which the thread that began a run
    was on one. `preemptions` are those of all runs, None where the system does not count them, and
    `a_second` how many there were in a second."""

    processor: float
    on_core: float
    preemptions: int | None
    a_second: float | None

    @property
    def disturbed(self) -> bool:
        """Whether others had the cores so often that times say more of them."""
        return self.on_core < LEAST_ON_CORE or (self.a_second or 0.0) > MOST_PREEMPTIONS


LEAST_ON_CORE = 0.95
MOST_PREEMPTIONS = 50
"""A second: a quiet system needs some itself."""


class Run(NamedTuple):
    """A network's run as a whole. `peak` is the machine's in FLOP/s with so many threads, measured
    and not looked up, None where it is not known; `planning` and `compiling` are the seconds
    that the plan took, and all that was made ready for it: weights, code. `memory` is the
    estimate in bytes. `declared` names the layers that cannot be executed."""

    backend: str
    threads: int
    seed: int
    folded: bool
    repeats: int
    warmups: int
    latency: Spread
    images_per_second: float
    flops_per_second: float
    peak: float | None
    planning: float
    compiling: float
    memory: int
    declared: tuple[str, ...]
    roofline: Roofline | None = None
    """What the machine allows, where that was asked for."""
    plan: ExecutionPlan | None = None
    """How it was carried out, where that was asked for."""
    remark: str = ""
    """What is to be said where another backend than the one asked for computed, or nothing is kept
    for later runs: lines."""
    interval: Interval | None = None
    """Where the median lies; None of one run."""
    effort: Effort | None = None
    first: float | None = None
    """Seconds of the very first run, before caches and memory were warm; it is a warm-up run, or
    the first one measured where there is none."""
    memory_peak: int | None = None
    """The most bytes that the process took for it, None where the system does not say."""
    algorithms: str = "fastest"
    """Which were allowed."""
    verified: tuple[Verified, ...] | None = None
    """The errors of all outputs, where that was asked for."""

    @property
    def of_peak(self) -> float | None:
        """The part of the machine's peak that was reached."""
        return self.flops_per_second / self.peak if self.peak else None

    @property
    def preparation(self) -> float:
        """Seconds until the first run."""
        return self.planning + self.compiling

    @property
    def of_roof(self) -> float | None:
        """The predicted part of the latency."""
        return self.roofline.predicted / self.latency.median if self.roofline else None


def together(times: Sequence[LayerTime]) -> LayerTime | None:
    """One time for several layers, a sum; None where there are none."""
    if not times:
        return None
    timed = [time for time in times if time.seconds is not None]
    if not timed:
        return times[0]
    seconds = sum(time.seconds or 0.0 for time in timed)
    flops = sum(time.flops for time in timed)
    rate = flops / seconds if flops and seconds else None
    peak = next((t.flops_per_second / t.of_peak for t in timed
                 if t.flops_per_second and t.of_peak), None)  # fmt: skip
    words = list(dict.fromkeys(time.algorithm for time in timed))
    return LayerTime(
        algorithm=", ".join(words) if len(words) < 4 else f"{len(words)} algorithms",
        seconds=seconds,
        share=sum(time.share or 0.0 for time in timed),
        flops_per_second=rate,
        of_peak=rate / peak if rate and peak else None,
        macs=sum(time.macs or 0 for time in timed),
        flops=flops,
        roof=joined(time.roof for time in timed if time.roof is not None),
    )
