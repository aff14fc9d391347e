"""Every bundled network against what was published of it, or was counted by another framework.

`tests/reference/zoo/published/*.json` maps bundled names to entries; tests/reference/README.md says
what may stand in one. No number there was computed by cnncalc.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

import cnncalc
from cnncalc import bundled
from cnncalc.report.report import Report
from cnncalc.volume import Volume
from tests.references import FOLDER
from tests.together import together

TABLES = sorted((FOLDER / "zoo" / "published").glob("*.json"))

EXACT = {"params", "trainable", "state", "macs"}

UNITS = {"k": 10**3, "M": 10**6, "G": 10**9}


def entries() -> dict[str, dict[str, Any]]:
    """All tables in one. Where two tables know a network, their exact figures have to agree."""
    merged: dict[str, dict[str, Any]] = {}
    for table in TABLES:
        for name, entry in json.loads(table.read_text(encoding="utf-8")).items():
            known = merged.setdefault(name, {})
            for key in known.keys() & entry.keys() & EXACT:
                assert known[key] == entry[key], (table.name, name, key)
            layers = {**known.get("layers", {}), **entry.get("layers", {})}
            known |= entry | ({"layers": layers} if layers else {})
    return merged


PUBLISHED = entries()


@cache
def loaded(name: str) -> Report:
    return cnncalc.load(name)


def with_entry(key: str) -> pytest.MarkDecorator:
    """The networks of which something was published."""
    names = [name for name, entry in PUBLISHED.items() if key in entry]
    assert names, key
    return pytest.mark.parametrize("name", names)


def volume(written: Any) -> tuple[int, ...]:
    """`[55, 55, 96]`, `1000` and `55x55x96` as a volume."""
    if isinstance(written, str):
        return tuple(map(int, written.split("x")))
    return (written,) if isinstance(written, int) else tuple(written)


def rounds_to(number: int, written: str) -> bool:
    """Whether a number is what "36.5M" was rounded from; papers cut as well as round."""
    figure, unit = written[:-1], UNITS[written[-1]]
    step = Decimal(1).scaleb(Decimal(figure).as_tuple().exponent)  # type: ignore[arg-type]
    return abs(Decimal(number) / unit - Decimal(figure)) < step


def test_every_bundled_network_has_an_entry() -> None:
    assert set(PUBLISHED) == set(bundled.names())


@together("name", PUBLISHED)
def test_an_entry_names_its_source_and_says_a_number(name: str) -> None:
    entry = PUBLISHED[name]
    assert len(entry["source"]) > 10
    assert set(entry) <= {
        *EXACT,
        *("source", "params_rounded", "gmacs", "output", "layers"),
    }
    assert {"params", "params_rounded", "layers"} & set(entry), "nothing that could fail"


@with_entry("output")
def test_output(name: str) -> None:
    expected, outputs = PUBLISHED[name]["output"], loaded(name).outputs
    if isinstance(expected, Mapping):
        assert outputs == {key: volume(value) for key, value in expected.items()}
    else:
        assert list(outputs.values()) == [volume(expected)]


@pytest.mark.parametrize("key", sorted(EXACT))
def test_totals(key: str) -> None:
    for name, entry in PUBLISHED.items():
        if key in entry:
            assert getattr(loaded(name).totals, key) == entry[key], name


@with_entry("params_rounded")
def test_params_to_the_digits_that_were_published(name: str) -> None:
    params = loaded(name).totals.params
    assert rounds_to(params, PUBLISHED[name]["params_rounded"]), params


@with_entry("gmacs")
def test_macs_to_the_digits_that_were_published(name: str) -> None:
    macs = loaded(name).totals.macs
    assert rounds_to(macs, f"{PUBLISHED[name]['gmacs']}G"), macs


@with_entry("layers")
def test_layers(name: str) -> None:
    """Single layers: rows, and blocks' instances by the name of their last layer."""
    rows = {row.name: row for row in loaded(name).rows}
    for layer, expected in PUBLISHED[name]["layers"].items():
        row = rows[layer]
        for key, value in expected.items():
            if key == "output":
                assert row.output_shape == Volume(volume(value)), layer
            else:
                assert getattr(row, key) == value, (layer, key)


class TestTheTestsThemselves:
    """A comparison that cannot fail proves nothing."""

    @pytest.mark.parametrize(
        ("number", "written", "rounds"),
        [
            (36_500_000, "36.5M", True),
            (36_549_999, "36.5M", True),
            (36_450_001, "36.5M", True),
            (36_400_000, "36.5M", False),
            (36_600_000, "36.5M", False),
            (4_089_184_256, "4.09G", True),
            (4_079_184_256, "4.09G", False),
            (60_965_224, "60M", True),
            (62_378_344, "60M", False),
        ],
    )
    def test_rounding(self, number: int, written: str, rounds: bool) -> None:
        assert rounds_to(number, written) is rounds

    @pytest.mark.parametrize("written", [[55, 55, 96], "55x55x96"])
    def test_volumes(self, written: Any) -> None:
        assert volume(written) == (55, 55, 96)


def test_tables_are_there() -> None:
    assert len(PUBLISHED) >= 12
    assert sum("params" in entry for entry in PUBLISHED.values()) >= 12
