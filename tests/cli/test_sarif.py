"""`cnncalc check --format sarif`, held to the schema of the standard."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from cnncalc.checks.rules import rule_page
from cnncalc.diagnostics import CATALOGUE
from cnncalc.render.diagnostics.places import relative, uri

from .conftest import Run

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "reference" / "sarif-2.1.0.json").read_text("utf-8")
)
WRONG = "input: 4\nlayers: [dence]\n"


def sarif(run: Run, *args: str, stdin: str | None = None) -> dict[str, Any]:
    """A log that the schema accepts."""
    log = json.loads(run("check", *args, "--format", "sarif", stdin=stdin).stdout)
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    assert len(log["runs"]) == 1
    return dict(log["runs"][0])


def test_the_schema_refuses() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SCHEMA).validate({"version": "2.1.0", "runs": [{"tool": {}}]})


def test_nothing_found_is_a_log_as_well(run: Run, folder: Path) -> None:
    (folder / "good.yaml").write_text("input: 4\nlayers: [{dense: 2}]\n")
    assert sarif(run, "good.yaml")["results"] == []


def test_rules_are_the_catalogue(run: Run) -> None:
    rules = sarif(run, "warned.yaml")["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CATALOGUE)
    for rule in rules:
        severity, meaning = CATALOGUE[rule["id"]]
        assert rule["shortDescription"]["text"] == meaning
        assert rule["fullDescription"]["text"] == rule_page(rule["id"]).text
        assert rule["defaultConfiguration"]["level"] == severity
        assert rule_page(rule["id"]).wrong in rule["help"]["markdown"]


def test_results_say_what_json_says(run: Run) -> None:
    args = ("faulty.yaml", "warned.yaml", "odd.yaml", "missing.yaml")
    run_of = sarif(run, *args)
    files = json.loads(run("check", *args, "-f", "json").stdout)["files"]
    findings = [finding for file in files for finding in file["diagnostics"]]
    assert len(run_of["results"]) == len(findings) > 0
    for result, finding in zip(run_of["results"], findings, strict=True):
        rule = run_of["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] == finding["code"]
        assert result["level"] == finding["severity"]
        subject = f"{finding['layer']}: " if finding["layer"] else ""
        assert result["message"]["text"].splitlines()[0] == subject + finding["message"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"] == {"uri": finding["file"], "uriBaseId": "%SRCROOT%"}
        if finding["code"] == "file-unreadable":
            assert "region" not in place
        else:
            assert place["region"] == {
                "startLine": finding["line"], "startColumn": finding["column"],
                "endLine": finding["end_line"], "endColumn": finding["end_column"],
            }  # fmt: skip


class TestFingerprints:
    def marks(self, run: Run, file: str) -> list[str]:
        results = sarif(run, file)["results"]
        return [result["partialFingerprints"]["cnncalcFinding/v1"] for result in results]

    def test_stay_while_lines_move(self, run: Run, folder: Path) -> None:
        before = self.marks(run, "faulty.yaml")
        text = (folder / "faulty.yaml").read_text("utf-8")
        (folder / "faulty.yaml").write_text("# one\n# two\n" + text, "utf-8")
        assert self.marks(run, "faulty.yaml") == before

    def test_tell_findings_apart(self, run: Run, folder: Path) -> None:
        (folder / "twice.yaml").write_text("input: 4\nlayers: [dence, dence, danse]\n")
        assert len(set(self.marks(run, "twice.yaml"))) == 3
        (folder / "other.yaml").write_bytes((folder / "twice.yaml").read_bytes())
        assert not set(self.marks(run, "twice.yaml")) & set(self.marks(run, "other.yaml"))


AWKWARD = [
    "a b.yaml",
    "100%.yaml",
    "ünïcode 网络.yaml",
    "x,y;z#q?.yaml",
    "c:d.yaml",
    "back\\s.yaml",
]


class TestPlaces:
    @pytest.mark.parametrize("name", AWKWARD)
    def test_awkward_names_come_back(self, run: Run, folder: Path, name: str) -> None:
        (folder / "sub").mkdir()
        (folder / "sub" / name).write_text(WRONG)
        (result,) = sarif(run, f"sub/{name}")["results"]
        address = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert unquote(address) == f"sub/{name}"
        assert not set(address) & set(' #?,;:\\"<>')
        line = run("check", f"sub/{name}", "-f", "github").stdout
        named = line.partition("file=")[2].partition(",")[0]
        for code, character in (("%2C", ","), ("%3A", ":"), ("%25", "%")):
            named = named.replace(code, character)
        assert named == f"sub/{name}"

    def test_from_the_checkout(
        self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / "sub").mkdir()
        (folder / "wrong.yaml").write_text(WRONG)
        monkeypatch.chdir(folder / "sub")
        monkeypatch.setenv("GITHUB_WORKSPACE", str(folder))
        (result,) = sarif(run, "../wrong.yaml")["results"]
        address = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert address == {"uri": "wrong.yaml", "uriBaseId": "%SRCROOT%"}
        assert run("check", "../wrong.yaml", "-f", "github").stdout.startswith(
            "::error file=wrong.yaml,line=2"
        )

    def test_outside_of_it(self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "sub").mkdir()
        (folder / "wrong.yaml").write_text(WRONG)
        monkeypatch.chdir(folder / "sub")
        (result,) = sarif(run, "../wrong.yaml")["results"]
        address = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert address == {"uri": (folder / "wrong.yaml").as_uri()}

    def test_standard_input(self, run: Run) -> None:
        (result,) = sarif(run, "-", stdin=WRONG)["results"]
        address = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert unquote(address) == "<stdin>"

    def test_windows(self) -> None:
        root = PureWindowsPath("C:\\work\\repo")
        assert relative(root / "nets" / "a b.yaml", root) == "nets/a b.yaml"
        assert uri(root / "nets" / "a b.yaml", root) == ("nets/a%20b.yaml", True)
        other = PureWindowsPath("D:\\a.yaml")
        assert uri(other, root) == ("file:///D:/a.yaml", False)
        assert relative(other, root) == "D:/a.yaml"

    def test_bytes_that_are_no_text(self) -> None:
        root = PurePosixPath("/r")
        assert uri(root / "a\udcff.yaml", root) == ("a%FF.yaml", True)
