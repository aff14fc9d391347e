"""Folders that may not be read or entered, and names that no file can have: reported, and the rest
is still worked on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permissions are others")

DRIVER = """
import json, os, sys
from typer.testing import CliRunner
from cnncalc.cli.app import app

calls = json.load(sys.stdin)
for call in calls:  # so that all modules are there, which others may not read
    CliRunner().invoke(app, call)
if os.getuid() == 0:
    os.setuid(65534)
reported = [CliRunner().invoke(app, call) for call in calls]
print(json.dumps([[one.exit_code, one.output, repr(one.exception)] for one in reported]))
"""

GOOD = "input: 8x8x3\nlayers: [{dense: 4}]\n"
LONG = "x" * 300 + ".yaml"
CLOSED = "error[file-unreadable]: the folder cannot be read: Permission denied\n"
ENTERED = "error[file-unreadable]: the file cannot be read: Permission denied\n"

CASES = [
    (
        ["check", "nets", "other"],
        1,
        f"nets/closed: {CLOSED}3 files checked: 1 with errors (1 error, 0 warnings)\n",
    ),
    (
        ["check", "nets/**/*.yaml", "other"],
        1,
        f"nets/closed: {CLOSED}3 files checked: 1 with errors (1 error, 0 warnings)\n",
    ),
    (
        ["check", "nets/closed", "other", "-q"],
        1,
        f"nets/closed: {CLOSED}",
    ),
    (
        ["check", "nets/closed/inside.yaml", "nets/[c]losed/*.yaml", "other/good.yaml"],
        1,
        f"nets/closed/inside.yaml: {ENTERED}2 files checked: 1 with errors (1 error, 0 warnings)\n",
    ),
    (
        ["check", LONG, "other"],
        1,
        f"{LONG}: error[file-unreadable]: the file cannot be read: File name too long\n"
        "2 files checked: 1 with errors (1 error, 0 warnings)\n",
    ),
    (
        ["check", "nets", "-o", "nets/closed/report.txt"],
        2,
        "cnncalc: --output nets/closed/report.txt: Permission denied\n",
    ),
    (
        ["check", "other", "-o", "loop"],
        2,
        "cnncalc: --output loop: Too many levels of symbolic links\n",
    ),
    (
        ["fmt", "--check", "nets"],
        1,
        f"nets/closed: {CLOSED}nets/good.yaml would be formatted\n"
        "2 files: 1 would be formatted, 1 with errors\n",
    ),
    (["summary", "nets/closed/inside.yaml"], 1, f"nets/closed/inside.yaml: {ENTERED}"),
    (["summary", "nets/closed"], 1, f"nets/closed: {CLOSED}"),
    (
        ["summary", LONG],
        1,
        f"{LONG}: error[file-unreadable]: the file cannot be read: File name too long\n",
    ),
]


@pytest.mark.slow
def test_is_reported_and_the_rest_is_done(tmp_path: Path) -> None:
    """As a user whom permissions bind, which those of root do not."""
    nets, other = tmp_path / "nets", tmp_path / "other"
    for file in (nets / "good.yaml", nets / "closed" / "inside.yaml", other / "good.yaml"):
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(GOOD, "utf-8")
    (tmp_path / "loop").symlink_to("loop")
    tmp_path.chmod(0o755)
    (nets / "closed").chmod(0)
    try:
        done = subprocess.run(
            [sys.executable, "-c", DRIVER],
            input=json.dumps([call for call, _, _ in CASES]),
            cwd=tmp_path,
            env={**os.environ, "NO_COLOR": "1"},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
    finally:
        (nets / "closed").chmod(0o700)
    for (call, code, output), reported in zip(CASES, json.loads(done.stdout), strict=True):
        assert reported[:2] == [code, output], (call, reported)
