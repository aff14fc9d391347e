"""What the package says of the bundled networks, each loaded once."""

from __future__ import annotations

from functools import cache

import cnncalc
from cnncalc.report.report import Report


@cache
def loaded(name: str) -> Report:
    return cnncalc.load(name)
