"""`cnncalc check`: every format whole, what paths mean, exit codes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from cnncalc.diagnostics import CATALOGUE
from tests.cli.conftest import Run, Terminal, without_colour
from tests.conftest import Golden

GOOD = "input: 4\nlayers: [{dense: 2}]\n"


class TestWholeOutputs:
    def test_text(self, run: Run, golden: Golden) -> None:
        outcome = run("check", "faulty.yaml", "warned.yaml", "sample.yaml")
        golden("check.txt", outcome.stdout)
        assert outcome.stderr == ""
        assert outcome.code == 1

    def test_json(self, run: Run, golden: Golden) -> None:
        outcome = run("check", "faulty.yaml", "warned.yaml", "-f", "json")
        golden("check.json", outcome.stdout)
        assert outcome.stderr == "2 files checked: 1 with errors (4 errors, 4 warnings)\n"

    def test_github(self, run: Run, golden: Golden) -> None:
        outcome = run("check", "faulty.yaml", "warned.yaml", "-f", "github")
        golden("check-github.txt", outcome.stdout)
        assert outcome.stderr == "2 files checked: 1 with errors (4 errors, 4 warnings)\n"

    def test_sarif(self, run: Run, golden: Golden) -> None:
        """The results; the rules are those of the catalogue, see test_sarif.py."""
        outcome = run("check", "faulty.yaml", "warned.yaml", "odd.yaml", "-f", "sarif")
        log = json.loads(outcome.stdout)
        log["runs"][0]["tool"]["driver"].pop("rules")
        log["runs"][0]["tool"]["driver"].pop("version")
        for result in log["runs"][0]["results"]:
            result.pop("ruleIndex")
        golden("check.sarif", json.dumps(log, ensure_ascii=False, indent=1) + "\n")

    def test_junit(self, run: Run, golden: Golden) -> None:
        outcome = run("check", "faulty.yaml", "warned.yaml", "sample.yaml", "-f", "junit")
        golden("check-junit.xml", re.sub(r'time="[\d.]+"', 'time="0"', outcome.stdout))

    def test_odd_lines(self, run: Run, golden: Golden) -> None:
        """Carets stand below what they mean: behind wide characters, in lines that are cut."""
        golden("check-odd.txt", run("check", "odd.yaml").stdout)

    def test_a_terminal_wraps_nothing(self, run: Run, golden: Golden, terminal: Terminal) -> None:
        """Lines of a finding stay whole: a terminal wraps them itself, a copy is not broken."""
        terminal(40)
        shown = without_colour(run("check", "faulty.yaml", "warned.yaml", "sample.yaml").stdout)
        golden("check.txt", shown)


class TestJson:
    def test_keys(self, run: Run) -> None:
        found = json.loads(run("check", "faulty.yaml", "-f", "json").stdout)
        assert list(found) == ["files"]
        assert [list(file) for file in found["files"]] == [
            ["file", "ok", "diagnostics", "repeats", "left_out"]
        ]
        for diagnostic in found["files"][0]["diagnostics"]:
            assert list(diagnostic) == [
                "file", "line", "column", "end_line", "end_column", "severity", "code", "layer",
                "message", "notes", "help",
            ]  # fmt: skip
            assert diagnostic["code"] in CATALOGUE

    def test_span_counts_from_1_and_ends_after(self, run: Run) -> None:
        found = json.loads(
            run("check", "-", "-f", "json", stdin="input: 4\nlayers: [dence]").stdout
        )
        (diagnostic,) = found["files"][0]["diagnostics"]
        span = [diagnostic[key] for key in ("line", "column", "end_line", "end_column")]
        assert span == [2, 10, 2, 15]

    def test_no_file_is_left_out(self, run: Run) -> None:
        found = json.loads(run("check", "zzz.yaml", "warned.yaml", "-f", "json").stdout)
        assert [(file["file"], file["ok"]) for file in found["files"]] == [
            ("zzz.yaml", False),
            ("warned.yaml", True),
        ]


class TestGithub:
    def test_special_characters_are_escaped(self, run: Run, folder: Path) -> None:
        (folder / "a,b.yaml").write_text("input: 4\nlayers: [{dense: 1%}]")
        line = run("check", "a,b.yaml", "-f", "github").stdout
        assert line.startswith("::error file=a%2Cb.yaml,line=2,endLine=2,col=")
        assert "`1%25`" in line
        assert line.count("\n") == 1


class TestPaths:
    def test_all_well(self, run: Run, folder: Path) -> None:
        (folder / "good.yaml").write_text(GOOD)
        outcome = run("check", "good.yaml")
        assert (outcome.code, outcome.stdout) == (0, "1 file checked: all well\n")

    def test_warnings_are_well(self, run: Run) -> None:
        outcome = run("check", "warned.yaml")
        assert outcome.code == 0
        assert outcome.stdout.endswith("1 file checked: all well (0 errors, 4 warnings)\n")

    def test_folder_and_its_folders(self, run: Run, folder: Path) -> None:
        for name in ("a/one.yaml", "a/b/two.yml", "a/.hidden/three.yaml", "a/notes.txt"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(GOOD)
        found = json.loads(run("check", "a", "-f", "json").stdout)
        assert [Path(file["file"]).as_posix() for file in found["files"]] == [
            "a/b/two.yml",
            "a/one.yaml",
        ]

    def test_glob(self, run: Run, folder: Path) -> None:
        for name in ("net1.yaml", "net2.yaml", "other.yaml"):
            (folder / name).write_text(GOOD)
        assert run("check", "net*.yaml").stdout == "2 files checked: all well\n"

    @pytest.mark.parametrize(
        ("glob", "found"),
        [
            ("*.yaml", ["net.yaml"]),
            ("**.yaml", ["net.yaml"]),
            ("**/**t*.yaml", ["net.yaml", "sub/net.yaml"]),
            ("**/*.yaml", ["net.yaml", "sub/net.yaml"]),
            ("s*", ["sub/net.yaml"]),
            ("./s**", ["sub/net.yaml"]),
            (".h*/*.yaml", [".hidden/net.yaml"]),
            (".*.yaml", [".net.yaml"]),
            ("sub/../*.yaml", ["sub/../net.yaml"]),
        ],
    )
    def test_what_a_glob_means(
        self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, glob: str, found: list[str]
    ) -> None:
        own = folder / "own"
        own.mkdir()
        monkeypatch.chdir(own)
        for name in (
            "net.yaml",
            ".net.yaml",
            "sub/net.yaml",
            "sub/.x/net.yaml",
            ".hidden/net.yaml",
        ):
            (own / name).parent.mkdir(parents=True, exist_ok=True)
            (own / name).write_text(GOOD)
        for pattern in (glob, str(own / glob)):
            files = json.loads(run("check", pattern, "-f", "json").stdout)["files"]
            reported = [os.path.relpath(file["file"]) for file in files]
            assert reported == [os.path.normpath(name) for name in found]

    def test_a_file_named_twice_is_checked_once(self, run: Run, folder: Path) -> None:
        (folder / "good.yaml").write_text(GOOD)
        assert run("check", "good.yaml", "g*.yaml").stdout == "1 file checked: all well\n"

    def test_a_file_whose_name_looks_like_a_glob(self, run: Run, folder: Path) -> None:
        (folder / "net[1].yaml").write_text(GOOD)
        assert run("check", "net[1].yaml").stdout == "1 file checked: all well\n"

    def test_standard_input(self, run: Run) -> None:
        assert run("check", "-", stdin=GOOD).code == 0
        outcome = run("check", "-", stdin="input: 4")
        assert outcome.code == 1
        assert "<stdin>:1:1: error[missing-option]: the file has no `layers:`" in outcome.stdout

    def test_a_misspelt_bundled_name(self, run: Run) -> None:
        """As summary says it; what is written as a path is none."""
        outcome = run("check", "alexnt")
        assert "help: did you mean `alexnet`?" in outcome.stdout
        assert "did you mean" not in run("check", "nets/alexnt").stdout

    @pytest.mark.parametrize("content", [b"\xff\xfei\0", b"input: 4 \xff", b"a\0b"])
    def test_an_unreadable_file_does_not_stop_the_others(
        self, run: Run, folder: Path, content: bytes
    ) -> None:
        (folder / "bad.yaml").write_bytes(content)
        (folder / "good.yaml").write_text(GOOD)
        outcome = run("check", "bad.yaml", "missing.yaml", "good.yaml")
        assert outcome.code == 1
        assert outcome.stdout.endswith("3 files checked: 2 with errors (2 errors, 0 warnings)\n"), (
            outcome.stdout
        )

    @pytest.mark.slow
    def test_bundled_architectures_are_well(self, run: Run) -> None:
        bundled = Path(__file__).parents[2] / "architectures"
        outcome = run("check", str(bundled))
        assert outcome.stdout == f"{len(list(bundled.glob('*.yaml')))} files checked: all well\n"

    def test_max_layers(self, run: Run) -> None:
        assert "limit-exceeded" in run("check", "warned.yaml", "--max-layers", "3").stdout


class TestMisuse:
    @pytest.mark.parametrize(
        "args",
        [[], ["empty"], ["*.yml"], ["warned.yaml", "--format", "xml"], ["--fix", "warned.yaml"]],
    )
    def test_exit_code_2(self, run: Run, folder: Path, args: list[str]) -> None:
        (folder / "empty").mkdir()
        outcome = run("check", *args)
        assert outcome.code == 2
        assert outcome.stdout == ""
        assert outcome.stderr

    def test_output_is_not_what_a_file_extends(self, run: Run) -> None:
        Path("base.yaml").write_text(GOOD)
        Path("between.yaml").write_text("extends: base.yaml\n")
        Path("top.yaml").write_text("extends: between.yaml\n")
        outcome = run("check", "top.yaml", "-o", "base.yaml")
        assert outcome.code == 2
        assert "--output base.yaml: top.yaml extends this file" in outcome.stderr
        assert Path("base.yaml").read_text() == GOOD
        Path("report.txt").write_text("old")
        assert run("check", "top.yaml", "-o", "report.txt").code == 0
