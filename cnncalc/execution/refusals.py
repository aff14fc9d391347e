"""Why a network is not run: a reason for the user, or a bug in cnncalc."""

from __future__ import annotations

from cnncalc.errors import UsageError


class Refused(UsageError):
    """The run asked for cannot be had: too little memory, an input of another form."""


class NoNativeCode(RuntimeError):
    """Kernels cannot be made for a processor, for a reason that is known here."""


class Disagreement(AssertionError):
    """A layer came out otherwise than inferred: a fault in cnncalc, and no number can be trusted
    until it is mended."""
