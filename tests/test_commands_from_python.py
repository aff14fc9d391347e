"""What commands do to files and machines, from Python: the same as they do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import cnncalc
from cnncalc.cli.app import app

SMALL = "input: 8x8x3\nlayers:\n  - {name: a, conv: {filters: 4, kernel: 3}}  # first\n"
MISFIT = SMALL.replace("kernel: 3", "kernel: 3, stride: 2")
QUICK: dict[str, Any] = {"backend": "reference", "repeat": 1, "warmup": 0}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL)
    (tmp_path / "misfit.yaml").write_text(MISFIT)
    return tmp_path


def command(*words: str) -> str:
    return CliRunner().invoke(app, words).output


# --- check ---------------------------------------------------------------------------------------


def test_check_takes_what_the_command_takes(folder: Path) -> None:
    named: list[Any] = [[folder], "*.yaml", [Path("misfit.yaml"), "small.yaml"]]
    for paths in named:
        found = cnncalc.check(paths)
        assert [(Path(one.file).name, one.ok) for one in found] == [
            ("misfit.yaml", False), ("small.yaml", True)
        ]  # fmt: skip
    (misfit, _) = cnncalc.check([folder])
    assert [finding.code for finding in misfit.errors] == ["stride-misfit"]
    assert cnncalc.check("alexnet")[0].ok


def test_check_selects_and_is_strict(folder: Path) -> None:
    path = folder / "small.yaml"
    path.write_text(SMALL + "vars: {unused: 1}\nexpect: {params: 1}\n")

    def codes(**options: Any) -> list[str]:
        (one,) = cnncalc.check(path, **options)
        return [finding.code for finding in one.diagnostics]

    assert set(codes()) == {"unused-variable", "expectation-failed"}
    assert codes(select="unused-variable") == ["unused-variable"]
    assert codes(ignore=["unused-variable"]) == ["expectation-failed"]
    assert cnncalc.check(path, select=["unused-variable"])[0].ok
    assert not cnncalc.check(path, select=["unused-variable"], strict=True)[0].ok


def test_check_refuses(folder: Path) -> None:
    wrong: list[tuple[Any, dict[str, Any]]] = [
        ("none/*.yaml", {}), ([], {}), (folder, {"select": "no-such"}), (folder, {"jobs": 0})
    ]  # fmt: skip
    for paths, options in wrong:
        with pytest.raises(cnncalc.UsageError):
            cnncalc.check(paths, **options)


# --- files that are written ----------------------------------------------------------------------


def test_fmt(folder: Path) -> None:
    path = folder / "small.yaml"
    path.write_text(SMALL.replace("layers:\n", "layers:\n\n\n"))
    before = path.read_text()
    done = cnncalc.fmt(path)
    assert (done.changes, path.read_text()) == (True, before)
    assert cnncalc.fmt(path, write=True).text == done.text == path.read_text()
    assert "# first" in done.text
    assert not cnncalc.fmt(path).changes
    assert command("fmt", "--check", "small.yaml").endswith("1 unchanged\n")


def test_fmt_says_why_not(folder: Path) -> None:
    (folder / "broken.yaml").write_text("layers: [")
    assert [finding.code for finding in cnncalc.fmt("broken.yaml", write=True).findings] == [
        "yaml-syntax"
    ]
    assert (folder / "broken.yaml").read_text() == "layers: ["
    (folder / "other.yaml").write_text("a: 1")
    assert "not an architecture" in (cnncalc.fmt("other.yaml").reason or "")


def test_update(folder: Path) -> None:
    path = folder / "small.yaml"
    done = cnncalc.update(path)
    # 6 x 6 windows of 3 x 3 x 3 for 4 filters, and 4 biases
    assert [(change.path, change.after) for change in done.changes] == [
        ("output", "6x6x4"), ("params", "112"), ("macs", "3888")
    ]  # fmt: skip
    assert path.read_text() == done.text
    assert "# first" in done.text
    assert cnncalc.update(path).changes == ()
    assert not cnncalc.update("misfit.yaml").report.ok
    assert Path("misfit.yaml").read_text() == MISFIT


@pytest.mark.parametrize("path", ["-", "alexnet"])
@pytest.mark.usefixtures("folder")
def test_update_takes_files_of_the_users(path: str) -> None:
    with pytest.raises(cnncalc.UsageError):
        cnncalc.update(path)


@pytest.mark.usefixtures("folder")
def test_repairs_are_applied() -> None:
    found = cnncalc.repairs("misfit.yaml", apply=2, write="mended.yaml").found
    assert cnncalc.load("mended.yaml").ok
    assert "# first" in Path("mended.yaml").read_text()
    assert Path("misfit.yaml").read_text() == MISFIT
    command("fit", "misfit.yaml", "--apply", "2", "--write", "again.yaml")
    assert Path("again.yaml").read_text() == Path("mended.yaml").read_text()
    assert len(found) >= 2


@pytest.mark.usefixtures("folder")
def test_no_repair_to_apply() -> None:
    for options in ({"apply": 1}, {"write": "x"}, {"apply": 0, "write": "x"}):
        with pytest.raises(cnncalc.UsageError):
            cnncalc.repairs("misfit.yaml", **options)
    with pytest.raises(cnncalc.UsageError, match="the list has none"):
        cnncalc.repairs("small.yaml", apply=1, write="x")
    assert not Path("x").exists()


# --- networks that are run -----------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_run() -> None:
    report = cnncalc.run("small.yaml", **QUICK, batch=2, output_file="out.npy")
    assert report.run is not None
    assert (report.run.backend, report.run.repeats, report.run.warmups) == ("reference", 1, 0)
    assert all(row.timing is not None for row in report.rows)
    assert report._replace(
        run=None, rows=tuple(row._replace(timing=None) for row in report.rows)
    ) == cnncalc.load("small.yaml", batch=2)
    words = "summary small.yaml --run --backend reference --repeat 1 --batch 2 --output-file o.npy"
    command(*words.split())
    np.testing.assert_array_equal(np.load("out.npy"), np.load("o.npy"))
    assert np.load("o.npy").shape == (2, 6, 6, 4)


@pytest.mark.usefixtures("folder")
def test_a_network_with_errors_is_not_run() -> None:
    report = cnncalc.run("misfit.yaml")
    assert (report.ok, report.run) == (False, None)


@pytest.mark.parametrize(
    "options",
    [{"backend": "gpu"}, {"threads": 0}, {"repeat": 0}, {"warmup": -1}, {"seed": 1.5}],
)
@pytest.mark.usefixtures("folder")
def test_run_refuses(options: dict[str, Any]) -> None:
    for function in (cnncalc.run, cnncalc.bench):
        with pytest.raises(cnncalc.UsageError):
            function("small.yaml", **options)


@pytest.mark.usefixtures("folder")
def test_bench() -> None:
    first = cnncalc.bench("*.yaml", **QUICK)
    assert [entry.name for entry in first.entries] == ["small"]
    assert [failed.file for failed in first.unmeasured] == ["misfit.yaml"]
    assert first.comparison is None
    command(
        "bench",
        "small.yaml",
        *["--backend", "reference", "--repeat", "1", "-f", "json", "-o", "b.json"],
    )
    assert json.loads(Path("b.json").read_text())["settings"]["backend"] == "reference"
    for baseline in (first, "b.json"):
        now = cnncalc.bench("small.yaml", **QUICK, baseline=baseline, tolerance=1e9)
        assert now.comparison is not None
        assert now.comparison.passed
        assert list(now.comparison.changes) == ["small"]
    with pytest.raises(cnncalc.UsageError):
        cnncalc.bench("small.yaml", baseline=first, tolerance=-1)


# --- networks ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_networks() -> None:
    network = cnncalc.Network.load("small.yaml", input="9x9x3")
    assert network.report == cnncalc.load("small.yaml", input="9x9x3")
    assert cnncalc.Network.loads(SMALL).report == cnncalc.loads(SMALL)
    assert network.with_overrides(cnncalc.Overrides()).report == cnncalc.load("small.yaml")
    assert not network.reparsed(MISFIT).report.ok
    assert [node.name for node in network.graph.nodes] == ["a"]
