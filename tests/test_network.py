"""The one way from a file to numbers: what is built, how often, and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import cnncalc
from cnncalc.cli.app import app
from cnncalc.graph import builder as builder
from cnncalc.graph.overrides import overrides_from
from cnncalc.network import Network, same_network

TEXT = "input: 32x32x3\nvars: {n: 4}\nlayers: [{name: a, conv: {filters: $n, kernel: 3}}]\n"


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files of the networks that are built, one entry for each time."""
    counted: list[str] = []

    class Counting(builder._Builder):
        def __init__(self, document: Any, *rest: Any) -> None:
            counted.append(document.source.name)
            super().__init__(document, *rest)

    monkeypatch.setattr(builder, "_Builder", Counting)
    return counted


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "net.yaml"
    path.write_text(TEXT, "utf-8")
    return str(path)


COMMANDS = [
    (1, ["summary", "FILE"]),
    (1, ["summary", "FILE", "--set", "n=8", "--batch", "2", "--format", "json"]),
    (1, ["explain", "FILE", "a"]),
    (1, ["check", "FILE", "--jobs", "1"]),
    (2, ["diff", "FILE", "FILE"]),
    (2, ["whatif", "FILE", "n=8"]),
    (3, ["whatif", "FILE", "n=8,16"]),
]


@pytest.mark.parametrize(("times", "args"), COMMANDS, ids=[" ".join(args) for _, args in COMMANDS])
def test_nothing_is_built_twice(builds: list[str], file: str, times: int, args: list[str]) -> None:
    done = CliRunner().invoke(app, [file if arg == "FILE" else arg for arg in args])
    assert done.exit_code == 0, done.output
    assert len(builds) == times


CALLS: list[tuple[int, Callable[[str], object]]] = [
    (1, cnncalc.load),
    (1, lambda file: cnncalc.loads(TEXT)),
    (1, lambda file: cnncalc.explain(file, "a")),
    (2, lambda file: cnncalc.diff(file, file)),
    (2, lambda file: cnncalc.whatif(file, {"n": 8})),
]


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_nor_in_python(builds: list[str], file: str, number: int) -> None:
    times, call = CALLS[number]
    call(file)
    assert len(builds) == times


def test_a_variant_leaves_the_network_as_it_was(builds: list[str]) -> None:
    network = Network.loads(TEXT)
    before = network.report
    changed = network.with_overrides(overrides_from(set={"n": 8}))
    assert (before.rows[0].output_shape[-1], changed.report.rows[0].output_shape[-1]) == (4, 8)
    assert network.report is before
    assert len(builds) == 2
    assert same_network(network.report) != same_network(changed.report)
    assert same_network(network.report) == same_network(changed.reparsed(TEXT).report)


def test_an_edited_text_takes_the_place_of_the_file(file: str) -> None:
    network = Network.load(file, set={"n": 8})
    again = network.reparsed(TEXT.replace("n: 4", "n: 8"))
    assert again.report.file == file
    assert same_network(network.report) == same_network(again.report)
