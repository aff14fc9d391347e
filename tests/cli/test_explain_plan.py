"""`cnncalc summary --run --explain-plan`: the steps, in every format that can hold them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Terminal, without_colour
from tests.networks import written

NET = written(
    [8, 8, 16],
    {"name": "stem", "block": {}},
    {"name": "flat", "flatten": {}},
    {"name": "end", "dense": 3},
    blocks={"block": {"layers": [
        {"name": "conv", "conv": {"filters": 16, "kernel": 1, "bias": False}},
        {"name": "norm", "batch_norm": {}},
        {"name": "act", "relu": {}},
    ]}},
)  # fmt: skip
PLAN = ("summary", "net.yaml", "--run", "--repeat", "1", "--threads", "1", "--explain-plan")


@pytest.fixture(autouse=True)
def net(folder: Path, kernels_are_compiled_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNCALC_CACHE", str(folder / "cache"))
    (folder / "net.yaml").write_text(NET)


def table(shown: str) -> list[list[str]]:
    """The rows of the plan, cell by cell."""
    below = shown.partition("\nPlan\n\n")[2].partition("\n\n")[0]
    return [line.split("  ") for line in below.splitlines()]


def test_table(run: Run) -> None:
    outcome = run(*PLAN)
    assert (outcome.code, outcome.stderr) == (0, "")
    header, _, *rows = table(outcome.stdout)
    assert [cell.strip() for cell in header if cell] == [
        "step", "layers", "algorithm", "reads", "result", "until", "how", "at",
    ]  # fmt: skip
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert cells[0][:4] == ["1", "stem.conv + .norm + .act", "direct", "input"]
    assert cells[1] == ["2", "flat", "view", "1"]
    assert cells[2][:4] == ["3", "end", "dense", "2"]
    assert "\nsteps    3 for 5 layers, 2 of them in the step of another\n" in outcome.stdout
    assert "\nresults  " in outcome.stdout


def test_a_view_shows_no_time(run: Run) -> None:
    shown = run(*PLAN, "--columns", "name,time,time_share,algorithm").stdout
    (line,) = [line for line in shown.splitlines() if line.startswith("flat")]
    assert line.split() == ["flat", "view"]


def test_the_reference_places_nothing(run: Run) -> None:
    outcome = run(*PLAN, "--backend", "reference")
    header, _, *rows = table(outcome.stdout)
    assert [cell.strip() for cell in header if cell] == ["step", "layers", "algorithm", "reads"]
    assert [row[-1].strip() for row in rows] == ["input", "1", "2", "3"]
    assert "\nresults " not in outcome.stdout


@pytest.mark.parametrize("columns", [120, 80, 40])
def test_on_a_terminal(run: Run, terminal: Terminal, columns: int) -> None:
    terminal(columns)
    shown = without_colour(run(*PLAN).stdout)
    assert max(map(len, shown.splitlines())) <= columns
    _, _, first, *_ = table(shown)
    assert "".join(first).split()[:2] == ["1stem.conv", "+"]
    if columns < 120:
        assert "no room on a terminal" in shown.partition("\nPlan\n")[2]


def test_json(run: Run) -> None:
    run_of = json.loads(run(*PLAN, "--batch", "2", "-f", "json").stdout)["run"]
    first, second, third = run_of["plan"]["steps"]
    assert first["layers"] == ["stem.conv", "stem.norm", "stem.act"]
    assert (first["reads"], first["inputs"]) == ([], ["input"])
    assert first["place"]["until"] == 3, "end reads it, through flat"
    assert first["place"]["bytes"] >= 2 * 4 * 8 * 8 * 16
    assert (second["algorithm"], second["place"], second["how"]) == ("view", None, None)
    assert third["reads"] == [2]
    assert run_of["plan"]["layers"] == 5
    assert run_of["plan"]["fused_layers"] == 2


def test_without_it_there_is_no_plan(run: Run) -> None:
    assert "plan" not in json.loads(run(*PLAN[:-1], "-f", "json").stdout)["run"]
    assert "\nPlan\n" not in run(*PLAN[:-1]).stdout


def test_markdown(run: Run) -> None:
    shown = run(*PLAN, "-f", "markdown").stdout
    below = shown.partition("\n### Plan\n\n")[2]
    assert below.startswith("| step | layers | algorithm | reads | result | until | how | at |\n")
    assert "\n| 1 | stem.conv + .norm + .act | direct | input | " in below
    assert "\n- **steps**: 3 for 5 layers, " in below


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (PLAN[:2] + PLAN[-1:], "--explain-plan needs --run"),
        ((*PLAN, "-f", "csv"), "--explain-plan: CSV holds rows alone; use --format table"),
    ],
)
def test_misuse(run: Run, args: tuple[str, ...], message: str) -> None:
    outcome = run(*args)
    assert (outcome.code, outcome.stdout) == (2, "")
    assert message in outcome.stderr
