"""Which layer of one network is which of another, by name and by structure.

Names that cnncalc gives (`relu3`) move when a layer is added in front; a layer's kind and options
then say more than its name. What differs between them is for `comparison`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cnncalc.report.report import Row

LARGEST_TABLE = 1_000_000
"""Pairs of layers that are weighed against one another; beyond, only names count."""

Pairs = list[tuple[int, int]]
"""Indices into both lists of rows, ascending in the second."""


def align(before: Sequence[Row], after: Sequence[Row]) -> Pairs:
    """The layers that belong together."""
    start = 0
    while start < min(len(before), len(after)) and _alike(before[start], after[start]):
        start += 1
    end = 0
    most = min(len(before), len(after)) - start
    while end < most and _alike(before[-1 - end], after[-1 - end]):
        end += 1
    left, right = before[start : len(before) - end], after[start : len(after) - end]
    same_names = [row.name for row in left] == [row.name for row in right]
    if same_names or len(left) * len(right) > LARGEST_TABLE:
        inner = _by_name(left, right)
    else:
        inner = _by_weight(left, right)
    ends = [(len(before) - n, len(after) - n) for n in range(end, 0, -1)]
    return [(n, n) for n in range(start)] + [(i + start, j + start) for i, j in inner] + ends


def is_running(row: Row) -> bool:
    """Whether a name looks like one that cnncalc gave: the kind and a number."""
    return bool(re.fullmatch(rf"{row.kind}_?\d+", row.name.rpartition(".")[2]))


def _alike(a: Row, b: Row) -> bool:
    return a.name == b.name and a.kind == b.kind and a.layer == b.layer


def _by_name(before: Sequence[Row], after: Sequence[Row]) -> Pairs:
    places = {row.name: index for index, row in enumerate(before)}
    return [(places[row.name], j) for j, row in enumerate(after) if row.name in places]


def _by_weight(before: Sequence[Row], after: Sequence[Row]) -> Pairs:
    """The pairing in order that weighs most (Needleman & Wunsch 1970, gaps for nothing)."""
    layers: dict[object, int] = {}
    shared = {_scope(row) for row in before} & {_scope(row) for row in after}
    left = [_features(row, layers, shared) for row in before]
    right = [_features(row, layers, shared) for row in after]
    width = len(right) + 1
    best = [[0] * width for _ in range(len(left) + 1)]
    for i in range(len(left) - 1, -1, -1):
        row, below = best[i], best[i + 1]
        for j in range(width - 2, -1, -1):
            skipped = max(below[j], row[j + 1])
            weight = _weight(left[i], right[j])
            row[j] = max(skipped, weight + below[j + 1]) if weight else skipped
    pairs = []
    i = j = 0
    while i < len(left) and j < len(right):
        weight = _weight(left[i], right[j])
        if weight and best[i][j] == weight + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return _with_moved(before, after, pairs)


_Features = tuple[str, str, int, bool, object, str | None]
"""Name, kind, options by number, whether the name is a running one, output volume, and the scope
where both networks have it: what is in it stays in it."""


def _features(row: Row, layers: dict[object, int], shared: set[str]) -> _Features:
    options = layers.setdefault(row.layer, len(layers))
    scope = _scope(row) if _scope(row) in shared else None
    return row.name, row.kind, options, is_running(row), row.output_shape, scope


def _scope(row: Row) -> str:
    return row.name.rpartition(".")[0]


def _weight(a: _Features, b: _Features) -> int:
    """How much speaks for two layers being the same: 0 where nothing does."""
    if a[5] != b[5]:
        return 0
    same_name = a[0] == b[0]
    if a[1] != b[1]:
        return 3 if same_name and not a[3] else 0
    weight = 1 + (4 if a[2] == b[2] else 0) + (1 if a[4] == b[4] else 0)
    return weight + ((2 if a[3] else 12) if same_name else 0)


def _with_moved(before: Sequence[Row], after: Sequence[Row], pairs: Pairs) -> Pairs:
    """Layers left over on both sides that have the same given name have moved."""
    used_before, used_after = {i for i, _ in pairs}, {j for _, j in pairs}
    places = {
        row.name: i for i, row in enumerate(before) if i not in used_before and not is_running(row)
    }
    moved = [
        (places[row.name], j)
        for j, row in enumerate(after)
        if j not in used_after and row.name in places
    ]
    return sorted([*pairs, *moved], key=lambda pair: pair[1])
