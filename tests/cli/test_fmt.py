"""`cnncalc fmt`: what is written, what is printed where, exit codes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Terminal, without_colour

UNTIDY = "layers: [{dense: {units: 2}}]\ninput: 4\n"
TIDY = "input: 4\nlayers:\n  - dense: 2\n"


@pytest.fixture(autouse=True)
def files(folder: Path) -> None:
    """Three files beside the others, which are out of the way."""
    for path in folder.iterdir():
        path.unlink()
    (folder / "nets").mkdir()
    (folder / "nets" / "untidy.yaml").write_text(UNTIDY)
    (folder / "nets" / "tidy.yml").write_text(TIDY)


class TestWriting:
    def test_a_folder(self, run: Run, folder: Path) -> None:
        outcome = run("fmt", "nets")
        untidy = Path("nets/untidy.yaml")
        assert outcome.stdout == f"{untidy} formatted\n2 files: 1 formatted, 1 unchanged\n"
        assert (outcome.code, outcome.stderr) == (0, "")
        assert untidy.read_text() == TIDY
        assert sorted(p.name for p in (folder / "nets").iterdir()) == ["tidy.yml", "untidy.yaml"]
        assert run("fmt", "nets").stdout == "2 files: 2 unchanged\n"

    def test_a_file_that_is_well_is_not_touched(self, run: Run) -> None:
        tidy = Path("nets/tidy.yml")
        os.utime(tidy, ns=(1, 1))
        run("fmt", "nets/*.yml")
        assert tidy.stat().st_mtime_ns == 1

    def test_standard_input(self, run: Run) -> None:
        outcome = run("fmt", "-", stdin=UNTIDY)
        assert (outcome.code, outcome.stdout, outcome.stderr) == (0, TIDY, "")
        assert run("fmt", "-", stdin=TIDY).stdout == TIDY

    def test_standard_input_with_a_fault(self, run: Run) -> None:
        outcome = run("fmt", "-", stdin="a: [")
        assert (outcome.code, outcome.stdout) == (1, "")
        assert outcome.stderr.startswith("<stdin>:1:4: error[yaml-syntax]")

    def test_standard_input_that_is_left_alone(self, run: Run) -> None:
        outcome = run("fmt", "-", stdin="a: 3\n")
        assert (outcome.code, outcome.stdout) == (0, "a: 3\n")
        assert outcome.stderr.startswith("<stdin> is left as it is: it is not an architecture")

    def test_faults_do_not_stop_the_others(self, run: Run) -> None:
        Path("nets/bad.yaml").write_text("a: [")
        Path("nets/other.yaml").write_text("services: {a: 3}\n")
        outcome = run("fmt", "nets", "nowhere.yaml", "alexnet")
        assert outcome.code == 1
        assert "bad.yaml:1:4: error[yaml-syntax]" in outcome.stdout
        assert "nowhere.yaml: error[file-unreadable]" in outcome.stdout
        assert "help: `cnncalc zoo alexnet > alexnet.yaml` makes a copy" in outcome.stdout
        assert outcome.stdout.endswith(
            "6 files: 1 formatted, 1 unchanged, 1 left as it is, 3 with errors\n"
        )
        assert Path("nets/bad.yaml").read_text() == "a: ["
        assert Path("nets/other.yaml").read_text() == "services: {a: 3}\n"

    def test_extended_files_are_found(self, run: Run) -> None:
        Path("nets/more.yaml").write_text("extends: untidy.yaml\nname: More\n")
        assert run("fmt", "nets/more.yaml").code == 0
        assert Path("nets/more.yaml").read_text() == "name: More\nextends: untidy.yaml\n"

    def test_a_terminal(self, run: Run, terminal: Terminal) -> None:
        terminal(30)
        shown = without_colour(run("fmt", "nets").stdout)
        assert shown == f"{Path('nets/untidy.yaml')} formatted\n2 files: 1 formatted, 1 unchanged\n"


class TestLooking:
    def test_check(self, run: Run) -> None:
        outcome = run("fmt", "--check", "nets")
        untidy = Path("nets/untidy.yaml")
        assert outcome.code == 1
        assert outcome.stdout == (
            f"{untidy} would be formatted\n2 files: 1 would be formatted, 1 unchanged\n"
        )
        assert untidy.read_text() == UNTIDY
        assert run("fmt", "--check", "nets/tidy.yml").code == 0

    def test_check_of_standard_input(self, run: Run) -> None:
        outcome = run("fmt", "--check", "-", stdin=UNTIDY)
        assert (outcome.code, outcome.stdout) == (1, "")
        assert outcome.stderr == "<stdin> would be formatted\n"
        assert run("fmt", "--check", "-", stdin=TIDY).code == 0

    def test_diff(self, run: Run) -> None:
        outcome = run("fmt", "--diff", "nets/untidy.yaml")
        assert outcome.code == 0
        assert outcome.stdout == (
            "--- nets/untidy.yaml\n+++ nets/untidy.yaml formatted\n@@ -1,2 +1,3 @@\n"
            "-layers: [{dense: {units: 2}}]\n input: 4\n+layers:\n+  - dense: 2\n"
        )
        assert outcome.stderr.endswith("1 file: 1 would be formatted\n")
        assert Path("nets/untidy.yaml").read_text() == UNTIDY
        assert run("fmt", "--diff", "--check", "nets").code == 1


class TestMisuse:
    def test_no_file(self, run: Run) -> None:
        outcome = run("fmt")
        assert (outcome.code, outcome.stdout) == (2, "")
        assert "`cnncalc fmt .` formats those in this folder" in outcome.stderr

    @pytest.mark.parametrize("args", [["empty"], ["*.yaml"], ["--fix", "nets"]])
    def test_nothing_to_do(self, run: Run, folder: Path, args: list[str]) -> None:
        (folder / "empty").mkdir()
        outcome = run("fmt", *args)
        assert (outcome.code, outcome.stdout) == (2, "")
        assert outcome.stderr


class TestFile:
    """A file's other properties outlive its text."""

    def test_mode(self, run: Run) -> None:
        path = Path("nets/untidy.yaml")
        path.chmod(0o640)
        run("fmt", "nets")
        assert path.read_text() == TIDY
        assert stat.S_IMODE(path.stat().st_mode) == 0o640

    def test_link(self, run: Run, folder: Path) -> None:
        (folder / "link.yaml").symlink_to("nets/untidy.yaml")
        run("fmt", "link.yaml")
        assert (folder / "link.yaml").is_symlink()
        assert Path("nets/untidy.yaml").read_text() == TIDY

    def test_line_ends_and_byte_order_mark(self, run: Run) -> None:
        path = Path("nets/untidy.yaml")
        path.write_bytes(b"\xef\xbb\xbf" + UNTIDY.replace("\n", "\r\n").encode())
        assert run("fmt", "nets").code == 0
        assert path.read_bytes() == b"\xef\xbb\xbf" + TIDY.replace("\n", "\r\n").encode()
        assert run("fmt", "--check", "nets").code == 0

    def test_an_interrupted_write_leaves_the_old_file(
        self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", full)
        outcome = run("fmt", "nets")
        assert outcome.code == 1
        assert "untidy.yaml cannot be written: No space left on device\n" in outcome.stdout
        assert outcome.stdout.endswith("2 files: 1 unchanged, 1 with errors\n")
        assert Path("nets/untidy.yaml").read_text() == UNTIDY
        assert sorted(p.name for p in (folder / "nets").iterdir()) == ["tidy.yml", "untidy.yaml"]
