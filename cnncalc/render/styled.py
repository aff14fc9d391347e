"""Styled texts made safe for a terminal, their styles kept."""

from __future__ import annotations

from rich.text import Text

from cnncalc.escaping import replacements, terminal


def styled(text: Text) -> Text:
    """The text as `escaping.terminal` has it."""
    if terminal(text.plain) == text.plain:
        return text
    return Text("\n").join(_line(line) for line in text.split("\n", allow_blank=True))


def _line(line: Text) -> Text:
    shown = line.blank_copy()
    end = 0
    for place, instead in replacements(line.plain):
        shown.append_text(line[end:place]).append(instead)
        end = place + 1
    return shown.append_text(line[end:]) if end < len(line) else shown
