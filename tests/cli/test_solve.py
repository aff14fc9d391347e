"""`cnncalc solve`: the sentence and the rows, as data, nothing found, misuse."""

from __future__ import annotations

import csv
import io
import json

import pytest

from .conftest import Run

ASKED = ("solve", "mobilenet_v2", "--for", "width", "--where", "macs <= 300M")


def test_table(run: Run) -> None:
    outcome = run(*ASKED)
    assert outcome.code == 0
    assert outcome.stderr == ""
    sentence, head, _, best, beyond = outcome.stdout.splitlines()
    assert sentence == (
        "width=0.98 is the largest with macs <= 300M, of width=0.01..1.0:0.01 (all tried)"
    )
    assert head.split()[-1] == "satisfies"
    assert best.split()[:3] == ["0.98", "3,486,936", "299,896,192"]
    assert best.split()[-1] == "yes"
    assert beyond.split()[0] == "0.99"
    assert beyond.split()[-1] == "no"


def test_as_data(run: Run) -> None:
    over = ("--over", "0.5,0.75,1.0")
    [found] = json.loads(run(*ASKED, *over, "-f", "json").stdout)
    assert found["key"] == "width"
    assert found["value"] == 0.75
    assert found["tried"] == 3
    assert found["exhaustive"] is True
    assert found["monotone"] is True
    assert found["macs"] == 209069792
    [row] = csv.DictReader(io.StringIO(run(*ASKED, *over, "-f", "csv").stdout))
    assert row["value"] == "0.75"
    assert "| 0.75 |" in run(*ASKED, *over, "-f", "markdown").stdout


def test_smallest(run: Run) -> None:
    where = ("--where", "macs >= 100M", "--over", "0.25..1.0:0.25")
    outcome = run("solve", "mobilenet_v2", "--for", "width", "--smallest", *where)
    assert outcome.stdout.startswith("width=0.75 is the smallest with macs >= 100M, of width=")


@pytest.mark.slow
def test_nothing_satisfies(run: Run) -> None:
    outcome = run("solve", "mobilenet_v2", "--for", "width", "--where", "macs <= 1k")
    assert outcome.code == 1
    assert outcome.stderr == "cnncalc: no value of width tried satisfies macs <= 1k\n"
    assert "note: macs goes from " in outcome.stdout


def test_not_monotone(run: Run) -> None:
    where = ("--where", "params <= 60M", "--over", "1..4")
    outcome = run("solve", "alexnet", "--for", "conv1.stride", "--rounding", "ceil", *where)
    assert outcome.code == 1
    outcome = run("solve", "alexnet", "--for", "input", "--where", "macs <= 2G")
    assert outcome.stdout.startswith("input=291 is the largest")
    assert "values tried do not fit" in outcome.stdout


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--for", "widht", "--where", "macs <= 1M"], "did you mean `width`?"),
        (["--for", "width", "--where", "mac <= 1M"], "did you mean `macs`?"),
        (["--for", "width", "--where", "macs <= 1k and macs >= 2k"], "contradict each other"),
        (["--for", "width", "--where", "macs <= 1M", "--over", "3..1"], "the range is empty"),
        (["--for", "width"], "--where"),
        (["--where", "macs <= 1M"], "--for"),
    ],
)
def test_misuse(run: Run, args: list[str], message: str) -> None:
    outcome = run("solve", "mobilenet_v2", *args)
    assert outcome.code == 2
    assert message in outcome.stderr
    assert outcome.stdout == ""


def test_wrong_file(run: Run) -> None:
    outcome = run("solve", "faulty_nowhere.yaml", *ASKED[2:])
    assert outcome.code == 1
    assert "error[file-unreadable]" in outcome.stderr
