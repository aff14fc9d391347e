"""Transposed windows seen from their outputs, against what every pixel stamps."""

from __future__ import annotations

from itertools import product

from cnncalc.execution.native.stamps import residues
from cnncalc.geometry import Window


def test_every_stamp_is_found_where_it_lands() -> None:
    for width, kernel, stride, before, dilation, extra in product(
        range(1, 5), range(1, 6), range(1, 5), range(4), range(1, 4), range(3)
    ):
        w = Window(kernel, stride, before, 0, dilation)
        positions = (width - 1) * stride + w.effective - before + extra
        stamps = {
            (i * stride + t * dilation - before, t, i)
            for i in range(width)
            for t in range(kernel)
            if 0 <= i * stride + t * dilation - before < positions
        }
        found = set()
        seen: list[int] = []
        for residue in residues(w, max(positions, 0)):
            seen += residue.positions
            low, high = residue.reached(width)
            for number, o in enumerate(residue.positions):
                for tap, step in zip(residue.taps, residue.steps, strict=True):
                    pixel = residue.begin + number + step
                    assert -low <= pixel < width + high
                    if 0 <= pixel < width:
                        found.add((o, tap, pixel))
        assert found == stamps
        assert sorted(seen) == list(range(positions))
