"""What a number may be: `1000`, `<= 62.4M`, `0.7G..0.8G`. How it is read, shown and corrected."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from cnncalc.language.expressions import Value
from cnncalc.layers.options import integer, shown

UNITS = {
    "": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12,
    "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
_NUMBER = r"(\d{1,25}(?:\.\d{1,25})?)\s*([a-z]*)"
_BOUND = rf"(<=|>=|<|>|==)?\s*{_NUMBER}"
_RANGE = rf"{_NUMBER}\s*\.\.\s*{_NUMBER}"


class Bound(NamedTuple):
    """What a number should be: from `least` to `most`, either end open or not there."""

    least: Decimal | None
    most: Decimal | None
    least_open: bool = False
    most_open: bool = False

    def holds(self, number: int) -> bool:
        above = self.least is None or (
            number > self.least if self.least_open else number >= self.least
        )
        below = self.most is None or (number < self.most if self.most_open else number <= self.most)
        return above and below


def parse_bound(value: Value) -> Bound:
    """A number, `<= 62.4M`, `>= 1k`, `0.7G..0.8G`. Raises `ValueError`."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        exact = Decimal(integer(value))
        return Bound(exact, exact)
    if isinstance(value, str):
        if found := re.fullmatch(_RANGE, value.strip(), re.IGNORECASE):
            least, most = _quantity(found[1], found[2]), _quantity(found[3], found[4])
            if least > most:
                raise ValueError(f"the range {value} is empty")
            return Bound(least, most)
        if found := re.fullmatch(_BOUND, value.strip(), re.IGNORECASE):
            number = _quantity(found[2], found[3])
            match found[1]:
                case "<=" | "<":
                    return Bound(None, number, most_open=found[1] == "<")
                case ">=" | ">":
                    return Bound(number, None, least_open=found[1] == ">")
                case _:
                    return Bound(number, number)
    raise ValueError(
        f"`{shown(value)}` is neither a number nor a bound such as 1000, `<= 62.4M`, `1k..2k`"
    )


def _quantity(digits: str, unit: str) -> Decimal:
    if unit.lower() not in UNITS:
        raise ValueError(f"`{unit}` is not a unit: there are k M G T, and kB KiB … for bytes")
    return Decimal(digits) * UNITS[unit.lower()]


def restated(expected: Value, actual: int) -> int | str:
    """An expectation that does not hold, corrected so that it does: the number itself, or the same
    bound with the end that failed moved to the number and no further."""
    if not isinstance(expected, str):
        return actual
    if found := re.fullmatch(_RANGE, expected.strip(), re.IGNORECASE):
        least, most = expected.split("..")
        if actual < _quantity(found[1], found[2]):
            return f"{actual}..{most.strip()}"
        return f"{least.strip()}..{actual}"
    found = re.fullmatch(_BOUND, expected.strip(), re.IGNORECASE)
    match found[1] if found else None:
        case "<=" | ">=" as operator:
            return f"{operator} {actual}"
        case "<":
            return f"< {actual + 1}"
        case ">":
            return f"> {actual - 1}" if actual else ">= 0"
        case _:
            return actual


def compared(bound: Bound, expected: Value, actual: int) -> str:
    """How far a number is from what it should be."""
    if bound.least == bound.most and bound.most is not None:
        difference = actual - bound.most
        more = "more" if difference > 0 else "less"
        return f"not {_digits(bound.most)} as expected: {_digits(abs(difference))} {more}"
    if bound.least_open or bound.most_open:
        return f"and should be {expected}"
    if bound.most is not None and (actual > bound.most or bound.least is None):
        return f"and should be {expected}: {_digits(actual - bound.most)} too many"
    assert bound.least is not None
    return f"and should be {expected}: {_digits(bound.least - actual)} too few"


def _digits(number: Decimal) -> str:
    return f"{number.normalize():,f}"
