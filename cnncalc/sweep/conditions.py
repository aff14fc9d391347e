"""Conditions on a network's figures: `macs <= 300M and fits`, read once, held against many."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from math import ceil, floor
from typing import NamedTuple

from cnncalc.checks.bounds import parse_bound
from cnncalc.diagnostics import did_you_mean
from cnncalc.errors import UsageError

NUMBERS = (
    "params",
    "weights",
    "biases",
    "macs",
    "flops",
    "memory",
    "peak",
    "param_bytes",
    "receptive_field",
)
"""Figures that a condition may bound. Memory is bytes of all volumes, `peak` of those alive at one
time, `param_bytes` of weights and biases; a receptive field is pixels along its shorter side."""

NAMES = (*NUMBERS, "fits")

_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_TERM = re.compile(
    r"(?P<name>[A-Za-z_][\w.]*)\s*(?P<op><=|>=|==|<|>|=|!=|\bin\b)?\s*(?P<value>.*)", re.DOTALL
)
_TRUTH = {"": True, "true": True, "yes": True, "false": False, "no": False}

# What each of a pair is at least, by what the other is: a figure never undercuts its part.
_PARTS: tuple[tuple[str, str, Callable[[int], int]], ...] = (
    ("weights", "params", lambda part: part),
    ("biases", "params", lambda part: part),
    ("macs", "flops", lambda part: 2 * part),
)


class Term(NamedTuple):
    """One condition: a figure from `least` to `most`, both included, None for an open end. For
    `fits` both are 1 or 0."""

    text: str
    name: str
    least: int | None
    most: int | None

    def holds(self, number: int | None) -> bool:
        """Whether it is so; a figure that is not known satisfies nothing."""
        if number is None:
            return False
        above = self.least is None or number >= self.least
        return above and (self.most is None or number <= self.most)


class Conditions(NamedTuple):
    """Conditions that hold together or not at all."""

    terms: tuple[Term, ...] = ()

    def hold(self, figure: Callable[[str], int | None]) -> bool:
        """Whether all do, of figures by name."""
        return all(term.holds(figure(term.name)) for term in self.terms)

    @property
    def names(self) -> tuple[str, ...]:
        """The figures they speak of, each once."""
        return tuple(dict.fromkeys(term.name for term in self.terms))

    def __str__(self) -> str:
        return " and ".join(term.text for term in self.terms)


def conditions(given: str | Iterable[str] | None) -> Conditions:
    """Read `NAME OP VALUE and …`, or several of these, which all must hold.

    Raises `UsageError` for what cannot be read, and for conditions that contradict each other.
    """
    texts = [given] if isinstance(given, str) else list(given or ())
    terms = tuple(_term(word.strip()) for text in texts for word in _AND.split(text))
    _refuse_contradictions(terms)
    return Conditions(terms)


def _term(text: str) -> Term:
    if text.lower() == "not fits":
        return Term(text, "fits", 0, 0)
    found = _TERM.fullmatch(text)
    if found is None:
        raise UsageError(f"`{text}` is not a condition; say NAME OP VALUE, such as macs <= 300M")
    name, operator, value = found["name"], found["op"] or "", found["value"].strip()
    if name not in NAMES:
        near = did_you_mean(name, NAMES) or (f"there are {', '.join(NAMES)}",)
        raise UsageError(f"`{text}`: there is no figure `{name}`; {near[0]}")
    if operator == "!=":
        raise UsageError(f"`{text}`: there are <= >= < > == and ranges such as 1k..2k, and no !=")
    if name == "fits":
        return _truth(text, operator, value)
    if not value:
        raise UsageError(f"`{text}` says nothing of {name}; say {name} <= 1M, or {name} == 1k..2k")
    try:
        bound = parse_bound({"=": "", "in": "", "==": ""}.get(operator, operator) + value)
    except ValueError as error:
        raise UsageError(f"`{text}`: {error}") from None
    least, most = bound.least, bound.most
    return Term(
        text,
        name,
        None if least is None else _above(least, is_open=bound.least_open),
        None if most is None else _below(most, is_open=bound.most_open),
    )


def _truth(text: str, operator: str, value: str) -> Term:
    if operator not in ("", "=", "==") or value.lower() not in _TRUTH or (operator and not value):
        raise UsageError(f"`{text}`: say `fits` or `not fits`")
    truth = int(_TRUTH[value.lower()])
    return Term(text, "fits", truth, truth)


def _above(bound: Decimal, *, is_open: bool) -> int:
    """The smallest whole number that a lower bound lets through."""
    return floor(bound) + 1 if is_open else ceil(bound)


def _below(bound: Decimal, *, is_open: bool) -> int:
    return ceil(bound) - 1 if is_open else floor(bound)


def _refuse_contradictions(terms: Sequence[Term]) -> None:
    """Conditions that no network can satisfy, whatever its file says. Raises `UsageError`."""
    for number, term in enumerate(terms):
        if term.least is not None and term.most is not None and term.least > term.most:
            raise UsageError(f"`{term.text}` holds for no whole number")
        if term.most is not None and term.most < 0:
            raise UsageError(f"`{term.text}` can never hold: {term.name} is 0 or more")
        for other in terms[:number]:
            if contradict(term, other) or contradict(other, term):
                raise UsageError(f"`{other.text}` and `{term.text}` contradict each other")


def contradict(one: Term, other: Term) -> bool:
    """Whether `one` asks for more than `other` lets through."""
    if one.name == "fits":
        return one.least == 0 and (other.name != "fits" or other.least == 1)
    if one.least is None or other.most is None:
        return False
    if one.name == other.name:
        return one.least > other.most
    return any(
        (one.name, other.name) == (part, whole) and at_least(one.least) > other.most
        for part, whole, at_least in _PARTS
    )
