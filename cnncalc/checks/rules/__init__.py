"""What each diagnostic means: a page for every code of `diagnostics.CATALOGUE`, read when asked
for. The page of `stride-misfit` is the file stride-misfit.md beside this module."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from cnncalc.diagnostics import CATALOGUE

_PAGE = re.compile(
    r"(.+?)\n\nWrong:\n\n```yaml\n(.+?)```\n\nRight:\n\n```yaml\n(.+?)```\n", re.DOTALL
)


class RulePage(NamedTuple):
    """A diagnostic's meaning and how to fix it, in paragraphs of one line each; an architecture
    file that has exactly this finding; and that file put right."""

    paragraphs: tuple[str, ...]
    wrong: str
    right: str

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


def rule_page(code: str) -> RulePage:
    """The page of one diagnostic. Raises `KeyError` for a code that does not exist."""
    if code not in CATALOGUE:
        raise KeyError(code)
    page = _PAGE.fullmatch(Path(__file__).with_name(f"{code}.md").read_text("utf-8"))
    assert page is not None, code
    text, wrong, right = page.groups()
    return RulePage(tuple(" ".join(part.split()) for part in text.split("\n\n")), wrong, right)
