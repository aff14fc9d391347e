"""Choosing an algorithm in place of measuring which is the fastest."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cnncalc.execution.native.choosing import Candidate, Choosing
from cnncalc.execution.native.making import Made


def in_form(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """Have convolutions done in a form of Winograd's where they can be."""
    wanted = f"winograd {form}"

    def best(
        self: Choosing,
        task: str,
        macs: int,
        candidates: Mapping[str, Candidate],
        usual: str,
        weight_bytes: int,
    ) -> Made:
        chosen = candidates.get(wanted) or candidates.get("direct") or candidates[usual]
        return chosen(self.making)

    monkeypatch.setattr(Choosing, "best", best)
