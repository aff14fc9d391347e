"""Commands with help pages and messages about wrong calls of our own.

Typer finds what is wrong with a call. Only what kind it is and which option it is about are taken
from it.
"""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from itertools import pairwise
from typing import Any, NoReturn, get_args, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

from cnncalc.cli.console import misuse
from cnncalc.cli.files import is_network
from cnncalc.diagnostics import did_you_mean

_USAGE_ERROR: Any = typer.BadParameter.__mro__[1]
"""What all wrong calls are to typer, which names only this kind of them."""


class Command(TyperCommand):
    """A command. What is wrong with a call is one line; its help page has its options in groups."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        from cnncalc.cli.help import usage_pieces

        return usage_pieces(self)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        from cnncalc.cli.help import write_options

        write_options(self, ctx, formatter)

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        with _reporting_misuse(self, f"cnncalc {info_name}", args):
            return super().make_context(info_name, args, parent, **extra)


class Commands(TyperGroup):
    """All commands, and what stands before one."""

    groups: Mapping[str, Iterable[str]] = {}
    """Headings of the help page with the names of the commands below them."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        from cnncalc.cli.help import write_commands, write_options

        write_commands(self.commands, self.groups, ctx, formatter)
        write_options(self, ctx, formatter)

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        with _reporting_misuse(self, "cnncalc", args):
            return super().make_context(info_name, args, parent, **extra)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands:
            if is_network(args[0]):
                words = shlex.join(["cnncalc", "summary", *args])
                misuse(f"say what to do with {args[0]}: `{words}` prints its table")
            _misuse(f"there is no command `{args[0]}`", args[0], self.commands, "cnncalc")
        return super().resolve_command(ctx, args)


@contextmanager
def _reporting_misuse(command: Any, called: str, args: list[str]) -> Iterator[None]:
    words = [*args]  # the library takes them out of the list one by one
    try:
        yield
    except _USAGE_ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            raise
        message, word = _fault(error, command, words)
        known = [name for parameter in command.params for name in parameter.opts]
        _misuse(message, word, known if word.startswith("-") else (), called)


def _misuse(message: str, word: str, known: Any, called: str) -> NoReturn:
    help = "".join(f"; {question}" for question in did_you_mean(word, known))
    misuse(f"{message}{help}", f"Try `{called} --help`.")


def _fault(error: Any, command: Any, words: list[str]) -> tuple[str, str]:
    """What is wrong with a call, and the word that may be misspelt, or nothing."""
    parameter = getattr(error, "param", None)
    option = getattr(error, "option_name", None)
    named = [p for p in command.params if option in (*p.opts, *p.secondary_opts)]
    if parameter is not None:
        shown = _shown(parameter)
        if type(error).__name__ == "MissingParameter":
            return f"{shown} is missing", ""
        taken = _taken(inspect.unwrap(command.callback), parameter.name)
        given = _given(parameter, words)
        return f"{shown} takes {taken}" + (f", not `{given}`" if given is not None else ""), ""
    if named:
        return f"{_shown(named[0])} takes {'no' if named[0].is_flag else 'a'} value", ""
    if option is not None:
        return f"there is no option `{option}`", option
    return f"more arguments than it takes: `{' '.join(words)}`", ""


def _shown(parameter: Any) -> str:
    """An option by its first spelling, an argument by what the help calls it."""
    if parameter.param_type_name == "option":
        return f"`{parameter.opts[0]}`"
    return f"the argument {parameter.metavar or parameter.name.upper()}"


def _given(option: Any, words: list[str]) -> str | None:
    """The value that a call gives an option, where it stands by itself or after `=`."""
    for word, following in pairwise([*words, ""]):
        name, equals, value = word.partition("=")
        if name in option.opts:
            return value if equals else following
    return None


def _taken(function: Callable[..., Any], name: str) -> str:
    """The values of a parameter in words, by its annotation."""
    hint = get_type_hints(function, include_extras=True)[name]
    types = get_args(hint.__origin__) or (hint.__origin__,)
    for kind in types:
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return "one of " + ", ".join(kind)
    if int in types:
        (least,) = [said.min for said in hint.__metadata__ if hasattr(said, "min")]
        return "a whole number" + (f" of {least} or more" if least is not None else "")
    return "a number" if float in types else "another value"
