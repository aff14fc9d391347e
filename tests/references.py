"""What other frameworks answered, read from `reference/`; its README says where it came from."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "reference"


@cache
def reference(name: str) -> dict[str, Any]:
    """A table of numbers by its file's stem."""
    table: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return table


def rows(name: str) -> list[list[int]]:
    """The rows of a table that is written width by width."""
    return [row for width in reference(name)["rows_by_width"] for row in width]
