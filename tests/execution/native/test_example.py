"""The kernel that the documentation shows is one."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "running.md"


def test_the_kernel_of_the_documentation() -> None:
    """It says itself what comes out of it."""
    (code,) = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert "@kernel" in code
    assert "assert place" in code
    exec(compile(code, str(PAGE), "exec"), {})
