"""Files replaced whole: see also what `check --output` and `check --update` do, tests/cli."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from cnncalc.errors import UsageError
from cnncalc.saving.files import write_edited
from cnncalc.saving.writing import write_whole
from cnncalc.yaml.reading import read


def test_a_new_file_has_the_mode_of_any_other(tmp_path: Path) -> None:
    write_whole(tmp_path / "new.txt", "é\r\n")
    (tmp_path / "other.txt").touch()
    assert (tmp_path / "new.txt").read_bytes() == b"\xc3\xa9\r\n"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


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


class TestEdited:
    """A file that was read, and is written back."""

    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    def test_a_byte_order_mark_stays(self, tmp_path: Path, mark: str) -> None:
        path, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
        path.write_text(f"{mark}old\r", "utf-8", newline="")
        source = read(path)
        assert source.text == "old\r"
        for out in (path, other):
            write_edited(out, "new\r", source)
            assert out.read_bytes() == f"{mark}new\r".encode()

    def test_what_others_saved_meanwhile_stays(self, tmp_path: Path) -> None:
        path = tmp_path / "a.yaml"
        path.write_text("old")
        (tmp_path / "link.yaml").symlink_to(path)
        source = read(path)
        path.write_text("theirs")
        for name in ("a.yaml", "link.yaml"):
            with pytest.raises(UsageError, match="it has changed since it was read"):
                write_edited(tmp_path / name, "new", source)
        assert path.read_text() == "theirs"
        path.unlink()
        with pytest.raises(UsageError, match="it has been removed since it was read"):
            write_edited(path, "new", source)
        assert sorted(p.name for p in tmp_path.iterdir()) == ["link.yaml"]
        write_edited(tmp_path / "other.yaml", "new", source)
        assert (tmp_path / "other.yaml").read_text() == "new"


def test_what_a_full_disk_interrupts_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    path.write_text("old")

    def write(file: BinaryIO) -> None:
        file.write(b"new")
        raise OSError(28, "No space left on device")

    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            write_whole(path, write)
        path.with_name("b.npy").unlink(missing_ok=True)
        path.with_name("b.npy").hardlink_to(path)  # now it is written in place
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX")
class TestWhatBelongsToAFile:
    def test_other_names_lead_to_the_new_text(self, tmp_path: Path) -> None:
        path = tmp_path / "a.yaml"
        path.write_text("a long old text")
        (tmp_path / "b.yaml").hardlink_to(path)
        write_whole(path, "new")
        assert (tmp_path / "b.yaml").read_text() == "new"
        assert path.stat().st_nlink == 2
        assert len(list(tmp_path.iterdir())) == 2

    def test_mode_and_attributes(self, tmp_path: Path) -> None:
        path = tmp_path / "a.yaml"
        path.write_text("old")
        path.chmod(0o604)
        try:
            os.setxattr(path, "user.note", b"mine")
        except (OSError, AttributeError):
            pytest.skip("this file system has no extended attributes")
        inode = path.stat().st_ino
        write_whole(path, "new")
        assert os.getxattr(path, "user.note") == b"mine"
        assert stat.S_IMODE(path.stat().st_mode) == 0o604
        assert path.stat().st_ino != inode

    def test_written_in_place_where_the_owner_cannot_be_kept(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "a.yaml"
        path.write_text("a long old text")
        before = path.stat()

        def refused(*_: object) -> None:
            raise PermissionError

        monkeypatch.setattr(os, "fchmod", refused)
        write_whole(path, "new")
        assert path.read_text() == "new"
        assert path.stat().st_ino == before.st_ino
        assert len(list(tmp_path.iterdir())) == 1

    def test_nobody_reads_the_text_of_a_private_file_meanwhile(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "a.yaml"
        path.write_text("old")
        path.chmod(0o600)
        modes: set[int] = set()

        def look(descriptor: int) -> None:
            modes.update(stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir())

        monkeypatch.setattr(os, "fsync", look)
        write_whole(path, "new")
        assert modes == {0o600}


WRITER = """
import os, sys, signal
from cnncalc.saving.writing import write_whole
def stop(descriptor):
    os.kill(os.getpid(), getattr(signal, sys.argv[2]))
os.fsync = stop
write_whole(sys.argv[1], "new")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
class TestSignals:
    def killed(self, path: Path, name: str) -> int:
        """The exit code of a writer that is sent a signal in the midst of writing. What started the
        tests may have them ignore it, as `nohup` does, and that is inherited."""
        heard = (signal.SIGTERM, signal.SIGHUP)
        done = subprocess.run(
            [sys.executable, "-c", WRITER, str(path), name],
            check=False,
            preexec_fn=lambda: [signal.signal(one, signal.SIG_DFL) for one in heard],
        )
        return -done.returncode

    @pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
    def test_nothing_is_left_beside_the_file(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / "a.yaml"
        path.write_text("old")
        assert self.killed(path, name) == getattr(signal, name)
        assert [p.name for p in tmp_path.iterdir()] == ["a.yaml"]
        assert path.read_text() == "new"

    def test_what_a_killed_writer_left_is_removed_by_the_next(self, tmp_path: Path) -> None:
        path, other = tmp_path / "a.yaml", tmp_path / ".a.yaml.mine"
        path.write_text("old")
        other.touch()
        assert self.killed(path, "SIGKILL") == signal.SIGKILL
        assert path.read_text() == "old"
        assert len(list(tmp_path.iterdir())) == 3
        write_whole(path, "new")
        assert sorted(p.name for p in tmp_path.iterdir()) == [".a.yaml.mine", "a.yaml"]
