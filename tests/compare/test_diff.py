"""Files compared with what they were at a git revision."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import cnncalc
from cnncalc.errors import UsageError

BASE = "input: 8x8x3\nvars: {n: 4}\nlayers: [{conv: {filters: $n, kernel: 3}}, relu]\n"


def git(folder: Path, *args: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, *args], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: `child.yaml` extends `base/base.yaml`, and both change in the second."""
    folder = tmp_path / "repository" / "nets"
    (folder / "base").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "base" / "base.yaml").write_text(BASE)
    (folder / "child.yaml").write_text("extends: base/base.yaml\nvars: {n: 5}\n")
    (folder / "plain.yaml").write_text(BASE)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    git(folder, "tag", "one")
    (folder / "base" / "base.yaml").write_text(BASE.replace("kernel: 3", "kernel: 5"))
    (folder / "plain.yaml").write_text(BASE.replace("relu", "gelu"))
    git(folder, "commit", "-q", "-a", "-m", "two")
    return folder


def test_against_a_revision(repository: Path) -> None:
    comparison = cnncalc.diff(repository / "plain.yaml", git="one")
    assert [str(match.status) for match in comparison.changed()] == ["removed", "added"]
    assert comparison.before.file == f"one:{repository / 'plain.yaml'}"


def test_files_that_it_extends_are_of_the_revision_too(repository: Path) -> None:
    comparison = cnncalc.diff(repository / "child.yaml", git="HEAD~1")
    assert comparison.before.ok
    assert comparison.totals["params"].before == 3 * 3 * 3 * 5 + 5
    assert comparison.totals["params"].after == 5 * 5 * 3 * 5 + 5


def test_uncommitted_changes(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    assert cnncalc.diff("plain.yaml", git="HEAD").same
    Path("plain.yaml").write_text(BASE.replace("n: 4", "n: 6"))
    assert not cnncalc.diff("plain.yaml", git="HEAD").same


@pytest.mark.parametrize(
    ("file", "revision", "message"),
    [
        ("plain.yaml", "nowhere", "there is no revision `nowhere`"),
        ("plain.yaml", "--output=x", "there is no revision `--output=x`"),
        ("plain.yaml", "", "there is no revision ``"),
        ("new.yaml", "one", "there is no new.yaml at one"),
        ("../../outside.yaml", "one", "git cannot compare .*outside.yaml: not a git repository"),
        ("-", "one", "standard input has no revisions"),
        ("nowhere/x.yaml", "one", "git cannot compare"),
    ],
)
def test_misuse(
    repository: Path, monkeypatch: pytest.MonkeyPatch, file: str, revision: str, message: str
) -> None:
    monkeypatch.chdir(repository)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(repository.parents[1]))
    (repository / "new.yaml").write_text(BASE)
    (repository.parents[1] / "outside.yaml").write_text(BASE)
    with pytest.raises(ValueError, match=message):
        cnncalc.diff(file, git=revision)
    assert not (repository / "x").exists()


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ValueError, match=r"git cannot be run \(No such file or directory\)$"):
        cnncalc.diff(repository / "plain.yaml", git="one")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("alexnet", None, None), "one is given"),
        (("alexnet", "vgg16", "HEAD"), "three are given"),
        (("-", "-", None), "standard input can be read once"),
    ],
)
def test_which_two(args: tuple[str, str | None, str | None], message: str) -> None:
    a, b, revision = args
    with pytest.raises(ValueError, match=message):
        cnncalc.diff(a, b, git=revision)


@pytest.mark.parametrize(
    ("revision", "message"),
    [
        ("^HEAD", r"there is no revision `\^HEAD`; name one commit, not a range"),
        ("one..HEAD", r"there is no revision `one\.\.HEAD`; name one commit, not a range"),
        ("one...HEAD", r"there is no revision `one\.\.\.HEAD`; name one commit, not a range"),
        ("--all", "there is no revision `--all`"),
        ("--help", "there is no revision `--help`"),
        ("-p", "there is no revision `-p`"),
        ("HEAD one", "there is no revision `HEAD one`"),
        ("HEAD^@", r"there is no revision `HEAD\^@`"),
        ("HEAD:plain.yaml", "there is no revision `HEAD:plain.yaml`"),
        ("", "there is no revision ``"),
    ],
)
def test_what_is_no_commit(repository: Path, revision: str, message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}"):
        cnncalc.diff(repository / "plain.yaml", git=revision)


class TestWhatWasNoFile:
    """It is not read as a text: of a link that is a path, of a folder a list, of another
    repository nothing."""

    def reported(self, repository: Path, mode: str, kind: str) -> None:
        """Git's index is given the entry itself: not every system has links."""
        content = "plain.yaml" if mode == "120000" else "0" * 39 + "1"
        digest = content
        if mode == "120000":
            (repository / "target").write_text(content)
            made = ["git", "-C", str(repository), "hash-object", "-w", "target"]
            digest = subprocess.run(made, check=True, capture_output=True, text=True).stdout.strip()
        entry = f"{mode},{digest},odd.yaml"
        git(repository, "update-index", "--add", "--cacheinfo", entry)
        git(repository, "commit", "-q", "-m", "odd")
        shutil.copy(repository / "plain.yaml", repository / "odd.yaml")
        with pytest.raises(UsageError, match=f"^odd.yaml is {kind} at HEAD, not a file$"):
            cnncalc.diff(repository / "odd.yaml", git="HEAD")

    def test_a_link(self, repository: Path) -> None:
        self.reported(repository, "120000", "a symbolic link")

    def test_another_repository(self, repository: Path) -> None:
        self.reported(repository, "160000", "another repository")

    def test_a_folder(self, repository: Path) -> None:
        (repository / "odd.yaml").mkdir()
        (repository / "odd.yaml" / "x").write_text("x")
        git(repository, "add", ".")
        git(repository, "commit", "-q", "-m", "odd")
        shutil.rmtree(repository / "odd.yaml")
        shutil.copy(repository / "plain.yaml", repository / "odd.yaml")
        with pytest.raises(UsageError, match=r"^odd.yaml is a folder at HEAD, not a file$"):
            cnncalc.diff(repository / "odd.yaml", git="HEAD")

    def test_another_encoding(self, repository: Path) -> None:
        now = (repository / "plain.yaml").read_bytes()
        (repository / "plain.yaml").write_bytes(b"# caf\xe9\n" + now)
        git(repository, "commit", "-q", "-a", "-m", "odd")
        (repository / "plain.yaml").write_bytes(now)
        with pytest.raises(UsageError, match=r"^plain.yaml is not UTF-8 at HEAD$"):
            cnncalc.diff(repository / "plain.yaml", git="HEAD")
