"""How words are written: with quotes where they need them, and in one kind of quotes."""

from __future__ import annotations

import json
import re

from cnncalc.edit.pieces import CannotFormat, Word
from cnncalc.yaml.reader import plain_value
from cnncalc.yaml.spelling import may_be_plain

_NO_OTHER_TYPE = re.compile(r"[^\W\d]\w*.*|\$.*|[1-9][0-9]*(x[1-9][0-9]*)+")
"""Texts that no reader of YAML takes for a number or a date."""
_OTHER_TYPES = frozenset(
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "inf", "nan"]
)  # in YAML 1.1, upper and lower case aside


def spelled(word: Word, *, in_flow: bool) -> str:
    """A word as it is written in braces or outside, in one line; `|` and `>` as they were."""
    anchor = f"{word.anchor} " if word.anchor else ""
    return (anchor + _bare(word, in_flow=in_flow)).rstrip()


def null() -> Word:
    return plain("~")


def plain(text: str) -> Word:
    """A new word, for a text that needs no quotes."""
    return Word(text, text, "", 0, 0, in_flow=True)


def is_null(word: Word) -> bool:
    return not word.style and plain_value(word.value) is None


def _bare(word: Word, *, in_flow: bool) -> str:
    if word.style in ("*", "|", ">"):
        return word.raw
    one_line = "\n" not in word.raw
    if not word.style:
        if not word.value:
            return "~" if in_flow else ""
        # What stood in braces may stand outside; the other way round takes a closer look.
        if one_line and (word.in_flow or not in_flow):
            return word.raw
        return word.value if may_be_plain(word.value, in_flow=in_flow) else _quoted(word.value)
    if _wants_no_quotes(word.value):
        return word.value
    if one_line and (word.style == '"' or set(word.value) & set('"\\')):
        return word.raw
    return _quoted(word.value)


def _quoted(text: str) -> str:
    if not text.isprintable() and not set(text) <= {"\n", *filter(str.isprintable, text)}:
        raise CannotFormat("a quoted text with unusual characters is left alone")
    return json.dumps(text, ensure_ascii=False)


def _wants_no_quotes(text: str) -> bool:
    """Whether a text is the same without quotes, in braces and outside, to every reader."""
    return (
        bool(_NO_OTHER_TYPE.fullmatch(text))
        and text.lower() not in _OTHER_TYPES
        and text.count("(") == text.count(")")
        and may_be_plain(text, in_flow=True)
    )
