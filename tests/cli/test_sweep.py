"""`cnncalc sweep`: every format, files that are gone on with, interruptions, misuse."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.interruptible import LONGEST_WAIT, started

from .conftest import Run, Terminal, without_colour

NET = """\
input: 16x16x3
vars: {width: 1}
layers:
  - {name: stem, conv: {filters: $(4 * width), kernel: 3, stride: 2}}
  - {name: head, dense: 10}
"""

VARY = ("--vary", "width=1..2", "--vary", "input=16..17")
COLUMNS = ("--columns", "params,macs,output,receptive_field,fits")


@pytest.fixture
def net(folder: Path) -> str:
    (folder / "net.yaml").write_text(NET, "utf-8")
    return "net.yaml"


def test_table(run: Run, net: str) -> None:
    outcome = run("sweep", net, *VARY)
    assert outcome.code == 0
    assert outcome.stderr == ""
    head, rule, *rows = outcome.stdout.splitlines()
    assert " ".join(head.split()) == (
        "width input params MACs peak memory output field fits problem"
    )
    assert set(rule) == {"─"}
    assert [row.split()[:3] for row in rows] == [
        ["1", "16x16x3", "no"],
        ["1", "17x17x3", "2,682"],
        ["2", "16x16x3", "no"],
        ["2", "17x17x3", "5,354"],
    ]
    assert "stride-misfit: stem: (16 − 3 + 0)/2 + 1 = 7.5" in rows[0]


def test_table_on_a_narrow_terminal(run: Run, net: str, terminal: Terminal) -> None:
    terminal(60)
    lines = without_colour(run("sweep", net, *VARY).stdout).splitlines()
    assert max(map(len, lines)) <= 60


def test_csv(run: Run, net: str) -> None:
    rows = list(csv.DictReader(io.StringIO(run("sweep", net, *VARY, "-f", "csv").stdout)))
    assert len(rows) == 4
    assert rows[1]["params"] == "2682"
    assert [row["fits"] for row in rows] == ["false", "true"] * 2


def test_json_and_lines(run: Run, net: str) -> None:
    listed = json.loads(run("sweep", net, *VARY, *COLUMNS, "-f", "json").stdout)
    lines = run("sweep", net, *VARY, *COLUMNS, "-f", "jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == listed
    assert listed[1] == {
        "width": 1,
        "input": "17x17x3",
        "params": 2682,
        "macs": 9472,
        "output": "10",
        "receptive_field": "3x3",
        "fits": True,
    }
    assert listed[0]["params"] is None


def test_markdown(run: Run, net: str) -> None:
    lines = run("sweep", net, *VARY, *COLUMNS, "-f", "markdown").stdout.splitlines()
    assert lines[0] == "| width | input | params | MACs | output | field | fits |"
    assert lines[3] == "| 1 | 17x17x3 | 2,682 | 9,472 | 10 | 3x3 | yes |"


def test_nothing_found_is_whole_json(run: Run, net: str) -> None:
    outcome = run("sweep", net, *VARY, "--where", "macs <= 1", "-f", "json")
    assert outcome.code == 1
    assert json.loads(outcome.stdout) == []
    assert outcome.stderr == "cnncalc: none of the 4 points satisfies macs <= 1\n"


def test_nothing_fits(run: Run, net: str) -> None:
    outcome = run("sweep", net, "--vary", "input=16,18")
    assert outcome.code == 1
    assert outcome.stderr == "cnncalc: none of the 2 points fits\n"


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
def test_resume(run: Run, net: str, folder: Path, name: str) -> None:
    file = folder / name
    outcome = run("sweep", net, *VARY, "--resume", name)
    assert outcome.stderr == f"{name}: 4 rows of 4 points\n"
    assert outcome.stdout == ""
    whole = file.read_bytes()
    for length in range(0, len(whole), 37):
        file.write_bytes(whole[:length])
        assert run("sweep", net, *VARY, "--resume", name).code == 0
        assert file.read_bytes() == whole
    wider = run("sweep", net, "--vary", "width=1..3", "--vary", "input=16..17", "--resume", name)
    assert wider.stderr == f"{name}: 6 rows of 6 points, 4 of them before\n"
    assert file.read_bytes().startswith(whole)


def test_resume_keeps_the_files_columns(run: Run, net: str, folder: Path) -> None:
    file = folder / "out.csv"
    columns = ["--columns", "params"]
    assert run("sweep", net, *VARY, *columns, "--resume", "out.csv").code == 0
    rows = [line.split(",") for line in file.read_text("utf-8").splitlines()]
    assert rows[0] == ["question", "width", "input", "params"]
    turned = [",".join([asked, *reversed(others)]) for asked, *others in rows]
    file.write_text("\n".join([turned[0], turned[2], ""]), "utf-8")
    assert run("sweep", net, *VARY, "--resume", "out.csv").code == 0
    asked = rows[1][0]
    assert file.read_text("utf-8").splitlines() == [
        "question,params,input,width",
        f"{asked},2682,17x17x3,1",
        f"{asked},,16x16x3,1",
        f"{asked},,16x16x3,2",
        f"{asked},5354,17x17x3,2",
    ]


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
def test_rows_of_different_questions_are_never_mixed(
    run: Run, net: str, folder: Path, name: str
) -> None:
    file = folder / name
    assert run("sweep", net, *VARY, "--resume", name).code == 0
    whole, text = file.read_bytes(), Path(net).read_text("utf-8")
    for other in (
        ["--set", "stem.kernel=1"],
        ["--batch", "2"],
        ["--dtype", "int8"],
        ["--rounding", "floor"],
        ["--where", "macs >= 9472"],
        ["--max-layers", "50"],
    ):
        outcome = run("sweep", net, *VARY, *other, "--resume", name)
        assert outcome.code == 2, other
        assert "a row of another question" in outcome.stderr
        assert file.read_bytes() == whole
    Path(net).write_text(text + "# changed\n", "utf-8")
    outcome = run("sweep", net, *VARY, "--resume", name)
    assert (outcome.code, "a row of another question" in outcome.stderr) == (2, True)
    Path(net).write_text(text, "utf-8")
    assert run("sweep", net, *VARY, "--resume", name).code == 0
    assert file.read_bytes() == whole


def test_resume_of_what_is_no_file(run: Run, net: str, folder: Path) -> None:
    os.mkfifo(folder / "fifo.csv")
    for name in ("fifo.csv", "/dev/null", "/dev/full"):
        outcome = run("sweep", net, *VARY, "--resume", name, "-f", "csv")
        assert outcome.code == 2
        assert outcome.stderr == (f"cnncalc: --resume {name}: this is not a regular file\n")
    (folder / "folder.csv").mkdir()
    assert run("sweep", net, *VARY, "--resume", "folder.csv").code == 2
    outcome = run("sweep", net, *VARY, "--resume", "-", "-f", "csv")
    assert outcome.code == 2
    assert "name a file" in outcome.stderr
    assert not (folder / "-").exists()


def test_wrong_file(run: Run) -> None:
    outcome = run("sweep", "nowhere.yaml", *VARY)
    assert outcome.code == 1
    assert "error[file-unreadable]" in outcome.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--vary", "widht=1"], "no variable `widht`; did you mean `width`?"),
        (["--vary", "width"], "--vary width: say KEY=VALUES"),
        (["--vary", "width=1", "--vary", "width=2"], "--vary width is given twice"),
        ([*VARY, "--where", "mac <= 1"], "did you mean `macs`?"),
        ([*VARY, "--where", "macs <= 1 and macs >= 2"], "contradict each other"),
        ([*VARY, "--columns", "parms"], "there is no column `parms`; did you mean `params`?"),
        ([*VARY, "--sort", "parms"], "did you mean `params`?"),
        ([*VARY, "--pareto", "-widht"], "did you mean `width`?"),
        ([*VARY, "--resume", "out"], "call it .csv or .jsonl"),
        ([*VARY, "--resume", "out.csv", "-f", "json"], "--resume writes csv or jsonl"),
        ([*VARY, "--resume", "out.csv", "--sort", "macs"], "--resume writes rows as they come"),
        ([*VARY, "--resume", "no/folder/out.csv"], "No such file or directory"),
        ([*VARY, "--resume", "net.yaml", "-f", "csv"], "net.yaml:1: "),
        ([*VARY, "--jobs", "0"], "--jobs"),
        ([*VARY, "--dtype", "int3"], "there is no dtype `int3`"),
    ],
)
def test_misuse(run: Run, net: str, args: list[str], message: str) -> None:
    outcome = run("sweep", net, *args)
    assert outcome.code == 2
    assert message in outcome.stderr
    assert outcome.stdout == ""
    assert Path(net).read_text("utf-8") == NET


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupted(net: str, folder: Path, jobs: str) -> None:
    """As by Ctrl-C on a terminal, which reaches all processes of the group."""
    vary = ["--vary", "width=1..1000000"]
    command = ["sweep", net, *vary, "--set", "stem.stride=1", "--jobs", jobs, "--resume", "out.csv"]
    file = folder / "out.csv"
    with started(command, folder) as process:
        until = time.monotonic() + LONGEST_WAIT
        while not (file.exists() and file.stat().st_size > 1000) and time.monotonic() < until:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        _, reported = process.communicate(timeout=LONGEST_WAIT)
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
    assert process.returncode == 130
    assert reported.startswith("cnncalc: interrupted after ")
    assert reported.endswith(" of 1,000,000 points; the same command continues from there\n")
    assert reported.count("\n") == 1
    text = file.read_text("utf-8")
    assert text.endswith("\n")
    rows = [row["width"] for row in csv.DictReader(io.StringIO(text))]
    assert rows == [str(number) for number in range(1, len(rows) + 1)]
