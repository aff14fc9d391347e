"""How many pixels are read, against marking the pixels of every window."""

from __future__ import annotations

import re
from itertools import product
from random import Random

import cnncalc
from tests.networks import written
from tests.windows import TooLarge, windows


def pixels_read(sides: tuple[int, ...], axes: list[tuple[int, int, int, int]]) -> int:
    """Marks every pixel of every window on a map of `sides`; axes are kernel, stride, padding and
    dilation."""
    lines = [
        windows(side, kernel, stride, padding, padding, dilation, "floor")
        for side, (kernel, stride, padding, dilation) in zip(sides, axes, strict=True)
    ]
    marked = {pixel for rest in product(*lines) for pixel in product(*rest)}
    return sum(all(0 <= p < side for p, side in zip(pixel, sides, strict=True)) for pixel in marked)


def test_numbers_are_those_of_marking_every_window() -> None:
    random = Random(1)
    reported = quiet = 0
    for _ in range(300):
        sides = (random.randint(5, 12), random.randint(5, 12))
        axes = [
            (random.randint(1, 3), random.randint(1, 4), random.randint(0, 1), random.randint(1, 3))
            for _ in sides
        ]
        kernel, stride, padding, dilation = (list(option) for option in zip(*axes, strict=True))
        try:
            read = pixels_read(sides, axes)
        except TooLarge:
            continue
        conv = {"filters": 2, "kernel": kernel, "stride": stride, "padding": padding,
                "dilation": dilation}  # fmt: skip
        text = written([*sides, 3], {"conv": conv}, rounding="floor")
        found = [d for d in cnncalc.loads(text).diagnostics if d.code == "unread-pixels"]
        there = sides[0] * sides[1]
        if found:
            (message,) = (d.message for d in found)
            assert re.findall(r"(\d+) of the (\d+) pixels", message) == [(str(read), str(there))]
            assert f"the other {there - read}" in message
            reported += 1
        elif read < there:
            # Pixels behind the last window, or at the borders of dilated ones, but no gaps.
            assert all(s <= k or d > 1 for k, s, _, d in axes), axes
            quiet += 1
    assert reported > 50
    assert quiet > 10


def test_help_reads_every_pixel() -> None:
    """The network with what the help says has no such finding, and the same volume."""
    for stride, side in product(range(2, 6), range(8, 20)):
        layer = {"filters": 2, "kernel": 1, "stride": stride}
        before = cnncalc.loads(written([side, side, 3], {"conv": layer}, rounding="floor"))
        for help in (line for d in before.diagnostics for line in d.help):
            found = re.fullmatch(r"with kernel (\d+)(?: and padding (\d+))? they read .*", help)
            assert found
            mended = {**layer, "kernel": int(found[1]), "padding": int(found[2] or 0)}
            after = cnncalc.loads(written([side, side, 3], {"conv": mended}))
            assert after.diagnostics == ()
            assert after.rows[0].output_shape == before.rows[0].output_shape
