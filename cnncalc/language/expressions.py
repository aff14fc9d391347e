"""What stands in `$(…)`: a small arithmetic over whitelisted syntax nodes.

Nothing of Python is reachable but what stands here: no calls beyond `FUNCTIONS`, no attributes
beyond those of a volume, no strings or lists that grow. Files and layers are elsewhere.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from cnncalc.diagnostics import RuleError, did_you_mean, listed
from cnncalc.volume import LARGEST_NUMBER, Volume

Scalar = int | float | str | bool | None
Value = Scalar | tuple["Value", ...]

LONGEST_EXPRESSION = 500

_VOLUME_NAME = "__in__"
_STRING = r"'[^']*'|\"[^\"]*\""
_VOLUME_IN = re.compile(rf"{_STRING}|\bin\b(?=\s*\.)")
_ANY_IN = re.compile(rf"{_STRING}|\bin\b")
_SPATIAL_NAMES = {1: ("width",), 2: ("height", "width"), 3: ("depth", "height", "width")}
_VOLUME_ATTRIBUTES = ("channels", "height", "width", "depth", "size")


class UnknownValue(Exception):
    """An expression needs what an earlier fault left unknown; to be passed over in silence."""


UNKNOWN: Value = "a value that is not known"
"""Stands for the value of a variable that could not be worked out; recognised by identity."""


class Names(NamedTuple):
    """What an expression may use: variables and arguments, and the current volume as `in`."""

    values: Mapping[str, Value]
    volume: Volume | None = None


class Expression(NamedTuple):
    """A parsed expression: text, syntax tree, the names it mentions, whether it says `in`."""

    text: str
    tree: ast.expr
    names: frozenset[str]
    reads_volume: bool


def make_divisible(value: float, divisor: int = 8) -> int:
    """The multiple of `divisor` nearest to `value`, never more than 10 % below it.

    The rounding of MobileNet's channel numbers
    (https://github.com/tensorflow/models/blob/master/research/slim/nets/mobilenet/mobilenet.py).
    """
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def _round(value: float, digits: int | None = None) -> int | float:
    """Python's rounding (halves to even), to a sensible number of digits."""
    if digits is not None and not (isinstance(digits, int) and -18 <= digits <= 18):
        raise ValueError("round takes from -18 to 18 digits")
    return round(value, digits)


FUNCTIONS: dict[str, Callable[..., int | float]] = {
    "len": len,
    "sum": sum,
    "min": min,
    "max": max,
    "abs": abs,
    "round": _round,
    "floor": math.floor,
    "ceil": math.ceil,
    "int": int,
    "make_divisible": make_divisible,
}


def _power(base: int | float, exponent: int | float) -> int | float:
    if isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1 and exponent > 63:
        raise OverflowError
    result = base**exponent
    if isinstance(result, complex):
        raise ArithmeticError("a root of a negative number")
    return result


OF_LISTS = ("len", "sum", "min", "max")
"""Functions that take one list; the last two take several numbers as well."""
TWO_ARGUMENTS = ("round", "make_divisible")
"""Functions that take a second argument, if it is given."""

_BINARY: dict[type[ast.operator], Callable[[int | float, int | float], int | float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_OPERATORS = {*_BINARY, *_COMPARE, ast.In, ast.NotIn, ast.USub, ast.UAdd, ast.Not}


_PLAIN = (
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.List, ast.Tuple, ast.Subscript,
    ast.expr_context, ast.boolop,
)  # fmt: skip


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Parse an expression, without its `$(…)`. Raises `RuleError` (bad-expression)."""
    if len(text) > LONGEST_EXPRESSION:
        raise RuleError("bad-expression", f"an expression of {len(text)} characters")
    if _VOLUME_NAME in text or "\0" in text:
        raise RuleError("bad-expression", f"`{text!r}` is not an expression")
    try:
        tree = _tree(text, _VOLUME_IN)
    except RuleError:
        # An `in` by itself may be what is wrong.
        tree = _tree(text, _ANY_IN)
    names: set[str] = set()
    try:
        _check(tree, text, names)
    except RecursionError:
        raise RuleError("bad-expression", f"`{text}` is nested too deeply") from None
    return Expression(text, tree, frozenset(names - {_VOLUME_NAME}), _VOLUME_NAME in names)


def _tree(text: str, word_in: re.Pattern[str]) -> ast.expr:
    """The syntax tree of a text in which `in`, where the pattern finds it, is the volume."""
    readable = word_in.sub(lambda m: _VOLUME_NAME if m[0] == "in" else m[0], text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(readable.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        why = "" if isinstance(error, SyntaxError) else ": it is nested too deeply"
        raise RuleError("bad-expression", f"`{text}` is not an expression{why}") from None


def _check(tree: ast.expr, text: str, names: set[str]) -> None:
    """Refuse what is not part of the language, and collect the names."""
    called: set[ast.expr] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=bool() | int() | float() | str()):
                _check_number(node.value, text)
            case ast.Attribute(value=ast.Name(id="__in__" | "block_input"), attr=attribute):
                if attribute not in _VOLUME_ATTRIBUTES:
                    raise _no_attribute(attribute, text)
            case ast.Call(func=ast.Name(id=function)):
                if function not in FUNCTIONS or node.keywords:
                    raise _no_function(function, text)
                _check_arguments(function, len(node.args), text)
                called.add(node.func)
            case ast.Name(id=name):
                if node not in called:
                    names.add(name)
            case _ if isinstance(node, _PLAIN):
                pass
            case ast.operator() | ast.unaryop() | ast.cmpop() if type(node) in _OPERATORS:
                pass
            case _:
                raise _not_in_language(node, text)


def _check_arguments(function: str, count: int, text: str) -> None:
    if function in ("min", "max"):
        takes, fits = "a list or several numbers", count > 0
    elif function in OF_LISTS:
        takes, fits = "one list", count == 1
    elif function in TWO_ARGUMENTS:
        takes, fits = "one or two numbers", count in (1, 2)
    else:
        takes, fits = "one number", count == 1
    if not fits:
        raise RuleError("bad-expression", f"`{text}`: {function} takes {takes}")


def _check_number(value: object, text: str) -> None:
    if isinstance(value, (int, float)) and not abs(value) <= LARGEST_NUMBER:
        raise RuleError("bad-expression", f"`{text}`: a number of 2**63 or more")


def _no_attribute(attribute: str, text: str) -> RuleError:
    known = "there are in." + ", in.".join(_VOLUME_ATTRIBUTES)
    return RuleError(
        "bad-expression",
        f"`{text}`: the volume has no `in.{attribute}`",
        help=did_you_mean(attribute, _VOLUME_ATTRIBUTES) or [known],
    )


def _no_function(function: str, text: str) -> RuleError:
    if function in FUNCTIONS:
        return RuleError("bad-expression", f"`{text}`: functions take no keywords")
    return RuleError(
        "bad-expression",
        f"`{text}`: there is no function `{function}`",
        help=did_you_mean(function, FUNCTIONS) or ["there are " + ", ".join(FUNCTIONS)],
    )


def _not_in_language(node: ast.AST, text: str) -> RuleError:
    what = type(node).__name__
    if isinstance(node, ast.expr):
        what = ast.unparse(node).replace(_VOLUME_NAME, "in")
    return RuleError(
        "bad-expression",
        f"`{text}`: {what} is not part of the expression language",
        help=[
            "there are numbers, strings, names, lists and their entries `x[0]`, + - * / // % **, "
            "comparisons, `x in [1, 2]`, `and or not`, `x if c else y`, and the functions "
            + ", ".join(FUNCTIONS)
        ],
    )


def evaluate(expression: Expression, names: Names) -> Value:
    """The value of an expression. Raises `RuleError` (unknown-variable, bad-expression)."""
    try:
        value = _evaluate(expression.tree, names)
    except ZeroDivisionError:
        raise RuleError("bad-expression", f"`{expression.text}` divides by zero") from None
    except OverflowError:
        raise RuleError(
            "bad-expression", f"`{expression.text}` leaves the range of numbers"
        ) from None
    except RecursionError:
        raise RuleError("bad-expression", f"`{expression.text}` is nested too deeply") from None
    except (ArithmeticError, TypeError, ValueError) as error:
        raise RuleError("bad-expression", f"`{expression.text}`: {error}") from None
    return value


def _evaluate(node: ast.expr, names: Names) -> Value:
    return _EVALUATE[type(node)](node, names)


def _constant(node: ast.Constant, _: Names) -> Value:
    assert isinstance(node.value, (bool, int, float, str))
    return node.value


def _attribute(node: ast.Attribute, names: Names) -> Value:
    assert isinstance(node.value, ast.Name)
    if node.value.id == _VOLUME_NAME:
        return _of_volume(node.attr, names.volume, "in")
    name = node.value.id
    if name not in names.values:
        message = f"`{name}` is what comes into a block, and this stands in none"
        raise RuleError("unknown-variable", message)
    volume = names.values[name]
    if not isinstance(volume, Volume):
        raise UnknownValue
    return _of_volume(node.attr, volume, name)


def _binary(node: ast.BinOp, names: Names) -> Value:
    left, right = _number(node.left, names), _number(node.right, names)
    return _bounded(_BINARY[type(node.op)](left, right))


def _unary(node: ast.UnaryOp, names: Names) -> Value:
    if isinstance(node.op, ast.Not):
        return not _evaluate(node.operand, names)
    operand = _number(node.operand, names)
    return -operand if isinstance(node.op, ast.USub) else operand


def _boolean(node: ast.BoolOp, names: Names) -> Value:
    value: Value = None
    for part in node.values:
        value = _evaluate(part, names)
        if bool(value) is isinstance(node.op, ast.Or):
            break
    return value


def _conditional(node: ast.IfExp, names: Names) -> Value:
    return _evaluate(node.body if _evaluate(node.test, names) else node.orelse, names)


def _call(node: ast.Call, names: Names) -> Value:
    assert isinstance(node.func, ast.Name)
    name = node.func.id
    if name in OF_LISTS and len(node.args) == 1:
        values = _evaluate(node.args[0], names)
        if not isinstance(values, tuple):
            raise TypeError(
                f"{name} takes a list" + " or several numbers" * (name in ("min", "max"))
            )
        if not values and name not in ("len", "sum"):
            raise ValueError(f"{name} of an empty list")
        if name == "len":
            return len(values)
        return _bounded(FUNCTIONS[name]([_as_number(value) for value in values]))
    return _bounded(FUNCTIONS[name](*(_number(argument, names) for argument in node.args)))


def _list(node: ast.List | ast.Tuple, names: Names) -> Value:
    return tuple(_evaluate(part, names) for part in node.elts)


def _entry(node: ast.Subscript, names: Names) -> Value:
    """An entry of a list, counted from 0. A negative number counts from the end where it is written
    as one; one that comes out of arithmetic is a mistake."""
    values = _evaluate(node.value, names)
    if not isinstance(values, tuple):
        raise TypeError("only a list has entries")
    index = _number(node.slice, names)
    if isinstance(index, float):
        if not index.is_integer():
            raise ValueError(f"entry {index:.10g} of a list")
        index = int(index)
    from_end = isinstance(node.slice, ast.UnaryOp) and isinstance(node.slice.operand, ast.Constant)
    if not (-len(values) if from_end else 0) <= index < len(values):
        raise ValueError(f"there is no entry {index} in a list of {len(values)}, counted from 0")
    return values[index]


def _compare(node: ast.Compare, names: Names) -> bool:
    left = _evaluate(node.left, names)
    for op, comparator in zip(node.ops, node.comparators, strict=True):
        right = _evaluate(comparator, names)
        if isinstance(op, (ast.In, ast.NotIn)):
            if not isinstance(right, tuple):
                raise TypeError("`in` asks for a list, such as x in [1, 2]")
            if (left in right) is isinstance(op, ast.NotIn):
                return False
            left = right
            continue
        if isinstance(left, tuple) or isinstance(right, tuple):
            raise TypeError("a list cannot be compared")
        if isinstance(op, _ORDER) and isinstance(left, str) is not isinstance(right, str):
            raise TypeError("a string and a number have no order")
        if isinstance(op, _ORDER) and (left is None or right is None):
            raise TypeError("null has no order")
        if not _COMPARE[type(op)](left, right):
            return False
        left = right
    return True


def _variable(node: ast.Name, names: Names) -> Value:
    name = node.id
    if name == _VOLUME_NAME:
        raise TypeError("`in` is a volume: say in.channels, in.height, in.width or in.size")
    if name in names.values:
        if (value := names.values[name]) is UNKNOWN:
            raise UnknownValue
        if isinstance(value, Volume):
            raise TypeError(f"`{name}` is a volume: say {name}.channels, {name}.height, …")
        return value
    if name in ("true", "false"):
        return name == "true"
    message = f"`{name}` is not defined here"
    raise RuleError("unknown-variable", message, help=lambda: _near(name, names.values))


def _near(name: str, known: Iterable[str]) -> Sequence[str]:
    """Help that names the variable that was meant, or all that there are."""
    defined = listed(sorted(known))
    all_of_them = f"defined here: {defined}" if defined else "nothing is defined here"
    return did_you_mean(name, known) or [all_of_them]


_EVALUATE: dict[type[ast.expr], Callable[[Any, Names], Value]] = {
    ast.Constant: _constant,
    ast.Name: _variable,
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.Call: _call,
    ast.List: _list,
    ast.Tuple: _list,
    ast.Subscript: _entry,
}


def _of_volume(attribute: str, volume: Volume | None, name: str) -> int:
    if volume is None:
        raise TypeError("there is no current volume here")
    if attribute == "channels":
        return volume.channels
    if attribute == "size":
        return volume.size
    spatial = _SPATIAL_NAMES.get(volume.rank, ())
    if attribute not in spatial:
        have = ", ".join(f"{name}.{known}" for known in (*spatial, "channels", "size"))
        raise TypeError(f"the volume here is {volume}, which has {have} only")
    return volume.spatial[spatial.index(attribute)]


def _number(node: ast.expr, names: Names) -> int | float:
    return _as_number(_evaluate(node, names))


def _as_number(value: Value) -> int | float:
    if isinstance(value, (int, float)):
        return value
    shown = f"`{value}`" if isinstance(value, str) else "null" if value is None else "a list"
    raise TypeError(f"{shown} is not a number")


def _bounded(value: int | float) -> int | float:
    if isinstance(value, float) and not math.isfinite(value):
        raise OverflowError
    if abs(value) > LARGEST_NUMBER:
        raise OverflowError
    return value
