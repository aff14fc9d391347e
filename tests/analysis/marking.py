"""Receptive fields by marking: on one axis, each position carries the pixels it depends on.

A layer takes a line of marks to another, tap by tap. What depends on anything beyond a border is
marked with BORDER; the pixels of all other positions are what a receptive field speaks of. No
formula of the package stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import pairwise
from math import floor

from tests.windows import adaptive_windows, same_padding

Marks = frozenset[int]
Line = list[Marks]
Layer = Callable[[Line], Line]

BORDER = -(10**9)
OUTSIDE: Marks = frozenset({BORDER})


def pixels(width: int) -> Line:
    """The input: each pixel depends on itself."""
    return [frozenset({pixel}) for pixel in range(width)]


def at(line: Line, position: int) -> Marks:
    return line[position] if 0 <= position < len(line) else OUTSIDE


def gathered(marks: Iterable[Marks]) -> Marks:
    return frozenset().union(*marks)


def slide(
    kernel: int, stride: int = 1, before: int = 0, after: int = 0, dilation: int = 1
) -> Layer:
    """Conv and pool, rounding down."""

    def layer(line: Line) -> Line:
        starts = range(-before, len(line) + after - dilation * (kernel - 1), stride)
        return [gathered(at(line, s + tap * dilation) for tap in range(kernel)) for s in starts]

    return layer


def slide_same(kernel: int, stride: int = 1, dilation: int = 1) -> Layer:
    """The same with TensorFlow's padding, which depends on the width."""

    def layer(line: Line) -> Line:
        before, after = same_padding(len(line), kernel, stride, dilation)
        return slide(kernel, stride, before, after, dilation)(line)[: -(-len(line) // stride)]

    return layer


def stamp(kernel: int, stride: int = 1, cut: int = 0, more: int = 0, dilation: int = 1) -> Layer:
    """Transposed convolution: position i stamps tap t onto i·stride + t·dilation - cut."""

    def layer(line: Line) -> Line:
        width = (len(line) - 1) * stride + (kernel - 1) * dilation + 1 - 2 * cut + more
        return stamped(line, kernel, stride, dilation, cut, width)

    return layer


def stamp_same(kernel: int, stride: int = 1, dilation: int = 1) -> Layer:
    """The layer whose gradient is a `same` convolution of `stride` times as many pixels."""

    def layer(line: Line) -> Line:
        width = len(line) * stride
        before, _ = same_padding(width, kernel, stride, dilation)
        return stamped(line, kernel, stride, dilation, before, width)

    return layer


def stamped(line: Line, kernel: int, stride: int, dilation: int, cut: int, width: int) -> Line:
    reach = kernel * dilation
    marks: dict[int, list[Marks]] = {}
    for i in range(-reach, len(line) + reach):
        for tap in range(kernel):
            marks.setdefault(i * stride + tap * dilation - cut, []).append(at(line, i))
    return [gathered(marks.get(o, [])) for o in range(width)]


def repeat(scale: int) -> Layer:
    """Nearest upsampling, and depth to space."""
    return lambda line: [marks for marks in line for _ in range(scale)]


def resize(size: int) -> Layer:
    """Nearest: PyTorch's `nearest` reads floor(o·W/n)."""
    return lambda line: [line[floor(Fraction(o * len(line), size))] for o in range(size)]


def interpolate(size: int) -> Layer:
    """Linear with half-pixel centres: both neighbours, or one where a centre is met."""

    def layer(line: Line) -> Line:
        marks = []
        for o in range(size):
            centre = (o + Fraction(1, 2)) * len(line) / size - Fraction(1, 2)
            left = floor(centre)
            marks.append(gathered(at(line, i) for i in {left, left + (centre != left)}))
        return marks

    return layer


def upsample_linearly(scale: int) -> Layer:
    return lambda line: interpolate(len(line) * scale)(line)


def pad(before: int, after: int) -> Layer:
    return lambda line: [OUTSIDE] * before + line + [OUTSIDE] * after


def crop(before: int, after: int) -> Layer:
    return lambda line: line[before : len(line) - after]


def adaptive(size: int) -> Layer:
    return lambda line: [gathered(line[i] for i in w) for w in adaptive_windows(len(line), size)]


def same(line: Line) -> Line:
    return line


def chain(*layers: Layer) -> Layer:
    def layer(line: Line) -> Line:
        for one in layers:
            line = one(line)
        return line

    return layer


def merge(*branches: Layer) -> Layer:
    """What depends on any branch."""

    def layer(line: Line) -> Line:
        ends = [branch(line) for branch in branches]
        assert len({len(end) for end in ends}) == 1
        return [gathered(marks) for marks in zip(*ends, strict=True)]

    return layer


def inside(line: Line) -> dict[int, Marks]:
    """The positions that depend on something, and on nothing beyond a border."""
    return {o: marks for o, marks in enumerate(line) if marks and BORDER not in marks}


def size(line: Line) -> int:
    """The most pixels from the first to the last one that a position depends on."""
    return max(map(seen, inside(line).values()))


def stride_and_padding(line: Line, period: int) -> tuple[Fraction, Fraction]:
    """Pixels from one position to the next, and how far before pixel 0 position 0 would begin.

    Read off every `period`-th position, where what a position depends on repeats itself.
    """
    starts = {o: min(marks) for o, marks in inside(line).items() if o % period == 0}
    steps = {(starts[b] - starts[a], b - a) for a, b in pairwise(sorted(starts))}
    (advance, positions) = min(steps, key=lambda step: step[1])
    stride = Fraction(advance, positions)
    (padding,) = {o * stride - start for o, start in starts.items()}
    return stride, padding


def centre(line: Line, period: int, stride: Fraction) -> Fraction:
    """Where position 0 is centred: what each of `period` positions looks at the middle of, less
    its distance from position 0, on average."""
    found: dict[int, Fraction] = {}
    for o, marks in inside(line).items():
        middle = Fraction(min(marks) + max(marks), 2) - o * stride
        assert found.setdefault(o % period, middle) == middle
    return sum(found.values(), Fraction(0)) / len(found)


def first_reads(line: Line, period: int) -> bool:
    """Whether the first of each `period` positions depends on anything."""
    return all(line[::period])


def agree(line: Line, *branches: Layer, period: int = 4) -> bool:
    """Whether all branches look at the same centre from every position inside, or are causal."""
    ends = [branch(line) for branch in branches]
    within = [inside(end) for end in ends]
    centres = [{o: min(m) + max(m) for o, m in positions.items()} for positions in within]
    shared = set(centres[0]).intersection(*centres)
    assert len(shared) > 1
    if all(len({centre[o] for centre in centres}) == 1 for o in shared):
        return True
    return end_together(line, [{o: marks[o] for o in shared} for marks in within], ends, period)


def end_together(line: Line, within: list[dict[int, Marks]], ends: list[Line], period: int) -> bool:
    """Whether all depend on the same last pixel from every position inside, the first pixels are
    the same number of whole steps apart everywhere (or nothing depends on a later pixel than its
    own), and the one that sees least reaches as far in front of the line as after it."""
    if any(len({max(marks[o]) for marks in within}) > 1 for o in within[0]):
        return False
    number = min(range(len(within)), key=lambda n: max(map(seen, within[n].values())))
    shortest, last = within[number], len(ends[number]) - 1
    some = next(o for o in sorted(shortest) if o + period in shortest)
    step = Fraction(max(shortest[some + period]) - max(shortest[some]), period)
    front = next(o * step - min(m) for o, m in sorted(shortest.items()) if o % period == 0)
    back = next(max(m) + (last - o) * step for o, m in sorted(shortest.items())
                if (last - o) % period == 0)  # fmt: skip
    if front < back - (len(line) - 1):
        return False
    if all(max(marks) <= o * step for o, marks in shortest.items()):
        return True
    apart = [{min(shortest[o]) - min(marks[o]) for o in shortest} for marks in within]
    return all(len(steps) == 1 and max(steps) % step == 0 for steps in apart)


def seen(marks: Marks) -> int:
    return max(marks) - min(marks) + 1
