"""What is wrong where the YAML parser stops, by the text alone.

The parser says where it stopped, and where what it was reading begins. Its words differ between
its two implementations and its releases; none of them are shown or looked at.
"""

from __future__ import annotations

import re
from typing import NamedTuple

NOT_YAML = "this is not YAML"


class Slip(NamedTuple):
    """What is wrong, and help where there is any to give."""

    message: str
    help: str = ""


_TAB = Slip("a tab", "YAML is indented by spaces")
_NO_VALUE = Slip("a value cannot begin with this character", "quotes let a value begin with it")
_ESCAPE = Slip(
    "YAML knows no such escape", "within 'single quotes' a backslash is only a backslash"
)
_TAG = Slip("tags are not read here: an architecture is plain data")
_ENDED = Slip("the value before this has ended", "a ' within 'single quotes' is written twice")
_OUT_OF_LINE = Slip(
    "this line does not fit in with those above it",
    "entries of one mapping begin in the same column, and so do the `- ` of one list",
)
_EXPRESSION = Slip("`${` is not read here", "write $name or $(expression)")
_COLON = Slip(
    "a `:` cannot stand here",
    "a second `: ` on a line? write conv: {filters: 8, kernel: 3}; or is a `:` missing above?",
)

_MET = {
    ":": _COLON,
    "-": Slip("an item cannot begin here", "each `- ` begins a line of its own"),
    "@": _NO_VALUE,
    "`": _NO_VALUE,
    "%": _NO_VALUE,
    ",": Slip("a value is missing before the `,`"),
    "]": Slip("a value is missing before the `]`, or it closes nothing"),
    "}": Slip("a value is missing before the `}`, or it closes nothing"),
    "!": _TAG,
    "": Slip("the file ends too early"),
}
"""By the character with which something cannot begin."""

_BEGUN = {
    "[": Slip("a `,` or `]` is missing here"),
    "{": Slip("a `,` or `}` is missing here"),
    "&": Slip("`&` needs a name"),
    "*": Slip("`*` needs a name"),
    "!": _TAG,
    "%": Slip("this directive is not read here"),
    "|": Slip("text after a `|` begins on the next line"),
    ">": Slip("text after a `>` begins on the next line"),
}
"""By the character with which what does not go on here begins."""

_ITEM = re.compile(r"^( *)-(?= )", re.MULTILINE)

_NAMED = re.compile(r"\{\s*([A-Za-z_]\w*)\s*\}")

_OPEN_QUOTE = re.compile(r"""'(''|[^'])*|"(\\.|[^"\\])*\\?""", re.DOTALL)


def slip(text: str, at: int, begun: int | None, *, in_token: bool) -> Slip:
    """Why reading stops at `at`, and help.

    `begun` is where what was being read begins, None if nothing was; `in_token`: a word or text
    does not end, rather than a list or mapping not going on.
    """
    begun = at if begun is None else begun
    met = text[at : at + 1]
    line_is_blank = not text[text.rfind("\n", 0, at) + 1 : at].strip()
    if met == "\t":
        return _TAB
    if begun >= at:
        if met == "%" and text[at - 1 : at] in ("", "\n"):
            return _BEGUN[met]
        return _MET.get(met, Slip(NOT_YAML))
    if text[at - 1 : at + 1] == "${":
        named = _NAMED.match(text, at)
        return Slip(_EXPRESSION.message, f"write ${named[1]}") if named else _EXPRESSION
    first = text[begun]
    if first in "'\"" and _OPEN_QUOTE.fullmatch(text, begun, at):
        if not met:
            return Slip(f"the {first} of line {text.count(chr(10), 0, begun) + 1} is never closed")
        if line_is_blank and met in "-.":
            return Slip(f"a line with {met * 3} cannot stand inside quotes")
        return _ESCAPE
    if first in "[{" and not met:
        return Slip(f"the `{first}` of line {text.count(chr(10), 0, begun) + 1} is never closed")
    if first in _BEGUN:
        return _BEGUN[first]
    if in_token:
        return Slip("a `:` is missing here")
    if line_is_blank:
        return _out_of_line(text, at)
    return _ENDED


def _out_of_line(text: str, at: int) -> Slip:
    """A line in another column than those it belongs to; of an item, where the one above stands."""
    column = at - text.rfind("\n", 0, at)
    above = [found for found in _ITEM.finditer(text, 0, at) if found.end() < at]
    if not (above and text[at : at + 2] == "- "):
        return _OUT_OF_LINE
    line = text.count("\n", 0, above[-1].end()) + 1
    other = len(above[-1][1]) + 1
    return Slip(
        f"this `- ` stands in column {column}, and that of line {line} in column {other}",
        "the `- ` of one list stand in one column",
    )
