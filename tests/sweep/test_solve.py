"""Solving for one key: against trying every value, and what is said where that was not done."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc import Solution
from cnncalc.errors import UsageError
from cnncalc.network import Network
from cnncalc.sweep.solve import solve
from cnncalc.sweep.variants import Given
from cnncalc.yaml.source import Source

NET = """\
input: 16x16x3
rounding: floor
vars: {width: 1.0, filters: 8, kernel: 1, turn: 0}
layers:
  - {name: stem, conv: {filters: $(int(8 * width)), kernel: 3}}
  - {name: body, conv: {filters: $filters, kernel: $kernel}}
  - {name: odd, conv: {filters: $(1 + 1000 * (turn % 7)), kernel: 1}}
"""


def solved(key: str, where: str, *, over: object = None, smallest: bool = False) -> Solution:
    document = Network.parsed(Source("net.yaml", NET)).document
    assert document is not None
    return solve(document, Given(), key, where, over=over, smallest=smallest)


@pytest.mark.parametrize("smallest", [False, True])
@pytest.mark.parametrize(
    ("key", "over", "figure", "bound"),
    [
        ("width", "0.25..4:0.05", "macs", 150_000),
        ("filters", "1..200", "params", 1000),
        ("kernel", "1..20", "macs", 150_000),
        ("input", "3..40", "peak", 50_000),
        ("turn", "0..60", "params", 30_000),
        ("stem.stride", "1..20", "macs", 20_000),
        ("conv.*.dilation", "1..9", "macs", 10_000),
    ],
)
def test_is_what_trying_all_finds(
    key: str, over: str, figure: str, bound: int, smallest: bool
) -> None:
    where = f"{figure} {'>=' if smallest else '<='} {bound}"
    found = solved(key, where, over=over, smallest=smallest)
    rows = list(_swept(key, over, where))
    values = [row.values[key] for row in rows]
    if key == "input":
        values = [int(str(value).split("x")[0]) for value in values]
    assert values
    assert found.value == (values[0] if smallest else values[-1])
    assert found.exhaustive
    assert found.variant is not None
    assert found.variant.figure(figure) == rows[0 if smallest else -1].figure(figure)


def _swept(key: str, over: str, where: str) -> list[cnncalc.Variant]:
    from cnncalc.sweep.sweep import plan, stream
    from cnncalc.workers.pool import worker_pool

    document = Network.parsed(Source("net.yaml", NET)).document
    assert document is not None
    with worker_pool() as workers:
        planned = plan(document, Given(), {key: over}, where)
        return [row for _, rows in stream(planned, workers) for row in rows]


def test_the_value_known_from_the_file() -> None:
    found = cnncalc.solve("mobilenet_v2", "width", "macs <= 300M")
    assert found.value == 0.98
    assert found.exhaustive
    assert found.monotone
    assert not found.notes
    assert found.beyond is not None
    assert found.beyond.values == {"width": 0.99}
    assert (found.beyond.macs or 0) > 300_000_000


@pytest.mark.slow
def test_thousands_of_values_are_sampled() -> None:
    found = cnncalc.solve("resnet50", "classes", "params <= 30M", over="1..100000")
    last = (30_000_000 - 23_508_032) // 2049
    assert found.value == last
    assert found.monotone
    assert not found.exhaustive
    assert found.tried < 1000
    assert found.beyond is not None
    assert found.beyond.values == {"classes": last + 1}


def test_only_every_so_many_values_fit() -> None:
    found = cnncalc.solve("alexnet", "input", "macs <= 20G", over="1..5000")
    assert found.value == 899
    assert (found.value - 67) % 32 == 0
    assert any("do not fit" in note for note in found.notes)


def test_not_monotone() -> None:
    found = solved("turn", "params <= 30k", over="0..13")
    assert found.value == 10
    assert not found.monotone
    assert found.notes == (
        "the relation is not monotone: params falls from 54,305 at turn=6 to 305 at 7",
    )


def test_not_monotone_and_not_exhaustive() -> None:
    found = solved("turn", "params <= 30k", over="0..99999")
    assert not found.monotone
    assert not found.exhaustive
    assert "a larger value that was not tried may satisfy" in found.notes


def test_nothing_satisfies() -> None:
    found = solved("filters", "params <= 10", over="1..9")
    assert found.value is None
    assert found.variant is None
    assert found.beyond is None
    assert any(note.startswith("params goes from ") for note in found.notes)


def test_no_end() -> None:
    found = solved("filters", "params >= 1k")
    assert any("no end was found" in note for note in found.notes)


@pytest.mark.parametrize(
    ("key", "where", "over", "message"),
    [
        ("widht", "macs <= 1M", None, "did you mean `width`?"),
        ("widht", "macs <= 1M", "1..3", "did you mean `width`?"),
        ("stem.kernle", "macs <= 1M", None, "did you mean `kernel`?"),
        ("stem.activation", "macs <= 1M", None, "say what to search: --over 1..64"),
        ("rounding", "macs <= 1M", "floor,ceil", "only numbers are small or large"),
        ("width", "mac <= 1M", None, "did you mean `macs`?"),
        ("width", "macs <= 1 and macs >= 2", None, "contradict each other"),
        ("width", "macs <= 1M", "3..1", "the range is empty"),
    ],
)
def test_misuse(key: str, where: str, over: str | None, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        solved(key, where, over=over)
    assert message in str(raised.value)


def test_no_condition() -> None:
    with pytest.raises(UsageError, match="say what has to hold"):
        cnncalc.solve("lenet5", "input", [])
