"""What a layer is: options in, a volume and its arrays out. Simple layers only state their
differences.

A kind is one class. Its options are attributes, such as `filters = Count("number of …")`; `infer`
is its arithmetic; its docstring is its page in the manual: a first sentence, then lines `Output:`,
`Weights:`, `Biases:`, `State:`, `MACs:`, `FLOPs:` and worked `Example:` lines, which a test runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum, StrEnum
from math import prod
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar, overload

from cnncalc.diagnostics import RuleError
from cnncalc.geometry import Rounding, Window
from cnncalc.layers.forms import Form
from cnncalc.reach import Reach
from cnncalc.volume import Volume

RoundingPerAxis = tuple[Rounding, ...]
"""What a misfit means on each spatial axis where a layer says nothing: three entries."""


class Role(StrEnum):
    WEIGHTS = "weights"
    BIASES = "biases"
    STATE = "state"
    """Kept with the weights but not learned, such as batch-norm's running mean."""


class Tensor(NamedTuple):
    """An array that belongs to a layer. Kernel shapes are (*F, channels in, channels out)."""

    name: str
    role: Role
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return prod(self.shape)


class Inferred(NamedTuple):
    """What follows for one layer from its options and its input volumes.

    `macs` are multiply-accumulates for one image; `operations` every other operation: bias
    additions and element-wise work. FLOPs are 2·macs + operations.
    `reach` says per spatial axis which inputs an output reads: `()` each its own, None all.
    `unread` counts the input pixels at the end of each axis that rounding down left out;
    `rounded` is how a stride that did not fit was rounded.
    """

    output: Volume
    tensors: tuple[Tensor, ...] = ()
    macs: int = 0
    operations: int = 0
    reach: tuple[Reach, ...] | None = ()
    windows: tuple[Window, ...] = ()
    unread: tuple[int, ...] = ()
    rounded: Rounding | None = None
    declared: bool = False

    def count(self, role: Role) -> int:
        """Number of elements of the tensors with this role."""
        return sum(tensor.size for tensor in self.tensors if tensor.role is role)


class Change(NamedTuple):
    """Other values for one option, nearest first, in one direction."""

    option: str
    values: Iterator[Any]


T_co = TypeVar("T_co", covariant=True)


class Required(Enum):
    """What stands in the place of a default where an option has to be given."""

    REQUIRED = "required"


class Option(Generic[T_co]):
    """An option of a layer: one line on it, its other spellings, and its default. Each type of
    options is a subclass; this one takes any value.

    Without a default it must be given. `none_means` says what a default of None amounts to. As an
    attribute of a layer it is the value given, or the default.
    """

    name: str

    def __init__(
        self,
        description: str,
        *aliases: str,
        default: Any = Required.REQUIRED,
        none_means: str = "none",
    ) -> None:
        self.description = description
        self.aliases = aliases
        self.default = default
        self.none_means = none_means

    @property
    def required(self) -> bool:
        return self.default is Required.REQUIRED

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, layer: None, owner: type) -> Self: ...
    @overload
    def __get__(self, layer: object, owner: type) -> T_co: ...
    def __get__(self, layer: object | None, owner: type) -> Any:
        # What was given stands in the layer's own dict, where Python looks first.
        return self if layer is None else self.default

    def value(self, value: object) -> Any:
        """The value a layer has where a file gives this one. Null is the default where that is
        None, and wrong elsewhere. Raises `RuleError` naming the option."""
        if value is None and self.default is None:
            return None
        try:
            return self.read(value)
        except RuleError as refused:
            message = f"`{self.name}` {refused.message}"
            raise RuleError(refused.code, message, at=self.name) from None

    def read(self, value: object) -> T_co:
        """What a value means. Raises `WrongValue`, in words that follow the option's name."""
        return value  # type: ignore[return-value]

    def schema(self) -> Form:
        """The values that `read` takes."""
        return {}


class InvalidOptions(ValueError):
    """Options that make no layer: problems with their values, and the names of missing ones."""

    def __init__(self, problems: list[RuleError], missing: list[str]) -> None:
        super().__init__(*(problem.message for problem in problems), *missing)
        self.problems = problems
        self.missing = missing


class Layer:
    """A layer with one input. Subclasses that set `kind` are kinds of the language.

    Made of its options by name; it never changes, and equals a layer of its kind with the same
    options. Raises `InvalidOptions`.
    """

    kind: ClassVar[str] = ""
    """Empty where a class is what several kinds share."""
    default_option: ClassVar[str | None] = None
    """The option that a bare value after the kind means."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """PyTorch's and Keras' class names, without 1d/2d/3d."""
    merges: ClassVar[bool] = False
    """Takes a list of branches rather than one volume."""
    may_merge: ClassVar[bool] = False
    """Takes branches where its options name some, and one volume otherwise."""
    vectors_have_rank_one: ClassVar[bool] = False
    """PyTorch's 1d class takes vectors as well."""
    cancels_bias: ClassVar[bool] = False
    """Subtracts each channel's mean, and with it any bias added right before."""
    options: ClassVar[dict[str, Option[Any]]] = {}
    """By name, inherited ones first."""
    spellings: ClassVar[dict[str, str]] = {}
    """Every name of every option, to its own name."""

    def __init_subclass__(cls) -> None:
        cls.options = {
            name: option
            for base in reversed(cls.__mro__)
            for name, option in vars(base).items()
            if isinstance(option, Option)
        }
        cls.spellings = {
            spelling: name
            for name, option in cls.options.items()
            for spelling in (name, *option.aliases)
        }

    def __init__(self, **given: object) -> None:
        if unknown := given.keys() - self.options:
            raise TypeError(f"{self.kind} has no {', '.join(sorted(unknown))}")
        problems, missing = [], []
        for name, option in self.options.items():
            if name in given:
                try:
                    vars(self)[name] = option.value(given[name])
                except RuleError as problem:
                    problems.append(problem)
            elif option.required:
                missing.append(name)
        if problems or missing:
            raise InvalidOptions(problems, missing)

    @property
    def given(self) -> Mapping[str, Any]:
        """The options that were given, even those given their default."""
        return vars(self)

    @property
    def values(self) -> dict[str, Any]:
        """All options, given or by default."""
        return {name: getattr(self, name) for name in self.options}

    def with_options(self, **changed: object) -> Self:
        """The layer with other values for some options. Raises `InvalidOptions`."""
        return type(self)(**{**self.given, **changed})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a layer does not change: use `with_options({name}=…)`")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and (
            vars(self) == vars(other) or self.values == other.values
        )

    def __hash__(self) -> int:
        return hash((type(self), *self.values.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.given.items())})"

    @property
    def biases_channels(self) -> bool:
        """Whether the layer ends by adding one learned number to each channel."""
        return False

    def infer(self, inputs: tuple[Volume, ...], rounding: RoundingPerAxis) -> Inferred:
        """The output volume, arrays and costs. Raises `RuleError` naming an option."""
        raise NotImplementedError

    def nearby_options(self, inputs: tuple[Volume, ...]) -> Iterator[Change]:
        """Changes to single options after which this layer alone would fit."""
        return iter(())


def axis_names(rank: int) -> tuple[str, ...]:
    """What the spatial axes are called, in the order of a volume."""
    return {1: ("width",), 2: ("height", "width"), 3: ("depth", "height", "width")}[rank]


def need_spatial(layer: Layer, volume: Volume) -> None:
    """Raises `RuleError` for a vector."""
    if volume.rank == 0:
        raise RuleError(
            "rank-mismatch",
            f"{layer.kind} needs spatial axes, and its input {volume} is a vector",
        )


def learned(
    weights: tuple[int, ...] | None, biases: tuple[int, ...] | None = None
) -> tuple[Tensor, ...]:
    """The usual pair of arrays, either left out where None."""
    pair = []
    if weights is not None:
        pair.append(Tensor("weight", Role.WEIGHTS, weights))
    if biases is not None:
        pair.append(Tensor("bias", Role.BIASES, biases))
    return tuple(pair)
