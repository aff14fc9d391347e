"""Who does the work: this process, processes of this machine, or the workers of a Dask cluster.

All are `concurrent.futures` executors. The tasks are functions of others.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from multiprocessing import connection, get_context, parent_process
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

P = ParamSpec("P")
T = TypeVar("T")

SECONDS_TO_LOOK = 1
"""How often, while a result is waited for, those who work on it are looked after."""


class WorkerPool(Protocol):
    """An executor with what a long run of small tasks needs to know of it.

    `in_flight` is how many tasks keep it busy. `renew` starts it again after workers died.
    """

    in_flight: int

    def submit(self, task: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]: ...

    def renew(self) -> None: ...

    def result(self, future: Future[T]) -> T: ...


@contextmanager
def worker_pool(jobs: int = 1, scheduler: str | None = None) -> Iterator[WorkerPool]:
    """Who works until the block is left: at its end, or at once where an error leaves it.

    Raises `UsageError` where `scheduler` is not to be reached.
    """
    if scheduler is not None:
        from cnncalc.workers.cluster import cluster

        with cluster(scheduler) as workers:
            yield workers
    elif jobs == 1:
        yield _Alone()
    else:
        pool = _Processes(jobs)
        try:
            yield pool
        except BaseException:
            pool.kill()
            raise
        finally:
            pool.executor.shutdown(cancel_futures=True)


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Alone(Executor):
    """This process: a task is done when it has been submitted."""

    in_flight = 1

    def submit(self, task: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        future.set_result(task(*args, **kwargs))
        return future

    def renew(self) -> None:
        pass

    def result(self, future: Future[T]) -> T:
        return future.result()


class _Processes:
    """Processes of this machine."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.in_flight = 4 * jobs
        self.executor = self._start()

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.jobs, mp_context=_context(), initializer=_settle)

    def submit(self, task: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        with _uninterrupted():  # it may start a process
            return self.executor.submit(task, *args, **kwargs)

    def renew(self) -> None:
        self.kill()
        self.executor.shutdown(cancel_futures=True)
        self.executor = self._start()

    def result(self, future: Future[T]) -> T:
        dead = False
        while not wait([future], SECONDS_TO_LOOK).done:
            # An executor that does not see for so long that a process is no more waits for the rest
            # of what that process was writing, and others for their turn to write.
            if dead and (self._a_process_is_dead() and not future.done()):
                self.kill()
            dead = self._a_process_is_dead()
        return future.result()

    def _processes(self) -> list[BaseProcess]:
        return list((getattr(self.executor, "_processes", None) or {}).values())

    def _a_process_is_dead(self) -> bool:
        return bool(connection.wait([process.sentinel for process in self._processes()], 0))

    def kill(self) -> None:
        """End the processes in the midst of their tasks."""
        # Python 3.14 has kill_workers(), which does the first half.
        for process in self._processes():
            process.kill()
        # The executor holds the ends of pipes that its processes had, too. Without them its threads
        # find that nobody writes the rest of a result, nor reads the rest of a task.
        results = getattr(self.executor, "_result_queue", None)
        tasks = getattr(self.executor, "_call_queue", None)
        for end in (getattr(results, "_writer", None), getattr(tasks, "_reader", None)):
            with suppress(OSError, AttributeError):  # closed by now, or not there
                _let_go(end)


def _let_go(end: Any) -> None:
    """Have no part in a pipe. Its number stays taken: another thread may close it meanwhile, and
    must not close another file of that number."""
    if sys.platform == "win32":
        end.close()
        return
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        os.dup2(nowhere, end.fileno(), inheritable=False)
    finally:
        os.close(nowhere)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C is heard at the end of the block; by processes started in it, once they have settled,
    and so never."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _context() -> BaseContext | None:
    """How processes are begun: on Linux as copies of this one, which takes no time, but only where
    it has one thread. A copy of one with several may wait for ever for what another one held."""
    if sys.platform != "linux":
        return None
    if len(list(Path("/proc/self/task").iterdir())) == 1:
        return get_context("fork")
    context = get_context("forkserver")
    # What every process would otherwise import by itself.
    context.set_forkserver_preload(["cnncalc.network"])
    return context


def _settle() -> None:
    """Make a process one that ends when its parent says so, or is no more."""
    import threading

    # Ctrl-C reaches every process of a terminal; the parent sees to its children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    parent = parent_process()
    if parent is not None:
        sentinel = parent.sentinel

        def end() -> None:
            connection.wait([sentinel])
            os._exit(1)

        threading.Thread(target=end, daemon=True).start()
