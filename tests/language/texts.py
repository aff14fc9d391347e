"""Architecture files as texts in tests, and what the package says of them."""

from __future__ import annotations

import cnncalc
from cnncalc.report.report import Report

INPUT = "input: 8x8x6\n"


def layers(*items: str, head: str = INPUT) -> str:
    """A file with one item of `layers:` a line."""
    return head + "layers:\n" + "".join(f"  - {item}\n" for item in items)


def good(text: str, **arguments: object) -> Report:
    """The report of a file without errors."""
    report = cnncalc.loads(text, **arguments)  # type: ignore[arg-type]
    assert report.ok, [(d.code, str(d.span), d.message) for d in report.diagnostics]
    assert report.complete
    assert report.outputs
    return report


def errors(text: str, **arguments: object) -> list[str]:
    """The codes of the errors in a file."""
    report = cnncalc.loads(text, **arguments)  # type: ignore[arg-type]
    return [diagnostic.code for diagnostic in report.diagnostics if diagnostic.is_error]


def names(*items: str, head: str = INPUT) -> list[str]:
    """What the layers of a network are called."""
    return [row.name for row in good(layers(*items, head=head)).rows]


def output(*items: str, head: str = INPUT, **arguments: object) -> tuple[int, ...]:
    """The volume that a network with one output ends with."""
    (volume,) = good(layers(*items, head=head), **arguments).outputs.values()
    return volume
