"""What to write in place of an option's value that is none: an expression without its `$`, a list
in Python's brackets, a number in quotes. What is proposed, the option takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from cnncalc.diagnostics import RuleError
from cnncalc.language import templates
from cnncalc.language.expressions import Names, UnknownValue, Value
from cnncalc.language.model import Option
from cnncalc.layers.base import Layer
from cnncalc.layers.base import Option as LayerOption
from cnncalc.layers.options import ExtentFromZero, NonNegative, shown
from cnncalc.yaml.nodes import Mapping, Node, Scalar, Sequence

POSITIONAL = ("kernel", "stride", "padding")
"""What stands in a call after the main option."""

_NAMED = re.compile(r"\$?\{+\s*([A-Za-z_]\w*)\s*\}+|vars\.([A-Za-z_]\w*)")
_NUMBERS = re.compile(r"[(\[]?\s*(\d{1,9}(?:\s*[,xX;* ]\s*\d{1,9})+)\s*,?\s*[)\]]?", re.ASCII)
_MULTIPLE = re.compile(r"(\d{1,9})\s*([kKmM])", re.ASCII)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,9})?)\s*%", re.ASCII)
_WORDS: dict[str, Value] = {
    "none": None, "nil": None, "no": False, "off": False, "n": False, "yes": True, "on": True,
    "y": True, "true": True, "false": False,
}  # fmt: skip
_FACTORS = {"k": (1000, 1024), "m": (1_000_000, 1_048_576)}


def written_instead(
    given: Option, value: object, option: LayerOption[Any], layer_class: type[Layer], names: Names
) -> tuple[str, ...]:
    """Help for a value that an option does not take, or nothing."""
    spelled = given.value.text if isinstance(given.value, Scalar) else None
    if option.name == layer_class.default_option:
        listed = _listed(spelled, value)
        if (help := _as_options(listed, layer_class, given.key.text)) and not _takes(
            option, tuple(listed)
        ):
            return (help,)
    if isinstance(value, str) and spelled is not None:
        for written, meant in _readings(spelled.strip(), value.strip(), names):
            if _takes(option, meant):
                return (f"write `{given.key.text}: {written}`",)
        if isinstance(option, NonNegative | ExtentFromZero) and value.isidentifier():
            return (f"a variable is read as `${value}` and defined in `vars: {{{value}: …}}`",)
    elif (isinstance(value, bool) or value in (0, 1)) and _takes(option, bool(value)):
        return (f"write `{given.key.text}: {shown(bool(value))}`",)
    if isinstance(value, (int, float)) and 1 <= value < 100 and _takes(option, value / 100):
        return (f"a share of 1: is it `{value / 100:g}`?",)
    return ()


def _takes(option: LayerOption[Any], value: object) -> bool:
    try:
        option.value(value)
    except (RuleError, ValueError):
        return False
    return True


def _readings(text: str, value: str, names: Names) -> Iterator[tuple[str, Value]]:
    """What a text may mean, as it would be written, with its value."""
    if found := _NAMED.fullmatch(text):
        text = value = found[1] or found[2]
    folded = {name.casefold(): name for name in names.values}
    if (name := folded.get(text.casefold())) is not None:
        yield f"${name}", names.values[name]
    if text.casefold() in _WORDS:
        meant = _WORDS[text.casefold()]
        yield shown(meant), meant
        yield "false", False
    if found := _NUMBERS.fullmatch(value):
        numbers = tuple(int(number) for number in re.findall(r"\d+", found[1]))
        if "*" not in found[1]:
            yield shown(numbers), numbers
    if found := _MULTIPLE.fullmatch(value):
        for factor in _FACTORS[found[2].lower()]:
            exact = int(found[1]) * factor
            other = int(found[1]) * sum(_FACTORS[found[2].lower()]) - exact
            yield f"{exact}` or `{other}", exact
    if found := _PERCENT.fullmatch(value):
        yield f"{float(found[1]) / 100:g}", float(found[1]) / 100
    if value.isascii() and value.isdigit() and len(value) < 19:
        yield str(int(value)), int(value)
    expression = text.replace("$", "")
    with suppress(RuleError, UnknownValue, ArithmeticError):
        if not expression.replace("_", "").isalnum():
            yield f"$({expression})", templates.bare(expression).value(names)


def _listed(spelled: str | None, value: object) -> list[Value]:
    """The numbers of `[64, 3]`, `64 3` and `64, 3`, where there are several."""
    if isinstance(value, tuple):
        return list(value)
    found = _NUMBERS.fullmatch(spelled.strip()) if spelled is not None else None
    if found is None or "*" in found[1]:
        return []
    return [int(number) for number in re.findall(r"\d+", found[1])]


def _as_options(listed: list[Value], layer_class: type[Layer], kind: str) -> str:
    """`conv: {filters: 64, kernel: 3}` for the arguments of a call in their order."""
    main = layer_class.default_option
    order = [main, *(name for name in POSITIONAL if name != main and name in layer_class.options)]
    if not 2 <= len(listed) <= len(order):
        return ""
    names = [name for name in order[: len(listed)] if name is not None]
    made = dict(zip(names, listed, strict=True))
    try:
        layer_class(**made)
    except (RuleError, ValueError):
        return ""
    options = ", ".join(f"{name}: {shown(value)}" for name, value in made.items())
    return f"options are a mapping: `{kind}: {{{options}}}`"


def without_dashes(node: Node, kind: str) -> tuple[str, ...]:
    """Help for options that are written as a list of mappings."""
    if not (isinstance(node, Sequence) and node.items):
        return ()
    entries = [entry for item in node.items for entry in getattr(item, "entries", ())]
    if not all(isinstance(item, Mapping) for item in node.items):
        return ()
    options = ", ".join(f"{key.text}: …" for key, _ in entries[:3])
    return (f"options are one mapping, without `- `: `{kind}: {{{options}}}`",)
