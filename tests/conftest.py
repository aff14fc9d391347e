"""What all tests share: whole outputs compared with stored ones. No test's own material."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"

Golden = Callable[[str, str], None]
"""Compare a text with a stored file: golden("summary.txt", text)."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write tests/golden and the sessions in the documentation anew; read the diff",
    )


@pytest.fixture
def updating(request: pytest.FixtureRequest) -> bool:
    """Whether stored outputs are to be written rather than compared."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def golden(updating: bool) -> Golden:
    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if updating:
            path.write_text(text, "utf-8", newline="\n")
        assert text == path.read_text("utf-8")

    return compare
