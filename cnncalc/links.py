"""Paths with the links on their way followed, so that two names of one file are alike."""

from __future__ import annotations

import os
from pathlib import Path


def followed(path: str | Path) -> Path:
    """Where a path leads. Unlike `Path.resolve` of Python before 3.13 it takes links that lead in
    a circle, as far as they can be followed: to open them tells what is wrong. Raises `OSError`
    where the working folder is gone, `ValueError`."""
    return Path(os.path.realpath(path))
