"""What docs/reliability.md says of faults, brought about anew."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("there are no such signals and limits", allow_module_level=True)

from tests.faults.reliability import FAULTS, POINTS, WRITES, kills_of_writes, rows_wrong


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost(name: str) -> None:
    fault, tries, losses = FAULTS[name]()
    assert tries > 0
    assert losses == 0, fault


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITES)
def test_that_kills_are_seen_where_nothing_protects(name: str) -> None:
    assert kills_of_writes(name, signal.SIGKILL, plainly=True).losses > 0


def test_that_one_can_fail(tmp_path: Path) -> None:
    """A row missing, one doubled, one wrong."""
    rows = [f"q,{w},{28 * w}" for w in range(2, POINTS + 1)]
    (tmp_path / "out.csv").write_text("\n".join(["question,w,params", *rows, rows[0], "q,3,1"]))
    assert rows_wrong(tmp_path / "out.csv") == 4, "the wrong one is double, too"
