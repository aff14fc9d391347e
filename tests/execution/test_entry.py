"""What is said where packages of the extra `run` are missing or too old."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

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
    monkeypatch.setattr(entry, "NEEDED", ("numpy", *missing))
    with pytest.raises(Refused) as refused:
        entry.need("bench")
    assert str(refused.value) == f"bench needs {listed}: pip install 'cnncalc[run]'"


def test_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "OLDEST", {"llvmlite": (99, 1)})
    told = rf"^--run needs llvmlite 99\.1 or later, not {re.escape(version('llvmlite'))}: pip inst"
    with pytest.raises(Refused, match=told):
        entry.need("--run")


@pytest.mark.parametrize("installed", ["0.46.0", "0.46", "0.46.0rc1", "0.47.1", "1.0", None])
def test_new_enough(monkeypatch: pytest.MonkeyPatch, installed: str | None) -> None:
    monkeypatch.setattr(entry, "OLDEST", {"llvmlite": (0, 46)})
    monkeypatch.setattr(entry, "_version", lambda package: installed)
    entry.need("--run")
    monkeypatch.setattr(entry, "_version", lambda package: "0.9.12")
    with pytest.raises(Refused, match=r"not 0\.9\.12"):
        entry.need("--run")


def test_a_package_that_does_not_say_its_version() -> None:
    assert entry._version("no-such-package-at-all") is None


def test_the_extra_asks_for_the_same() -> None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    extras = tomllib.loads(project.read_text("utf-8"))["project"]["optional-dependencies"]
    asked = dict(requirement.split(">=") for requirement in extras["run"])
    assert set(asked) == set(entry.NEEDED)
    for package, oldest in entry.OLDEST.items():
        assert asked[package] == ".".join(map(str, oldest))
    assert set(extras["run"]) <= set(extras["dev"]), "tests run with what users have"
