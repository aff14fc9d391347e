"""LLVM's intermediate language made into machine code, which is kept for the next process."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from cnncalc.execution import cache
from cnncalc.execution.native.host import LANES, Host

WIDEST = max(LANES)


class Code:
    """Compiled functions. They live as long as this does."""

    def __init__(self, engine: llvm.ExecutionEngine, reused: bool) -> None:
        self._engine = engine
        self.reused = reused
        """Whether the code came from the cache."""

    def address(self, name: str) -> int:
        """Where a function starts, for code that calls it."""
        address: int = self._engine.get_function_address(name)
        return address

    def function(self, name: str, *arguments: Any) -> Callable[..., None]:
        """A function for Python to call, of these types of ctypes. Other threads run meanwhile."""
        # With the code, which has to live as long as whoever can call it.
        held = ctypes.CFUNCTYPE(None, *arguments)(self.address(name)), self

        def call(*values: Any) -> None:
            held[0](*values)

        return call


def compiled(text: str, at: Host) -> Code:
    """The functions of a module, for this processor. Raises `RuntimeError` where LLVM refuses."""
    return compiled_once(text, lambda: text, at)


def compiled_once(key: str, text: Callable[[], str], at: Host) -> Code:
    """The same for a module whose text is only made where no code is stored under its key.

    The text is optimised as it stands: loops are neither vectorised nor unrolled, since kernels
    say themselves which vectors they use.
    """
    key = repr((key, at, llvmlite.__version__))
    stored = cache.content(key)
    if stored is not None:
        engine = llvm.create_mcjit_compiler(_module("", at), machine(at))
        engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(stored))
        engine.finalize_object()
        return Code(engine, reused=True)
    module = _module(text(), at)
    module.verify()
    optimize(module, machine(at))
    engine = llvm.create_mcjit_compiler(module, machine(at))
    engine.set_object_cache(lambda _, made: cache.keep(key, made), lambda _: None)
    with scheduled(at):
        engine.finalize_object()
    return Code(engine, reused=False)


def machine(at: Host) -> llvm.TargetMachine:
    """What LLVM knows of a processor."""
    target = llvm.Target.from_triple(at.triple)
    return target.create_target_machine(cpu=at.cpu, features=at.features, opt=2, jit=True)


def assembly(text: str, at: Host) -> str:
    """What a processor is told, for people; it may be another kind than this one."""
    module = _module(text, at)
    optimize(module, machine(at))
    with scheduled(at):
        written: str = machine(at).emit_assembly(module)
    return written


def _module(text: str, at: Host) -> llvm.ModuleRef:
    return llvm.parse_assembly(f'target triple = "{at.triple}"\n{text}')


@contextmanager
def scheduled(at: Host) -> Iterator[None]:
    """Within it code is made whose operations stand in the best order. Where there are 32 registers
    that is the order in which kernels have them: LLVM's own loads early, and for a tile that fills
    all registers that means memory."""
    as_written = at.lanes == WIDEST
    llvm.set_option("", f"-enable-misched={str(not as_written).lower()}")
    try:
        yield
    finally:
        llvm.set_option("", "-enable-misched=true")


def optimize(module: llvm.ModuleRef, machine: llvm.TargetMachine) -> None:
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = False
    options.slp_vectorization = False
    options.loop_unrolling = False
    options.loop_interleaving = False
    passes = llvm.create_pass_builder(machine, options)
    passes.getModulePassManager().run(module, passes)
