"""The operations: each has work in the reference, and those without kernels are known."""

from __future__ import annotations

from typing import get_args

from cnncalc.execution import operations as op
from cnncalc.execution.native.schedule.fusing import TAKES_FUNCTION, TAKES_SUMMAND
from cnncalc.execution.reference.backend import WORK


def test_every_operation_has_work_in_the_reference() -> None:
    assert set(WORK) == set(get_args(op.Operation))


def test_what_has_no_kernels_takes_nothing_into_them() -> None:
    assert set(op.BY_REFERENCE) < set(WORK)
    assert not set(op.BY_REFERENCE) & {*TAKES_FUNCTION, *TAKES_SUMMAND}
