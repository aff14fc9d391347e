"""`cnncalc check` over many files: which findings count, each reported once, by one process or
more."""

from __future__ import annotations

import json
import os
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import pytest

from cnncalc.checks import files as checking
from cnncalc.diagnostics import CATALOGUE, Severity

from .conftest import Run

GOOD = "input: 4\nlayers: [{dense: 2}]\n"
FAILED = GOOD + "expect: {params: 11, output: 2}\n"  # 4·2 + 2 = 10
UNUSED = "input: 4\nvars: {a: 1}\nlayers: [{dense: 2}]\n"
ON_REQUEST = "receptive-field-exceeds-input"
# 5 pixels of 3 are seen in front of the last layer.
BLIND = ("input: 3x3x1\nlayers:\n  - {conv: {filters: 1, kernel: 3, padding: 1}, repeat: 2}\n"
         "  - {conv: {filters: 1, kernel: 3, padding: 1}}")  # fmt: skip
MISFIT = "input: 6x6x3\nlayers: [{max_pool: {kernel: 3, stride: 2}}]\n"


@pytest.fixture
def write(folder: Path) -> Any:
    def write(**texts: str) -> None:
        for name, text in texts.items():
            (folder / f"{name}.yaml").write_text(text, "utf-8")

    return write


class TestSelection:
    @pytest.mark.parametrize(
        ("args", "code", "codes", "verdict"),
        [
            ([], 1, {"expectation-failed", "unused-variable"},
             "2 files checked: 1 with errors (1 error, 1 warning)"),
            (["--ignore", "unused-variable"], 1, {"expectation-failed"},
             "2 files checked: 1 with errors (1 error, 0 warnings, 1 left out)"),
            (["--ignore", "expectation-failed"], 0, {"unused-variable"},
             "2 files checked: no errors but 1 failed expectation left out "
             "(0 errors, 1 warning, 1 left out)"),
            (["--ignore", "expectation-failed, unused-variable"], 0, set(),
             "2 files checked: no errors but 1 failed expectation left out "
             "(0 errors, 0 warnings, 2 left out)"),
            (["--select", "unused-layer"], 0, set(),
             "2 files checked: no errors but 1 failed expectation left out "
             "(0 errors, 0 warnings, 2 left out)"),
            (["--select", "unused-layer", "--select", "expectation-failed"], 1,
             {"expectation-failed"},
             "2 files checked: 1 with errors (1 error, 0 warnings, 1 left out)"),
            (["--strict"], 1, {"expectation-failed", "unused-variable"},
             "2 files checked: 2 with errors or warnings (1 error, 1 warning)"),
            (["--strict", "--ignore", "unused-variable", "--ignore", "expectation-failed"], 0,
             set(), "2 files checked: no errors but 1 failed expectation left out "
             "(0 errors, 0 warnings, 2 left out)"),
        ],
    )  # fmt: skip
    def test_what_is_reported(
        self, run: Run, write: Any, args: list[str], code: int, codes: set[str], verdict: str
    ) -> None:
        write(a=FAILED, b=UNUSED)
        outcome = run("check", "a.yaml", "b.yaml", "-f", "json", *args)
        assert outcome.code == code
        assert outcome.stderr == verdict + "\n"
        files = json.loads(outcome.stdout)["files"]
        assert {d["code"] for file in files for d in file["diagnostics"]} == codes
        assert all(file["ok"] for file in files) == (code == 0)

    @pytest.mark.parametrize(
        ("args", "codes"),
        [
            ([], {"expectation-failed", "unused-variable"}),
            # Asking for one more hides nothing...
            (["--select", ON_REQUEST], {"expectation-failed", "unused-variable", ON_REQUEST}),
            # ...unless others are selected as well.
            (["--select", f"unused-variable,{ON_REQUEST}"], {"unused-variable", ON_REQUEST}),
            (["--select", ON_REQUEST, "--select", "unused-layer"], {ON_REQUEST}),
            (["--select", ON_REQUEST, "--ignore", ON_REQUEST],
             {"expectation-failed", "unused-variable"}),
            (["--ignore", f"{ON_REQUEST},expectation-failed"], {"unused-variable"}),
        ],
    )  # fmt: skip
    def test_on_request(self, run: Run, write: Any, args: list[str], codes: set[str]) -> None:
        write(a=UNUSED + "expect: {params: 11}\n", b=BLIND)
        outcome = run("check", "a.yaml", "b.yaml", "-f", "json", *args)
        files = json.loads(outcome.stdout)["files"]
        assert {d["code"] for file in files for d in file["diagnostics"]} == codes
        assert outcome.code == ("expectation-failed" in codes)

    @pytest.mark.parametrize(
        ("comment", "reported"), [("ignore", []), ("warn", [ON_REQUEST]), ("", [ON_REQUEST])]
    )
    def test_on_request_with_comments(
        self, run: Run, write: Any, comment: str, reported: list[str]
    ) -> None:
        write(a=f"{BLIND}  # cnncalc: {comment}[{ON_REQUEST}]\n" if comment else BLIND)
        for args, codes in (
            ([], reported if comment == "warn" else []),
            (["--select", ON_REQUEST], reported),
        ):
            outcome = run("check", "a.yaml", "-f", "json", *args)
            found = json.loads(outcome.stdout)["files"][0]["diagnostics"]
            assert [d["code"] for d in found] == codes

    def test_an_ignored_one_that_is_asked_for_and_not_found(self, run: Run, write: Any) -> None:
        write(a=GOOD + f"# cnncalc: ignore[{ON_REQUEST}]\n")
        assert run("check", "a.yaml").stdout == "1 file checked: all well\n"
        assert "[unused-ignore]" in run("check", "a.yaml", "--select", ON_REQUEST).stdout

    @pytest.mark.parametrize("option", ["--select", "--ignore"])
    def test_errors_are_always_reported(self, run: Run, write: Any, option: str) -> None:
        write(a=MISFIT)
        outcome = run("check", "a.yaml", option, "unused-layer")
        assert outcome.code == 1
        assert "error[stride-misfit]" in outcome.stdout

    @pytest.mark.parametrize("code", CATALOGUE)
    def test_no_error_of_the_network_may_be_left_out(self, run: Run, code: str) -> None:
        may = CATALOGUE[code][0] is Severity.WARNING or code == "expectation-failed"
        outcome = run("check", "sample.yaml", "--ignore", code)
        assert (outcome.code != 2) == may
        if not may:
            assert outcome.stderr.startswith(f"cnncalc: --ignore {code}: an error of the network")

    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (["--select", "unused-layr"], "--select: there is no diagnostic `unused-layr`; "
             "did you mean `unused-layer`?"),
            (["--ignore", "E501"], "--ignore: there is no diagnostic `E501`; "
             "`cnncalc explain --all` lists them"),
            (["--ignore", ","], "--ignore names no diagnostic; `cnncalc explain --all` lists them"),
        ],
    )  # fmt: skip
    def test_misuse(self, run: Run, args: list[str], message: str) -> None:
        outcome = run("check", "sample.yaml", *args)
        assert (outcome.code, outcome.stdout) == (2, "")
        assert outcome.stderr == f"cnncalc: {message}\n"


class TestQuiet:
    def test_only_findings(self, run: Run, write: Any) -> None:
        write(a=GOOD, b=FAILED)
        assert run("check", "a.yaml", "-q").output == ""
        outcome = run("check", "a.yaml", "b.yaml", "--quiet")
        assert outcome.code == 1
        assert outcome.output.splitlines()[0].startswith("b.yaml:3:10: error[expectation-failed]")
        assert "checked" not in outcome.output
        assert run("check", "b.yaml", "-q", "-f", "json").stderr == ""


class TestEachOnce:
    """What is wrong with a file that several extend is reported once."""

    @pytest.fixture(autouse=True)
    def files(self, write: Any) -> None:
        write(base=MISFIT, a="extends: base.yaml\n", b="extends: base.yaml\n")

    def test_text(self, run: Run) -> None:
        outcome = run("check", "a.yaml", "b.yaml", "base.yaml")
        lines = outcome.stdout.splitlines()
        assert lines[0].startswith("base.yaml:2:33: error[stride-misfit]: ")
        assert "  note: in the network of a.yaml, which extends this file" in lines
        assert lines[-3:] == [
            "b.yaml: 1 finding as reported above, at base.yaml:2:33",
            "base.yaml: 1 finding as reported above, at base.yaml:2:33",
            "3 files checked: 3 with errors (1 error, 0 warnings)",
        ]
        assert outcome.stdout.count("stride-misfit") == 1

    def test_the_base_first(self, run: Run) -> None:
        outcome = run("check", "base.yaml", "a.yaml")
        assert "in the network of" not in outcome.stdout
        assert "a.yaml: 1 finding as reported above" in outcome.stdout

    def test_json(self, run: Run) -> None:
        files = json.loads(run("check", "a.yaml", "b.yaml", "-f", "json").stdout)["files"]
        assert [file["ok"] for file in files] == [False, False]
        assert [len(file["diagnostics"]) for file in files] == [1, 0]
        reported, repeat = files[0]["diagnostics"][0], files[1]["repeats"][0]
        assert repeat == {key: reported[key] for key in repeat}

    @pytest.mark.parametrize(("format", "code"), [("github", "stride-misfit"), ("sarif", "ruleId")])
    def test_other_formats(self, run: Run, format: str, code: str) -> None:
        assert run("check", "a.yaml", "b.yaml", "-f", format).stdout.count(code) == 1

    def test_junit(self, run: Run) -> None:
        """Every file is a case of its own, and fails; the second refers to the first."""
        printed = run("check", "a.yaml", "b.yaml", "-f", "junit").stdout
        assert printed.count("<failure") == 2
        assert printed.count("(reported with a file above)") == 1

    def test_what_differs_is_reported_again(self, run: Run, write: Any) -> None:
        write(b="extends: base.yaml\ninput: 8x8x3\n")
        assert run("check", "a.yaml", "b.yaml").stdout.count("error[stride-misfit]") == 2


class TestOutput:
    @pytest.mark.parametrize("format", ["text", "json", "github", "sarif"])
    def test_holds_what_would_be_printed(self, run: Run, folder: Path, format: str) -> None:
        printed = run("check", "faulty.yaml", "-f", format)
        outcome = run("check", "faulty.yaml", "-f", format, "--output", "out.txt")
        verdict = "1 file checked: 1 with errors (4 errors, 0 warnings)\n"
        assert (outcome.code, outcome.stdout, outcome.stderr) == (1, "", verdict)
        written = (folder / "out.txt").read_text("utf-8")
        assert written == printed.stdout.removesuffix(verdict)

    def test_whole_or_not_at_all(
        self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / "out.txt").write_text("before")

        def fail(*args: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", fail)
        outcome = run("check", "faulty.yaml", "--output", "out.txt")
        assert outcome.code == 2
        assert outcome.stderr == "cnncalc: out.txt cannot be written: No space left on device\n"
        assert (folder / "out.txt").read_text() == "before"
        assert not [path for path in folder.iterdir() if path.name.startswith(".out")]

    @pytest.mark.parametrize("target", ["-", "/dev/stdout"])
    def test_standard_output(self, run: Run, target: str) -> None:
        assert run("check", "faulty.yaml", "-o", target) == run("check", "faulty.yaml")

    @pytest.mark.parametrize("target", ["no/out.txt", ".", "faulty.yaml"])
    def test_misuse(self, run: Run, folder: Path, target: str) -> None:
        before = (folder / "faulty.yaml").read_bytes()
        outcome = run("check", "faulty.yaml", "--output", target)
        assert (outcome.code, outcome.stdout) == (2, "")
        assert outcome.stderr.startswith(f"cnncalc: --output {target}: ")
        assert (folder / "faulty.yaml").read_bytes() == before


check_file = checking.check_file


class TestJobs:
    @pytest.fixture
    def many(self, write: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        monkeypatch.setattr(checking, "SECONDS_ALONE", 0)
        write(base=MISFIT, u=UNUSED)
        for number in range(12):
            text = (GOOD, FAILED, "extends: base.yaml\n", "input: [")[number % 4]
            write(**{f"n{number}": text})
        return [f"n{number}.yaml" for number in range(12)]

    @pytest.mark.parametrize("format", ["text", "json", "github", "sarif"])
    def test_same_bytes(self, run: Run, many: list[str], format: str) -> None:
        args = ("check", *many, "-", "missing.yaml", "alexnet", "-f", format)
        alone = run(*args, "--jobs", "1", stdin=FAILED)
        together = run(*args, "--jobs", "2", stdin=FAILED)
        assert alone.stdout.count("n1.yaml") >= 1
        assert together == alone

    def test_processes_that_die(
        self, run: Run, many: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What they leave undone this process does."""
        alone = run("check", *many, "--jobs", "1")
        monkeypatch.setattr(checking, "check_file", _die)
        assert run("check", *many, "--jobs", "2") == alone


def _die(file: str, **options: Any) -> checking.Checked:
    if parent_process() is not None:
        os._exit(1)
    return check_file(file, **options)
