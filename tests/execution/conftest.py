"""No test reads or writes the user's own cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnncalc.execution.cache import VARIABLE


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
