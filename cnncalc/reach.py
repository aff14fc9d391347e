"""Which inputs an output depends on, along one axis: what receptive fields are made of.

A `Reach` says for every output position o the first and the last input position it reads. All that
slides, stretches, shifts or resamples is quasi-periodic, low(o + period) = low(o) + advance, so a
reach is exact with a few numbers, through transposed and fractional steps and dilated taps too.
Follows the recurrences of Araujo, Norris & Sim, "Computing Receptive Fields of Convolutional Neural
Networks", Distill 2019, which are its case period = 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm
from typing import NamedTuple

from cnncalc.geometry import Window

LONGEST_PERIOD = 512
"""Beyond this many phases a reach is not worked out (None), nor a receptive field."""


class Reach(NamedTuple):
    """low(o) and high(o) for o = 0 … period - 1; both grow by `advance` every `period`.

    low > high marks an output that reads nothing, as in the gaps of a transposed window. `step`
    pixels lie from one position read to the next, 1 unless a kernel is dilated.
    """

    period: int
    advance: int
    lows: tuple[int, ...]
    highs: tuple[int, ...]
    step: int = 1

    def low(self, position: int) -> int:
        turns, phase = divmod(position, self.period)
        return self.lows[phase] + turns * self.advance

    def high(self, position: int) -> int:
        turns, phase = divmod(position, self.period)
        return self.highs[phase] + turns * self.advance

    @property
    def size(self) -> int:
        """The most input pixels between the first and the last one read, both included."""
        widest = max(high - low for low, high in zip(self.lows, self.highs, strict=True))
        return max(widest + 1, 0)

    @property
    def stride(self) -> Fraction:
        """Input pixels from one output position to the next."""
        return _ratio(self.advance, self.period)

    @property
    def padding(self) -> int:
        """How far the first output reaches in front of the input (negative: it starts inside)."""
        return -self.lows[0]

    @property
    def offset(self) -> Fraction:
        """Where position 0 would be centred if all positions were equally far apart: position o is
        centred on offset + o·stride, on average where they differ."""
        return _offset(self)

    def centres(self, period: int) -> tuple[int, ...]:
        """Twice the centre of each of the first `period` outputs."""
        return tuple(self.low(o) + self.high(o) for o in range(period))


@lru_cache(maxsize=256)
def _ratio(advance: int, period: int) -> Fraction:
    """One object for each stride: a hundred thousand layers have few different ones."""
    return Fraction(advance, period)


@lru_cache(maxsize=1024)
def _offset(reach: Reach) -> Fraction:
    ends = list(enumerate(zip(reach.lows, reach.highs, strict=True)))
    # Where no position reads anything, there are only places between pixels to go by.
    read = [end for end in ends if end[1][0] <= end[1][1]] or ends
    centres = [Fraction(low + high, 2) - o * reach.stride for o, (low, high) in read]
    return sum(centres, Fraction(0)) / len(centres)


LARGEST_WORK = 2**16
"""Steps that composing two reaches may take."""


def of_axes(axes: Iterable[Reach | None]) -> tuple[Reach, ...] | None:
    """The reaches of all axes, or None where one of them is unknown."""
    known = tuple(axes)
    return None if None in known else known  # type: ignore[return-value]


IDENTITY = Reach(1, 1, (0,), (0,))


def window(w: Window) -> Reach:
    """A sliding window: o reads from o·S - P to o·S - P + E - 1."""
    return Reach(1, w.stride, (-w.before,), (w.effective - 1 - w.before,), w.dilation)


def shift(offset: int) -> Reach:
    """o reads o + offset: padding shifts by -before, cropping by +before."""
    return Reach(1, 1, (offset,), (offset,))


def stretch(scale: int) -> Reach | None:
    """Nearest upsampling: o reads o // scale."""
    if scale > LONGEST_PERIOD:
        return None
    return Reach(scale, 1, (0,) * scale, (0,) * scale)


@lru_cache(maxsize=256)
def transposed(w: Window) -> Reach | None:
    """A transposed window: o reads every i with o = i·S - P + d·D for a tap d < F."""
    if w.stride > LONGEST_PERIOD or w.stride * w.kernel > LARGEST_WORK:
        return None
    lows, highs = [], []
    for o in range(w.stride):
        taps = [o + w.before - d * w.dilation for d in range(w.kernel)]
        read = [tap // w.stride for tap in taps if tap % w.stride == 0]
        # Nothing read: an empty range between the neighbours.
        lows.append(min(read) if read else (o + w.before) // w.stride + 1)
        highs.append(max(read) if read else lows[-1] - 1)
    step = w.dilation // gcd(w.dilation, w.stride)
    return Reach(w.stride, 1, tuple(lows), tuple(highs), step)


@lru_cache(maxsize=256)
def resampled(width: int, positions: int, *, interpolated: bool = False) -> Reach | None:
    """Resizing `width` pixels to `positions`: nearest reads floor(o·W/n), linear its two neighbours
    around (o + 1/2)·W/n - 1/2 (half-pixel centres), borders not clamped."""
    common = gcd(width, positions)
    period, advance = positions // common, width // common
    if period > LONGEST_PERIOD:
        return None
    if not interpolated:
        lows = tuple(o * width // positions for o in range(period))
        return Reach(period, advance, lows, lows)
    scaled = [(2 * o + 1) * width - positions for o in range(period)]
    return Reach(
        period,
        advance,
        tuple(x // (2 * positions) for x in scaled),
        tuple(-(-x // (2 * positions)) for x in scaled),
    )


@lru_cache(maxsize=256)
def adaptive(width: int, positions: int) -> Reach | None:
    """Adaptive pooling: o reads from floor(o·W/n) to ceil((o + 1)·W/n) - 1."""
    common = gcd(width, positions)
    period = positions // common
    if period > LONGEST_PERIOD:
        return None
    return Reach(
        period,
        width // common,
        tuple(o * width // positions for o in range(period)),
        tuple(-(-(o + 1) * width // positions) - 1 for o in range(period)),
    )


@lru_cache(maxsize=4096)
def compose(inner: Reach, outer: Reach) -> Reach | None:
    """What `outer`'s outputs read of `inner`'s input; None past `LONGEST_PERIOD`."""
    if inner.period == outer.period == 1:
        return Reach(
            1,
            inner.advance * outer.advance,
            (inner.lows[0] + outer.lows[0] * inner.advance,),
            (inner.highs[0] + outer.highs[0] * inner.advance,),
        )
    turns = inner.period // gcd(inner.period, outer.advance)
    period = outer.period * turns
    if period > LONGEST_PERIOD or period * inner.period > LARGEST_WORK:
        return None
    advance = outer.advance * turns // inner.period * inner.advance
    lows, highs = [], []
    for o in range(period):
        first = outer.low(o)
        read = range(first, outer.high(o) + 1, outer.step)
        # Within one period of either end lies the extreme; what reads nothing is passed over.
        near, far = read[: inner.period], read[-inner.period :]
        low = min((inner.low(m) for m in near if inner.low(m) <= inner.high(m)), default=None)
        high = max((inner.high(m) for m in far if inner.low(m) <= inner.high(m)), default=None)
        lows.append(inner.low(first) if low is None else low)
        highs.append(lows[-1] - 1 if high is None else high)
    return Reach(period, advance, tuple(lows), tuple(highs))


class Ends(NamedTuple):
    """Pixels of an axis of the input, and positions that read it."""

    width: int
    positions: int

    def faces_back(self, reach: Reach) -> bool:
        """Whether the positions reach as far in front of the input as after it, or farther."""
        return -reach.low(0) >= reach.high(self.positions - 1) - (self.width - 1)


def join(branches: tuple[Reach, ...], ends: Ends | None = None) -> tuple[Reach, bool]:
    """The reach over all branches, and whether they agree in stride and in where they look: at the
    same centre, or, where `ends` are known, at the same last pixel (`end_together`).

    Branches of different strides have no common reach: the largest stands for them.
    """
    if all(branch == branches[0] for branch in branches[1:]):
        return branches[0], True
    largest = max(branches, key=lambda branch: branch.size)
    if any(branch.stride != largest.stride for branch in branches):
        return largest, False
    period = lcm(*(branch.period for branch in branches))
    if period > LONGEST_PERIOD:
        return largest, False
    joined = Reach(
        period,
        int(largest.stride * period),
        tuple(min(branch.low(o) for branch in branches) for o in range(period)),
        tuple(max(branch.high(o) for branch in branches) for o in range(period)),
    )
    if len({branch.centres(period) for branch in branches}) == 1:
        return joined, True
    return joined, ends is not None and end_together(branches, period, ends)


def end_together(branches: tuple[Reach, ...], period: int, ends: Ends) -> bool:
    """Whether branches of one stride are aligned as causal ones are: they end with the same pixel
    and begin as many whole steps apart everywhere, and the shortest faces back.

    Where it does not, as after a crop in front, it is the shortest that was moved. Steps need not
    be whole where no position looks ahead of its own pixel.
    """
    positions = range(period)
    if len({tuple(branch.high(o) for o in positions) for branch in branches}) > 1:
        return False
    shortest = min(branches, key=lambda branch: branch.size)
    if not ends.faces_back(shortest):
        return False
    step = shortest.stride
    if all(shortest.high(o) <= o * step for o in positions):
        return True
    lags = [{shortest.low(o) - branch.low(o) for o in positions} for branch in branches]
    return all(len(lag) == 1 and max(lag) % step == 0 for lag in lags)
