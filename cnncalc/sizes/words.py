"""Sizes that fit, in words: `67 + 32k`, `0 or 2 mod 3, from 6 on`."""

from __future__ import annotations

from cnncalc.sizes.sizes import Sizes

MOST_LISTED = 8
"""Classes or sizes that are written out."""


def text(sizes: Sizes) -> str:
    """All sizes that fit, as people write them."""
    parts = []
    if sizes.isolated:
        listed = ", ".join(map(str, sizes.isolated[:MOST_LISTED]))
        hidden = len(sizes.isolated) - MOST_LISTED
        parts.append(listed + (f", … ({len(sizes.isolated):,} sizes)" * (hidden > 0)))
    if sizes.first is not None:
        parts.append(_repeating(sizes))
    if sizes.searched is not None:
        return f"{parts[0] if parts else 'none'} of 1 to {sizes.searched}"
    return ", ".join(parts) or "none"


def _repeating(sizes: Sizes) -> str:
    if sizes.period == 1:
        return f"{sizes.first} or more"
    if len(sizes.residues) == 1:
        return f"{sizes.first} + {sizes.period}k"
    listed = [str(residue) for residue in sizes.residues]
    if len(listed) <= MOST_LISTED:
        classes = ", ".join(listed[:-1]) + f" or {listed[-1]}"
    else:
        classes = ", ".join(listed[:MOST_LISTED]) + f", … ({len(listed)} remainders)"
    return f"{classes} mod {sizes.period}, from {sizes.first} on"
