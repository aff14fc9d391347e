"""A table of cases that is one test fails with each of its cases."""

from __future__ import annotations

import inspect

import pytest

from tests.together import together


def test_every_case_is_tried() -> None:
    seen = []

    @together("x", [1, 2])
    @together(("y", "z"), [(3, 4), (5, 6)])
    def test(x: int, y: int, z: int, fixture: str) -> None:
        seen.append((x, y, z, fixture))

    assert list(inspect.signature(test).parameters) == ["fixture"]
    test(fixture="f")
    assert seen == [(1, 3, 4, "f"), (1, 5, 6, "f"), (2, 3, 4, "f"), (2, 5, 6, "f")]


def test_all_that_fail_are_reported() -> None:
    @together("x", [1, 2, 3, 4])
    def test(x: int) -> None:
        if x == 4:
            pytest.fail("four")
        assert x % 2 == 0

    with pytest.raises(ExceptionGroup, match="3 of 4 cases") as failed:
        test()
    reported = [error.__notes__ for error in failed.value.exceptions]
    assert reported == [["the case: {'x': 1}"], ["the case: {'x': 3}"], ["the case: {'x': 4}"]]


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(AssertionError, match="without cases"):
        together("x", [])
    with pytest.raises(AssertionError, match="no such argument"):
        together("y", [1])(lambda x: None)
