"""A small language for writing kernels: structured loops and vectors on top of LLVM's IR.

Variables are places in memory that LLVM turns into registers. Integers are 64 bits, addresses are
untyped and offsets are bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from llvmlite import ir

from cnncalc.execution.native.kernels.records import WORD, Fields
from cnncalc.execution.operations import FLOAT_BYTES

Value: TypeAlias = Any
"""A value of LLVM's; llvmlite tells no types."""
Integer: TypeAlias = Any
"""Such a value, or an int."""
Type: TypeAlias = Any

POINTER = ir.PointerType()
INTEGER = ir.IntType(64)
BYTE = ir.IntType(8)
FLOAT = ir.FloatType()
_INDEX = ir.IntType(32)


class Module:
    """Functions for vectors of so many float32."""

    def __init__(self, lanes: int, triple: str) -> None:
        self.lanes = lanes
        x86 = triple.startswith(("x86_64", "i686"))
        self.pause = "llvm.x86.sse2.pause" if x86 else None
        """An intrinsic that eases waiting."""
        self.clock = "llvm.readcyclecounter" if x86 else "llvm.readsteadycounter"
        """An intrinsic that tells ticks of even length; LLVM has two, each for some processors."""
        self.vector = ir.VectorType(FLOAT, lanes)
        self.bits = ir.VectorType(_INDEX, lanes)
        self.vector_bytes = lanes * FLOAT_BYTES
        self.ir = ir.Module()

    @property
    def text(self) -> str:
        return str(self.ir)

    def declared(self, name: str, result: Type, *arguments: Type) -> ir.Function:
        """A function known elsewhere, such as an intrinsic of LLVM's."""
        known: ir.Function | None = self.ir.globals.get(name)
        return known or ir.Function(self.ir, ir.FunctionType(result, arguments), name)


class Function:
    """A function without result that is being written: operations go to its end."""

    def __init__(self, module: Module, name: str, *types: Type) -> None:
        self.module = module
        self.ir = ir.Function(module.ir, ir.FunctionType(ir.VoidType(), types), name)
        self.ir.attributes.add("nounwind")
        self.arguments: Sequence[Value] = self.ir.args
        self._variables = ir.IRBuilder(self.ir.append_basic_block("variables"))
        self._start = self.ir.append_basic_block("start")
        self.at_end = ir.IRBuilder(self._start)

    def finish(self) -> None:
        """Return to the caller."""
        self.at_end.ret_void()
        self._variables.branch(self._start)

    # Integers

    def integer(self, value: Integer) -> Value:
        return ir.Constant(INTEGER, value) if isinstance(value, int) else value

    def add(self, a: Integer, b: Integer) -> Value:
        return self.at_end.add(self.integer(a), self.integer(b))

    def sub(self, a: Integer, b: Integer) -> Value:
        return self.at_end.sub(self.integer(a), self.integer(b))

    def mul(self, a: Integer, b: Integer) -> Value:
        return self.at_end.mul(self.integer(a), self.integer(b))

    def div(self, a: Integer, b: Integer) -> Value:
        return self.at_end.udiv(self.integer(a), self.integer(b))

    def shifted(self, a: Integer, bits: int) -> Value:
        """a divided by a power of two."""
        return self.at_end.lshr(self.integer(a), self.integer(bits))

    def both(self, a: Integer, b: Integer) -> Value:
        """The bits that a and b have."""
        return self.at_end.and_(self.integer(a), self.integer(b))

    def compare(self, relation: str, a: Integer, b: Integer) -> Value:
        return self.at_end.icmp_signed(relation, self.integer(a), self.integer(b))

    def smaller(self, a: Integer, b: Integer) -> Value:
        return self.choose(self.compare("<", a, b), self.integer(a), self.integer(b))

    def choose(self, condition: Value, yes: Value, no: Value) -> Value:
        return self.at_end.select(condition, yes, no)

    # Memory

    def at(self, pointer: Value, offset: Integer) -> Value:
        """The address `offset` bytes on."""
        if isinstance(offset, int) and offset == 0:
            return pointer
        return self.at_end.gep(pointer, [self.integer(offset)], source_etype=BYTE)

    def field(self, record: Value, fields: Fields, name: str) -> Value:
        """An integer of a record."""
        return self.at_end.load(self.at(record, fields.offset(name)), typ=INTEGER)

    def address(self, record: Value, fields: Fields, name: str) -> Value:
        """An address of a record."""
        return self.at_end.load(self.at(record, fields.offset(name)), typ=POINTER)

    def number(self, record: Value, fields: Fields, name: str) -> Value:
        """A float32 of a record, in all lanes."""
        return self.splat(self.at_end.load(self.at(record, fields.offset(name)), typ=FLOAT))

    def word(self, table: Value, index: Integer) -> Value:
        """An integer of a table."""
        return self.at_end.load(self.at(table, self.mul(index, WORD)), typ=INTEGER)

    def word_address(self, table: Value, index: Integer) -> Value:
        """An address of a table."""
        return self.at_end.load(self.at(table, self.mul(index, WORD)), typ=POINTER)

    def load(self, pointer: Value, offset: Integer = 0, align: int | None = None) -> Value:
        """A vector, aligned to its size unless told otherwise."""
        place = self.at(pointer, offset)
        aligned = self.module.vector_bytes if align is None else align
        return self.at_end.load(place, align=aligned, typ=self.module.vector)

    def store(self, vector: Value, pointer: Value, offset: Integer = 0) -> None:
        self.at_end.store(vector, self.at(pointer, offset), align=self.module.vector_bytes)

    def single(self, pointer: Value, offset: Integer = 0) -> Value:
        """One float32."""
        return self.at_end.load(self.at(pointer, offset), align=FLOAT_BYTES, typ=FLOAT)

    def scalar(self, pointer: Value, offset: Integer = 0) -> Value:
        """One float32 in all lanes."""
        return self.splat(self.single(pointer, offset))

    def from_lanes(self, numbers: Sequence[Value]) -> Value:
        """A vector of these float32."""
        vector = ir.Constant(self.module.vector, ir.Undefined)
        for lane, number in enumerate(numbers):
            vector = self.at_end.insert_element(vector, number, ir.Constant(_INDEX, lane))
        return vector

    def prefetch(self, pointer: Value, offset: Integer = 0) -> None:
        """Ask for a line of memory that will be read, into the cache that is a core's own."""
        name, flag = "llvm.prefetch.p0", ir.IntType(32)
        function = self.module.declared(name, ir.VoidType(), POINTER, flag, flag, flag)
        flags = [ir.Constant(flag, value) for value in (0, 2, 1)]
        self.at_end.call(function, [self.at(pointer, offset), *flags])

    # Vectors

    def constant(self, value: float) -> Value:
        return ir.Constant(self.module.vector, [float(value)] * self.module.lanes)

    def splat(self, number: Value) -> Value:
        return self._in_all_lanes(number, self.module.vector)

    def _in_all_lanes(self, number: Value, vector: Type) -> Value:
        undefined = ir.Constant(vector, ir.Undefined)
        first = self.at_end.insert_element(undefined, number, ir.Constant(_INDEX, 0))
        zeros = ir.Constant(self.module.bits, [0] * self.module.lanes)
        return self.at_end.shuffle_vector(first, undefined, zeros)

    def permuted(self, vector: Value, lanes: Sequence[int]) -> Value:
        """A vector whose lane i is lane `lanes[i]` of another."""
        undefined = ir.Constant(self.module.vector, ir.Undefined)
        return self.at_end.shuffle_vector(
            vector, undefined, ir.Constant(self.module.bits, list(lanes))
        )

    def across(self, vector: Value, pair: Callable[[Value, Value], Value]) -> Value:
        """All lanes put together, pair by pair; the result is in every lane."""
        distance = self.module.lanes // 2
        while distance:
            partners = [lane ^ distance for lane in range(self.module.lanes)]
            vector = pair(vector, self.permuted(vector, partners))
            distance //= 2
        return vector

    def intrinsic(self, name: str, *vectors: Value) -> Value:
        """A function of LLVM's on vectors, such as `fma` or `sqrt`."""
        vector = self.module.vector
        full = f"llvm.{name}.v{self.module.lanes}f32"
        function = self.module.declared(full, vector, *(vector for _ in vectors))
        return self.at_end.call(function, vectors)

    def fma(self, a: Value, b: Value, c: Value) -> Value:
        """a·b + c, rounded once where the processor can."""
        return self.intrinsic("fmuladd", a, b, c)

    def plus(self, a: Value, b: Value) -> Value:
        return self.at_end.fadd(a, b)

    def minus(self, a: Value, b: Value) -> Value:
        return self.at_end.fsub(a, b)

    def times(self, a: Value, b: Value) -> Value:
        return self.at_end.fmul(a, b)

    def over(self, a: Value, b: Value) -> Value:
        return self.at_end.fdiv(a, b)

    def ordered(self, relation: str, a: Value, b: Value) -> Value:
        """Lane by lane, whether a and b are so related: never where one is a NaN."""
        return self.at_end.fcmp_ordered(relation, a, b)

    def unordered(self, a: Value, b: Value) -> Value:
        """Lane by lane, whether one of them is a NaN."""
        return self.at_end.fcmp_unordered("uno", a, b)

    def at_least(self, x: Value, bound: Value) -> Value:
        """x, or the bound where x is smaller. A NaN stays one."""
        return self.choose(self.ordered("<", x, bound), bound, x)

    def at_most(self, x: Value, bound: Value) -> Value:
        return self.choose(self.ordered(">", x, bound), bound, x)

    # The bits of vectors: 32 a lane

    def pattern(self, bits: int) -> Value:
        return ir.Constant(self.module.bits, [bits] * self.module.lanes)

    def bits_of(self, vector: Value) -> Value:
        return self.at_end.bitcast(vector, self.module.bits)

    def with_bits(self, bits: Value) -> Value:
        return self.at_end.bitcast(bits, self.module.vector)

    # Variables and control

    def variable(self, start: Integer) -> Variable:
        return Variable(self, self.integer(start), self._variables)

    @contextmanager
    def loop(self, start: Integer, stop: Integer, step: Integer = 1) -> Iterator[Value]:
        """As long as the index, which is yielded, is below `stop`."""
        index = self.variable(start)
        head, body, behind = (self.ir.append_basic_block() for _ in range(3))
        self.at_end.branch(head)
        self.at_end.position_at_end(head)
        now = index.get()
        self.at_end.cbranch(self.compare("<", now, stop), body, behind)
        self.at_end.position_at_end(body)
        yield now
        index.set(self.add(now, step))
        self.at_end.branch(head)
        self.at_end.position_at_end(behind)

    @contextmanager
    def repeat(self, times: Integer) -> Iterator[None]:
        """So many times, at least once: a loop whose test is at its end."""
        left = self.variable(times)
        body, behind = (self.ir.append_basic_block() for _ in range(2))
        self.at_end.branch(body)
        self.at_end.position_at_end(body)
        yield
        left.set(self.sub(left.get(), 1))
        self.at_end.cbranch(self.compare(">", left.get(), 0), body, behind)
        self.at_end.position_at_end(behind)

    @contextmanager
    def when(self, condition: Value) -> Iterator[None]:
        body, behind = (self.ir.append_basic_block() for _ in range(2))
        self.at_end.cbranch(condition, body, behind)
        self.at_end.position_at_end(body)
        yield
        self.at_end.branch(behind)
        self.at_end.position_at_end(behind)

    def call(self, function: ir.Function, *arguments: Integer) -> None:
        self.at_end.call(function, [self.integer(argument) for argument in arguments])

    def call_at(self, pointer: Value, types: Sequence[Type], *arguments: Integer) -> None:
        """Call what stands at an address."""
        values = [self.integer(argument) for argument in arguments]
        call = _CallAt(self.at_end.block, pointer, ir.FunctionType(ir.VoidType(), types), values)
        self.at_end._insert(call)


class Variable:
    """A place for a value of a function, in a register where there is one free."""

    def __init__(self, function: Function, start: Value, where: ir.IRBuilder) -> None:
        self._function = function
        self._place = where.alloca(start.type)
        self.set(start)

    def get(self) -> Value:
        return self._function.at_end.load(self._place, typ=self._place.allocated_type)

    def set(self, value: Value) -> None:
        self._function.at_end.store(value, self._place)


class _CallAt(ir.instructions.Instruction):  # type: ignore[misc]
    """A call through an untyped address, which llvmlite's own builder does not write."""

    def __init__(
        self, block: Any, pointer: Value, function: ir.FunctionType, arguments: list[Value]
    ) -> None:
        super().__init__(block, function.return_type, "call", [pointer, *arguments])

    def descr(self, buf: list[str]) -> None:
        pointer, *arguments = self.operands
        listed = ", ".join(f"{a.type} {a.get_reference()}" for a in arguments)
        buf.append(f"call void {pointer.get_reference()}({listed})\n")


Kernel = Callable[[Module], None]
"""Writes functions into a module."""

KERNEL_TYPES = (POINTER, POINTER, INTEGER, INTEGER)
"""What a kernel takes: an entry, the step, the first position, how many positions."""
