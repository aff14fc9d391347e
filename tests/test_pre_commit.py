"""The hook of `.pre-commit-hooks.yaml`, run by pre-commit as a repository that uses it would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SHIPPED = (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE", "cnncalc",
           "architectures")  # fmt: skip
"""What the hook's environment is made of."""

RECIPE = re.compile(r"^```yml\n(# \.pre-commit-config\.yaml\n.*?)^```$", re.DOTALL | re.MULTILINE)


def recipe(repository: Path, revision: str) -> str:
    """What the documentation says to write, with a repository that is there."""
    (page,) = RECIPE.findall((ROOT / "docs" / "ci.md").read_text("utf-8"))
    assert isinstance(page, str)
    page = re.sub(r"repo: \S+", f"repo: {repository}", page)
    return re.sub(r"rev: \S+", f"rev: {revision}", page)


GOOD = "input: 4\nlayers: [{dense: 2}]\n"


def git(folder: Path, *args: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false", *args],
        cwd=folder,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def libraries(tmp_path: Path) -> Path:
    """What is installed here but cnncalc, so that nothing has to be fetched."""
    folder = tmp_path / "libraries"
    folder.mkdir()
    for packages in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for entry in Path(packages).iterdir():
            if "cnncalc" not in entry.name and not (folder / entry.name).exists():
                (folder / entry.name).symlink_to(entry)
    return folder


@pytest.mark.slow
def test_the_hook(tmp_path: Path, libraries: Path) -> None:
    hook, user = tmp_path / "hook", tmp_path / "user"
    hook.mkdir()
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            without = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, hook / name, ignore=without)
        else:
            shutil.copy(ROOT / name, hook)
    git(hook, "init", "--quiet")
    git(hook, "add", ".")
    git(hook, "commit", "--quiet", "--message", "hook")

    (user / "nets").mkdir(parents=True)
    git(user, "init", "--quiet")
    config = recipe(hook, git(hook, "rev-parse", "HEAD"))
    (user / ".pre-commit-config.yaml").write_text(config)
    (user / "nets" / "a b.yaml").write_text(GOOD)
    (user / "-o.yaml").write_text("other: thing\n")
    git(user, "add", ".")

    done = run(user, tmp_path, libraries)
    assert "cnncalc check" in done.stdout, done.stdout + done.stderr
    assert "Passed" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0

    # A name that looks like an option is one of a file; what is no network is found out.
    (user / ".pre-commit-config.yaml").write_text(config.replace("^nets/", "^"))
    (user / ".pre-commit-config.yaml").rename(user / "config")
    git(user, "add", ".")
    done = run(user, tmp_path, libraries, "--config", "config")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "-o.yaml:1:1: error[unknown-key]" in done.stdout
    assert "2 files checked: 1 with errors" in done.stdout


def run(user: Path, home: Path, libraries: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """pre-commit on all files; its environment is made of what is here, without an index."""
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files", "--verbose", *args],
        cwd=user,
        env={
            **os.environ,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it so: 0 means that there is none
            "PIP_NO_DEPS": "1",
            "PIP_NO_INDEX": "1",
            "PRE_COMMIT_HOME": str(home / "pre-commit"),
            "PYTHONPATH": str(libraries),
            "VIRTUALENV_OVERRIDE_APP_DATA": str(home / "virtualenv"),
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
