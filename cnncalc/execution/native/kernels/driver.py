"""What walks through a program: steps, parts of a step, entries and tiles of positions.

Threads go through the same steps side by side and wait for one another after each.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from cnncalc.execution.native.kernels import records
from cnncalc.execution.native.kernels.compiler import Exported, kernel
from cnncalc.execution.native.kernels.memory import ADDRESS, NOTHING, Address, word
from cnncalc.execution.native.kernels.records import WORD
from cnncalc.execution.native.kernels.signatures import (
    TAKES_RECORD,
    call,
    entry_at,
    part_at,
    step_at,
)
from cnncalc.execution.native.kernels.state import CELL, PARKED, SEEN, cell
from cnncalc.execution.native.kernels.vectors import INTEGER, at, instructions, smaller

PATIENCE = 2_000
"""Rounds of waiting at a barrier before others are let have the processor."""
IDLE = 40_000
"""Rounds without work before a thread goes to sleep: about a millisecond."""

ENTRY_BYTES, PART_BYTES = records.ENTRY.itemsize, records.PART.itemsize
ARRIVED, CALLED, STEPS, COUNT, THREADS, CLOCK, REST = (
    cell(name) for name in ("arrived", "called", "steps", "count", "threads", "clock", "rest")
)


@kernel
def drive(address: Address) -> None:
    """A block of positions after the other; for each, entry after entry; for each, tiles of about
    the same size, none larger than the entry's kernels can take."""
    step = step_at(address)
    first = step.start
    while first < step.stop:
        length = smaller(step.block, step.stop - first)
        for number in range(step.entry_start, step.entry_stop):
            entry = entry_at(step.entries + number * ENTRY_BYTES)
            if entry.largest == 0:
                call(entry.kernels, entry, step, first, length)
            else:
                in_tiles(entry, step, first, length)
        first += step.block


@kernel
def in_tiles(entry: Any, step: Any, first: int, length: int) -> None:
    tiles = (length + entry.largest - 1) // entry.largest
    each = length // tiles
    larger = length - each * tiles
    position = first
    for tile in range(tiles):
        count = each + 1 if tile < larger else each
        call(word(entry.kernels, count), entry, step, position, count)
        position += count


@kernel
def parts(address: Address) -> None:
    """What one thread does without waiting for others: functions with their records, up to one at
    address 0."""
    part = part_at(address)
    while part.function:
        call(part.function, part.record)
        address += PART_BYTES
        part = part_at(address)


@kernel
def run(shared: Address, thread: int) -> None:
    """Thread by thread: a step is a function and a record for each thread, 0 for none. After each
    step all wait; the first thread then notes the time."""
    threads, clock = word(shared + THREADS, 0), word(shared + CLOCK, 0)
    step = word(shared + STEPS, 0)
    if thread == 0:
        note(clock, now())
    for number in range(word(shared + COUNT, 0)):
        record = word(step, thread + 1)
        if record:
            call(word(step, 0), record)
        if threads > 1:
            wait_for_all(shared, threads)
        if thread == 0:
            note(clock + (number + 1) * WORD, now())
        step += (threads + 1) * WORD


@kernel
def stamp(place: Address) -> None:
    """Write down the time."""
    note(place, now())


@kernel
def wait_for_all(shared: Address, threads: int) -> None:
    """Arrivals are counted on and on: a thread waits for the next multiple of their number."""
    before = one_more(shared + ARRIVED)
    goal = (before // threads + 1) * threads
    rounds = 0
    while seen(shared + ARRIVED) < goal:
        pause()
        rounds += 1
        if rounds > PATIENCE:
            call(word(shared + REST, 0))
            rounds = 0


@kernel
def begin(shared: Address) -> None:
    """Tell the other threads that a run begins."""
    one_more(shared + CALLED)


@kernel
def work(shared: Address, thread: int) -> None:
    """What a thread other than the first does: run after run, until there was none for a while.

    Whoever calls looks whether a thread is parked after telling it to begin, and a thread that
    parks looks again whether it was told: neither can miss the other.
    """
    parked = shared + CELL * (PARKED + 2 * thread)
    done = shared + CELL * (SEEN + 2 * thread)
    exchange(parked, 0)
    idle = 0
    while True:
        if seen(shared + CALLED) != word(done, 0):
            note(done, word(done, 0) + 1)
            run(shared, thread)
            idle = 0
            continue
        pause()
        idle += 1
        if idle < IDLE:
            continue
        exchange(parked, 1)
        if seen(shared + CALLED) == word(done, 0):
            return
        exchange(parked, 0)


def kernels(lanes: int) -> dict[str, Exported]:
    of_thread = (types.intp, types.intp)
    return {
        "drive": Exported(drive, TAKES_RECORD),
        "parts": Exported(parts, TAKES_RECORD),
        "stamp": Exported(stamp, TAKES_RECORD),
        "run": Exported(run, of_thread),
        "call": Exported(begin, (types.intp,)),
        "work": Exported(work, of_thread),
    }


# What several threads read and write


@instructions(types.intp, ADDRESS)
def seen(_: Any, b: Any, address: Any) -> Any:
    """An integer as others have left it."""
    return b.load_atomic(at(b, address), "seq_cst", WORD, typ=INTEGER)


@instructions(types.intp, ADDRESS)
def one_more(_: Any, b: Any, address: Any) -> Any:
    """Count up an integer that others count as well; what it was before."""
    return b.atomic_rmw("add", at(b, address), INTEGER(1), "seq_cst")


@instructions(types.intp, ADDRESS, types.intp)
def exchange(_: Any, b: Any, address: Any, value: Any) -> Any:
    """Put an integer where others see it; what was there before."""
    return b.atomic_rmw("xchg", at(b, address), value, "seq_cst")


@instructions(NOTHING, ADDRESS, types.intp)
def note(_: Any, b: Any, address: Any, value: Any) -> None:
    """Put an integer where others look later."""
    b.store(value, at(b, address))


def _declared(builder: Any, name: str, result: Any) -> Any:
    known = builder.module.globals.get(name)
    return known or ir.Function(builder.module, ir.FunctionType(result, []), name)


def _is_x86(target: Any) -> bool:
    return bool(target.triple.startswith(("x86_64", "i686")))


@instructions(types.intp)
def now(t: Any, b: Any) -> Any:
    """Ticks of a clock that runs evenly: LLVM has two, each for some processors."""
    name = "llvm.readcyclecounter" if _is_x86(t) else "llvm.readsteadycounter"
    return b.call(_declared(b, name, INTEGER), [])


@instructions(NOTHING)
def pause(t: Any, b: Any) -> None:
    """A hint that this is a loop of waiting, where the processor has one."""
    if _is_x86(t):
        b.call(_declared(b, "llvm.x86.sse2.pause", ir.VoidType()), [])
