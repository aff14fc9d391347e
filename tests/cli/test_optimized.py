"""Python that leaves out docstrings and assertions (`-OO`) answers alike."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.slowness import slow

TEXT = """\
input: [9, 9, 1]
vars: {unused: 3}
layers:
- conv: {filters: 8, kernel: 3}
- dense: 10
"""


def answer(folder: Path, *arguments: str) -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, check=False, timeout=300
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "command",
    ["layers conv", *slow("--help", "summary --help", "check x.yaml", "explain x.yaml conv1")],
)
@pytest.mark.slow
def test_answers_are_the_same(tmp_path: Path, command: str) -> None:
    (tmp_path / "x.yaml").write_text(TEXT)
    usual = answer(tmp_path, "-m", "cnncalc", *command.split())
    assert usual[0] == 0
    assert answer(tmp_path, "-OO", "-m", "cnncalc", *command.split()) == usual


@pytest.mark.slow
def test_compiled_code_outlives_who_made_it(tmp_path: Path) -> None:
    """The peak is measured by a function whose code nobody else holds."""
    (tmp_path / "x.yaml").write_text(TEXT)
    code, out, _ = answer(
        tmp_path, "-OO", "-m", "cnncalc", "summary", "x.yaml", "--run", "--roofline", "--repeat=1"
    )
    assert (code, b"roofline" in out) == (0, True)
