"""What is said where packages of the extra `run` are missing or too old."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from cnncalc import packages
from cnncalc.execution import entry
from cnncalc.execution.refusals import Refused


def test_all_is_there() -> None:
    entry.need("--run")


@pytest.mark.parametrize(
    ("missing", "listed"),
    [
        (["numpi"], "numpi"),
        (["numpi", "numbo"], "numpi and numbo"),
        (["numpi", "numbo", "llvmlate"], "numpi, numbo and llvmlate"),
    ],
)
def test_missing(monkeypatch: pytest.MonkeyPatch, missing: list[str], listed: str) -> None:
    monkeypatch.setattr(packages, "RUN", ("numpy", *missing))
    with pytest.raises(Refused) as refused:
        entry.need("bench")
    assert str(refused.value) == f"bench needs {listed}: pip install {' '.join(missing)}"


def test_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "OLDEST", {"numba": (99, 1)})
    reported = f"--run needs numba 99.1 or later, not {version('numba')}: "
    with pytest.raises(Refused) as refused:
        entry.need("--run")
    assert str(refused.value) == f"{reported}pip install 'numba>=99.1'"


@pytest.mark.parametrize("installed", ["0.63.0", "0.63", "0.63.0rc1", "0.64.1", "1.0", None])
def test_new_enough(monkeypatch: pytest.MonkeyPatch, installed: str | None) -> None:
    monkeypatch.setattr(packages, "OLDEST", {"numba": (0, 63)})
    monkeypatch.setattr(entry, "_version", lambda package: installed)
    entry.need("--run")
    monkeypatch.setattr(entry, "_version", lambda package: "0.9.12")
    with pytest.raises(Refused, match=r"not 0\.9\.12"):
        entry.need("--run")


def test_a_package_that_does_not_say_its_version() -> None:
    assert entry._version("no-such-package-at-all") is None
