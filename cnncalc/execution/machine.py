"""What this machine can do at best, measured: arithmetic a second, and bytes read a second.

The best that was ever measured is remembered, for each processor and number of threads: a machine
that is busy shows less than it can do.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import isfinite
from pathlib import Path
from threading import Barrier
from time import perf_counter
from typing import Any

import llvmlite
import numpy as np

from cnncalc.execution import cache, memory
from cnncalc.execution.native.code import compiled
from cnncalc.execution.native.host import Host, host
from cnncalc.execution.refusals import Refused
from cnncalc.execution.threads import cores

CHAINS = 10
"""Independent sums: enough that no processor waits for one, and all stay in its registers."""
ROUNDS = 1_000_000
MEASUREMENTS = 20

STREAMS = 8
"""Vectors read at a time, each added to a sum of its own."""
PASSES = 10
LEAST_READ = 256 * 2**20
CACHES = 4
"""So many times the largest cache is read, and no less than the bytes above: nothing that is read
is still there from the pass before."""


def peak(threads: int) -> float:
    """FLOP/s of float32 with so many threads that do nothing but fused multiply-additions."""
    at, threads = host(), _useful(threads)
    return _best(f"{_place(at)}, {threads} threads", _measured(at, threads))


def bandwidth(threads: int) -> float:
    """Bytes a second that so many threads read from memory, each through a stretch of its own.

    Raises `Refused` where there is too little memory to measure it apart from the caches.
    """
    at, threads = host(), _useful(threads)
    return _best(f"reading, {_place(at)}, {threads} threads", _measured_reading(at, threads))


def name() -> str:
    """The name of this machine: its processor, as LLVM calls it, and its cores."""
    try:
        at = host()
    except RuntimeError:
        return f"{platform.machine()}, {cores()} cores"
    return f"{platform.machine()} {at.cpu}, {at.lanes} lanes, {cores()} cores"


def _useful(threads: int) -> int:
    """More threads than cores do no more, and would take turns at being measured."""
    return min(threads, cores())


def _place(at: Host) -> str:
    return f"{at.cpu}, {at.lanes} lanes, llvmlite {llvmlite.__version__}"


def _best(key: str, found: float) -> float:
    """The best that is known, which is remembered."""
    best = max(found, _known(cache.read("machine"), key))
    if best == found:
        cache.change("machine", lambda known: {**known, key: max(found, _known(known, key))})
    return best


def _known(stored: dict[str, Any], key: str) -> float:
    """What was measured earlier, 0 where nothing was."""
    before = stored.get(key)
    return before if isinstance(before, float) and isfinite(before) else 0.0


def _measured(at: Host, threads: int) -> float:
    work = compiled(_code(at), at).function("work", ctypes.c_int64)
    work(ROUNDS // 10)
    flops = 2 * CHAINS * at.lanes * ROUNDS * threads
    return flops / _least_seconds(lambda _: work(ROUNDS), threads, MEASUREMENTS)


def _measured_reading(at: Host, threads: int) -> float:
    block = 4 * at.lanes * STREAMS
    each = max(LEAST_READ, CACHES * _largest_cache()) // threads // block + 1
    free = memory.available()
    if free is not None and 2 * each * block * threads > free:
        raise Refused(
            f"--roofline: measuring the memory takes {memory.gib(each * block * threads)}, and "
            f"{memory.gib(free)} are free"
        )
    # It is written first, by who reads it: what was never written has no memory of its own.
    parts = [np.empty(each * block // 4, np.float32) for _ in range(threads)]
    work = reader(at)
    _least_seconds(lambda thread: parts[thread].fill(1.0), threads, 1)
    places = [(part.ctypes.data, each, np.empty(block // 4, np.float32)) for part in parts]
    calls = [(start, blocks, sums.ctypes.data) for start, blocks, sums in places]
    seconds = _least_seconds(lambda thread: work(*calls[thread]), threads, PASSES)
    return each * block * threads / seconds


def reader(at: Host) -> Callable[..., None]:
    """A function of an address, of the blocks of `STREAMS` vectors to read there, and of a place
    for one block, the sum of them all."""
    types = (ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)
    return compiled(_reading_code(at), at).function("work", *types)


def _least_seconds(work: Callable[[int], object], threads: int, times: int) -> float:
    """The least that all threads together took, starting at one moment."""
    barrier = Barrier(threads)

    def timed(thread: int) -> tuple[float, float]:
        barrier.wait()
        start = perf_counter()
        work(thread)
        return start, perf_counter()

    best = float("inf")
    with ThreadPoolExecutor(threads) as crew:
        for _ in range(times):
            ran = list(crew.map(timed, range(threads)))
            best = min(best, max(end for _, end in ran) - min(start for start, _ in ran))
    return best


def _largest_cache() -> int:
    """Bytes, 0 where the system does not say."""
    sizes = [0]
    for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        try:
            sizes.append(int(path.read_text("ascii").strip().removesuffix("K")) * 1024)
        except (OSError, ValueError):
            continue
    return max(sizes)


def _code(at: Host) -> str:
    """A loop of `CHAINS` fused multiply-additions x·a + a on vectors, whose results are used."""
    vector = f"<{at.lanes} x float>"
    chains = range(CHAINS)
    phis = "\n".join(f"  %x{c} = phi {vector} [ %s{c}, %entry ], [ %y{c}, %loop ]" for c in chains)
    starts = "\n".join(
        f"  %s{c} = insertelement {vector} %a, float {c}.0, i32 0" for c in chains
    )  # fmt: skip
    steps = "\n".join(
        f"  %y{c} = call {vector} @fma({vector} %x{c}, {vector} %a, {vector} %a)" for c in chains
    )
    stores = "\n".join(f"  store volatile {vector} %y{c}, ptr %place" for c in chains)
    intrinsic = f"@llvm.fmuladd.v{at.lanes}f32"
    return f"""
declare {vector} {intrinsic}({vector}, {vector}, {vector})
define void @work(i64 %rounds) {{
entry:
  %place = alloca {vector}
  store volatile {vector} zeroinitializer, ptr %place
  %a = load volatile {vector}, ptr %place
{starts}
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
{phis}
{steps}
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %rounds
  br i1 %more, label %loop, label %done
done:
{stores}
  ret void
}}
""".replace("@fma(", f"{intrinsic}(")


def _reading_code(at: Host) -> str:
    """A loop that reads blocks of `STREAMS` vectors, one after the other, adds them up and leaves
    the sums in a block of the caller's."""
    vector = f"<{at.lanes} x float>"
    streams = range(STREAMS)
    phis = "\n".join(
        f"  %x{s} = phi {vector} [ zeroinitializer, %entry ], [ %y{s}, %loop ]" for s in streams
    )
    steps = "\n".join(
        f"  %p{s} = getelementptr {vector}, ptr %p, i64 {s}\n"
        f"  %v{s} = load {vector}, ptr %p{s}, align 4\n"
        f"  %y{s} = fadd {vector} %x{s}, %v{s}"
        for s in streams
    )
    stores = "\n".join(
        f"  %to{s} = getelementptr {vector}, ptr %to, i64 {s}\n"
        f"  store {vector} %y{s}, ptr %to{s}, align 4"
        for s in streams
    )
    return f"""
define void @work(ptr %from, i64 %blocks, ptr %to) {{
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %p = phi ptr [ %from, %entry ], [ %behind, %loop ]
{phis}
{steps}
  %behind = getelementptr {vector}, ptr %p, i64 {STREAMS}
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %blocks
  br i1 %more, label %loop, label %done
done:
{stores}
  ret void
}}
"""
