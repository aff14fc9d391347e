"""`cnncalc zoo`: the list in every format, one file, misuse."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from cnncalc import bundled
from cnncalc.cli import progress
from cnncalc.report.report import Report
from cnncalc.zoo import rendering
from cnncalc.zoo.rendering import record
from tests.cli.conftest import Run, Terminal, without_colour
from tests.conftest import Golden

BUNDLED = Path(__file__).parents[2] / "architectures"


@pytest.fixture
def two_bundled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zoo of two, so that the stored lists do not change with every new architecture."""
    for name in ("faulty", "odd"):
        (folder / f"{name}.yaml").unlink()
    monkeypatch.setattr(bundled, "folder", lambda: folder)


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

    def test_sorted_list_has_a_column_for_the_family(self, run: Run) -> None:
        first, *_ = run("zoo", "--sort", "params").stdout.splitlines()
        assert first.split()[:2] == ["name", "family"]


def names(run: Run, *args: str) -> list[str]:
    """The names that a list has, in its order."""
    listed = csv.DictReader(io.StringIO(run("zoo", *args, "-f", "csv").stdout))
    return [row["name"] for row in listed]


@pytest.mark.slow
def test_every_bundled_file_is_listed(run: Run) -> None:
    assert sorted(names(run)) == sorted(path.stem for path in BUNDLED.glob("*.yaml"))


@pytest.mark.slow
def test_every_bundled_file_names_its_source(run: Run) -> None:
    for entry in json.loads(run("zoo", "-f", "json").stdout):
        assert entry["source"], entry["name"]
        assert entry["params"] > 0
        assert entry["macs"] > 0


def test_families_stand_together_in_their_order(run: Run) -> None:
    entries = json.loads(run("zoo", "-f", "json").stdout)
    families = [entry["family"] for entry in entries]
    assert families == sorted(families, key=bundled.by_family)
    assert set(families) <= set(bundled.FAMILIES)
    assert families[0] == "Classics"


def test_names_are_in_the_order_of_their_numbers(run: Run) -> None:
    assert sorted(["resnet101", "resnet18", "resnet", "alexnet"], key=bundled.by_name) == [
        *("alexnet", "resnet", "resnet18", "resnet101")
    ]
    listed = names(run, "--sort", "name")
    assert listed == sorted(listed, key=bundled.by_name)


@pytest.mark.parametrize("key", ["params", "macs"])
def test_sort(run: Run, key: str) -> None:
    entries = json.loads(run("zoo", "--sort", key, "-f", "json").stdout)
    numbers = [entry[key] for entry in entries]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) > 10
    reversed_ = names(run, "--sort", key, "--reverse")
    assert reversed_ == [entry["name"] for entry in reversed(entries)]


class TestFilter:
    def test_by_name_and_by_family(self, run: Run) -> None:
        assert {"alexnet", "alexnet-two-gpu", "zfnet"} <= set(names(run, "AlexNet"))
        assert all("alexnet" in name for name in names(run, "alexnet-"))
        assert "unet" in names(run, "segmentation")
        assert "vgg16" not in names(run, "segmentation")

    def test_only_what_matches_is_measured(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []

        def counted(stem: str, report: Report) -> dict[str, Any]:
            asked.append(stem)
            return record(stem, report)

        monkeypatch.setattr(rendering, "record", counted)
        assert 2 < len(names(run, "net")) == len(asked) < len(bundled.names())

    def test_an_exact_name_with_options_is_a_list_of_one(self, run: Run) -> None:
        assert names(run, "resnet50") == ["resnet50"]
        assert names(run, "unet.yaml") == ["unet"]
        assert "1 architecture;" in run("zoo", "resnet50", "--sort", "macs").stdout

    def test_a_filtered_list_in_markdown_is_a_table_and_no_page(self, run: Run) -> None:
        assert run("zoo", "unet", "-f", "markdown").stdout.startswith("| name | family |")


class TestProgress:
    """A bar where someone watches and many files are measured, nothing else."""

    def test_on_a_terminal(
        self, run: Run, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(progress, "MANY", 2)
        terminal(80)
        assert "measuring" in run("zoo", "net").stderr
        assert run("zoo", "resnet50", "--sort", "macs").stderr == ""

    def test_in_a_pipe(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(progress, "MANY", 2)
        assert run("zoo", "net").stderr == ""


@pytest.mark.parametrize("name", ["resnet50", "resnet50.yaml"])
def test_print_one(run: Run, name: str) -> None:
    assert run("zoo", name).stdout == (BUNDLED / "resnet50.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["resnt50"], "there is no bundled architecture `resnt50`; did you mean `resnet50`?"),
        (["Clasics"], "there is no bundled architecture `Clasics`; did you mean `Classics`?"),
        ([""], "there is no bundled architecture ``; `cnncalc zoo` lists them"),
        (["zzz"], "there is no bundled architecture `zzz`; `cnncalc zoo` lists them"),
        (["../pyproject"], "there is no bundled architecture `../pyproject`"),
        (["--format", "yaml"], "yaml"),
        (["--sort", "colour"], "colour"),
    ],
)
def test_misuse(run: Run, args: list[str], message: str) -> None:
    outcome = run("zoo", *args)
    assert outcome.code == 2
    assert message in outcome.stderr
    assert outcome.stdout == ""
