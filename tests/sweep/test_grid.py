"""Grids: what is written, what is refused, and points by number."""

from __future__ import annotations

from itertools import product

import pytest

from cnncalc.errors import UsageError
from cnncalc.sweep.grid import Cell, axis, grid
from tests.together import together


@together(
    ("values", "cells"),
    [
        ("0.5,0.75,1.0", [0.5, 0.75, 1.0]),
        ("160..224:32", [160, 192, 224]),
        ("1..4", [1, 2, 3, 4]),
        ("1..10:4", [1, 5, 9]),
        ("0.5..1:0.25", [0.5, 0.75, 1.0]),
        ("-2..2:2", [-2, 0, 2]),
        ("1..3,8,16..32:16", [1, 2, 3, 8, 16, 32]),
        ("224x160x3, 7", ["224x160x3", 7]),
        ("true,false,null", [True, False, None]),
        ("[1, 2],[2,1]", ["[1, 2]", "[2,1]"]),
        ("'a,b',c", ["'a,b'", "c"]),
        ("7", [7]),
        ([1, 2.5, True, None, "same", (1, 2)], [1, 2.5, True, None, "same", "[1, 2]"]),
        (range(3), [0, 1, 2]),
        ("1,1.0,true", [1, 1.0, True]),
    ],
)
def test_values(values: object, cells: list[Cell]) -> None:
    made = axis("k", values)
    found = [made.cell(index) for index in range(len(made))]
    assert found == cells
    assert list(map(type, found)) == list(map(type, cells))
    assert [made.find(cell) for cell in cells] == list(range(len(cells)))


def test_decimals_are_exact() -> None:
    made = axis("k", "0.1..0.9:0.1")
    assert [made.text(index) for index in range(len(made))] == [f"0.{n}" for n in range(1, 10)]


@pytest.mark.parametrize("cell", [0, 225, 161, 160.0, True, "160", None])
def test_what_is_not_there(cell: Cell) -> None:
    assert axis("k", "160..224:32").find(cell) is None


@together(
    ("values", "message"),
    [
        ("", "there is no value"),
        ([], "there is no value"),
        ("1,,2", "there is no value"),
        ("3..1", "the range is empty"),
        ("1..3:0", "the step must be more than 0"),
        ("1..3:-1", "the step must be more than 0"),
        ("0.5..1", "needs a step, such as 0.5..1:0.25"),
        ("1,2,1", "1 comes twice"),
        ("0.5,0.50", "0.50 comes twice"),
        ("1..4,3", "3 comes twice"),
        ("3,1..4", "1..4 comes twice"),
        ("1..4,4..8", "4..8 comes twice"),
        ("[1", "k=[1"),
        (7, "not 7"),
    ],
)
def test_refused(values: object, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        axis("k", values)
    assert message in str(raised.value)


def test_points_by_number() -> None:
    made = grid({"a": "1..3", "b": "0.5,1.0", "c": "x,y"})
    expected = list(product([1, 2, 3], [0.5, 1.0], ["x", "y"]))
    assert [made.cells(number) for number in range(len(made))] == expected
    assert [made.number(made.indices(n)) for n in range(len(made))] == list(range(12))
    assert made.texts(3) == {"a": "1", "b": "1.0", "c": "y"}


def test_a_large_grid_is_not_laid_out() -> None:
    made = grid({"a": "1..10000", "b": "0.0001..1.0:0.0001"})
    assert len(made) == 10**8
    assert made.cells(10**8 - 1) == (10000, 1.0)
    with pytest.raises(UsageError, match="a grid of 100,010,000 points"):
        grid({"a": "1..10001", "b": "0.0001..1.0:0.0001"})


def test_nothing_varies() -> None:
    with pytest.raises(UsageError, match="nothing varies"):
        grid({})
