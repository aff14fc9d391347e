"""`cnncalc whatif`: every format whole, lists, broken changes, saving, exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from cnncalc.compare.comparison import TOTALS

from ..conftest import Golden
from .conftest import Run, Terminal, without_colour

CHANGE = ("sample.yaml", "stem.stride=1", "classes=7")
LIST = ("sample.yaml", "stem.stride=1,2,3", "classes=7")


class TestWholeOutputs:
    @pytest.mark.parametrize(
        ("format", "name"),
        [("table", "txt"), ("markdown", "md"), ("csv", "csv"), ("json", "json")],
    )
    def test_one_change(self, run: Run, golden: Golden, format: str, name: str) -> None:
        outcome = run("whatif", *CHANGE, "--format", format)
        golden(f"whatif.{name}", outcome.stdout)
        assert outcome.code == 0

    @pytest.mark.parametrize(("format", "name"), [("table", "txt"), ("markdown", "md")])
    def test_list(self, run: Run, golden: Golden, format: str, name: str) -> None:
        golden(f"whatif-list.{name}", run("whatif", *LIST, "--format", format).stdout)

    def test_all(self, run: Run, golden: Golden) -> None:
        golden("whatif-all.txt", run("whatif", "sample.yaml", "head.bias=false", "--all").stdout)

    def test_on_a_terminal(self, run: Run, golden: Golden, terminal: Terminal) -> None:
        terminal(60)
        output = without_colour(run("whatif", *CHANGE).stdout)
        lines = [line.rstrip() for line in output.splitlines()]
        golden("whatif-60.txt", "\n".join(lines) + "\n")

    def test_broken(self, run: Run, golden: Golden) -> None:
        outcome = run("whatif", "sample.yaml", "rounding=exact")
        golden("whatif-broken.txt", outcome.output)
        assert outcome.code == 1


def test_differences_add_up(run: Run) -> None:
    found = json.loads(run("whatif", *CHANGE, "--all", "-f", "json").stdout)
    (variant,) = found["variants"]
    assert list(variant["totals"]) == list(TOTALS)
    rows = list(csv.DictReader(io.StringIO(run("whatif", *CHANGE, "-f", "csv").stdout)))
    for quantity in ("params", "macs"):
        change = variant["totals"][quantity]["difference"]
        assert sum(int(row[f"{quantity}_difference"]) for row in rows) == change


def test_a_change_that_mends_is_well(run: Run, folder: Path) -> None:
    (folder / "misfit.yaml").write_text("input: 8x8x1\nlayers: [{max_pool: 3}]\n")
    outcome = run("whatif", "misfit.yaml", "input=9")
    assert outcome.code == 0
    assert "misfit.yaml:2:11: error[stride-misfit]" in outcome.stderr
    assert "1 layer cannot be compared, because of the errors" in outcome.stdout


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["sample.yaml", "stem.stride"], 2, "say KEY=VALUE"),
        (["sample.yaml", "stm.stride=1"], 2, "there is no layer `stm`; did you mean `stem`?"),
        (["sample.yaml", "stem.stride=x"], 1, "change:1:6: error[wrong-type]: stem: `stride`"),
        (["sample.yaml", "classes=1", "classes=2"], 2, "`classes=1` and `classes=2` contradict"),
        (["sample.yaml"], 2, "KEY=VALUE"),
        (["nowhere.yaml", "a=1"], 1, "nowhere.yaml: error[file-unreadable]"),
        (["faulty.yaml", "classes=11"], 1, "there is no kind or block `rellu`"),
        (["sample.yaml", "classes=1,2", "--write", "o.yaml"], 2, "o.yaml can hold one network"),
        (["sample.yaml", "rounding=exact", "--write", "o.yaml"], 1, "o.yaml is not written"),
        (["sample.yaml", "classes=2", "--write", "no/o.yaml"], 2, "no/o.yaml cannot be written"),
        (["classic", "stage.0.conv1.bias=false", "--write", "o.yaml"], 2, "stands in block stage"),
        (["sample.yaml", "classes=2", "--dtype", "float31"], 2, "there is no dtype `float31`"),
    ],
)
def test_wrong(run: Run, args: list[str], code: int, message: str) -> None:
    outcome = run("whatif", *args)
    assert outcome.code == code, outcome.output
    assert message in outcome.stderr
    assert not Path("o.yaml").exists()


class TestWriting:
    def test_session(self, run: Run, golden: Golden) -> None:
        outcome = run("whatif", *CHANGE, "--write", "new.yaml")
        golden("whatif-write.txt", outcome.stderr)
        golden("whatif-write.yaml", Path("new.yaml").read_text("utf-8"))
        assert run("check", "new.yaml").code == 0

    def test_over_itself_from_standard_input(self, run: Run) -> None:
        text = Path("warned.yaml").read_text("utf-8")
        outcome = run("whatif", "-", "rounding=floor", "--write", "warned.yaml", stdin=text)
        assert outcome.code == 0
        assert "rounding: floor" in Path("warned.yaml").read_text("utf-8")
