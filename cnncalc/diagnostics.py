"""What is wrong with an architecture, as data: codes, severities, messages, places and help."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from cnncalc.escaping import printable
from cnncalc.yaml.source import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


CATALOGUE: dict[str, tuple[Severity, str]] = {
    "yaml-syntax": (Severity.ERROR, "the file is not plain YAML 1.2"),
    "duplicate-key": (Severity.ERROR, "a mapping has the same key twice"),
    "unknown-key": (Severity.ERROR, "a key that does not exist at this place"),
    "unknown-kind": (Severity.ERROR, "a layer of a kind that is neither built in nor a block"),
    "unknown-layer": (Severity.ERROR, "a name that no earlier layer or input has"),
    "unknown-variable": (Severity.ERROR, "an expression uses a name that is not defined"),
    "wrong-type": (Severity.ERROR, "a value of another type than the option takes"),
    "missing-option": (Severity.ERROR, "something required is not given"),
    "bad-value": (Severity.ERROR, "a value of the right type that is out of range"),
    "bad-expression": (Severity.ERROR, "an expression that cannot be read or worked out"),
    "recursive-block": (Severity.ERROR, "a block or file that reaches itself"),
    "duplicate-name": (Severity.ERROR, "two layers of one scope share a name"),
    "limit-exceeded": (Severity.ERROR, "more than the limits that keep every run short"),
    "file-unreadable": (Severity.ERROR, "a file that does not exist or is not UTF-8 text"),
    "stride-misfit": (Severity.ERROR, "(W - F + 2P)/S + 1 is not a whole number"),
    "kernel-too-large": (Severity.ERROR, "a window larger than the padded volume"),
    "groups-misfit": (Severity.ERROR, "groups that do not divide the channels"),
    "shape-mismatch": (Severity.ERROR, "volumes that do not go together in this layer"),
    "rank-mismatch": (Severity.ERROR, "a layer or option for another number of spatial axes"),
    "expectation-failed": (Severity.ERROR, "the network is not what `expect:` says"),
    "channels-first-input": (Severity.WARNING, "an input volume that looks channels first"),
    "batch-in-input": (Severity.WARNING, "an input volume that looks like a batch of pictures"),
    "input-without-channels": (Severity.WARNING, "an input volume that looks like a bare picture"),
    "emptied-branch": (Severity.WARNING, "a branch whose items are all left out"),
    "hidden-counter": (Severity.WARNING, "a repeat inside another that counts by the same name"),
    "unused-layer": (Severity.WARNING, "a layer whose output nothing reads"),
    "redundant-bias": (Severity.WARNING, "a bias that the batch-norm right after it cancels"),
    "unused-block": (Severity.WARNING, "a block that no layer uses"),
    "unused-variable": (Severity.WARNING, "a variable or block argument that nothing uses"),
    "unread-pixels": (Severity.WARNING, "pixels between windows that nothing reads"),
    "uneven-transpose": (Severity.WARNING, "a transposed kernel that its stride does not divide"),
    "misaligned-merge": (Severity.WARNING, "branches that meet but look at different places"),
    "stretched-dense": (
        Severity.WARNING,
        "a dense layer stretches a volume that its framework would not",
    ),
    "dominant-dense": (Severity.WARNING, "a dense layer with most of the network's parameters"),
    "receptive-field-exceeds-input": (
        Severity.WARNING,
        "windows whose input has seen the whole image already (on request)",
    ),
    "unused-ignore": (Severity.WARNING, "a comment that suppresses no warning"),
}
"""Every code with its severity and its meaning in one line; checks/rules has a page for each."""

ON_REQUEST = frozenset({"receptive-field-exceeds-input"})
"""Warnings that most networks would get: reported only where a file or a command asks for them."""

EXPECTATION_FAILED = "expectation-failed"
"""The one error after which every number is known: the network is not what its file expects."""

UNUSED_IGNORE = "unused-ignore"
"""The one warning that cannot be suppressed: the comment that it is about can be removed."""


class Diagnostic(NamedTuple):
    """One finding: its place, what is wrong, and help that was tried."""

    code: str
    message: str
    span: Span
    layer: str | None = None
    notes: tuple[str, ...] = ()
    help: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        return CATALOGUE[self.code][0]

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def place(self) -> tuple[str, int, int]:
        """Sort key: file, line, column."""
        return (self.span.file, *self.span.source.locate(self.span.start))


LONGEST_MESSAGE = 500
"""Characters of a sentence; a longer one is cut."""


def clipped(diagnostic: Diagnostic) -> Diagnostic:
    """The finding with sentences fit to print: not too long, and without control characters."""
    lines = (diagnostic.message, *diagnostic.notes, *diagnostic.help, diagnostic.layer or "")
    if all(len(line) <= LONGEST_MESSAGE and line.isprintable() for line in lines):
        return diagnostic
    return diagnostic._replace(
        message=_clip(diagnostic.message),
        notes=tuple(map(_clip, diagnostic.notes)),
        help=tuple(map(_clip, diagnostic.help)),
        layer=diagnostic.layer and _clip(diagnostic.layer),
    )


def _clip(text: str) -> str:
    text = text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"
    return printable(text)


class RuleError(Exception):
    """What a rule raises: a code, a sentence, and the option it is about, never a line.

    `at` names the option; `within` leads to the part of its value (indices into lists). Help that
    takes a search can be a function: it is called only for the first of many like findings.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        at: str | None = None,
        within: tuple[int | str, ...] = (),
        help: Iterable[str] | Callable[[], Iterable[str]] = (),
    ) -> None:
        assert code in CATALOGUE, code
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at
        self.within = within
        self._help = help

    @property
    def help(self) -> tuple[str, ...]:
        return tuple(self._help() if callable(self._help) else self._help)


MOST_CANDIDATES = 200
"""Names that a misspelt one is compared with at most; of more, those of like length are taken."""

MOST_NEAR_NAMES = 100
"""Findings of a file after which near names are no longer looked for: that takes time."""


def did_you_mean(word: str, known: Iterable[str], likeness: float = 0.6) -> tuple[str, ...]:
    """Help that names the known word nearest to a misspelt one, or nothing."""
    from difflib import get_close_matches

    folded = word.casefold()
    names = list(known)
    if len(names) > MOST_CANDIDATES:
        like = (n for n in names if abs(len(n) - len(word)) <= 2 and n[:1] == word[:1])
        names = list(islice(like, MOST_CANDIDATES))
    by_folded = {name.casefold(): name for name in names}
    near = get_close_matches(folded, by_folded, n=1, cutoff=likeness) if len(word) < 100 else []
    return tuple(f"did you mean `{by_folded[name]}`?" for name in near)


def listed(names: Iterable[str], most: int = 20) -> str:
    """Names joined by commas, a long list cut short."""
    names = list(names)
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown
