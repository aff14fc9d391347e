"""Sets of whole numbers that repeat: `67 + 32k` as data, and the arithmetic of such sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import lcm
from typing import NamedTuple

MOST_RESIDUES = 20_000
"""Beyond this many classes a set is not worked out."""


class TooMany(ArithmeticError):
    """More classes than `MOST_RESIDUES`."""


class Residues(NamedTuple):
    """Every n with n mod `period` in `residues` (ascending), and the numbers of `isolated`."""

    period: int = 1
    residues: tuple[int, ...] = ()
    isolated: frozenset[int] = frozenset()

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and (self.repeats(number) or number in self.isolated)

    def repeats(self, number: int) -> bool:
        """Whether a number is one of the repeating ones."""
        return number % self.period in self.residues

    def member(self, rank: int) -> int:
        """The repeating numbers in ascending order, the first that is not negative as rank 0."""
        turns, place = divmod(rank, len(self.residues))
        return turns * self.period + self.residues[place]

    def rank_of(self, number: int) -> int:
        """The rank of the smallest repeating number that is `number` or more."""
        turns, rest = divmod(number, self.period)
        place = next((i for i, r in enumerate(self.residues) if r >= rest), len(self.residues))
        return turns * len(self.residues) + place

    def shifted(self, by: int) -> Residues:
        """Every number larger by `by`."""
        return Residues(
            self.period,
            tuple(sorted((r + by) % self.period for r in self.residues)),
            frozenset(n + by for n in self.isolated),
        )


EVERYTHING = Residues(1, (0,))
NOTHING = Residues()


def woven(parts: Mapping[int, Residues], stride: int) -> Residues:
    """The numbers stride·u + i for every u of `parts[i]`. Raises `TooMany`."""
    inner = lcm(*(part.period for part in parts.values())) if parts else 1
    count = sum(len(part.residues) * (inner // part.period) for part in parts.values())
    if count > MOST_RESIDUES:
        raise TooMany
    residues = [
        stride * (residue + turn * part.period) + offset
        for offset, part in parts.items()
        for residue in part.residues
        for turn in range(inner // part.period)
    ]
    isolated = (stride * n + offset for offset, part in parts.items() for n in part.isolated)
    return _shortest(stride * inner, tuple(sorted(residues)), frozenset(isolated))


def _shortest(period: int, residues: tuple[int, ...], isolated: frozenset[int]) -> Residues:
    """The same set with its smallest period."""
    if not residues:
        return Residues(1, (), isolated)
    # A period shorter by p has p classes falling together, so p divides the number of classes.
    for prime in _primes(len(residues)):
        while len(residues) % prime == 0 and period % prime == 0:
            shorter = period // prime
            kept = len(residues) // prime
            if any(
                residues[i] + shorter != residues[i + kept] for i in range(len(residues) - kept)
            ):
                break
            period, residues = shorter, residues[:kept]
    repeating = frozenset(n for n in isolated if n % period not in residues)
    return Residues(period, residues, repeating)


def _primes(number: int) -> Iterator[int]:
    """The primes that divide a number."""
    divisor = 2
    while divisor * divisor <= number:
        if number % divisor == 0:
            yield divisor
            while number % divisor == 0:
                number //= divisor
        divisor += 1
    if number > 1:
        yield number
