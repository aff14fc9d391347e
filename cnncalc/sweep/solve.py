"""`cnncalc solve`: the largest, or smallest, value of one key for which conditions hold.

Up to `ALL` values every one is tried. Of more, samples are, and then ever closer ones between the
best value that satisfies and the next one that fits and does not: exact where the figures only grow
or only shrink. Where they do not, that is said, with what was tried.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from cnncalc.errors import UsageError
from cnncalc.language.model import Document
from cnncalc.layers import registry
from cnncalc.sweep.conditions import Conditions, Term, conditions
from cnncalc.sweep.grid import Axis, Cell, Span, axis
from cnncalc.sweep.variants import INPUT, Given, Variant, Variants

ALL = 500
"""Values of which every one is tried."""

SAMPLES = 150
MOST = 4000
"""Values tried at all."""

MOST_DOUBLINGS = 16
NEAR = 64
"""Values in a row that are tried until one fits."""

TOO_LARGE = "limit-exceeded"
SLOW = 2.0
"""Seconds for one step, after which no larger values are looked for."""


class Solution(NamedTuple):
    """The value that was asked for, as `variant`, None where no value tried satisfies.

    `beyond` is the next value tried that does not satisfy, on the far side. `exhaustive` is whether
    all of `searched` were tried, `monotone` whether every figure asked for only grows or only
    shrinks over the values that were; `notes` say where not.
    """

    key: str
    where: str
    smallest: bool
    variant: Variant | None
    beyond: Variant | None
    searched: str
    size: int
    tried: int
    exhaustive: bool
    monotone: bool
    notes: tuple[str, ...] = ()

    @property
    def value(self) -> Cell:
        return None if self.variant is None else self.variant.values[self.key]

    def record(self) -> dict[str, Cell]:
        """The answer and how it was found as plain data."""
        figures = (self.variant or Variant({}, fits=False)).record()
        figures.pop(self.key, None)
        return {
            "key": self.key,
            "value": self.value,
            "where": self.where,
            "sought": "smallest" if self.smallest else "largest",
            "searched": self.searched,
            "tried": self.tried,
            "exhaustive": self.exhaustive,
            "monotone": self.monotone,
            "notes": "; ".join(self.notes) or None,
            **figures,
        }


def solve(
    document: Document,
    given: Given,
    key: str,
    where: str | Iterable[str],
    *,
    over: object = None,
    smallest: bool = False,
) -> Solution:
    """The largest value of `key` that satisfies, or the smallest; of `over`, values as a sweep
    takes them, otherwise of values around the file's own. Raises `UsageError`."""
    given.check()
    wanted = conditions(where)
    if not wanted.terms:
        raise UsageError("say what has to hold, such as --where 'macs <= 300M'")
    if key in given.set:
        raise UsageError(f"{key} is both set and sought: leave one of the two out")
    variants = Variants(document, given, with_fields="receptive_field" in wanted.names)
    notes: list[str] = []
    if over is None:
        values = _around(variants, key, wanted, notes, smallest=smallest)
    else:
        values = axis(key, over)
    search = _Search(variants, values, wanted, smallest=smallest)
    search.refuse_unknown()
    search.run()
    return search.solution(notes)


class _Search:
    """Values in the order of size, those tried so far, and the best of them."""

    def __init__(
        self, variants: Variants, values: Axis, wanted: Conditions, *, smallest: bool
    ) -> None:
        self.variants = variants
        self.values = values
        self.wanted = wanted
        self.smallest = smallest
        self.order = _order(values)
        self.tried: dict[int, Variant] = {}

    def refuse_unknown(self) -> None:
        """Raises `UsageError` for a key that means nothing at either end."""
        ends = [self.text(0), self.text(len(self.order) - 1)]
        found = [self.variants.unknown({self.values.key: text}) for text in ends]
        if found[0] is not None and found[1] is not None:
            raise UsageError(found[0])

    def text(self, place: int) -> str:
        key = self.values.key
        return self.variants.written_out(key, self.values.text(self.order[place]))

    def run(self) -> None:
        size = len(self.order)
        if size <= ALL:
            self.attempt(range(size))
            return
        self.attempt(_spread(range(size)))
        # Where only every so many values fit, samples may miss all of them: look closely somewhere.
        self.attempt([*range(NEAR), *range(size - NEAR, size)])
        while len(self.tried) < MOST:
            gap = [place for place in self.gap() if place not in self.tried]
            if not gap:
                break
            self.attempt(_spread(gap))

    def attempt(self, places: Iterable[int]) -> None:
        key = self.values.key
        for place in places:
            if place not in self.tried:
                values = {key: self.values.cell(self.order[place])}
                self.tried[place] = self.variants.variant({key: self.text(place)}, values)

    def holds(self, place: int) -> bool:
        return self.wanted.hold(self.tried[place].figure)

    def best(self) -> int | None:
        holding = [place for place in self.tried if self.holds(place)]
        return (min if self.smallest else max)(holding, default=None)

    def beyond(self) -> int | None:
        """The nearest value tried on the far side of the best that fits, and does not satisfy."""
        best = self.best()
        if best is None:
            return None
        fitting = [place for place, variant in self.tried.items() if variant.fits]
        if self.smallest:
            return max((place for place in fitting if place < best), default=None)
        return min((place for place in fitting if place > best), default=None)

    def gap(self) -> range:
        """Places where a better value may be, if the figures only grow or only shrink."""
        best, beyond = self.best(), self.beyond()
        if best is None:
            return range(0)
        if self.smallest:
            return range(-1 if beyond is None else beyond, best)[1:]
        return range(best + 1, len(self.order) if beyond is None else beyond)

    def solution(self, notes: Sequence[str]) -> Solution:
        best, beyond = self.best(), self.beyond()
        size, key = len(self.order), self.values.key
        bends = list(self.bends())
        found = [*notes, *bends]
        unfit = [place for place in sorted(self.tried) if not self.tried[place].fits]
        if unfit:
            first = self.tried[unfit[0]]
            found.append(
                f"{len(unfit):,} of {len(self.tried):,} values tried do not fit: "
                f"{key}={first.values[key]}: {first.problem}"
            )
        left = [place for place in self.gap() if place not in self.tried]
        if left and best is not None:
            found.append(f"{len(left):,} values beyond the one found were not tried")
        if bends and len(self.tried) < size:
            kind = "smaller" if self.smallest else "larger"
            found.append(f"a {kind} value that was not tried may satisfy")
        if best is None:
            found.extend(self.misses())
        with_fields = Variants(self.variants.document, self.variants.given)
        shown = [
            None
            if place is None
            else with_fields.variant({key: self.text(place)}, self.tried[place].values)
            for place in (best, beyond)
        ]
        return Solution(
            key=key,
            where=str(self.wanted),
            smallest=self.smallest,
            variant=shown[0],
            beyond=shown[1],
            searched=str(self.values),
            size=size,
            tried=len(self.tried),
            exhaustive=len(self.tried) == size,
            monotone=not bends,
            notes=tuple(found),
        )

    def numbers(self, name: str) -> list[tuple[Cell, int]]:
        """A figure over the values tried at which it is known, in order."""
        pairs = []
        for place in sorted(self.tried):
            number = self.tried[place].figure(name)
            if number is not None:
                pairs.append((self.tried[place].values[self.values.key], number))
        return pairs

    def bends(self) -> Iterable[str]:
        """Where a figure that grew shrinks, or the other way round."""
        for name in self.wanted.names:
            direction = 0
            pairs = self.numbers(name) if name != "fits" else []
            for (before, low), (after, high) in pairwise(pairs):
                step = (high > low) - (high < low)
                if step and direction and step != direction:
                    turn = "falls" if step < 0 else "rises"
                    yield (
                        f"the relation is not monotone: {name} {turn} from {low:,} at "
                        f"{self.values.key}={before} to {high:,} at {after}"
                    )
                    break
                direction = step or direction

    def misses(self) -> Iterable[str]:
        """How near the figures come to what is asked."""
        for term in self.wanted.terms:
            pairs = self.numbers(term.name)
            if term.name == "fits" or not pairs:
                continue
            numbers = [number for _, number in pairs]
            yield f"{term.name} goes from {min(numbers):,} to {max(numbers):,} there"


def _order(values: Axis) -> Sequence[int]:
    """Indices of the values in the order of size. Raises `UsageError` for what has none."""
    if len(values.parts) == 1 and isinstance(values.parts[0], Span):
        return range(len(values))
    if len(values) > MOST:
        raise UsageError(
            f"{values.key}: {len(values):,} values; give one range, or at most {MOST:,}"
        )
    numbers: dict[int, int | float] = {}
    for index in range(len(values)):
        number = Variant({values.key: values.cell(index)}, fits=True).number(values.key)
        if number is None or isinstance(number, bool):
            raise UsageError(f"{values.key}={values.text(index)}: only numbers are small or large")
        numbers[index] = number
    return sorted(numbers, key=lambda index: numbers[index])


def _spread(places: Sequence[int]) -> list[int]:
    """Places from end to end, all where they are few."""
    if len(places) <= SAMPLES:
        return list(places)
    last = len(places) - 1
    return sorted({places[number * last // (SAMPLES - 1)] for number in range(SAMPLES)})


# --- where to look ----------------------------------------------------------------------------


def _around(
    variants: Variants, key: str, wanted: Conditions, notes: list[str], *, smallest: bool
) -> Axis:
    """Values up to where conditions are settled, by doubling the file's. Raises `UsageError`."""
    own = _own_value(variants, key)
    if isinstance(own, bool) or not isinstance(own, (int, float)) or own < 0:
        shown = "is not known" if own is None else f"is {own}"
        raise UsageError(f"the file's own {key} {shown}; say what to search: --over 1..64")
    step = Decimal(1) if isinstance(own, int) else min(_place(own), Decimal("0.01"))
    top = Decimal(str(own)) if own else step
    settled = False
    for _ in range(MOST_DOUBLINGS):
        started = time.perf_counter()
        top, variant = _fitting(variants, key, top, step)
        seconds = time.perf_counter() - started
        if smallest:
            settled = wanted.hold(variant.figure)
        else:
            settled = any(_exceeded(term, variant.figure) for term in wanted.terms)
        if settled or variant.problem_code == TOO_LARGE or seconds > SLOW:
            break
        top *= 2
    if not settled:
        notes.append(f"no end was found up to {key}={top}; --over says where else to look")
    first = Decimal(0) if own == 0 else step
    return Axis(key, [Span(first, step, int((top - first) // step) + 1, isinstance(own, int))])


def _fitting(
    variants: Variants, key: str, first: Decimal, step: Decimal
) -> tuple[Decimal, Variant]:
    """The first value from here on that fits, with its variant; the first one if none near does."""
    tried = None
    for number in range(NEAR):
        value = first + number * step
        variant = variants.variant({key: variants.written_out(key, str(value))}, {})
        if variant.fits:
            return value, variant
        tried = tried or variant
        if variant.problem_code == TOO_LARGE:
            break
    assert tried is not None
    return first, tried


def _exceeded(term: Term, figure: Callable[[str], int | None]) -> bool:
    number = figure(term.name)
    return number is not None and term.most is not None and number > term.most


def _place(number: float) -> Decimal:
    """The last decimal place of a number as it is written: 0.05 for 0.25 is 0.01."""
    exponent = Decimal(str(number)).as_tuple().exponent
    return Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)


def _own_value(variants: Variants, key: str) -> object:
    """The value of a key in the file as it stands, None where it is not known.

    Raises `UsageError` for a key that means nothing there.
    """
    unknown = variants.unknown({key: variants.written_out(key, "1")})
    if unknown is not None:
        raise UsageError(unknown)
    graph = variants.graph({})
    if key == INPUT and len(graph.inputs) == 1:
        return next(iter(graph.inputs.values()))[0]
    if key in graph.variables:
        return graph.variables[key]
    owner, _, option = key.rpartition(".")
    for node in graph.nodes:
        if node.name == owner or (owner.endswith(".*") and _is_of(node.layer.kind, owner[:-2])):
            spelling = type(node.layer).spellings.get(option.lower(), option)
            return _single(getattr(node.layer, spelling, None))
    return None


def _single(value: object) -> object:
    """The one number that an option has on all axes, or the option as it is."""
    if isinstance(value, tuple) and value and all(axis == value[0] for axis in value[1:]):
        return _single(value[0])
    return value


def _is_of(kind: str, name: str) -> bool:
    named = registry.find(name)
    return named is not None and named.kind == kind
