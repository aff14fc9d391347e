"""Numba as the compiler of kernels, for a processor of one's choice and without a cache of its own.

Plain `@njit` compiles for the processor at hand alone, makes machine code of every helper, and
keeps it in files that are run as they are found. Here the same compiler makes LLVM's text, for
vectors of any width; `code` makes that into machine code and keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from llvmlite import ir
from numba import types
from numba.core import callconv, codegen, compiler, cpu, imputils, typed_passes, typing
from numba.core import untyped_passes as untyped
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import PassManager
from numba.core.typing import templates
from numba.extending import models, register_model, typeof_impl

Type: TypeAlias = Any
"""A type of Numba's, which tells no types itself."""

typing_registry = templates.Registry()
lowering_registry = imputils.Registry("kernels")
"""Operators of vectors."""


class Made(NamedTuple):
    """A function for arguments of some types, and what Numba made of it."""

    signature: Any
    result: Any = None


class Called:
    """What kernels can call."""

    def __init__(self, python: Callable[..., Any]) -> None:
        self.python = python
        self.__name__ = python.__name__
        self.__doc__ = python.__doc__

    def __call__(self, *arguments: Any) -> Any:
        raise NotImplementedError(f"{self.__name__} is called by kernels alone")

    def made(self, context: Any, arguments: tuple[Type, ...]) -> Made:
        raise NotImplementedError


class Kernel(Called):
    """A function that Numba compiles, once for each width of vectors and each types of its
    arguments. Numbers that are written out where it is called are constants in it."""

    def made(self, context: Any, arguments: tuple[Type, ...]) -> Made:
        result = compiler.compile_extra(
            context,
            context.target,
            self.python,
            arguments,
            None,
            _FLAGS.copy(),
            {},
            pipeline_class=_Pipeline,
        )

        def code(target: Any, builder: Any, signature: Any, given: Any) -> Any:
            return target.call_internal(builder, result.fndesc, signature, given)

        code.libs = (result.library,)  # type: ignore[attr-defined]
        context.target.insert_func_defn([(code, (self, arguments), arguments)])
        return Made(result.signature, result)


class Intrinsic(Called):
    """A function that is told the types of its arguments and writes LLVM's instructions: it gives
    back a signature, and what writes them for (context, builder, signature, arguments)."""

    def made(self, context: Any, arguments: tuple[Type, ...]) -> Made:
        signature, code = self.python(context, *arguments)
        key = self, signature.args
        context.target.insert_func_defn([(code, key, signature.args)])
        return Made(signature)


kernel, intrinsic = Kernel, Intrinsic
"""As decorators."""


class CalledType(types.Callable, types.Opaque):  # type: ignore[misc]
    def __init__(self, called: Called) -> None:
        self.called = called
        super().__init__(f"{called.__name__} at {id(called)}")

    @property
    def key(self) -> Called:
        return self.called

    def get_call_type(self, context: Any, args: Any, kws: Any) -> Any:
        return context.made(self.called, tuple(args)).signature

    def get_call_signatures(self) -> tuple[list[Any], bool]:
        return [], True

    def get_impl_key(self, sig: Any) -> tuple[Called, Any]:
        return self.called, sig.args


register_model(CalledType)(models.OpaqueModel)


@typeof_impl.register(Called)  # type: ignore[untyped-decorator]
def _type_of(called: Called, _: object) -> CalledType:
    return CalledType(called)


@imputils.lower_constant(CalledType)  # type: ignore[untyped-decorator]
def _constant(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    return context.get_dummy_value()


class Exported(NamedTuple):
    """A kernel that is called from outside, with arguments of these types."""

    kernel: Called
    types: tuple[Type, ...]


class Compiler:
    """Kernels as LLVM's text, for vectors of so many lanes and a target machine of LLVM's."""

    def __init__(self, lanes: int, triple: str, machine: Any) -> None:
        with global_compiler_lock:
            self._context = _Typing(lanes, triple, machine)

    def text(self, exported: Mapping[str, Exported]) -> str:
        """Functions without results, by their names."""
        with global_compiler_lock:
            target = self._context.target
            library = target.codegen().create_library("kernels")
            module = target.create_module("kernels")
            for name, (kernel, kinds) in exported.items():
                made = self._context.made(kernel, kinds)
                _export(self._context, library, module, name, made.result)
            library.add_ir_module(module)
            library.finalize()
            whole = library._final_module
        for function in whole.functions:
            if not function.is_declaration and function.name not in exported:
                function.linkage = "internal"
        return str(whole)


def _export(context: Any, library: Any, module: Any, name: str, made: Any) -> None:
    """A function with the name of a kernel that calls it."""
    target, described = context.target, made.fndesc
    library.add_linking_library(made.library)
    called = target.declare_function(module, described)
    taken = [target.get_value_type(kind) for kind in described.argtypes]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), taken), name)
    function.attributes.add("nounwind")
    builder = ir.IRBuilder(function.append_basic_block())
    target.call_conv.call_function(
        builder, called, described.restype, described.argtypes, function.args
    )
    builder.ret_void()


_FLAGS = compiler.Flags()
for _name, _value in {
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "no_compile": True,
    "no_rewrites": True,
    "nrt": False,
    "error_model": "numpy",
    "forceinline": True,
}.items():
    setattr(_FLAGS, _name, _value)


class _Pipeline(compiler.CompilerBase):  # type: ignore[misc]
    """What kernels need of Numba's passes: they have no objects, closures or array expressions."""

    def define_pipelines(self) -> list[Any]:
        manager = PassManager("kernels")
        for made in (
            untyped.TranslateByteCode,
            untyped.FixupArgs,
            untyped.IRProcessing,
            typed_passes.NopythonTypeInference,
            typed_passes.PreLowerStripPhis,
            typed_passes.IRLegalization,
            typed_passes.NativeLowering,
            typed_passes.NoPythonBackend,
        ):
            manager.add_pass(made, made.__name__)
        manager.finalize()
        return [manager]


class _Typing(typing.Context):  # type: ignore[misc]
    """Types of one width of vectors."""

    def __init__(self, lanes: int, triple: str, machine: Any) -> None:
        self.lanes = lanes
        self._made: dict[tuple[Called, Any], Made] = {}
        super().__init__()
        self.target = _Target(self, triple, machine)
        self.target.refresh()

    def load_additional_registries(self) -> None:
        self.install_registry(typing_registry)

    def made(self, called: Called, arguments: tuple[Type, ...]) -> Made:
        key = called, arguments
        if key not in self._made:
            self._made[key] = called.made(self, arguments)
        return self._made[key]


class _Target(cpu.CPUContext):  # type: ignore[misc]
    """Code for one processor."""

    def __init__(self, typing: _Typing, triple: str, machine: Any) -> None:
        self._chosen = triple, machine
        self.lanes = typing.lanes
        self.triple = triple
        super().__init__(typing)

    def init(self) -> None:
        self.is32bit = False
        self._internal_codegen = _Codegen(*self._chosen)

    def load_additional_registries(self) -> None:
        # What these modules define is registered when they are imported.
        from numba.cpython import builtins, numbers, rangeobj, tupleobj  # noqa: F401
        from numba.np import arrayobj  # noqa: F401

        self.install_registry(lowering_registry)

    @property
    def call_conv(self) -> _Calls:
        return _Calls(self)

    def call_internal(self, builder: Any, fndesc: Any, sig: Any, args: Any) -> Any:
        _, result = self.call_internal_no_propagate(builder, fndesc, sig, args)
        return result

    def post_lowering(self, module: Any, library: Any) -> None:
        pass

    def get_executable(self, *_: Any) -> None:
        return None


class _Calls(callconv.BaseCallConv):  # type: ignore[misc]
    """Results are given back as they are: kernels raise nothing."""

    def _make_call_helper(self, builder: Any) -> None:
        return None

    def return_value(self, builder: Any, value: Any) -> None:
        builder.ret(value)

    def return_user_exc(self, builder: Any, *_: Any, **__: Any) -> None:
        builder.unreachable()

    def get_function_type(self, result: Type, arguments: Any) -> Any:
        given = self.context.data_model_manager[result].get_return_type()
        return ir.FunctionType(given, list(self._get_arg_packer(arguments).argument_types))

    def decorate_function(self, *_: Any, **__: Any) -> None:
        pass

    def get_arguments(self, function: Any) -> Any:
        return function.args

    def call_function(
        self, builder: Any, callee: Any, result: Type, kinds: Any, arguments: Any, attrs: Any = None
    ) -> tuple[None, Any]:
        given = self._get_arg_packer(kinds).as_arguments(builder, arguments)
        value = builder.call(callee, given)
        return None, self.context.get_returned_value(builder, result, value)


class _Library(codegen.AOTCodeLibrary):  # type: ignore[misc]
    """Text alone: all is optimised together, once it is whole."""

    def _optimize_functions(self, module: Any) -> None:
        pass

    def _optimize_final_module(self) -> None:
        pass

    def _verify_declare_only_symbols(self) -> None:
        pass


class _Codegen(codegen.CPUCodegen):  # type: ignore[misc]
    _library_class = _Library

    def __init__(self, triple: str, machine: Any) -> None:
        self._triple, self._tm = triple, machine
        super().__init__("kernels")

    def _init(self, module: Any) -> None:
        self._target_data = self._tm.target_data
        self._data_layout = str(self._target_data)
        self._tm_features = ""

    def _create_empty_module(self, name: str) -> Any:
        made = super()._create_empty_module(name)
        made.triple = self._triple
        return made

    def _check_llvm_bugs(self) -> None:
        pass

    def _add_module(self, module: Any) -> None:
        pass

    @property
    def target_data(self) -> Any:
        return self._target_data
