"""`cnncalc zoo`: the list in every format, one file, misuse."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from cnncalc import zoo
from tests.cli.conftest import Run, Terminal, without_colour
from tests.conftest import Golden

BUNDLED = Path(__file__).parents[2] / "architectures"


@pytest.fixture
def two_bundled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zoo of two, so that the stored lists do not change with every new architecture."""
    for name in ("faulty", "odd"):
        (folder / f"{name}.yaml").unlink()
    monkeypatch.setattr(zoo, "folder", lambda: folder)


@pytest.mark.usefixtures("two_bundled")
class TestWholeOutputs:
    @pytest.mark.parametrize(
        ("format", "name"),
        [("table", "zoo.txt"), ("json", "zoo.json"), ("csv", "zoo.csv"), ("markdown", "zoo.md")],
    )
    def test_list(self, run: Run, golden: Golden, format: str, name: str) -> None:
        golden(name, run("zoo", "--format", format).stdout)

    def test_list_on_a_terminal(self, run: Run, golden: Golden, terminal: Terminal) -> None:
        terminal(60)
        shown = without_colour(run("zoo").stdout)
        golden("zoo-60.txt", shown)
        assert max(map(len, shown.splitlines())) <= 60


def test_every_bundled_file_is_listed(run: Run) -> None:
    listed = csv.DictReader(io.StringIO(run("zoo", "-f", "csv").stdout))
    assert [row["name"] for row in listed] == sorted(p.stem for p in BUNDLED.glob("*.yaml"))


def test_every_bundled_file_names_its_source(run: Run) -> None:
    for entry in json.loads(run("zoo", "-f", "json").stdout):
        assert entry["source"], entry["name"]
        assert entry["params"] > 0
        assert entry["macs"] > 0


@pytest.mark.parametrize("name", ["resnet50", "resnet50.yaml"])
def test_print_one(run: Run, name: str) -> None:
    assert run("zoo", name).stdout == (BUNDLED / "resnet50.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["resnt50"], "there is no bundled architecture `resnt50`; did you mean `resnet50`?"),
        (["zzz"], "there is no bundled architecture `zzz`; `cnncalc zoo` lists them"),
        (["../pyproject"], "there is no bundled architecture `../pyproject`"),
        (["--format", "yaml"], "yaml"),
    ],
)
def test_misuse(run: Run, args: list[str], message: str) -> None:
    outcome = run("zoo", *args)
    assert outcome.code == 2
    assert message in outcome.stderr
    assert outcome.stdout == ""
