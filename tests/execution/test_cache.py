"""The cache under attack: folders and files of others, content exchanged, and many who write."""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import time

import pytest

from cnncalc.execution import cache as kept
from cnncalc.execution import ownership
from cnncalc.execution.entry import run
from cnncalc.execution.native.code import Code, compiled
from cnncalc.execution.native.host import host
from cnncalc.execution.request import ArrayFiles, BackendName, RunRequest
from cnncalc.network import Network

posix = pytest.mark.skipif(os.name != "posix", reason="modes and owners are those of POSIX")
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away"
)
ATTACKER = 65534


def returning(number: int) -> str:
    return f"""
define void @f(ptr %place) {{
  store i64 {number}, ptr %place
  ret void
}}
"""


def asked(code: Code) -> int:
    place = ctypes.c_int64()
    code.function("f", ctypes.c_void_p)(ctypes.byref(place))
    return place.value


def objects(cache: Path) -> list[Path]:
    return sorted(path for path in cache.iterdir() if len(path.name) == 32)


def open_to_all(folder: Path) -> None:
    folder.chmod(0o777)


def open_to_a_group(folder: Path) -> None:
    folder.chmod(0o770)


def sticky(folder: Path) -> None:
    folder.chmod(0o1777)


def given_away(folder: Path) -> None:
    os.chown(folder, ATTACKER, ATTACKER)


def lying_in_an_open_folder(folder: Path) -> None:
    folder.parent.chmod(0o777)


def lying_in_a_folder_given_away(folder: Path) -> None:
    os.chown(folder.parent, ATTACKER, ATTACKER)


def reached_by_a_link_given_away(folder: Path) -> None:
    folder.rename(folder.parent / "elsewhere")
    folder.symlink_to("elsewhere")
    os.chown(folder, ATTACKER, ATTACKER, follow_symlinks=False)


ATTACKS: list[object] = [
    open_to_all,
    open_to_a_group,
    sticky,
    lying_in_an_open_folder,
    pytest.param(given_away, marks=as_root),
    pytest.param(lying_in_a_folder_given_away, marks=as_root),
    pytest.param(reached_by_a_link_given_away, marks=as_root),
]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In a folder of its own, which an attack may change."""
    (tmp_path / "users").mkdir(0o755)
    folder = tmp_path / "users" / "cache"
    monkeypatch.setenv(kept.VARIABLE, str(folder))
    return folder


@posix
class TestFolder:
    @pytest.mark.parametrize("attack", ATTACKS)
    def test_one_that_others_can_change_is_not_used(
        self, cache: Path, attack: Callable[[Path], None]
    ) -> None:
        kept.write("things", {"a": 1})
        compiled(returning(1), host())
        before = sorted(cache.iterdir())
        attack(cache)
        assert kept.read("things") == {}
        kept.write("others", {"a": 1})
        kept.change("others", lambda known: {**known, "b": 1})
        again = compiled(returning(1), host())
        assert (again.reused, asked(again)) == (False, 1)
        assert sorted(cache.iterdir()) == before
        assert kept.refusal().startswith("the cache is not used: ")

    def test_it_is_said_where_and_why(self, cache: Path) -> None:
        cache.mkdir(0o777)
        cache.chmod(0o777)
        assert kept.refusal() == f"the cache is not used: others may write to {cache}"

    @pytest.mark.parametrize("before", ["nothing", "open"])
    def test_a_run_says_so(self, cache: Path, before: str) -> None:
        if before == "open":
            cache.mkdir()
            cache.chmod(0o777)
        network = Network.loads("input: [4, 4, 1]\nlayers:\n- conv: {filters: 1, kernel: 3}\n")
        wanted = RunRequest(BackendName.NATIVE, repeat=1, warmup=0)
        done = run(network, wanted, ArrayFiles(), lambda *_: None).run
        assert done is not None
        said = f"the cache is not used: others may write to {cache}" if before == "open" else ""
        assert done.remark == said

    def test_a_new_one_is_its_users_alone(self, cache: Path) -> None:
        umask = os.umask(0)
        try:
            kept.write("things", {"a": 1})
        finally:
            os.umask(umask)
        assert cache.stat().st_mode & 0o777 == 0o700
        assert (cache / "things.json").stat().st_mode & 0o777 == 0o600
        assert kept.read("things") == {"a": 1}

    def test_nothing_is_made_where_an_attacker_leads(self, cache: Path, tmp_path: Path) -> None:
        cache.parent.chmod(0o777)
        kept.write("things", {"a": 1})
        assert not cache.exists()

    def test_own_links_are_followed(self, cache: Path, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir(0o700)
        cache.symlink_to("../elsewhere")
        kept.write("things", {"a": 1})
        assert kept.read("things") == {"a": 1}
        assert kept.refusal() == ""

    def test_one_in_a_sticky_folder_is_used(self, cache: Path) -> None:
        cache.parent.chmod(0o1777)
        kept.write("things", {"a": 1})
        assert kept.read("things") == {"a": 1}

    def test_links_in_a_circle_end(self, cache: Path) -> None:
        cache.symlink_to("cache")
        kept.write("things", {"a": 1})
        assert kept.read("things") == {}


@posix
class TestFile:
    def test_a_planted_object_is_not_run(self, cache: Path) -> None:
        """Even one whose check sum the attacker has worked out."""
        for number in (1, 2):
            compiled(returning(number), host())
        (one, other) = objects(cache)
        one.write_bytes(other.read_bytes())
        assert asked(compiled(returning(1), host())) == 1
        assert asked(compiled(returning(2), host())) == 2

    def test_exchanged_objects_are_made_again(self, cache: Path) -> None:
        for number in (1, 2):
            compiled(returning(number), host())
        (one, other) = objects(cache)
        one.rename(cache / "aside")
        other.rename(one)
        (cache / "aside").rename(other)
        for number in (1, 2):
            made = compiled(returning(number), host())
            assert (made.reused, asked(made)) == (False, number)
            assert compiled(returning(number), host()).reused

    def damaged(self, cache: Path, damage: Callable[[Path], object]) -> None:
        kept.write("things", {"a": 1})
        compiled(returning(1), host())
        (stored,) = objects(cache)
        for path in (stored, cache / "things.json"):
            damage(path)
        assert kept.read("things") == {}
        made = compiled(returning(1), host())
        assert (made.reused, asked(made)) == (False, 1)

    @pytest.mark.parametrize("mode", [0o620, 0o602])
    def test_one_that_others_may_write_is_made_again(self, cache: Path, mode: int) -> None:
        self.damaged(cache, lambda path: path.chmod(mode))
        assert compiled(returning(1), host()).reused

    @as_root
    def test_one_of_another_user_is_made_again(self, cache: Path) -> None:
        self.damaged(cache, lambda path: os.chown(path, ATTACKER, ATTACKER))
        assert compiled(returning(1), host()).reused

    def test_a_link_is_not_followed(self, cache: Path) -> None:
        def linked(path: Path) -> None:
            path.rename(cache / f"{path.name}.aside")
            path.symlink_to(f"{path.name}.aside")

        self.damaged(cache, linked)
        assert compiled(returning(1), host()).reused

    def test_a_pipe_is_not_waited_for(self, cache: Path) -> None:
        def piped(path: Path) -> None:
            path.unlink()
            os.mkfifo(path)

        self.damaged(cache, piped)
        assert compiled(returning(1), host()).reused

    def test_a_folder_is_no_file(self, cache: Path) -> None:
        def emptied(path: Path) -> None:
            path.unlink()
            path.mkdir()

        self.damaged(cache, emptied)
        assert not compiled(returning(1), host()).reused

    @pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/")])
    def test_a_lock_that_is_none_is_done_without(
        self, cache: Path, make: Callable[[Path], None]
    ) -> None:
        cache.mkdir(0o700)
        make(cache / ".lock")
        kept.change("things", lambda known: {**known, "a": 1})
        assert kept.read("things") == {"a": 1}

    def test_what_is_read_is_what_was_opened(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"content")
        (tmp_path / "file").chmod(0o600)
        assert ownership.read(tmp_path / "file") == b"content"


class TestSize:
    def test_what_nobody_asked_for_is_removed(self, cache: Path) -> None:
        def aged(path: Path, seconds: float) -> None:
            os.utime(path, (time() - seconds, time() - seconds))

        kept.keep("old", b"1")
        kept.keep("older, but used", b"2")
        for path in cache.iterdir():
            aged(path, kept.UNUSED_SECONDS + 1000)
        (cache / ".writing-killed").write_bytes(b"torn")
        (cache / ".writing-now").write_bytes(b"half")
        (cache / "of somebody").write_bytes(b"else")
        kept.write("choices", {"a": "b"})
        for name in (".writing-killed", "of somebody", "choices.json"):
            aged(cache / name, kept.UNUSED_SECONDS + 1000)
        assert kept.content("older, but used") == b"2"
        kept.keep("new", b"3")
        assert kept.content("old") is None
        assert kept.content("older, but used") == b"2"
        assert kept.content("new") == b"3"
        names = {path.name for path in cache.iterdir() if len(path.name) != 32}
        assert names == {".writing-now", "of somebody", "choices.json"}


def add(writer: int, times: int) -> None:
    for number in range(times):
        kept.change("things", lambda known, n=number: {**known, f"{writer} {n}": "x"})  # type: ignore[misc]


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
def test_processes_that_write_at_once_lose_nothing(cache: Path) -> None:
    forked = multiprocessing.get_context("fork")
    writers = [forked.Process(target=add, args=(writer, 20)) for writer in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(kept.read("things")) == 4 * 20


def test_an_object_that_grows_loses_its_older_half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LARGEST_OBJECT", 1_000)
    for number in range(300):
        kept.change("things", partial(dict, **{f"key {number}": number}))
        assert len(json.dumps(kept.read("things"))) <= 1_000
    found = [*kept.read("things").values()]
    assert found == [*range(300 - len(found), 300)]
    assert len(found) > 20
    kept.change("things", lambda _: {"alone": "x" * 2_000})
    assert [*kept.read("things")] == ["alone"]
