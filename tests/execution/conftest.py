"""No test reads or writes the user's own cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cnncalc.execution.cache import VARIABLE
from cnncalc.execution.native import library
from cnncalc.execution.native.code import Code, compiled_once
from cnncalc.execution.native.host import Host


@pytest.fixture(autouse=True)
def cache(
    surroundings: None,
    kernels_are_compiled_once: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The cache folder, which is not there yet."""
    folder = tmp_path / "cache"
    monkeypatch.setenv(VARIABLE, str(folder))
    return folder


@pytest.fixture(autouse=True, scope="session")
def kernels_are_compiled_once(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[None]:
    """For all tests together, whose caches are otherwise their own, and all processes of pytest."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "kernels"

    def shared(key: str, text: Callable[[], str], at: Host) -> Code:
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv(VARIABLE, str(folder))
            return compiled_once(key, text, at)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(library, "compiled_once", shared)
        yield
