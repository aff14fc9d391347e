"""What LLVM makes of inner loops of kernels: sums, weights and what is read stay in registers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import llvmlite.binding as llvm
import pytest

from cnncalc.execution.native.code import assembly
from cnncalc.execution.native.host import Host
from cnncalc.execution.native.kernels import shapes
from cnncalc.execution.native.library import Library
from tests.slowness import slow_but


class Target(NamedTuple):
    """A kind of processor. `multiplies` are instructions that multiply vectors, `vector` a vector
    register, `memory` a place on the stack."""

    at: Host
    multiplies: str
    vector: str
    memory: str


X86 = "x86_64-unknown-linux-gnu"
TARGETS = {
    "sse": Target(Host(X86, "x86-64", "", 4), r"mulps", r"%xmm", r"\(%rsp\)"),
    "avx2": Target(Host(X86, "haswell", "", 8), r"vfmadd\w+ps", r"%ymm", r"\(%rsp\)"),
    "avx512": Target(Host(X86, "skylake-avx512", "", 16), r"vfmadd\w+ps", r"%zmm", r"\(%rsp\)"),
    "neon": Target(
        Host("aarch64-unknown-linux-gnu", "cortex-a72", "", 4), r"fmla", r"\b[qv]\d+", r"\[sp\b"
    ),
}

SOME = slow_but(["avx2"], TARGETS)


def inner_loop(text: str, target: Target) -> list[str]:
    """The instructions of the shortest loop that multiplies vectors."""
    lines = [line for line in text.split("\n") if not line.startswith(("\t.", "#", "//"))]
    labels = {line.split(":")[0]: n for n, line in enumerate(lines) if re.match(r"\.L\w+:", line)}
    loops = []
    for end, line in enumerate(lines):
        jump = re.search(r"\t[jb][\w.]*\s+(?:.*,\s*)?(\.L\w+)", line)
        start = labels.get(jump[1], end) if jump else end
        body = lines[start : end + 1]
        if start < end and any(re.search(target.multiplies, one) for one in body):
            loops.append([one for one in body if one.startswith("\t")])
    return min(loops, key=len)


def stack_moves(body: list[str], target: Target) -> int:
    """Moves of vectors between registers and the stack."""
    return sum(
        bool(re.search(target.vector, one) and re.search(target.memory, one)) for one in body
    )


def multiplications(body: list[str], target: Target) -> int:
    return sum(bool(re.search(target.multiplies, one)) for one in body)


def tiles(lanes: int) -> Iterator[tuple[str, str, int]]:
    """Families, the largest kernels in them, and the multiplications of an inner loop."""
    for planes, positions in shapes.products(lanes).items():
        work = positions * planes * shapes.UNROLLED
        yield "contraction", shapes.product_name(positions, planes), work
    # Where products and sums are two instructions rows need more registers than SSE has.
    for taps in (3, 5) if lanes > 4 else ():
        positions = shapes.largest_row(lanes, taps, 1)
        yield shapes.row_family(taps, 1), shapes.row_name(positions, 1), positions * taps


@pytest.mark.parametrize("name", SOME)
def test_inner_loops_keep_to_registers(name: str) -> None:
    target = TARGETS[name]
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    library = Library(target.at)
    for family, kernel, work in tiles(target.at.lanes):
        body = inner_loop(assembly(library.text(family, kernel), target.at), target)
        assert multiplications(body, target) == work, kernel
        assert stack_moves(body, target) == 0, kernel


def test_a_spilled_vector_is_seen() -> None:
    """The judge itself: a loop that moves a sum to the stack and back."""
    text = (
        ".LBB0_1:\n\tvfmadd231ps\t%ymm0, %ymm1, %ymm2\n\tvmovups\t%ymm2, 32(%rsp)\n\tjne\t.LBB0_1\n"
    )
    body = inner_loop(text, TARGETS["avx2"])
    assert multiplications(body, TARGETS["avx2"]) == 1
    assert stack_moves(body, TARGETS["avx2"]) == 1
