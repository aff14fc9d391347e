"""What a machine may lack: wide vectors, code by LLVM, a cache, threads, and what remains then."""

from __future__ import annotations

import gc
import mmap
import os
import signal
import sys
import threading
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
import pytest

from cnncalc.execution import cache as kept
from cnncalc.execution import selection
from cnncalc.execution.native import choosing, crew, host, tiling
from cnncalc.execution.native.backend import Native
from cnncalc.execution.native.library import Library, sources
from cnncalc.execution.native.tables import PAGE, aligned
from cnncalc.execution.refusals import Refused
from cnncalc.execution.request import BackendName
from cnncalc.execution.selection import selected
from tests.execution.native import programs
from tests.networks import written

TEXT = written([5, 6, 3], {"conv": {"filters": 5, "kernel": 3}}, "relu", {"dense": 4})


def ready(threads: int) -> programs.NativeProgram:
    return programs.made(*programs.planned(TEXT), programs.OWN, 1, threads)


@pytest.mark.parametrize("lanes", [4, 8, 16])
def test_vectors_as_narrow_as_the_user_wants(lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    widest = host.host()
    monkeypatch.setenv(host.VARIABLE, str(lanes))
    assert host.host() == host.narrowed(widest, lanes)
    assert Native().host.lanes == min(lanes, widest.lanes)


@pytest.mark.parametrize("lanes", ["0", "3", "32", "-8", "eight", "8.0", " 8"])
def test_lanes_that_no_processor_has(lanes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(host.VARIABLE, lanes)
    with pytest.raises(Refused, match=f"CNNCALC_LANES is {lanes}: say 4, 8 or 16"):
        selected(BackendName.NATIVE)
    monkeypatch.setenv(host.VARIABLE, "")
    assert host.host() == host._actual()


@pytest.mark.parametrize("missing", ["processor", "code"])
def test_a_machine_without_native_code(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> object:
        raise RuntimeError("LLVM's own words")

    monkeypatch.setattr(selection, "machine", lambda: "z80")

    if missing == "processor":
        monkeypatch.setattr(host, "_actual", fails)
    else:
        monkeypatch.setattr(Library, "code", fails)
    backend, remark = selected(BackendName.NATIVE)
    assert backend.name == "reference"
    assert remark == (
        "no native code on this machine: LLVM makes none for z80; "
        "`reference` computes instead, slowly"
    )


def test_a_disk_that_is_full_keeps_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.write("before", {})

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    kept.write("after", {})
    assert [path.name for path in cache.iterdir()] == ["before.json"]


@pytest.mark.parametrize("content", ["[" * 100_000, '{"a": [1]}', "\ufeff"])
def test_a_damaged_cache_holds_nothing(cache: Path, content: str) -> None:
    cache.mkdir(0o700)
    (cache / "choices.json").write_text(content, "utf-8")
    assert not isinstance(kept.read("choices").get("a"), str)
    programs.hold(TEXT, programs.OWN)


def test_damaged_choices_are_made_anew(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Anything(dict[str, object]):
        def get(self, *_: object) -> object:
            return ["direct"]

    monkeypatch.setattr(kept, "read", lambda _: Anything())
    monkeypatch.setattr(choosing, "SMALL_MACS", 0)
    text = written([5, 6, 3], "relu", {"conv": {"filters": 5, "kernel": 3}})
    programs.hold(text, programs.OWN, error=1e-5)


@pytest.mark.parametrize("time", [None, "fast", float("nan"), -1.0])
def test_damaged_times_of_tiles_are_taken_anew(
    cache: Path, monkeypatch: pytest.MonkeyPatch, time: object
) -> None:
    own = programs.of(programs.OWN)
    kernels = len(list(tiling._kernels(own.lanes)))
    monkeypatch.setattr(tiling, "_measured", lambda *_: [1.0] * kernels)
    key = f"{own.host.cpu}, {own.lanes} lanes, {sources()[:8]}"
    kept.write("tiles", {key: [time] * kernels})
    assert tiling.tiling.__wrapped__(own).seconds(tiling.READS[0], 1, 1) == 1.0
    assert kept.read("tiles")[key] == [1.0] * kernels


def test_memory_that_is_not_there_is_said_so() -> None:
    with pytest.raises(MemoryError):
        aligned(1 << 62)


@pytest.mark.parametrize("name", ["madvise", "setaffinity"])
def test_a_system_that_grants_little(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No huge pages, no core of one's own: slower, and never waiting for a thread that ended."""

    def refuses(*_: object) -> object:
        raise OSError(22, "Invalid argument")

    if name == "madvise":
        if not hasattr(mmap, "MADV_HUGEPAGE"):
            pytest.skip("there is nothing to ask for")

        class Plain(mmap.mmap):
            madvise = refuses  # type: ignore[assignment]

        monkeypatch.setattr(mmap, "mmap", Plain)
        assert len(aligned(PAGE)) == PAGE
    else:
        monkeypatch.setattr(os, "sched_setaffinity", refuses, raising=False)
    program = ready(2)
    programs.outputs(program, {"input": np.ones((1, 5, 6, 3), np.float32)})


def test_threads_go_when_their_program_does() -> None:
    before = set(threading.enumerate())
    program = ready(5)
    programs.outputs(program, {"input": np.ones((1, 5, 6, 3), np.float32)})
    own = set(threading.enumerate()) - before
    assert len(own) == 4
    del program
    gc.collect()
    for thread in own:
        thread.join(30)
    assert not any(thread.is_alive() for thread in own)


def test_more_threads_than_the_system_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[threading.Thread] = []

    class Few(threading.Thread):
        def start(self) -> None:
            if len(started) == 3:
                raise RuntimeError("can't start new thread")
            started.append(self)
            super().start()

    monkeypatch.setattr(crew, "Thread", Few)
    with pytest.raises(Refused, match="the system starts 4 threads, and not 9"):
        ready(9)
    for thread in started:
        thread.join(30)
    assert not any(thread.is_alive() for thread in started)


def test_a_processor_that_llvm_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has what all of its kind have: vectors of four."""

    def unknown() -> object:
        raise RuntimeError("failed to get host cpu features.")

    monkeypatch.setattr(llvm, "get_host_cpu_features", unknown)
    monkeypatch.setattr(llvm, "get_host_cpu_name", lambda: "")
    found = host._actual.__wrapped__()
    assert (found.cpu, found.features, found.lanes) == ("generic", "", 4)


def test_a_processor_that_stores_the_high_byte_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "byteorder", "big")
    monkeypatch.setattr(host, "_actual", host._actual.__wrapped__)
    chosen = selected(BackendName.NATIVE)
    assert chosen.backend.name == "reference"
    assert "store the low byte first" in chosen.remark


@pytest.mark.parametrize(
    ("triple", "lanes", "registers"),
    [("x86_64-unknown-linux-gnu", 16, 32), ("x86_64-unknown-linux-gnu", 8, 16),
     ("x86_64-pc-windows-msvc", 4, 16), ("aarch64-unknown-linux-gnu", 4, 32),
     ("arm64-apple-darwin23.1.0", 4, 32)],
)  # fmt: skip
def test_vector_registers(triple: str, lanes: int, registers: int) -> None:
    assert host.Host(triple, "", "", lanes).registers == registers


GIVEN = {"input": np.ones((1, 5, 6, 3), np.float32)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_child_has_threads_of_its_own() -> None:
    """Those of its parent are not there after a fork: without others it would wait for ever."""
    program = ready(2)
    (expected,) = program.run(GIVEN).values()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        (found,) = program.run(GIVEN).values()
        os._exit(0 if np.array_equal(found, expected) else 3)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    np.testing.assert_array_equal(next(iter(program.run(GIVEN).values())), expected)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="cores are not told apart")
def test_cores_that_were_taken_away_are_left_alone() -> None:
    """A crew that was made with more cores would set the caller on these again."""
    before = os.sched_getaffinity(0)
    program = ready(2)
    (expected,) = program.run(GIVEN).values()
    own = {min(before)}
    try:
        os.sched_setaffinity(0, own)
        (found,) = program.run(GIVEN).values()
        assert os.sched_getaffinity(0) == own
    finally:
        os.sched_setaffinity(0, before)
    np.testing.assert_array_equal(found, expected)
