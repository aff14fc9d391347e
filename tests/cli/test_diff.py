"""`cnncalc diff`: every format whole, revisions, exit codes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ..conftest import Golden
from .conftest import Run

OTHER = (
    ("filters: 8, kernel: 3, stride: 2", "filters: 10, kernel: 3, stride: 2"),
    ("  - relu   ", "  - gelu   "),
    ("{name: tied, share: res.0, residual", "{name: tied, residual"),
    ("name: meet", "name: join"),
    ("{width: 8}, repeat: 2", "{width: 10}, repeat: 3"),
    ("{width: 8}}", "{width: 10}}"),
    ("  - softmax", "  # no softmax"),
    ("name: Sample", "name: Other sample"),
)


@pytest.fixture
def other(folder: Path) -> str:
    """A file that differs from the sample in all that can differ."""
    text = (folder / "sample.yaml").read_text("utf-8")
    for before, after in OTHER:
        assert before in text, before
        text = text.replace(before, after)
    (folder / "other.yaml").write_text(text.partition("expect:")[0], "utf-8")
    text = (folder / "sample.yaml").read_text("utf-8")
    (folder / "sample.yaml").write_text(text.partition("expect:")[0], "utf-8")
    return "other.yaml"


class TestWholeOutputs:
    @pytest.mark.parametrize(
        ("format", "name"),
        [("table", "txt"), ("markdown", "md"), ("csv", "csv"), ("json", "json")],
    )
    def test_formats(self, run: Run, other: str, golden: Golden, format: str, name: str) -> None:
        outcome = run("diff", "sample.yaml", other, "--format", format)
        golden(f"diff.{name}", outcome.stdout)
        assert outcome.code == 0

    @pytest.mark.usefixtures("other")
    def test_no_difference(self, run: Run, golden: Golden) -> None:
        outcome = run("diff", "sample.yaml", "sample.yaml", "-f", "markdown")
        golden("diff-same.md", outcome.stdout)
        assert outcome.code == 0

    def test_all(self, run: Run, other: str) -> None:
        assert "same" in run("diff", "sample.yaml", other, "--all", "-f", "csv").stdout


def test_a_long_comment_is_cut(run: Run, folder: Path) -> None:
    for name, kind in (("a", "relu"), ("b", "gelu")):
        text = f"input: 4x4x1\nlayers: [{{repeat: 700, {kind}: {{}}}}]\n"
        (folder / f"{name}.yaml").write_text(text)
    output = run("diff", "a.yaml", "b.yaml", "-f", "markdown").stdout
    assert len(output) < 65536
    assert "… and " in output
    shown = sum(line.startswith(("| + |", "| − |")) for line in output.splitlines())
    (cut,) = [line for line in output.splitlines() if line.startswith("…")]
    assert shown + int(cut.split()[2].replace(",", "")) == 1400
    assert output.count("</details>") == 1


def test_git(run: Run, folder: Path, golden: Golden) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"]
    for args in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "one"]):
        subprocess.run(["git", *args], check=True, cwd=folder)
    path = folder / "warned.yaml"
    path.write_text(path.read_text("utf-8").replace("kernel: 3", "kernel: 5"), "utf-8")
    golden("diff-git.md", run("diff", "--git", "HEAD", "warned.yaml", "-f", "markdown").stdout)
    found = json.loads(run("diff", "--git", "HEAD", "warned.yaml", "-f", "json").stdout)
    assert found["before"]["file"] == "HEAD:warned.yaml"
    assert not found["same"]


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["sample.yaml"], 2, "a comparison is of two networks, and one is given"),
        (["sample.yaml", "warned.yaml", "--git", "HEAD"], 2, "three are given"),
        (["warned.yaml", "faulty.yaml"], 1, "there is no kind or block `rellu`"),
        (["nowhere", "warned.yaml"], 1, "nowhere: error[file-unreadable]"),
        (["-", "-"], 2, "standard input can be read once"),
        (["warned.yaml", "--git", "HEAD"], 2, "not a git repository"),
    ],
)
def test_wrong(
    run: Run, monkeypatch: pytest.MonkeyPatch, args: list[str], code: int, message: str
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(Path.cwd().parent))
    outcome = run("diff", *args)
    assert outcome.code == code, outcome.output
    assert message in outcome.stderr
