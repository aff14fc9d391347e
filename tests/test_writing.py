"""Files replaced whole: see also what `check --output` and `check --update` do, tests/cli."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cnncalc.saving.writing import write_whole


def test_a_new_file_has_the_mode_of_any_other(tmp_path: Path) -> None:
    write_whole(tmp_path / "new.txt", "é\r\n")
    (tmp_path / "other.txt").touch()
    assert (tmp_path / "new.txt").read_bytes() == b"\xc3\xa9\r\n"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


@pytest.mark.parametrize("keep", [True, False])
def test_a_mark_stays_if_asked(tmp_path: Path, keep: bool) -> None:
    path = tmp_path / "marked.txt"
    path.write_bytes(b"\xef\xbb\xbfold")
    write_whole(path, "new", keep_mark=keep)
    assert path.read_bytes() == (b"\xef\xbb\xbf" if keep else b"") + b"new"


def test_a_link_to_nothing_yet(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real.txt")
    write_whole(tmp_path / "link", "x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "x"


@pytest.mark.parametrize("path", ["no/such/folder.txt", ".", "a\0b"])
def test_what_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((OSError, ValueError)):
        write_whole(path, "x")
    assert not list(tmp_path.iterdir())


def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    path = tmp_path / ("ü" * 125 + ".yaml")
    write_whole(path, "one")
    write_whole(path, "two")
    assert path.read_text() == "two"


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this system has no /dev/stdout")
def test_standard_output_in_a_file_is_added_to(tmp_path: Path) -> None:
    code = (
        "print('before', flush=True)\n"
        "from cnncalc.saving.writing import write_whole\n"
        "write_whole('/dev/stdout', 'written\\n')\n"
    )
    with (tmp_path / "out.txt").open("w") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, env=os.environ, check=True)
    assert (tmp_path / "out.txt").read_text() == "before\nwritten\n"
