"""What the project needs: every lower bound is stated once, and all that repeats one agrees."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from cnncalc import packages
from tests.together import together

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
STATED = [*PROJECT["dependencies"], *(each for extra in EXTRAS.values() for each in extra)]
BOUNDS = [r.partition(">=")[::2] for r in STATED if not r.startswith("cnncalc[")]
CONSTRAINTS = (ROOT / "tests" / "constraints.txt").read_text("utf-8")


def canonical(name: str) -> str:
    """A package by the name under which registries and locks have it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def extra(name: str) -> list[str]:
    """The packages of an extra, those of the extras it is made of included."""
    names = []
    for requirement in EXTRAS[name]:
        if found := re.fullmatch(r"cnncalc\[(.*)\]", requirement):
            names += [package for part in found[1].split(",") for package in extra(part)]
        else:
            names.append(requirement.partition(">=")[0])
    return names


def test_every_lower_bound_is_stated_once() -> None:
    names = [canonical(name) for name, _ in BOUNDS]
    assert len(names) == len(set(names))


@together(("name", "least"), BOUNDS)
def test_the_lock_keeps_to_the_bounds(name: str, least: str) -> None:
    locked = re.findall(rf"(?m)^{canonical(name)}==([\d.]+)(?: ;.*)?$", CONSTRAINTS)
    assert locked, f"{name} is not locked; tests/constraints.txt says how it is renewed"
    for version in locked:
        assert numbers(version) >= numbers(least)


def test_the_lock_says_how_it_is_renewed_and_names_no_host() -> None:
    assert "uv pip compile " in CONSTRAINTS.partition("\n\n")[0]
    assert "://" not in CONSTRAINTS
    assert "--output-file tests/constraints.txt" in CONSTRAINTS


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("cluster", packages.CLUSTER),
        ("plot", packages.PLOT),
        ("run", packages.RUN),
        ("all", packages.PLOT + packages.RUN),
    ],
)
def test_what_messages_name_is_what_the_extra_brings(name: str, needed: tuple[str, ...]) -> None:
    assert sorted(extra(name)) == sorted(needed)


def test_tests_run_with_what_users_have() -> None:
    assert {*extra("all"), *extra("cluster")} <= {*extra("dev")}


def test_what_is_too_old_is_what_the_bounds_say() -> None:
    bounds = dict(BOUNDS)
    assert packages.OLDEST
    for package, oldest in packages.OLDEST.items():
        assert bounds[package] == ".".join(map(str, oldest))


def test_the_readme_installs_the_lock_and_all() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "pip install --quiet '.[all]'" in readme
    assert "--constraint tests/constraints.txt --editable '.[dev]'" in readme


def test_the_pythons_that_are_named_are_one_list() -> None:
    prefix = "Programming Language :: Python :: 3."
    named = [c.removeprefix(prefix) for c in PROJECT["classifiers"] if c.startswith(prefix)]
    assert PROJECT["requires-python"] == f">=3.{named[0]}"
    listed = ", ".join(f"3.{minor}" for minor in named[:-1]) + f" or 3.{named[-1]}"
    assert f"Python {listed}," in (ROOT / "README.md").read_text("utf-8")
