"""unused-variable: a variable of `vars:` or an argument of a block that no expression mentions.

Those of a file that this one extends are left to that file: other variants may use them.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.checks.lints.context import LintContext
from cnncalc.diagnostics import Diagnostic

CODE = "unused-variable"


def check(context: LintContext) -> Iterator[Diagnostic]:
    document = context.graph.document
    for name, option in document.vars.items():
        own = option.key.source is document.source
        if own and name not in document.mentioned:
            yield Diagnostic(CODE, f"variable `{name}` is never used", option.key.span)
    for block, definition in document.blocks.items():
        if definition.key.source is not document.source:
            continue
        for name, option in definition.arguments.items():
            if name not in document.mentioned:
                message = f"argument `{name}` of block {block} is never used"
                yield Diagnostic(CODE, message, option.key.span)
