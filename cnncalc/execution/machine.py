"""What this machine can do at best, measured: multiplications and additions a second.

The best that was ever measured is remembered, for each processor and number of threads: a machine
that is busy shows less than it can do.
"""

from __future__ import annotations

import ctypes
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import perf_counter

import llvmlite

from cnncalc.execution import cache
from cnncalc.execution.native.code import compiled
from cnncalc.execution.native.host import Host, host

CHAINS = 10
"""Independent sums: enough that no processor waits for one, and all stay in its registers."""
ROUNDS = 1_000_000
MEASUREMENTS = 20


def peak(threads: int) -> float:
    """FLOP/s of float32 with so many threads that do nothing but fused multiply-additions."""
    at = host()
    key = f"{at.cpu}, {at.lanes} lanes, {threads} threads, llvmlite {llvmlite.__version__}"
    known = cache.read("machine")
    before = known.get(key)
    found = _measured(at, threads)
    if isinstance(before, float) and before >= found:
        return before
    cache.write("machine", {**known, key: found})
    return found


def _measured(at: Host, threads: int) -> float:
    """The best of some short measurements, in which all threads start together."""
    work = compiled(_code(at), at).function("work", ctypes.c_int64)
    work(ROUNDS // 10)
    flops = 2 * CHAINS * at.lanes * ROUNDS * threads
    barrier = Barrier(threads)

    def timed(_: int) -> tuple[float, float]:
        barrier.wait()
        start = perf_counter()
        work(ROUNDS)
        return start, perf_counter()

    best = 0.0
    with ThreadPoolExecutor(threads) as crew:
        for _ in range(MEASUREMENTS):
            times = list(crew.map(timed, range(threads)))
            seconds = max(end for _, end in times) - min(start for start, _ in times)
            best = max(best, flops / seconds)
    return best


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
