"""Who does the work: this process, processes of this machine, or the workers of a Dask cluster.

All are `concurrent.futures` executors. Nothing here knows what the tasks are.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

from cnncalc import packages
from cnncalc.errors import UsageError, WorkersLost

P = ParamSpec("P")
T = TypeVar("T")

SECONDS_TO_CONNECT = 10


class Crew(Protocol):
    """An executor with what a long run of small tasks needs to know of it.

    `in_flight` is how many tasks keep it busy. `renew` starts it anew after workers died.
    """

    in_flight: int

    def submit(self, task: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]: ...

    def renew(self) -> None: ...

    def result(self, future: Future[T]) -> T: ...


@contextmanager
def crew(jobs: int = 1, scheduler: str | None = None) -> Iterator[Crew]:
    """Who works until the block is left: at its end, or at once where an error leaves it.

    Raises `UsageError` where `scheduler` is not to be reached.
    """
    if scheduler is not None:
        with _cluster(scheduler) as cluster:
            yield cluster
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
        return self.executor.submit(task, *args, **kwargs)

    def renew(self) -> None:
        self.kill()
        self.executor.shutdown(cancel_futures=True)
        self.executor = self._start()

    def result(self, future: Future[T]) -> T:
        return future.result()

    def kill(self) -> None:
        """End the processes in the midst of their tasks."""
        # Python 3.14 has kill_workers(), which does the same.
        for process in list((getattr(self.executor, "_processes", None) or {}).values()):
            process.kill()


def _context() -> BaseContext | None:
    """How processes are begun: on Linux as copies of this one, which takes no time, but only where
    it has one thread. A copy of one with several may wait for ever for what another one held."""
    if sys.platform != "linux":
        return None
    if len(list(Path("/proc/self/task").iterdir())) == 1:
        return get_context("fork")
    context = get_context("forkserver")
    # What every process would otherwise import by itself.
    context.set_forkserver_preload(["cnncalc.loading"])
    return context


def _settle() -> None:
    """Make a process one that ends when its parent says so, or is no more."""
    import threading
    from multiprocessing import connection, parent_process

    # Ctrl-C reaches every process of a terminal; the parent sees to its children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        sentinel = parent.sentinel

        def wait() -> None:
            connection.wait([sentinel])
            os._exit(1)

        threading.Thread(target=wait, daemon=True).start()


class _Cluster:
    """Workers that a Dask scheduler knows. Tasks of those that die it gives to others."""

    def __init__(self, address: str, client: Any) -> None:
        self.address = address
        self.in_flight = max(4 * sum(client.ncores().values()), 16)
        self.executor: Executor = client.get_executor(pure=False)

    def submit(self, task: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self.executor.submit(task, *args, **kwargs)

    def renew(self) -> None:
        raise WorkersLost(f"the workers of {self.address} are gone")

    def result(self, future: Future[T]) -> T:
        try:
            return future.result()
        except ImportError as error:
            why = f"a worker cannot import cnncalc ({error}); install it there"
        except (CancelledError, OSError):
            why = "the scheduler is gone"
        except Exception as error:
            why = " ".join(f"{type(error).__name__}: {error}".split())
        raise WorkersLost(f"{self.address}: {why}")


@contextmanager
def _cluster(address: str) -> Iterator[_Cluster]:
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(packages.need("--scheduler", packages.CLUSTER)) from None
    logger = logging.getLogger("distributed")
    level = logger.level
    # What goes wrong is told by whom it concerns, in one line.
    logger.setLevel(logging.CRITICAL + 1)
    client: Any = None
    try:
        try:
            connect: Any = Client
            client = connect(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
            client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
        except (OSError, TimeoutError, ValueError) as error:
            why = (
                "has no workers" if client is not None else f"is not to be reached ({_line(error)})"
            )
            raise UsageError(f"the scheduler {address} {why}") from None
        yield _Cluster(address, client)
    finally:
        if client is not None:
            client.close(timeout=2)
        logger.setLevel(level)


def _line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
