"""Stamps that meet in an output pixel, counted one by one."""

from __future__ import annotations

import re
from collections import Counter
from itertools import product

import cnncalc
from tests.networks import written

WIDTH = 40


def stamps(kernel: int, stride: int, dilation: int) -> set[int]:
    """How many input pixels make an output pixel, over all output pixels far from the borders."""
    met = Counter(i * stride + tap * dilation for i, tap in product(range(WIDTH), range(kernel)))
    reach = dilation * (kernel - 1) + 1
    return {met[o] for o in range(reach, (WIDTH - 1) * stride - reach)}


def transposed(kernel: int, stride: int, dilation: int) -> tuple[cnncalc.Diagnostic, ...]:
    options = {"filters": 2, "kernel": kernel, "stride": stride, "dilation": dilation}
    return cnncalc.loads(written([WIDTH, 2], {"conv_transpose": options})).diagnostics


def test_reported_exactly_where_stamps_meet_unevenly_and_in_these_numbers() -> None:
    for kernel, stride, dilation in product(range(1, 8), range(1, 6), range(1, 5)):
        counts = stamps(kernel, stride, dilation)
        found = transposed(kernel, stride, dilation)
        assert bool(found) == (len(counts) > 1), (kernel, stride, dilation)
        for finding in found:
            assert finding.code == "uneven-transpose"
            said = re.search(r"of (\d+) input pixels? and some of (\d+|none)", finding.message)
            assert said
            assert {int(said[1]), int(said[2].replace("none", "0"))} == {min(counts), max(counts)}


def test_help_and_note_name_even_kernels() -> None:
    tried = 0
    for kernel, stride, padding in product(range(2, 8), range(2, 5), range(3)):
        for more in range(stride):
            options = {"filters": 2, "kernel": kernel, "stride": stride, "padding": padding,
                       "output_padding": more}  # fmt: skip
            before = cnncalc.loads(written([9, 2], {"conv_transpose": options}))
            for finding in before.diagnostics:
                noted = [int(word) for note in finding.notes for word in re.findall(r"\d+", note)]
                assert noted[0] == stride
                assert all(len(stamps(other, stride, 1)) == 1 for other in noted[1:])
                for help in finding.help:
                    change = dict(re.findall(r"(kernel|padding|output_padding) (\d+)", help))
                    mended = {**options, **{key: int(value) for key, value in change.items()}}
                    after = cnncalc.loads(written([9, 2], {"conv_transpose": mended}))
                    assert after.diagnostics == ()
                    assert after.rows[0].output_shape == before.rows[0].output_shape
                    tried += 1
    assert tried > 20
