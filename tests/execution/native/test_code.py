"""Machine code: made once for each processor, kept, and never run where it is damaged."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from cnncalc.execution import machine
from cnncalc.execution.native.code import Code, compiled
from cnncalc.execution.native.host import host, narrowed

DOUBLE = """
define void @double(ptr %place) {
  %x = load i64, ptr %place
  %y = add i64 %x, %x
  store i64 %y, ptr %place
  ret void
}
"""


def doubled(code: Code, number: int) -> int:
    place = ctypes.c_int64(number)
    code.function("double", ctypes.c_void_p)(ctypes.addressof(place))
    return place.value


def test_code_is_kept_for_the_next_time(cache: Path) -> None:
    first, second = (compiled(DOUBLE, host()) for _ in range(2))
    assert (first.reused, second.reused) == (False, True)
    assert doubled(first, 21) == doubled(second, 21) == 42
    assert len(list(cache.iterdir())) == 1


def test_another_text_or_processor_means_other_code(cache: Path) -> None:
    compiled(DOUBLE, host())
    assert not compiled(DOUBLE + "; a comment", host()).reused
    assert not compiled(DOUBLE, host()._replace(features="")).reused
    assert len(list(cache.iterdir())) == 3


@pytest.mark.parametrize("damage", [b"", b"x", b"x" * 1000])
def test_damaged_code_is_made_anew(cache: Path, damage: bytes) -> None:
    compiled(DOUBLE, host())
    (stored,) = cache.iterdir()
    stored.write_bytes(damage)
    again = compiled(DOUBLE, host())
    assert not again.reused
    assert doubled(again, 21) == 42
    assert compiled(DOUBLE, host()).reused


def test_a_cut_file_is_damaged_too(cache: Path) -> None:
    compiled(DOUBLE, host())
    (stored,) = cache.iterdir()
    stored.write_bytes(stored.read_bytes()[:-1])
    assert not compiled(DOUBLE, host()).reused


def test_a_cache_that_cannot_be_written_is_none(cache: Path) -> None:
    cache.write_text("a file, no folder")
    assert doubled(compiled(DOUBLE, host()), 21) == 42
    assert not compiled(DOUBLE, host()).reused


def test_what_is_no_code_is_refused() -> None:
    with pytest.raises(RuntimeError):
        compiled("define void @f() { nonsense }", host())


@pytest.mark.parametrize("lanes", [4, 8, 16])
def test_narrower_vectors(lanes: int) -> None:
    at = narrowed(host(), lanes)
    assert at.lanes <= min(lanes, host().lanes)
    wide = [name for name in at.features.split(",") if name.startswith("+avx")]
    assert at.lanes > 8 or not any("512" in name for name in wide)
    assert at.lanes > 4 or not wide
    assert machine._measured(at, 1) > 1e8


def test_the_hosts_own_vectors() -> None:
    assert host().lanes in (4, 8, 16)
    assert narrowed(host(), 64) is host()
