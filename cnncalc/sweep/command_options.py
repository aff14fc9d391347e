"""The options that `sweep` and `solve` share."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.cli.overrides import inputs_from, pairs_from
from cnncalc.geometry import Rounding
from cnncalc.sweep.variants import Given


def given(
    input: Sequence[str] | None,
    set: Sequence[str] | None,
    rounding: Rounding | None,
    batch: int,
    dtype: str,
    max_layers: int,
) -> Given:
    """What holds for all variants."""
    return Given(
        inputs_from(input or []), pairs_from(set or []), rounding, batch, dtype, max_layers
    )
