"""Who carries a plan out: the backend asked for, or the reference where that cannot be had."""

from __future__ import annotations

from platform import machine
from typing import NamedTuple

from cnncalc.execution.backend import Backend
from cnncalc.execution.refusals import NoNativeCode
from cnncalc.execution.request import BackendName


class Selected(NamedTuple):
    """A backend, and what is to be said where it is not the one asked for."""

    backend: Backend
    remark: str = ""


def selected(name: BackendName) -> Selected:
    """The backend of this name. The reference takes its place on a machine that LLVM makes no code
    for. Raises `Refused` for a number of lanes that no processor has."""
    try:
        return Selected(chosen_backend(name))
    except RuntimeError as error:
        ours = isinstance(error, NoNativeCode)
        why = str(error) if ours else f"LLVM makes none for {machine() or 'it'}"
        remark = f"no native code on this machine: {why}; `reference` computes instead, slowly"
        return Selected(chosen_backend(BackendName.REFERENCE), remark)


def chosen_backend(name: BackendName) -> Backend:
    """The backend of this name. Raises `RuntimeError` where LLVM makes no code."""
    match name:
        case BackendName.NATIVE:
            from cnncalc.execution.native.backend import Native

            return Native()
        case BackendName.REFERENCE:
            from cnncalc.execution.reference.backend import Reference

            return Reference()
