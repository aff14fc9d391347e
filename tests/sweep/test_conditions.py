"""Conditions: what they say, what is refused, and which contradict each other."""

from __future__ import annotations

import pytest

from cnncalc.errors import UsageError
from cnncalc.sweep.conditions import conditions
from tests.together import together


@together(
    ("text", "holding", "failing"),
    [
        ("macs <= 300M", 300_000_000, 300_000_001),
        ("macs < 300M", 299_999_999, 300_000_000),
        ("macs >= 1k", 1000, 999),
        ("macs > 1k", 1001, 1000),
        ("macs>1.0005k", 1001, 1000),
        ("macs == 7", 7, 8),
        ("macs = 7", 7, 6),
        ("macs 7", 7, 6),
        ("macs in 0.7G..0.8G", 750_000_000, 800_000_001),
        ("macs == 1k..2k", 2000, 999),
        ("macs <= 8MiB", 8 * 2**20, 8 * 2**20 + 1),
    ],
)
def test_bounds(text: str, holding: int, failing: int) -> None:
    wanted = conditions(text)
    assert wanted.names == ("macs",)
    assert wanted.hold(lambda _: holding)
    assert not wanted.hold(lambda _: failing)
    assert not wanted.hold(lambda _: None)


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("fits", 1),
        ("fits == true", 1),
        ("fits = yes", 1),
        ("not fits", 0),
        ("fits == false", 0),
    ],
)
def test_fits(text: str, truth: int) -> None:
    assert conditions(text).hold(lambda _: truth)
    assert not conditions(text).hold(lambda _: 1 - truth)


def test_all_must_hold() -> None:
    figures = {"macs": 5, "params": 10, "fits": 1}
    for given in (
        "macs <= 5 and params >= 10 and fits",
        ["macs <= 5", "params >= 10 AND fits"],
    ):
        assert conditions(given).hold(figures.get)
        assert not conditions(given).hold((figures | {"params": 9}).get)
    assert conditions(None).hold(figures.get)
    assert str(conditions(["macs <= 5", "fits"])) == "macs <= 5 and fits"


@together(
    ("text", "message"),
    [
        ("mac <= 5", "there is no figure `mac`; did you mean `macs`?"),
        ("zzz <= 5", "there is no figure `zzz`; there are params"),
        ("macs", "`macs` says nothing of macs"),
        ("macs <=", "`macs <=` says nothing of macs"),
        ("macs <= many", "`macs <= many`: "),
        ("macs <= 5q", "`q` is not a unit"),
        ("macs != 5", "no !="),
        ("<= 5", "`<= 5` is not a condition"),
        ("", "`` is not a condition"),
        ("macs <= 5 and", "`macs <= 5 and`"),
        ("fits >= 1", "say `fits` or `not fits`"),
        ("fits == maybe", "say `fits` or `not fits`"),
        ("macs == 2k..1k", "is empty"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        conditions(text)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("macs <= 300M", "macs >= 1G"),
        ("macs > 5", "macs < 6"),
        ("macs == 5", "macs == 6"),
        ("weights >= 1M", "params <= 1k"),
        ("biases > 5", "params <= 5"),
        ("macs >= 10", "flops < 20"),
        ("fits", "not fits"),
    ],
)
def test_contradictions(one: str, other: str) -> None:
    for text in (f"{one} and peak <= 1k and {other}", f"{other} and {one}"):
        with pytest.raises(UsageError, match="contradict each other") as raised:
            conditions(text)
        assert f"`{one}`" in str(raised.value)
        assert f"`{other}`" in str(raised.value)


def test_what_does_not_fit_has_no_figures() -> None:
    with pytest.raises(UsageError, match="`not fits` and `macs <= 5` contradict each other"):
        conditions("not fits and macs <= 5")


@pytest.mark.parametrize("text", ["macs == 1.5", "macs < 0"])
def test_what_never_holds(text: str) -> None:
    with pytest.raises(UsageError, match="hold"):
        conditions(text)


@pytest.mark.parametrize(
    "text",
    ["macs >= 5 and macs <= 5", "macs > 5 and macs < 7", "macs >= 10 and flops <= 20"],
)
def test_what_just_can_hold(text: str) -> None:
    assert len(conditions(text).terms) == 2
