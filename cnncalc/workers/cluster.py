"""The workers of a Dask cluster: they have to be there, to answer, and to have our own cnncalc."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, wait
from contextlib import contextmanager
from time import monotonic
from typing import Any, ParamSpec, TypeVar

from cnncalc import packages
from cnncalc.errors import UsageError, WorkersLost
from cnncalc.workers.edition import OtherEdition, by, edition
from cnncalc.workers.pool import SECONDS_TO_LOOK

P = ParamSpec("P")
T = TypeVar("T")

SECONDS_TO_CONNECT = 10
SECONDS_WITHOUT_WORKERS = 30
"""So long new workers may take to come once there are none."""


class Cluster:
    """Workers that a Dask scheduler knows. Tasks of those that die it gives to others."""

    def __init__(self, address: str, client: Any) -> None:
        self.address = address
        self.client = client
        self.in_flight = max(4 * sum(client.ncores().values()), 16)
        self.executor: Executor = client.get_executor(pure=False)

    def submit(self, task: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self.executor.submit(by, edition(), task, *args, **kwargs)

    def renew(self) -> None:
        raise WorkersLost(f"the workers of {self.address} are gone")

    def result(self, future: Future[T]) -> T:
        seen = monotonic()
        try:
            while not wait([future], SECONDS_TO_LOOK).done:
                if self._workers():
                    seen = monotonic()
                elif monotonic() - seen >= SECONDS_WITHOUT_WORKERS:
                    why = f"it has had no workers for {SECONDS_WITHOUT_WORKERS} s"
                    break
            else:
                return future.result()
        except OtherEdition as error:
            why = f"a worker has cnncalc {error} and this is {edition()}; install the same there"
        except (ImportError, AttributeError) as error:
            why = f"a worker {_cannot_import(error)}"
        except TimeoutError:
            why = "the scheduler does not answer"
        except (CancelledError, OSError):
            why = "the scheduler is gone"
        except Exception as error:
            why = f"the work failed ({type(error).__name__}); the workers' logs say more"
        raise WorkersLost(f"{self.address}: {why}")

    def _workers(self) -> int:
        """How many there are now. Raises `OSError`."""
        ncores = self.client.scheduler.ncores
        return len(self.client.sync(ncores, callback_timeout=SECONDS_TO_CONNECT))


@contextmanager
def cluster(address: str) -> Iterator[Cluster]:
    """The workers of a scheduler. Raises `UsageError` if it is not to be reached, or has none."""
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
        except ValueError:
            raise UsageError(f"{address} is no scheduler: say HOST:PORT") from None
        except (OSError, TimeoutError, AssertionError):
            # The last where the client's own loop does not begin in time, on a busy machine.
            why = "has no workers" if client is not None else "cannot be reached"
            within = f"within {SECONDS_TO_CONNECT} s"
            raise UsageError(f"the scheduler {address} {why} {within}") from None
        _refuse_others(address, client)
        yield Cluster(address, client)
    finally:
        if client is not None:
            client.close(timeout=2)
        logger.setLevel(level)


def _refuse_others(address: str, client: Any) -> None:
    """Raises `UsageError` where a worker has no cnncalc, or another: it would die of the first
    task, or answer as another version does."""

    # A function inside another is sent as it is, and not by its name.
    def probe() -> str:
        from cnncalc.workers.edition import edition

        return edition()

    try:
        told: dict[str, object] = client.sync(
            client._run, probe, on_error="return", callback_timeout=SECONDS_TO_CONNECT
        )
    except (OSError, TimeoutError):
        raise UsageError(f"the workers of {address} do not answer") from None
    for worker, answer in told.items():
        if isinstance(answer, Exception):
            raise UsageError(f"{address}: the worker {worker} {_cannot_import(answer)}")
        if answer != edition():
            why = f"has cnncalc {answer} and this is {edition()}; install the same there"
            raise UsageError(f"{address}: the worker {worker} {why}")


def _cannot_import(error: Exception) -> str:
    """What is said of a worker; what it lacks, where that is known."""
    lacks = getattr(error, "name", None)
    there = f" ({lacks} is missing there)" if lacks else ""
    return f"cannot import this cnncalc, {edition()}{there}; install it there"
