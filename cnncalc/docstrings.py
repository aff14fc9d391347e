"""The docstrings of commands and kinds of layers, which are their help and their manual."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any


def docstring(described: Callable[..., Any]) -> str:
    """The docstring of a class or function, without its indentation; read from the source where
    Python leaves docstrings out (`-OO`)."""
    if sys.flags.optimize < 2:
        return inspect.cleandoc(described.__doc__ or "")
    import ast
    from textwrap import dedent

    try:
        (definition,) = ast.parse(dedent(inspect.getsource(described))).body
    except (OSError, SyntaxError, ValueError):
        return ""
    assert isinstance(definition, ast.ClassDef | ast.FunctionDef)
    return ast.get_docstring(definition) or ""
