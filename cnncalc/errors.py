"""What is raised to a caller: arguments that make no sense, a wrong file, workers lost."""

from __future__ import annotations

from cnncalc.diagnostics import Diagnostic


class UsageError(ValueError):
    """What a caller asked for makes no sense, whatever the file says."""


class InvalidFile(ValueError):
    """A file that cannot be read or parsed, where there is no report to say so: the first error as
    the message, and everything that was found in `diagnostics`."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        first = next(diagnostic for diagnostic in diagnostics if diagnostic.is_error)
        super().__init__(f"{first.span}: {first.message}")
        self.diagnostics = diagnostics


class WorkersLost(Exception):
    """The processes or machines that did the work are gone, or cannot do it; the message can be
    shown to a user."""
