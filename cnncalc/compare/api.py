"""Two networks side by side, from Python."""

from __future__ import annotations

from collections.abc import Mapping

from cnncalc.arguments import GivenPath
from cnncalc.compare.comparison import Comparison
from cnncalc.compare.git import difference
from cnncalc.compare.whatif import WhatIf, ask
from cnncalc.errors import UsageError
from cnncalc.network import Network
from cnncalc.saving.rewritten import save


def whatif(
    path_or_name: GivenPath,
    changes: Mapping[str, object],
    *,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
    write: GivenPath | None = None,
) -> WhatIf:
    """A network before and after `changes`, layer by layer.

    Keys are those of `set` in `load`, and `input`, `input.NAME` and `rounding`; the text `"1,2,4"`
    gives one key several values, and the answer one of its `variants` for each. A variant's
    `comparison` holds the layers that belong together and the totals; MACs, FLOPs and bytes are for
    `batch` images of `dtype` elements. `write` saves the changed file, comments and layout kept.

    What the changes break is in each variant's `after.diagnostics`. Raises `ValueError` for
    keys that the network does not have, changes that contradict each other, and where `write`
    cannot be had.
    """
    network = Network.load(str(path_or_name), batch=batch, dtype=dtype, max_layers=max_layers)
    answer = ask(network, changes.items())
    if write is not None:
        if len(answer.variants) > 1:
            raise UsageError(f"{write} can hold one network: give one value for each key")
        save(answer.variants[0].network, str(write))
    return answer


def diff(
    a: GivenPath,
    b: GivenPath | None = None,
    *,
    git: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    max_layers: int = 100_000,
) -> Comparison:
    """Two networks compared: layers added, removed and changed, and the totals' differences.

    With `git`, a revision, and no `b`: file `a` as it was at the revision, and as it is. MACs,
    FLOPs and bytes are for `batch` images of `dtype` elements. What is wrong with either is in
    `before.diagnostics` and `after.diagnostics`. Raises `ValueError` where it is not clear which
    two are meant, or git does not have the file.
    """
    other = None if b is None else str(b)
    return difference(str(a), other, git, batch=batch, dtype=dtype, max_layers=max_layers)
