"""Repeating sets against lists of their numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnncalc.sizes.residues import Residues, woven

SPAN = range(-100, 400)


@st.composite
def sets(draw: st.DrawFn) -> Residues:
    period = draw(st.integers(1, 12))
    residues = draw(st.sets(st.integers(0, period - 1)))
    isolated = draw(st.sets(st.integers(-20, 20), max_size=3))
    return Residues(period, tuple(sorted(residues)), frozenset(isolated))


@given(st.integers(1, 6), st.data())
def test_woven(stride: int, data: st.DataObject) -> None:
    places = data.draw(st.sets(st.integers(0, stride - 1), min_size=1))
    parts = {place: data.draw(sets()) for place in places}
    whole = woven(parts, stride)
    for n in SPAN:
        turn, place = divmod(n, stride)
        assert (n in whole) == (place in parts and turn in parts[place])


@given(sets())
def test_the_period_is_the_smallest(some: Residues) -> None:
    whole = woven({0: some}, 1)
    repeating = [n for n in SPAN if whole.repeats(n)]
    for shorter in range(1, whole.period):
        assert any((n % shorter) != (m % shorter) or not whole.repeats(n + shorter)
                   for n in repeating for m in repeating[:1]) or not repeating  # fmt: skip


@given(sets(), st.integers(-30, 30))
def test_shifted(some: Residues, by: int) -> None:
    moved = some.shifted(by)
    assert all((n + by in moved) == (n in some) for n in SPAN)


@given(sets())
def test_ranks(some: Residues) -> None:
    if some.residues:
        members = [n for n in range(200) if some.repeats(n)]
        assert [some.member(rank) for rank in range(10)] == members[:10]
        assert all(some.member(some.rank_of(n)) == min(m for m in members if m >= n)
                   for n in range(100))  # fmt: skip
