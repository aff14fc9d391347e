"""What walks through a program: steps, parts of a step, entries and tiles of positions.

Threads go through the same steps side by side and wait for one another after each.
"""

from __future__ import annotations

from llvmlite import ir

from cnncalc.execution.native.kernels.builder import (
    INTEGER,
    KERNEL_TYPES,
    POINTER,
    Function,
    Module,
    Value,
)
from cnncalc.execution.native.kernels.records import ENTRY, STEP, WORD, Fields

CELL = 64
"""Bytes from one cell of the shared state to the next: a line of cache each, so that no thread
slows another by writing beside what it reads."""

SHARED = ("arrived", "called", "leave", "steps", "count", "threads", "clock", "rest")
"""Cells that threads share. `arrived` counts arrivals at barriers, `called` the runs begun; `leave`
is set for the threads to end. Steps, their count, the number of threads and the address of a table
of times are those of the current run. `rest` is a function that lets others have the processor."""
PARKED, SEEN = len(SHARED), len(SHARED) + 1
"""The first two cells of each thread: whether it waits to be woken, and the runs it has seen."""

PATIENCE = 2_000
"""Rounds of waiting at a barrier before others are let have the processor."""
IDLE = 40_000
"""Rounds without work before a thread goes to sleep: about a millisecond."""


def cell(name: str) -> int:
    return CELL * SHARED.index(name)


def thread_cells(thread: int) -> tuple[int, int]:
    """Where a thread's cells lie: parked, seen."""
    return CELL * (PARKED + 2 * thread), CELL * (SEEN + 2 * thread)


def write(module: Module) -> None:
    """`drive`, `parts`, `run`, `call` and `work`, each told by the function that writes it."""
    _drive(module)
    _parts(module)
    _run(module)
    _call(module)
    _work(module)


def _drive(module: Module) -> None:
    """A block of positions after the other; for each, entry after entry; for each, tiles of about
    the same size, none larger than the entry's kernels can take."""
    f = Function(module, "drive", POINTER)
    (step,) = f.arguments
    start, stop = f.field(step, STEP, "start"), f.field(step, STEP, "stop")
    block, entries = f.field(step, STEP, "block"), f.address(step, STEP, "entries")
    entry_start, entry_stop = f.field(step, STEP, "entry_start"), f.field(step, STEP, "entry_stop")
    with f.loop(start, stop, block) as first:
        length = f.smaller(block, f.sub(stop, first))
        with f.loop(entry_start, entry_stop) as number:
            entry = f.at(entries, f.mul(number, ENTRY.size))
            kernels = f.address(entry, ENTRY, "kernels")
            largest = f.field(entry, ENTRY, "largest")
            with f.when(f.compare("==", largest, 0)):
                f.call_at(kernels, KERNEL_TYPES, entry, step, first, length)
            with f.when(f.compare(">", largest, 0)):
                tiles = f.div(f.sub(f.add(length, largest), 1), largest)
                each = f.div(length, tiles)
                larger = f.sub(length, f.mul(each, tiles))
                position = f.variable(first)
                with f.loop(0, tiles) as tile:
                    more = f.at_end.zext(f.compare("<", tile, larger), INTEGER)
                    size = f.add(each, more)
                    kernel = f.word_address(kernels, size)
                    f.call_at(kernel, KERNEL_TYPES, entry, step, position.get(), size)
                    position.set(f.add(position.get(), size))
    f.finish()


PART = Fields("function", "record")


def _parts(module: Module) -> None:
    """What one thread does without waiting for others: functions with their records, up to one at
    address 0."""
    f = Function(module, "parts", POINTER)
    place = f.variable(f.arguments[0])
    head, body, behind = (f.ir.append_basic_block() for _ in range(3))
    f.at_end.branch(head)
    f.at_end.position_at_end(head)
    function = f.address(place.get(), PART, "function")
    there = f.compare("!=", f.at_end.ptrtoint(function, INTEGER), 0)
    f.at_end.cbranch(there, body, behind)
    f.at_end.position_at_end(body)
    f.call_at(function, (POINTER,), f.address(place.get(), PART, "record"))
    place.set(f.at(place.get(), PART.size))
    f.at_end.branch(head)
    f.at_end.position_at_end(behind)
    f.finish()


def _run(module: Module) -> None:
    """Thread by thread: a step is a function and a record for each thread, 0 for none. After each
    step all wait; the first thread then notes the time."""
    f = Function(module, "run", POINTER, INTEGER)
    shared, thread = f.arguments
    steps, clock = _shared_address(f, shared, "steps"), _shared_address(f, shared, "clock")
    threads = _shared(f, shared, "threads")
    width = f.mul(f.add(threads, 1), WORD)
    first = f.compare("==", thread, 0)
    with f.when(first):
        f.at_end.store(_now(f), clock)
    with f.loop(0, _shared(f, shared, "count")) as number:
        step = f.at(steps, f.mul(number, width))
        function = f.word_address(step, 0)
        record = f.word_address(step, f.add(thread, 1))
        with f.when(f.compare("!=", f.at_end.ptrtoint(record, INTEGER), 0)):
            f.call_at(function, (POINTER,), record)
        with f.when(f.compare(">", threads, 1)):
            _barrier(f, shared, threads)
        with f.when(first):
            f.at_end.store(_now(f), f.at(clock, f.mul(f.add(number, 1), WORD)))
    f.finish()


def _shared(f: Function, shared: Value, name: str) -> Value:
    return f.at_end.load(f.at(shared, cell(name)), typ=INTEGER)


def _shared_address(f: Function, shared: Value, name: str) -> Value:
    return f.at_end.load(f.at(shared, cell(name)), typ=POINTER)


def _now(f: Function) -> Value:
    """Ticks of a clock that runs evenly."""
    return f.at_end.call(f.module.declared(f.module.clock, INTEGER), [])


def _barrier(f: Function, shared: Value, threads: Value) -> None:
    """Arrivals are counted on and on: a thread waits for the next multiple of their number."""
    arrived = f.at(shared, cell("arrived"))
    before = f.at_end.atomic_rmw("add", arrived, f.integer(1), "acq_rel")
    goal = f.mul(f.add(f.div(before, threads), 1), threads)
    rounds = f.variable(0)
    head, wait, behind = (f.ir.append_basic_block() for _ in range(3))
    f.at_end.branch(head)
    f.at_end.position_at_end(head)
    there = f.at_end.load_atomic(arrived, "acquire", WORD, typ=INTEGER)
    f.at_end.cbranch(f.compare(">=", there, goal), behind, wait)
    f.at_end.position_at_end(wait)
    _pause(f)
    rounds.set(f.add(rounds.get(), 1))
    with f.when(f.compare(">", rounds.get(), PATIENCE)):
        f.call_at(_shared_address(f, shared, "rest"), ())
        rounds.set(f.integer(0))
    f.at_end.branch(head)
    f.at_end.position_at_end(behind)


def _pause(f: Function) -> None:
    """A hint that this is a loop of waiting, where the processor has one."""
    if f.module.pause:
        f.at_end.call(f.module.declared(f.module.pause, ir.VoidType()), [])


def _call(module: Module) -> None:
    """Tell the other threads that a run begins."""
    f = Function(module, "call", POINTER)
    f.at_end.atomic_rmw("add", f.at(f.arguments[0], cell("called")), f.integer(1), "seq_cst")
    f.finish()


def _work(module: Module) -> None:
    """What a thread other than the first does: run after run, until there was none for a while.

    Whoever calls looks whether a thread is parked after telling it to begin, and a thread that
    parks looks again whether it was told: neither can miss the other.
    """
    f = Function(module, "work", POINTER, INTEGER)
    shared, thread = f.arguments
    called = f.at(shared, cell("called"))
    own = f.mul(thread, 2 * CELL)
    parked, seen = f.at(f.at(shared, own), CELL * PARKED), f.at(f.at(shared, own), CELL * SEEN)
    idle = f.variable(0)
    head, working, waiting, parking, behind = (f.ir.append_basic_block() for _ in range(5))

    def news() -> Value:
        now = f.at_end.load_atomic(called, "seq_cst", WORD, typ=INTEGER)
        return f.compare("!=", now, f.at_end.load(seen, typ=INTEGER))

    f.at_end.atomic_rmw("xchg", parked, f.integer(0), "seq_cst")
    f.at_end.branch(head)
    f.at_end.position_at_end(head)
    f.at_end.cbranch(news(), working, waiting)
    f.at_end.position_at_end(working)
    f.at_end.store(f.add(f.at_end.load(seen, typ=INTEGER), 1), seen)
    f.call(module.ir.globals["run"], shared, thread)
    idle.set(f.integer(0))
    f.at_end.branch(head)
    f.at_end.position_at_end(waiting)
    _pause(f)
    idle.set(f.add(idle.get(), 1))
    f.at_end.cbranch(f.compare("<", idle.get(), IDLE), head, parking)
    f.at_end.position_at_end(parking)
    f.at_end.atomic_rmw("xchg", parked, f.integer(1), "seq_cst")
    again = f.ir.append_basic_block()
    f.at_end.cbranch(news(), again, behind)
    f.at_end.position_at_end(again)
    f.at_end.atomic_rmw("xchg", parked, f.integer(0), "seq_cst")
    f.at_end.branch(head)
    f.at_end.position_at_end(behind)
    f.finish()
